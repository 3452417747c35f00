"""The coherence service's API: every RPC that is served, and every reason for which it says no.

Real servicers over loopback gRPC, a real store, and a real validation service beside it.
"""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import pytest_asyncio
import sqlalchemy as sa
from lucid.coherence.v1 import coherence_service_pb2 as pb2
from lucid.coherence.v1 import coherence_service_pb2_grpc, error_reason_pb2
from lucid.coherence.v1 import evolution_pb2 as evolution
from lucid.coherence.v1 import state_pb2 as states
from lucid.validation.v1 import validation_service_pb2_grpc, verdict_pb2
from lucid_coherence.errors import DOMAIN, ERRORS
from lucid_coherence.server import definition
from lucid_coherence.settings import Settings
from lucid_coherence.store import Store
from lucid_coherence.tables import CHECKPOINTS
from lucid_rpc.channel import connect
from lucid_rpc.status import Failure, failure_of
from lucid_store.faults import StoreBusy, StoreFull, StoreUnavailable
from lucid_testkit.ports import free_address
from lucid_testkit.servers import serving, silent_telemetry
from lucid_validation import server as validation_server
from lucid_validation.settings import Settings as ValidationSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")
SEEN: set[str] = set()
QUBIT = {
    "relaxation_rate_per_s": "1/50",
    "coherence_decay_rate_low_per_s": "1/40",
    "detuning_rad_per_s": "0.1",
}
EXACT_S = 20 * np.log(3.24)


@dataclass
class World:
    """A running coherence service; `lonely` is one whose validation is not there."""

    stub: Any
    lonely: Any
    store: Store


@asynccontextmanager
async def coherence(store: Store, channel: Any) -> AsyncIterator[Any]:
    validation = validation_service_pb2_grpc.ValidationServiceStub(channel)
    async with serving(definition(store, validation, Settings(), channel=channel)) as served:
        yield coherence_service_pb2_grpc.CoherenceServiceStub(served.channel)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("coherence")
    settings = ValidationSettings(data_dir=str(folder), cache=free_address(), workers_max=1)
    service = await validation_server.build(settings, silent_telemetry("validation"))
    store, alone = (Store.open(f"sqlite:///{folder}/{name}.sqlite") for name in ("one", "two"))
    async with serving(service) as validation:
        channel = connect(validation.address, service="validation", caller="coherence")
        nobody = connect(free_address(), service="validation", caller="coherence")
        async with coherence(store, channel) as stub, coherence(alone, nobody) as lonely:
            yield World(stub, lonely, store)


def qubit(**changes: str) -> evolution.OpenSystem:
    return evolution.OpenSystem(damped_qubit=evolution.DampedQubit(**(QUBIT | changes)))


def batch(*matrices: Any, dims: tuple[int, ...] = (2,)) -> states.StateBatch:
    data = np.array(matrices, dtype="<c16")
    return states.StateBatch(count=len(matrices), dims=dims, data=data.tobytes())


def matrices(message: states.StateBatch) -> Any:
    d = int(np.prod(message.dims))
    return np.frombuffer(message.data, dtype="<c16").reshape(message.count, d, d)


def carrier_request(**changes: Any) -> pb2.CreateCarrierRequest:
    fields = {"system": qubit(), "theta": "0.5", "initial_coherence": "0.9"}
    own = {key: changes.pop(key) for key in list(changes) if key in {*fields, "session"}}
    carrier = evolution.Carrier(**(fields | own))
    return pb2.CreateCarrierRequest(carrier=carrier, **changes)


async def _drain(stream: Any) -> None:
    async for _ in stream:
        pass


async def refused(call: Any) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await (_drain(call) if hasattr(call, "__aiter__") else call)
    failure = failure_of(caught.value)
    assert failure.domain == DOMAIN, failure
    assert failure.message
    SEEN.add(failure.reason)
    return failure


BELL = np.array([[0.5, 0, 0, 0.5], [0, 0, 0, 0], [0, 0, 0, 0], [0.5, 0, 0, 0.5]])
PLUS = np.full((2, 2), 0.5)
OVERFULL = np.diag([1.2, -0.2])


