"""Worker processes: killable, lazy, retired when idle, and without this process's environment."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from lucid_runtime.clock import SystemClock
from lucid_validation.workers import ANALYST, Pool, WorkerDied, partial

PROBE = {"op": "check", "problem_text": "{", "evidence_text": "{}"}


@pytest.fixture
async def pool():
    found = Pool(ANALYST, 1, SystemClock(), idle_s=60.0)
    yield found
    await found.close()


async def test_no_process_runs_before_the_first_job(pool):
    assert pool.idle == []
    assert (await pool.ask(PROBE))["accepted"] is False
    assert len(pool.idle) == 1


async def test_a_worker_is_used_again(pool):
    await pool.ask(PROBE)
    first = pool.idle
    await pool.ask(PROBE)
    assert pool.idle == first


async def test_a_worker_killed_while_idle_is_replaced(pool):
    await pool.ask(PROBE)
    first = pool.idle[0]
    os.kill(first, signal.SIGKILL)
    assert (await pool.ask(PROBE))["accepted"] is False
    assert pool.idle != [first]


async def test_an_interrupted_job_takes_its_worker_with_it(pool):
    pids = []

    async def interrupted() -> None:
        async with pool.worker() as worker:
            pids.append(worker.pid)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await interrupted()
    assert not Path(f"/proc/{pids[0]}").exists()  # noqa: ASYNC240
    assert pool.idle == []


async def test_idle_workers_are_retired():
    pool = Pool(ANALYST, 1, SystemClock(), idle_s=0.05)
    await pool.ask(PROBE)
    async with asyncio.timeout(5):
        while pool.idle:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await pool.close()


async def test_a_worker_sees_no_secret_of_this_process(pool, monkeypatch):
    monkeypatch.setenv("LUCID_DATABASE_URL", "postgresql+psycopg://user:secret@host/db")
    async with pool.worker() as worker:
        environ = Path(f"/proc/{worker.pid}/environ").read_bytes()  # noqa: ASYNC240
    assert b"secret" not in environ
    assert b"LUCID_" not in environ


async def test_a_module_that_does_not_start_is_an_error():
    pool = Pool("lucid_validation.no_such_module", 1, SystemClock(), idle_s=1.0)
    with pytest.raises(WorkerDied):
        await pool.ask(PROBE)
    await pool.close()


def test_a_refutation_stands_when_the_time_is_over_and_a_proof_is_not_complete():
    proved = {"name": "init", "verdict": "PROVED", "proof": {"cases": []}}
    refuted = {"name": "flow", "verdict": "REFUTED", "witness": {"type": "point"}}
    undecided = {"name": "unsafe", "verdict": "UNDECIDED", "reason": "NUMERIC"}
    assert partial([proved])["verdict"] == "UNDECIDED"
    assert partial([proved, undecided])["entries"].keys() == {"init"}
    assert partial([proved, refuted])["verdict"] == "REFUTED"
    assert partial([refuted])["implies_safety"] is False
