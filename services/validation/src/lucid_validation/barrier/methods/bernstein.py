"""Branch and prune with Bernstein bounds and Lagrange multipliers on each box.

The search runs in floats with a bound on the error of every number, so a leaf that it closes is
closed; questions that floats cannot answer (is this coefficient zero, does this corner satisfy
the case) are asked in exact arithmetic. [Garloff1993], [Munoz2013], [Smith2012]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case

from . import kernel_loops as k
from .enclosing_box import implied_box
from .evidence import CaseProof, Json, Witness, point
from .kernel import SENSES, Dyadic, Exploration, Mode, Root, begin
from .open_boxes import OpenBoxes
from .tensor import float_root, is_nonpositive

_NUDGES = (0, 40, 20, 8, 3)
_FLOATS_MAX = 60_000
# How many boxes that no halving resolves are passed by in search of a counterexample.
_ABANDONED_MAX = 64
_COARSE, _FINE = 1e-9, 2e-13


@dataclass(frozen=True, slots=True)
class Frame:
    """What a tree of boxes over a case means: evidence is made from it.

    `used` are the variables that occur, `ranges` their intervals and `why` the constraints that
    give the ends; `kept` are the constraints that the tree works with, of Bernstein degree
    `degrees` along `used`; constraint kept[j] is 2^exponents[j] times row j of the search.
    """

    case: Case
    used: tuple[int, ...]
    ranges: tuple[tuple[Fraction, Fraction], ...]
    why: tuple[tuple[int, int], ...]
    kept: tuple[int, ...]
    degrees: tuple[int, ...]
    exponents: tuple[int, ...]


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
    frame, root = prepared
    found = _run(frame, begin(root, mode=mode, cancel=cancel), boxes_max, budget)
    is_coarse = root.errors.max() > _FINE
    if not isinstance(found, OpenBoxes) or not is_coarse or budget.remaining() <= 0:
        return found
    # Small margins may have drowned in the error of the conversion: once more, from exact numbers.
    prepared = prepare(case, _FINE)
    if prepared is None:
        return found
    return _run(frame, begin(prepared[1], mode=mode, cancel=cancel), boxes_max, budget)


def _run(
    frame: Frame, exploration: Exploration, boxes_max: int, budget: Budget
) -> CaseProof | Witness | OpenBoxes:
    """Explore until the case is decided or a limit is met."""
    while True:
        status = exploration.advance(boxes_max - exploration.done)
        if status == k.FINISHED and exploration.abandoned:
            return open_boxes(frame, exploration)
        if status == k.FINISHED:
            return CaseProof(evidence(frame, exploration.codes, exploration.weights))
        if status in (k.CORNER, k.TOUCHES):
            witness = _answer(frame, exploration, status)
            if witness is not None:
                return witness
        elif status == k.DEEP and len(exploration.abandoned) < _ABANDONED_MAX:
            exploration.abandon_top()
        elif status in (k.DEEP, k.CANCELLED) or exploration.done >= boxes_max:
            return open_boxes(frame, exploration)
        if budget.remaining() <= 0:
            return open_boxes(frame, exploration)


def coefficient_count(case: Case) -> int:
    """Return how many Bernstein coefficients one constraint of a plain case has."""
    count = 1
    for degree in _degrees(case):
        count *= degree + 1
    return count


def _degrees(case: Case) -> list[int]:
    columns = zip(*(atom.polynomial.degrees() for atom in case.constraints), strict=True)
    return [max(0, *(int(d) for d in column)) for column in columns]


def prepare(case: Case, error_max: float) -> tuple[Frame, Root] | None:
    """Return a plain case ready to be searched; None where its box is not bounded, or empty.

    `error_max` bounds the errors of the root, relative to its largest coefficients.
    """
    box = implied_box(case)
    used = tuple(v for v, degree in enumerate(_degrees(case)) if degree > 0)
    kept = tuple(i for i in range(len(case.constraints)) if i not in box.faces)
    if not used or not kept:
        return None
    ranges, why = [], []
    for variable in used:
        lower, upper = box.lower[variable], box.upper[variable]
        if lower is None or upper is None or lower[0] > upper[0]:
            return None
        ranges.append((lower[0], upper[0]))
        why.append((lower[1], upper[1]))
    polynomials = [case.constraints[i].polynomial for i in kept]
    degrees = tuple(max(0, *(int(p.degrees()[v]) for p in polynomials)) for v in used)
    if prod(d + 1 for d in degrees) * len(kept) > _FLOATS_MAX:
        return None
    converted = float_root(polynomials, used, degrees, ranges, error_max=error_max)
    if converted is None:
        return None
    tensor, errors, exponents = converted
    senses = tuple(SENSES[case.constraints[i].sense] for i in kept)
    frame = Frame(case, used, tuple(ranges), tuple(why), kept, degrees, exponents)
    return frame, Root(tensor, errors, senses)


def _answer(frame: Frame, exploration: Exploration, question: int) -> Witness | None:
    """Answer what the kernel asks; a witness ends the search."""
    if question == k.TOUCHES:
        row = int(exploration.search.info[k.WHICH])
        polynomial = frame.case.constraints[frame.kept[row]].polynomial
        ranges = sub_box(frame, exploration.top())
        if is_nonpositive(polynomial, frame.used, frame.degrees, ranges):
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
        found = point(frame.case, values_at(frame, place))
        if found is not None:
            return found
    return None


def values_at(frame: Frame, place: Sequence[Fraction]) -> list[Fraction]:
    """Return the point of a place in [0, 1]^n; variables that do not occur are 0."""
    values = [Fraction(0)] * len(frame.case.variables)
    for variable, (low, high), t in zip(frame.used, frame.ranges, place, strict=True):
        values[variable] = low + (high - low) * t
    return values


def sub_box(frame: Frame, box: Dyadic) -> list[tuple[Fraction, Fraction]]:
    """Return the exact ranges of a box of the tree."""
    found = []
    for (low, high), (place, level) in zip(frame.ranges, box, strict=True):
        width = (high - low) / 2**level
        found.append((low + place * width, low + (place + 1) * width))
    return found


def open_boxes(frame: Frame, exploration: Exploration) -> OpenBoxes:
    """Return what a search that stopped leaves undecided."""
    names = [frame.case.variables[v] for v in frame.used]
    boxes = [dict(zip(names, sub_box(frame, box), strict=True)) for box in exploration.pending()]
    whole = dict(zip(names, frame.ranges, strict=True))
    return OpenBoxes(whole, tuple(boxes), exploration.done)


def evidence(
    frame: Frame, codes: Sequence[NDArray[np.int32]], weights: Sequence[NDArray[np.float64]]
) -> Json:
    """Return a finished tree, given as the kernel gave it in slices, in the documented form."""
    names = frame.case.variables
    degrees = [0] * len(names)
    for variable, degree in zip(frame.used, frame.degrees, strict=True):
        degrees[variable] = degree
    return {
        "type": "split",
        "box": {
            names[v]: [str(low), str(high)]
            for v, (low, high) in zip(frame.used, frame.ranges, strict=True)
        },
        "bounds": {names[v]: list(why) for v, why in zip(frame.used, frame.why, strict=True)},
        "form": "bernstein",
        "degree": degrees,
        "tree": tree(frame, codes, weights),
    }


def tree(
    frame: Frame, codes: Sequence[NDArray[np.int32]], weights: Sequence[NDArray[np.float64]]
) -> list[Any]:
    """Return the preorder list of a tree, given as the kernel gave it in slices."""
    known: dict[bytes, Json] = {}
    found: list[Any] = []
    for some_codes, some_weights in zip(codes, weights, strict=True):
        for code, row in zip(some_codes.tolist(), some_weights, strict=True):
            if code != k.LEAF:
                found.append(frame.used[code])
                continue
            mark = row.tobytes()
            if mark not in known:
                known[mark] = _leaf(frame, row)
            found.append(known[mark])
    return found


def _leaf(frame: Frame, row: NDArray[np.float64]) -> Json:
    """Return the multipliers of a leaf for the constraints as they stand, the first one 1."""
    places = [j for j, q in enumerate(row) if q != 0.0]
    if len(places) == 1:
        only = {"constraint": frame.kept[places[0]]}
        return only if row[places[0]] > 0 else {**only, "sign": -1}
    exact = [Fraction(float(row[j])) / Fraction(2) ** frame.exponents[j] for j in places]
    lead = abs(exact[0])
    # Dividing by a power of two keeps the texts short; by the lead itself where that is one.
    if lead.numerator & (lead.numerator - 1) == 0:
        exact = [q / lead for q in exact]
    return {"combination": [[frame.kept[j], str(q)] for j, q in zip(places, exact, strict=True)]}
