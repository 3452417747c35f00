"""Run blocking store work beside the event loop: a bounded number at a time, cancellation safe.

A cancelled caller stops waiting at once. Work that has not begun is dropped; work that has begun
ends its transaction, because a thread cannot be stopped half-way, and keeps its place until then.
So the number of transactions never exceeds the number of threads, whatever callers do.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from lucid_store.faults import StoreBusy

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

THREADS_MAX = 4
"""SQLite has one writer, and the interpreter one lock: more threads only wait in more places."""

WAITING_MAX = 256
"""At 1 ms each the last in the queue waits a quarter of a second; beyond it, "no" is kinder."""


class StoreThreads:
    """A bounded pool of threads for blocking store work, with a bounded queue."""

    def __init__(self, threads_max: int = THREADS_MAX, waiting_max: int = WAITING_MAX) -> None:
        self._executor = ThreadPoolExecutor(threads_max, thread_name_prefix="store")
        self._pending_max = threads_max + waiting_max
        self._pending = 0
        self._lock = threading.Lock()

    async def run(
        self,
        work: Callable[Parameters, Result],
        /,
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Return `work(*args, **kwargs)`, run in a thread with the caller's context variables.

        Raises:
            StoreBusy: The queue is full; nothing was begun.
            Exception: Whatever `work` raised.
        """
        with self._lock:
            if self._pending >= self._pending_max:
                raise StoreBusy
            self._pending += 1
        context = contextvars.copy_context()
        future = self._executor.submit(context.run, partial(work, *args, **kwargs))
        future.add_done_callback(self._release)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Drop what has not begun and wait for what has."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _release(self, _future: Future[Result]) -> None:
        with self._lock:
            self._pending -= 1


_shared: list[StoreThreads] = []


async def run(
    work: Callable[Parameters, Result],
    /,
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """Run `work` in the process's shared `StoreThreads`. Raises as `StoreThreads.run` does."""
    if not _shared:
        _shared.append(StoreThreads())
    return await _shared[0].run(work, *args, **kwargs)
