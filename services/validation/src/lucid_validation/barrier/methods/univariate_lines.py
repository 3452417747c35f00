"""Counterexamples on a surface far from everything: along a line a case is a univariate one.

On the line o + t*d every constraint is a polynomial in t. The real roots of the one equation are
found in floats for many lines at once, so that distance costs nothing: a root at t = 10^9 is as
near as one at 1. A root where the inequalities hold is confirmed exactly on a short rational
segment of the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Polynomial, rational, terms

from .evidence import Witness, evaluate, values_json
from .segment import holds_along

Floats = NDArray[np.float64]

_LINES = 400
_WORK = 400_000
_ROUNDS = 8
_CONFIRMED = 4
_VALUE_MIN = 1e-7
_DEGREE_MAX = 24
_WIDTHS = (6, 10, 16, 24, 34)


@dataclass(frozen=True, slots=True)
class _Along:
    """A polynomial around an origin: its monomials, coefficients and total degrees."""

    exponents: NDArray[np.int64]
    coefficients: Floats
    degree: int

    def restricted(self, directions: Floats) -> Floats:
        """Return the coefficients in t on each line, lowest first, as (lines, degree + 1)."""
        powers = directions[:, None, :] ** self.exponents[None, :, :]
        values = powers.prod(axis=2) * self.coefficients
        sums = np.zeros((len(directions), self.degree + 1))
        for k in range(self.degree + 1):
            sums[:, k] = values[:, self.exponents.sum(axis=1) == k].sum(axis=1)
        return sums


def attempt(case: Case, effort: int, budget: Budget, seed: int) -> Witness | None:
    """Search a plain case with exactly one equation for a witness. Effort: rounds of lines."""
    equations = [j for j, atom in enumerate(case.constraints) if atom.sense == "=="]
    if not case.plain or len(equations) != 1:
        return None
    degrees = [int(a.polynomial.total_degree()) for a in case.constraints if len(a.polynomial)]
    if not 0 < max(degrees, default=0) <= _DEGREE_MAX:
        return None
    monomials = sum(len(atom.polynomial) for atom in case.constraints)
    count = max(20, min(_LINES, _WORK // (monomials * len(case.variables))))
    for number in range(effort * _ROUNDS):
        if budget.remaining() <= 0.02:
            return None
        origin = _origin(number, len(case.variables), seed)
        lines = _directions(number, origin, seed, count)
        found = _along_lines(case, equations[0], origin, lines)
        if found is not None:
            return found
    return None


def _spread(number: int, count: int, size: int) -> Floats:
    """Return `count` points of an evenly spread sequence in [-1, 1]^size."""
    root = 2.0
    for _ in range(40):
        root = (1.0 + root) ** (1.0 / (size + 1))
    steps = root ** -np.arange(1, size + 1)
    places = np.arange(1, count + 1)[:, None] + number * count
    return 2.0 * ((0.5 + places * steps) % 1.0) - 1.0


def _origin(number: int, size: int, seed: int) -> list[Fraction]:
    """Return short rational points: the origin first, then ever farther ones."""
    if number == 0:
        return [Fraction(0)] * size
    point = _spread(seed, number, size)[-1]
    reach = Fraction(4) ** (number - 3)
    return [Fraction(round(8 * float(v)), 8) * reach for v in point]


def _directions(
    number: int, origin: Sequence[Fraction], seed: int, count: int
) -> list[list[Fraction]]:
    """Return short rational directions; every other one has coordinates of unlike sizes."""
    size = len(origin)
    points = _spread(number + seed, count, 2 * size)
    found = []
    for place, line in enumerate(points):
        shifts = [round(6 * (1 + float(v))) if place % 2 else 0 for v in line[size:]]
        vector = [
            Fraction(round(256 * float(v)), 256 * 2**shift)
            for v, shift in zip(line[:size], shifts, strict=True)
        ]
        if any(vector):
            found.append(vector)
    return found


def _along_lines(
    case: Case, equation: int, origin: list[Fraction], directions: list[list[Fraction]]
) -> Witness | None:
    lines = np.array([[float(v) for v in d] for d in directions])
    shifted = [_shifted(atom.polynomial, origin) for atom in case.constraints]
    at = _roots(shifted[equation].restricted(lines))
    if not len(at):
        return None
    which, roots = at[:, 0].astype(np.int64), at[:, 1]
    worst = np.full(len(roots), np.inf)
    for place, along in enumerate(shifted):
        if place != equation:
            worst = np.minimum(worst, _relative(along.restricted(lines)[which], roots))
    best = np.argsort(-worst)[:_CONFIRMED]
    for k in best[worst[best] > _VALUE_MIN]:
        found = _confirm(case, equation, origin, directions[which[k]], float(roots[k]))
        if found is not None:
            return found
    return None


def _shifted(polynomial: Polynomial, origin: Sequence[Fraction]) -> _Along:
    if any(origin):
        generators = polynomial.context().gens()
        moved = [x + rational(v) for x, v in zip(generators, origin, strict=True)]
        polynomial = polynomial.compose(*moved)
    table = terms(polynomial)
    exponents = np.array(list(table) or [(0,) * len(origin)], dtype=np.int64)
    coefficients = np.array([float(q) for q in table.values()] or [0.0])
    return _Along(exponents, coefficients, int(exponents.sum(axis=1).max()))


def _roots(coefficients: Floats) -> Floats:
    """Return (line, real root) of each row of coefficients (lowest first) as rows."""
    found = []
    scale = np.abs(coefficients).max(axis=1)
    for k, row in enumerate(coefficients):
        if scale[k] == 0 or not np.isfinite(scale[k]):
            continue
        values = np.roots(row[::-1])
        near = np.abs(values.imag) <= 1e-9 * (1 + np.abs(values))
        found += [(float(k), float(v)) for v in values.real[near] if np.isfinite(v)]
    return np.array(found).reshape(-1, 2)


def _relative(coefficients: Floats, at: Floats) -> Floats:
    """Return the values at the given points, relative to the sum of the sizes of the terms."""
    powers = np.arange(coefficients.shape[1])
    with np.errstate(all="ignore"):
        parts = coefficients * at[:, None] ** powers
        values: Floats = parts.sum(axis=1) / np.abs(parts).sum(axis=1)
    return np.where(np.isfinite(values), values, -1.0)


def _confirm(
    case: Case, equation: int, origin: list[Fraction], direction: list[Fraction], root: float
) -> Witness | None:
    surface = case.constraints[equation].polynomial
    for bits in _WIDTHS:
        ends = [
            [o + t * d for o, d in zip(origin, direction, strict=True)]
            for t in _around(Fraction(root), bits)
        ]
        first, last = ends
        if evaluate(surface, first) * evaluate(surface, last) >= 0:
            continue
        others = (atom for j, atom in enumerate(case.constraints) if j != equation)
        if all(holds_along(atom, first, last) for atom in others):
            return Witness(
                {
                    "type": "segment",
                    "equation": equation,
                    "from": values_json(case, first),
                    "to": values_json(case, last),
                }
            )
    return None


def _around(root: Fraction, bits: int) -> Iterator[Fraction]:
    """Yield two short rationals around the root, within 2^-bits relatively."""
    size = abs(root)
    exponent = size.numerator.bit_length() - size.denominator.bit_length() if size else 0
    grain = Fraction(2) ** (exponent - bits)
    middle = round(root / grain)
    yield (middle - 1) * grain
    yield (middle + 1) * grain