async def test_analyze_states_measures_a_bell_pair(world: World) -> None:
    request = pb2.AnalyzeStatesRequest(
        states=batch(BELL, np.eye(4) / 4, dims=(2, 2)), measures=list(range(1, 8))
    )
    response = await world.stub.AnalyzeStates(request)
    assert response.reports.is_valid == [True, True]
    values = {result.measure: list(result.values) for result in response.results}
    assert values[states.MEASURE_CONCURRENCE] == pytest.approx([1, 0])
    assert values[states.MEASURE_NEGATIVITY] == pytest.approx([0.5, 0])
    assert values[states.MEASURE_VON_NEUMANN_ENTROPY] == pytest.approx([0, 2])
    assert all(result.basis and result.method and result.notes for result in response.results)
    assert response.tolerances.trace_abs == 1e-9


async def test_analyze_states_only_reports_what_is_not_physical(world: World) -> None:
    response = await world.stub.AnalyzeStates(pb2.AnalyzeStatesRequest(states=batch(OVERFULL)))
    assert response.reports.min_eigenvalues == pytest.approx([-0.2])
    assert response.reports.is_valid == [False]
    assert not response.results


async def test_stream_analyze_states_answers_each_chunk_and_survives_a_bad_one(
    world: World,
) -> None:
    def chunk(number: int, message: states.StateBatch) -> pb2.StreamAnalyzeStatesRequest:
        request = pb2.AnalyzeStatesRequest(states=message, measures=[states.MEASURE_C_L1])
        return pb2.StreamAnalyzeStatesRequest(chunk_id=number, request=request)

    sent = [
        chunk(1, batch(PLUS)),
        chunk(2, batch(OVERFULL)),
        chunk(3, batch(*[PLUS] * 257)),
        chunk(4, batch(*[PLUS] * 256)),
    ]
    found = [answer async for answer in world.stub.StreamAnalyzeStates(iter(sent))]
    assert [answer.chunk_id for answer in found] == [1, 2, 3, 4]
    kinds = [answer.WhichOneof("outcome") for answer in found]
    assert kinds == ["response", "error", "error", "response"]
    assert list(found[3].response.results[0].values) == pytest.approx([1.0] * 256)
    assert found[1].error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert found[2].error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]


async def test_project_states_returns_the_nearest_and_the_distance(world: World) -> None:
    request = pb2.ProjectStatesRequest(states=batch(OVERFULL, PLUS))
    response = await world.stub.ProjectStates(request)
    np.testing.assert_allclose(matrices(response.states)[0], np.diag([1, 0]), atol=1e-15)
    assert response.reports[0].distance == pytest.approx(np.sqrt(0.08))
    assert response.reports[0].eigenvalues_clipped == 1
    assert response.reports[1].distance < 1e-15


async def test_evolve_states_streams_times_with_an_error_bound(world: World) -> None:
    times = np.linspace(0, 40, 130).tolist()
    request = pb2.EvolveStatesRequest(
        states=batch(PLUS), system=qubit(), times_s=times, chunk_times=64
    )
    chunks = [chunk async for chunk in world.stub.EvolveStates(request)]
    assert [chunk.sequence for chunk in chunks] == [1, 2, 3]
    assert [chunk.terminal for chunk in chunks] == [False, False, True]
    assert chunks[-1].progress == 1
    evolved = np.concatenate([matrices(chunk.states) for chunk in chunks])
    np.testing.assert_allclose(np.abs(evolved[:, 1, 0]), 0.5 * np.exp(-np.array(times) / 40))
    assert all(0 < chunk.error_bound < 1e-10 for chunk in chunks)


