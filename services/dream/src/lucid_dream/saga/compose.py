"""A seed's model made this user's problem: the cap put in, and the session's time budget.

A seed is written with the reserved name `cap`. Composing replaces it everywhere by the exact
decimal text in parentheses, so what validation proves is about this intensity and no other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

RESERVED = re.compile(r"(?<![A-Za-z0-9_.])cap(?![A-Za-z0-9_])")
DURATION_MIN_S = 600.0
DURATION_MAX_S = 7200.0
RAMP_S = 60.0

_FIELDS = ("dynamics", "domain", "init", "unsafe", "certificate")
_LABELS = frozenset({"type", "formula_kind"})


class CapInvalid(Exception):
    """The cap is not an exact decimal in (0, 1]."""


class DurationInvalid(Exception):
    """The duration is outside 10 to 120 minutes."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a session may last. Seconds of session time.

    `duration_s` is the programme with its fades, `hard_s` the time after which nothing more is
    delivered whatever happens.
    """

    duration_s: float
    ramp_s: float
    hard_s: float


def budget(duration_s: float, ramp_s: float = RAMP_S) -> Budget:
    """Return the session's time budget; the hard end is the duration and one ramp.

    Raises:
        DurationInvalid: The duration is not between 600 and 7200 s.
    """
    if not DURATION_MIN_S <= duration_s <= DURATION_MAX_S:
        raise DurationInvalid(
            f"duration is {duration_s:g} s, must be {DURATION_MIN_S:g} to {DURATION_MAX_S:g} s"
        )
    return Budget(duration_s, ramp_s, duration_s + ramp_s)


def decimal_text(cap: Fraction) -> str:
    """Return the exact decimal text of a cap, for example 4/5 as "0.8".

    Raises:
        CapInvalid: The cap is outside (0, 1] or has no decimal of at most 9 places.
    """
    if not 0 < cap <= 1:
        raise CapInvalid(f"cap is {cap}, must be in (0, 1]")
    scaled = cap * 10**9
    if scaled.denominator != 1:
        raise CapInvalid(f"cap {cap} is not a decimal of at most 9 places")
    whole, places = divmod(scaled.numerator, 10**9)
    text = f"{whole}.{places:09d}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def compose(problem: Mapping[str, Any], cap: Fraction) -> dict[str, Any]:
    """Return the seed's problem with `cap` replaced by its exact decimal in parentheses.

    Only expressions change; names, kinds and everything else stay as they are.

    Raises:
        CapInvalid: See `decimal_text`.
    """
    text = f"({decimal_text(cap)})"
    composed = dict(problem)
    for name in _FIELDS:
        if composed.get(name) is not None:
            composed[name] = _substitute(composed[name], text)
    return composed


def _substitute(value: Any, text: str) -> Any:
    if isinstance(value, str):
        return RESERVED.sub(text, value)
    if isinstance(value, Mapping):
        return {
            key: inner if key in _LABELS else _substitute(inner, text)
            for key, inner in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_substitute(inner, text) for inner in value]
    return value
