"""The API of validation: every RPC that is served, and every reason for which it says no.

Real servicers over loopback gRPC, real worker processes, a real cache service beside it.
"""

import asyncio
import json
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.longrunning import operations_pb2_grpc
from google.longrunning import operations_proto_pb2 as operations_pb2
from google.protobuf import duration_pb2
from lucid.validation.v1 import problem_pb2 as problems
from lucid.validation.v1 import validation_service_pb2 as pb2
from lucid.validation.v1 import validation_service_pb2_grpc, verdict_pb2
from lucid_cache import server as cache_server
from lucid_cache.settings import Settings as CacheSettings
from lucid_rpc.status import Failure, failure_of
from lucid_runtime.clock import SystemClock
from lucid_runtime.identifiers import system_random
from lucid_store.faults import StoreBusy, StoreUnavailable
from lucid_telemetry import Telemetry, setup, use
from lucid_testkit.otlp import otlp_receiver
from lucid_testkit.servers import Served, serving, silent_telemetry
from lucid_validation.errors import ERRORS, EXPLANATIONS
from lucid_validation.policy import policy
from lucid_validation.readings import KINDS
from lucid_validation.server import Service
from lucid_validation.settings import Settings
from lucid_validation.store import Store
from lucid_validation.workers import Solvers

pytestmark = pytest.mark.asyncio(loop_scope="module")
SEEN: set[str] = set()
SERVER_SPAN = 2


@dataclass
class World:
    """One running validation service with a cache."""

    service: Service
    store: Store
    served: Served
    stub: Any
    operations: Any


@asynccontextmanager
async def running(
    folder: Path,
    cache: grpc.aio.Channel | None,
    telemetry: Telemetry | None = None,
    **settings: Any,
) -> AsyncIterator[World]:
    telemetry = telemetry or silent_telemetry("validation")
    store = Store.open(f"sqlite:///{folder}/validation.sqlite")
    service = Service(
        Settings(**{"workers_max": 2, "heartbeat_s": 0.1, **settings}), store, cache,
        telemetry, clock=SystemClock(), random_bytes=system_random,
    )  # fmt: skip
    async with serving(service.definition(), telemetry=telemetry) as served:
        stub = validation_service_pb2_grpc.ValidationServiceStub(served.channel)
        yield World(
            service, store, served, stub, operations_pb2_grpc.OperationsStub(served.channel)
        )


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("validation")
    settings = CacheSettings(database_url=f"sqlite:///{folder}/cache.sqlite")
    definition = await cache_server.build(settings, silent_telemetry("cache"))
    async with (
        serving(definition, caller="validation") as cache,
        running(folder, cache.channel) as found,
    ):
        yield found


def formula(*atoms: str) -> Any:
    return problems.Formula(
        all=problems.FormulaList(formulas=[problems.Formula(atom=atom) for atom in atoms])
    )


def disk(barrier: str = "x**2 + y**2 - 2", **system: Any) -> Any:
    """x' = -x, y' = -y in a box."""
    sides = ["x <= 3", "x >= -3", "y <= 3", "y >= -3"]
    described = {
        "variables": ["x", "y"],
        "dynamics": {"x": "-x", "y": "-y"},
        "domain": [problems.Formula(atom=side) for side in sides],
        **system,
    }
    return problems.Problem(
        system=problems.System(**described),
        initial=formula("x >= 0", "x <= 1", "y >= 0", "y <= 1"),
        unsafe=formula("x >= 2"),
        certificate=problems.Certificate(
            kind=problems.CERTIFICATE_KIND_EVERYWHERE, barrier=barrier
        ),
    )


