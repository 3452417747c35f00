"""Exact numbers as text: what a person wrote is what is certified."""

import re
from fractions import Fraction
from math import isqrt

from lucid_coherence.open_systems.violations import NumberUnreadable

TEXT_MAX = 64
EXPONENT_MAX = 30
_PATTERN = re.compile(r"([+-]?\d+(?:\.\d+)?)(?:[eE]([+-]?\d{1,3}))?(?:/(\d+))?", re.ASCII)


def parse_exact(text: str, *, field: str) -> Fraction:
    """Read a decimal such as 0.025 or 4e-5, or a fraction such as 1/40, without rounding.

    Raises:
        NumberUnreadable: another form, more than 64 characters, an exponent beyond ±30, or a
            division by zero.
    """
    match = _PATTERN.fullmatch(text) if len(text) <= TEXT_MAX else None
    if match is None or not _within(match):
        raise NumberUnreadable(
            f"{field} is not an exact decimal or fraction of at most {TEXT_MAX} characters.",
            field=field,
            value=text[:TEXT_MAX],
        )
    mantissa, exponent, divisor = match.groups()
    return Fraction(mantissa) * Fraction(10) ** int(exponent or 0) / int(divisor or 1)


def _within(match: re.Match[str]) -> bool:
    _, exponent, divisor = match.groups()
    return abs(int(exponent or 0)) <= EXPONENT_MAX and (divisor is None or int(divisor) != 0)


def exact_text(value: Fraction) -> str:
    """Write a rational as `p` or `p/q`, the inverse of `parse_exact`."""
    return str(value)


def round_down(value: Fraction, digits: int = 6) -> Fraction:
    """Return the largest decimal with `digits` significant digits that is at most `value` > 0.

    Raises:
        ValueError: value <= 0.
    """
    if value <= 0:
        raise ValueError("only positive numbers are rounded")
    scale = Fraction(1)
    while value * scale < 10 ** (digits - 1):
        scale *= 10
    while value * scale >= 10**digits:
        scale /= 10
    return Fraction((value * scale).__floor__()) / scale


def short_above(value: Fraction, *, root: bool = False) -> Fraction:
    """Return a dyadic number of 9 or 10 bits that is at least `value` > 0, or at least its root.

    Zero stays zero; otherwise it is above by a part in 128 at most.
    """
    if value == 0:
        return value
    shift = value.denominator.bit_length() - value.numerator.bit_length()
    shift = (shift + shift % 2) // 2 + 8 if root else shift + 8
    if not root:
        scale = Fraction(2) ** shift
        return Fraction(-((-value * scale).__floor__())) / scale
    scaled = value * Fraction(4) ** shift
    return Fraction(isqrt(scaled.__floor__()) + 1) / Fraction(2) ** shift
