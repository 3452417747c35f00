"""Clocks: time is an argument, and this is what is passed."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where a shell reads the time."""

    def now(self) -> datetime:
        """Return the time of day, aware, in UTC. It may jump."""
        ...

    def monotonic(self) -> float:
        """Return seconds since some fixed instant. It never goes back."""
        ...


class SystemClock:
    """The clock of this machine."""

    __slots__ = ()

    def now(self) -> datetime:
        """Return the time of day, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since some fixed instant."""
        return time.monotonic()
