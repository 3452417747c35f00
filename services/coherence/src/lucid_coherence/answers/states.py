"""Requests about batches of states, answered."""

from typing import Final

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import state_pb2

from lucid_coherence.states.analysis import Analysis, Measure, analyze
from lucid_coherence.states.batch import (
    CHUNK_LIMITS,
    UNARY_LIMITS,
    Limits,
    StateBatch,
    batch_from_bytes,
    batch_from_numbers,
    batch_to_bytes,
)
from lucid_coherence.states.physicality import TOLERANCE_DEFAULT, Tolerances
from lucid_coherence.states.projection import Projection, project, require_near
from lucid_coherence.states.violations import BatchMalformed, MeasureUndefined

_PREFIX: Final = "MEASURE_"


def analyze_states(
    request: service.AnalyzeStatesRequest, limits: Limits = UNARY_LIMITS
) -> service.AnalyzeStatesResponse:
    """Answer AnalyzeStates, or one chunk of its stream within the limits of a chunk."""
    measures = [_measure_from(number) for number in request.measures]
    tolerances = _tolerances_from(request.tolerances)
    batch = batch_from_message(request.states, limits)
    return _analysis_to_message(analyze(batch, measures, tolerances, request.cut))


def analyze_chunk(request: service.AnalyzeStatesRequest) -> service.AnalyzeStatesResponse:
    """Answer one chunk of a stream: at most 256 states or 1 MiB."""
    return analyze_states(request, CHUNK_LIMITS)


def project_states(request: service.ProjectStatesRequest) -> service.ProjectStatesResponse:
    """Answer ProjectStates."""
    projection = project(batch_from_message(request.states))
    if request.max_distance:
        require_near(projection, request.max_distance)
    reports = [projection_report(projection, index) for index in range(projection.batch.count)]
    return service.ProjectStatesResponse(states=batch_to_message(projection.batch), reports=reports)


def batch_from_message(message: state_pb2.StateBatch, limits: Limits = UNARY_LIMITS) -> StateBatch:
    """Return the batch; raises BatchMalformed when not exactly one of data and values is set."""
    if bool(message.data) == bool(message.values):
        raise BatchMalformed(
            "Exactly one of data and values holds the states.", field="states", check="ONE_SOURCE"
        )
    if message.data:
        return batch_from_bytes(message.count, message.dims, message.data, limits)
    return batch_from_numbers(message.count, message.dims, message.values, limits)


def batch_to_message(batch: StateBatch) -> state_pb2.StateBatch:
    """Return the batch as bytes."""
    return state_pb2.StateBatch(count=batch.count, dims=batch.dims, data=batch_to_bytes(batch))


def projection_report(projection: Projection, index: int) -> state_pb2.ProjectionReport:
    """Return how far one state was moved."""
    return state_pb2.ProjectionReport(
        distance=projection.distances[index],
        min_eigenvalue_before=projection.smallest_before[index],
        eigenvalues_clipped=int(projection.clipped_counts[index]),
    )


def _measure_from(number: int) -> Measure:
    names = state_pb2.Measure.DESCRIPTOR.values_by_number
    name = names[number].name.removeprefix(_PREFIX) if number in names else str(number)
    if name not in Measure.__members__:
        raise MeasureUndefined(
            f"There is no measure {name}.", field="measures", measure=name, dims="any"
        )
    return Measure[name]


def _tolerances_from(message: state_pb2.Tolerances) -> Tolerances:
    return Tolerances(
        message.hermiticity_abs or TOLERANCE_DEFAULT,
        message.trace_abs or TOLERANCE_DEFAULT,
        message.eigenvalue_abs or TOLERANCE_DEFAULT,
    )


def _analysis_to_message(analysis: Analysis) -> service.AnalyzeStatesResponse:
    found = analysis.inspection
    reports = state_pb2.StateReports(
        hermiticity_errors=found.hermiticity_errors.tolist(),
        trace_errors=found.trace_errors.tolist(),
        min_eigenvalues=found.smallest_eigenvalues.tolist(),
        is_valid=found.valid.tolist(),
    )
    results = [
        state_pb2.MeasureResult(
            measure=_PREFIX + measure.name,
            values=measured.values.tolist(),
            normalized=measured.normalised.tolist(),
            unit=measured.unit,
            basis=measured.basis,
            method=measured.method,
            notes=[
                f"rounding moves a value by at most {measured.uncertainties.max():.2g}",
                *([measured.note] if measured.note else []),
            ],
        )
        for measure, measured in analysis.measured
    ]
    used = found.tolerances
    return service.AnalyzeStatesResponse(
        reports=reports,
        results=results,
        tolerances=state_pb2.Tolerances(
            hermiticity_abs=used.hermiticity,
            trace_abs=used.trace,
            eigenvalue_abs=used.eigenvalue,
        ),
    )
