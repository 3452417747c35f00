"""Requests about measured noise, answered."""

import math
from typing import Final

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import noise_pb2

from lucid_coherence.noise import benchmarking, decay, readout
from lucid_coherence.noise.decay import DecayKind
from lucid_coherence.noise.decay_profile import DecayFit
from lucid_coherence.noise.extrapolation import Extrapolation, extrapolate
from lucid_coherence.noise.intervals import chance_of_more
from lucid_coherence.noise.violations import DataMalformed

_KINDS: Final = {
    noise_pb2.DECAY_MODEL_EXPONENTIAL: DecayKind.EXPONENTIAL,
    noise_pb2.DECAY_MODEL_OSCILLATING: DecayKind.OSCILLATING,
}
_METHODS: Final = {
    noise_pb2.EXTRAPOLATION_METHOD_LINEAR: Extrapolation.LINEAR,
    noise_pb2.EXTRAPOLATION_METHOD_POLYNOMIAL: Extrapolation.POLYNOMIAL,
    noise_pb2.EXTRAPOLATION_METHOD_RICHARDSON: Extrapolation.RICHARDSON,
    noise_pb2.EXTRAPOLATION_METHOD_EXPONENTIAL: Extrapolation.EXPONENTIAL,
}


def estimate_noise(request: service.EstimateNoiseRequest) -> service.EstimateNoiseResponse:
    """Answer EstimateNoise."""
    match request.WhichOneof("experiment"):
        case "decay":
            return service.EstimateNoiseResponse(
                decay=_decay(request.decay), statistics=decay.METHOD
            )
        case "randomized_benchmarking":
            return service.EstimateNoiseResponse(
                randomized_benchmarking=_benchmark(request.randomized_benchmarking),
                statistics=benchmarking.METHOD,
            )
        case "readout":
            return service.EstimateNoiseResponse(
                readout=_readout(request.readout), statistics=readout.METHOD
            )
    raise DataMalformed("No experiment is set.", field="experiment", check="EXPERIMENT_SET")


def mitigate_expectation(
    request: service.MitigateExpectationRequest,
) -> service.MitigateExpectationResponse:
    """Answer MitigateExpectation."""
    if request.method not in _METHODS:
        raise DataMalformed(
            f"There is no method {request.method}.", field="method", check="METHOD_SET"
        )
    method = _METHODS[request.method]
    if request.order and method is not Extrapolation.POLYNOMIAL:
        raise _unused("order", method)
    if request.HasField("asymptote") and method is not Extrapolation.EXPONENTIAL:
        raise _unused("asymptote", method)
    found = extrapolate(
        request.scales,
        request.values,
        request.standard_errors,
        method,
        order=request.order,
        asymptote=request.asymptote if request.HasField("asymptote") else None,
    )
    return service.MitigateExpectationResponse(
        value=found.value,
        standard_error=found.standard_error,
        low=found.low,
        high=found.high,
        variance_amplification=found.variance_amplification,
        coefficients=found.coefficients.tolist(),
        residual_rms=found.residual_root_mean_square,
        p_value=found.chance,
        degrees_of_freedom=found.degrees,
        statistics=found.statistics,
    )


def _decay(message: noise_pb2.DecayExperiment) -> noise_pb2.DecayEstimate:
    if message.model not in _KINDS:
        raise DataMalformed(
            f"There is no decay model {message.model}.", field="decay.model", check="MODEL_SET"
        )
    found = decay.estimate_decay(
        message.times_s,
        message.successes,
        message.shots,
        kind=_KINDS[message.model],
        fixed_offset=message.fixed_offset if message.HasField("fixed_offset") else None,
    ).fit
    return noise_pb2.DecayEstimate(
        decay_time_s=_estimate(found.time, found.low, found.high),
        amplitude=found.amplitude,
        offset=found.offset,
        frequency_rad_per_s=found.frequency,
        fit=_goodness(found),
    )


def _benchmark(message: noise_pb2.BenchmarkingExperiment) -> noise_pb2.BenchmarkingEstimate:
    found = benchmarking.estimate_error_per_clifford(
        message.lengths,
        message.successes,
        message.shots,
        dimension=message.dimension or 2,
        fixed_offset=message.fixed_offset if message.HasField("fixed_offset") else None,
    )
    return noise_pb2.BenchmarkingEstimate(
        error_per_clifford=_estimate(found.error, found.error_low, found.error_high),
        decay_per_clifford=_estimate(found.decay, found.decay_low, found.decay_high),
        amplitude=found.fit.amplitude,
        offset=found.fit.offset,
        fit=_goodness(found.fit),
        scatter_factor=found.fit.scale,
    )


def _readout(message: noise_pb2.ReadoutExperiment) -> noise_pb2.ReadoutEstimate:
    blocks = [
        readout.confusion_from_counts(
            block.counts, block.levels, field=f"readout.calibrations[{index}]"
        )
        for index, block in enumerate(message.calibrations)
    ]
    answer = noise_pb2.ReadoutEstimate(
        matrices=[_matrix(block) for block in blocks],
        condition_number=math.prod(block.condition for block in blocks),
        outcomes=readout.outcome_count(blocks),
    )
    if message.measured:
        found = readout.correct(blocks, message.measured)
        answer.probabilities.extend(found.probabilities.ravel().tolist())
        answer.inverted.extend(found.inverted.ravel().tolist())
        answer.standard_errors.extend(found.standard_errors.ravel().tolist())
        answer.distances.extend(found.distances.tolist())
    return answer


def _matrix(block: readout.Confusion) -> noise_pb2.ReadoutMatrix:
    return noise_pb2.ReadoutMatrix(
        levels=len(block.matrix),
        probabilities=block.matrix.ravel().tolist(),
        low=block.low.ravel().tolist(),
        high=block.high.ravel().tolist(),
        condition_number=block.condition,
    )


def _estimate(value: float, low: float, high: float) -> noise_pb2.Estimate:
    return noise_pb2.Estimate(value=value, low=low, high=high)


def _goodness(found: DecayFit) -> noise_pb2.GoodnessOfFit:
    return noise_pb2.GoodnessOfFit(
        chi_squared=found.chi_squared,
        degrees_of_freedom=found.degrees,
        reduced_chi_squared=found.reduced_chi_squared,
        p_value=chance_of_more(found.chi_squared, found.degrees),
    )


def _unused(name: str, method: Extrapolation) -> DataMalformed:
    return DataMalformed(
        f"{name} is set, which the method {method.name} does not use.",
        field=name,
        check="UNUSED_FIELD",
        method=method.name,
    )