async def test_evolve_states_takes_a_general_generator(world: World) -> None:
    flip = np.array([[0, 1], [1, 0]], dtype="<c16")
    system = evolution.OpenSystem(
        lindbladian=evolution.Lindbladian(dims=[2], hamiltonian=(flip * 0.5).tobytes())
    )
    ground = np.diag([1.0, 0.0])
    request = pb2.EvolveStatesRequest(states=batch(ground), system=system, times_s=[np.pi])
    (chunk,) = [chunk async for chunk in world.stub.EvolveStates(request)]
    np.testing.assert_allclose(matrices(chunk.states)[0], np.diag([0, 1]), atol=1e-12)


def certify(**changes: Any) -> pb2.CertifyCoherenceRequest:
    fields = {"system": qubit(), "theta": "0.5", "initial_coherence": "0.9"}
    return pb2.CertifyCoherenceRequest(**(fields | changes))


async def test_certify_coherence_proves_a_horizon_near_the_exact_one(world: World) -> None:
    events = [event async for event in world.stub.CertifyCoherence(certify())]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    stages = [event.progress.stage for event in events[:-1]]
    assert stages == ["construct", "raise_degree", "validate"]
    result = events[-1].result
    assert result.certified, result.reason
    assert result.status == verdict_pb2.VERDICT_STATUS_PROVED
    assert result.numerical_horizon_s == pytest.approx(EXACT_S)
    assert 0 < result.gap_percent <= 1
    assert result.verdict.startswith("verdicts/")
    assert result.evidence.startswith("evidence/")
    assert "Kong2013" in result.theorem


@pytest.mark.parametrize(("theta", "start"), [("0.5", "0.9"), ("0.02", "1")])
async def test_certify_coherence_covers_an_interval_of_rates(
    world: World, theta: str, start: str
) -> None:
    system = qubit(coherence_decay_rate_high_per_s="1/20")
    request = certify(system=system, theta=theta, initial_coherence=start)
    *_, last = [event async for event in world.stub.CertifyCoherence(request)]
    assert last.result.certified, last.result.reason
    expected = 20 * np.log(float(start) / float(theta))
    assert last.result.numerical_horizon_s == pytest.approx(expected)


async def test_certify_coherence_refuses_a_horizon_that_is_too_long(world: World) -> None:
    request = certify(wanted_horizon_s="25")
    *_, last = [event async for event in world.stub.CertifyCoherence(request)]
    result = last.result
    assert not result.certified
    assert result.status == verdict_pb2.VERDICT_STATUS_REFUTED
    assert result.horizon_s == "25"
    assert "unsafe fails at t = " in result.reason
    assert not result.theorem


async def test_carriers_are_prepared_once_and_discarded(world: World) -> None:
    request = carrier_request(
        carrier_id="first", request_id=str(uuid.uuid4()), session="sessions/s1"
    )
    made = await world.stub.CreateCarrier(request)
    again = await world.stub.CreateCarrier(request)
    assert made == again
    assert made.name == "carriers/first"
    assert made.state == evolution.CARRIER_STATE_READY
    assert made.certified_horizon.certified
    assert made.effect_count == 1
    assert await world.stub.GetCarrier(pb2.GetCarrierRequest(name=made.name)) == made
    delete = pb2.DeleteCarrierRequest(name=made.name, request_id=str(uuid.uuid4()))
    gone = await world.stub.DeleteCarrier(delete)
    assert gone.state == evolution.CARRIER_STATE_DISCARDED
    assert gone.etag != made.etag
    assert await world.stub.DeleteCarrier(delete) == gone
    assert await world.stub.DeleteCarrier(pb2.DeleteCarrierRequest(name=made.name)) == gone


async def test_checkpoints_restore_to_the_state_and_data_to_the_nearest(world: World) -> None:
    made = await world.stub.CreateCarrier(carrier_request())
    request = pb2.CheckpointCarrierRequest(
        name=made.name, elapsed_s=10, request_id=str(uuid.uuid4())
    )
    taken = await world.stub.CheckpointCarrier(request)
    assert await world.stub.CheckpointCarrier(request) == taken
    coherence_now = 2 * abs(matrices(taken.state)[0][1, 0])
    assert coherence_now == pytest.approx(0.9 * np.exp(-0.25))
    restored = await world.stub.RestoreCarrier(
        pb2.RestoreCarrierRequest(name=made.name, checkpoint=taken.name)
    )
    np.testing.assert_allclose(matrices(restored.states), matrices(taken.state), atol=1e-15)
    assert restored.reports[0].distance < 1e-15
    repaired = await world.stub.RestoreCarrier(
        pb2.RestoreCarrierRequest(name=made.name, states=batch(OVERFULL, PLUS))
    )
    assert [one.distance for one in repaired.reports] == pytest.approx([np.sqrt(0.08), 0])