def endless(choices: int = 9, barrier: str = "x - 1") -> Any:
    """Motzkin's polynomial in 2^choices cases: true, and out of reach for the time of a test."""
    motzkin = "x**4*y**2 + x**2*y**4 - 3*x**2*y**2*z**2 + z**6"
    either = [
        problems.Formula(
            any=problems.FormulaList(
                formulas=[
                    problems.Formula(atom=f"y >= {k}"),
                    problems.Formula(atom=f"z <= {k} - x*y"),
                ]
            )
        )
        for k in range(choices)
    ]
    return problems.Problem(
        system=problems.System(
            variables=["x", "y", "z"],
            dynamics={"x": f"-({motzkin})*(1 + x**2)", "y": "0", "z": "0"},
            domain=either,
        ),
        initial=formula("x >= 0", "x <= 1/10"),
        unsafe=formula("x >= 3"),
        certificate=problems.Certificate(
            kind=problems.CERTIFICATE_KIND_EVERYWHERE, barrier=barrier
        ),
    )


def seconds(value: float) -> Any:
    return duration_pb2.Duration(nanos=int(value % 1 * 1e9), seconds=int(value))


async def refused(call: Any) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    failure = failure_of(caught.value)
    if failure.domain == "validation.lucid":
        SEEN.add(failure.reason)
        assert set(failure.metadata) == set(EXPLANATIONS[failure.reason].metadata_keys)
        assert failure.code.name == EXPLANATIONS[failure.reason].code
    return failure


async def validate(world: World, problem: Any, **more: Any) -> Any:
    request = pb2.ValidateCertificateRequest(problem=problem, **more)
    return (await world.stub.ValidateCertificate(request)).verdict


async def until(holds: Callable[[], bool]) -> None:
    """Processes end without an event that this process could wait for."""
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


async def busy_worker(world: World) -> int:
    await until(lambda: bool(world.service.solvers.busy))
    return int(world.service.solvers.busy[0])


async def created(world: World, problem: Any, **more: Any) -> Any:
    budget = more.pop("budget", None)
    validation = pb2.Validation(problem=problem, budget=budget)
    return await world.stub.CreateValidation(
        pb2.CreateValidationRequest(validation=validation, **more)
    )


def followed(world: World, operation: Any, after: int = 0) -> Any:
    name = operation.name.replace("operations/", "validations/")
    return world.stub.WatchValidation(pb2.WatchValidationRequest(name=name, after_sequence=after))


async def test_a_good_certificate_is_proved_and_implies_safety(world):
    verdict = await validate(world, disk(), skip_cache=True)
    assert verdict.status == verdict_pb2.VERDICT_STATUS_PROVED
    assert [o.obligation for o in verdict.obligations] == ["init", "unsafe", "flow"]
    assert verdict.safety.implies_safety
    assert verdict.assurance == verdict_pb2.ASSURANCE_EXACT
    assert not verdict.cached
    assert verdict.reading
    assert verdict.method_set_version


async def test_the_second_question_is_answered_from_the_cache_without_a_worker(world, monkeypatch):
    first = await validate(world, disk("x**2 + y**2 - 5/2"))

    async def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a solver ran")

    monkeypatch.setattr(Solvers, "decide", never)
    second = await validate(world, disk("x**2 + y**2 - 5/2"))
    assert second.cached
    assert second.name == first.name


async def test_the_trace_shows_the_solver_the_first_time_and_only_the_cache_the_second(tmp_path):
    cache_settings = CacheSettings(database_url=f"sqlite:///{tmp_path}/cache.sqlite")
    definition = await cache_server.build(cache_settings, silent_telemetry("cache"))
    async with otlp_receiver() as receiver, serving(definition, caller="validation") as cache:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "20",
        }
        telemetry = setup("validation", environ, log=False, as_process=False)
        async with running(tmp_path, cache.channel, telemetry) as world:
            for times in (1, 2):
                with use(telemetry), telemetry.incoming("test", {}):
                    await validate(world, disk())
                await receiver.wait_until(lambda got, n=times: len(calls(got)) == n)
        await asyncio.to_thread(telemetry.shutdown)
    first, second = (span.trace_id for span in calls(receiver))
    solved = [span.trace_id for span in receiver.named("lucid.validation.solve")]
    assert solved == [first]
    asked = {s.trace_id for s in receiver.spans if s.name == "lucid.cache.v1.CacheService/Get"}
    assert asked == {first, second}


