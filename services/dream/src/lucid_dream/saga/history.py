"""What has happened in a session, as plain records, and the questions one can ask of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lucid_dream.saga.states import SessionState


class Step(StrEnum):
    """The steps of the saga, in order. Names go into idempotency keys; never rename one."""

    OPEN = "open"
    CONSENT = "consent"
    READINESS = "readiness"
    RESERVE = "reserve"
    CERTIFY = "certify"
    CARRIER = "carrier"
    SCHEDULE = "schedule"
    RUN = "run"
    SETTLE = "settle"


class Direction(StrEnum):
    """Whether a step is done or its compensation is."""

    DO = "do"
    UNDO = "undo"


class Result(StrEnum):
    """What came of one attempt at a step.

    REFUSED is a rule's no; UNAVAILABLE means that a peer did not answer, so the effect is in
    doubt; FAILED is a fault of ours, which an operator has to look at.
    """

    DONE = "done"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    DEFERRED = "deferred"
    ABORTED = "aborted"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Record:
    """One attempt at a step and its result; the history of a saga is a sequence of these.

    `reason` is an UPPER_SNAKE word, empty where a step is simply done.
    """

    direction: Direction
    step: Step
    result: Result
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Perform:
    """Do (or undo) this step now; `attempt` counts from 0, `delay_s` is waited before it."""

    direction: Direction
    step: Step
    attempt: int = 0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Finish:
    """End the session in this state."""

    state: SessionState
    reason: str = ""


Action = Perform | Finish

COMPENSABLE = frozenset({Step.RESERVE, Step.CARRIER, Step.SCHEDULE, Step.SETTLE})
"""Steps with an effect elsewhere that is undone when the session does not complete."""

ATTEMPTS_MAX = 12
"""Attempts at settling or undoing before an operator is asked: about 5 minutes with back-off."""

LOST_ATTEMPTS_MAX = 2
"""Attempts at undoing a step of which only the reply was lost, perhaps with its peer."""

BACKOFF_FIRST_S = 0.5
BACKOFF_MAX_S = 60.0


def backoff_s(attempt: int) -> float:
    """Return the wait before attempt number `attempt` in seconds: 0, 0.5, 1, 2 ... 60."""
    if attempt == 0:
        return 0.0
    return float(min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** (attempt - 1)))


def in_doubt(history: Iterable[Record]) -> tuple[Step, ...]:
    """Return the compensable steps that took place or may have: done ones, and lost replies."""
    found: list[Step] = []
    for record in history:
        took_place = record.result in (Result.DONE, Result.UNAVAILABLE)
        if record.direction is Direction.DO and took_place and record.step in COMPENSABLE:
            found.append(record.step)
    return tuple(dict.fromkeys(found))


def is_done(history: Iterable[Record], direction: Direction, step: Step) -> bool:
    """Return whether this step (or its compensation) has succeeded."""
    return any(
        r.direction is direction and r.step is step and r.result is Result.DONE for r in history
    )


def attempts(history: Iterable[Record], direction: Direction, step: Step) -> int:
    """Return how often this step (or its compensation) was tried."""
    return sum(r.direction is direction and r.step is step for r in history)


def again(direction: Direction, step: Step, history: Sequence[Record]) -> Perform:
    """Return the next attempt at this step, with its back-off."""
    attempt = attempts(history, direction, step)
    return Perform(direction, step, attempt, backoff_s(attempt))
