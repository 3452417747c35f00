"""Requests about batches of states, answered."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from google.protobuf.message import Message
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
from lucid_coherence.states.comparison import compare
from lucid_coherence.states.enclosure import Check, no_check
from lucid_coherence.states.measured import Measured
from lucid_coherence.states.physicality import TOLERANCE_DEFAULT, Tolerances
from lucid_coherence.states.projection import Projection, project, require_near
from lucid_coherence.states.violations import BatchMalformed, BatchTooLarge, MeasureUndefined

_PREFIX: Final = "MEASURE_"
_LENGTH_DELIMITED: Final = 2
"""Wire type of packed numbers."""
_COMPARISON_NOTES: Final = (
    "fidelity is squared: (Tr |sqrt(rho) sqrt(sigma)|)^2",
    "singular values of B^dagger A with rho = A A^dagger, sigma = B B^dagger, pivoted Cholesky "
    "factors; noise in the place of lost rank counts as 0",
    "fidelity is ill-conditioned near a loss of rank: its uncertainty bounds what a disturbance of "
    "the states by rounding in any direction can do",
)


def analyze_states(
    request: service.AnalyzeStatesRequest, check: Check = no_check, limits: Limits = UNARY_LIMITS
) -> service.AnalyzeStatesResponse:
    """Answer AnalyzeStates, or one chunk of its stream within the limits of a chunk.

    `check` is called between steps of long computations; what it raises ends the call.
    """
    measures = [_measure_from(number) for number in request.measures]
    tolerances = _tolerances_from(request.tolerances)
    batch = batch_from_message(request.states, limits)
    order = request.renyi_order if request.HasField("renyi_order") else None
    found = analyze(batch, measures, tolerances, request.cut, renyi_order=order, check=check)
    return _analysis_to_message(found)


def analyze_chunk(
    request: service.AnalyzeStatesRequest, check: Check = no_check
) -> service.AnalyzeStatesResponse:
    """Answer one chunk of a stream: at most 256 states or 1 MiB."""
    return analyze_states(request, check, CHUNK_LIMITS)


def compare_states(
    request: service.CompareStatesRequest, check: Check = no_check
) -> service.CompareStatesResponse:
    """Answer CompareStates."""
    left, right = (_named(request, name) for name in ("left", "right"))
    tolerances = _tolerances_from(request.tolerances)
    check()
    found = compare(left, right, tolerances)
    answer = service.CompareStatesResponse(
        trace_distance_uncertainty=found.trace_distance_uncertainty,
        notes=_COMPARISON_NOTES,
        tolerances=_tolerances_to_message(tolerances),
    )
    _pack(
        answer,
        fidelity=found.fidelities,
        trace_distance=found.trace_distances,
        bures_distance=found.bures_distances,
        bures_angle_rad=found.bures_angles,
        fidelity_uncertainties=found.fidelity_uncertainties,
    )
    return answer


def project_states(request: service.ProjectStatesRequest) -> service.ProjectStatesResponse:
    """Answer ProjectStates."""
    projection = project(batch_from_message(request.states))
    if request.max_distance:
        require_near(projection, request.max_distance)
    reports = [projection_report(projection, index) for index in range(projection.batch.count)]
    return service.ProjectStatesResponse(states=batch_to_message(projection.batch), reports=reports)


def batch_from_message(message: state_pb2.StateBatch, limits: Limits = UNARY_LIMITS) -> StateBatch:
    """Return the batch; raises BatchMalformed when not exactly one of data and values is set."""
    data = message.data  # each access copies it
    if bool(data) == bool(message.values):
        raise BatchMalformed(
            "Exactly one of data and values holds the states.", field="states", check="ONE_SOURCE"
        )
    if data:
        return batch_from_bytes(message.count, message.dims, data, limits)
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


def _pack(message: Message, **arrays: npt.NDArray[Any]) -> None:
    """Set repeated fields from arrays by their bytes: packed numbers are just that on the wire.

    Ten thousand values this way take a hundredth of the time of a list of Python numbers. Doubles
    are 8 little-endian bytes; flags and the numbers of enumerations below 128 are one byte each.
    """
    parts = []
    for name, array in arrays.items():
        field = message.DESCRIPTOR.fields_by_name[name]
        wide = field.type == field.TYPE_DOUBLE
        data = array.astype("<f8" if wide else np.uint8, copy=False).tobytes()
        parts += [_varint(field.number << 3 | _LENGTH_DELIMITED), _varint(len(data)), data]
    message.MergeFromString(b"".join(parts))


def _varint(number: int) -> bytes:
    groups = []
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([*groups, number])


def _named(request: service.CompareStatesRequest, name: str) -> StateBatch:
    """Return one of the two batches; a refusal names the field below it."""
    try:
        return batch_from_message(getattr(request, name))
    except (BatchMalformed, BatchTooLarge) as refused:
        refused.field = name if refused.field == "states" else f"{name}.{refused.field}"
        raise


def _analysis_to_message(analysis: Analysis) -> service.AnalyzeStatesResponse:
    found = analysis.inspection
    answer = service.AnalyzeStatesResponse(
        results=[_result(measure, measured) for measure, measured in analysis.measured],
        tolerances=_tolerances_to_message(found.tolerances),
    )
    _pack(
        answer.reports,
        hermiticity_errors=found.hermiticity_errors,
        trace_errors=found.trace_errors,
        min_eigenvalues=found.smallest_eigenvalues,
        is_valid=found.valid,
    )
    return answer


def _result(measure: Measure, measured: Measured) -> state_pb2.MeasureResult:
    result = state_pb2.MeasureResult(
        measure=_PREFIX + measure.name,
        unit=measured.unit,
        basis=measured.basis,
        method=measured.method,
        notes=[
            f"rounding moves a value by at most {measured.uncertainties.max():.2g}",
            *([measured.note] if measured.note else []),
        ],
    )
    optional = {
        "low": measured.low,
        "high": measured.high,
        "coefficients": measured.coefficients,
        "conclusions": measured.conclusions,
    }
    _pack(
        result,
        values=measured.values,
        normalized=measured.normalised,
        uncertainties=measured.uncertainties,
        **{name: array for name, array in optional.items() if array is not None},
    )
    if measured.coefficients is not None:
        result.coefficients_per_state = measured.coefficients.shape[-1]
    return result


def _tolerances_to_message(used: Tolerances) -> state_pb2.Tolerances:
    return state_pb2.Tolerances(
        hermiticity_abs=used.hermiticity, trace_abs=used.trace, eigenvalue_abs=used.eigenvalue
    )
