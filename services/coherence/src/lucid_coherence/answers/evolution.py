"""Requests about the evolution of open systems, answered."""

from collections.abc import Iterator

import numpy as np
from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import evolution_pb2, state_pb2

from lucid_coherence.answers.states import batch_from_message, batch_to_message
from lucid_coherence.answers.systems import operator_from, pauli_terms, system_from
from lucid_coherence.open_systems.affine import Drive, dimension_of, rates_of
from lucid_coherence.open_systems.generators import System, dims_of
from lucid_coherence.open_systems.lindblad import require_hermitian
from lucid_coherence.open_systems.linear_maps import KeepGoing
from lucid_coherence.open_systems.propagate import EvolvedChunk, evolve
from lucid_coherence.open_systems.steady_state import SteadyStates, steady_states
from lucid_coherence.open_systems.sweep import Points, SweptChunk, check_points, sweep
from lucid_coherence.open_systems.violations import OperatorMalformed
from lucid_coherence.states.batch import RealArray, StateBatch, batch_to_bytes
from lucid_coherence.states.physicality import Tolerances, require_physical


def evolve_states(
    request: service.EvolveStatesRequest, keep_going: KeepGoing
) -> Iterator[service.EvolveStatesResponse]:
    """Answer EvolveStates; everything is checked before the first message.

    The messages end early once `keep_going` says no.
    """
    system = system_from(request.system)
    batch = batch_from_message(request.states)
    require_physical(batch, Tolerances(), field="states")
    chunks = evolve(batch, system, request.times_s, request.chunk_times, keep_going)
    steady = steady_states(batch, system) if request.include_steady_state else None
    return _evolved(chunks, len(request.times_s), steady)


def sweep_evolution(
    request: service.SweepEvolutionRequest, keep_going: KeepGoing
) -> Iterator[service.SweepEvolutionResponse]:
    """Answer SweepEvolution; everything is checked before the first message."""
    system = system_from(request.system)
    batch = batch_from_message(request.states)
    require_physical(batch, Tolerances(), field="states")
    check_points(request.points)
    rates = _columns(request.rates_per_s, request.points, rates_of(system), field="rates_per_s")
    drives = [_drive_from(drive, system, index) for index, drive in enumerate(request.drives)]
    amplitudes = _columns(request.amplitudes, request.points, len(drives), field="amplitudes")
    if drives and amplitudes is None:
        raise _wrong_length("amplitudes", 8 * request.points * len(drives), 0)
    points = Points(request.points, rates, amplitudes)
    chunks = sweep(batch, system, drives, points, request.times_s, keep_going)
    return _swept(chunks, request.points)


def _evolved(
    chunks: Iterator[EvolvedChunk], total: int, steady: SteadyStates | None
) -> Iterator[service.EvolveStatesResponse]:
    sent = 0
    for sequence, chunk in enumerate(chunks, start=1):
        sent += len(chunk.times_s)
        last = sent == total
        response = service.EvolveStatesResponse(
            sequence=sequence,
            times_s=chunk.times_s.tolist(),
            error_bound=chunk.error_bound,
            progress=sent / total,
            terminal=last,
            steady_states=_steady_to_message(steady) if steady and last else None,
        )
        _fill(response.states, chunk.batch)
        yield response


def _swept(chunks: Iterator[SweptChunk], total: int) -> Iterator[service.SweepEvolutionResponse]:
    for sequence, chunk in enumerate(chunks, start=1):
        points = len(chunk.error_bounds)
        sent = chunk.first_point + points
        response = service.SweepEvolutionResponse(
            sequence=sequence,
            first_point=chunk.first_point,
            points=points,
            error_bounds=chunk.error_bounds.tolist(),
            progress=sent / total,
            terminal=sent == total,
        )
        _fill(response.states, chunk.batch)
        yield response


def _fill(message: state_pb2.StateBatch, batch: StateBatch) -> None:
    """Write many states into a message in place: one that is handed over is copied twice more."""
    message.count = batch.count
    message.dims.extend(batch.dims)
    message.data = batch_to_bytes(batch)


def _steady_to_message(steady: SteadyStates) -> evolution_pb2.SteadyStates:
    return evolution_pb2.SteadyStates(
        dimension=steady.dimension,
        states=batch_to_message(steady.batch),
        residual_per_s=steady.residual,
        spectral_gap_per_s=steady.spectral_gap,
        oscillating_modes=steady.oscillating,
        zero_threshold_per_s=steady.threshold,
        next_singular_value_per_s=steady.next_singular,
    )


def _drive_from(message: service.Drive, system: System, index: int) -> Drive:
    field = f"drives[{index}]"
    if bool(message.operator) == bool(message.terms):
        raise OperatorMalformed(
            "Exactly one of terms and operator declares a drive.", field=field, check="ONE_SOURCE"
        )
    if message.operator:
        operator = operator_from(message.operator, dimension_of(system), field=f"{field}.operator")
        require_hermitian(operator, field=f"{field}.operator")
        return operator
    return pauli_terms(message.terms, len(dims_of(system)), field=f"{field}.terms")


def _columns(data: bytes, points: int, columns: int, *, field: str) -> RealArray | None:
    """Return (points, columns) numbers, or None where nothing was sent."""
    if not data:
        return None
    expected = 8 * points * columns
    if len(data) != expected:
        raise _wrong_length(field, expected, len(data))
    return np.frombuffer(data, dtype="<f8").reshape(points, columns).astype(np.float64)


def _wrong_length(field: str, expected: int, actual: int) -> OperatorMalformed:
    return OperatorMalformed(
        f"{field} takes {expected} bytes for these points, not {actual}.",
        field=field,
        expected_bytes=expected,
        actual_bytes=actual,
    )
