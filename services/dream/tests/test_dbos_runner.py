"""The port's promises on the real engine: steps are remembered, signals wait, runs are found."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from lucid_dream.dbos_runner import DbosRunner, watch_stuck
from lucid_dream.runner import Context, EngineNotReady, EngineSettings, RunNotFound, RunStatus
from lucid_testkit.databases import database_url, postgres_url, sqlite_url

__all__ = ["database_url", "postgres_url", "sqlite_url"]

ran: list[str] = []
first_ran: list[asyncio.Event] = []


async def workflow(context: Context, run_id: str, argument: Any) -> Any:
    async def first() -> Any:
        ran.append(run_id)
        first_ran[0].set()
        return {"given": argument}

    given = await context.step("first", first)
    return [given, await context.receive("go", 20.0)]


@pytest.fixture
async def runner(database_url: str) -> AsyncIterator[DbosRunner]:
    ran.clear()
    first_ran[:] = [asyncio.Event()]
    runner = DbosRunner(
        EngineSettings(url=database_url, executor_id="t", poll_s=0.05), {"session": workflow}
    )
    await runner.launch()
    yield runner
    await runner.close()


async def test_a_run_keeps_its_step_waits_for_its_signal_and_has_a_result(
    runner: DbosRunner,
) -> None:
    await runner.start("r1", "session", {"n": 1})
    await runner.start("r1", "session", {"n": 1})
    assert await runner.status("r1") is RunStatus.PENDING
    await runner.signal("r1", "go", {"who": "user"}, "k")
    await runner.signal("r1", "go", {"who": "user"}, "k")
    assert await runner.result("r1", 20.0) == [{"given": {"n": 1}}, {"who": "user"}]
    assert await runner.status("r1") is RunStatus.SUCCEEDED
    assert ran == ["r1"]
    assert await runner.pending() == frozenset()


async def test_a_waiting_run_is_pending_and_live_until_its_own_signal_comes(
    runner: DbosRunner,
) -> None:
    await runner.start("r2", "session", {"n": 2})
    await asyncio.wait_for(first_ran[0].wait(), 20)
    await runner.signal("r2", "other", {}, "k")
    assert await runner.pending() == {"r2"} == runner.live
    await runner.signal("r2", "go", {"late": True}, "k2")
    assert (await runner.result("r2", 20.0))[1] == {"late": True}
    assert ran == ["r2"]


async def test_a_cancelled_run_ends_without_a_result(runner: DbosRunner) -> None:
    await runner.start("r3", "session", {})
    await runner.cancel("r3")
    assert await runner.status("r3") is RunStatus.CANCELLED


async def test_what_was_never_started_is_not_found(runner: DbosRunner) -> None:
    with pytest.raises(RunNotFound):
        await runner.status("never")
    with pytest.raises(RunNotFound):
        await runner.result("never", 1.0)


async def test_an_engine_that_is_not_there_yet_says_so(tmp_path: Any) -> None:
    runner = DbosRunner(EngineSettings(url=f"sqlite:///{tmp_path}/x", executor_id="t"), {})
    with pytest.raises(EngineNotReady):
        await runner.wait_ready(0.01)


class ListedRunner:
    """Only what the watchdog asks: which runs are pending, and which have a task."""

    def __init__(self, pending: set[str], live: set[str]) -> None:
        self._pending = frozenset(pending)
        self.live = frozenset(live)

    async def pending(self) -> frozenset[str]:
        return self._pending


async def test_a_pending_run_without_a_task_is_reported_as_stuck_and_no_other() -> None:
    loop = asyncio.get_running_loop()
    found: list[str] = []
    runner: Any = ListedRunner({"lost", "well"}, {"well"})
    await asyncio.wait_for(watch_stuck(runner, 0.03, loop.time, found.append), 5)
    assert found == ["lost"]
    healthy: Any = ListedRunner({"well"}, {"well"})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watch_stuck(healthy, 0.03, loop.time, found.append), 0.3)
    assert found == ["lost"]
