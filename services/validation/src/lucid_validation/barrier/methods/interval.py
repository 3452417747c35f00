"""Branch and prune with natural and mean-value enclosures, for cases with function terms.

Floats choose splits, leaves and multipliers, with slack; the proof is checked by whoever receives
it, in rational intervals of its own. [Moore1966], [Neumaier1990]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.formula import Atom
from lucid_validation.barrier.polynomial import Polynomial, Ring, rational, terms

from .enclosing_box import ImpliedBox, implied_box
from .enclosure import Arguments, Enclosures, Form, form_of, upper_bounds
from .evidence import CaseProof, Json

# Relative to the largest coefficient: the floats may be off, the receiver's check is not.
_SLACK = 1e-8
_CHUNK = 512
_DEPTH_MAX = 50

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A combination that may close boxes, with its gradient."""

    leaf: Json
    form: Form
    slopes: dict[int, Form]
    strict: bool
    slack: float


@dataclass(slots=True)
class _Search:
    case: Case
    box: ImpliedBox
    used: list[int]
    candidates: list[_Candidate]
    eager: list[bool]
    nodes: list[Any] = field(default_factory=lambda: [None])


def attempt(case: Case, boxes_max: int, budget: Budget) -> CaseProof | None:
    """Prove a case on a bounded box empty with at most `boxes_max` boxes, or None."""
    if case.plain:
        case = Case(case.constraints, Ring(case.variables), plain=True)
    ring = case.ring
    plain = tuple(a if ring.is_plain(a.polynomial) else _no_bound(ring) for a in case.constraints)
    box = implied_box(Case(plain, ring, plain=True))
    used = [k for k in range(len(ring.variables)) if _occurs(case, k)]
    if not used or not box.is_bounded(used):
        return None
    search = _Search(case, box, used, [], [_is_curved(case, k) for k in used])
    search.candidates = _candidates(search)
    lower = np.zeros((1, len(ring.variables)))
    upper = np.zeros((1, len(ring.variables)))
    for k in used:
        low, high = box.range_of(k)
        if low is None or high is None or low > high:
            return None
        lower[0, k], upper[0, k] = float(low), float(high)
    if not _explore(search, lower, upper, boxes_max, budget):
        return None
    return CaseProof(_evidence(search))


def _no_bound(ring: Ring) -> Atom:
    """Return a constraint that says nothing, to keep the places of the others."""
    return Atom(ring.constant(1), ">=")


def _is_curved(case: Case, variable: int) -> bool:
    """Say whether a variable occurs with a power or inside of a function: halving it pays."""
    highest = max(int(a.polynomial.degrees()[variable]) for a in case.constraints)
    inside = any(int(a.degrees()[variable]) > 0 for _, a in case.ring.opaque_terms)
    return highest > 1 or inside


def _occurs(case: Case, variable: int) -> bool:
    """Say whether a variable occurs in a case, function arguments included."""
    ring = case.ring
    count = len(ring.variables)
    pending = [a.polynomial for a in case.constraints]
    seen: set[int] = set()
    while pending:
        degrees = pending.pop().degrees()
        if degrees[variable] > 0:
            return True
        for slot, (_, argument) in enumerate(ring.opaque_terms):
            if degrees[count + slot] > 0 and slot not in seen:
                seen.add(slot)
                pending.append(argument)
    return False


def _candidates(search: _Search) -> list[_Candidate]:
    """Return single constraints, both signs of equations, and pairs with a guessed multiplier."""
    case = search.case
    found = []
    for i, atom in enumerate(case.constraints):
        if i in search.box.faces:
            continue
        found.append(_candidate(search, {"constraint": i}, atom.polynomial, atom.sense == ">"))
        if atom.sense == "==":
            found.append(_candidate(search, {"constraint": i, "sign": -1}, -atom.polynomial, False))
    for i, first in enumerate(case.constraints):
        for j, second in enumerate(case.constraints):
            if i == j or first.sense == "==" or {i, j} & search.box.faces:
                continue
            for weight in _weights(search, first, second):
                leaf = {"combination": [[i, "1"], [j, str(weight)]]}
                total = first.polynomial + second.polynomial * rational(weight)
                found.append(_candidate(search, leaf, total, ">" in {first.sense, second.sense}))
    return found


def _candidate(search: _Search, leaf: Json, polynomial: Polynomial, strict: bool) -> _Candidate:
    ring = search.case.ring
    gradient = {k: ring.derivative(polynomial, k) for k in search.used}
    largest = max((abs(q) for q in terms(polynomial).values()), default=Fraction(1))
    slack = _SLACK * float(largest)
    slopes = {k: form_of(g) for k, g in gradient.items() if len(g)}
    return _Candidate(leaf, form_of(polynomial), slopes, strict, slack)


