"""Durable validations: accepted once, kept for ever, resumed after a crash."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from google.longrunning import operations_proto_pb2 as operations_pb2
from google.protobuf import any_pb2
from google.rpc import code_pb2
from lucid.validation.v1 import problem_pb2, verdict_pb2
from lucid.validation.v1 import validation_service_pb2 as pb2
from lucid_rpc import deadline
from lucid_rpc.rejections import OperationNotFound, OperationRunning
from lucid_runtime.clock import Clock
from lucid_store import threads
from lucid_store.faults import StoreFault
from lucid_telemetry import resumed

from lucid_validation.bell import Bell, rings_within
from lucid_validation.convert_verdict import kind_name, obligation_message, timestamp
from lucid_validation.deciding import Decider, question_of
from lucid_validation.errors import ValidationError, ValidationNotFound
from lucid_validation.store import ENDED, RUNNING, Change, NewJob, Store
from lucid_validation.synthesis_searching import Ending, Searcher

BUDGET_DEFAULT_S: Final = 60.0
SUCCEEDED: Final = pb2.VALIDATION_STATE_SUCCEEDED
FAILED: Final = pb2.VALIDATION_STATE_FAILED
CANCELLED: Final = pb2.VALIDATION_STATE_CANCELLED
METHOD: Final = "lucid.validation.v1.ValidationService/CreateValidation"
SEARCH_METHOD: Final = "lucid.validation.v1.ValidationService/SynthesizeCertificate"
_LOG: Final = logging.getLogger(__name__)

Json = dict[str, Any]


class Jobs:
    """Runs durable validations, a few at a time, and tells who watches."""

    def __init__(
        self,
        store: Store,
        decider: Decider,
        searcher: Searcher,
        clock: Clock,
        limits: "JobLimits",
    ) -> None:
        """Nothing runs before `start`."""
        self._store, self._decider, self._clock, self._limits = store, decider, clock, limits
        self._searcher = searcher
        self._bell = Bell()
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._runners: list[asyncio.Task[None]] = []
        self._running: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Take up what a former process left, then wait for more."""
        for validation_id in await threads.run(self._store.unfinished):
            self._queue.put_nowait(validation_id)
        with deadline.detached():
            for _ in range(self._limits.running_max):
                self._runners.append(asyncio.create_task(self._run_all()))

    async def stop(self) -> None:
        """Stop running; what is not done is taken up by the next process."""
        for task in (*self._runners, *self._running.values()):
            task.cancel()
        await asyncio.gather(*self._runners, *self._running.values(), return_exceptions=True)

    async def accept(self, job: NewJob, request_id: str, request_hash: bytes) -> str:
        """Accept a validation durably and return its id; raises as `Store.accept`."""
        method = SEARCH_METHOD if job.search else METHOD
        accepted = await threads.run(
            self._store.accept, job, method, request_id, request_hash, self._limits.queue_max
        )
        if accepted == job.validation_id:
            self._queue.put_nowait(accepted)
        return accepted

    async def _run_all(self) -> None:
        while True:
            validation_id = await self._queue.get()
            task = asyncio.create_task(self._run(validation_id))
            self._running[validation_id] = task
            try:
                await asyncio.wait({task})
            finally:
                self._running.pop(validation_id, None)
                if not task.done():
                    task.cancel()

    async def _run(self, validation_id: str) -> None:
        row = await threads.run(self._store.job, validation_id)
        if row is None or row.state in ENDED:
            return
        try:
            with resumed(json.loads(row.carrier or "{}")):
                await (self._search(row) if row.search else self._decide(row))
        except StoreFault:
            _LOG.exception("a validation waits for the store")
            await asyncio.sleep(self._limits.retry_s)
            self._queue.put_nowait(validation_id)
        except ValidationError as error:
            await self._end(validation_id, FAILED, str(error))
        except Exception:  # noqa: BLE001  # one broken job must not stop the others; it is logged
            _LOG.exception("a validation failed")
            await self._end(validation_id, FAILED, "The validation failed inside.")

    async def _decide(self, row: Any) -> None:
        question = question_of(problem_pb2.Problem.FromString(row.problem))
        kind, total = kind_name(question.message), row.total_obligations
        event = pb2.WatchValidationResponse(state=RUNNING, message="A worker is on it.")
        if not await self._advance(row.validation_id, event, Change(RUNNING)):
            return
        news: asyncio.Queue[Json | None] = asyncio.Queue()
        told = asyncio.create_task(self._tell(row.validation_id, kind, total, news))
        try:
            verdict = await self._decider.decide(
                question, row.budget_ms / 1000, on_obligation=news.put_nowait
            )
        finally:
            news.put_nowait(None)
            await told
        await self._succeed(row.validation_id, verdict)

    async def _tell(
        self, validation_id: str, kind: str, total: int, news: asyncio.Queue[Json | None]
    ) -> None:
        decided = 0
        while (entry := await news.get()) is not None:
            decided += 1
            event = pb2.WatchValidationResponse(
                state=RUNNING,
                obligation=obligation_message(entry, kind),
                progress=min(1.0, decided / max(1, total)),
                message=f"{entry['name']}: {entry['verdict']}.",
            )
            await self._advance(validation_id, event, Change(RUNNING, decided=decided))

    async def _search(self, row: Any) -> None:
        event = pb2.WatchValidationResponse(state=RUNNING, message="A worker is searching.")
        if not await self._advance(row.validation_id, event, Change(RUNNING)):
            return
        news: asyncio.Queue[Any] = asyncio.Queue()
        told = asyncio.create_task(self._tell_search(row.validation_id, news))
        try:
            ending = await self._searcher.search(row, news.put_nowait)
        finally:
            news.put_nowait(None)
            await told
        await self._end_search(row.validation_id, ending)

    async def _tell_search(self, validation_id: str, news: asyncio.Queue[Any]) -> None:
        while (synthesis := await news.get()) is not None:
            message = f"Degree {synthesis.degree}, guess {synthesis.iterations}."
            event = pb2.WatchValidationResponse(state=RUNNING, synthesis=synthesis, message=message)
            change = Change(RUNNING, synthesis=synthesis.SerializeToString())
            await self._advance(validation_id, event, change)

    async def _end_search(self, validation_id: str, ending: Ending) -> None:
        verdict, reason = ending.verdict, ending.synthesis.reason
        event = pb2.WatchValidationResponse(
            state=SUCCEEDED, progress=1.0, message=f"{reason.capitalize()}.", terminal=True,
            verdict=verdict, synthesis=ending.synthesis,
        )  # fmt: skip
        change = Change(
            SUCCEEDED,
            verdict_hash="" if verdict is None else verdict.name.removeprefix("verdicts/"),
            decided=0 if verdict is None else len(verdict.obligations),
            problem=ending.problem.SerializeToString(deterministic=True),
            synthesis=ending.synthesis.SerializeToString(deterministic=True),
        )
        await self._advance(validation_id, event, change)

    async def _succeed(self, validation_id: str, verdict: Any) -> None:
        if verdict.status == verdict_pb2.VERDICT_STATUS_ERROR:
            await self._end(validation_id, FAILED, verdict.reason)
            return
        event = pb2.WatchValidationResponse(
            state=SUCCEEDED, progress=1.0, message=verdict.reason, terminal=True, verdict=verdict
        )
        change = Change(
            SUCCEEDED,
            verdict_hash=verdict.name.removeprefix("verdicts/"),
            decided=len(verdict.obligations),
        )
        await self._advance(validation_id, event, change)

    async def _end(self, validation_id: str, state: Any, why: str) -> None:
        event = pb2.WatchValidationResponse(state=state, message=why, terminal=True)
        await self._advance(validation_id, event, Change(state, failure=why))

    async def _advance(self, validation_id: str, event: Any, change: Change) -> bool:
        now = self._clock.now()
        advanced = await threads.run(self._store.advance, validation_id, event, change, now)
        self._bell.ring()
        return advanced

    async def watch(self, validation_id: str, after: int) -> AsyncIterator[Any]:
        """Yield events after a sequence number, heartbeats in between, the last one always."""
        row = await self.row(validation_id)
        if row.state in ENDED:
            after = min(after, row.last_sequence - 1)  # the terminal event is never withheld
        while True:
            rung = self._bell.listen()
            for content in await threads.run(self._store.events, validation_id, after):
                event = pb2.WatchValidationResponse.FromString(content)
                after = event.sequence
                yield event
                if event.terminal:
                    return
            if not await rings_within(rung, self._limits.heartbeat_s):
                row = await self.row(validation_id)
                yield pb2.WatchValidationResponse(
                    heartbeat=True, state=row.state, event_time=timestamp(self._clock.now())
                )

    async def row(self, validation_id: str) -> Any:
        """Return a job's row; raises `ValidationNotFound`."""
        row = await threads.run(self._store.job, validation_id)
        if row is None:
            raise ValidationNotFound(f"validations/{validation_id}")
        return row

    async def message(self, row: Any) -> Any:
        """Return the validation of a row."""
        found = pb2.Validation(
            name=f"validations/{row.validation_id}",
            problem=problem_pb2.Problem.FromString(row.problem),
            state=row.state,
            create_time=timestamp(row.created_at),
            update_time=timestamp(row.updated_at),
            operation=f"operations/{row.validation_id}",
        )
        found.budget.FromMilliseconds(row.budget_ms)
        if row.synthesis:
            found.synthesis.CopyFrom(pb2.Synthesis.FromString(row.synthesis))
        content = await threads.run(self._store.verdict, row.verdict_hash)
        if content is not None:
            found.verdict.CopyFrom(verdict_pb2.Verdict.FromString(content))
        return found

    async def operation(self, row: Any) -> Any:
        """Return the operation of a row."""
        name = f"validations/{row.validation_id}"
        metadata = pb2.ValidationMetadata(
            validation=name,
            state=row.state,
            decided_obligations=row.decided_obligations,
            total_obligations=row.total_obligations,
        )
        if row.synthesis:
            metadata.synthesis.CopyFrom(pb2.Synthesis.FromString(row.synthesis))
        found = operations_pb2.Operation(
            name=f"operations/{row.validation_id}",
            metadata=_packed(metadata),
            done=row.state in ENDED,
        )
        if row.state == SUCCEEDED:
            found.response.CopyFrom(_packed(await self.message(row)))
        elif row.state in ENDED:
            found.error.code = code_pb2.CANCELLED if row.state == CANCELLED else code_pb2.INTERNAL
            found.error.message = row.failure
        return found

    async def _operation_row(self, name: str) -> Any:
        prefix, _, validation_id = name.partition("/")
        row = await threads.run(self._store.job, validation_id)
        if prefix != "operations" or row is None or row.operation_deleted:
            raise OperationNotFound(name)
        return row

    async def get(self, name: str) -> Any:
        """Return an operation; raises `OperationNotFound`."""
        return await self.operation(await self._operation_row(name))

    async def list(self, *, after: str, limit: int, filter_text: str) -> Sequence[Any]:  # noqa: ARG002
        """Return operations in order of name."""
        start = after.removeprefix("operations/")
        rows = await threads.run(self._store.operations, start, limit)
        return [await self.operation(row) for row in rows]

    async def cancel(self, name: str) -> None:
        """End the validation as cancelled and kill its worker."""
        row = await self._operation_row(name)
        await self._end(row.validation_id, CANCELLED, "Cancelled on request.")
        task = self._running.get(row.validation_id)
        if task is not None:
            task.cancel()

    async def delete(self, name: str) -> None:
        """Forget the operation of an ended validation; the validation stays."""
        row = await self._operation_row(name)
        if row.state not in ENDED:
            raise OperationRunning(name)
        await threads.run(self._store.delete_operation, row.validation_id)

    async def wait_for_change(self, name: str) -> None:  # noqa: ARG002
        """Return when anything has changed."""
        await self._bell.listen().wait()


class JobLimits:
    """How many run, how many wait, and how often silence is broken (seconds)."""

    def __init__(
        self, running_max: int, queue_max: int, heartbeat_s: float, retry_s: float = 1.0
    ) -> None:
        """Hold the limits."""
        self.running_max, self.queue_max = running_max, queue_max
        self.heartbeat_s, self.retry_s = heartbeat_s, retry_s


def _packed(message: Any) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