def calls(receiver: Any) -> list[Any]:
    name = "lucid.validation.v1.ValidationService/ValidateCertificate"
    return [span for span in receiver.named(name) if span.kind == SERVER_SPAN]


async def test_a_bad_certificate_is_refuted_with_an_exact_point(world):
    verdict = await validate(world, disk("x - 1/2"))
    assert verdict.status == verdict_pb2.VERDICT_STATUS_REFUTED
    broken = next(o for o in verdict.obligations if o.obligation == "init")
    assert set(broken.witness.point.values) == {"x", "y"}
    assert broken.witness.explanation
    assert not verdict.safety.implies_safety
    assert list(verdict.safety.missing) == ["OBLIGATION_NOT_PROVED"]


async def test_functions_are_decided_by_enclosures_and_say_so(world):
    verdict = await validate(world, disk("x**2 + y**2 - 2 + (cos(x) - 1)/100"))
    init = verdict.obligations[0]
    assert init.status == verdict_pb2.VERDICT_STATUS_PROVED
    assert verdict.assurance == verdict_pb2.ASSURANCE_INTERVAL


async def test_a_kind_that_is_not_decided_is_unsupported_and_not_an_error(world):
    problem = disk()
    problem.certificate.kind = problems.CERTIFICATE_KIND_K_INDUCTIVE
    verdict = await validate(world, problem)
    assert verdict.status == verdict_pb2.VERDICT_STATUS_UNDECIDED
    assert verdict.undecided_reason == verdict_pb2.UNDECIDED_REASON_UNSUPPORTED


async def test_the_end_of_the_budget_is_undecided_with_what_was_decided(world):
    started = time.monotonic()
    problem = endless(9)
    problem.initial.CopyFrom(formula("x - x + 1 <= 0"))  # nowhere: the first method sees it
    verdict = await validate(world, problem, budget=seconds(2.0), skip_cache=True)
    assert time.monotonic() - started < 4.0
    assert verdict.status == verdict_pb2.VERDICT_STATUS_UNDECIDED
    assert verdict.undecided_reason == verdict_pb2.UNDECIDED_REASON_TIMEOUT
    assert [o.obligation for o in verdict.obligations] == ["init", "unsafe", "flow"]
    assert verdict.obligations[0].status == verdict_pb2.VERDICT_STATUS_PROVED
    evidence = await world.stub.GetEvidence(pb2.GetEvidenceRequest(name=verdict.evidence))
    assert "init" in json.loads(evidence.document)["obligations"]
    assert "flow" not in json.loads(evidence.document)["obligations"]


async def test_undecided_is_reused_only_for_budgets_that_are_not_larger(world):
    problem = endless(9, "x - 2/3")
    await validate(world, problem, budget=seconds(1.0))
    assert (await validate(world, problem, budget=seconds(0.8))).cached
    assert not (await validate(world, problem, budget=seconds(1.2))).cached


async def test_the_callers_deadline_is_shorter_than_its_budget_and_wins(world):
    request = pb2.ValidateCertificateRequest(problem=endless(), skip_cache=True)
    response = await world.stub.ValidateCertificate(request, timeout=2.0)
    assert response.verdict.undecided_reason == verdict_pb2.UNDECIDED_REASON_TIMEOUT


async def test_a_cancelled_call_kills_its_worker_and_no_other(world):
    request = pb2.ValidateCertificateRequest(problem=endless(), skip_cache=True)
    request.budget.CopyFrom(seconds(60))
    call = world.stub.ValidateCertificate(request)
    pid = await busy_worker(world)
    call.cancel()
    await until(lambda: not os.path.exists(f"/proc/{pid}"))  # noqa: PTH110
    assert (await validate(world, disk(), skip_cache=True)).safety.implies_safety


