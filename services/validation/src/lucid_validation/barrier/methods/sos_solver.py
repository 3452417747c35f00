"""Float solutions of the programs of sums of squares: the fitting solver for each size.

Small programs go to clarabel, which maximises the margin and so also finds solutions that are
singular or very large; wide ones to `sos_interior`, whose linear systems stay small. [Goulart2024]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lucid_validation.barrier.budget import Budget

from .sos_interior import Cone, Floats, Integers, System
from .sos_interior import solve as solve_inside

_SMALL_ROWS = 150
_SMALL_SIZE = 20
_UNKNOWNS_MAX = 6_000
# So wide, what the interior search did not even come near was never found by the other one.
_HOPELESS = 1_000


@dataclass(frozen=True, slots=True)
class Solution:
    """A Gram matrix per cone and the free coefficients.

    `margin` is about the smallest eigenvalue of the matrices that count for it; at most 1.
    """

    margin: float
    grams: list[Floats]
    free: Floats


def solve(system: System, budget: Budget) -> Solution | None:
    """Return a solution with some margin, a singular one (margin about 0 or below), or None."""
    largest = max((cone.size for cone in system.cones), default=0)
    unknowns = sum(cone.size * (cone.size + 1) // 2 for cone in system.cones)
    if len(system.right) > _SMALL_ROWS or largest > _SMALL_SIZE:
        found = solve_inside(system, budget)
        if found.status == "inside":
            smallest = min(float(np.linalg.eigvalsh(x)[0]) for x in found.grams)
            return Solution(smallest, found.grams, found.free)
        if found.status == "infeasible" or (found.status == "failed" and unknowns > _HOPELESS):
            return None
    if unknowns > _UNKNOWNS_MAX or budget.remaining() <= 0.05:
        return None
    return solve_with_margin(system, min(20.0, budget.remaining()))


def solve_with_margin(system: System, time_limit_s: float) -> Solution | None:
    """Return a solution with the largest margin (at most 1) by clarabel, or None."""
    import clarabel
    from scipy.sparse import csc_matrix

    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.time_limit = max(0.1, time_limit_s)
    settings.max_threads = 1
    cones = [
        clarabel.NonnegativeConeT(1) if cone.size == 1 else clarabel.PSDTriangleConeT(cone.size)
        for cone in system.cones
    ]
    entries, right, count = _entries(system)
    cost = np.zeros(count)
    cost[-1] = -1.0
    values, rows, columns = (np.concatenate(part) for part in zip(*entries, strict=True))
    solver = clarabel.DefaultSolver(
        csc_matrix((count, count)),
        cost,
        csc_matrix((values, (rows, columns)), shape=(len(right), count)),
        right,
        [clarabel.ZeroConeT(len(system.right)), *cones, clarabel.NonnegativeConeT(1)],
        settings,
    )
    found = np.array(solver.solve().x)
    if not len(found) or not np.isfinite(found).all():
        return None
    return _unpack(system, found)


def _entries(system: System) -> tuple[list[tuple[Floats, Integers, Integers]], Floats, int]:
    """Return (values, rows, columns) of clarabel's matrix, the right-hand side, and the columns.

    Rows are the identity, the triangles of the cones and the bound of the margin; columns are the
    triangles, the free coefficients and the margin.
    """
    height = len(system.right)
    weights = [_triangle_weights(cone.size) for cone in system.cones]
    size = sum(len(w) for w in weights)
    count = size + system.free.shape[1] + 1
    shift = np.zeros(height)
    entries, start = [], 0
    for cone, weight in zip(system.cones, weights, strict=True):
        values, rows, columns = _columns(cone, height)
        entries.append((values, rows, columns + start))
        start += len(weight)
        if cone.margin:
            cone.apply(cone.over_monomials(np.eye(cone.size)), shift)
    diagonal = np.arange(size)
    entries.append((-np.concatenate(weights), height + diagonal, diagonal))
    rows, columns = np.nonzero(system.free)
    entries.append((system.free[rows, columns], rows, size + columns))
    (rows,) = np.nonzero(shift)
    entries.append((shift[rows], rows, np.full(len(rows), count - 1)))
    entries.append((np.ones(1), np.array([height + size]), np.array([count - 1])))
    return entries, np.concatenate([system.right, np.zeros(size), [1.0]]), count


def _unpack(system: System, values: Floats) -> Solution:
    margin, place = float(values[-1]), 0
    grams: list[Floats] = []
    for cone in system.cones:
        size = cone.size
        gram = np.zeros((size, size))
        columns, rows = np.tril_indices(size)
        part = values[place : place + len(rows)]
        gram[rows, columns] = gram[columns, rows] = part
        place += len(rows)
        grams.append(gram + margin * np.eye(size) if cone.margin else gram)
    return Solution(margin, grams, values[place:-1])


def _triangle_weights(size: int) -> Floats:
    columns, rows = np.tril_indices(size)
    return np.where(rows == columns, 1.0, np.sqrt(2.0))


def _columns(cone: Cone, height: int) -> tuple[Floats, Integers, Integers]:
    """Return (values, rows, columns) from the triangle, column by column, to the identity."""
    columns, rows = np.tril_indices(cone.size)
    if cone.change is None:
        weight = np.where(rows == columns, 1.0, 2.0)
        at = cone.rows[:, cone.pairs[rows, columns]]
        values = cone.weights[:, None] * weight
        places = np.broadcast_to(np.arange(len(rows)), at.shape)
        return values.ravel(), at.ravel(), places.ravel()
    full = np.zeros((len(rows), height))
    for place, (i, j) in enumerate(zip(rows, columns, strict=True)):
        outer = np.outer(cone.change[:, i], cone.change[:, j])
        cone.apply(outer if i == j else outer + outer.T, full[place])
    where, at = np.nonzero(full)
    return full[where, at], at, where
