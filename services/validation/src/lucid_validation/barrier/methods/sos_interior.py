"""An interior-point method for the small semidefinite programs of sums of squares.

`min sum tr(X_b)` over `sum A_b(X_b) + F u = c`, X_b positive semidefinite. The unknowns of the
linear system are the coefficients of the identity, not the Gram entries; its matrix is summed from
products of monomials, so that a Gram matrix of size k costs k^4 additions and no sparse
factorisation. Start and dual iterates are feasible by construction; the search may stop at the
first point that satisfies the identity. [Helmberg1996]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.budget import Budget

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]
Status = Literal["inside", "boundary", "infeasible", "failed"]

_FRACTION = 0.9
_TRACE_MAX = 1e6
_START = 10.0


@dataclass(frozen=True, slots=True)
class Cone:
    """One Gram matrix: `product * (V^T z)^T X (V^T z)` with z monomials, V None for the identity.

    `pairs` (k, k) numbers the products of monomials from 0; `rows` (t, r) says for each of the t
    monomials of the multiplier where each of the r products lands, `weights` (t,) its coefficients.
    `margin` says that the smallest eigenvalue of X counts as the margin of the solution.
    """

    pairs: Integers
    rows: Integers
    weights: Floats
    change: Floats | None = None
    margin: bool = True

    @property
    def size(self) -> int:
        """The size of X."""
        return len(self.pairs) if self.change is None else self.change.shape[1]

    def over_monomials(self, x: Floats) -> Floats:
        """Return X as a Gram matrix over the monomials."""
        return x if self.change is None else self.change @ x @ self.change.T

    def apply(self, x: Floats, out: Floats) -> None:
        """Add A(X) to `out`, X over the monomials."""
        sums = np.bincount(self.pairs.ravel(), weights=x.ravel(), minlength=self.rows.shape[1])
        for weight, rows in zip(self.weights, self.rows, strict=True):
            out[rows] += weight * sums

    def adjoint(self, y: Floats) -> Floats:
        """Return A^T(y)."""
        full: Floats = (self.weights @ y[self.rows])[self.pairs]
        return full if self.change is None else self.change.T @ full @ self.change

    def schur(self, x: Floats, z: Floats, out: Floats) -> None:
        """Add the matrix of `y -> A(X A^T(y) Z)` to `out`, X and Z over the monomials."""
        sums = _products(self.pairs, self.rows.shape[1], x, z)
        if len(self.weights) <= 2:
            for p, left in zip(self.weights, self.rows, strict=True):
                for q, right in zip(self.weights, self.rows, strict=True):
                    out[np.ix_(left, right)] += p * q * sums
            return
        touched, place = np.unique(self.rows, return_inverse=True)
        spread = np.zeros((len(touched), self.rows.shape[1]))
        columns = np.arange(self.rows.shape[1])
        for weight, rows in zip(self.weights, place.reshape(self.rows.shape), strict=True):
            spread[rows, columns] += weight
        out[np.ix_(touched, touched)] += spread @ sums @ spread.T


def _products(pairs: Integers, count: int, x: Floats, z: Floats) -> Floats:
    """Return sum x_ik z_jl over (i, j) with product a and (k, l) with product b, as (a, b)."""
    flat = pairs.ravel()
    order = np.argsort(flat, kind="stable")
    starts = np.searchsorted(flat[order], np.arange(count))
    size = len(pairs)
    if size <= 16:
        full = np.kron(x, z)[order][:, order]
        rows: Floats = np.add.reduceat(full, starts, axis=0)
        return np.add.reduceat(rows, starts, axis=1)
    first, second = np.divmod(order, size)
    ends = np.append(starts[1:], len(order))
    found = np.empty((count, count))
    for a in range(count):
        part = slice(starts[a], ends[a])
        full = x[:, first[part]] @ z[second[part]]
        found[a] = np.bincount(flat, weights=full.ravel(), minlength=count)
    return found


@dataclass(frozen=True, slots=True)
class System:
    """`cones`, free columns `free` (rows, f) and the right-hand side `right` (rows,)."""

    cones: Sequence[Cone]
    free: Floats
    right: Floats


@dataclass(frozen=True, slots=True)
class Interior:
    """Inside: every X is positive definite and the identity holds up to rounding."""

    status: Status
    grams: list[Floats]
    free: Floats
    steps: int


def solve(system: System, budget: Budget, steps_max: int = 40) -> Interior:
    """Search for a point inside; `boundary` where the identity holds only with singular X."""
    search = _Search(system)
    for step in range(steps_max):
        if search.is_inside():
            return Interior("inside", search.x, search.u, step)
        if float(system.right @ search.y) > _TRACE_MAX:
            return Interior("infeasible", search.x, search.u, step)
        if budget.remaining() <= 0.05 or not search.advance():
            break
    status: Status = "boundary" if search.residual() <= 1e-5 else "failed"
    return Interior(status, search.x, search.u, steps_max)


class _Search:
    def __init__(self, system: System) -> None:
        self.system = system
        self.cones = system.cones
        scale = _START * max(1.0, float(np.abs(system.right).max(initial=0.0)))
        self.x: list[Floats] = [scale * np.eye(cone.size) for cone in self.cones]
        self.y = np.zeros(len(system.right))
        self.s: list[Floats] = [np.eye(cone.size) for cone in self.cones]
        self.u = np.zeros(system.free.shape[1])
        self.count = sum(cone.size for cone in self.cones)

    def apply(self, parts: Sequence[Floats]) -> Floats:
        out = np.zeros(len(self.system.right))
        for cone, part in zip(self.cones, parts, strict=True):
            cone.apply(cone.over_monomials(part), out)
        return out

    def remainder(self) -> Floats:
        return self.system.right - self.apply(self.x) - self.system.free @ self.u

    def residual(self) -> float:
        return float(np.abs(self.remainder()).max(initial=0.0))

    def is_inside(self) -> bool:
        """Say whether the remainder is small beside the smallest eigenvalue."""
        residual = self.residual()
        if residual > 1e-5:
            return False
        smallest = min(float(np.linalg.eigvalsh(x)[0]) for x in self.x)
        return smallest > max(1e-7, 1e3 * residual)

    def mu(self) -> float:
        total = sum(float(np.vdot(x, s)) for x, s in zip(self.x, self.s, strict=True))
        return total / self.count

    def advance(self) -> bool:
        """Take one centring step towards the identity; False when numbers break down.

        The gap is never closed on purpose: a point well inside is what exact rounding needs.
        """
        try:
            inverse = [np.linalg.inv(s) for s in self.s]
            dx, du, dy = self._direction(self._factor(inverse), inverse)
            ds = [-cone.adjoint(dy) for cone in self.cones]
            p, d = self._step(self.x, dx), self._step(self.s, ds)
        except np.linalg.LinAlgError:
            return False
        if not np.isfinite(p + d) or max(p, d) < 1e-6:
            return False
        self.x = [_symmetric(x + p * a) for x, a in zip(self.x, dx, strict=True)]
        self.u = self.u + p * du
        self.y = self.y + d * dy
        self.s = [np.eye(c.size) - _symmetric(c.adjoint(self.y)) for c in self.cones]
        return True

    def _factor(self, inverse: Sequence[Floats]) -> tuple[Floats, Floats, Floats]:
        """Return the Cholesky factor of the Schur matrix + weight F F^T, and the free part's."""
        free = self.system.free
        size = len(self.system.right)
        matrix = np.zeros((size, size))
        for cone, x, z in zip(self.cones, self.x, inverse, strict=True):
            cone.schur(cone.over_monomials(x), cone.over_monomials(z), matrix)
        weight = float(np.trace(matrix)) / size
        matrix += weight * (free @ free.T)
        matrix[np.diag_indices(size)] *= 1 + 1e-13
        matrix[np.diag_indices(size)] += 1e-13 * weight
        lower = np.linalg.cholesky(matrix)
        solved = _solve(lower, free)
        return lower, solved, free.T @ solved

    def _direction(
        self, factor: tuple[Floats, Floats, Floats], inverse: Sequence[Floats]
    ) -> tuple[list[Floats], Floats, Floats]:
        lower, solved, inner = factor
        mu = self.mu()
        extra = [mu * z - x for z, x in zip(inverse, self.x, strict=True)]
        dy = _solve(lower, self.remainder() - self.apply(extra))
        du: Floats = np.zeros(len(self.u))
        if len(du):
            du = np.linalg.lstsq(inner, self.system.free.T @ (self.y + dy), rcond=None)[0]
            dy = dy - solved @ du
        dx = [
            _symmetric(e + x @ cone.adjoint(dy) @ z)
            for e, x, z, cone in zip(extra, self.x, inverse, self.cones, strict=True)
        ]
        return dx, du, dy

    @staticmethod
    def _step(parts: Sequence[Floats], moves: Sequence[Floats]) -> float:
        """Return the step to take: 1, or a fraction of the way to the boundary."""
        largest = np.inf
        for part, move in zip(parts, moves, strict=True):
            root = np.linalg.cholesky(part)
            half = np.linalg.solve(root, move)
            smallest = float(np.linalg.eigvalsh(_symmetric(np.linalg.solve(root, half.T)))[0])
            if smallest < 0:
                largest = min(largest, -1.0 / smallest)
        return min(1.0, _FRACTION * largest)


def _symmetric(matrix: Floats) -> Floats:
    return 0.5 * (matrix + matrix.T)


def _solve(lower: Floats, right: Floats) -> Floats:
    from scipy.linalg import solve_triangular

    half = solve_triangular(lower, right, lower=True, check_finite=False)
    found: Floats = solve_triangular(lower, half, lower=True, trans=1, check_finite=False)
    return found
