"""Requests about the evolution of open systems, answered."""

from collections.abc import Iterator

import numpy as np
from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import evolution_pb2

from lucid_coherence.answers.states import batch_from_message, batch_to_message
from lucid_coherence.convert import qubit_from
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian, require_small
from lucid_coherence.open_systems.propagate import EvolvedChunk, evolve
from lucid_coherence.open_systems.violations import ModelUnsupported, OperatorMalformed
from lucid_coherence.states.batch import ComplexArray
from lucid_coherence.states.physicality import Tolerances, require_physical


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
