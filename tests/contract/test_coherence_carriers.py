"""Carriers of every model over loopback gRPC, with a real validation service beside them."""

from collections.abc import AsyncIterator
from fractions import Fraction
from typing import Any

import grpc
import numpy as np
import pytest
import pytest_asyncio
from lucid.coherence.v1 import coherence_service_pb2 as pb2
from lucid.coherence.v1 import coherence_service_pb2_grpc
from lucid.coherence.v1 import evolution_pb2 as evolution
from lucid.coherence.v1 import state_pb2 as states
from lucid.validation.v1 import validation_service_pb2_grpc
from lucid_coherence.server import definition
from lucid_coherence.settings import Settings
from lucid_coherence.store import Store
from lucid_rpc.channel import connect
from lucid_rpc.status import Failure, failure_of
from lucid_testkit.ports import free_address
from lucid_testkit.servers import serving, silent_telemetry
from lucid_validation import server as validation_server
from lucid_validation.settings import Settings as ValidationSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    folder = tmp_path_factory.mktemp("carriers")
    settings = ValidationSettings(data_dir=str(folder), cache=free_address(), workers_max=1)
    service = await validation_server.build(settings, silent_telemetry("validation"))
    store = Store.open(f"sqlite:///{folder}/coherence.sqlite")
    async with serving(service) as validation:
        channel = connect(validation.address, service="validation", caller="coherence")
        asked = validation_service_pb2_grpc.ValidationServiceStub(channel)
        async with serving(definition(store, asked, Settings(), channel=channel)) as served:
            yield coherence_service_pb2_grpc.CoherenceServiceStub(served.channel)


def batch(*matrices: Any, dims: tuple[int, ...] = (2,)) -> states.StateBatch:
    data = np.array(matrices, dtype="<c16").tobytes()
    return states.StateBatch(count=len(matrices), dims=dims, data=data)


def matrices(message: states.StateBatch) -> Any:
    d = int(np.prod(message.dims))
    return np.frombuffer(message.data, dtype="<c16").reshape(message.count, d, d)


def damped() -> evolution.Carrier:
    qubit = evolution.DampedQubit(
        relaxation_rate_per_s="1/50", coherence_decay_rate_low_per_s="1/40"
    )
    return evolution.Carrier(
        system=evolution.OpenSystem(damped_qubit=qubit), theta="0.5", initial_coherence="0.9"
    )


def encoded(period_s: str = "2") -> evolution.Carrier:
    qubit = evolution.EncodedQubit(
        physical_qubits=5, dephasing_rate_high_per_s="1/20", correction_period_s=period_s
    )
    return evolution.Carrier(
        system=evolution.OpenSystem(encoded_qubit=qubit), theta="0.5", initial_coherence="0.9"
    )


def driven(theta: str = "0.5", **fields: Any) -> evolution.Carrier:
    """A driven qubit with dephasing at a rate in [0.04, 0.05], from |+>."""
    network = evolution.PauliLindbladian(
        qubits=1,
        hamiltonian=[evolution.PauliTerm(pauli="X", coefficient_rad_per_s=0.1)],
        jumps=[
            evolution.PauliJump(
                terms=[evolution.WeightedPauli(pauli="Z", real=1)],
                rate_low_per_s=0.04,
                rate_high_per_s=0.05,
            )
        ],
    )
    given = {"start": batch(np.full((2, 2), 0.5))} | fields
    return evolution.Carrier(
        system=evolution.OpenSystem(pauli_lindbladian=network), theta=theta, **given
    )


async def create(stub: Any, carrier: evolution.Carrier, **fields: Any) -> Any:
    return await stub.CreateCarrier(pb2.CreateCarrierRequest(carrier=carrier, **fields), timeout=60)


async def checkpoint(stub: Any, name: str, elapsed_s: float) -> Any:
    request = pb2.CheckpointCarrierRequest(name=name, elapsed_s=elapsed_s)
    return await stub.CheckpointCarrier(request)


async def refused(call: Any) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return failure_of(caught.value)


async def test_an_encoded_carrier_is_certified_for_longer_than_one_bare_qubit(stub: Any) -> None:
    made = await create(stub, encoded(), min_horizon_s="500")
    horizon = made.certified_horizon
    assert horizon.certified
    assert Fraction(horizon.horizon_s) >= 500
    assert horizon.bare_horizon_s == pytest.approx(20 * np.log(1.8))
    assert horizon.numerical_horizon_s > 40 * horizon.bare_horizon_s
    assert "Encoding helps" in horizon.theorem
    taken = await checkpoint(stub, made.name, 100.0)
    assert list(taken.state.dims) == [2]
    flip = (1 - np.exp(-0.1)) / 2
    wrong = 10 * flip**3 * (1 - flip) ** 2 + 5 * flip**4 * (1 - flip) + flip**5
    coherence = 2 * abs(matrices(taken.state)[0][0, 1])
    assert coherence == pytest.approx(0.9 * (1 - 2 * wrong) ** 50, rel=1e-12)
    restored = await stub.RestoreCarrier(
        pb2.RestoreCarrierRequest(name=made.name, checkpoint=taken.name)
    )
    np.testing.assert_allclose(matrices(restored.states), matrices(taken.state), atol=1e-15)
    assert (await stub.GetCarrier(pb2.GetCarrierRequest(name=made.name))) == made


