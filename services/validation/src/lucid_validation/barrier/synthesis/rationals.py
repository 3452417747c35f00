"""Coefficients from floats to short rationals."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lucid_validation.barrier.methods.numeric import Floats
from lucid_validation.barrier.short_numbers import short_between


def shortened(values: Floats, tolerances: Floats) -> list[Fraction]:
    """Return for each value the simplest rational strictly within its tolerance; 0 if that is."""
    return [_simplest(float(v), float(t)) for v, t in zip(values, tolerances, strict=True)]


def _simplest(value: float, tolerance: float) -> Fraction:
    if abs(value) < tolerance or tolerance <= 0:
        return Fraction(0) if abs(value) <= tolerance else Fraction(value)
    size, room = Fraction(abs(value)), Fraction(tolerance)
    found = short_between(size - room, size + room) or size
    return -found if value < 0 else found


def common_scale(values: Sequence[Fraction]) -> list[Fraction]:
    """Return positive multiples of the values whose largest is of size 1 to 10, as short."""
    largest = max((abs(v) for v in values), default=Fraction(0))
    if not largest:
        return list(values)
    factor = Fraction(1)
    while largest * factor < 1:
        factor *= 10
    while largest * factor >= 10:
        factor /= 10
    return [v * factor for v in values]
