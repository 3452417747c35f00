"""Requests about state batches, answered; imported on first use, because numpy is.

Everything here is synchronous and runs in a thread: numpy lets other threads run meanwhile.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import evolution_pb2, state_pb2

from lucid_coherence.convert import qubit_from
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian, require_small
from lucid_coherence.open_systems.propagate import EvolvedChunk, evolve
from lucid_coherence.open_systems.violations import ModelUnsupported, OperatorMalformed
from lucid_coherence.states.analysis import Analysis, Measure, analyze
from lucid_coherence.states.batch import (
    CHUNK_LIMITS,
    UNARY_LIMITS,
    ComplexArray,
    Limits,
    StateBatch,
    batch_from_bytes,
    batch_from_numbers,
    batch_to_bytes,
)
from lucid_coherence.states.physicality import TOLERANCE_DEFAULT, Tolerances, require_physical
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


def evolve_states(request: service.EvolveStatesRequest) -> Iterator[service.EvolveStatesResponse]:
    """Answer EvolveStates; everything is checked before the first message."""
    system = _system_from(request.system)
    batch = batch_from_message(request.states)
    require_physical(batch, Tolerances(), field="states")
    chunks = evolve(batch, system, request.times_s, request.chunk_times)
    return _evolved(chunks, len(request.times_s))


def _evolved(chunks: Iterator[EvolvedChunk], total: int) -> Iterator[service.EvolveStatesResponse]:
    sent = 0
    for sequence, chunk in enumerate(chunks, start=1):
        sent += len(chunk.times_s)
        yield service.EvolveStatesResponse(
            sequence=sequence,
            times_s=chunk.times_s.tolist(),
            states=batch_to_message(chunk.batch),
            error_bound=chunk.error_bound,
            progress=sent / total,
            terminal=sent == total,
        )


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
    rows = zip(
        found.hermiticity_errors.tolist(),
        found.trace_errors.tolist(),
        found.smallest_eigenvalues.tolist(),
        found.valid.tolist(),
        strict=True,
    )
    reports = [
        state_pb2.StateReport(
            hermiticity_error=hermiticity, trace_error=trace, min_eigenvalue=least, is_valid=valid
        )
        for hermiticity, trace, least, valid in rows
    ]
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


def _system_from(message: evolution_pb2.OpenSystem) -> DampedQubit | Lindbladian:
    model = message.WhichOneof("model")
    if model == "damped_qubit":
        return qubit_from(message.damped_qubit)
    if model is None:
        raise ModelUnsupported("No model is set.", field="system", model="none")
    general = message.lindbladian
    dimension = require_small(general.dims)
    jumps = tuple(
        Jump(
            _operator(jump.operator, dimension, f"system.lindbladian.jumps[{index}].operator"),
            jump.rate_low_per_s,
            jump.rate_high_per_s or jump.rate_low_per_s,
        )
        for index, jump in enumerate(general.jumps)
    )
    hamiltonian = _operator(general.hamiltonian, dimension, "system.lindbladian.hamiltonian")
    return Lindbladian(tuple(general.dims), hamiltonian, jumps)


def _operator(data: bytes, dimension: int, field: str) -> ComplexArray:
    expected = 16 * dimension * dimension
    if len(data) != expected:
        raise OperatorMalformed(
            f"An operator of dimension {dimension} takes {expected} bytes, not {len(data)}.",
            field=field,
            expected_bytes=expected,
            actual_bytes=len(data),
        )
    operator = np.frombuffer(data, dtype="<c16").reshape(dimension, dimension)
    if not np.isfinite(operator).all():
        raise OperatorMalformed(
            "An operator holds a number that is not finite.", field=field, check="FINITE"
        )
    return operator.astype(np.complex128)
