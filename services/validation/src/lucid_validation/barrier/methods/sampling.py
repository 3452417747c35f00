"""Statistical sampling: it can refute, and when it finds nothing it says how little that means.

`uniform` draws independently and uniformly over the box of the case. If N draws are clean, then
with confidence 1 - a at most a fraction 1 - a^(1/N) of the box violates [Clopper1934]: a bound on a
volume, never a proof. `adaptive` gives that bound up to find more with less: it draws near the
points that come closest to a violation, along the differences between them [Storn1997], and on a
surface between points on its two sides. It makes no statement when it is clean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case

from .evidence import Json, Witness
from .falsifier import Scene, confirm, scene_of
from .numeric import Floats
from .numeric_region import Region

_BATCH = 4096
_POPULATION = 40
_EXPLORING = 4
_BISECTIONS = 24
_CONFIRMED = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """What sampling found. `evaluations` counts points at which the whole case was evaluated.

    `clean` is there only where nothing was found and the draws were independent and uniform.
    """

    witness: Witness | None
    evaluations: int
    clean: CleanSample | None = None


@dataclass(frozen=True, slots=True)
class CleanSample:
    """`draws` uniform draws over `box` (variable -> lower, upper) met no violation."""

    draws: int
    box: dict[str, tuple[Fraction, Fraction]]

    def fraction_max(self, confidence: float) -> float:
        """Return the bound on the violating part of the box, at a confidence in (0, 1)."""
        return violating_fraction_max(self.draws, confidence)

    def to_json(self, confidence: float) -> Json:
        """Return the statement as data; it is statistical, not a proof."""
        return {
            "draws": self.draws,
            "box": {name: [str(low), str(high)] for name, (low, high) in self.box.items()},
            "confidence": confidence,
            "violating_fraction_max": self.fraction_max(confidence),
            "is_proof": False,
        }


def violating_fraction_max(draws: int, confidence: float) -> float:
    """Return 1 - a^(1/draws) with a = 1 - confidence: what N clean draws still allow."""
    return float(-np.expm1(np.log1p(-confidence) / draws))


def attempt(case: Case, evaluations_max: int, budget: Budget, seed: int) -> Witness | None:
    """Return what adaptive sampling finds, if anything."""
    found = adaptive(case, evaluations_max, budget, seed)
    return None if found is None else found.witness


def statements(
    cases: Sequence[Case], draws: int, budget: Budget, seed: int, confidence: float
) -> list[Json]:
    """Return what uniform sampling can say about each case: a bound, or a violating point.

    Cases without a box or with an equation are left out.
    """
    found: list[Json] = []
    for number, case in enumerate(cases):
        sample = uniform(case, draws, budget, seed)
        if sample is not None and sample.clean is not None:
            found.append({"case": number, **sample.clean.to_json(confidence)})
        elif sample is not None and sample.witness is not None:
            found.append({"case": number, "witness": sample.witness.witness})
    return found


def uniform(case: Case, evaluations_max: int, budget: Budget, seed: int) -> Sample | None:
    """Draw independently over the box; None where there is no box or an equation is left."""
    scene = scene_of(case)
    if scene is None or scene.region.equations or not _is_boxed(scene.region):
        return None
    region, draws = scene.region, np.random.default_rng(seed)
    evaluations = 0
    while evaluations < evaluations_max and budget.remaining() > 0:
        count = min(_BATCH, evaluations_max - evaluations)
        points = _draw(region, draws, count)
        merit = region.merit(points)
        for row in np.flatnonzero(merit >= 0)[:_CONFIRMED]:
            found = confirm(scene, points[row] * region.sizes)
            if found is not None:
                return Sample(found, evaluations + int(row) + 1)
        if (merit >= 0).any():
            # As good as a violation in floats, but not confirmed: nothing can be claimed any more.
            return Sample(None, evaluations + count)
        evaluations += count
    return Sample(None, evaluations, _clean(scene, evaluations) if evaluations else None)


def adaptive(case: Case, evaluations_max: int, budget: Budget, seed: int) -> Sample | None:
    """Draw near the most promising points so far; None where there is no box."""
    scene = scene_of(case)
    if scene is None or not _is_boxed(scene.region):
        return None
    search = _Search(scene, seed)
    while search.evaluations < evaluations_max and budget.remaining() > 0:
        found = search.round()
        if found is not None:
            return Sample(found, search.evaluations)
    return Sample(None, search.evaluations)


def _is_boxed(region: Region) -> bool:
    return bool(np.isfinite(region.lower).all() and np.isfinite(region.upper).all())


def _draw(region: Region, draws: np.random.Generator, count: int) -> Floats:
    unit = draws.random((count, len(region.lower)))
    return np.asarray(region.lower + unit * (region.upper - region.lower))


def _clean(scene: Scene, draws: int) -> CleanSample:
    variables, places = scene.reduced.case.variables, scene.bounds.places
    box = {}
    for k in scene.reduced.free:
        low, high = places[k].lower, places[k].upper
        if low is not None and high is not None:
            box[variables[k]] = (low, high)
    return CleanSample(draws, box)


class _Search:
    """A population of points that moves towards violations."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self._scene = scene
        self._region = scene.region
        self._draws = np.random.default_rng(seed)
        self._points = _draw(self._region, self._draws, _POPULATION)
        self._values = self._region.model.values(self._points)
        self._merit = self._region.roughly(self._values)
        self.evaluations = _POPULATION

    def round(self) -> Witness | None:
        """Draw once around the whole population, keep what is better; return a confirmed hit."""
        found = self._confirmed()
        if found is not None:
            return found
        points = self._near()
        points[:_EXPLORING] = _draw(self._region, self._draws, _EXPLORING)
        values = self._region.model.values(points)
        self.evaluations += len(points)
        if self._region.equations:
            points, values = self._onto_surface(points, values)
        merit = self._region.roughly(values)
        # Explorers compete with the worst, the others with the point they came from.
        order = np.argsort(self._merit, kind="stable")
        home = np.arange(len(points))
        home[:_EXPLORING] = order[:_EXPLORING]
        for place, row in zip(home, range(len(points)), strict=True):
            if merit[row] > self._merit[place]:
                self._points[place], self._values[place] = points[row], values[row]
                self._merit[place] = merit[row]
        return None

    def _near(self) -> Floats:
        """Return one new point for each: towards a good one, along a difference of two others."""
        count = len(self._points)
        good = np.argsort(-self._merit, kind="stable")[: max(3, count // 8)]
        towards = self._points[self._draws.choice(good, count)]
        first = self._points[self._draws.integers(count, size=count)]
        second = self._points[self._draws.integers(count, size=count)]
        pull = self._draws.uniform(0.3, 1.0, (count, 1))
        moved = self._points + pull * (towards - self._points + first - second)
        kept = self._draws.random(moved.shape) < 0.1
        return self._region.clip(np.where(kept, self._points, moved))

    def _onto_surface(self, points: Floats, values: Floats) -> tuple[Floats, Floats]:
        """Replace points across the surface from their origin by one on it, by bisection."""
        m = self._region.inequalities
        across = values[:, m] * self._values[:, m] < 0
        if not across.any():
            return points, values
        first, last = self._points[across], points[across]
        sign = np.sign(self._values[across, m])
        for _ in range(_BISECTIONS):
            middle = 0.5 * (first + last)
            same = self._region.model.values(middle)[:, m] * sign > 0
            first = np.where(same[:, None], middle, first)
            last = np.where(same[:, None], last, middle)
            self.evaluations += len(middle)
        points[across] = 0.5 * (first + last)
        values[across] = self._region.model.values(points[across])
        self.evaluations += len(first)
        return points, values

    def _confirmed(self) -> Witness | None:
        m = self._region.inequalities
        slack = self._region.smallest(self._values)
        hits = slack >= 0
        if self._region.equations:
            hits &= np.abs(self._values[:, m:]).max(axis=1) < 1e-5
        for row in np.flatnonzero(hits)[:_CONFIRMED]:
            found = confirm(self._scene, self._points[row] * self._region.sizes)
            if found is not None:
                return found
        return None