async def test_a_code_that_is_corrected_too_slowly_is_no_carrier(stub: Any) -> None:
    failure = await refused(create(stub, encoded(period_s="60")))
    assert failure.reason == "THRESHOLD_NOT_BELOW_START"
    assert "encoding does not help" in failure.message


async def test_a_driven_carrier_is_certified_from_its_start_and_evolves_from_it(stub: Any) -> None:
    made = await create(stub, driven(), request_id="0f7b8a52-5f9b-4a51-9a63-1c8f3c3f7a11")
    horizon = made.certified_horizon
    assert horizon.certified
    assert horizon.segments >= 1
    # The drive rotates about x, where the state lies: it changes nothing, C(t) = exp(-2 g t).
    assert horizon.numerical_horizon_s == pytest.approx(np.log(2) / 0.1, rel=1e-3)
    again = await create(stub, driven(), request_id="0f7b8a52-5f9b-4a51-9a63-1c8f3c3f7a11")
    assert again == made
    taken = await checkpoint(stub, made.name, 3.0)
    expected = 0.5 * np.array([[1, np.exp(-0.3)], [np.exp(-0.3), 1]])
    np.testing.assert_allclose(matrices(taken.state)[0], expected, atol=1e-9)


async def test_a_general_carrier_may_need_a_little_more_than_is_found_first(stub: Any) -> None:
    first = (await create(stub, driven())).certified_horizon
    needed = (Fraction(first.horizon_s) + Fraction(first.numerical_horizon_s)) / 2
    needed = Fraction(round(needed * 1000), 1000)
    made = await create(stub, driven(), min_horizon_s=str(needed))
    assert made.certified_horizon.certified
    assert Fraction(made.certified_horizon.horizon_s) >= needed > Fraction(first.horizon_s)


async def test_a_general_carrier_that_must_last_too_long_is_refused(stub: Any) -> None:
    failure = await refused(create(stub, driven(), min_horizon_s="20"))
    assert failure.reason == "HORIZON_TOO_SHORT"
    assert failure.metadata["needed_s"] == "20"
    assert float(failure.metadata["horizon_s"]) == pytest.approx(np.log(2) / 0.1, rel=1e-3)


async def test_a_general_carrier_needs_its_start(stub: Any) -> None:
    nothing = await refused(create(stub, driven(start=None)))
    assert nothing.reason == "STATE_LAYOUT_INVALID"
    wide = await refused(create(stub, driven(start=batch(np.eye(4) / 4, dims=(2, 2)))))
    assert wide.reason == "STATE_LAYOUT_INVALID"
    high = await refused(create(stub, driven(theta="1.5")))
    assert high.reason == "NUMBER_INVALID"


async def test_a_carrier_of_an_unknown_length_is_refused_in_time(stub: Any) -> None:
    for elapsed_s in (float("inf"), 1e300):
        made = await create(stub, encoded())
        if np.isinf(elapsed_s):
            failure = await refused(checkpoint(stub, made.name, elapsed_s))
            assert failure.reason == "TIMES_NOT_RISING"
            assert [one.field for one in failure.field_violations] == ["elapsed_s"]
        else:
            taken = await checkpoint(stub, made.name, elapsed_s)
            np.testing.assert_allclose(matrices(taken.state)[0], np.eye(2) / 2, atol=1e-15)


async def test_several_checkpoints_are_restored_in_one_call(stub: Any) -> None:
    made = await create(stub, damped())
    times = [0.0, 10.0, 20.0]
    taken = [
        await stub.CheckpointCarrier(
            pb2.CheckpointCarrierRequest(name=made.name, elapsed_s=elapsed_s)
        )
        for elapsed_s in times
    ]
    names = pb2.CheckpointNames(names=[one.name for one in taken])
    restored = await stub.RestoreCarrier(
        pb2.RestoreCarrierRequest(name=made.name, checkpoints=names)
    )
    found = 2 * np.abs(matrices(restored.states)[:, 1, 0])
    np.testing.assert_allclose(found, 0.9 * np.exp(-np.array(times) / 40), rtol=1e-12)
    assert len(restored.reports) == 3
    names.names.append(f"{made.name}/checkpoints/none")
    failure = await refused(
        stub.RestoreCarrier(pb2.RestoreCarrierRequest(name=made.name, checkpoints=names))
    )
    assert failure.reason == "CHECKPOINT_NOT_FOUND"
    wide = pb2.RestoreCarrierRequest(name=made.name, states=batch(np.eye(4) / 4, dims=(2, 2)))
    failure = await refused(stub.RestoreCarrier(wide))
    assert (failure.reason, failure.metadata["check"]) == ("STATE_LAYOUT_INVALID", "CARRIER_DIMS")
