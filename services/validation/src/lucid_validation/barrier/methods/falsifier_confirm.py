"""Exact confirmation of points, and the exact bounds that proposed points are moved into.

Polynomial and rational constraints are evaluated in rationals, those with elementary functions in
ball arithmetic with room to spare; an equation with such a function never passes. [Johansson2017]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, ctx

from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import INVERSE, Polynomial, Ring, rational, terms

from .evidence import Witness, point, values_json
from .numeric import Floats

_BITS = 192
_RATIONAL = frozenset({INVERSE, "abs"})
# Whoever checks encloses functions to 1e-12 relatively: less room than this would not convince.
_ROOM = Fraction(1, 10**10)
# How far a strict bound is kept off, relative to the width between the bounds.
_LEAST = Fraction(1, 2**30)


@dataclass(frozen=True, slots=True)
class Place:
    """The bounds of one variable: lower, upper (None: unbounded), and whether each is strict."""

    lower: Fraction | None
    upper: Fraction | None
    open_below: bool = False
    open_above: bool = False

    def is_empty(self) -> bool:
        """Say whether no number is between the bounds."""
        if self.lower is None or self.upper is None:
            return False
        return self.lower > self.upper or (
            self.lower == self.upper and (self.open_below or self.open_above)
        )

    def inner(self, step: Fraction = _LEAST) -> tuple[Fraction | None, Fraction | None]:
        """Return closed bounds inside the strict ones, by a step if there is room for it."""
        low, high = self.lower, self.upper
        size = Fraction(1) if low is None or high is None else high - low
        nudge = min(step, size / 4) if step > _LEAST else size * _LEAST
        return (
            low + nudge if low is not None and self.open_below else low,
            high - nudge if high is not None and self.open_above else high,
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of all variables."""

    places: tuple[Place, ...]

    def as_floats(self) -> tuple[Floats, Floats]:
        """Return closed lower and upper bounds, infinite where there is none."""
        inner = [place.inner() for place in self.places]
        return (
            np.array([-np.inf if low is None else float(low) for low, _ in inner]),
            np.array([np.inf if high is None else float(high) for _, high in inner]),
        )

    def sizes(self) -> Floats:
        """Return a power of two near the size of each bounded variable, one for the others."""
        lower, upper = self.as_floats()
        largest = np.maximum(np.abs(lower), np.abs(upper))
        usable = np.isfinite(largest) & (largest > 0)
        exponent = np.round(np.log2(np.where(usable, largest, 1.0)))
        return np.asarray(2.0 ** np.clip(exponent, -100, 100))

    def clip(self, values: Sequence[Fraction], step: Fraction = _LEAST) -> list[Fraction]:
        """Return the point moved into the bounds exactly, off strict ones by `step`."""
        found = []
        for value, place in zip(values, self.places, strict=True):
            low, high = place.inner(step)
            moved = value if low is None or value > low else low
            found.append(moved if high is None or moved < high else high)
        return found


def confirmed(case: Case, values: Sequence[Fraction]) -> Witness | None:
    """Return the point as evidence if it satisfies the case beyond doubt, else None."""
    if case.plain:
        return point(case, values)
    before = ctx.prec
    ctx.prec = _BITS
    try:
        if not all(_holds(case.ring, a.polynomial, a.sense, values) for a in case.constraints):
            return None
    finally:
        ctx.prec = before
    return Witness({"type": "point", "values": values_json(case, values)})


def _holds(ring: Ring, polynomial: Polynomial, sense: str, values: Sequence[Fraction]) -> bool:
    if ring.functions_of(polynomial) <= _RATIONAL:
        exact = _exact(ring, polynomial, values)
        if exact is None:
            return False
        return exact == 0 if sense == "==" else exact > 0 or (exact == 0 and sense == ">=")
    if sense == "==":
        return False
    total, size = arb(0), arb(0)
    for exponents, coefficient in terms(polynomial).items():
        product = arb(rational(coefficient))
        for generator, power in enumerate(exponents):
            if power:
                product *= _generator(ring, generator, values) ** power
        total += product
        size += abs(product)
    return bool(total > size * arb(rational(_ROOM)))


def _exact(ring: Ring, polynomial: Polynomial, values: Sequence[Fraction]) -> Fraction | None:
    """Return the exact value where `1/a` and `abs` are the only functions; None at a pole."""
    count, total = len(ring.variables), Fraction(0)
    for exponents, coefficient in terms(polynomial).items():
        product = coefficient
        for generator, power in enumerate(exponents):
            if not power:
                continue
            if generator < count:
                factor = values[generator]
            else:
                function, argument = ring.opaque_terms[generator - count]
                inner = _exact(ring, argument, values)
                if inner is None or (function == INVERSE and inner == 0):
                    return None
                factor = abs(inner) if function == "abs" else 1 / inner
            product *= factor**power
        total += product
    return total


def _generator(ring: Ring, generator: int, values: Sequence[Fraction]) -> Any:
    count = len(ring.variables)
    if generator < count:
        return arb(rational(values[generator]))
    function, argument = ring.opaque_terms[generator - count]
    inner = _ball(ring, argument, values)
    if function == INVERSE:
        return 1 / inner
    return abs(inner) if function == "abs" else getattr(inner, function)()


def _ball(ring: Ring, polynomial: Polynomial, values: Sequence[Fraction]) -> Any:
    total = arb(0)
    for exponents, coefficient in terms(polynomial).items():
        product = arb(rational(coefficient))
        for generator, power in enumerate(exponents):
            if power:
                product *= _generator(ring, generator, values) ** power
        total += product
    return total


def value_at(
    ring: Ring, polynomial: Polynomial, values: Sequence[Fraction]
) -> tuple[Fraction, Fraction]:
    """Return the value at a point and the sum of the sizes of its terms there.

    Exact for polynomials and for `1/a`; with other functions the middle of a ball of 192 bits.
    Raises `ZeroDivisionError` at a pole.
    """
    count, total, size = len(ring.variables), Fraction(0), Fraction(0)
    for exponents, coefficient in terms(polynomial).items():
        product = coefficient
        for generator, power in enumerate(exponents):
            if power and generator < count:
                product *= values[generator] ** power
            elif power:
                function, argument = ring.opaque_terms[generator - count]
                inner, _ = value_at(ring, argument, values)
                product *= _applied(function, inner) ** power
        total += product
        size += abs(product)
    return total, size


def _applied(function: str, value: Fraction) -> Fraction:
    if function == INVERSE:
        return 1 / value
    if function == "abs":
        return abs(value)
    before = ctx.prec
    ctx.prec = _BITS
    try:
        middle = getattr(arb(rational(value)), function)().mid()
        if not middle.is_finite():
            raise ZeroDivisionError(function)
        digits, exponent = middle.man_exp()
        return Fraction(int(digits)) * Fraction(2) ** int(exponent)
    finally:
        ctx.prec = before
