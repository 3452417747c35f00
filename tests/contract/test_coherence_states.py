"""Measures and comparisons of states over loopback gRPC: answers, refusals and hostile batches."""

import asyncio
import math
import time
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import grpc
import numpy as np
import pytest
import pytest_asyncio
from lucid.coherence.v1 import coherence_service_pb2 as pb2
from lucid.coherence.v1 import coherence_service_pb2_grpc
from lucid.coherence.v1 import state_pb2 as states
from lucid.validation.v1 import validation_service_pb2_grpc
from lucid_coherence.errors import DOMAIN
from lucid_coherence.server import definition
from lucid_coherence.settings import Settings
from lucid_coherence.states import robustness
from lucid_coherence.store import Store
from lucid_rpc.channel import connect
from lucid_rpc.status import Failure, failure_of
from lucid_testkit.ports import free_address
from lucid_testkit.servers import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
BELL = np.zeros((4, 4))
BELL[np.ix_([0, 3], [0, 3])] = 0.5
NOISE = np.eye(4) / 4
PRODUCT = np.diag([1.0, 0, 0, 0])
PLUS = np.full((2, 2), 0.5)
OVERFULL = np.diag([1.2, -0.2])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('states')}/coherence.sqlite")
    nobody = connect(free_address(), service="validation", caller="coherence")
    asked = validation_service_pb2_grpc.ValidationServiceStub(nobody)
    async with serving(definition(store, asked, Settings(), channel=nobody)) as served:
        yield coherence_service_pb2_grpc.CoherenceServiceStub(served.channel)


def batch(*matrices: Any, dims: tuple[int, ...] = (2, 2)) -> states.StateBatch:
    data = np.array(matrices, dtype="<c16")
    return states.StateBatch(count=len(matrices), dims=dims, data=data.tobytes())


async def measured(stub: Any, message: states.StateBatch, *names: str, **fields: Any) -> Any:
    wanted = [f"MEASURE_{name}" for name in names]
    request = pb2.AnalyzeStatesRequest(states=message, measures=wanted, **fields)
    return (await stub.AnalyzeStates(request)).results


async def refused(call: Any, domain: str = DOMAIN) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    failure = failure_of(caught.value)
    assert failure.domain == domain, failure
    assert failure.message
    return failure


async def test_every_measure_says_what_it_rests_on(stub: Any) -> None:
    names = [name.removeprefix("MEASURE_") for name in states.Measure.keys()[1:]]
    results = await measured(stub, batch(BELL, PRODUCT), *names, renyi_order=0.5)
    assert [states.Measure.Name(result.measure) for result in results] == states.Measure.keys()[1:]
    for result in results:
        assert len(result.values) == len(result.normalized) == 2
        assert all(0 <= value <= 1 for value in result.normalized)
        assert len(result.uncertainties) in {1, 2}
        assert result.unit in {"1", "bit"}
        assert result.basis
        assert result.method
        assert result.notes


async def test_intervals_are_certified_and_narrow(stub: Any) -> None:
    half = 0.5 * np.full((4, 4), 0.25) + 0.5 * NOISE
    names = ("ROBUSTNESS_OF_COHERENCE", "GEOMETRIC_COHERENCE")
    robust, geometric = await measured(stub, batch(half, NOISE, BELL), *names)
    assert robust.values == pytest.approx([1.5, 0, 1], abs=1e-9)
    for result in (robust, geometric):
        assert all(
            low <= high < low + 1e-9 for low, high in zip(result.low, result.high, strict=True)
        )
        assert not result.coefficients
        assert not result.conclusions
    expected = 1 - (math.sqrt(0.625) + 3 * math.sqrt(0.125)) ** 2 / 4
    assert geometric.values == pytest.approx([expected, 0, 0.5], abs=1e-9)


async def test_separability_is_concluded_or_left_open(stub: Any) -> None:
    (ppt, realigned) = await measured(stub, batch(BELL, NOISE, PRODUCT), "PPT", "REALIGNMENT")
    entangled, separable, open_ = (
        states.SEPARABILITY_ENTANGLED,
        states.SEPARABILITY_SEPARABLE,
        states.SEPARABILITY_INCONCLUSIVE,
    )
    assert list(ppt.conclusions) == [entangled, separable, open_]
    assert list(realigned.conclusions) == [entangled, open_, open_]
    assert ppt.values == pytest.approx([-0.5, 0.25, 0], abs=1e-15)
    assert realigned.values == pytest.approx([2, 0.5, 1])


async def test_schmidt_coefficients_come_state_by_state(stub: Any) -> None:
    (found,) = await measured(stub, batch(BELL, PRODUCT), "SCHMIDT_COEFFICIENTS")
    assert found.coefficients_per_state == 2
    assert found.coefficients == pytest.approx([math.sqrt(0.5), math.sqrt(0.5), 1, 0])
    assert found.values == pytest.approx([2, 1])


