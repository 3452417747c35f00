"""Float solutions of the programs of sums of squares: the fitting solver for each size.

Small programs go to clarabel, which maximises the margin and so also finds solutions that are
singular or very large; wide ones to `sos_interior`, whose linear systems stay small. [Goulart2024]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_validation.barrier.budget import Budget

from .sos_interior import Cone, Floats, System
from .sos_interior import solve as solve_inside

_SMALL_ROWS = 150
_SMALL_SIZE = 20
_UNKNOWNS_MAX = 6_000


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
    if len(system.right) > _SMALL_ROWS or largest > _SMALL_SIZE:
        found = solve_inside(system, budget)
        if found.status == "inside":
            smallest = min(float(np.linalg.eigvalsh(x)[0]) for x in found.grams)
            return Solution(smallest, found.grams, found.free)
        if found.status == "infeasible":
            return None
    unknowns = sum(cone.size * (cone.size + 1) // 2 for cone in system.cones)
    if unknowns > _UNKNOWNS_MAX or budget.remaining() <= 0.05:
        return None
    return solve_with_margin(system, min(20.0, budget.remaining()))


def solve_with_margin(system: System, time_limit_s: float) -> Solution | None:
    """Return a solution with the largest margin (at most 1) by clarabel, or None."""
    import clarabel
    from scipy import sparse

    shift = np.zeros(len(system.right))
    parts, cones, weights = [], [], []
    for cone in system.cones:
        parts.append(_columns(cone, len(system.right)))
        weights.append(_triangle_weights(cone.size))
        small = cone.size == 1
        cones.append(
            clarabel.NonnegativeConeT(1) if small else clarabel.PSDTriangleConeT(cone.size)
        )
        if cone.margin:
            cone.apply(cone.over_monomials(np.eye(cone.size)), shift)
    matrix = sparse.hstack([*parts, sparse.csc_matrix(system.free), shift[:, None]]).tocsc()
    count, size = matrix.shape[1], sum(len(w) for w in weights)
    semidefinite = sparse.csc_matrix(
        (-np.concatenate(weights), (np.arange(size), np.arange(size))), shape=(size, count)
    )
    cap = sparse.csc_matrix(([1.0], ([0], [count - 1])), shape=(1, count))
    cost = np.zeros(count)
    cost[-1] = -1.0
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.time_limit = max(0.1, time_limit_s)
    settings.max_threads = 1
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix((count, count)),
        cost,
        sparse.vstack([matrix, semidefinite, cap]).tocsc(),
        np.concatenate([system.right, np.zeros(size), [1.0]]),
        [clarabel.ZeroConeT(matrix.shape[0]), *cones, clarabel.NonnegativeConeT(1)],
        settings,
    )
    values = np.array(solver.solve().x)
    if not len(values) or not np.isfinite(values).all():
        return None
    return _unpack(system, values)


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


def _columns(cone: Cone, count: int) -> Any:
    """Return the sparse matrix from the upper triangle, column by column, to the identity."""
    from scipy import sparse

    monomials = len(cone.pairs)
    places = cone.rows[:, cone.pairs.ravel()]
    entries = np.repeat(cone.weights, monomials**2)
    at = np.tile(np.arange(monomials**2), len(cone.weights))
    full = sparse.csc_matrix((entries, (places.ravel(), at)), shape=(count, monomials**2))
    if cone.change is not None:
        full = full @ sparse.kron(cone.change, cone.change).tocsc()
    size = cone.size
    columns, rows = np.tril_indices(size)
    weight = sparse.diags(np.where(rows == columns, 0.5, 1.0))
    return (full[:, rows * size + columns] + full[:, columns * size + rows]) @ weight
