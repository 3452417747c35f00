"""CertifyCoherence over loopback gRPC for general systems and encoded qubits."""

import asyncio
import time
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
PLUS = np.full((2, 2), 0.5)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    folder = tmp_path_factory.mktemp("certify")
    settings = ValidationSettings(data_dir=str(folder), cache=free_address(), workers_max=1)
    service = await validation_server.build(settings, silent_telemetry("validation"))
    store = Store.open(f"sqlite:///{folder}/coherence.sqlite")
    async with serving(service) as validation:
        channel = connect(validation.address, service="validation", caller="coherence")
        asked = validation_service_pb2_grpc.ValidationServiceStub(channel)
        async with serving(definition(store, asked, Settings(), channel=channel)) as served:
            yield coherence_service_pb2_grpc.CoherenceServiceStub(served.channel)


def batch(*matrices: Any) -> states.StateBatch:
    qubits = len(matrices[0]).bit_length() - 1
    data = np.array(matrices, dtype="<c16").tobytes()
    return states.StateBatch(count=len(matrices), dims=[2] * qubits, data=data)


def network(
    qubits: int, terms: dict[str, float], *jumps: tuple[str, float, float]
) -> evolution.OpenSystem:
    """A network whose jumps are single strings with (low, high) rates; S is the decay to |0>."""

    def parts(name: str) -> list[evolution.WeightedPauli]:
        if "S" not in name:
            return [evolution.WeightedPauli(pauli=name, real=1.0)]
        return [
            evolution.WeightedPauli(pauli=name.replace("S", "X"), real=0.5),
            evolution.WeightedPauli(pauli=name.replace("S", "Y"), imaginary=0.5),
        ]

    return evolution.OpenSystem(
        pauli_lindbladian=evolution.PauliLindbladian(
            qubits=qubits,
            hamiltonian=[
                evolution.PauliTerm(pauli=name, coefficient_rad_per_s=value)
                for name, value in terms.items()
            ],
            jumps=[
                evolution.PauliJump(terms=parts(name), rate_low_per_s=low, rate_high_per_s=high)
                for name, low, high in jumps
            ],
        )
    )


DRIVEN = network(1, {"X": 0.4, "Z": 0.15}, ("S", 0.05, 0.05), ("Z", 0.02, 0.02))


def ask(**changes: Any) -> pb2.CertifyCoherenceRequest:
    fields: dict[str, Any] = {"system": DRIVEN, "theta": "0.5", "start": batch(PLUS)}
    return pb2.CertifyCoherenceRequest(**(fields | changes))


async def answer(stub: Any, **changes: Any) -> tuple[list[Any], evolution.CertifiedHorizon]:
    *progress, last = [event async for event in stub.CertifyCoherence(ask(**changes))]
    assert [event.sequence for event in (*progress, last)] == list(range(1, len(progress) + 2))
    return progress, last.result


async def refused(stub: Any, **changes: Any) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await answer(stub, **changes)
    return failure_of(caught.value)


async def test_a_driven_qubit_is_certified_within_its_gap(stub: Any) -> None:
    progress, result = await answer(stub, gap_percent=0.5)
    assert result.certified, result.reason
    assert 0 < result.gap_percent <= 0.5
    assert float(Fraction(result.horizon_s)) < result.numerical_horizon_s
    assert result.verdict.startswith("verdicts/")
    assert result.evidence.startswith("evidence/")
    assert result.theorem
    stages = [event.progress.stage for event in progress]
    assert stages[:2] == ["construct", "construct"]
    assert stages[-1] == "validate"
    covered = [event.progress.segment for event in progress if event.progress.stage == "segment"]
    assert covered == list(range(1, result.segments + 1))


async def test_two_driven_qubits_with_an_uncertain_rate_are_certified(stub: Any) -> None:
    system = network(2, {"XI": 0.3, "IX": 0.2, "ZZ": 0.25}, ("SI", 0.04, 0.05), ("IZ", 0.02, 0.02))
    vector = np.full(4, 0.5)
    _, result = await answer(
        stub, system=system, theta="1.5", start=batch(np.outer(vector, vector))
    )
    assert result.certified, result.reason
    assert result.gap_percent <= 1
    assert "uncertain" in result.theorem


