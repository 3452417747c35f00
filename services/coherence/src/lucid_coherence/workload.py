"""What requests weigh: how many bytes are worked on at once, and what is too light for a thread.

Admission counts calls, and a call may hold 4 MB: 256 of the largest would take over a gigabyte,
each being there twice, as it came and decoded. Small calls never notice this limit.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import state_pb2
from lucid_rpc.rejections import Overloaded

BYTES_MAX: Final = 64 * 1024 * 1024
"""Sixteen of the largest requests: more than the threads that work on them."""
RETRY_AFTER_S: Final = 0.5

LIGHT_BYTES_MAX: Final = 4000
"""62 states of a qubit, 15 of two: every measure but the searched ones takes below 4 ms of CPU, and
batches are too small for the compiled loops, whose linking takes 70 ms once."""
LIGHT_LEVELS_MAX: Final = 4
LIGHT_TIMES_MAX: Final = 128
"""Unequally spaced times are the dearest: with this many, and that many levels, below 4 ms."""
_SEARCHED: Final = frozenset(
    {state_pb2.MEASURE_ROBUSTNESS_OF_COHERENCE, state_pb2.MEASURE_GEOMETRIC_COHERENCE}
)
"""Measures without a closed form: a state may take many milliseconds."""


def is_light(request: Any, size: int) -> bool:
    """Whether a request of `size` bytes is answered on the event loop, within 5 ms of CPU.

    Handing over to a thread and back costs 0.2 ms, as much as the work itself, and a thread holds
    the interpreter for 5 ms at a time: other calls wait no longer for light work than for a thread.
    """
    if size > LIGHT_BYTES_MAX:
        return False
    match request:
        case service.AnalyzeStatesRequest():
            return _SEARCHED.isdisjoint(request.measures)
        case service.CompareStatesRequest() | service.ProjectStatesRequest():
            return True
        case service.EvolveStatesRequest():
            levels = math.prod(request.states.dims)
            return levels <= LIGHT_LEVELS_MAX and len(request.times_s) <= LIGHT_TIMES_MAX
    return False


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
