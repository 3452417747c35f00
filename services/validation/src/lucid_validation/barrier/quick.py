"""The fast lane: small plain bounded obligations decided with next to no overhead.

A lane reads the power coefficients of a case in floats, each rounded once, encloses its box in
floats rounded outwards, and lets the compiled kernel convert, bound its own errors and search a few
boxes. What it closes is closed, by those bounds; a refutation is confirmed exactly before it is
said. Evidence is written only when somebody asks for it. Where a case is not of this kind, or is
not decided at once, the lane says nothing and the portfolio goes on. [Garloff1993]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import inf, nextafter, prod, sqrt
from typing import Any, Literal

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from .cases import Case, Emptiness
from .conditions import obligations
from .methods import kernel_loops as k
from .methods import kernel_native
from .methods.bernstein import Frame, evidence
from .methods.evidence import Json, with_case
from .methods.kernel import SENSES, Root, prepare
from .problem import Problem

BOXES_MAX = 256
COEFFICIENTS_MAX = 4_096
CASES_MAX = 8
_DEGREE_MAX = 20
_KEPT_FLOATS_MAX = 8_000_000
_STOPS_MAX = 8
_INWARDS = (0.0, 2.0**-40, 2.0**-20, 2.0**-8, 2.0**-3)

Box = list[tuple[float, int]]
Row = tuple[int, list[Any], list[float]]  # place in the case, monomials, coefficients


@dataclass(frozen=True, slots=True)
class Empty:
    """A case proved empty: the tree as the kernel gave it."""

    case: Case
    used: tuple[int, ...]
    lower: Box
    upper: Box
    kept: tuple[int, ...]
    degrees: tuple[int, ...]
    factors: NDArray[np.float64]
    parts: list[tuple[NDArray[np.int32], NDArray[np.float64]]]

    def proof(self) -> Json:
        """Return the case proof in the documented form."""
        exponents = tuple(1 - int(np.frexp(factor)[1]) for factor in self.factors)
        ranges = tuple((Fraction(self.lower[v][0]), Fraction(self.upper[v][0])) for v in self.used)
        why = tuple((self.lower[v][1], self.upper[v][1]) for v in self.used)
        frame = Frame(self.case, self.used, ranges, why, self.kept, self.degrees, exponents)
        return evidence(frame, [codes for codes, _ in self.parts], [w for _, w in self.parts])


@dataclass(frozen=True, slots=True)
class Full:
    """A case with a solution, confirmed exactly."""

    case: Case
    values: tuple[float, ...]

    def witness(self) -> Json:
        """Return the witness in the documented form, without its case number."""
        names = self.case.variables
        values = {
            name: str(Fraction(value)) for name, value in zip(names, self.values, strict=True)
        }
        return {"type": "point", "values": values}


@dataclass(frozen=True, slots=True)
class QuickAnswer:
    """One decided obligation: every case empty, or case number `full` with a solution."""

    verdict: Literal["PROVED", "REFUTED"]
    cases: tuple[Empty, ...] = ()
    full: tuple[int, Full] | None = None

    def entry(self) -> Json:
        """Return the obligation's entry of an evidence document."""
        if self.full is not None:
            number, found = self.full
            return {"verdict": "REFUTED", "witness": with_case(found.witness(), number)}
        return {"verdict": "PROVED", "proof": {"cases": [case.proof() for case in self.cases]}}


@dataclass(frozen=True, slots=True)
class _Slot:
    """The arrays of one shape, used again and again."""

    search: k.Search
    coef: NDArray[np.float64]
    box: NDArray[np.float64]
    explore: Callable[[int], int]
    places: dict[tuple[int, ...], int]