async def test_a_worker_that_dies_fails_its_own_job_only(world):
    request = pb2.ValidateCertificateRequest(problem=endless(), skip_cache=True)
    request.budget.CopyFrom(seconds(60))
    call = world.stub.ValidateCertificate(request)
    os.kill(await busy_worker(world), signal.SIGKILL)
    assert (await call).verdict.status == verdict_pb2.VERDICT_STATUS_ERROR
    assert (await validate(world, disk(), skip_cache=True)).safety.implies_safety


async def test_an_expression_that_cannot_be_read_names_field_and_position(world):
    failure = await refused(validate(world, disk("x**2 + $")))
    assert failure.reason == "EXPRESSION_INVALID"
    assert failure.metadata["position"] == "7"
    assert failure.field_violations[0].field == "problem.certificate.barrier"


@pytest.mark.parametrize(
    ("problem", "field"),
    [
        (disk(dynamics={"x": "-x", "y": "q"}), 'problem.system.dynamics["y"]'),
        (disk(domain=[formula("x <= 3", "x + <= 3")]), "problem.system.domain[0].all.formulas[1]"),
    ],
)
async def test_the_path_of_a_bad_expression_is_the_path_in_the_request(world, problem, field):
    failure = await refused(validate(world, problem))
    assert failure.reason == "EXPRESSION_INVALID"
    assert failure.field_violations[0].field == field


async def test_a_problem_that_is_not_well_formed_names_the_field(world):
    failure = await refused(validate(world, disk(parameters=["z"])))
    assert failure.reason == "PROBLEM_INVALID"
    assert failure.field_violations[0].field.startswith("problem.system.parameters")
    problem = disk()
    problem.certificate.barrier = ""
    failure = await refused(validate(world, problem))
    assert failure.field_violations[0].field == "problem.certificate.barrier"


async def test_a_limit_that_is_passed_is_named_with_both_numbers(world):
    failure = await refused(validate(world, disk("x**65")))
    assert failure.reason == "LIMIT_EXCEEDED"
    assert (failure.metadata["maximum"], failure.metadata["value"]) == ("64", "65")


async def test_rules_beside_the_fields_are_kept(world):
    problem = disk()
    problem.system.ClearField("variables")
    failure = await refused(validate(world, problem))
    assert (failure.code, failure.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELDS_INVALID")


async def test_methods_that_contradict_each_other_give_no_answer(world, monkeypatch):
    async def quarantined(*_: Any, **__: Any) -> Any:
        return {"verdict": "UNDECIDED", "reason": "QUARANTINED"}, []

    monkeypatch.setattr(Solvers, "decide", quarantined)
    failure = await refused(validate(world, disk(), skip_cache=True))
    assert failure.reason == "METHODS_CONTRADICT"


async def test_a_batch_answers_each_item_in_order_with_its_own_error(world):
    items = [
        pb2.BatchItem(item_id="good", problem=disk()),
        pb2.BatchItem(item_id="bad", problem=disk("x - 1/2")),
        pb2.BatchItem(item_id="broken", problem=disk("x +")),
    ]
    request = pb2.BatchValidateCertificatesRequest(items=items)
    results = (await world.stub.BatchValidateCertificates(request)).results
    assert [result.item_id for result in results] == ["good", "bad", "broken"]
    assert results[0].verdict.safety.implies_safety
    assert results[1].verdict.status == verdict_pb2.VERDICT_STATUS_REFUTED
    assert results[2].error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert results[2].error.details
    items[1].item_id = "good"
    failure = await refused(
        world.stub.BatchValidateCertificates(pb2.BatchValidateCertificatesRequest(items=items))
    )
    assert failure.reason == "ITEM_ID_REPEATED"


async def test_a_stream_answers_items_as_they_are_ready(world):
    async def questions() -> AsyncIterator[Any]:
        for item_id, problem in (("a", disk()), ("b", disk("x +")), ("c", disk("x - 1/2"))):
            item = pb2.BatchItem(item_id=item_id, problem=problem)
            yield pb2.StreamValidateCertificatesRequest(item=item)

    found = {}
    async for response in world.stub.StreamValidateCertificates(questions()):
        found[response.result.item_id] = response.result.WhichOneof("outcome")
    assert found == {"a": "verdict", "b": "error", "c": "verdict"}


async def test_a_stream_with_a_request_that_breaks_a_rule_is_refused_with_its_field(world):
    async def questions() -> AsyncIterator[Any]:
        yield pb2.StreamValidateCertificatesRequest()

    with pytest.raises(grpc.RpcError) as caught:
        async for _ in world.stub.StreamValidateCertificates(questions()):
            pass
    failure = failure_of(caught.value)
    assert failure.code == grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.field for violation in failure.field_violations] == ["item"]


