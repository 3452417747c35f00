"""SynthesizeCertificate: searched in real workers, proved, kept like any validation."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import lucid_checker
import pytest
import pytest_asyncio
from google.longrunning import operations_pb2_grpc
from google.longrunning import operations_proto_pb2 as operations_pb2
from google.protobuf import duration_pb2
from lucid.validation.v1 import problem_pb2 as problems
from lucid.validation.v1 import validation_service_pb2 as pb2
from lucid.validation.v1 import validation_service_pb2_grpc, verdict_pb2
from lucid_rpc.status import Failure, failure_of
from lucid_runtime.clock import SystemClock
from lucid_runtime.identifiers import system_random
from lucid_testkit.servers import serving, silent_telemetry
from lucid_validation.server import Service
from lucid_validation.settings import Settings
from lucid_validation.store import Store

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class World:
    """One running validation service without a cache."""

    service: Service
    stub: Any
    operations: Any


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[World]:
    telemetry = silent_telemetry("validation")
    store = Store.open(f"sqlite:///{folder}/validation.sqlite")
    service = Service(
        Settings(workers_max=2, heartbeat_s=0.1), store, None, telemetry,
        clock=SystemClock(), random_bytes=system_random,
    )  # fmt: skip
    async with serving(service.definition(), telemetry=telemetry) as served:
        stub = validation_service_pb2_grpc.ValidationServiceStub(served.channel)
        yield World(service, stub, operations_pb2_grpc.OperationsStub(served.channel))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running(tmp_path_factory.mktemp("synthesis")) as found:
        yield found


def atom(text: str) -> Any:
    return problems.Formula(atom=text)


def wanted(names: str = "xy", rates: Any = None, **more: Any) -> Any:
    """x' = -x, y' = -y from the unit disk, unsafe from x = 2 on."""
    rates = rates or {name: f"-{name}" for name in names}
    system = problems.System(
        variables=list(names), dynamics=rates, time_kind=more.pop("time_kind", 0)
    )
    described = {
        "initial": atom(" + ".join(f"{name}**2" for name in names) + " <= 1"),
        "unsafe": atom(f"{names[0]} >= 2"),
        "kind": problems.CERTIFICATE_KIND_EVERYWHERE,
        "degree": 2,
        "budget": duration_pb2.Duration(seconds=30),
        **more,
    }
    return pb2.SynthesizeCertificateRequest(system=system, **described)


def stubborn(**more: Any) -> Any:
    """x' = 1 carries everything from init to unsafe, so that the search goes on to its end."""
    rates = {"x": "1", "y": "-y*x**2", "z": "y - z**3", "w": "x*y*z - w"}
    return wanted("xyzw", rates, degree=12, kind=problems.CERTIFICATE_KIND_STRICT_LEVEL_SET, **more)


async def events_of(world: World, operation: Any) -> list[Any]:
    name = operation.name.replace("operations/", "validations/")
    watch = world.stub.WatchValidation(pb2.WatchValidationRequest(name=name))
    return [event async for event in watch if not event.heartbeat]


async def ended(world: World, request: Any) -> Any:
    """Return the validation in which the search ended."""
    operation = await world.stub.SynthesizeCertificate(request)
    await events_of(world, operation)
    done = await world.operations.GetOperation(
        operations_pb2.GetOperationRequest(name=operation.name)
    )
    assert done.done
    found = pb2.Validation()
    assert done.response.Unpack(found)
    return found


async def refused(world: World, request: Any) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.stub.SynthesizeCertificate(request)
    return failure_of(caught.value)


async def test_a_certificate_is_found_proved_and_kept_with_its_evidence(world):
    operation = await world.stub.SynthesizeCertificate(wanted(validation_id="found"))
    events = await events_of(world, operation)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert [event.terminal for event in events].count(True) == 1
    assert any(event.synthesis.iterations for event in events[:-1])
    assert events[-1].synthesis.outcome == pb2.SYNTHESIS_OUTCOME_FOUND
    found = await world.stub.GetValidation(pb2.GetValidationRequest(name="validations/found"))
    assert found.state == pb2.VALIDATION_STATE_SUCCEEDED
    assert found.verdict.status == verdict_pb2.VERDICT_STATUS_PROVED
    assert found.verdict.safety.implies_safety
    assert found.problem.certificate.barrier
    assert found.synthesis.degree == 2
    assert found.synthesis.margin > 0
    evidence = await world.stub.GetEvidence(pb2.GetEvidenceRequest(name=found.verdict.evidence))
    report = lucid_checker.check(evidence.problem_document, evidence.document)
    assert report.accepted
    assert report.implies_safety
    expression = json.loads(evidence.problem_document)["certificate"]["expr"]
    assert expression == found.problem.certificate.barrier
    canonical = await world.stub.CanonicalizeProblem(
        pb2.CanonicalizeProblemRequest(problem=found.problem)
    )
    assert canonical.problem_sha256 == found.verdict.problem_sha256


async def test_a_wanted_rate_is_kept_and_another_is_searched_for(world):
    kind = problems.CERTIFICATE_KIND_EXPONENTIAL
    found = await ended(world, wanted(kind=kind, rate="-1/7"))
    assert found.synthesis.outcome == pb2.SYNTHESIS_OUTCOME_FOUND
    assert found.problem.certificate.rate == "-1/7"
    found = await ended(world, wanted(kind=kind))
    assert found.synthesis.outcome == pb2.SYNTHESIS_OUTCOME_FOUND
    assert found.problem.certificate.rate