class Lane:
    """Decides one problem after another with the same arrays. Not for two threads at a time."""

    def __init__(self, *, link: bool = True) -> None:
        """Link the compiled kernel; without it the lane decides nothing.

        That costs more than a single small problem: with `link` false the lane is silent in a
        process that has not linked it yet.
        """
        self._native = kernel_native.load() if link or kernel_native.is_loaded() else None
        self._slots: dict[tuple[int, tuple[int, ...], tuple[int, ...], int], _Slot] = {}

    def decide(self, problem: Problem) -> dict[str, QuickAnswer]:
        """Return the obligations that the lane decides at once; the others are left out."""
        found = {}
        if self._native is not None:
            for obligation in obligations(problem):
                if isinstance(obligation, Emptiness):
                    answer = self.decide_obligation(obligation)
                    if answer is not None:
                        found[obligation.name] = answer
        return found

    def decide_obligation(self, obligation: Emptiness) -> QuickAnswer | None:
        """Return the answer to one claim of emptiness, or None."""
        if not 0 < len(obligation.cases) <= CASES_MAX:
            return None
        empty = []
        for number, case in enumerate(obligation.cases):
            found = self.decide_case(case)
            if isinstance(found, Full):
                return QuickAnswer("REFUTED", full=(number, found))
            if found is not None:
                empty.append(found)
        if len(empty) < len(obligation.cases):
            return None
        return QuickAnswer("PROVED", tuple(empty))

    def decide_case(self, case: Case) -> Empty | Full | None:
        """Decide a plain case with at most `BOXES_MAX` boxes, or return None."""
        if not case.plain or self._native is None:
            return None
        lower: Box = [(-inf, -1)] * len(case.variables)
        upper: Box = [(inf, -1)] * len(case.variables)
        rows = _rows(case, lower, upper)
        if not rows:
            return None
        used, degrees = _shape(case, rows)
        if any(not -1e100 < lower[v][0] <= upper[v][0] < 1e100 for v in used):
            return None
        if not used or prod([d + 1 for d in degrees]) > COEFFICIENTS_MAX:
            return None
        if max(degrees) > _DEGREE_MAX:
            return None
        slot = self._slot(self._native, len(rows), used, degrees, len(lower))
        _fill(slot, case, rows)
        slot.box[:] = [lower[v][0] for v in used] + [upper[v][0] for v in used]
        status = slot.explore(BOXES_MAX)
        parts = [_part(slot, len(rows))]
        complete = True
        for _ in range(_STOPS_MAX):
            if status == k.CORNER:
                full = _full(case, slot, used)
                if full is not None:
                    return full
                slot.search.info[k.SKIPS] |= k.SKIP_CORNER
            elif status == k.DEEP:
                # Nothing is proved any more, but there may be a point elsewhere.
                slot.search.info[k.TOP] -= 1
                complete = False
            else:
                break
            status = self._native.explore(slot.search, BOXES_MAX)
            parts.append(_part(slot, len(rows)))
        if status != k.FINISHED or not complete:
            return None
        factors = slot.search.scratch[7 * len(rows) : 8 * len(rows)].copy()
        kept = tuple([row[0] for row in rows])
        return Empty(case, used, lower, upper, kept, degrees, factors, parts)

    def _slot(
        self,
        native: kernel_native.Native,
        rows: int,
        used: tuple[int, ...],
        degrees: tuple[int, ...],
        variables: int,
    ) -> _Slot:
        mark = (rows, used, degrees, variables)
        known = self._slots.get(mark)
        if known is None:
            if sum(len(slot.search.coef) for slot in self._slots.values()) > _KEPT_FLOATS_MAX:
                self._slots.clear()
            shape = (rows, *(d + 1 for d in degrees))
            root = Root(np.zeros(shape), np.zeros(rows), (0,) * rows)
            search = prepare(root, nodes=BOXES_MAX)
            box = np.zeros(2 * len(degrees))
            explore = native.explorer_of_powers(search, box)
            places = _places(used, degrees, variables)
            known = _Slot(search, search.coef[: prod(shape)], box, explore, places)
            self._slots[mark] = known
        return known