async def test_the_order_of_the_renyi_entropy_is_taken(stub: Any) -> None:
    skewed = batch(np.diag([0.5, 0.25, 0.25, 0]))
    for order, expected in (
        (0.0, math.log2(3)),
        (1.0, 1.5),
        (2.0, math.log2(8 / 3)),
        (math.inf, 1),
    ):
        (found,) = await measured(stub, skewed, "RENYI_ENTROPY", renyi_order=order)
        assert found.values == pytest.approx([expected])


async def test_states_are_compared_pairwise_or_with_one(stub: Any) -> None:
    three = batch(BELL, NOISE, PRODUCT)
    response = await stub.CompareStates(pb2.CompareStatesRequest(left=three, right=batch(BELL)))
    assert response.fidelity == pytest.approx([1, 0.25, 0.5])
    assert response.trace_distance == pytest.approx([0, 0.75, math.sqrt(0.5)])
    assert response.bures_distance == pytest.approx([0, 1, math.sqrt(2 - math.sqrt(2))], abs=1e-15)
    assert response.bures_angle_rad == pytest.approx([0, math.pi / 3, math.pi / 4], abs=1e-15)
    assert len(response.fidelity_uncertainties) == 3
    assert any("squared" in note for note in response.notes)
    assert response.tolerances.trace_abs == 1e-9
    same = await stub.CompareStates(pb2.CompareStatesRequest(left=three, right=three))
    assert same.fidelity == pytest.approx([1, 1, 1], abs=1e-14)


async def test_comparisons_are_refused_by_name(stub: Any) -> None:
    def compare(left: Any, right: Any, **fields: Any) -> Any:
        return stub.CompareStates(pb2.CompareStatesRequest(left=left, right=right, **fields))

    failure = await refused(compare(batch(BELL, BELL), batch(BELL, BELL, BELL)))
    assert failure.reason == "STATE_LAYOUT_INVALID"
    assert failure.metadata == {"check": "COUNTS_MATCH", "expected": "2", "actual": "3"}
    failure = await refused(compare(batch(BELL), batch(BELL, dims=(4,))))
    assert (failure.reason, failure.metadata["check"]) == ("STATE_LAYOUT_INVALID", "DIMS_EQUAL")
    failure = await refused(compare(batch(PLUS, dims=(2,)), batch(OVERFULL, dims=(2,))))
    assert (failure.reason, failure.code) == (
        "STATE_NOT_PHYSICAL",
        grpc.StatusCode.INVALID_ARGUMENT,
    )
    assert failure.field_violations[0].field == "right"
    assert failure.metadata["check"] == "min_eigenvalue"
    failure = await refused(compare(batch(PLUS, dims=(2,)), batch(PLUS[:1], dims=(2,))))
    assert failure.field_violations[0].field == "right.data"


async def test_measures_are_refused_outside_their_validity(stub: Any) -> None:
    failure = await refused(measured(stub, batch(NOISE), "SCHMIDT_COEFFICIENTS"))
    assert (failure.reason, failure.code) == (
        "MEASURE_NOT_APPLICABLE",
        grpc.StatusCode.OUT_OF_RANGE,
    )
    assert failure.metadata == {
        "measure": "SCHMIDT_COEFFICIENTS",
        "index": "0",
        "purity": "0.25",
        "required": "purity 1",
    }
    wide = batch(np.eye(6) / 6, dims=(2, 3))
    failure = await refused(measured(stub, wide, "ENTANGLEMENT_OF_FORMATION"))
    assert failure.metadata["required"] == "2x2"
    single = batch(PLUS, dims=(2,))
    for name in ("PPT", "REALIGNMENT", "SCHMIDT_COEFFICIENTS", "MUTUAL_INFORMATION"):
        failure = await refused(measured(stub, single, name))
        assert failure.reason == "MEASURE_NOT_APPLICABLE"
        assert failure.metadata["required"] == "2 subsystems"
    failure = await refused(measured(stub, batch(NOISE), "MUTUAL_INFORMATION", cut=[0, 1]))
    assert failure.field_violations[0].field == "cut"
    failure = await refused(measured(stub, batch(NOISE), "RENYI_ENTROPY"))
    assert (failure.reason, failure.field_violations[0].field) == ("NUMBER_INVALID", "renyi_order")
    assert failure.metadata["check"] == "RENYI_ORDER"
    for number in (0, 99):
        request = pb2.AnalyzeStatesRequest(states=batch(NOISE), measures=[number])
        assert (await refused(stub.AnalyzeStates(request))).reason == "MEASURE_NOT_APPLICABLE"


