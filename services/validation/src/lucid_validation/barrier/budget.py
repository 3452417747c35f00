"""A budget of seconds on the caller's clock. The domain never reads a clock of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """`clock` returns seconds that never go back; work must stop at `deadline` on it."""

    clock: Callable[[], float]
    deadline: float

    def remaining(self) -> float:
        """Return the seconds left; negative when over."""
        return self.deadline - self.clock()

    def slice(self, seconds: float) -> Budget:
        """Return a budget of at most `seconds` from now, never longer than this one."""
        return Budget(self.clock, min(self.deadline, self.clock() + seconds))