def _part(slot: _Slot, rows: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return a copy of the nodes and multipliers that the kernel wrote last."""
    nodes = int(slot.search.info[k.NODES])
    weights = slot.search.weights[: nodes * rows].reshape(nodes, rows)
    return slot.search.code[:nodes].copy(), weights.copy()


def _places(
    used: tuple[int, ...], degrees: tuple[int, ...], variables: int
) -> dict[tuple[int, ...], int]:
    """Return exponents of all variables -> place in a row; fmpz hash and compare like integers."""
    found = {}
    for place, exponents in enumerate(np.ndindex(*(d + 1 for d in degrees))):
        every = [0] * variables
        for variable, exponent in zip(used, exponents, strict=True):
            every[variable] = exponent
        found[tuple(every)] = place
    return found


def _rows(case: Case, lower: Box, upper: Box) -> list[Row]:
    """Return the constraints that say more than the box, and tighten the box by the others."""
    found: list[Row] = []
    balls: list[tuple[int, float, float, int]] = []
    for index, atom in enumerate(case.constraints):
        polynomial = atom.polynomial
        monomials, exact = polynomial.monoms(), polynomial.coeffs()
        if len(exact) <= 2 and atom.sense != "==" and _is_face(monomials):
            _tighten_face(monomials[0], exact, index, lower, upper)
            continue
        values = [float(value) for value in exact]
        if len(exact) <= 2 * len(lower) + 1 and atom.sense != "==":
            balls.extend(_tighten_ball(monomials, values, index, lower, upper))
        found.append((index, monomials, values))
    for variable, low, high, index in balls:
        if lower[variable][1] == index and upper[variable][0] < low:
            # Two constraints contradict each other by their bounds: search the ball of one. A
            # face is not among the rows: then there is nothing to search with.
            if all(row[0] != upper[variable][1] for row in found):
                return []
            upper[variable] = (high, index)
    return found


def _is_face(monomials: list[Any]) -> bool:
    """Say whether these are x, or x and 1: the terms come with the highest degree first."""
    if not monomials or sum(monomials[0]) != 1:
        return False
    return len(monomials) == 1 or not any(monomials[1])


def _tighten_face(monomial: Any, exact: list[Any], index: int, lower: Box, upper: Box) -> None:
    """Use `a x + b >= 0`: x is at least -b/a (a > 0) or at most."""
    slope = exact[0]
    edge = -exact[1] / slope if len(exact) > 1 else fmpq(0)
    variable, value = monomial.index(1), float(edge)
    is_exact = abs(value) < 1e100 and fmpq(*value.as_integer_ratio()) == edge
    if slope > 0:
        value = value if is_exact else nextafter(value, -inf)
        if value > lower[variable][0]:
            lower[variable] = (value, index)
    else:
        value = value if is_exact else nextafter(value, inf)
        if value < upper[variable][0]:
            upper[variable] = (value, index)


def _tighten_ball(
    monomials: list[Any], values: list[float], index: int, lower: Box, upper: Box
) -> list[tuple[int, float, float, int]]:
    """Use `c - sum a_i (x_i - m_i)^2 >= 0`, with all roundings outwards.

    Returns (variable, low, high, index) for each variable of a ball.
    """
    constant, square, linear = 0.0, {}, {}
    for exponents, value in zip(monomials, values, strict=True):
        degree, highest = sum(exponents), max(exponents)
        if degree == 0:
            constant = value
        elif degree == highest == 2 and value < 0.0:
            square[exponents.index(2)] = -value
        elif degree == 1:
            linear[exponents.index(1)] = value
        else:
            return []
    if not square or not linear.keys() <= square.keys():
        return []
    shift = sum(value * value / (4.0 * square[v]) for v, value in linear.items())
    # Some ten roundings of relative size 2^-53 are well below these allowances.
    radius = constant + shift + 1e-14 * (abs(constant) + shift)
    if not 0.0 <= radius < 1e100:
        return []
    found = []
    for variable, a in square.items():
        middle = linear.get(variable, 0.0) / (2.0 * a)
        half = sqrt(radius / a)
        half += 4e-15 * (half + abs(middle)) + 1e-290
        low, high = middle - half, middle + half
        found.append((variable, low, high, index))
        if low > lower[variable][0]:
            lower[variable] = (low, index)
        if high < upper[variable][0]:
            upper[variable] = (high, index)
    return found


def _shape(case: Case, rows: list[Row]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the variables that occur in the rows, and the largest exponent of each."""
    columns = zip(*[case.constraints[row[0]].polynomial.degrees() for row in rows], strict=True)
    every = [int(max(column)) for column in columns]
    used = tuple([v for v, degree in enumerate(every) if degree > 0])
    return used, tuple([every[v] for v in used])


def _fill(slot: _Slot, case: Case, rows: list[Row]) -> None:
    """Write the power coefficients into slot 0 of the search."""
    slot.coef[:] = 0.0
    size, known = len(slot.places), slot.places
    places: list[int] = []
    numbers: list[float] = []
    for j, (index, monomials, values) in enumerate(rows):
        slot.search.senses[j] = SENSES[case.constraints[index].sense]
        start = j * size
        places += [start + known[exponents] for exponents in monomials]
        numbers += values
    slot.coef[places] = numbers


def _full(case: Case, slot: _Slot, used: tuple[int, ...]) -> Full | None:
    """Return the corner that the kernel found, or a point beside it, if it holds exactly."""
    info, axes = slot.search.info, len(used)
    top, which = int(info[k.TOP]) - 1, int(slot.search.corners[info[k.WHICH]])
    levels = slot.search.level[top * axes : (top + 1) * axes].tolist()
    places = slot.search.place[top * axes : (top + 1) * axes].tolist()
    for part in _INWARDS:
        values = [0.0] * len(case.variables)
        for axis, variable in enumerate(used):
            low, high = float(slot.box[axis]), float(slot.box[axes + axis])
            upper = which // int(slot.search.strides[axis]) % (int(slot.search.degrees[axis]) + 1)
            side = 0.5 * part if not upper else 1.0 - 0.5 * part
            share = (places[axis] + side) / 2.0 ** levels[axis]
            values[variable] = low + (high - low) * share
        if _holds(case, values):
            return Full(case, tuple(values))
    return None


def _holds(case: Case, values: list[float]) -> bool:
    point = [fmpq(*value.as_integer_ratio()) for value in values]
    for atom in case.constraints:
        value = atom.polynomial(*point)
        if value < 0 or (value == 0 if atom.sense == ">" else atom.sense == "==" and value != 0):
            return False
    return True
