"""ConvertChannel over loopback gRPC: what it answers, and every reason for which it says no."""

import sys
from collections.abc import AsyncIterator
from typing import Any

import grpc
import numpy as np
import pytest
import pytest_asyncio
from lucid.coherence.v1 import channel_pb2, coherence_service_pb2_grpc
from lucid.coherence.v1 import coherence_service_pb2 as pb2
from lucid.coherence.v1 import state_pb2 as states
from lucid.validation.v1 import validation_service_pb2_grpc
from lucid_coherence.errors import DOMAIN
from lucid_coherence.server import definition
from lucid_coherence.settings import Settings
from lucid_coherence.store import Store
from lucid_rpc.channel import connect
from lucid_rpc.status import Failure, failure_of
from lucid_testkit.ports import free_address
from lucid_testkit.servers import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
KRAUS = channel_pb2.CHANNEL_REPRESENTATION_KRAUS
CHOI = channel_pb2.CHANNEL_REPRESENTATION_CHOI
PAULI = channel_pb2.CHANNEL_REPRESENTATION_PAULI_TRANSFER
SUPER = channel_pb2.CHANNEL_REPRESENTATION_SUPEROPERATOR
PLUS = np.full((2, 2), 0.5)
SWAP = np.eye(4).reshape(2, 2, 2, 2).transpose(1, 0, 2, 3).reshape(4, 4)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('channels')}/coherence.sqlite")
    nobody = connect(free_address(), service="validation", caller="coherence")
    asked = validation_service_pb2_grpc.ValidationServiceStub(nobody)
    async with serving(definition(store, asked, Settings(), channel=nobody)) as served:
        yield coherence_service_pb2_grpc.CoherenceServiceStub(served.channel)


def numbers(matrix: Any, form: int = CHOI, dims: tuple[int, ...] = (2,)) -> Any:
    data = np.array(matrix, dtype="<c16").tobytes()
    channel = channel_pb2.Channel(representation=form, dims=dims, data=data)
    return channel_pb2.ChannelSource(channel=channel)


def model(**fields: Any) -> channel_pb2.ChannelSource:
    return channel_pb2.ChannelSource(model=channel_pb2.NoiseModel(**fields))


def damping(decay: float, excited_population: float = 0.0) -> channel_pb2.ChannelSource:
    chosen = channel_pb2.AmplitudeDamping(decay=decay, excited_population=excited_population)
    return model(amplitude_damping=chosen)


def thermal(**fields: float) -> channel_pb2.ChannelSource:
    return model(thermal_relaxation=channel_pb2.ThermalRelaxation(**fields))


def convert(source: Any, form: int = CHOI, **fields: Any) -> pb2.ConvertChannelRequest:
    return pb2.ConvertChannelRequest(channel=source, representation=form, **fields)


def matrix(channel: channel_pb2.Channel, *shape: int) -> Any:
    return np.frombuffer(channel.data, dtype="<c16").reshape(shape)


def batch(*matrices: Any, dims: tuple[int, ...] = (2,)) -> states.StateBatch:
    data = np.array(matrices, dtype="<c16").tobytes()
    return states.StateBatch(count=len(matrices), dims=dims, data=data)


async def refused(call: Any, domain: str = DOMAIN) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    failure = failure_of(caught.value)
    assert failure.domain == domain, failure
    return failure


async def test_a_model_comes_back_in_every_form(stub: Any) -> None:
    kraus = await stub.ConvertChannel(convert(damping(0.36), KRAUS))
    operators = matrix(kraus.channel, 2, 2, 2)
    np.testing.assert_allclose(operators[0], np.diag([1, 0.8]), atol=1e-15)
    np.testing.assert_allclose(operators[1], [[0, 0.6], [0, 0]], atol=1e-15)
    transfer = matrix((await stub.ConvertChannel(convert(damping(0.36), PAULI))).channel, 4, 4)
    expected = np.diag([1, 0.8, 0.8, 0.64])
    expected[3, 0] = 0.36
    np.testing.assert_allclose(transfer, expected, atol=1e-15)
    choi = await stub.ConvertChannel(convert(damping(0.36), CHOI))
    again = await stub.ConvertChannel(
        convert(channel_pb2.ChannelSource(channel=choi.channel), SUPER)
    )
    there = matrix(again.channel, 4, 4) @ np.array([0, 0, 0, 1])
    np.testing.assert_allclose(there, [0.36, 0, 0, 0.64], atol=1e-15)
    assert any("columns are stacked" in note for note in choi.notes)


