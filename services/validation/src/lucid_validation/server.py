"""The validation service: convert, ask, convert."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

from google.longrunning import operations_pb2_grpc
from grpc.aio import Channel
from lucid.validation.v1 import validation_service_pb2 as pb2
from lucid.validation.v1 import validation_service_pb2_grpc, verdict_pb2
from lucid_rpc import operations
from lucid_rpc.channel import connect
from lucid_rpc.page_token import next_token, page_of
from lucid_rpc.request_id import parse_request_id, request_hash
from lucid_rpc.server import ServerDefinition
from lucid_rpc.status import status_of
from lucid_runtime.clock import Clock, SystemClock
from lucid_runtime.identifiers import RandomBytes, opaque_id, system_random
from lucid_store import threads
from lucid_telemetry import Telemetry, carrier, resumed, span

from lucid_validation import catalogue
from lucid_validation.convert_verdict import kind_name
from lucid_validation.deciding import Decider, budget_of, question_of
from lucid_validation.errors import (
    ERRORS,
    EvidenceNotFound,
    ItemIdRepeated,
    VerdictNotFound,
)
from lucid_validation.jobs import BUDGET_DEFAULT_S, JobLimits, Jobs
from lucid_validation.policy import policy
from lucid_validation.readings import reading_of, statement_of
from lucid_validation.settings import Settings
from lucid_validation.store import NewJob, Store
from lucid_validation.synthesis_convert import problem_of, settings_of
from lucid_validation.synthesis_searching import Searcher, obligations_of
from lucid_validation.verdict_cache import VerdictCache
from lucid_validation.workers import ANALYST, SEARCHER, SOLVER, Pool

STREAM_ITEMS_MAX: Final = 32
"""Items of one stream that are worked on at a time; more are not read until some are done."""


class ValidationServicer(validation_service_pb2_grpc.ValidationServiceServicer):
    """Serves ValidationService."""

    def __init__(
        self, store: Store, decider: Decider, jobs: Jobs, clock: Clock, random_bytes: RandomBytes
    ) -> None:
        """Use these parts."""
        self._store, self._decider, self._jobs = store, decider, jobs
        self._clock, self._random = clock, random_bytes

    async def ValidateCertificate(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Decide one problem within the caller's deadline."""
        verdict = await self._decider.decide(
            question_of(request.problem), budget_of(request.budget), skip_cache=request.skip_cache
        )
        return pb2.ValidateCertificateResponse(verdict=verdict)

    async def BatchValidateCertificates(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Decide many problems, each with its own budget and error."""
        ids = [item.item_id for item in request.items]
        for item_id in ids:
            if ids.count(item_id) > 1:
                raise ItemIdRepeated(item_id)
        results = await asyncio.gather(*(self._item(item) for item in request.items))
        return pb2.BatchValidateCertificatesResponse(results=results)

    async def StreamValidateCertificates(
        self,
        requests: AsyncIterator[Any],
        context: Any,  # noqa: ARG002
    ) -> AsyncIterator[Any]:
        """Decide problems as they come; answers come as they are ready."""
        answers: asyncio.Queue[Any] = asyncio.Queue()
        reader = asyncio.create_task(self._read_items(requests, answers))
        try:
            while (result := await answers.get()) is not None:
                yield pb2.StreamValidateCertificatesResponse(result=result)
            await reader
        finally:
            reader.cancel()

    async def _read_items(self, requests: AsyncIterator[Any], answers: asyncio.Queue[Any]) -> None:
        places = asyncio.Semaphore(STREAM_ITEMS_MAX)

        async def answer(item: Any) -> None:
            try:
                answers.put_nowait(await self._item(item))
            finally:
                places.release()

        try:
            async with asyncio.TaskGroup() as group:
                async for request in requests:
                    await places.acquire()
                    group.create_task(answer(request.item))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None  # the refusal itself, which has a reason
        finally:
            answers.put_nowait(None)

    async def _item(self, item: Any) -> Any:
        result = pb2.BatchItemResult(item_id=item.item_id)
        headers = {"traceparent": item.traceparent} if item.traceparent else carrier()
        try:
            with resumed(headers):
                verdict = await self._decider.decide(
                    question_of(item.problem), budget_of(item.budget)
                )
            result.verdict.CopyFrom(verdict)
        except Exception as error:  # noqa: BLE001  # the table answers it, for this item only
            result.error.CopyFrom(status_of(ERRORS.failure_for(error)))
        return result

    async def CreateValidation(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Accept a problem durably."""
        request_id = parse_request_id(request.request_id) if request.request_id else ""
        validation = request.validation
        question = question_of(validation.problem)
        inspected = await self._decider.analyse({"op": "inspect", "problem": question.json})
        job = NewJob(
            validation_id=request.validation_id or opaque_id(self._random, "v"),
            problem=validation.problem.SerializeToString(deterministic=True),
            budget_ms=validation.budget.ToMilliseconds() or round(BUDGET_DEFAULT_S * 1000),
            total_obligations=len(inspected.get("obligations", ())),
            carrier=json.dumps(carrier()),
            now=self._clock.now(),
        )
        return await self._accept(job, request_id, request)

    async def _accept(self, job: NewJob, request_id: str, request: Any) -> Any:
        digest = bytes.fromhex(request_hash(request))
        accepted = await self._jobs.accept(job, request_id, digest)
        return await self._jobs.operation(await self._jobs.row(accepted))

    async def SynthesizeCertificate(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Accept the search for a certificate durably."""
        request_id = parse_request_id(request.request_id) if request.request_id else ""
        problem = problem_of(request)
        job = NewJob(
            validation_id=request.validation_id or opaque_id(self._random, "v"),
            problem=problem.SerializeToString(deterministic=True),
            budget_ms=request.budget.ToMilliseconds() or round(BUDGET_DEFAULT_S * 1000),
            total_obligations=await obligations_of(self._decider, problem, request.degree),
            carrier=json.dumps(carrier()),
            now=self._clock.now(),
            search=settings_of(request).SerializeToString(deterministic=True),
        )
        return await self._accept(job, request_id, request)

    async def GetValidation(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Return one validation."""
        row = await self._jobs.row(request.name.removeprefix("validations/"))
        return await self._jobs.message(row)

    async def ListValidations(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Return one page of validations, newest first."""
        page = page_of(request, default=50, maximum=500)
        before = int(page.after) if page.after else None
        rows = await threads.run(self._store.newest_jobs, before, page.size + 1)
        shown = [await self._jobs.message(row) for row in rows[: page.size]]
        more = len(rows) > page.size
        token = next_token(request, str(rows[page.size - 1].ordinal)) if more else ""
        return pb2.ListValidationsResponse(validations=shown, next_page_token=token)

    async def WatchValidation(self, request: Any, context: Any) -> AsyncIterator[Any]:  # noqa: ARG002
        """Follow a validation to its end."""
        validation_id = request.name.removeprefix("validations/")
        async for event in self._jobs.watch(validation_id, request.after_sequence):
            yield event

    async def GetVerdict(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Return a verdict by its hash."""
        digest = request.name.removeprefix("verdicts/")
        content = await threads.run(self._store.verdict, digest)
        if content is None:
            raise VerdictNotFound(request.name)
        return verdict_pb2.Verdict.FromString(content)

    async def GetEvidence(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Return evidence by its hash."""
        row = await threads.run(self._store.evidence, request.name.removeprefix("evidence/"))
        if row is None:
            raise EvidenceNotFound(request.name)
        return verdict_pb2.Evidence(
            name=request.name,
            problem_sha256=row.problem_sha256,
            problem_document=row.problem_document,
            document=row.document,
            size_bytes=len(row.document.encode()),
        )

    async def CheckEvidence(self, request: Any, context: Any) -> Any:
        """Run the independent checker in a worker."""
        document = request.evidence_document
        if request.WhichOneof("evidence") == "evidence_name":
            named = pb2.GetEvidenceRequest(name=request.evidence_name)
            document = (await self.GetEvidence(named, context)).document
        job = {"op": "check", "problem_text": request.problem_document, "evidence_text": document}
        with span("lucid.validation.check"):
            report = await self._decider.analyse(job)
        return catalogue.check_response(report)

    async def ExplainPlan(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Say what would be tried, in which order and why."""
        question = question_of(request.problem)
        answer = await self._decider.analyse({"op": "explain", "problem": question.json})
        steps = [
            pb2.PlanStep(order=order, **step)
            for order, step in enumerate(answer.get("steps", ()), start=1)
        ]
        return pb2.ExplainPlanResponse(steps=steps, reading=reading_of(kind_name(request.problem)))

    async def CanonicalizeProblem(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Return the canonical form, its hash and its obligations."""
        question = question_of(request.problem)
        answer = await self._decider.analyse({"op": "inspect", "problem": question.json})
        kind = kind_name(request.problem)
        return pb2.CanonicalizeProblemResponse(
            canonical_document=question.document,
            problem_sha256=question.sha256,
            obligations=[
                pb2.ObligationStatement(
                    obligation=entry["name"],
                    statement=statement_of(kind, entry["name"]),
                    case_count=entry["cases"],
                )
                for entry in answer.get("obligations", ())
            ],
        )

    async def ListMethods(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Return the methods and the certificate kinds."""
        return catalogue.methods_response(await self._decider.method_set_version())

    async def DescribeError(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        """Explain an error reason."""
        return catalogue.error_description(request.name)


class Service:
    """The parts of one running validation service."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        cache_channel: Channel | None,
        telemetry: Telemetry,
        *,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        """Put the parts together; nothing runs before `start`."""
        self._store, self._channel = store, cache_channel
        # Durable validations may be long: they never get all the workers.
        durable_max = max(1, settings.workers_max // 2)
        solvers_max = max(durable_max + 1, settings.workers_max)
        self.solvers = Pool(SOLVER, solvers_max, clock, settings.worker_idle_s)
        self.analysts = Pool(ANALYST, settings.workers_max, clock, settings.worker_idle_s)
        cache = VerdictCache(cache_channel, settings.cache_budget_s)
        decider = Decider(store, cache, self.solvers, self.analysts, clock, telemetry)
        limits = JobLimits(durable_max, settings.queue_max, settings.heartbeat_s)
        self.searchers = Pool(SEARCHER, durable_max, clock, settings.worker_idle_s)
        searcher = Searcher(self.searchers, decider, clock)
        self.jobs = Jobs(store, decider, searcher, clock, limits)
        self._servicer = ValidationServicer(store, decider, self.jobs, clock, random_bytes)

    def definition(self) -> ServerDefinition:
        """Return what is served."""
        return ServerDefinition(
            name="validation",
            servicers=[
                (
                    validation_service_pb2_grpc.add_ValidationServiceServicer_to_server,
                    self._servicer,
                ),
                (
                    operations_pb2_grpc.add_OperationsServicer_to_server,
                    operations.OperationsServicer(self.jobs),
                ),
            ],
            service_names=[
                "lucid.validation.v1.ValidationService",
                operations.SERVICE_NAME,
            ],
            errors=ERRORS,
            policy=policy(),
            on_start=self.jobs.start,
            on_stop=self._stop,
        )

    async def _stop(self) -> None:
        await self.jobs.stop()
        await self.solvers.close()
        await self.searchers.close()
        await self.analysts.close()
        if self._channel is not None:
            await self._channel.close()
        self._store.close()


async def build(settings: Settings, telemetry: Telemetry) -> ServerDefinition:
    """Open the store, connect to the cache and return what is served."""
    store = await threads.run(Store.open, settings.store_url)
    channel = connect(settings.cache, service="cache", caller="validation")
    service = Service(
        settings, store, channel, telemetry, clock=SystemClock(), random_bytes=system_random
    )
    return service.definition()
