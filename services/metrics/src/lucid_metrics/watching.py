"""Streams that repeat: how often, and how many at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

INTERVAL_DEFAULT_S = 1.0
INTERVAL_MIN_S = 0.1
INTERVAL_MAX_S = 60.0


class IntervalInvalid(Exception):
    """The interval is not between 100 ms and 60 s."""

    def __init__(self, interval_s: float) -> None:
        super().__init__(f"The interval is {interval_s:g} s; it must be between 100 ms and 60 s.")
        self.interval_s = interval_s


class TooManyWatchers(Exception):
    """As many streams watch as may."""

    def __init__(self, watchers: int, maximum: int) -> None:
        super().__init__(f"{watchers} streams watch; the limit is {maximum}.")
        self.watchers = watchers
        self.maximum = maximum


def require_interval(interval_s: float) -> None:
    """Refuse an interval out of its range.

    Raises:
        IntervalInvalid: It is.
    """
    if not INTERVAL_MIN_S <= interval_s <= INTERVAL_MAX_S:
        raise IntervalInvalid(interval_s)


class Watchers:
    """Counts the streams in progress."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._watchers = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place for the body.

        Raises:
            TooManyWatchers: None is free.
        """
        if self._watchers >= self._maximum:
            raise TooManyWatchers(self._watchers, self._maximum)
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1