async def test_a_durable_validation_is_watched_to_its_end_and_found_for_ever(world):
    operation = await created(world, disk(), validation_id="kept")
    assert operation.name == "operations/kept"
    events = [event async for event in followed(world, operation) if not event.heartbeat]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert events[-1].terminal
    assert events[-1].verdict.safety.implies_safety
    again = [event async for event in followed(world, operation, after=events[1].sequence)]
    assert [event.sequence for event in again] == [event.sequence for event in events[2:]]
    late = [event async for event in followed(world, operation, after=10**6)]
    assert [event.terminal for event in late] == [True]
    found = await world.stub.GetValidation(pb2.GetValidationRequest(name="validations/kept"))
    assert found.state == pb2.VALIDATION_STATE_SUCCEEDED
    assert found.verdict.name == events[-1].verdict.name
    verdict = await world.stub.GetVerdict(pb2.GetVerdictRequest(name=found.verdict.name))
    assert verdict.name == found.verdict.name


async def test_a_request_id_makes_a_retry_harmless(world):
    request_id = str(uuid.uuid4())
    first = await created(world, disk(), request_id=request_id)
    second = await created(world, disk(), request_id=request_id)
    assert first.name == second.name
    failure = await refused(created(world, disk("x - 1"), request_id=request_id))
    assert failure.reason == "REQUEST_ID_REUSED"
    failure = await refused(created(world, disk(), request_id="not-a-uuid"))
    assert failure.reason == "REQUEST_ID_INVALID"


async def test_an_id_is_given_once(world):
    await created(world, disk(), validation_id="taken")
    failure = await refused(created(world, disk(), validation_id="taken"))
    assert failure.reason == "VALIDATION_ALREADY_EXISTS"


async def test_a_problem_that_cannot_be_read_is_not_accepted(world):
    failure = await refused(created(world, disk("x +"), validation_id="unread"))
    assert failure.reason == "EXPRESSION_INVALID"
    name = pb2.GetValidationRequest(name="validations/unread")
    assert (await refused(world.stub.GetValidation(name))).reason == "VALIDATION_NOT_FOUND"


async def test_lists_come_in_pages_newest_first(world):
    for i in range(3):
        await created(world, disk(), validation_id=f"page{i}")
    names, token = [], ""
    for _ in range(3):
        request = pb2.ListValidationsRequest(page_size=1, page_token=token)
        response = await world.stub.ListValidations(request)
        names += [validation.name for validation in response.validations]
        token = response.next_page_token
    assert names == ["validations/page2", "validations/page1", "validations/page0"]
    failure = await refused(
        world.stub.ListValidations(pb2.ListValidationsRequest(page_token="AAAA"))
    )
    assert failure.reason == "PAGE_TOKEN_INVALID"


