"""Pauli strings as pairs of bit masks, and Hermitian matrices as their real Pauli coordinates.

A string on n qubits is P(x, z) = i^(x·z) X^x Z^z, with x and z numbers of n bits; the first letter
of a text is the most significant bit, as in the index of a state's matrix. Its index is
q = x · 2^n + z, and the product of two strings has the index q1 XOR q2 up to a phase
[DehaeneDeMoor2003]. Every sum over strings below is a Walsh-Hadamard transform.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from lucid_coherence.open_systems.violations import OperatorMalformed
from lucid_coherence.states.batch import ComplexArray, RealArray

IndexArray = npt.NDArray[np.int64]

LETTERS = "IXYZ"
_X, _Z = (str.maketrans(LETTERS, digits) for digits in ("0110", "0011"))

_PHASES = np.array([1, 1j, -1, -1j])


@dataclass(frozen=True, slots=True)
class PauliTables:
    """What depends on the number of qubits n alone; d = 2^n.

    walsh: (d, d) float64, (−1)^popcount(i & j).
    y_count: (d²,) int64, the number of Y letters of string q.
    swap: (d²,) int64, flat index of entry (j XOR i, i) for the flat index of entry (j, i).
    real, imaginary: (d, d) float64, the parts of i^(x·z).
    """

    walsh: RealArray
    y_count: IndexArray
    swap: IndexArray
    real: RealArray
    imaginary: RealArray


@lru_cache(maxsize=8)
def tables(qubits: int) -> PauliTables:
    """Return the tables for a number of qubits; shared, so never to be written to."""
    levels = np.arange(2**qubits)
    both = np.bitwise_count(levels[:, None] & levels[None, :]).astype(np.int64)
    phase = _PHASES[both & 3]
    swap = (levels[:, None] ^ levels[None, :]) * len(levels) + levels[None, :]
    return PauliTables(
        walsh=np.asarray(1.0 - 2.0 * (both & 1), dtype=np.float64),
        y_count=both.reshape(-1),
        swap=swap.reshape(-1),
        real=np.ascontiguousarray(phase.real),
        imaginary=np.ascontiguousarray(phase.imag),
    )


def parse_strings(texts: Sequence[str], qubits: int, *, field: str) -> IndexArray:
    """Return the index of every string, shape (len(texts),).

    Raises:
        OperatorMalformed: a text is not `qubits` letters of IXYZ.
    """
    for number, text in enumerate(texts):
        if len(text) != qubits or not set(text) <= set(LETTERS):
            raise OperatorMalformed(
                f"String {number} is {text[:16]!r}; it takes {qubits} letters of {LETTERS}.",
                field=field,
                check="PAULI_STRING",
                index=number,
                expected_letters=qubits,
                actual_letters=len(text),
            )
    # Few strings come at once, too few for arrays of their letters to pay.
    found = [int(text.translate(_X) + text.translate(_Z), 2) for text in texts]
    return np.array(found, dtype=np.int64)


def pauli_operator(indices: IndexArray, weights: ComplexArray, qubits: int) -> ComplexArray:
    """Return the (d, d) matrix of Σ weights[k] P(indices[k])."""
    operator: ComplexArray = pauli_operators([(indices, weights)], qubits)[0]
    return operator


def pauli_operators(sums: Sequence[tuple[IndexArray, ComplexArray]], qubits: int) -> ComplexArray:
    """Return the (k, d, d) matrices of k sums of strings, each as indices and weights."""
    known = tables(qubits)
    dimension = 2**qubits
    levels = np.arange(dimension)
    indices = np.concatenate([one for one, _ in sums])
    weights = np.concatenate([one for _, one in sums])
    owners = np.repeat(np.arange(len(sums)), [len(one) for one, _ in sums])
    x, z = indices >> qubits, indices & (dimension - 1)
    phase = _PHASES[known.y_count[indices] & 3]
    operators = np.zeros((len(sums), dimension, dimension), dtype=np.complex128)
    entries = (weights * phase)[:, None] * known.walsh[z]
    np.add.at(operators, (owners[:, None], levels ^ x[:, None], levels[None, :]), entries)
    return operators


def pauli_vectors(matrices: ComplexArray, qubits: int) -> RealArray:
    """Return (..., d²) coordinates Tr(P_q ρ)/√d of the Hermitian parts of (..., d, d) matrices.

    The basis is orthonormal: the length of a vector is the Frobenius norm of its matrix.
    """
    known = tables(qubits)
    dimension = 2**qubits
    stack = matrices.shape[:-2]
    transposed = np.swapaxes(matrices, -1, -2).reshape(*stack, -1)
    moved = transposed[..., known.swap].reshape(*stack, dimension, dimension)
    vectors: RealArray = known.real * (moved.real @ known.walsh)
    vectors -= known.imaginary * (moved.imag @ known.walsh)
    vectors *= dimension**-0.5
    return vectors.reshape(*stack, -1)


def pauli_matrices(vectors: RealArray, qubits: int) -> ComplexArray:
    """Return (..., d, d) Hermitian matrices of (..., d²) coordinates, `pauli_vectors` inverted."""
    known = tables(qubits)
    dimension = 2**qubits
    stack = vectors.shape[:-1]
    square = (vectors * dimension**-0.5).reshape(*stack, dimension, dimension)
    matrices = np.empty((*stack, dimension * dimension), dtype=np.complex128)
    for part, phase in ((matrices.real, known.real), (matrices.imag, known.imaginary)):
        summed = (square * phase) @ known.walsh
        part[...] = summed.reshape(*stack, -1)[..., known.swap]
    return matrices.reshape(*stack, dimension, dimension)