async def test_a_wanted_horizon_is_certified_exactly_or_refused(stub: Any) -> None:
    _, known = await answer(stub)
    short = float(Fraction(known.horizon_s)) / 2
    _, result = await answer(stub, wanted_horizon_s=f"{short:.4f}")
    assert result.certified, result.reason
    assert Fraction(result.horizon_s) == Fraction(f"{short:.4f}")
    _, late = await answer(stub, wanted_horizon_s=str(1.01 * known.numerical_horizon_s)[:8])
    assert not late.certified
    assert "before the wanted" in late.reason
    assert late.evidence == ""


async def test_a_ball_of_starts_is_covered_or_refused_with_its_gap(stub: Any) -> None:
    _, small = await answer(stub, start_radius="0.0001")
    assert small.certified, small.reason
    _, point = await answer(stub)
    assert small.numerical_horizon_s < point.numerical_horizon_s
    _, large = await answer(stub, start_radius="0.1", gap_percent=0.01)
    assert not large.certified
    assert large.reason
    assert large.gap_percent > 0.01


async def test_an_encoded_qubit_outlives_a_bare_one_where_rounds_are_fast(stub: Any) -> None:
    def encoded(qubits: int, period: str) -> evolution.OpenSystem:
        return evolution.OpenSystem(
            encoded_qubit=evolution.EncodedQubit(
                physical_qubits=qubits,
                dephasing_rate_high_per_s="1/20",
                correction_period_s=period,
            )
        )

    fields = {"theta": "0.5", "initial_coherence": "0.9", "start": None}
    _, fast = await answer(stub, system=encoded(5, "1"), **fields)
    assert fast.certified, fast.reason
    assert fast.bare_horizon_s == pytest.approx(20 * np.log(1.8))
    assert float(Fraction(fast.horizon_s)) > 20 * fast.bare_horizon_s
    assert "Encoding helps" in fast.theorem
    _, slow = await answer(stub, system=encoded(3, "14"), **fields)
    assert slow.certified
    assert float(Fraction(slow.horizon_s)) < slow.bare_horizon_s
    assert "Encoding does not help" in slow.theorem
    failure = await refused(stub, system=encoded(3, "40"), **fields)
    assert failure.reason == "THRESHOLD_NOT_BELOW_START"
    assert "encoding does not help" in failure.message


async def test_requests_that_make_no_sense_are_refused(stub: Any) -> None:
    failure = await refused(stub, start=None)
    assert (failure.reason, failure.metadata["check"]) == ("STATE_LAYOUT_INVALID", "ONE_STATE")
    failure = await refused(stub, start=batch(np.eye(4) / 4))
    assert (failure.reason, failure.metadata["check"]) == ("STATE_LAYOUT_INVALID", "DIMS")
    failure = await refused(stub, start=batch(np.diag([1.2, -0.2])))
    assert failure.reason == "STATE_NOT_PHYSICAL"
    failure = await refused(stub, start=batch(np.diag([1.0, 0.0])))
    assert failure.reason == "THRESHOLD_NOT_BELOW_START"
    for bad in ({"theta": "1"}, {"start_radius": "2"}, {"start_radius": "nan"}, {"theta": "x"}):
        assert (await refused(stub, **bad)).reason == "NUMBER_INVALID"
    still = network(1, {"Z": 1.0}, ("S", 0.0, 0.0))
    failure = await refused(stub, system=still)
    assert failure.reason == "MODEL_NOT_SUPPORTED"
    failure = await refused(stub, system=network(3, {"XII": 1.0}), start=batch(np.eye(8) / 8))
    assert failure.reason == "MODEL_NOT_SUPPORTED"
    assert failure.metadata["maximum"] == "2"
    four = network(1, {}, *[("Z", 0.1, 0.2)] * 4)
    assert (await refused(stub, system=four)).metadata["uncertain_rates"] == "4"


async def test_a_cancelled_search_leaves_its_thread(stub: Any) -> None:
    slow = network(
        2, {"XI": 3.0, "IX": 2.0, "ZZ": 2.5}, ("SI", 0.04, 0.05), ("IZ", 0.02, 0.03), ("ZI", 0, 0.1)
    )
    vector = np.full(4, 0.5)
    call = stub.CertifyCoherence(ask(system=slow, theta="1", start=batch(np.outer(vector, vector))))
    await call.read()
    await asyncio.sleep(0.2)
    call.cancel()
    began = time.monotonic()
    await answer(stub)
    assert time.monotonic() - began < 20