@pytest.mark.parametrize(
    ("dimension", "name", "limit"),
    [
        (33, "ROBUSTNESS_OF_COHERENCE", "robustness_dimension_max"),
        (17, "GEOMETRIC_COHERENCE", "geometric_dimension_max"),
    ],
)
async def test_costly_measures_have_their_own_limits(
    stub: Any, dimension: int, name: str, limit: str
) -> None:
    large = batch(np.eye(dimension) / dimension, dims=(dimension,))
    failure = await refused(measured(stub, large, name))
    assert (failure.reason, failure.code) == (
        "LIMIT_EXCEEDED",
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    )
    assert (failure.metadata["limit"], failure.metadata["value"]) == (limit, str(dimension))


async def test_an_answer_that_would_not_fit_is_refused_before_the_work(stub: Any) -> None:
    many = states.StateBatch(
        count=16384, dims=[2], data=np.tile(PLUS + 0j, (16384, 1, 1)).tobytes()
    )
    failure = await refused(measured(stub, many, *["PURITY"] * 16))
    assert (failure.reason, failure.metadata["limit"]) == ("LIMIT_EXCEEDED", "answer_bytes_max")


HOSTILE = [
    (states.StateBatch(count=1, dims=[2], data=bytes(65)), "STATE_LAYOUT_INVALID", "DATA_LENGTH"),
    (states.StateBatch(count=2, dims=[2], data=bytes(64)), "STATE_LAYOUT_INVALID", "DATA_LENGTH"),
    (states.StateBatch(count=1, dims=[2], values=[1] * 7), "STATE_LAYOUT_INVALID", "NUMBER_COUNT"),
    (
        states.StateBatch(count=1, dims=[2], data=bytes(64), values=[0.0] * 8),
        "STATE_LAYOUT_INVALID",
        "ONE_SOURCE",
    ),
    (states.StateBatch(count=1, dims=[1], data=bytes(16)), "STATE_LAYOUT_INVALID", "SUBSYSTEM"),
    (states.StateBatch(count=1, dims=[0, 2], data=bytes(64)), "STATE_LAYOUT_INVALID", "SUBSYSTEM"),
    (batch([[math.nan, 0], [0, 1]], dims=(2,)), "STATE_LAYOUT_INVALID", "FINITE"),
    (batch([[1, -math.inf], [0, 0]], dims=(2,)), "STATE_LAYOUT_INVALID", "FINITE"),
    (batch([[1e308, 1e308], [1e308, 1e308]], dims=(2,)), "STATE_LAYOUT_INVALID", "MAGNITUDE"),
    (states.StateBatch(count=4096, dims=[256], data=b"x"), "LIMIT_EXCEEDED", "bytes_max"),
    (states.StateBatch(count=65536, dims=[16], data=b"x"), "LIMIT_EXCEEDED", "states_max"),
    (
        states.StateBatch(count=65536, dims=[2**32 - 1] * 10, data=b"x"),
        "LIMIT_EXCEEDED",
        "dimension_max",
    ),
]


@pytest.mark.parametrize(("message", "reason", "fact"), HOSTILE)
async def test_hostile_batches_are_refused_at_once_and_take_no_memory(
    stub: Any, message: states.StateBatch, reason: str, fact: str
) -> None:
    """4096 states of 256 levels claim 4 GiB; ten subsystems of 2^32 − 1 levels overflow 64 bits."""
    tracemalloc.start()
    started = time.perf_counter()
    try:
        failure = await refused(measured(stub, message, "PURITY"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert failure.reason == reason
    assert fact in failure.metadata.get("check", "") + failure.metadata.get("limit", "")
    assert peak < 4_000_000
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("count", [0, 65537, 2**32 - 1])
async def test_counts_outside_the_rules_of_the_message_are_refused(stub: Any, count: int) -> None:
    message = states.StateBatch(count=count, dims=[2], data=bytes(64))
    failure = await refused(measured(stub, message, "PURITY"), domain="rpc.lucid")
    assert failure.reason == "FIELDS_INVALID"


async def test_a_cancelled_call_frees_its_thread_within_a_second(
    stub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0
    step = robustness._step

    def counted(*arguments: Any) -> Any:
        nonlocal steps
        steps += 1
        return step(*arguments)

    monkeypatch.setattr(robustness, "_step", counted)
    rng = np.random.default_rng(1)
    root = rng.normal(size=(240, 32, 32)) + 1j * rng.normal(size=(240, 32, 32))
    drawn = root @ np.conj(np.swapaxes(root, -1, -2))
    drawn /= np.trace(drawn, axis1=1, axis2=2)[:, None, None]
    message = states.StateBatch(count=240, dims=[32], data=drawn.tobytes())
    wanted = [states.MEASURE_ROBUSTNESS_OF_COHERENCE]
    call = stub.AnalyzeStates(pb2.AnalyzeStatesRequest(states=message, measures=wanted))
    while steps < 2:  # another thread: it can only be watched
        await asyncio.sleep(0.005)
    call.cancel()
    await asyncio.sleep(1)
    after_a_second = steps
    await asyncio.sleep(0.3)
    assert steps == after_a_second
    assert steps < 60, "the whole batch takes about ninety"
