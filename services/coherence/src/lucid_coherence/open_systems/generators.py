"""The systems that are evolved, and their generators as dense real matrices or as maps."""

from dataclasses import dataclass

import numpy as np

from lucid_coherence.open_systems.bloch import BLOCH_TO_PAULI
from lucid_coherence.open_systems.bloch import generator as bloch_generator
from lucid_coherence.open_systems.coordinates import Coordinates, folded_generator
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.exponential import UNIT
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian
from lucid_coherence.open_systems.linear_maps import LinearMap, product_map, table_map
from lucid_coherence.open_systems.pauli_network import PauliNetwork, generator_table
from lucid_coherence.open_systems.rates import require_known
from lucid_coherence.open_systems.violations import ModelUnsupported
from lucid_coherence.states.batch import ComplexArray, RealArray, hermitian_part

System = DampedQubit | Lindbladian | PauliNetwork

DENSE_DIMENSION_MAX = 16
"""Generators of more levels are never written as a dense (d², d²) matrix."""
FOLDED_DIMENSION_MAX = 8
"""Up to so many levels strings are added up as operators first: fewer and cheaper steps."""
TABLE_NUMBERS_MAX = 2**21
"""Terms times d²: a network with more is evolved by its dense operators."""
SPARSE_MASKS_MAX = 64
"""A network whose generator has more entries in a row is evolved by its dense operators."""


@dataclass(frozen=True, slots=True)
class DenseGenerator:
    """A generator as a (d², d²) float64 matrix in 1/s on some real coordinates.

    `assembly` bounds the 2-norm of its difference from the declared generator, 1/s.
    """

    matrix: RealArray
    coordinates: Coordinates
    assembly: float


def dims_of(system: System) -> tuple[int, ...]:
    """Return the dimension of each subsystem."""
    return (2,) if isinstance(system, DampedQubit) else system.dims


def require_evolvable(system: System) -> None:
    """Refuse a system with a rate that is only known in an interval (ModelUnsupported)."""
    if isinstance(system, DampedQubit):
        if not system.has_known_rates:
            raise ModelUnsupported(
                "The coherence decay rate is only known in an interval; evolution needs one "
                "number.",
                field="system.damped_qubit.coherence_decay_rate_high_per_s",
                model="damped_qubit",
                rate_low_per_s=system.decay_rate_low,
                rate_high_per_s=system.decay_rate_high,
            )
        return
    model = "lindbladian" if isinstance(system, Lindbladian) else "pauli_lindbladian"
    rates = [(jump.rate_low, jump.rate_high) for jump in system.jumps]
    for index, (low, high) in enumerate(rates):
        field = f"system.{model}.jumps[{index}]"
        require_known(index, low, high, field=field, model=model)


def dense_generator(system: System) -> DenseGenerator:
    """Return the generator at the low rates; d is at most 16 here."""
    if isinstance(system, DampedQubit):
        matrix = bloch_generator(system)[np.ix_(BLOCH_TO_PAULI, BLOCH_TO_PAULI)]
        return DenseGenerator(matrix, Coordinates(2, 1), 4 * UNIT * float(np.abs(matrix).sum()))
    if isinstance(system, PauliNetwork):
        if system.dimension <= FOLDED_DIMENSION_MAX or not has_small_table(system):
            operators = system.operators()
            return _folded(operators[0], operators[1:], system.rates())
        table = generator_table(system)
        coordinates = Coordinates(system.dimension, system.qubits)
        return DenseGenerator(table.dense(), coordinates, table.assembly)
    return _folded(system.hamiltonian, system.operators(), system.rates())


def linear_map(system: Lindbladian | PauliNetwork) -> LinearMap:
    """Return the generator in the form that is cheapest to apply."""
    if isinstance(system, Lindbladian):
        return product_map(system)
    if has_small_table(system):
        table = generator_table(system)
        if len(table.masks) <= SPARSE_MASKS_MAX:
            return table_map(table, system.qubits)
    return product_map(dense_operators(system))


def has_small_table(network: PauliNetwork) -> bool:
    """Say whether the network's terms can all be tabulated."""
    return network.term_count() * network.dimension**2 <= TABLE_NUMBERS_MAX


def dense_operators(network: PauliNetwork) -> Lindbladian:
    """Return the same system with its operators as (d, d) matrices."""
    jumps = tuple(
        Jump(network.jump_matrix(index), jump.rate_low, jump.rate_high)
        for index, jump in enumerate(network.jumps)
    )
    return Lindbladian(network.dims, network.hamiltonian_matrix(), jumps)


def commutator_superoperator(effective: ComplexArray) -> ComplexArray:
    """Return K ⊗ 1 + 1 ⊗ K*, the matrix of ρ -> Kρ + ρK† on states flattened row by row."""
    dimension = len(effective)
    size = dimension * dimension
    whole = np.zeros((dimension,) * 4, dtype=np.complex128)
    levels = np.arange(dimension)
    whole[:, levels, :, levels] += effective
    whole[levels, :, levels, :] += effective.conj()
    return whole.reshape(size, size)


def jump_superoperators(operators: ComplexArray, rates: RealArray) -> ComplexArray:
    """Return Σ γ (L ⊗ L* − ½ L†L ⊗ 1 − ½ 1 ⊗ (L†L)*) of a (jumps, d, d) stack, (d², d²)."""
    count, dimension = len(operators), operators.shape[-1]
    size = dimension * dimension
    weighted = (rates[:, None, None] * operators).reshape(count, size)
    pairs = weighted.T @ operators.reshape(count, size).conj()
    moved = pairs.reshape((dimension,) * 4).transpose(0, 2, 1, 3).reshape(size, size)
    stacked = operators.reshape(count * dimension, dimension)
    decay = stacked.conj().T @ weighted.reshape(count * dimension, dimension)
    return moved + commutator_superoperator(-0.5 * decay)


def _folded(hamiltonian: ComplexArray, operators: ComplexArray, rates: RealArray) -> DenseGenerator:
    hamiltonian = hermitian_part(hamiltonian)
    dimension = len(hamiltonian)
    whole = commutator_superoperator(-1j * hamiltonian) + jump_superoperators(operators, rates)
    squares = np.einsum("kij,kij->k", operators, operators.conj()).real
    absolute = 2 * float(np.linalg.norm(hamiltonian)) + 2 * float(rates @ squares)
    assembly = (dimension * 2 + len(rates) + 16) * UNIT * absolute
    return DenseGenerator(folded_generator(whole), Coordinates(dimension), assembly)
