"""What a search says while it runs and at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from lucid_validation.barrier.verdict import Decision

Json = dict[str, Any]
Result = Literal["FOUND", "DEGREE_EXHAUSTED", "BUDGET_EXHAUSTED", "IMPOSSIBLE"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a search stands: `margin` is the learner's best at this degree, from 0 to 1.

    `iterations` and `counterexamples` count from the start of the search.
    """

    degree: int = 0
    iterations: int = 0
    counterexamples: int = 0
    margin: float = 0.0
    learner: str = ""

    def to_json(self) -> Json:
        """Return the progress as data."""
        return {
            "degree": self.degree,
            "iterations": self.iterations,
            "counterexamples": self.counterexamples,
            "margin": self.margin,
            "learner": self.learner,
        }


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate in its problem, and what the engine and the checker say about it."""

    problem: Json
    decision: Decision


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a search.

    FOUND: `candidate` is PROVED. Otherwise `candidate` is the best that was tried, if any, with its
    failing obligation and witness in its decision. IMPOSSIBLE: `witness` is a state that is both
    initial and unsafe, name -> rational text; no certificate exists.
    """

    result: Result
    reason: str
    progress: Progress
    candidate: Candidate | None = None
    witness: dict[str, str] | None = None