async def test_operations_are_got_listed_waited_for_cancelled_and_deleted(world):
    slow = await created(world, endless(), validation_id="slow", budget=seconds(300))
    got = await world.operations.GetOperation(operations_pb2.GetOperationRequest(name=slow.name))
    assert not got.done
    failure = await refused(
        world.operations.DeleteOperation(operations_pb2.DeleteOperationRequest(name=slow.name))
    )
    assert failure.reason == "OPERATION_RUNNING"
    watch = followed(world, slow)
    async for event in watch:
        if event.heartbeat:
            break
    await world.operations.CancelOperation(operations_pb2.CancelOperationRequest(name=slow.name))
    wait = operations_pb2.WaitOperationRequest(name=slow.name, timeout=seconds(5))
    done = await world.operations.WaitOperation(wait)
    assert done.done
    assert done.error.code == grpc.StatusCode.CANCELLED.value[0]
    assert [event.terminal async for event in watch if not event.heartbeat][-1]
    listed = await world.operations.ListOperations(
        operations_pb2.ListOperationsRequest(name="operations")
    )
    assert slow.name in [operation.name for operation in listed.operations]
    await world.operations.DeleteOperation(operations_pb2.DeleteOperationRequest(name=slow.name))
    gone = world.operations.GetOperation(operations_pb2.GetOperationRequest(name=slow.name))
    assert (await refused(gone)).reason == "OPERATION_NOT_FOUND"
    kept = await world.stub.GetValidation(pb2.GetValidationRequest(name="validations/slow"))
    assert kept.state == pb2.VALIDATION_STATE_CANCELLED


async def test_a_full_queue_refuses_and_says_when_to_come_back(tmp_path):
    async with running(tmp_path, None, queue_max=0) as world:
        failure = await refused(created(world, disk()))
    assert failure.reason == "QUEUE_FULL"
    assert failure.retry_after_s


async def test_an_accepted_validation_is_finished_by_the_next_process(tmp_path):
    """What a killed process leaves is a row in state RUNNING: it is taken up again."""
    async with running(tmp_path, None) as world:
        operation = await created(world, endless(), validation_id="left", budget=seconds(3))
        async for event in followed(world, operation):
            if event.state == pb2.VALIDATION_STATE_RUNNING:
                break
    async with running(tmp_path, None) as world:
        events = [e async for e in followed(world, operation) if not e.heartbeat]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert events[-1].terminal
    assert events[-1].verdict.status == verdict_pb2.VERDICT_STATUS_UNDECIDED


async def test_evidence_is_named_by_its_content_and_checked_again(world):
    verdict = await validate(world, disk())
    evidence = await world.stub.GetEvidence(pb2.GetEvidenceRequest(name=verdict.evidence))
    assert evidence.size_bytes == len(evidence.document)
    ask = pb2.CheckEvidenceRequest
    by_name = ask(problem_document=evidence.problem_document, evidence_name=evidence.name)
    report = await world.stub.CheckEvidence(by_name)
    assert report.accepted
    assert report.implies_safety
    assert report.checker_version
    moved = ask(
        problem_document=evidence.problem_document.replace("x >= 2", "x >= 1"),
        evidence_document=evidence.document,
    )
    report = await world.stub.CheckEvidence(moved)
    assert not report.accepted
    assert "another problem" in report.reasons[0]


async def test_documents_that_are_no_json_are_unreadable(world):
    request = pb2.CheckEvidenceRequest(problem_document="{}", evidence_document='{"a":1,"a":2}')
    failure = await refused(world.stub.CheckEvidence(request))
    assert failure.reason == "EVIDENCE_UNREADABLE"
    assert failure.field_violations[0].field in ("evidence_document", "problem_document")


