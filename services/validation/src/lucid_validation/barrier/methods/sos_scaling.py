"""A case in better units: u = x / scale, every constraint divided by its largest coefficient.

Bounded variables get a range of about one; for the others the scale evens out the coefficients.
All scales are powers of two, so that nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log2

import numpy as np

from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Exponents, terms

from .enclosing_box import ImpliedBox, implied_box
from .sos_program import Terms

_SHIFT_MAX = 24


@dataclass(frozen=True, slots=True)
class Scaled:
    """`polynomials[i] = constraint i (scale * u) / sizes[i]`; `used` are the variables in them."""

    case: Case
    box: ImpliedBox
    used: list[int]
    scale: list[Fraction]
    polynomials: list[Terms]
    sizes: list[Fraction]

    def weight(self, exponents: Exponents) -> Fraction:
        """Return scale ** exponents."""
        return power(self.scale, exponents)


def scaled_case(case: Case) -> Scaled:
    """Return a plain case in better units."""
    box = implied_box(case)
    tables = [terms(atom.polynomial) for atom in case.constraints]
    count = len(case.variables)
    used = [k for k in range(count) if any(e[k] for table in tables for e in table)]
    scale = [Fraction(1)] * count
    open_variables = []
    for k in used:
        low, high = box.range_of(k)
        if low is None or high is None:
            open_variables.append(k)
        elif (largest := max(abs(low), abs(high))) > 0:
            scale[k] = Fraction(2) ** _log2(largest)
    for k, shift in zip(open_variables, _even_out(tables, scale, open_variables), strict=True):
        scale[k] = Fraction(2) ** shift
    polynomials, sizes = [], []
    for table in tables:
        stretched = {e: q * power(scale, e) for e, q in table.items()}
        size = max((abs(q) for q in stretched.values()), default=Fraction(1))
        polynomials.append({e: q / size for e, q in stretched.items()})
        sizes.append(size)
    return Scaled(case, box, used, scale, polynomials, sizes)


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