async def test_states_are_refused_by_name(world: World) -> None:
    def analyze(message: states.StateBatch, **fields: Any) -> Any:
        return world.stub.AnalyzeStates(pb2.AnalyzeStatesRequest(states=message, **fields))

    short = states.StateBatch(count=1, dims=[2], data=bytes(63))
    failure = await refused(analyze(short))
    assert failure.reason == "STATE_LAYOUT_INVALID"
    assert (failure.metadata["expected"], failure.metadata["actual"]) == ("64", "63")
    neither = await refused(analyze(states.StateBatch(count=1, dims=[2])))
    assert neither.reason == "STATE_LAYOUT_INVALID"
    failure = await refused(analyze(batch(OVERFULL), measures=[states.MEASURE_PURITY]))
    assert (failure.reason, failure.metadata["value"]) == ("STATE_NOT_PHYSICAL", "-0.2")
    wide = batch(np.eye(6) / 6, dims=(2, 3))
    failure = await refused(analyze(wide, measures=[states.MEASURE_CONCURRENCE]))
    assert (failure.reason, failure.code) == (
        "MEASURE_NOT_APPLICABLE",
        grpc.StatusCode.OUT_OF_RANGE,
    )
    failure = await refused(analyze(wide, measures=[states.MEASURE_NEGATIVITY], cut=[0, 1]))
    assert failure.reason == "MEASURE_NOT_APPLICABLE"
    failure = await refused(analyze(states.StateBatch(count=1, dims=[257], data=b"x")))
    assert (failure.reason, failure.metadata["limit"]) == ("LIMIT_EXCEEDED", "dimension_max")
    request = pb2.ProjectStatesRequest(states=batch(OVERFULL), max_distance=0.1)
    failure = await refused(world.stub.ProjectStates(request))
    assert failure.reason == "PROJECTION_TOO_FAR"


async def test_evolutions_are_refused_by_name(world: World) -> None:
    def evolve(system: evolution.OpenSystem, times: list[float]) -> Any:
        return world.stub.EvolveStates(
            pb2.EvolveStatesRequest(states=batch(PLUS), system=system, times_s=times)
        )

    failure = await refused(evolve(qubit(coherence_decay_rate_low_per_s="0.005"), [1.0]))
    assert (failure.reason, failure.code) == (
        "RATES_NOT_PHYSICAL",
        grpc.StatusCode.FAILED_PRECONDITION,
    )
    assert failure.metadata == {"t1_s": "50", "t2_s": "200"}
    assert (await refused(evolve(qubit(), [0, 2, 1]))).reason == "TIMES_NOT_RISING"
    failure = await refused(evolve(qubit(detuning_rad_per_s="abc"), [1.0]))
    assert failure.reason == "NUMBER_INVALID"
    assert failure.field_violations[0].field == "system.damped_qubit.detuning_rad_per_s"
    big = evolution.Lindbladian(dims=[9, 9], hamiltonian=bytes(16))
    failure = await refused(evolve(evolution.OpenSystem(lindbladian=big), [1.0]))
    assert failure.reason == "MODEL_NOT_SUPPORTED"