async def test_a_map_gets_a_certificate_too(world):
    request = wanted(
        rates={"x": "x/2 + y/4", "y": "y/2 - x/4"},
        time_kind=problems.TIME_KIND_DISCRETE,
        kind=problems.CERTIFICATE_KIND_DISCRETE_INDUCTIVE,
    )
    found = await ended(world, request)
    assert found.verdict.safety.implies_safety


async def test_no_certificate_exists_where_a_start_is_unsafe_and_the_state_is_named(world):
    found = await ended(world, wanted(unsafe=atom("x >= 1/2")))
    assert found.synthesis.outcome == pb2.SYNTHESIS_OUTCOME_IMPOSSIBLE
    assert set(found.synthesis.state) == {"x", "y"}
    assert not found.HasField("verdict")


async def test_a_degree_that_is_too_low_ends_with_the_reason_and_nothing_proved(world):
    found = await ended(world, wanted(degree=2, rates={"x": "1", "y": "-y"}))
    assert found.synthesis.outcome == pb2.SYNTHESIS_OUTCOME_DEGREE_EXHAUSTED
    assert "degree 2" in found.synthesis.reason
    assert found.verdict.status != verdict_pb2.VERDICT_STATUS_PROVED
    assert not found.verdict.safety.implies_safety


async def test_the_end_of_the_budget_is_an_outcome(world):
    found = await ended(world, stubborn(budget=duration_pb2.Duration(seconds=4)))
    assert found.synthesis.outcome == pb2.SYNTHESIS_OUTCOME_BUDGET_EXHAUSTED
    assert "budget" in found.synthesis.reason
    assert not found.verdict.safety.implies_safety


async def test_a_cancelled_search_ends_and_its_worker_with_it(world):
    operation = await world.stub.SynthesizeCertificate(stubborn(validation_id="stopped"))
    async with asyncio.timeout(20):
        while not world.service.searchers.busy:
            await asyncio.sleep(0.01)
    (pid,) = world.service.searchers.busy
    await world.operations.CancelOperation(
        operations_pb2.CancelOperationRequest(name=operation.name)
    )
    events = await events_of(world, operation)
    assert events[-1].state == pb2.VALIDATION_STATE_CANCELLED
    async with asyncio.timeout(5):
        while Path(f"/proc/{pid}").exists():  # noqa: ASYNC240
            await asyncio.sleep(0.01)


async def test_a_request_id_makes_a_retry_harmless(world):
    request_id = str(uuid.uuid4())
    first = await world.stub.SynthesizeCertificate(wanted(request_id=request_id))
    again = await world.stub.SynthesizeCertificate(wanted(request_id=request_id))
    assert first.name == again.name
    failure = await refused(world, wanted(request_id=request_id, degree=4))
    assert failure.reason == "REQUEST_ID_REUSED"


async def test_an_id_is_given_once(world):
    await world.stub.SynthesizeCertificate(wanted(validation_id="taken"))
    failure = await refused(world, wanted(validation_id="taken"))
    assert failure.reason == "VALIDATION_ALREADY_EXISTS"


async def test_more_than_six_dimensions_are_refused_with_both_numbers(world):
    failure = await refused(world, wanted("abcdefg"))
    assert failure.reason == "LIMIT_EXCEEDED"
    assert (failure.metadata["maximum"], failure.metadata["value"]) == ("6", "7")
    assert failure.field_violations[0].field == "system.variables"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"rates": {"x": "-sin(x)", "y": "-y"}}, 'system.dynamics["x"]', "polynomial"),
        ({"unsafe": atom("exp(x) >= 9")}, "unsafe", "polynomial"),
        ({"kind": problems.CERTIFICATE_KIND_WEAK_LEVEL_SET}, "kind", "EVERYWHERE"),
        ({"kind": problems.CERTIFICATE_KIND_HYBRID}, "kind", "EVERYWHERE"),
        ({"kind": problems.CERTIFICATE_KIND_DISCRETE_DECREASE}, "kind", "everywhere"),
        ({"time_kind": problems.TIME_KIND_HYBRID}, "system.time_kind", "continuous"),
        ({"rate": "-1"}, "rate", "EXPONENTIAL"),
        ({"kind": problems.CERTIFICATE_KIND_EXPONENTIAL, "rate": "x"}, "rate", "number"),
    ],
)
async def test_what_cannot_be_searched_for_names_the_field_and_says_why(
    world, change, field, words
):
    failure = await refused(world, wanted(**change))
    assert failure.code == grpc.StatusCode.INVALID_ARGUMENT
    assert failure.reason == "PROBLEM_INVALID"
    assert failure.field_violations[0].field == field
    assert words in failure.field_violations[0].description


async def test_an_expression_that_cannot_be_read_names_field_and_position(world):
    failure = await refused(world, wanted(initial=atom("x**2 + <= 1")))
    assert failure.reason == "EXPRESSION_INVALID"
    assert failure.field_violations[0].field == "initial"
    assert failure.metadata["position"]


async def test_rules_beside_the_fields_are_kept(world):
    failure = await refused(world, wanted(degree=13))
    assert (failure.code, failure.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELDS_INVALID")


async def test_an_accepted_search_is_finished_by_the_next_process(tmp_path):
    async with running(tmp_path) as world:
        operation = await world.stub.SynthesizeCertificate(wanted())
    async with running(tmp_path) as world:
        events = await events_of(world, operation)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert events[-1].verdict.safety.implies_safety