async def test_the_checks_come_with_their_sizes(stub: Any) -> None:
    response = await stub.ConvertChannel(convert(damping(0.36)))
    checks = response.checks
    assert checks.is_completely_positive
    assert checks.is_trace_preserving
    assert not checks.is_unital
    assert checks.unitality_error == pytest.approx(0.36)
    assert checks.rank == 2
    assert checks.tolerance_abs == 1e-9
    assert 0 < checks.eigenvalue_rounding < 1e-13
    assert abs(checks.min_choi_eigenvalue) <= checks.eigenvalue_rounding
    assert response.entanglement_fidelity == pytest.approx(0.81)
    assert response.average_gate_fidelity == pytest.approx((2 * 0.81 + 1) / 3)


async def test_the_transpose_is_reported_and_has_no_fidelity(stub: Any) -> None:
    response = await stub.ConvertChannel(convert(numbers(SWAP), PAULI))
    assert response.checks.min_choi_eigenvalue == pytest.approx(-1)
    assert not response.checks.is_completely_positive
    assert response.checks.is_trace_preserving
    assert not response.HasField("entanglement_fidelity")
    assert not response.HasField("average_gate_fidelity")
    transposed = np.diag(matrix(response.channel, 4, 4)).real
    np.testing.assert_allclose(transposed, [1, 1, -1, 1], atol=1e-15)


async def test_channels_act_one_after_another_and_on_states(stub: Any) -> None:
    request = convert(
        damping(1.0),
        then=[model(bit_flip=1.0), model(phase_flip=0.25)],
        states=batch(PLUS, np.diag([0.2, 0.8])),
    )
    response = await stub.ConvertChannel(request)
    came = np.frombuffer(response.states.data, dtype="<c16").reshape(2, 2, 2)
    np.testing.assert_allclose(came, [np.diag([0, 1])] * 2, atol=1e-15)


async def test_relaxation_keeps_t1_t2_and_equilibrium(stub: Any) -> None:
    source = thermal(t1_s=50e-6, t2_s=70e-6, time_s=20e-6, excited_population=0.1)
    response = await stub.ConvertChannel(convert(source, states=batch(PLUS)))
    (came,) = np.frombuffer(response.states.data, dtype="<c16").reshape(1, 2, 2)
    assert came[1, 1].real == pytest.approx(0.1 + 0.4 * np.exp(-0.4))
    assert came[0, 1] == pytest.approx(0.5 * np.exp(-2 / 7))


async def test_channels_act_on_one_of_several_qubits(stub: Any) -> None:
    def placed(qubit: int, **changes: Any) -> channel_pb2.ChannelSource:
        source = damping(1.0)
        source.MergeFrom(channel_pb2.ChannelSource(system_dims=[2, 2], subsystem=qubit))
        source.MergeFrom(channel_pb2.ChannelSource(**changes))
        return source

    up = np.diag([0, 0, 0, 1])
    request = convert(placed(1), states=batch(up, dims=(2, 2)))
    came = np.frombuffer((await stub.ConvertChannel(request)).states.data, dtype="<c16")
    np.testing.assert_allclose(came.reshape(4, 4), np.diag([0, 0, 1, 0]), atol=1e-15)
    request = convert(placed(1), then=[placed(0)], states=batch(up, dims=(2, 2)))
    came = np.frombuffer((await stub.ConvertChannel(request)).states.data, dtype="<c16")
    np.testing.assert_allclose(came.reshape(4, 4), np.diag([1, 0, 0, 0]), atol=1e-15)
    failure = await refused(stub.ConvertChannel(convert(placed(2))))
    assert (failure.reason, failure.metadata["check"]) == ("CHANNEL_LAYOUT_INVALID", "PLACE_FITS")
    assert failure.field_violations[0].field == "channel.subsystem"
    lost = damping(0.1)
    lost.subsystem = 1
    failure = await refused(stub.ConvertChannel(convert(damping(0.1), then=[lost])))
    assert failure.metadata["check"] == "SYSTEM_SET"
    assert failure.field_violations[0].field == "then[0].system_dims"


async def test_a_twirl_says_that_it_approximates(stub: Any) -> None:
    response = await stub.ConvertChannel(convert(damping(0.36), PAULI, pauli_twirl=True))
    np.testing.assert_allclose(
        matrix(response.channel, 4, 4), np.diag([1, 0.8, 0.8, 0.64]), atol=1e-15
    )
    assert sum(response.twirl.probabilities) == pytest.approx(1)
    assert list(response.twirl.probabilities) == pytest.approx([0.81, 0.09, 0.09, 0.01])
    assert response.twirl.dropped == pytest.approx(0.36)
    assert any(note.startswith("approximation") for note in response.notes)


