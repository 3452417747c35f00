"""Admission: beyond a number of calls in progress, the next one is refused at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from lucid_rpc.rejections import Overloaded

RETRY_AFTER_S: Final = 0.5


class Admission:
    """Counts the calls in progress, unary calls and streams apart."""

    def __init__(self, *, calls_max: int, streams_max: int) -> None:
        self._max = {"calls": calls_max, "streams": streams_max}
        self.in_progress = {"calls": 0, "streams": 0}

    @contextmanager
    def admit(self, *, is_stream: bool) -> Iterator[None]:
        """Hold one place for the body; raises `Overloaded` when none is free."""
        kind = "streams" if is_stream else "calls"
        if self.in_progress[kind] >= self._max[kind]:
            raise Overloaded(kind, self._max[kind], RETRY_AFTER_S)
        self.in_progress[kind] += 1
        try:
            yield
        finally:
            self.in_progress[kind] -= 1
