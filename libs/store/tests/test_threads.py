import asyncio
import threading
from collections.abc import AsyncIterator
from contextvars import ContextVar

import pytest
from lucid_store.faults import StoreBusy
from lucid_store.threads import StoreThreads, run

colour: ContextVar[str] = ContextVar("colour")


@pytest.fixture
async def threads() -> AsyncIterator[StoreThreads]:
    threads = StoreThreads(threads_max=1, waiting_max=1)
    yield threads
    threads.close()


async def test_work_runs_beside_the_loop_with_the_callers_context():
    colour.set("green")
    assert await run(lambda: (colour.get(), threading.current_thread().name[:5])) == (
        "green",
        "store",
    )


async def test_an_exception_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        await run(lambda: 1 // 0)


async def test_work_beyond_the_queue_is_refused_and_not_begun(threads: StoreThreads):
    gate = threading.Event()
    running = [asyncio.create_task(threads.run(gate.wait, 10)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(StoreBusy):
        await threads.run(lambda: None)
    gate.set()
    assert await asyncio.gather(*running) == [True, True]
    assert await threads.run(lambda: 7) == 7


async def test_a_cancelled_caller_leaves_at_once_and_its_work_keeps_its_place(
    threads: StoreThreads,
):
    begun, gate, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        gate.wait(10)
        ended.set()

    task = asyncio.create_task(threads.run(work))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not ended.is_set()
    waiting = asyncio.create_task(threads.run(ended.is_set))
    await asyncio.sleep(0)
    with pytest.raises(StoreBusy):
        await threads.run(lambda: None)
    gate.set()
    assert await waiting


async def test_cancelled_work_that_has_not_begun_is_dropped(threads: StoreThreads):
    gate, made = threading.Event(), threading.Event()
    first = asyncio.create_task(threads.run(gate.wait, 10))
    second = asyncio.create_task(threads.run(made.set))
    await asyncio.sleep(0)
    second.cancel()
    gate.set()
    await first
    await threads.run(lambda: None)
    assert not made.is_set()
