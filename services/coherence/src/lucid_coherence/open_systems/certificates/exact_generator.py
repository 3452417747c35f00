"""The generator of one or two qubits in Pauli coordinates, exactly.

A double is a dyadic rational, so every entry of the generator is one too. With r_i = Tr(P_i ρ) over
the d² − 1 strings other than the identity, and rates that are affine in h, each h_k in [−1, 1],

    r' = (A_0 + Σ h_k A_k) r + b_0 + Σ h_k b_k.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_coherence.open_systems.lindblad import Lindbladian
from lucid_coherence.open_systems.pauli_network import PauliNetwork, PauliSum
from lucid_coherence.open_systems.pauli_strings import tables
from lucid_coherence.open_systems.violations import ModelUnsupported
from lucid_coherence.states.batch import ComplexArray, RealArray

ExactArray = npt.NDArray[Any]
"""Arrays of Python integers or fractions (dtype object): nothing is rounded."""

QUBITS_MAX = 2
BITS_MAX = 200
"""Entries of the operators have denominators up to 2^200: exact numbers get too long beyond."""
UNCERTAIN_MAX = 3
_LETTERS = {
    "I": ((1, 0), (0, 1)),
    "X": ((0, 1), (1, 0)),
    "Y": ((0, -1j), (1j, 0)),
    "Z": ((1, 0), (0, -1)),
}


@dataclass(frozen=True, slots=True)
class Gaussian:
    """A matrix (real + i imaginary)/2^bits of exact integers."""

    real: ExactArray
    imaginary: ExactArray
    bits: int = 0

    def times(self, other: "Gaussian") -> "Gaussian":
        """Return the product of two matrices."""
        real = self.real @ other.real - self.imaginary @ other.imaginary
        imaginary = self.real @ other.imaginary + self.imaginary @ other.real
        return Gaussian(real, imaginary, self.bits + other.bits)

    def adjoint(self) -> "Gaussian":
        """Return the conjugate transpose."""
        return Gaussian(self.real.T, -self.imaginary.T, self.bits)


@dataclass(frozen=True, slots=True)
class ExactGenerator:
    """The matrices A_0, A_1, ... (N, N) and vectors b_0, b_1, ... (N,) of fractions, in 1/s.

    N = d² − 1; the entries after the first belong to the uncertain rates, in their order.
    """

    qubits: int
    matrices: tuple[ExactArray, ...]
    vectors: tuple[ExactArray, ...]

    @property
    def size(self) -> int:
        """N, the number of coordinates."""
        return len(self.vectors[0])

    @property
    def uncertain(self) -> int:
        """How many rates are only known in an interval."""
        return len(self.vectors) - 1

    def floats(self, h: Sequence[float]) -> RealArray:
        """Return the (N + 1, N + 1) float64 generator of (1, r) at the rates `h`."""
        whole = np.zeros((self.size + 1, self.size + 1))
        for weight, matrix, vector in zip((1.0, *h), self.matrices, self.vectors, strict=True):
            whole[1:, 1:] += weight * matrix.astype(np.float64)
            whole[1:, 0] += weight * vector.astype(np.float64)
        return whole


def strings(qubits: int) -> list[Gaussian]:
    """Return all 4^n Pauli strings in the order II, IX, ..., the identity first."""
    found = []
    for letters in product("IXYZ", repeat=qubits):
        whole: ComplexArray = np.ones((1, 1), dtype=np.complex128)
        for letter in letters:
            factor = np.array(_LETTERS[letter], dtype=np.complex128)
            whole = np.asarray(np.kron(whole, factor), dtype=np.complex128)
        found.append(_small(whole))
    return found


def exact_generator(system: Lindbladian | PauliNetwork) -> ExactGenerator:
    """Return the generator of a system of one or two qubits.

    The anti-Hermitian part of H, which is at most rounding, takes no part.

    Raises:
        ModelUnsupported: other dimensions, more than three uncertain rates, or operators whose
            entries are too many binary orders of magnitude apart.
    """
    qubits = _qubits(system)
    basis = strings(qubits)
    hamiltonian = _hamiltonian(system)
    matrices = [_coherent(hamiltonian, basis)]
    rates = [(jump.rate_low, jump.rate_high) for jump in system.jumps]
    for index, (low, high) in enumerate((Fraction(a), Fraction(b)) for a, b in rates):
        if high == 0:
            continue
        part = _dissipator(_jump_operator(system, index), basis)
        matrices[0] = matrices[0] + part * ((low + high) / 2)
        if low != high:
            matrices.append(part * ((high - low) / 2))
    if len(matrices) - 1 > UNCERTAIN_MAX:
        raise _unsupported(
            f"At most {UNCERTAIN_MAX} rates may be intervals; {len(matrices) - 1} are.",
            uncertain_rates=len(matrices) - 1,
            maximum=UNCERTAIN_MAX,
        )
    return ExactGenerator(
        qubits, tuple(m[1:, 1:] for m in matrices), tuple(m[1:, 0] for m in matrices)
    )


def coordinates_of(matrix: ComplexArray, qubits: int) -> ExactArray:
    """Return r_i = Tr(P_i ρ), (d² − 1,) fractions, of the Hermitian part of a (d, d) matrix."""
    state = _gaussian(matrix)
    values = [_trace(string, state) for string in strings(qubits)[1:]]
    return np.array(values, dtype=object)


def _trace(left: Gaussian, right: Gaussian) -> Fraction:
    """Return Re Tr(left right)."""
    total = (left.real * right.real.T - left.imaginary * right.imaginary.T).sum()
    return Fraction(int(total), 2 ** (left.bits + right.bits))


def _coherent(hamiltonian: Gaussian, basis: list[Gaussian]) -> ExactArray:
    """Return the matrix of −i[H, ·] in 1/s; H counts as (H + H†)/2."""
    adjoint = hamiltonian.adjoint()
    mean = Gaussian(
        hamiltonian.real + adjoint.real,
        hamiltonian.imaginary + adjoint.imaginary,
        hamiltonian.bits + 1,
    )
    images = []
    for string in basis:
        left, right = mean.times(string), string.times(mean)
        # −i (a + ib) = b − ia.
        images.append(Gaussian(left.imaginary - right.imaginary, right.real - left.real, left.bits))
    return _matrix(images, basis)


def _dissipator(jump: Gaussian, basis: list[Gaussian]) -> ExactArray:
    """Return the matrix of L · L† − ½{L†L, ·} for rate 1."""
    adjoint = jump.adjoint()
    weight = adjoint.times(jump)
    images = []
    for string in basis:
        there = jump.times(string).times(adjoint)
        left, right = weight.times(string), string.times(weight)
        images.append(
            Gaussian(
                2 * there.real - left.real - right.real,
                2 * there.imaginary - left.imaginary - right.imaginary,
                there.bits + 1,
            )
        )
    return _matrix(images, basis)


def _matrix(images: list[Gaussian], basis: list[Gaussian]) -> ExactArray:
    dimension = len(basis[0].real)
    rows = [[_trace(string, image) / dimension for image in images] for string in basis]
    return np.array(rows, dtype=object)


def _qubits(system: Lindbladian | PauliNetwork) -> int:
    qubits = len(system.dims)
    if qubits > QUBITS_MAX or any(dim != 2 for dim in system.dims):
        raise _unsupported(
            f"Horizons are certified for one or two qubits; dims are {list(system.dims)}.",
            dims=",".join(map(str, system.dims)),
            maximum=QUBITS_MAX,
        )
    return qubits


def _unsupported(sentence: str, **facts: object) -> ModelUnsupported:
    return ModelUnsupported(sentence, field="system", **facts)


def _hamiltonian(system: Lindbladian | PauliNetwork) -> Gaussian:
    if isinstance(system, Lindbladian):
        return _gaussian(system.hamiltonian)
    return _from_strings(system.hamiltonian, system.qubits)


def _jump_operator(system: Lindbladian | PauliNetwork, index: int) -> Gaussian:
    if isinstance(system, Lindbladian):
        return _gaussian(system.jumps[index].operator)
    return _from_strings(system.jumps[index].terms, system.qubits)


def _from_strings(terms: PauliSum, qubits: int) -> Gaussian:
    """Return Σ w P without rounding: the sum of the matrices could round."""
    dimension = 2**qubits
    pairs = [(Fraction(w.real), Fraction(w.imag)) for w in terms.weights.tolist()]
    bits = _bits([part for pair in pairs for part in pair])
    known = tables(qubits)
    zero = np.zeros((dimension, dimension), dtype=object)
    real, imaginary = zero, zero.copy()
    for (a, b), string in zip(pairs, terms.indices.tolist(), strict=True):
        x, z = string >> qubits, string & (dimension - 1)
        turns = int(known.y_count[string]) & 3
        for level in range(dimension):
            sign = 1 - 2 * ((z & level).bit_count() & 1)
            # A factor of i for every Y letter.
            turned = ((a, b), (-b, a), (-a, -b), (b, -a))[turns]
            real[level ^ x, level] += sign * int(turned[0] * 2**bits)
            imaginary[level ^ x, level] += sign * int(turned[1] * 2**bits)
    return Gaussian(real, imaginary, bits)


def _gaussian(matrix: ComplexArray) -> Gaussian:
    real = [Fraction(value) for value in matrix.real.reshape(-1).tolist()]
    imaginary = [Fraction(value) for value in matrix.imag.reshape(-1).tolist()]
    bits = _bits([*real, *imaginary])
    parts = [
        np.array([int(q * 2**bits) for q in part], dtype=object).reshape(matrix.shape)
        for part in (real, imaginary)
    ]
    return Gaussian(parts[0], parts[1], bits)


def _bits(values: Sequence[Fraction]) -> int:
    bits = max((q.denominator.bit_length() - 1 for q in values), default=0)
    if bits > BITS_MAX or any(abs(q) >= 2**BITS_MAX for q in values):
        raise _unsupported(
            f"The operators' entries need denominators of 2^{bits}; exact certificates take "
            f"numbers between 2^-{BITS_MAX} and 2^{BITS_MAX}.",
            bits=bits,
            maximum=BITS_MAX,
        )
    return bits


def _small(matrix: ComplexArray) -> Gaussian:
    real = np.array([[int(v) for v in row] for row in matrix.real], dtype=object)
    imaginary = np.array([[int(v) for v in row] for row in matrix.imag], dtype=object)
    return Gaussian(real, imaginary)
