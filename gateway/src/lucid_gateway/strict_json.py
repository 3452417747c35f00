"""JSON as it arrives from outside: one reading of each text, and limits before meaning.

Python's reader accepts what RFC 8259 leaves open: repeated keys, NaN, numbers that overflow
to infinity. At this edge each of them is refused, because two readers would disagree on it.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

DEPTH_MAX = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stops being JSON: both count from one."""

    line: int
    column: int


class JsonInvalid(ValueError):
    """The text is not JSON that this edge accepts; `str()` is a sentence for the sender."""

    def __init__(self, sentence: str, *, field: str = "", place: Place | None = None) -> None:
        super().__init__(sentence)
        self.field = field
        self.place = place


def read_json(text: bytes, *, depth_max: int = DEPTH_MAX) -> Any:
    """Read one JSON value.

    Raises:
        JsonInvalid: not UTF-8, not JSON, a repeated key, NaN or Infinity, a number that does
            not fit a double or has more than 4300 digits, or nesting deeper than `depth_max`.
    """
    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError:
        raise JsonInvalid("the body is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        place = Place(error.lineno, error.colno)
        sentence = f"the body is not JSON at line {place.line}, column {place.column}"
        raise JsonInvalid(sentence, place=place) from None
    except RecursionError:
        raise JsonInvalid(f"the body is nested deeper than {depth_max} levels") from None
    except JsonInvalid:
        raise
    except ValueError:
        raise JsonInvalid("the body holds an integer of more than 4300 digits") from None
    _check_depth(value, depth_max)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise JsonInvalid(f"the key {key[:64]!r} occurs twice in one object", field=key)
            seen.add(key)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise JsonInvalid(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise JsonInvalid("a number does not fit a double")
    return number


def _check_depth(value: Any, depth_max: int) -> None:
    level = [value]
    for depth in range(depth_max + 1):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
        if depth >= depth_max:
            raise JsonInvalid(f"the body is nested deeper than {depth_max} levels")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
