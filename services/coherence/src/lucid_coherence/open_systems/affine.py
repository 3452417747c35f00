"""Generators as affine functions of rates and drive amplitudes: G = C + Σ coefficient · part."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lucid_coherence.open_systems.bloch import BLOCH_TO_PAULI, rate_parts
from lucid_coherence.open_systems.coordinates import Coordinates, folded_generator
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.exponential import UNIT, norm_bounds
from lucid_coherence.open_systems.generators import (
    DENSE_DIMENSION_MAX,
    System,
    commutator_superoperator,
    dense_generator,
    dense_operators,
    dims_of,
    has_small_table,
    jump_superoperators,
)
from lucid_coherence.open_systems.lindblad import Lindbladian
from lucid_coherence.open_systems.pauli_network import (
    PauliNetwork,
    PauliSum,
    ShiftTable,
    commutator_table,
    dissipator_table,
)
from lucid_coherence.open_systems.pauli_strings import pauli_operator, pauli_vectors
from lucid_coherence.open_systems.violations import (
    ModelUnsupported,
    OperatorMalformed,
    OutputTooLarge,
)
from lucid_coherence.states.batch import ComplexArray, RealArray, hermitian_part

Drive = PauliSum | ComplexArray
"""A Hermitian operator in rad/s at amplitude 1: Pauli strings, or a (d, d) matrix."""

FOLDED_DIMENSION_MAX = 4
"""Up to so many levels strings are added up as operators first, which is cheaper; in Pauli
coordinates the parts have half as many entries."""
PARTS_BYTES_MAX = 64 * 1024 * 1024
"""All parts of a generator: one (d², d²) float64 matrix for each jump and drive."""


@dataclass(frozen=True, slots=True)
class AffineGenerator:
    """C is (N, N) and `parts` (k, N, N), float64, on `coordinates`.

    `assembly` bounds the 2-norm of what is wrong with C, 1/s; `part_assembly`, (k,), the same of
    each part for coefficient 1. `norm` and `part_norms` bound their own 2-norms.
    """

    constant: RealArray
    parts: RealArray
    coordinates: Coordinates
    assembly: float
    part_assembly: RealArray
    norm: float
    part_norms: RealArray

    def at(self, coefficients: RealArray) -> tuple[RealArray, RealArray]:
        """Return (p, N, N) generators for (p, k) coefficients, and bounds on their errors, (p,)."""
        size = len(self.constant)
        flat = self.parts.reshape(len(self.parts), -1)
        stack = (coefficients @ flat).reshape(-1, size, size) + self.constant
        return stack, self.errors(coefficients)

    def norms(self, coefficients: RealArray) -> RealArray:
        """Return bounds on the 2-norms of the generators, (p,), without building them."""
        bounds: RealArray = self.norm + np.abs(coefficients) @ self.part_norms
        return bounds

    def errors(self, coefficients: RealArray) -> RealArray:
        """Return bounds on the 2-norms of what is wrong with the generators, (p,), 1/s."""
        added = (len(self.parts) + 4) * UNIT * self.norms(coefficients)
        errors: RealArray = self.assembly + np.abs(coefficients) @ self.part_assembly + added
        return errors


def affine_generator(system: System, drives: Sequence[Drive], *, rates: bool) -> AffineGenerator:
    """Return the generator as a function of the rates, if `rates`, and of the drives' amplitudes.

    The columns are the jumps' rates, for a damped qubit 1/T1 and 1/T2, then the drives. Without
    `rates` the system's own hold.

    Raises:
        ModelUnsupported: more than 16 levels.
        OperatorMalformed: a drive that does not act on this system.
        OutputTooLarge: more parts than fit in memory.
    """
    _check_size(system, len(drives) + rates_of(system) * rates)
    if isinstance(system, PauliNetwork) and (
        system.dimension <= FOLDED_DIMENSION_MAX or not has_small_table(system)
    ):
        system = dense_operators(system)
    constant, assembly, found = _constant_and_rates(system, rates=rates)
    found += [_drive_part(system, drive, index) for index, drive in enumerate(drives)]
    size = len(constant)
    coordinates = (
        Coordinates(dimension_of(system))
        if isinstance(system, Lindbladian)
        else Coordinates(dimension_of(system), len(dims_of(system)))
    )
    parts = np.stack([part for part, _ in found]) if found else np.zeros((0, size, size))
    errors = np.array([error for _, error in found])
    norm = float(norm_bounds(constant[None])[0])
    return AffineGenerator(constant, parts, coordinates, assembly, errors, norm, norm_bounds(parts))


def rates_of(system: System) -> int:
    """Return how many rates a point of a sweep has."""
    return 2 if isinstance(system, DampedQubit) else len(system.jumps)


def dimension_of(system: System) -> int:
    """Return the dimension d."""
    return 2 if isinstance(system, DampedQubit) else system.dimension


_Part = tuple[RealArray, float]


def _constant_and_rates(system: System, *, rates: bool) -> tuple[RealArray, float, list[_Part]]:
    if not rates:
        whole = dense_generator(system)
        return whole.matrix, whole.assembly, []
    if isinstance(system, DampedQubit):
        order = np.ix_(BLOCH_TO_PAULI, BLOCH_TO_PAULI)
        detuning, *parts = (part[order] for part in rate_parts(system))
        sizes = [4 * UNIT * float(np.abs(part).sum()) for part in (detuning, *parts)]
        return detuning, sizes[0], list(zip(parts, sizes[1:], strict=True))
    if isinstance(system, PauliNetwork):
        hamiltonian = commutator_table(system.hamiltonian, system.qubits)
        tables = [dissipator_table(jump.terms, system.qubits) for jump in system.jumps]
        return *_dense(hamiltonian), [_dense(table) for table in tables]
    constant = _commutator_part(system.hamiltonian)
    operators = system.operators()
    one = np.ones(1)
    parts = []
    for index in range(len(operators)):
        jump = operators[index : index + 1]
        absolute = 2 * float(np.linalg.norm(jump)) ** 2
        error = (2 * system.dimension + 16) * UNIT * absolute
        parts.append((folded_generator(jump_superoperators(jump, one)), error))
    return *constant, parts


def _drive_part(system: System, drive: Drive, index: int) -> _Part:
    qubits = len(dims_of(system))
    field = f"drives[{index}]"
    if isinstance(drive, PauliSum):
        if set(dims_of(system)) != {2}:
            raise OperatorMalformed(
                "Only drives of qubits are written in Pauli strings.",
                field=f"{field}.terms",
                check="DIMENSIONS",
            )
        if isinstance(system, Lindbladian):
            return _commutator_part(pauli_operator(drive.indices, drive.weights, qubits))
        return _dense(commutator_table(drive, qubits))
    if isinstance(system, Lindbladian):
        return _commutator_part(drive)
    weights = pauli_vectors(drive, qubits) * len(drive) ** -0.5
    used = np.flatnonzero(weights)
    return _dense(commutator_table(PauliSum(used, weights[used].astype(np.complex128)), qubits))


def _commutator_part(hamiltonian: ComplexArray) -> _Part:
    part = folded_generator(commutator_superoperator(-1j * hermitian_part(hamiltonian)))
    return part, 16 * UNIT * 2 * float(np.linalg.norm(hamiltonian))


def _dense(table: ShiftTable) -> _Part:
    return table.dense(), table.assembly


def _check_size(system: System, parts: int) -> None:
    dimension = dimension_of(system)
    if dimension > DENSE_DIMENSION_MAX:
        raise ModelUnsupported(
            f"Sweeps are served for up to {DENSE_DIMENSION_MAX} levels, not for {dimension}.",
            field="system",
            model="sweep",
            dimension=dimension,
            maximum=DENSE_DIMENSION_MAX,
        )
    size = 8 * parts * dimension**4
    if size > PARTS_BYTES_MAX:
        raise OutputTooLarge(
            f"The parts of the generator take {size} bytes; the limit is {PARTS_BYTES_MAX}.",
            field="system",
            limit="parts_bytes_max",
            value=size,
            maximum=PARTS_BYTES_MAX,
        )
