"""A case in better units: x = centre + scale * u, every constraint with coefficients up to about 1.

Bounded variables get a range of about one, around zero where their box is far from it; for the
others the scale evens out the coefficients. All numbers are exact, scales are powers of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, log2

import numpy as np

from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Exponents, Polynomial, rational, terms

from .enclosing_box import ImpliedBox, implied_box
from .sos_program import Terms

_SHIFT_MAX = 24
_FAR = Fraction(3, 2)


@dataclass(frozen=True, slots=True)
class Scaled:
    """`polynomials[i] = constraint i (centre + scale * u) / sizes[i]` in the variables `used`."""

    case: Case
    box: ImpliedBox
    used: list[int]
    centre: list[Fraction]
    scale: list[Fraction]
    polynomials: list[Terms]
    sizes: list[Fraction]

    def weight(self, exponents: Exponents) -> Fraction:
        """Return scale ** exponents."""
        return power(self.scale, exponents)

    @property
    def is_moved(self) -> bool:
        """Whether a centre is not zero."""
        return any(self.centre)

    def original(self, table: Terms) -> Terms:
        """Return a polynomial in u as one in x."""
        if not self.is_moved:
            return {e: q / self.weight(e) for e, q in table.items()}
        context = self.case.ring.plain_context
        images = [
            (x - rational(c)) * rational(1 / s)
            for x, c, s in zip(context.gens(), self.centre, self.scale, strict=True)
        ]
        polynomial = context.from_dict({e: rational(q) for e, q in table.items()})
        return terms(polynomial.compose(*images))


def scaled_case(case: Case) -> Scaled:
    """Return a plain case in better units."""
    box = implied_box(case)
    count = len(case.variables)
    centre = [Fraction(0)] * count
    polynomials_of = [atom.polynomial for atom in case.constraints]
    used = [k for k in range(count) if any(p.degrees()[k] > 0 for p in polynomials_of)]
    scale = [Fraction(1)] * count
    open_variables = []
    for k in used:
        low, high = box.range_of(k)
        if low is None or high is None:
            open_variables.append(k)
            centre[k] = _middle_of_powers(case, k)
            continue
        centre[k] = _centre(low, high)
        largest = max(abs(low - centre[k]), abs(high - centre[k]))
        if largest > 0:
            scale[k] = Fraction(2) ** _log2(largest)
    tables = [terms(_moved(p, centre)) for p in polynomials_of]
    for k, shift in zip(open_variables, _even_out(tables, scale, open_variables), strict=True):
        scale[k] = Fraction(2) ** shift
    polynomials, sizes = [], []
    for table in tables:
        stretched = {e: q * power(scale, e) for e, q in table.items()}
        # A power of two: dividing by the coefficient itself would lengthen every number.
        size = Fraction(2) ** _log2(max((abs(q) for q in stretched.values()), default=Fraction(1)))
        polynomials.append({e: q / size for e, q in stretched.items()})
        sizes.append(size)
    return Scaled(case, box, used, centre, scale, polynomials, sizes)


def _centre(low: Fraction, high: Fraction) -> Fraction:
    """Return a short number near the middle of a range that is far from zero, else zero."""
    middle, half = (low + high) / 2, (high - low) / 2
    if half <= 0 or abs(middle) <= _FAR * half:
        return Fraction(0)
    grain = Fraction(2) ** (_log2(half) - 3)
    return round(middle / grain) * grain


def _middle_of_powers(case: Case, variable: int) -> Fraction:
    """Return an integer near m where an inequality has -(x - m)^d in this variable, else 0."""
    for atom in case.constraints:
        degree = int(atom.polynomial.degrees()[variable]) if len(atom.polynomial) else 0
        if atom.sense == "==" or degree < 4 or degree % 2:
            continue
        table = terms(atom.polynomial)
        first, second, third = (
            table.get(tuple(d if k == variable else 0 for k in range(len(case.variables))), 0)
            for d in (degree, degree - 1, degree - 2)
        )
        if first < 0:
            middle = Fraction(-second) / (degree * first)
            # The next coefficient tells a power from a polynomial that only begins like one.
            expected = comb(degree, 2) * middle**2 * first
            if 10 * abs(third - expected) <= abs(expected):
                return Fraction(round(middle))
    return Fraction(0)


def _moved(polynomial: Polynomial, centre: Sequence[Fraction]) -> Polynomial:
    if not any(centre) or not len(polynomial):
        return polynomial
    generators = polynomial.context().gens()
    return polynomial.compose(*[x + rational(c) for x, c in zip(generators, centre, strict=True)])


def _log2(value: Fraction) -> int:
    return value.numerator.bit_length() - value.denominator.bit_length()


def power(scale: Sequence[Fraction], exponents: Exponents) -> Fraction:
    """Return scale ** exponents."""
    result = Fraction(1)
    for s, k in zip(scale, exponents, strict=True):
        if k and s != 1:
            result *= s**k
    return result


def _even_out(tables: Sequence[Terms], scale: list[Fraction], free: list[int]) -> list[int]:
    """Return binary shifts of the free variables that bring the coefficients closest together."""
    rows, right = [], []
    for number, table in enumerate(tables):
        if len(table) < 2:
            continue
        for e, q in table.items():
            line = np.zeros(len(free) + len(tables))
            line[: len(free)] = [e[k] for k in free]
            line[len(free) + number] = 1.0
            rows.append(line)
            right.append(-log2(abs(q.numerator)) + log2(q.denominator) - log2(power(scale, e)))
    if not free or not rows:
        return [0] * len(free)
    calm = 0.1 * np.eye(len(free) + len(tables))[: len(free)]
    system = np.vstack([np.array(rows), calm])
    solved = np.linalg.lstsq(system, np.append(right, np.zeros(len(free))), rcond=None)[0]
    return [int(np.clip(round(float(v)), -_SHIFT_MAX, _SHIFT_MAX)) for v in solved[: len(free)]]