async def test_horizons_are_refused_by_name(world: World) -> None:
    failure = await refused(world.stub.CertifyCoherence(certify(theta="0.9")))
    assert failure.reason == "THRESHOLD_NOT_BELOW_START"
    failure = await refused(world.stub.CertifyCoherence(certify(theta="1e-9")))
    assert failure.reason == "HORIZON_NOT_CERTIFIED"
    failure = await refused(world.stub.CreateCarrier(carrier_request(min_horizon_s="60")))
    assert (failure.reason, failure.metadata["needed_s"]) == ("HORIZON_TOO_SHORT", "60")
    for call in (
        world.lonely.CertifyCoherence(certify()),
        world.lonely.CreateCarrier(carrier_request()),
    ):
        failure = await refused(call)
        assert (failure.reason, failure.code) == (
            "VALIDATION_UNAVAILABLE",
            grpc.StatusCode.UNAVAILABLE,
        )


async def test_carriers_are_refused_by_name(world: World) -> None:
    absent = await refused(world.stub.GetCarrier(pb2.GetCarrierRequest(name="carriers/none")))
    assert (absent.reason, absent.metadata) == ("CARRIER_NOT_FOUND", {"name": "carriers/none"})
    request_id = str(uuid.uuid4())
    made = await world.stub.CreateCarrier(
        carrier_request(carrier_id="second", request_id=request_id)
    )
    failure = await refused(world.stub.CreateCarrier(carrier_request(carrier_id="second")))
    assert failure.reason == "CARRIER_ALREADY_EXISTS"
    other = carrier_request(carrier_id="third", request_id=request_id)
    assert (await refused(world.stub.CreateCarrier(other))).reason == "REQUEST_ID_REUSED"
    lost = pb2.RestoreCarrierRequest(name=made.name, checkpoint=f"{made.name}/checkpoints/k-none")
    assert (await refused(world.stub.RestoreCarrier(lost))).reason == "CHECKPOINT_NOT_FOUND"
    await world.stub.DeleteCarrier(pb2.DeleteCarrierRequest(name=made.name))
    late = pb2.CheckpointCarrierRequest(name=made.name, elapsed_s=1)
    assert (await refused(world.stub.CheckpointCarrier(late))).reason == "CARRIER_DISCARDED"


async def test_a_damaged_checkpoint_is_not_restored(world: World) -> None:
    made = await world.stub.CreateCarrier(carrier_request())
    taken = await world.stub.CheckpointCarrier(
        pb2.CheckpointCarrierRequest(name=made.name, elapsed_s=1)
    )
    damage = sa.update(CHECKPOINTS).values(state_sha256="0" * 64)
    await world.store.write(lambda connection: connection.execute(damage).rowcount)
    request = pb2.RestoreCarrierRequest(name=made.name, checkpoint=taken.name)
    assert (await refused(world.stub.RestoreCarrier(request))).reason == "STORE_UNAVAILABLE"


@pytest.mark.parametrize("fault", [StoreBusy, StoreFull, StoreUnavailable])
async def test_faults_of_the_store_have_reasons(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: Callable[[], Exception]
) -> None:
    def fail(*_: Any) -> None:
        raise fault()

    monkeypatch.setattr(world.store, "_read", fail)
    failure = await refused(world.stub.GetCarrier(pb2.GetCarrierRequest(name="carriers/x")))
    assert failure.reason.startswith("STORE_")
    assert failure.retry_after_s is not None


async def test_the_table_and_the_protos_have_the_same_reasons() -> None:
    declared = {
        name.removeprefix("ERROR_REASON_") for name in error_reason_pb2.ErrorReason.keys()[1:]
    }
    assert {entry.reason for entry in ERRORS.entries.values()} == declared


async def test_every_reason_was_seen_above(request: pytest.FixtureRequest) -> None:
    if not all(name in SEEN for name in ("STORE_BUSY", "HORIZON_TOO_SHORT")):
        pytest.skip("only meaningful after the whole file has run")
    rest = {entry.reason for entry in ERRORS.entries.values()} - SEEN
    # Topics with a file of their own assert their reasons there.
    topics = "".join(path.read_text() for path in Path(__file__).parent.glob("test_coherence_*.py"))
    assert {reason for reason in rest if f'"{reason}"' not in topics} == set()


async def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/deep/down/coherence.sqlite")
    store.close()
    assert (tmp_path / "deep/down/coherence.sqlite").exists()
