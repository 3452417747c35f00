"""Killable worker processes: started when needed, one job at a time, ended when idle.

A worker gets a cleared environment and speaks JSON lines. A job whose caller goes away or whose
time is over takes its worker with it (SIGKILL), and no other job.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from lucid_runtime.clock import Clock

from lucid_validation.children import available_cores, end_group

Message = dict[str, Any]
OnObligation = Callable[[Message], None]

SOLVER: Final = "lucid_validation.worker"
ANALYST: Final = "lucid_validation.analyst"
SEARCHER: Final = "lucid_validation.synthesis_worker"
START_LIMIT_S: Final = 60.0
FRAME_BYTES_MAX: Final = 64 * 1024 * 1024
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "LD_LIBRARY_PATH")
_LOG: Final = logging.getLogger(__name__)


class WorkerDied(Exception):
    """A worker process ended in the middle of a job."""


class Worker:
    """One child process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Hold a started process."""
        self._process = process
        self.pid = process.pid
        self.idle_since = 0.0

    @classmethod
    async def start(cls, module: str) -> "Worker":
        """Start `python -m module` and wait until it is ready; raises `WorkerDied`."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            limit=FRAME_BYTES_MAX,
            env=_environment(),
        )
        worker = cls(process)
        try:
            async with asyncio.timeout(START_LIMIT_S):
                await worker.receive()
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def is_alive(self) -> bool:
        """Whether the process has not been seen to end."""
        return self._process.returncode is None

    async def send(self, message: Message) -> None:
        """Write one frame."""
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101  # opened above
        try:
            pipe.write(json.dumps(message).encode() + b"\n")
            await pipe.drain()
        except ConnectionError as error:
            raise WorkerDied from error

    async def receive(self) -> Message:
        """Return the next frame; raises `WorkerDied` when there will be none."""
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101  # opened above
        try:
            line = await pipe.readline()
            found = json.loads(line) if line else None
        except (ValueError, ConnectionError) as error:
            raise WorkerDied from error
        if not isinstance(found, dict):
            raise WorkerDied
        return found

    async def kill(self) -> None:
        """End the process now and collect it."""
        end_group(self.pid)
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # One problem uses one core: threads of numerical libraries would fight with other workers.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, **threads}


class Pool:
    """Workers of one module: at most `size` at a time, callers wait in order."""

    def __init__(self, module: str, size: int, clock: Clock, idle_s: float) -> None:
        """Start nothing yet."""
        self._module, self._clock, self._idle_s = module, clock, idle_s
        self._places = asyncio.Semaphore(size)
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def busy(self) -> list[int]:
        """The ids of the processes that work on a job now."""
        return [worker.pid for worker in self._busy]

    @property
    def idle(self) -> list[int]:
        """The ids of the processes that wait for a job."""
        return [worker.pid for worker in self._idle]

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[Worker]:
        """Lend a worker for one job; whatever interrupts the job kills the worker."""
        async with self._places:
            worker = await self._take()
            self._busy.add(worker)
            try:
                yield worker
            except BaseException:
                await asyncio.shield(asyncio.ensure_future(worker.kill()))
                raise
            else:
                worker.idle_since = self._clock.monotonic()
                self._idle.append(worker)
                self._sweep_later()
            finally:
                self._busy.discard(worker)

    async def _take(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
        starting = asyncio.ensure_future(Worker.start(self._module))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            # The next caller profits: a caller in a hurry must not make every start in vain.
            starting.add_done_callback(self._keep)
            raise

    def _keep(self, starting: "asyncio.Future[Worker]") -> None:
        if not starting.cancelled() and starting.exception() is None:
            worker = starting.result()
            worker.idle_since = self._clock.monotonic()
            self._idle.append(worker)
            self._sweep_later()

    async def ask(self, message: Message) -> Message:
        """Return the one answer to one frame; a worker that died idle is replaced once."""
        for attempt in (1, 2):
            try:
                async with self.worker() as worker:
                    await worker.send(message)
                    return dict((await worker.receive())["done"])
            except WorkerDied:
                if attempt == 2:
                    raise
        raise WorkerDied

    async def close(self) -> None:
        """End all workers."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for worker in (*self._idle, *self._busy):
            await worker.kill()
        self._idle.clear()

    def _sweep_later(self) -> None:
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = asyncio.create_task(self._sweep())

    async def _sweep(self) -> None:
        """End workers that have been idle for long; ends itself when there is none."""
        while self._idle:
            await asyncio.sleep(self._idle_s / 2)
            now = self._clock.monotonic()
            old = [w for w in self._idle if now - w.idle_since >= self._idle_s]
            self._idle = [w for w in self._idle if w not in old]
            for worker in old:
                await worker.kill()


class Solvers:
    """Decides problems in workers, each within a budget of seconds of wall clock."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        """Use the pool's workers; the running problems share this process's cores."""
        self._pool, self._clock, self._cores = pool, clock, available_cores()

    async def decide(
        self, problem: Message, budget_s: float, on_obligation: OnObligation
    ) -> tuple[Message, list[Message]]:
        """Return the final message and the obligations as they were decided.

        When the time is over the message is UNDECIDED with reason TIMEOUT (a refutation stands);
        when the worker died it is ERROR.
        """
        obligations: list[Message] = []
        try:
            async with asyncio.timeout(budget_s):
                return await self._run(problem, budget_s, obligations, on_obligation), obligations
        except TimeoutError:
            return partial(obligations), obligations
        except WorkerDied:
            _LOG.warning("a worker died")
            return {"verdict": "ERROR", "reason": "WORKER_DIED"}, obligations

    async def _run(
        self,
        problem: Message,
        budget_s: float,
        obligations: list[Message],
        on_obligation: OnObligation,
    ) -> Message:
        deadline = self._clock.monotonic() + budget_s
        async with self._pool.worker() as worker:
            left = deadline - self._clock.monotonic()
            # Something is left for the last check and for the way back.
            await worker.send(
                {
                    "problem": problem,
                    "budget_s": max(0.01, 0.92 * left - 0.02),
                    "seed": 0,
                    "cores": max(1, self._cores // max(1, len(self._pool.busy))),
                }
            )
            while True:
                message = await worker.receive()
                if "obligation" in message:
                    obligations.append(message["obligation"])
                    on_obligation(message["obligation"])
                elif "done" in message:
                    return dict(message["done"])


def partial(obligations: list[Message]) -> Message:
    """Return what a killed worker had established; every entry was accepted by the checker."""
    refuted = any(o["verdict"] == "REFUTED" for o in obligations)
    entries = {}
    for obligation in obligations:
        kept = {"PROVED": "proof", "REFUTED": "witness"}.get(obligation["verdict"])
        if kept is not None:
            entries[obligation["name"]] = {
                "verdict": obligation["verdict"],
                kept: obligation[kept],
            }
    return {
        "verdict": "REFUTED" if refuted else "UNDECIDED",
        "reason": "TIMEOUT",
        "implies_safety": False,
        "safety": {"missing": "OBLIGATION_NOT_PROVED"},
        "entries": entries,
    }
