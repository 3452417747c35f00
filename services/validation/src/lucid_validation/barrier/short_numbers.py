"""Short numbers: for people to read and for certificates that stay simple."""

from __future__ import annotations

from fractions import Fraction


def sign_of(value: Fraction) -> int:
    """Return -1 or 1, the latter for zero."""
    return -1 if value < 0 else 1


def signed(shift: Fraction) -> str:
    """Return `+ q` or `- q`."""
    return f"{'-' if shift < 0 else '+'} {abs(shift)}"


def short(value: Fraction) -> str:
    """Return a number for people: exact where that is short, else with six digits."""
    text = str(value)
    return text if len(text) <= 12 else f"{float(value):.6g}"


def just_above(value: Fraction, slack: Fraction) -> Fraction:
    """Return a short rational in (value, value + slack * |value|], with a slack of at most 1."""
    room = max(abs(value), Fraction(1, 10**12)) * min(slack, Fraction(1))
    return short_between(value, value + room) or value + room


def short_between(low: Fraction, high: Fraction) -> Fraction | None:
    """Return the fraction of least denominator strictly between two non-negative numbers."""
    if not 0 <= low < high:
        return None
    # The Stern-Brocot tree, in strides: continue both numbers as fractions until they part.
    whole = low.numerator // low.denominator
    if whole + 1 < high:
        return Fraction(whole + 1)
    rest = high - whole
    if low == whole:
        return whole + Fraction(1, rest.denominator // rest.numerator + 1)
    inner = short_between(1 / rest, 1 / (low - whole))
    return None if inner is None else whole + 1 / inner