async def test_what_does_not_exist_is_not_found(world):
    none = "0" * 64
    calls = {
        "VERDICT_NOT_FOUND": world.stub.GetVerdict(pb2.GetVerdictRequest(name=f"verdicts/{none}")),
        "EVIDENCE_NOT_FOUND": world.stub.GetEvidence(
            pb2.GetEvidenceRequest(name=f"evidence/{none}")
        ),
        "VALIDATION_NOT_FOUND": world.stub.GetValidation(
            pb2.GetValidationRequest(name="validations/none")
        ),
        "ERROR_REASON_UNKNOWN": world.stub.DescribeError(
            pb2.DescribeErrorRequest(name="errorReasons/NO_SUCH")
        ),
    }  # fmt: skip
    for reason, call in calls.items():
        failure = await refused(call)
        assert (failure.code, failure.reason) == (grpc.StatusCode.NOT_FOUND, reason)
        assert failure.resource
    watch = world.stub.WatchValidation(pb2.WatchValidationRequest(name="validations/none"))
    assert (await refused(watch.read())).reason == "VALIDATION_NOT_FOUND"


async def test_a_plan_names_methods_in_order_with_reasons(world):
    plan = await world.stub.ExplainPlan(pb2.ExplainPlanRequest(problem=disk()))
    assert [step.order for step in plan.steps] == list(range(1, len(plan.steps) + 1))
    assert {step.obligation for step in plan.steps} == {"init", "unsafe", "flow"}
    assert all(step.rationale for step in plan.steps)
    expected = [step for step in plan.steps if step.HasField("expected_seconds")]
    assert expected
    assert all(0 <= step.success_share <= 1 and step.expected_seconds > 0 for step in expected)
    failure = await refused(world.stub.ExplainPlan(pb2.ExplainPlanRequest(problem=disk("x +"))))
    assert failure.reason == "EXPRESSION_INVALID"


async def test_the_canonical_problem_has_the_hash_that_verdicts_carry(world):
    answer = await world.stub.CanonicalizeProblem(pb2.CanonicalizeProblemRequest(problem=disk()))
    verdict = await validate(world, disk())
    assert answer.problem_sha256 == verdict.problem_sha256
    assert [o.obligation for o in answer.obligations] == ["init", "unsafe", "flow"]
    assert all(o.statement and o.case_count for o in answer.obligations)


async def test_methods_and_kinds_are_listed_with_their_theorems(world):
    answer = await world.stub.ListMethods(pb2.ListMethodsRequest())
    verdict = await validate(world, disk())
    known = {method.method for method in answer.methods}
    used = {name for o in verdict.obligations for name in o.method.split("+")}
    assert used <= known
    supported = [kind for kind in answer.kinds if kind.supported]
    assert len(supported) == len(KINDS) == 15
    assert all(kind.theorem and kind.citation and kind.obligations for kind in supported)


async def test_every_reason_is_explained(world):
    for entry in ERRORS.entries.values():
        name = f"errorReasons/{entry.reason}"
        found = await world.stub.DescribeError(pb2.DescribeErrorRequest(name=name))
        assert found.code == entry.code.name
        assert found.description
        assert found.remedy


@pytest.mark.parametrize(
    ("fault", "reason"), [(StoreBusy, "STORE_BUSY"), (StoreUnavailable, "STORE_UNAVAILABLE")]
)
async def test_a_faulty_store_is_unavailable_and_says_nothing_about_itself(
    world, monkeypatch, fault, reason
):
    def broken(*_: Any) -> Any:
        raise fault

    monkeypatch.setattr(world.store, "verdict", broken)
    failure = await refused(
        world.stub.GetVerdict(pb2.GetVerdictRequest(name="verdicts/" + "0" * 64))
    )
    assert failure.reason == reason


async def test_a_cache_that_does_not_answer_is_a_miss(tmp_path):
    silent = grpc.aio.insecure_channel("127.0.0.1:9")
    async with running(tmp_path, silent) as world:
        assert (await validate(world, disk())).safety.implies_safety


async def test_strangers_may_call_nothing():
    service = pb2.DESCRIPTOR.services_by_name["ValidationService"]
    table = policy().roles
    for method in service.methods:
        assert "service:cache" not in table[f"{service.full_name}/{method.name}"]


async def test_every_reason_of_the_table_was_seen():
    assert {entry.reason for entry in ERRORS.entries.values()} == SEEN
