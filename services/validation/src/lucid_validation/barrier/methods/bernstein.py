"""Branch and prune with Bernstein bounds and Lagrange multipliers on each box.

The search runs in floats with a bound on the error of every number, so a leaf that it closes is
closed; questions that floats cannot answer (is this coefficient zero, does this corner satisfy
the case) are asked in exact arithmetic. [Garloff1993], [Munoz2013], [Smith2012]
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case

from . import kernel_loops as k
from .enclosing_box import ImpliedBox, implied_box
from .evidence import CaseProof, Json, Witness, point
from .kernel import SENSES, Dyadic, Exploration, Mode, Root, begin
from .open_boxes import OpenBoxes
from .tensor import float_root, is_nonpositive

_NUDGES = (0, 40, 20, 8, 3)
_FLOATS_MAX = 60_000
_COARSE, _FINE = 1e-9, 2e-13


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case made ready for the kernel: its box, and which constraints and variables count.

    `kept` are the places of the constraints that say more than the box, `used` the variables that
    occur, `ranges` their intervals; constraint kept[j] is 2^exponents[j] times row j of `root`.
    """

    case: Case
    box: ImpliedBox
    used: tuple[int, ...]
    ranges: tuple[tuple[Fraction, Fraction], ...]
    kept: tuple[int, ...]
    exponents: tuple[int, ...]
    root: Root


def attempt(
    case: Case, boxes_max: int, budget: Budget, mode: Mode = "auto"
) -> CaseProof | Witness | None:
    """Decide a plain case on a bounded box with at most `boxes_max` boxes; None when it cannot."""
    found = search(case, boxes_max, budget, mode=mode)
    return None if isinstance(found, OpenBoxes) else found


def search(
    case: Case,
    boxes_max: int,
    budget: Budget,
    *,
    mode: Mode = "auto",
    cancel: NDArray[np.uint8] | None = None,
) -> CaseProof | Witness | OpenBoxes | None:
    """Do the same, and say what is left when it stops. None: not applicable.

    A non-zero `cancel[0]`, set by another thread, ends the search within milliseconds.
    """
    prepared = prepare(case, _COARSE)
    if prepared is None:
        return None
    exploration = begin(prepared.root, mode=mode, cancel=cancel)
    found = _run(prepared, exploration, boxes_max, budget)
    is_coarse = prepared.root.errors.max() > _FINE
    if not isinstance(found, OpenBoxes) or not is_coarse or budget.remaining() <= 0:
        return found
    # Small margins may have drowned in the error of the conversion: once more, from exact numbers.
    prepared = prepare(case, _FINE)
    if prepared is None:
        return found
    return _run(prepared, begin(prepared.root, mode=mode, cancel=cancel), boxes_max, budget)


def _run(
    prepared: Prepared, exploration: Exploration, boxes_max: int, budget: Budget
) -> CaseProof | Witness | OpenBoxes:
    """Explore until the case is decided or a limit is met."""
    while True:
        status = exploration.advance(boxes_max - exploration.done)
        if status == k.FINISHED:
            return CaseProof(evidence(prepared, exploration))
        if status in (k.CORNER, k.TOUCHES):
            witness = _answer(prepared, exploration, status)
            if witness is not None:
                return witness
        elif status in (k.DEEP, k.CANCELLED) or exploration.done >= boxes_max:
            return open_boxes(prepared, exploration)
        if budget.remaining() <= 0:
            return open_boxes(prepared, exploration)


def coefficient_count(case: Case) -> int:
    """Return how many Bernstein coefficients one constraint of a plain case has."""
    count = 1
    for degree in _degrees(case):
        count *= degree + 1
    return count


def _degrees(case: Case) -> list[int]:
    columns = zip(*(atom.polynomial.degrees() for atom in case.constraints), strict=True)
    return [max(0, *(int(d) for d in column)) for column in columns]


def prepare(case: Case, error_max: float) -> Prepared | None:
    """Return a plain case ready to be searched; None where its box is not bounded, or empty.

    `error_max` bounds the errors of the root, relative to its largest coefficients.
    """
    box = implied_box(case)
    used = tuple(v for v, degree in enumerate(_degrees(case)) if degree > 0)
    kept = tuple(i for i in range(len(case.constraints)) if i not in box.faces)
    if not used or not kept or not box.is_bounded(list(used)):
        return None
    ranges = []
    for variable in used:
        low, high = box.range_of(variable)
        if low is None or high is None or low > high:
            return None
        ranges.append((low, high))
    polynomials = [case.constraints[i].polynomial for i in kept]
    degrees = [max(0, *(int(p.degrees()[v]) for p in polynomials)) for v in used]
    if prod(d + 1 for d in degrees) * len(kept) > _FLOATS_MAX:
        return None
    converted = float_root(polynomials, used, degrees, ranges, error_max=error_max)
    if converted is None:
        return None
    tensor, errors, exponents = converted
    senses = tuple(SENSES[case.constraints[i].sense] for i in kept)
    root = Root(tensor, errors, senses)
    return Prepared(case, box, used, tuple(ranges), kept, exponents, root)


