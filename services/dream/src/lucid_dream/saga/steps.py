"""Which step of a session comes next: a pure function of what has happened so far.

The durable engine asks `decide(history)`, performs the one action it gets, appends the record
and asks again. Nothing else decides anything, so a stored history replays as a list.
"""

from collections.abc import Iterable, Sequence

from lucid_dream.saga import compensate, degrade
from lucid_dream.saga.history import (
    ATTEMPTS_MAX,
    Action,
    Direction,
    Perform,
    Record,
    Result,
    Step,
    again,
    attempts,
)
from lucid_dream.saga.states import Mode, SessionState

FULL_STEPS = tuple(Step)

BASIC_STEPS = (Step.OPEN, Step.CONSENT, Step.READINESS, Step.CERTIFY, Step.SCHEDULE, Step.RUN)
"""BASIC has no vendor and no carrier: nothing to reserve, prepare or settle."""

STATE_AFTER = {
    Step.OPEN: SessionState.REQUESTED,
    Step.CONSENT: SessionState.CONSENTED,
    Step.READINESS: SessionState.READY,
    Step.RESERVE: SessionState.RESERVED,
    Step.CERTIFY: SessionState.CERTIFIED,
    Step.CARRIER: SessionState.CARRIER_READY,
    Step.SCHEDULE: SessionState.SCHEDULED,
    Step.RUN: SessionState.EMERGING,
}
"""The state a session is in once this step is done. Settling changes none: the end does."""


def idempotency_key(session_id: str, step: Step, direction: Direction = Direction.DO) -> str:
    """Return the key under which every callee dedupes this effect: the same on every attempt."""
    return f"{session_id}/{direction}/{step}"


def mode_of(requested: Mode, history: Iterable[Record]) -> Mode:
    """Return the mode the session is in: FULL turns BASIC once the vendor cannot be reached."""
    for record in history:
        lost = record.direction is Direction.DO and record.result is Result.UNAVAILABLE
        if lost and degrade.on_unavailable(record.step) is degrade.Consequence.FALL_BACK_TO_BASIC:
            return Mode.BASIC
    return requested


def decide(requested: Mode, history: Sequence[Record]) -> Action:
    """Return the next action of a saga with this history. Pure and total.

    Forward steps come in order; the first record that is neither DONE nor a permitted
    degradation turns the saga round, and then exactly the steps that took place (or whose
    outcome is unknown) are undone in reverse.
    """
    turned = turning_point(history)
    if turned is not None:
        return compensate.next_undo(history, turned)
    if history and _waits(history[-1]):
        return again(Direction.DO, history[-1].step, history)
    return _forward(requested, history)


def turning_point(history: Sequence[Record]) -> Record | None:
    """Return the record that ended the way forward, or None while there is a way forward."""
    for index, record in enumerate(history):
        if record.direction is Direction.UNDO or record.result is Result.DONE:
            continue
        if record.result is Result.UNAVAILABLE and _may_go_on(record, history[: index + 1]):
            continue
        return record
    return None


def _waits(record: Record) -> bool:
    lost = record.direction is Direction.DO and record.result is Result.UNAVAILABLE
    return lost and degrade.on_unavailable(record.step) is degrade.Consequence.RETRY


def _may_go_on(record: Record, so_far: Sequence[Record]) -> bool:
    consequence = degrade.on_unavailable(record.step)
    if consequence is degrade.Consequence.RETRY:
        return attempts(so_far, Direction.DO, record.step) < ATTEMPTS_MAX
    return consequence is not degrade.Consequence.REFUSE


def _forward(requested: Mode, history: Sequence[Record]) -> Action:
    attempted = {r.step for r in history if r.direction is Direction.DO}
    basic = mode_of(requested, history) is Mode.BASIC
    for step in BASIC_STEPS if basic else FULL_STEPS:
        if step not in attempted:
            return Perform(Direction.DO, step)
    return compensate.next_cleaning(history)
