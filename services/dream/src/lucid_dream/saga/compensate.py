"""What is undone when a session does not complete: exactly what took place, in reverse.

A step whose reply was lost may have taken place, so undoing it is tried as well, a few times: its
callee dedupes by session, so what is left behind can harm nobody, and nobody waits for it long.
"""

from collections.abc import Sequence

from lucid_dream.saga.history import (
    ATTEMPTS_MAX,
    LOST_ATTEMPTS_MAX,
    Action,
    Direction,
    Finish,
    Record,
    Result,
    Step,
    again,
    attempts,
    in_doubt,
    is_done,
)
from lucid_dream.saga.states import SessionState


def next_undo(history: Sequence[Record], turned: Record) -> Action:
    """Return the next compensation, or the end, of a saga that turned round at `turned`."""
    for step in reversed(in_doubt(history)):
        if turned.step is Step.SETTLE and step is not Step.SETTLE:
            # The session was delivered: only the entry in doubt is reversed, a person decides.
            continue
        if is_done(history, Direction.UNDO, step):
            continue
        if _gave_up(history, step):
            if not is_done(history, Direction.DO, step):
                continue
            return Finish(SessionState.FAILED_NEEDS_OPERATOR, f"UNDO_{step.name}_FAILED")
        return again(Direction.UNDO, step, history)
    return Finish(ending(turned), turned.reason)


def next_cleaning(history: Sequence[Record]) -> Action:
    """Return what is left to do after the last forward step of a saga that went through.

    Only steps whose reply was lost, and which the session then did without, are undone.
    """
    for step in reversed(in_doubt(history)):
        lost = not is_done(history, Direction.DO, step)
        if lost and not is_done(history, Direction.UNDO, step) and not _gave_up(history, step):
            return again(Direction.UNDO, step, history)
    return Finish(SessionState.COMPLETED)


def ending(turned: Record) -> SessionState:
    """Return how a session ends that turned round here and was compensated."""
    if turned.result is Result.FAILED or turned.step is Step.SETTLE:
        return SessionState.FAILED_NEEDS_OPERATOR
    if turned.result is Result.DEFERRED:
        return SessionState.DEFERRED
    if turned.result is Result.ABORTED:
        return SessionState.ABORTED_SAFE
    if turned.result is Result.STOPPED:
        return SessionState.COMPENSATED
    return SessionState.REJECTED


def _gave_up(history: Sequence[Record], step: Step) -> bool:
    tries = [r for r in history if r.direction is Direction.UNDO and r.step is step]
    refused = any(r.result in (Result.REFUSED, Result.FAILED) for r in tries)
    sure = is_done(history, Direction.DO, step) or step is Step.SETTLE
    most = ATTEMPTS_MAX if sure else LOST_ATTEMPTS_MAX
    return refused or attempts(history, Direction.UNDO, step) >= most