def _answer(prepared: Prepared, exploration: Exploration, question: int) -> Witness | None:
    """Answer what the kernel asks; a witness ends the search."""
    if question == k.TOUCHES:
        row = int(exploration.search.info[k.WHICH])
        polynomial = prepared.case.constraints[prepared.kept[row]].polynomial
        ranges = sub_box(prepared, exploration.top())
        if is_nonpositive(polynomial, prepared.used, prepared.root.degrees, ranges):
            exploration.close_top(row)
        else:
            exploration.decline(question)
        return None
    exploration.search.info[k.ASKS] -= 1
    exploration.decline(question)
    corner, middle = exploration.corner()
    for shift in _NUDGES:
        # A corner may lie on a face that is strict: step inwards a little.
        part = Fraction(1, 2**shift) if shift else Fraction(0)
        place = [c + (m - c) * part for c, m in zip(corner, middle, strict=True)]
        found = point(prepared.case, _values(prepared, place))
        if found is not None:
            return found
    return None


def _values(prepared: Prepared, place: list[Fraction]) -> list[Fraction]:
    """Return the point of a place in [0, 1]^n; variables that do not occur are 0."""
    values = [Fraction(0)] * len(prepared.case.variables)
    for variable, (low, high), t in zip(prepared.used, prepared.ranges, place, strict=True):
        values[variable] = low + (high - low) * t
    return values


def sub_box(prepared: Prepared, box: Dyadic) -> list[tuple[Fraction, Fraction]]:
    """Return the exact ranges of a box of the tree."""
    found = []
    for (low, high), (place, level) in zip(prepared.ranges, box, strict=True):
        width = (high - low) / 2**level
        found.append((low + place * width, low + (place + 1) * width))
    return found


def open_boxes(prepared: Prepared, exploration: Exploration) -> OpenBoxes:
    """Return what a search that stopped leaves undecided."""
    names = [prepared.case.variables[v] for v in prepared.used]
    boxes = [dict(zip(names, sub_box(prepared, box), strict=True)) for box in exploration.pending()]
    whole = dict(zip(names, prepared.ranges, strict=True))
    return OpenBoxes(whole, tuple(boxes), exploration.done)


def evidence(prepared: Prepared, exploration: Exploration) -> Json:
    """Return a finished search in the documented form."""
    names = prepared.case.variables
    box, bounds = {}, {}
    degrees = [0] * len(names)
    columns = zip(prepared.used, prepared.ranges, prepared.root.degrees, strict=True)
    for variable, (low, high), degree in columns:
        lower, upper = prepared.box.lower[variable], prepared.box.upper[variable]
        box[names[variable]] = [str(low), str(high)]
        bounds[names[variable]] = [lower[1] if lower else -1, upper[1] if upper else -1]
        degrees[variable] = degree
    return {
        "type": "split",
        "box": box,
        "bounds": bounds,
        "form": "bernstein",
        "degree": degrees,
        "tree": _tree(prepared, exploration),
    }


def _tree(prepared: Prepared, exploration: Exploration) -> list[Any]:
    known: dict[bytes, Json] = {}
    found: list[Any] = []
    for codes, weights in zip(exploration.codes, exploration.weights, strict=True):
        for code, row in zip(codes.tolist(), weights, strict=True):
            if code != k.LEAF:
                found.append(prepared.used[code])
                continue
            mark = row.tobytes()
            if mark not in known:
                known[mark] = _leaf(prepared, row)
            found.append(known[mark])
    return found


def _leaf(prepared: Prepared, row: NDArray[np.float64]) -> Json:
    """Return the multipliers of a leaf for the constraints as they stand, the first one 1."""
    places = [j for j, q in enumerate(row) if q != 0.0]
    if len(places) == 1:
        only = {"constraint": prepared.kept[places[0]]}
        return only if row[places[0]] > 0 else {**only, "sign": -1}
    exact = [Fraction(float(row[j])) / Fraction(2) ** prepared.exponents[j] for j in places]
    lead = abs(exact[0])
    # Dividing by a power of two keeps the texts short; by the lead itself where that is one.
    if lead.numerator & (lead.numerator - 1) == 0:
        exact = [q / lead for q in exact]
    return {"combination": [[prepared.kept[j], str(q)] for j, q in zip(places, exact, strict=True)]}
