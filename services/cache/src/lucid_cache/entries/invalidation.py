"""The order of invalidations: numbered, the newest kept, so that a watcher can resume.

A watcher that was away too long is told to drop everything; it is never left with a stale value.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

KEYS_PER_EVENT_MAX = 1024


class TooManyWatchers(Exception):
    """As many streams watch as may."""

    def __init__(self, watchers: int, maximum: int) -> None:
        super().__init__(f"{watchers} streams watch; the limit is {maximum}.")
        self.watchers = watchers
        self.maximum = maximum


@dataclass(frozen=True, slots=True)
class Invalidation:
    """Some keys that were dropped, and the tags that were named for it."""

    sequence: int
    keys: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def names(self) -> int:
        """How much room it takes in the log."""
        return len(self.keys) + len(self.tags)


@dataclass(frozen=True, slots=True)
class Resync:
    """Some invalidations are no longer known: drop everything and go on after `sequence`."""

    sequence: int


class InvalidationLog:
    """The newest invalidations, as many as have `names_max` keys and tags together.

    Numbers rise by one from `first`, which must be higher than any number that an earlier process
    gave (the shell takes it from the clock). So a watcher of an earlier process is told to resync.
    """

    def __init__(self, first: int, names_max: int) -> None:
        self._events: deque[Invalidation] = deque()
        self._names_max = names_max
        self._names = 0
        self.last = first - 1

    def append(self, keys: Collection[str], tags: Collection[str]) -> None:
        """Note an invalidation, in parts of at most `KEYS_PER_EVENT_MAX` keys."""
        ordered = sorted(keys)
        for start in range(0, max(len(ordered), 1), KEYS_PER_EVENT_MAX):
            part = tuple(ordered[start : start + KEYS_PER_EVENT_MAX])
            self.last += 1
            event = Invalidation(self.last, part, tuple(sorted(tags)))
            self._events.append(event)
            self._names += event.names
        while self._names > self._names_max:
            self._names -= self._events.popleft().names

    def after(self, sequence: int) -> tuple[Invalidation, ...] | Resync:
        """Return the invalidations with higher numbers, oldest first."""
        oldest = self._events[0].sequence if self._events else self.last + 1
        if not oldest - 1 <= sequence <= self.last:
            return Resync(self.last)
        # From the right: a watcher is rarely far behind.
        newer = []
        for event in reversed(self._events):
            if event.sequence <= sequence:
                break
            newer.append(event)
        return tuple(reversed(newer))

    def has_dropped(self, key: str, tags: frozenset[str], since: int) -> bool:
        """Return whether an entry read or begun at `since` may have been invalidated after it."""
        events = self.after(since)
        if isinstance(events, Resync):
            return True
        return any(key in event.keys or not tags.isdisjoint(event.tags) for event in events)