def _weights(search: _Search, first: Atom, second: Atom) -> list[Fraction]:
    """Return multipliers that balance the gradients at a point near the centre of the box."""
    centre = []
    for k in range(len(search.case.ring.variables)):
        low, high = search.box.range_of(k)
        # Off the centre: symmetric sets have vanishing gradients there.
        centre.append(0.0 if low is None or high is None else float(low + (high - low) * 5 / 8))
    point = np.array([centre])
    ring = search.case.ring
    here = Enclosures(Arguments(ring), point, point)
    slopes = [
        np.array([here.of(form_of(ring.derivative(a.polynomial, k))).lower[0] for k in search.used])
        for a in (first, second)
    ]
    size = float(slopes[1] @ slopes[1])
    if not np.isfinite(size) or size == 0 or not np.isfinite(slopes[0]).all():
        return []
    best = -float(slopes[0] @ slopes[1]) / size
    guesses = {Fraction(best * s).limit_denominator(64) for s in (0.5, 1.0, 2.0)}
    return sorted(q for q in guesses if q > 0 or (second.sense == "==" and q != 0))


def _explore(search: _Search, lower: Floats, upper: Floats, boxes_max: int, budget: Budget) -> bool:
    arguments = Arguments(search.case.ring)
    pending = [(lower, upper, np.zeros(1, dtype=np.int64), 0)]
    while pending:
        low, high, ids, depth = pending.pop()
        if len(ids) > _CHUNK:
            pending.append((low[_CHUNK:], high[_CHUNK:], ids[_CHUNK:], depth))
            low, high, ids = low[:_CHUNK], high[:_CHUNK], ids[:_CHUNK]
        still = _close(search, arguments, low, high, ids)
        if not still.any():
            continue
        if depth >= _DEPTH_MAX or len(search.nodes) > boxes_max or budget.remaining() <= 0:
            return False
        pending.append(_split(search, low[still], high[still], ids[still], depth))
    return True


def _close(
    search: _Search, arguments: Arguments, low: Floats, high: Floats, ids: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Record the leaves among some boxes; return which of them stay open."""
    still = np.ones(len(ids), dtype=bool)
    middle = 0.5 * (low + high)
    boxes, middles = Enclosures(arguments, low, high), Enclosures(arguments, middle, middle)
    radius = 0.5 * (high - low)
    for candidate in search.candidates:
        bound = upper_bounds(boxes, middles, candidate.form, candidate.slopes, radius)
        # An exact zero comes from signs alone (even powers, exp), not from rounding.
        closed = (bound < -candidate.slack) | (candidate.strict & (bound == 0.0))
        for row in np.flatnonzero(closed & still):
            search.nodes[ids[row]] = candidate.leaf
            still[row] = False
        if not still.any():
            break
    return still


def _split(
    search: _Search, low: Floats, high: Floats, ids: NDArray[np.int64], depth: int
) -> tuple[Floats, Floats, NDArray[np.int64], int]:
    """Halve every box along its relatively widest variable, those that occur linearly last."""
    root = np.array([float(h - lo) for lo, h in map(search.box.range_of, search.used)])  # type: ignore[operator]
    relative = (high - low)[:, search.used] / np.where(root > 0, root, 1.0)
    relative *= np.where(search.eager, 1.0, 1.0 / 64)
    axes = np.array(search.used)[np.argmax(relative, axis=1)]
    rows = np.arange(len(ids))
    middle = 0.5 * (low[rows, axes] + high[rows, axes])
    left_high, right_low = high.copy(), low.copy()
    left_high[rows, axes] = middle
    right_low[rows, axes] = middle
    start = len(search.nodes)
    search.nodes.extend([None] * (2 * len(ids)))
    for place, (parent, axis) in enumerate(zip(ids, axes, strict=True)):
        search.nodes[parent] = (int(axis), start + place, start + len(ids) + place)
    numbers = np.arange(start, start + 2 * len(ids), dtype=np.int64)
    return np.vstack([low, right_low]), np.vstack([left_high, high]), numbers, depth + 1


def _evidence(search: _Search) -> Json:
    names = search.case.ring.variables
    box, bounds = {}, {}
    for k in search.used:
        lower, upper = search.box.lower[k], search.box.upper[k]
        if lower is not None and upper is not None:
            box[names[k]] = [str(lower[0]), str(upper[0])]
            bounds[names[k]] = [lower[1], upper[1]]
    tree: list[Any] = []
    pending = [0]
    while pending:
        node = search.nodes[pending.pop()]
        if isinstance(node, tuple):
            tree.append(node[0])
            pending += [node[2], node[1]]
        else:
            tree.append(node)
    return {"type": "split", "box": box, "bounds": bounds, "form": "mean_value", "tree": tree}
