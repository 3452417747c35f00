"""Declared open systems, read from their messages."""

from collections.abc import Iterable

import numpy as np
from lucid.coherence.v1 import evolution_pb2

from lucid_coherence.convert import qubit_from
from lucid_coherence.open_systems.generators import System
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian, require_small
from lucid_coherence.open_systems.pauli_network import (
    PauliJump,
    PauliNetwork,
    PauliSum,
    pauli_sum,
    require_qubits,
)
from lucid_coherence.open_systems.violations import ModelUnsupported, OperatorMalformed
from lucid_coherence.states.batch import ComplexArray


def system_from(message: evolution_pb2.OpenSystem) -> System:
    """Return the system; raises what its model raises, and ModelUnsupported where none is set."""
    model = message.WhichOneof("model")
    if model == "damped_qubit":
        return qubit_from(message.damped_qubit)
    if model == "lindbladian":
        return _lindbladian_from(message.lindbladian)
    if model == "pauli_lindbladian":
        return network_from(message.pauli_lindbladian)
    if model == "encoded_qubit":
        raise ModelUnsupported(
            "An encoded qubit has certified horizons and carriers; its states are not evolved.",
            field="system",
            model=model,
        )
    raise ModelUnsupported("No model is set.", field="system", model="none")


def network_from(message: evolution_pb2.PauliLindbladian) -> PauliNetwork:
    """Return a network of qubits; raises ModelUnsupported, OperatorMalformed, RatesUnphysical."""
    qubits = require_qubits(message.qubits)
    field = "system.pauli_lindbladian"
    jumps = tuple(
        PauliJump(
            pauli_sum(
                [term.pauli for term in jump.terms],
                np.array([complex(term.real, term.imaginary) for term in jump.terms]),
                qubits,
                field=f"{field}.jumps[{index}].terms",
            ),
            jump.rate_low_per_s,
            jump.rate_high_per_s or jump.rate_low_per_s,
        )
        for index, jump in enumerate(message.jumps)
    )
    hamiltonian = pauli_terms(message.hamiltonian, qubits, field=f"{field}.hamiltonian")
    return PauliNetwork(qubits, hamiltonian, jumps)


def pauli_terms(terms: Iterable[evolution_pb2.PauliTerm], qubits: int, *, field: str) -> PauliSum:
    """Return a Hermitian sum of Pauli strings in rad/s; raises OperatorMalformed."""
    listed = list(terms)
    weights = np.array([term.coefficient_rad_per_s for term in listed], dtype=np.complex128)
    return pauli_sum([term.pauli for term in listed], weights, qubits, field=field)


def operator_from(data: bytes, dimension: int, *, field: str) -> ComplexArray:
    """Return a (d, d) operator from little-endian complex128 bytes; raises OperatorMalformed."""
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


def _lindbladian_from(message: evolution_pb2.Lindbladian) -> Lindbladian:
    dimension = require_small(message.dims)
    field = "system.lindbladian"
    jumps = tuple(
        Jump(
            operator_from(jump.operator, dimension, field=f"{field}.jumps[{index}].operator"),
            jump.rate_low_per_s,
            jump.rate_high_per_s or jump.rate_low_per_s,
        )
        for index, jump in enumerate(message.jumps)
    )
    hamiltonian = operator_from(message.hamiltonian, dimension, field=f"{field}.hamiltonian")
    return Lindbladian(tuple(message.dims), hamiltonian, jumps)
