"""What one attempt at a step comes to, and what it changes about the session."""

from collections.abc import Callable
from dataclasses import dataclass

from lucid.dream.v1 import session_pb2

from lucid_dream.saga.degrade import Capability, may_degrade
from lucid_dream.saga.history import Result
from lucid_dream.sessions import Stored

Change = Callable[[Stored], None]


def _nothing(_stored: Stored) -> None:
    return


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result with its reason (UPPER_SNAKE), a detail for people, and a change of the session.

    The change is made in the transaction that records the outcome; it may run on a fresh copy.
    """

    result: Result
    reason: str = ""
    detail: str = ""
    change: Change = _nothing


def done(detail: str = "", change: Change = _nothing) -> Outcome:
    """Return the outcome of a step that took place."""
    return Outcome(Result.DONE, "", detail, change)


def refused(reason: str, detail: str = "") -> Outcome:
    """Return the outcome of a step that a rule, or a peer, forbids."""
    return Outcome(Result.REFUSED, reason, detail)


def degraded(capability: Capability, reason: str) -> Change:
    """Return the change that notes what a session does without."""
    assert may_degrade(capability)  # noqa: S101 - the list of what may be missing is closed

    def change(stored: Stored) -> None:
        noted = session_pb2.Degradation(capability=capability.value, reason=reason)
        if noted not in stored.message.degradations:
            stored.message.degradations.append(noted)

    return change
