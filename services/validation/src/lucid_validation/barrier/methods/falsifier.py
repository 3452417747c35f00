"""Counterexamples: quasi-random starts, restoration, ascent of the smallest slack, exact check.

Floats only propose. A proposed point is rounded to short rationals, coarse to fine, until one
satisfies the whole case; on a surface h = 0 an exact rational point is tried, then a rational
segment across it on which h changes sign while all other constraints hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.formula import Atom
from lucid_validation.barrier.polynomial import Polynomial, constant_value

from .elimination import Placed, Reduced, reduce_case
from .enclosing_box import ImpliedBox, implied_box
from .evidence import Witness
from .falsifier_confirm import Bounds, Place, confirmed
from .numeric import Floats, family_of
from .numeric_functions import function_family_of
from .numeric_region import Model, Region
from .numeric_search import candidates
from .segment import segment
from .surface import easy_points, other_points

# How far below zero a float slack may be while the exact one is zero.
_ROUNDING = 1e-12
_NEAR = 1e-7
_SHORT = (1, 8, 10, 12, 100)
_DYADIC = (2**6, 2**10, 2**17, 2**27, 2**40)


def attempt(case: Case, effort: int, budget: Budget, seed: int) -> Witness | None:
    """Return a confirmed solution of a case, or None.

    `effort` 0 is a glance without ascent, 1 the usual search, 2 starts and climbs more often.
    """
    scene = scene_of(case)
    if scene is None:
        return None
    for batch in candidates(scene.region, effort, budget, seed):
        for candidate in batch * scene.region.sizes:
            found = confirm(scene, candidate, thorough=effort >= 2)
            if found is not None:
                return found
            if budget.remaining() <= 0:
                return None
    return None


@dataclass(frozen=True, slots=True)
class Scene:
    """A case as the search sees it.

    `inequalities` are those that say more than the `bounds`; model functions are in the order
    inequalities, equations.
    """

    reduced: Reduced
    region: Region
    inequalities: tuple[Atom, ...]
    equations: tuple[Placed, ...]
    bounds: Bounds


def scene_of(case: Case) -> Scene | None:
    """Return the search view of a case; None if a constraint is a false constant."""
    reduced = reduce_case(case) if case.plain else _unreduced(case)
    if reduced is None:
        return None
    ring, atoms = case.ring, reduced.constraints
    boxed = [a if case.plain or ring.is_plain(a.polynomial) else _silent(case) for a in atoms]
    box = implied_box(Case(tuple(boxed), ring, plain=True))
    bounds = _bounds(box, boxed, reduced)
    if bounds is None:
        return None
    faces = box.faces
    inequalities = tuple(a for i, a in enumerate(atoms) if a.sense != "==" and i not in faces)
    equations = tuple(p for p in reduced.placed if p.atom.sense == "==")
    polynomials = [a.polynomial for a in (*inequalities, *(p.atom for p in equations))]
    sizes = bounds.sizes()
    model: Model
    if case.plain:
        model = family_of(polynomials, len(case.variables), sizes=sizes)
    else:
        model = function_family_of(polynomials, ring, sizes)
    lower, upper = (ends / sizes for ends in bounds.as_floats())
    region = Region(model, len(inequalities), len(equations), lower, upper, sizes)
    return Scene(reduced, region, inequalities, equations, bounds)


def _unreduced(case: Case) -> Reduced | None:
    """Return a case with function terms as it is, without its constant constraints."""
    kept = []
    for index, atom in enumerate(case.constraints):
        value = constant_value(atom.polynomial)
        if value is None:
            kept.append(Placed(atom, (index,)))
        elif value < 0 or (value == 0 and atom.sense == ">") or (value and atom.sense == "=="):
            return None
    return Reduced(case, tuple(kept), tuple(range(len(case.variables))), ())


def _silent(case: Case) -> Atom:
    return Atom(case.ring.constant(1), ">=")


def _bounds(box: ImpliedBox, atoms: list[Atom], reduced: Reduced) -> Bounds | None:
    """Return the bounds that the search keeps to; None where they exclude each other."""
    count = len(reduced.case.variables)
    places = []
    for k in range(count):
        if k not in reduced.free:
            places.append(Place(Fraction(0), Fraction(0)))
            continue
        low, high = box.lower[k], box.upper[k]
        place = Place(
            None if low is None else low[0],
            None if high is None else high[0],
            low is not None and low[1] in box.faces and atoms[low[1]].sense == ">",
            high is not None and high[1] in box.faces and atoms[high[1]].sense == ">",
        )
        if place.is_empty():
            return None
        places.append(place)
    return Bounds(tuple(places))


def confirm(scene: Scene, candidate: Floats, *, thorough: bool = False) -> Witness | None:
    """Return exact evidence at or near a float point (in the variables themselves), or None."""
    if not np.isfinite(candidate).all():
        return None
    if not scene.equations:
        return _confirm_point(scene, candidate)
    scaled = candidate / scene.region.sizes
    if not _is_near(scene.region, scaled):
        return None
    reduced = scene.reduced
    equations = _polynomial_equations(scene)
    if equations is None:
        return None
    found = _first(reduced, easy_points(reduced, equations, candidate, scene.bounds))
    if found is None and len(equations) == 1 and reduced.case.plain:
        found = segment(reduced, scene.equations[0], scaled, scene.region, scene.bounds)
    if found is not None:
        return found
    others = other_points(reduced, equations, candidate, scene.bounds, thorough=thorough)
    return _first(reduced, others)


def _polynomial_equations(scene: Scene) -> list[Polynomial] | None:
    """Return the equations in the variables alone; None where one has a function term."""
    case, equations = scene.reduced.case, [p.atom.polynomial for p in scene.equations]
    if case.plain:
        return equations
    if not all(case.ring.is_plain(p) for p in equations):
        return None
    return [case.ring.plain(p) for p in equations]


def _first(reduced: Reduced, points: Iterator[list[Fraction]]) -> Witness | None:
    """Return the first point (values of the free variables) that satisfies the whole case."""
    found = (confirmed(reduced.case, reduced.lift(values)) for values in points)
    return next((witness for witness in found if witness is not None), None)


def _is_near(region: Region, candidate: Floats) -> bool:
    """Say whether a point is worth exact work: as good as on all surfaces, no slack negative."""
    values, slopes = region.model.both(candidate[None])
    slack, off = values[0, : region.inequalities], np.abs(values[0, region.inequalities :])
    reach = np.sqrt((slopes[0, region.inequalities :] ** 2).sum(axis=1))
    size = 1 + float(np.abs(candidate).max(initial=0.0))
    return bool((slack > -_NEAR).all() and (off <= _NEAR + 1e-4 * size * reach).all())


def _confirm_point(scene: Scene, candidate: Floats) -> Witness | None:
    """Return the shortest rounding of a float point that satisfies the whole case exactly."""
    tries = list(_roundings(candidate, scene))
    floats = np.array([[float(v) for v in full] for full in tries])
    slack = scene.region.merit(floats / scene.region.sizes)
    inside = [t for t, s in zip(tries, slack, strict=True) if s > _ROUNDING]
    on_edge = [t for t, s in zip(tries, slack, strict=True) if abs(s) <= _ROUNDING]
    # A slack that rounds to zero: a weak inequality at a simple point, or less than floats see.
    for full in [*inside[:4], *on_edge[: len(_SHORT)], *on_edge[len(_SHORT) :][-2:]]:
        values = [full[k] for k in scene.reduced.free]
        found = confirmed(scene.reduced.case, scene.reduced.lift(values))
        if found is not None:
            return found
    return None


def _roundings(candidate: Floats, scene: Scene) -> Iterator[list[Fraction]]:
    """Yield rational points near a float point within the bounds, short ones first."""
    seen: list[list[Fraction]] = []
    for denominator in (*_SHORT, *_DYADIC):
        rounded = [Fraction(round(v * denominator), denominator) for v in candidate.tolist()]
        inside = scene.bounds.clip(rounded, Fraction(1, denominator))
        if inside not in seen:
            seen.append(inside)
            yield inside
    yield scene.bounds.clip([Fraction(v) for v in candidate.tolist()])
