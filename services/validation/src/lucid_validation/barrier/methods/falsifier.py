"""Counterexamples: quasi-random starts, ascent of the smallest slack, exact confirmation.

A float candidate is rounded to short rationals, coarse to fine, until one satisfies every
constraint exactly. On a surface h = 0 a short segment through it is confirmed instead: h changes
sign along it while all other constraints hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case

from .elimination import Reduced, reduce_case
from .enclosing_box import implied_box
from .evidence import Witness, point
from .numeric import Family, Floats, family_of, halton
from .segment import segment

_STARTS = 192
_KEPT = 24


def attempt(case: Case, effort: int, budget: Budget, seed: int) -> Witness | None:
    """Return a confirmed solution of a plain case, or None. `effort` 2 adds an optimiser."""
    reduced = reduce_case(case)
    if reduced is None:
        return None
    equations = [a for a in reduced.constraints if a.sense == "=="]
    if len(equations) > 1:
        return None
    search = _Search(reduced, seed)
    for candidate in search.candidates(effort, budget):
        found = _confirm(search, candidate)
        if found is not None:
            return found
        if budget.remaining() <= 0:
            return None
    return None


class _Search:
    """Float view of a reduced case: the inequalities, the equation if any, and where to start."""

    def __init__(self, reduced: Reduced, seed: int) -> None:
        self.reduced = reduced
        self.seed = seed
        count = len(reduced.case.variables)
        self.inequalities = [a for a in reduced.constraints if a.sense != "=="]
        self.equation = next((a for a in reduced.constraints if a.sense == "=="), None)
        polynomials = [a.polynomial for a in self.inequalities]
        self.family: Family = family_of(polynomials, count)
        self.surface = (
            None if self.equation is None else family_of([self.equation.polynomial], count)
        )
        self.free = list(reduced.free)
        self.lower, self.upper = self._ranges()

    def _ranges(self) -> tuple[Floats, Floats]:
        reduced = self.reduced
        case = Case(reduced.constraints, reduced.case.ring, plain=True)
        box = implied_box(case)
        ranges = [box.range_of(k) for k in self.free]
        lower = np.array([-np.inf if low is None else float(low) for low, _ in ranges])
        upper = np.array([np.inf if high is None else float(high) for _, high in ranges])
        return lower, upper

    def starts(self) -> Floats:
        """Return start points over all variables (solved ones stay zero: they do not occur)."""
        n = len(self.free)
        unit = halton(_STARTS, n, 17 + 1000 * self.seed)
        # Unbounded directions: heavy tails, so that far and near both get points.
        wide = np.tan(np.pi * (unit - 0.5) * 0.97) * 2.0
        low = np.where(np.isfinite(self.lower), self.lower, 0.0)
        high = np.where(np.isfinite(self.upper), self.upper, 0.0)
        inside = low + unit * (high - low)
        both = np.isfinite(self.lower) & np.isfinite(self.upper)
        above = low + np.abs(wide)
        below = high - np.abs(wide)
        one_sided = np.where(np.isfinite(self.lower), above, below)
        any_side = np.isfinite(self.lower) | np.isfinite(self.upper)
        values = np.where(both, inside, np.where(any_side, one_sided, wide))
        if both.all():
            values[0] = 0.5 * (low + high)
        points = np.zeros((len(values), len(self.reduced.case.variables)))
        points[:, self.free] = values
        return points

    def candidates(self, effort: int, budget: Budget) -> Iterator[Floats]:
        """Yield float points, the most promising first."""
        if not self.free:
            yield np.zeros(len(self.reduced.case.variables))
            return
        points = self.starts()
        order = np.argsort(-self.merit(points), kind="stable")
        if self.surface is None:
            yield from points[order[:3]]
        best = points[order[:_KEPT]]
        for margin in (1e-2, 1e-4, 1e-7):
            best = self._restore(best, margin)
            order = np.argsort(-self.merit(best), kind="stable")
            yield from best[order[:3]]
            if budget.remaining() <= 0:
                return
        if effort >= 2:
            for start in best[order[:6]]:
                yield from self._optimise(start)
                if budget.remaining() <= 0:
                    return

    def merit(self, points: Floats) -> Floats:
        """Return the smallest slack, with the distance from the surface as a penalty."""
        with np.errstate(all="ignore"):
            values = self.family.values(points)
            worst = values.min(axis=1) if values.shape[1] else np.zeros(len(points))
            if self.surface is not None:
                worst = worst - np.abs(self.surface.values(points)[:, 0])
        return np.asarray(np.nan_to_num(worst, nan=-1e300, posinf=1e300, neginf=-1e300))

    def _restore(self, points: Floats, margin: float) -> Floats:
        """Damped Gauss-Newton steps onto {inequalities >= margin, surface = 0}, for all points."""
        with np.errstate(all="ignore"):
            for _ in range(12):
                violation, jacobian = self._system(points, margin)
                if not np.isfinite(jacobian).all() or not (violation > 0).any():
                    break
                scale = np.linalg.norm(jacobian, axis=2) + 1e-12
                rows = jacobian / scale[:, :, None]
                residual = violation / scale
                gram = rows @ rows.transpose(0, 2, 1)
                gram += 1e-9 * np.eye(gram.shape[1])
                step = np.linalg.solve(gram, residual[:, :, None])
                moved = points.copy()
                move = (rows.transpose(0, 2, 1) @ step)[:, :, 0]
                moved[:, self.free] += move[:, self.free]
                points = self._clip(moved)
        return points

    def _system(self, points: Floats, margin: float) -> tuple[Floats, Floats]:
        values, slopes = self.family.values(points), self.family.gradients(points)
        violation = np.maximum(margin - values, 0.0)
        slopes = slopes * (violation > 0)[:, :, None]
        if self.surface is not None:
            violation = np.hstack([violation, -self.surface.values(points)])
            slopes = np.concatenate([slopes, self.surface.gradients(points)], axis=1)
        return violation, slopes

    def _clip(self, points: Floats) -> Floats:
        points[:, self.free] = np.clip(points[:, self.free], self.lower, self.upper)
        return np.nan_to_num(points, nan=0.0, posinf=1e12, neginf=-1e12)

    def _optimise(self, start: Floats) -> Iterator[Floats]:
        """Maximise the smallest slack t over (x, t) by sequential quadratic programming."""
        from scipy.optimize import Bounds, minimize

        n = len(self.free)
        begin = np.append(start[self.free], float(np.clip(self.merit(start[None])[0], -10, 1)))
        constraints: list[dict[str, Any]] = []
        if self.inequalities:
            constraints.append({"type": "ineq", "fun": self._slack, "jac": self._slack_slopes})
        if self.surface is not None:
            constraints.append({"type": "eq", "fun": self._height, "jac": self._height_slopes})
        bounds = Bounds(np.append(self.lower, -np.inf), np.append(self.upper, 1.0))
        cost = np.zeros(n + 1)
        cost[-1] = -1.0
        with np.errstate(all="ignore"):
            try:
                solved = minimize(
                    lambda z: -z[-1],
                    begin,
                    jac=lambda _: cost,
                    method="SLSQP",
                    bounds=bounds,
                    constraints=constraints,
                    options={"maxiter": 80, "ftol": 1e-14},
                )
            except ValueError:
                return
        if np.isfinite(solved.x).all():
            yield self._full(solved.x)

    def _full(self, z: Floats) -> Floats:
        full = np.zeros(len(self.reduced.case.variables))
        full[self.free] = z[: len(self.free)]
        return full

    def _slack(self, z: Floats) -> Floats:
        return np.asarray(self.family.values(self._full(z)[None])[0] - z[-1])

    def _slack_slopes(self, z: Floats) -> Floats:
        slopes = self.family.gradients(self._full(z)[None])[0][:, self.free]
        return np.hstack([slopes, -np.ones((len(slopes), 1))])

    def _height(self, z: Floats) -> Floats:
        surface = self.surface or self.family
        return np.asarray(surface.values(self._full(z)[None])[0])

    def _height_slopes(self, z: Floats) -> Floats:
        surface = self.surface or self.family
        slopes = surface.gradients(self._full(z)[None])[0][:, self.free]
        return np.hstack([slopes, np.zeros((1, 1))])


def _confirm(search: _Search, candidate: Floats) -> Witness | None:
    if not np.isfinite(candidate).all():
        return None
    if search.equation is not None:
        return segment(search.reduced, search.equation, candidate)
    return confirm_point(search.reduced, candidate)


def confirm_point(reduced: Reduced, candidate: Floats) -> Witness | None:
    """Return the shortest rounding of a float point that satisfies the whole case exactly."""
    for values in roundings([float(candidate[k]) for k in reduced.free]):
        found = point(reduced.case, reduced.lift(values))
        if found is not None:
            return found
    return None


def roundings(values: Sequence[float]) -> Iterator[list[Fraction]]:
    """Yield rational points near a float point, short ones first, the exact floats last."""
    seen: list[list[Fraction]] = []
    for denominator in (1, 8, 64, 1024, 10**5, 10**8, 10**12):
        rounded = [Fraction(round(Fraction(v) * denominator), denominator) for v in values]
        if rounded not in seen:
            seen.append(rounded)
            yield rounded
    yield [Fraction(v) for v in values]
