"""How long readings are kept: every second for a minute, then fewer and fewer for an hour."""

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Step:
    """Keep one reading each `every_s` for `span_s`."""

    every_s: float
    span_s: float


STEPS = (Step(0.5, 65.0), Step(10.0, 610.0), Step(60.0, 3660.0))
"""At most 130 + 61 + 61 readings; each step covers a little more than the next one's grain."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[Value]):
    """A cumulative value at a monotonic time, s."""

    at_s: float
    value: Value


class History(Generic[Value]):
    """Readings of one cumulative value, the older the sparser; bounded by `STEPS`."""

    def __init__(self) -> None:
        self._kept: tuple[deque[Reading[Value]], ...] = tuple(deque() for _ in STEPS)

    def __len__(self) -> int:
        return sum(map(len, self._kept))

    def add(self, at_s: float, value: Value) -> None:
        """Note a reading; times do not go back. One that comes too soon is left out."""
        reading = Reading(at_s, value)
        for step, kept in zip(STEPS, self._kept, strict=True):
            if not kept or at_s - kept[-1].at_s >= step.every_s:
                kept.append(reading)
            while kept and at_s - kept[0].at_s > step.span_s:
                kept.popleft()

    def newest(self) -> Reading[Value] | None:
        """Return the last reading; None before the first."""
        return self._kept[0][-1] if self._kept[0] else None

    def at(self, at_s: float) -> Reading[Value] | None:
        """Return the newest reading that is not after `at_s`, else the oldest there is."""
        readings = [reading for kept in self._kept for reading in kept]
        before = [reading for reading in readings if reading.at_s <= at_s]
        if before:
            return max(before, key=lambda reading: reading.at_s)
        return min(readings, key=lambda reading: reading.at_s, default=None)
