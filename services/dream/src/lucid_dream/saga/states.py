"""The states of a session, and which may follow which.

One idea to hold: the forward chain is linear, and every other ending is a *side exit* with a
typed outcome and a reason. A terminal state is never left.
"""

from enum import StrEnum


class SessionState(StrEnum):
    """Where a session stands. Names are stored and sent; never rename one."""

    REQUESTED = "REQUESTED"
    CONSENTED = "CONSENTED"
    READY = "READY"
    RESERVED = "RESERVED"
    CERTIFIED = "CERTIFIED"
    CARRIER_READY = "CARRIER_READY"
    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    EMERGING = "EMERGING"
    COMPLETED = "COMPLETED"
    REJECTED = "REJECTED"
    DEFERRED = "DEFERRED"
    ABORTED_SAFE = "ABORTED_SAFE"
    COMPENSATING = "COMPENSATING"
    COMPENSATED = "COMPENSATED"
    FAILED_NEEDS_OPERATOR = "FAILED_NEEDS_OPERATOR"


class Mode(StrEnum):
    """FULL: a vendor's seed. BASIC: the platform's own seed, no vendor, no carrier."""

    FULL = "FULL"
    BASIC = "BASIC"


CHAIN = (
    SessionState.REQUESTED,
    SessionState.CONSENTED,
    SessionState.READY,
    SessionState.RESERVED,
    SessionState.CERTIFIED,
    SessionState.CARRIER_READY,
    SessionState.SCHEDULED,
    SessionState.RUNNING,
    SessionState.EMERGING,
    SessionState.COMPLETED,
)
"""The forward chain. BASIC sessions leave out RESERVED and CARRIER_READY."""

TERMINAL = frozenset(
    {
        SessionState.COMPLETED,
        SessionState.REJECTED,
        SessionState.DEFERRED,
        SessionState.ABORTED_SAFE,
        SessionState.COMPENSATED,
        SessionState.FAILED_NEEDS_OPERATOR,
    }
)
"""States that are never left."""

SIDE_EXITS = (TERMINAL - {SessionState.COMPLETED}) | {SessionState.COMPENSATING}
"""States outside the forward chain."""


def may_follow(before: SessionState, after: SessionState) -> bool:
    """Return whether a session may go from `before` to `after`.

    Forward jumps are allowed (a step may be left out), backward ones never; a side exit may be
    taken from every state that is not terminal, and COMPENSATING only ends in a side exit.
    """
    if before in TERMINAL:
        return False
    if after in SIDE_EXITS:
        return before is not after
    if before is SessionState.COMPENSATING:
        return False
    return CHAIN.index(after) > CHAIN.index(before)
