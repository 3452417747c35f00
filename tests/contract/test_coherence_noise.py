"""EstimateNoise and MitigateExpectation over loopback gRPC: answers and refusals."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import numpy as np
import pytest
import pytest_asyncio
from lucid.coherence.v1 import coherence_service_pb2 as pb2
from lucid.coherence.v1 import coherence_service_pb2_grpc
from lucid.coherence.v1 import noise_pb2 as noise
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
TIMES = np.linspace(0, 150e-6, 13)
LINEAR = noise.EXTRAPOLATION_METHOD_LINEAR
POLYNOMIAL = noise.EXTRAPOLATION_METHOD_POLYNOMIAL
RICHARDSON = noise.EXTRAPOLATION_METHOD_RICHARDSON
EXPONENTIAL = noise.EXTRAPOLATION_METHOD_EXPONENTIAL


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('noise')}/coherence.sqlite")
    nobody = connect(free_address(), service="validation", caller="coherence")
    asked = validation_service_pb2_grpc.ValidationServiceStub(nobody)
    async with serving(definition(store, asked, Settings(), channel=nobody)) as served:
        yield coherence_service_pb2_grpc.CoherenceServiceStub(served.channel)


def decay(**fields: Any) -> pb2.EstimateNoiseRequest:
    counts = np.round(1000 * (0.05 + 0.9 * np.exp(-TIMES / 50e-6))).astype(int)
    given = {
        "model": noise.DECAY_MODEL_EXPONENTIAL,
        "times_s": TIMES.tolist(),
        "successes": counts.tolist(),
        "shots": [1000],
    }
    return pb2.EstimateNoiseRequest(decay=noise.DecayExperiment(**(given | fields)))


def benchmark(**fields: Any) -> pb2.EstimateNoiseRequest:
    lengths = np.array([1, 5, 20, 50, 100, 200])
    counts = np.round(1000 * (0.5 + 0.48 * 0.99**lengths)).astype(int)
    given = {"lengths": lengths.tolist(), "successes": counts.tolist(), "shots": [1000]}
    experiment = noise.BenchmarkingExperiment(**(given | fields))
    return pb2.EstimateNoiseRequest(randomized_benchmarking=experiment)


def readout(*blocks: list[int], measured: Any = ()) -> pb2.EstimateNoiseRequest:
    calibrations = [
        noise.ReadoutCalibration(levels=int(np.sqrt(len(block))), counts=block) for block in blocks
    ]
    experiment = noise.ReadoutExperiment(calibrations=calibrations, measured=measured)
    return pb2.EstimateNoiseRequest(readout=experiment)


def mitigate(method: int = LINEAR, **fields: Any) -> pb2.MitigateExpectationRequest:
    given = {
        "scales": [1, 2, 3, 4],
        "values": [0.8, 0.7, 0.6, 0.5],
        "standard_errors": [0.01] * 4,
        "method": method,
    }
    return pb2.MitigateExpectationRequest(**(given | fields))


async def refused(call: Any, domain: str = DOMAIN) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    failure = failure_of(caught.value)
    assert failure.domain == domain, failure
    return failure


async def test_a_decay_comes_with_its_interval_and_its_statistics(stub: Any) -> None:
    response = await stub.EstimateNoise(decay())
    found = response.decay
    assert found.decay_time_s.low < 50e-6 < found.decay_time_s.high
    assert found.decay_time_s.value == pytest.approx(50e-6, rel=0.01)
    assert found.amplitude == pytest.approx(0.9, abs=0.01)
    assert found.offset == pytest.approx(0.05, abs=0.01)
    assert found.fit.degrees_of_freedom == 10
    assert found.fit.reduced_chi_squared < 0.1
    assert found.fit.p_value > 0.99
    assert "binomial" in response.statistics
    assert "profile" in response.statistics


async def test_a_known_offset_narrows_the_interval(stub: Any) -> None:
    free = (await stub.EstimateNoise(decay())).decay
    fixed = (await stub.EstimateNoise(decay(fixed_offset=0.05))).decay
    assert fixed.offset == 0.05
    assert fixed.fit.degrees_of_freedom == free.fit.degrees_of_freedom + 1
    width = [one.decay_time_s.high - one.decay_time_s.low for one in (fixed, free)]
    assert width[0] < 0.8 * width[1]


async def test_a_ramsey_decay_comes_with_its_frequency(stub: Any) -> None:
    times = np.linspace(0, 150e-6, 41)
    truth = 0.5 + 0.45 * np.exp(-times / 50e-6) * np.cos(2 * np.pi * 60e3 * times)
    request = decay(
        model=noise.DECAY_MODEL_OSCILLATING,
        times_s=times.tolist(),
        successes=np.round(2000 * truth).astype(int).tolist(),
        shots=[2000] * 41,
    )
    found = (await stub.EstimateNoise(request)).decay
    assert found.frequency_rad_per_s == pytest.approx(2 * np.pi * 60e3, rel=1e-3)
    assert found.decay_time_s.low < 50e-6 < found.decay_time_s.high


async def test_a_benchmark_gives_the_error_per_clifford(stub: Any) -> None:
    response = await stub.EstimateNoise(benchmark())
    found = response.randomized_benchmarking
    assert found.error_per_clifford.value == pytest.approx(0.005, rel=0.02)
    assert found.error_per_clifford.low < 0.005 < found.error_per_clifford.high
    assert found.decay_per_clifford.low < 0.99 < found.decay_per_clifford.high
    assert found.scatter_factor == 1
    assert "Student" in response.statistics
    wide = (await stub.EstimateNoise(benchmark(dimension=4))).randomized_benchmarking
    assert wide.error_per_clifford.value == pytest.approx(
        1.5 * found.error_per_clifford.value, rel=1e-9
    )


async def test_readout_is_inverted_and_projected(stub: Any) -> None:
    request = readout([980, 20, 50, 950], [980, 20, 50, 950], measured=[480, 20, 30, 470])
    response = await stub.EstimateNoise(request)
    found = response.readout
    assert found.outcomes == 4
    assert found.condition_number == pytest.approx(found.matrices[0].condition_number ** 2)
    assert list(found.matrices[0].probabilities) == pytest.approx([0.98, 0.05, 0.02, 0.95])
    assert found.matrices[0].low[1] < 0.05 < found.matrices[0].high[1]
    assert min(found.inverted) < 0 <= min(found.probabilities)
    assert sum(found.probabilities) == pytest.approx(1)
    moved = np.linalg.norm(np.array(found.probabilities) - np.array(found.inverted))
    assert list(found.distances) == pytest.approx([moved])
    assert len(found.standard_errors) == 4
    assert "Clopper" in response.statistics
    bare = (await stub.EstimateNoise(readout([980, 20, 50, 950]))).readout
    assert not bare.probabilities


async def test_mitigation_states_its_error_and_its_price(stub: Any) -> None:
    found = await stub.MitigateExpectation(mitigate())
    assert found.value == pytest.approx(0.9)
    assert found.standard_error == pytest.approx(0.01 * np.sqrt(1.5))
    assert found.variance_amplification == pytest.approx(1.5)
    assert (found.low, found.high) == pytest.approx(
        (0.9 - 1.96 * found.standard_error, 0.9 + 1.96 * found.standard_error), abs=1e-6
    )
    assert found.degrees_of_freedom == 2
    assert found.p_value == pytest.approx(1)
    assert "given standard errors" in found.statistics
    steep = await stub.MitigateExpectation(mitigate(RICHARDSON))
    assert list(steep.coefficients) == pytest.approx([4, -6, 4, -1])
    assert steep.variance_amplification == pytest.approx(69)
    assert not steep.HasField("residual_rms")
    square = await stub.MitigateExpectation(mitigate(POLYNOMIAL, order=2))
    assert 1.5 < square.variance_amplification < 69
    values = [float(0.9 * np.exp(-0.3 * x)) for x in (1, 2, 3, 4)]
    curved = await stub.MitigateExpectation(mitigate(EXPONENTIAL, values=values, asymptote=0.0))
    assert curved.value == pytest.approx(0.9, abs=1e-6)


async def test_errors_come_from_residuals_or_are_not_stated(stub: Any) -> None:
    fields = {"standard_errors": [], "values": [0.81, 0.7, 0.6, 0.5]}
    line = await stub.MitigateExpectation(mitigate(**fields))
    assert line.standard_error > 0
    assert "Student" in line.statistics
    assert not line.HasField("p_value")
    exact = await stub.MitigateExpectation(mitigate(RICHARDSON, **fields))
    assert not exact.HasField("standard_error")
    assert not exact.HasField("low")
    assert "none can be stated" in exact.statistics


@pytest.mark.parametrize(
    ("request_", "cause", "field"),
    [
        (decay(successes=[500] * 13), "no_decay_seen", "decay"),
        (decay(successes=list(range(1000, 740, -20))), "times_too_short", "decay"),
        (decay(successes=[990, *[10, 12, 9] * 4]), "times_too_sparse", "decay"),
        (benchmark(successes=[990] * 6), "no_decay_seen", "randomized_benchmarking"),
        (readout([500, 500, 500, 500]), "readout_singular", "readout.calibrations[0].counts"),
    ],
)
async def test_data_that_cannot_tell_are_refused_with_the_cause(
    stub: Any, request_: Any, cause: str, field: str
) -> None:
    failure = await refused(stub.EstimateNoise(request_))
    assert (failure.reason, failure.code) == (
        "DATA_NOT_IDENTIFYING",
        grpc.StatusCode.FAILED_PRECONDITION,
    )
    assert failure.metadata["cause"] == cause
    assert failure.field_violations[0].field == field


@pytest.mark.parametrize(
    ("request_", "cause"),
    [
        (mitigate(RICHARDSON, scales=[1, 1.000001, 1.000002, 1.000003]), "singular_fit"),
        (mitigate(EXPONENTIAL), "rate_too_slow"),
        (mitigate(EXPONENTIAL, values=[0.9, 0.1, 0.1, 0.1]), "rate_too_fast"),
    ],
)
async def test_fits_that_cannot_tell_are_refused_with_the_cause(
    stub: Any, request_: Any, cause: str
) -> None:
    failure = await refused(stub.MitigateExpectation(request_))
    assert (failure.reason, failure.metadata["cause"]) == ("DATA_NOT_IDENTIFYING", cause)


@pytest.mark.parametrize(
    ("request_", "check", "field"),
    [
        (decay(successes=[1001] * 13), "COUNT_OVER_SHOTS", "decay.successes"),
        (decay(successes=[1] * 12), "SAME_LENGTH", "decay.successes"),
        (decay(shots=[1000] * 2), "SAME_LENGTH", "decay.successes"),
        (decay(shots=[0]), "SHOTS_RANGE", "decay.shots"),
        (decay(shots=[2**64 - 1]), "SHOTS_RANGE", "decay.shots"),
        (decay(times_s=TIMES[::-1].tolist()), "RISING", "decay.times_s"),
        (decay(times_s=[float("nan")] * 13), "PLACE_RANGE", "decay.times_s"),
        (decay(times_s=[0, 1, 2], successes=[9, 5, 3]), "POINT_COUNT", "decay.times_s"),
        (benchmark(lengths=[1] * 6), "POINT_COUNT", "randomized_benchmarking.lengths"),
        (benchmark(dimension=1), "DIMENSION_RANGE", "randomized_benchmarking.dimension"),
        (readout([0, 0, 5, 5]), "NO_SHOTS", "readout.calibrations[0].counts"),
        (readout([5, 2**63, 5, 5]), "COUNT_RANGE", "readout.calibrations[0].counts"),
        (readout([9, 1, 1, 9], measured=[1, 2, 3]), "COUNT_LENGTH", "readout.measured"),
        (readout([9, 1, 1, 9], measured=[0, 0]), "NO_SHOTS", "readout.measured"),
    ],
)
async def test_counts_that_contradict_themselves_are_refused(
    stub: Any, request_: Any, check: str, field: str
) -> None:
    failure = await refused(stub.EstimateNoise(request_))
    assert (failure.reason, failure.code) == ("DATA_INVALID", grpc.StatusCode.INVALID_ARGUMENT)
    assert failure.metadata["check"] == check
    assert failure.field_violations[0].field == field


@pytest.mark.parametrize(
    ("request_", "check", "field"),
    [
        (mitigate(scales=[1, 2, 2, 3]), "DUPLICATE_SCALE", "scales"),
        (mitigate(scales=[1, 2]), "SAME_LENGTH", "values"),
        (mitigate(standard_errors=[0.1]), "SAME_LENGTH", "values"),
        (mitigate(scales=[0, 1, 2, 3]), "NUMBER_RANGE", "scales[0]"),
        (mitigate(values=[1, 2, float("nan"), 4]), "NUMBER_RANGE", "values[2]"),
        (mitigate(values=[1, 2, 3, float("inf")]), "NUMBER_RANGE", "values[3]"),
        (mitigate(standard_errors=[0.1, 0, 0.1, 0.1]), "NUMBER_RANGE", "standard_errors[1]"),
        (mitigate(POLYNOMIAL, order=4), "POINT_COUNT", "scales"),
        (mitigate(POLYNOMIAL), "ORDER_RANGE", "order"),
        (mitigate(LINEAR, order=2), "UNUSED_FIELD", "order"),
        (mitigate(LINEAR, asymptote=0.0), "UNUSED_FIELD", "asymptote"),
    ],
)
async def test_expectations_that_contradict_themselves_are_refused(
    stub: Any, request_: Any, check: str, field: str
) -> None:
    failure = await refused(stub.MitigateExpectation(request_))
    assert (failure.reason, failure.metadata["check"]) == ("DATA_INVALID", check)
    assert failure.field_violations[0].field == field


async def test_limits_are_refused_with_their_name(stub: Any) -> None:
    size = 201
    request = decay(model=noise.DECAY_MODEL_OSCILLATING, times_s=range(size), successes=[1] * size)
    failure = await refused(stub.EstimateNoise(request))
    assert (failure.reason, failure.metadata["limit"]) == ("LIMIT_EXCEEDED", "points_max")
    request = readout(*[list(np.eye(8, dtype=int).ravel() * 9)] * 5)
    failure = await refused(stub.EstimateNoise(request))
    assert (failure.reason, failure.metadata["limit"]) == ("LIMIT_EXCEEDED", "outcomes_max")


@pytest.mark.parametrize(
    "request_",
    [
        pb2.EstimateNoiseRequest(),
        decay(model=0),
        decay(model=7),
        decay(times_s=[]),
        decay(shots=[]),
        decay(fixed_offset=float("nan")),
        decay(fixed_offset=1.5),
        readout([1] * 4, measured=[1] * 65537),
        pb2.EstimateNoiseRequest(readout=noise.ReadoutExperiment()),
        pb2.EstimateNoiseRequest(
            readout=noise.ReadoutExperiment(
                calibrations=[noise.ReadoutCalibration(levels=4_000_000_000, counts=[1] * 4)]
            )
        ),
    ],
)
async def test_fields_that_break_a_rule_of_the_protos_are_named(stub: Any, request_: Any) -> None:
    failure = await refused(stub.EstimateNoise(request_), domain="rpc.lucid")
    assert failure.code == grpc.StatusCode.INVALID_ARGUMENT
    assert failure.field_violations


@pytest.mark.parametrize(
    "request_",
    [
        pb2.MitigateExpectationRequest(),
        mitigate(method=0),
        mitigate(method=9),
        mitigate(scales=[1] * 101),
        mitigate(EXPONENTIAL, asymptote=float("inf")),
        mitigate(POLYNOMIAL, order=100),
    ],
)
async def test_mitigation_fields_that_break_a_rule_are_named(stub: Any, request_: Any) -> None:
    failure = await refused(stub.MitigateExpectation(request_), domain="rpc.lucid")
    assert failure.field_violations


async def test_the_largest_answers_fit_in_a_message(stub: Any) -> None:
    block = [990, 10, 20, 980]
    request = readout(*[block] * 12, measured=np.full(65536, 3).tolist())
    found = (await stub.EstimateNoise(request)).readout
    assert found.outcomes == 4096
    assert len(found.probabilities) == 65536
    assert len(found.distances) == 16
    times = np.linspace(0, 3, 2000)
    counts = np.round(1000 * np.exp(-times)).astype(int).tolist()
    found = (await stub.EstimateNoise(decay(times_s=times.tolist(), successes=counts))).decay
    assert found.decay_time_s.value == pytest.approx(1, rel=1e-2)
