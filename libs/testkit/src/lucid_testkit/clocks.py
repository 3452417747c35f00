"""Clocks that move only when a test says so."""

from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = datetime(2026, 1, 1, tzinfo=UTC)


class ManualClock:
    """A clock for tests: both times stand still until `advance`."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic_s = 1000.0

    def now(self) -> datetime:
        """Return the time of day, aware, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Return the monotonic time in seconds."""
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Let `seconds` (not negative) pass on both clocks."""
        if seconds < 0:
            message = "time does not go back; use set_now for a step of the wall clock"
            raise ValueError(message)
        self._now += timedelta(seconds=seconds)
        self._monotonic_s += seconds

    def set_now(self, now: datetime) -> None:
        """Step the wall clock, as an administrator may; the monotonic clock does not notice."""
        self._now = now
