"""Deadlines: a budget that shrinks as it travels.

The server starts the budget of a call; every call made while it is worked on gets
`min(own limit, what remains − margin)`. gRPC propagates nothing by itself in Python.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

MARGIN_S: Final = 0.02
"""Kept back at each hop for the way home: about twenty unary round trips on one machine."""

_ends_at: ContextVar[float | None] = ContextVar("lucid_deadline", default=None)


class BudgetSpent(Exception):
    """Nothing remains of the budget, so a call need not be sent."""


def remaining_s() -> float | None:
    """Return the seconds left of the current budget, never negative; None without a budget."""
    ends_at = _ends_at.get()
    return None if ends_at is None else max(ends_at - time.monotonic(), 0.0)


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """Give the body a budget; it only ever shrinks an outer one."""
    ends_at = time.monotonic() + seconds
    outer = _ends_at.get()
    token = _ends_at.set(ends_at if outer is None else min(outer, ends_at))
    try:
        yield
    finally:
        _ends_at.reset(token)


@contextmanager
def detached() -> Iterator[None]:
    """Run the body without a budget: start work here that outlives the call that asked for it."""
    token = _ends_at.set(None)
    try:
        yield
    finally:
        _ends_at.reset(token)


def timeout_s(limit_s: float) -> float:
    """Return the timeout of a call made now: `min(limit_s, remaining − MARGIN_S)`, positive.

    Raises:
        BudgetSpent: nothing remains.
    """
    remaining = remaining_s()
    if remaining is None:
        return limit_s
    if remaining <= MARGIN_S:
        raise BudgetSpent
    return min(limit_s, remaining - MARGIN_S)
