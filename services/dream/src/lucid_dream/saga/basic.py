"""The platform's own programme: which certified level fits a person, and what it delivers.

The bundle holds one composed problem with evidence per level of intensity; a person gets the
greatest level that does not exceed their cap. The proof covers every target between 0 and the
level's, so it covers the fades and the ramp-down too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lucid_dream.saga.programme import Phase


@dataclass(frozen=True, slots=True)
class Level:
    """One level: its cap, the composed problem, the texts that the checker reads, the phases."""

    cap: Fraction
    problem: Mapping[str, Any]
    problem_text: str
    evidence_text: str
    phases: tuple[Phase, ...]


Checker = Callable[[str, str], bool]
"""Whether evidence proves the safety of a problem: the independent checker's word."""


def best_level(levels: Sequence[Level], cap: Fraction, is_safe: Checker) -> Level | None:
    """Return the greatest level within `cap` whose evidence is accepted now, or None.

    A level whose evidence is refused is passed over: a lower one that holds may still be used.
    """
    for level in sorted(levels, key=lambda each: each.cap, reverse=True):
        if level.cap <= cap and is_safe(level.problem_text, level.evidence_text):
            return level
    return None