async def test_the_diamond_distance_is_an_interval_around_the_closed_form(stub: Any) -> None:
    depolarizing = channel_pb2.DepolarizingNoise(probability=0.3)
    request = convert(model(depolarizing=depolarizing), compare_with=model(bit_flip=0.0))
    bounds = (await stub.ConvertChannel(request)).distance
    assert bounds.low <= 0.225 <= bounds.high
    request = convert(damping(0.3), compare_with=model(bit_flip=0.0), diamond=True)
    found = (await stub.ConvertChannel(request)).distance
    assert found.low <= 0.3 + 1e-12
    assert found.high >= 0.3 - 1e-12
    assert found.high - found.low < 1e-6
    assert 0 < found.rounding < 1e-12
    assert "repaired" in found.method
    loose = await stub.ConvertChannel(convert(damping(0.3), compare_with=model(bit_flip=0.0)))
    assert loose.distance.high > loose.distance.low + 0.1


async def test_the_largest_answers_fit_in_a_message(stub: Any) -> None:
    """Sixteen levels in every form, with as many states as are let in."""
    dims = (2, 2, 2, 2)
    source = model(depolarizing=channel_pb2.DepolarizingNoise(probability=0.5, dims=dims))
    crowd = batch(*[np.eye(16) / 16] * 488, dims=dims)
    for form in (KRAUS, CHOI, PAULI, SUPER):
        response = await stub.ConvertChannel(convert(source, form, states=crowd))
        assert response.checks.rank == 256
        assert response.states.count == 488
        assert len(response.channel.data) == 16**5


async def test_without_the_optional_solver_the_distance_is_refused(
    stub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "clarabel", None)
    request = convert(damping(0.3), compare_with=model(bit_flip=0.0), diamond=True)
    failure = await refused(stub.ConvertChannel(request))
    assert (failure.reason, failure.code) == (
        "EXTRA_NOT_INSTALLED",
        grpc.StatusCode.FAILED_PRECONDITION,
    )
    assert failure.metadata == {"extra": "diamond", "package": "clarabel"}
    assert "clarabel" in failure.message


async def test_layouts_are_refused_with_both_numbers(stub: Any) -> None:
    failure = await refused(stub.ConvertChannel(convert(numbers(np.eye(3)))))
    assert (failure.reason, failure.code) == (
        "CHANNEL_LAYOUT_INVALID",
        grpc.StatusCode.INVALID_ARGUMENT,
    )
    assert failure.metadata == {"check": "DATA_LENGTH", "expected": "256", "actual": "144"}
    assert failure.field_violations[0].field == "channel.channel.data"
    later = convert(damping(0.1), then=[numbers(np.eye(9), dims=(3,))])
    failure = await refused(stub.ConvertChannel(later))
    assert failure.metadata["check"] == "SAME_DIMS"
    assert failure.field_violations[0].field == "then[0]"
    other = convert(damping(0.1), states=batch(np.eye(3) / 3, dims=(3,)))
    failure = await refused(stub.ConvertChannel(other))
    assert failure.field_violations[0].field == "states.dims"


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e308, -1e7])
async def test_hostile_numbers_are_refused(stub: Any, number: float) -> None:
    poisoned = np.eye(4, dtype=np.complex128)
    poisoned[1, 2] = number
    failure = await refused(stub.ConvertChannel(convert(numbers(poisoned))))
    assert failure.reason == "CHANNEL_LAYOUT_INVALID"
    assert (failure.metadata["check"], failure.metadata["index"]) == ("MAGNITUDE", "6")


async def test_what_is_no_channel_is_not_compared_applied_or_factored(stub: Any) -> None:
    transposed = numbers(SWAP)
    for request, field in (
        (convert(transposed, KRAUS), "channel"),
        (convert(transposed, states=batch(PLUS)), "channel"),
        (convert(transposed, compare_with=damping(0.1)), "channel"),
        (convert(damping(0.1), compare_with=transposed, diamond=True), "compare_with"),
    ):
        failure = await refused(stub.ConvertChannel(request))
        assert (failure.reason, failure.code) == (
            "CHANNEL_NOT_PHYSICAL",
            grpc.StatusCode.INVALID_ARGUMENT,
        )
        assert failure.metadata["check"] == "min_choi_eigenvalue"
        assert failure.metadata["value"] == "-1"
        assert failure.field_violations[0].field == field


async def test_states_that_are_no_states_are_refused(stub: Any) -> None:
    request = convert(damping(0.1), states=batch(np.diag([1.2, -0.2])))
    assert (await refused(stub.ConvertChannel(request))).reason == "STATE_NOT_PHYSICAL"
    torn = states.StateBatch(count=1, dims=[2], data=bytes(63))
    request = convert(damping(0.1), states=torn)
    assert (await refused(stub.ConvertChannel(request))).reason == "STATE_LAYOUT_INVALID"


