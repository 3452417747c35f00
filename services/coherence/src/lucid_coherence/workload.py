"""How many bytes of requests are worked on at once.

Admission counts calls, and a call may hold 4 MB: 256 of the largest would take over a gigabyte,
each being there twice, as it came and decoded. Small calls never notice this limit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from lucid_rpc.rejections import Overloaded

BYTES_MAX: Final = 64 * 1024 * 1024
"""Sixteen of the largest requests: more than the threads that work on them."""
RETRY_AFTER_S: Final = 0.5


class Workload:
    """The bytes of requests in progress; used on one event loop, so without a lock."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self.in_progress = 0

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Hold `size` bytes for the body; raises `Overloaded` when they do not fit."""
        if self.in_progress + size > self._bytes_max:
            raise Overloaded("bytes of requests", self._bytes_max, RETRY_AFTER_S)
        self.in_progress += size
        try:
            yield
        finally:
            self.in_progress -= size
