"""Strict reading of JSON: no duplicate keys, no NaN, no unknown fields, no surprises of type."""

import json
import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from lucid_checker.limits import DIGITS_MAX, TEXT_CHARS_MAX, Refused

_RATIONAL = re.compile(r"-?[0-9]+(?:/[0-9]+)?")


class Unreadable(Refused):
    """The text is not the JSON object it should be."""


def read_object(text: str, what: str) -> dict[str, Any]:
    """Return the JSON object in `text`.

    Raises:
        Unreadable: not JSON, too long, a key twice in one object, NaN or Infinity, not an object.
    """
    if not isinstance(text, str) or len(text) > TEXT_CHARS_MAX:
        raise Unreadable(f"{what}: not a text of at most {TEXT_CHARS_MAX} characters")
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except Unreadable as error:
        raise Unreadable(f"{what}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{what}: not JSON ({type(error).__name__})") from None
    if not isinstance(value, dict):
        raise Unreadable(f"{what}: not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Unreadable("a key occurs twice in one object")
    return result


def _no_constant(name: str) -> Any:
    raise Unreadable(f"{name} is not a number")


def fields(
    value: Any, path: str, required: Iterable[str], optional: Iterable[str] = ()
) -> dict[str, Any]:
    """Return `value` as an object with exactly these fields; anything else is refused."""
    if not isinstance(value, dict):
        raise Refused(f"{path}: not an object")
    needed = set(required)
    missing = sorted(needed - value.keys())
    unknown = sorted(value.keys() - needed - set(optional))
    if missing:
        raise Refused(f"{path}: field {missing[0]!r} is missing")
    if unknown:
        raise Refused(f"{path}: field {unknown[0][:80]!r} is unknown")
    return value


def items(value: Any, path: str, most: int) -> list[Any]:
    """Return `value` as a list of at most `most` items."""
    if not isinstance(value, list):
        raise Refused(f"{path}: not a list")
    if len(value) > most:
        raise Refused(f"{path}: {len(value)} items, at most {most} are allowed")
    return value


def integer(value: Any, path: str, low: int, high: int) -> int:
    """Return `value` as an integer in [low, high]; true and 1.0 are not integers."""
    if type(value) is not int or not low <= value <= high:
        raise Refused(f"{path}: not an integer from {low} to {high}")
    return value


def rational(value: Any, path: str) -> Fraction:
    """Return the rational written as the string "p" or "p/q"; floats are refused."""
    if not isinstance(value, str) or not _RATIONAL.fullmatch(value):
        raise Refused(f'{path}: not a rational "p" or "p/q"')
    if len(value) > DIGITS_MAX:
        raise Refused(f"{path}: more than {DIGITS_MAX} digits")
    numerator, _, denominator = value.partition("/")
    if denominator and not denominator.strip("0"):
        raise Refused(f"{path}: denominator zero")
    return Fraction(int(numerator), int(denominator or 1))


def text(value: Any, path: str) -> str:
    """Return `value` as a string."""
    if not isinstance(value, str):
        raise Refused(f"{path}: not a string")
    return value