async def test_pauli_forms_need_qubits(stub: Any) -> None:
    qutrit = model(dephasing=channel_pb2.DephasingNoise(strength=0.1, dims=[3]))
    for request in (convert(qutrit, PAULI), convert(qutrit, pauli_twirl=True)):
        failure = await refused(stub.ConvertChannel(request))
        assert (failure.reason, failure.code) == (
            "CHANNEL_FORM_NOT_APPLICABLE",
            grpc.StatusCode.OUT_OF_RANGE,
        )
        assert failure.metadata == {"form": "PAULI_TRANSFER", "dims": "3"}
    assert (await stub.ConvertChannel(convert(qutrit, SUPER))).checks.is_unital


@pytest.mark.parametrize(("t1", "t2"), [(50e-6, 101e-6), (1.0, float("inf"))])
async def test_more_than_twice_t1_is_refused(stub: Any, t1: float, t2: float) -> None:
    failure = await refused(stub.ConvertChannel(convert(thermal(t1_s=t1, t2_s=t2, time_s=1e-6))))
    assert (failure.reason, failure.code) == (
        "RATES_NOT_PHYSICAL",
        grpc.StatusCode.FAILED_PRECONDITION,
    )
    assert failure.metadata == {"t1_s": f"{t1:.6g}", "t2_s": f"{t2:.6g}"}


async def test_parameters_are_refused_with_their_range(stub: Any) -> None:
    strong = channel_pb2.DepolarizingNoise(probability=1.5)
    failure = await refused(stub.ConvertChannel(convert(model(depolarizing=strong))))
    assert (failure.reason, failure.metadata["high"]) == ("NUMBER_INVALID", "1.33333")
    assert failure.field_violations[0].field == "channel.model.probability"
    crowded = channel_pb2.PauliNoise(x=0.5, y=0.4, z=0.2)
    failure = await refused(stub.ConvertChannel(convert(model(pauli=crowded))))
    assert (failure.reason, failure.metadata["parameter"]) == ("NUMBER_INVALID", "sum")


async def test_limits_are_refused_with_their_name(stub: Any) -> None:
    vast = channel_pb2.DephasingNoise(strength=0.1, dims=[65536] * 4)
    failure = await refused(stub.ConvertChannel(convert(model(dephasing=vast))))
    assert (failure.reason, failure.code) == (
        "LIMIT_EXCEEDED",
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    )
    assert failure.metadata["limit"] == "dimension_max"
    five = model(dephasing=channel_pb2.DephasingNoise(strength=0.1, dims=[5]))
    request = convert(five, compare_with=five, diamond=True)
    failure = await refused(stub.ConvertChannel(request))
    assert failure.metadata["limit"] == "diamond_dimension_max"
    crowd = batch(*[np.eye(16) / 16] * 500, dims=(16,))
    wide = model(dephasing=channel_pb2.DephasingNoise(strength=0.1, dims=[16]))
    failure = await refused(stub.ConvertChannel(convert(wide, states=crowd)))
    assert failure.metadata["limit"] == "bytes_max"


@pytest.mark.parametrize(
    "request_",
    [
        pb2.ConvertChannelRequest(),
        convert(channel_pb2.ChannelSource()),
        convert(model()),
        convert(damping(0.1), form=0),
        convert(damping(0.1), form=99),
        convert(damping(float("nan"))),
        convert(damping(-0.1)),
        convert(model(bit_flip=1.1)),
        convert(thermal(t1_s=0, t2_s=1)),
        convert(thermal(t1_s=1, t2_s=1, time_s=float("inf"))),
        convert(damping(0.1), tolerance_abs=1e-3),
        convert(damping(0.1), then=[damping(0.1)] * 17),
        convert(numbers(np.zeros(0))),
    ],
)
async def test_fields_that_break_a_rule_of_the_protos_are_named(stub: Any, request_: Any) -> None:
    failure = await refused(stub.ConvertChannel(request_), domain="rpc.lucid")
    assert failure.code == grpc.StatusCode.INVALID_ARGUMENT
    assert failure.field_violations


async def test_random_bytes_are_answered_or_refused_by_name(stub: Any) -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        dims = rng.integers(0, 5, size=rng.integers(1, 4)).tolist()
        size = int(rng.choice([0, 15, 16, 64, 256, 1296, 4096]))
        noise = channel_pb2.Channel(
            representation=int(rng.integers(1, 5)), dims=dims, data=rng.bytes(size)
        )
        request = convert(channel_pb2.ChannelSource(channel=noise), int(rng.integers(1, 5)))
        try:
            response = await stub.ConvertChannel(request)
        except grpc.aio.AioRpcError as error:
            assert failure_of(error).reason != "INTERNAL"  # noqa: PT017
        else:
            assert np.isfinite(response.checks.min_choi_eigenvalue)
