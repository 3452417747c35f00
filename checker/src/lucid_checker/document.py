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


class Json:
    """A value inside a document, which knows its path for the reason of a refusal."""

    __slots__ = ("above", "key", "value")

    def __init__(self, value: Any, key: str | int = "", above: "Json | None" = None) -> None:
        """Hold the value found under `key` of `above`."""
        self.value, self.key, self.above = value, key, above

    def __str__(self) -> str:
        """Return the path, such as `safety.domain[1]`."""
        before = str(self.above) if self.above else ""
        if isinstance(self.key, int):
            return f"{before}[{self.key}]"
        return f"{before}.{self.key[:80]}".strip(".")

    def refuse(self, why: str) -> Refused:
        """Return the refusal to raise, with the path in front."""
        return Refused(f"{self}: {why}")

    def tag(self, name: str) -> Any:
        """Return the raw field that says which shape this object has, None if there is none."""
        return self.value.get(name) if isinstance(self.value, dict) else None

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, "Json"]:
        """Return the object's fields: all that are required and nothing unknown."""
        if not isinstance(self.value, dict):
            raise self.refuse("not an object")
        needed = set(required)
        missing = sorted(needed - self.value.keys())
        unknown = sorted(self.value.keys() - needed - set(optional))
        if missing or unknown:
            what = "is missing" if missing else "is unknown"
            raise self.refuse(f"field {(missing or unknown)[0][:80]!r} {what}")
        return {name: Json(value, name, self) for name, value in self.value.items()}

    def items(self, most: int, *, exactly: int | None = None) -> list["Json"]:
        """Return the list's items, at most so many, or exactly so many."""
        if not isinstance(self.value, list):
            raise self.refuse("not a list")
        if len(self.value) > most:
            raise self.refuse(f"{len(self.value)} items, at most {most} are allowed")
        if exactly not in (None, len(self.value)):
            raise self.refuse(f"{len(self.value)} items, not exactly {exactly}")
        return [Json(value, i, self) for i, value in enumerate(self.value)]

    def integer(self, low: int, high: int) -> int:
        """Return the integer in [low, high]; true and 1.0 are not integers."""
        if type(self.value) is not int or not low <= self.value <= high:
            raise self.refuse(f"not an integer from {low} to {high}")
        return self.value

    def rational(self) -> Fraction:
        """Return the rational written as the string "p" or "p/q"; floats are refused."""
        if not isinstance(self.value, str) or not _RATIONAL.fullmatch(self.value):
            raise self.refuse('not a rational "p" or "p/q"')
        if len(self.value) > DIGITS_MAX:
            raise self.refuse(f"more than {DIGITS_MAX} digits")
        numerator, _, denominator = self.value.partition("/")
        if denominator and not denominator.strip("0"):
            raise self.refuse("denominator zero")
        return Fraction(int(numerator), int(denominator or 1))

    def text(self) -> str:
        """Return the string."""
        if not isinstance(self.value, str):
            raise self.refuse("not a text")
        return self.value


def read_object(text: str, what: str) -> Json:
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
    return Json(value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Unreadable("a key occurs twice in one object")
    return result


def _no_constant(name: str) -> Any:
    raise Unreadable(f"{name} is not a number")
