"""Four ways to write a linear map on d x d matrices, and the exact passages between them.

Conventions, the ones of [Wood2015] with columns stacked; qiskit and QuTiP use the same:

- vec ρ stacks columns: vec(ρ)[n·d + m] = ρ[m, n].
- Superoperator S, (d², d²): vec E(ρ) = S vec ρ; of Kraus operators S = Σ conj(K) ⊗ K.
- Choi matrix C, (d², d²), input first, not normalised: C[i·d + m, j·d + n] = E(|i⟩⟨j|)[m, n], so
  that Tr C = d for a trace-preserving map.
- Kraus operators K, (k, d, d): E(ρ) = Σ K ρ K†.
- Pauli transfer matrix R, (4ⁿ, 4ⁿ), qubits only: R[a, b] = Tr(P_a E(P_b)) / d over the products
  of I, X, Y, Z, the first qubit slowest: II, IX, IY, IZ, XI, ...; real for maps that preserve
  Hermiticity, with first row 1, 0, ..., 0 for those that preserve the trace.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from lucid_coherence.channels.violations import FormUndefined
from lucid_coherence.states.batch import ComplexArray

_PAULIS = np.array(
    [
        [[1, 0], [0, 1]],
        [[0, 1], [1, 0]],
        [[0, -1j], [1j, 0]],
        [[1, 0], [0, -1]],
    ],
    dtype=np.complex128,
)


def level_count(choi: ComplexArray) -> int:
    """Return d for a (d², d²) matrix."""
    return math.isqrt(choi.shape[-1])


def choi_from_kraus(operators: ComplexArray) -> ComplexArray:
    """Return C = Σ |K⟩⟩⟨⟨K| for operators of shape (k, d, d). O(k · d⁴)."""
    columns = np.swapaxes(operators, -1, -2).reshape(len(operators), -1)
    choi: ComplexArray = columns.T @ columns.conj()
    return choi


def choi_from_superoperator(superoperator: ComplexArray) -> ComplexArray:
    """Rearrange S into C; no arithmetic, so nothing is rounded."""
    return _reshuffle(superoperator)


def superoperator_from_choi(choi: ComplexArray) -> ComplexArray:
    """Rearrange C into S, the inverse of `choi_from_superoperator`."""
    return _reshuffle(choi)


def _reshuffle(matrix: ComplexArray) -> ComplexArray:
    """Exchange the first and the last of the four indices; doing it twice changes nothing."""
    d = level_count(matrix)
    split = matrix.reshape(d, d, d, d).transpose(3, 1, 2, 0)
    return np.ascontiguousarray(split).reshape(d * d, d * d)


def pauli_transfer_from_choi(choi: ComplexArray, dims: Sequence[int]) -> ComplexArray:
    """Return R = B† S B, B the Pauli basis in columns of unit length.

    Raises:
        FormUndefined: a subsystem is not a qubit.
    """
    basis = pauli_columns(dims)
    matrix: ComplexArray = basis.conj().T @ superoperator_from_choi(choi) @ basis
    return matrix


def choi_from_pauli_transfer(transfer: ComplexArray, dims: Sequence[int]) -> ComplexArray:
    """Return the Choi matrix of R, the inverse of `pauli_transfer_from_choi`."""
    basis = pauli_columns(dims)
    return choi_from_superoperator(basis @ transfer @ basis.conj().T)


def pauli_columns(dims: Sequence[int]) -> ComplexArray:
    """Return vec(P_a) / √d as columns, shape (4ⁿ, 4ⁿ), unitary; the first qubit slowest."""
    if any(dim != 2 for dim in dims):
        shape = "x".join(str(dim) for dim in dims)
        raise FormUndefined(
            f"A Pauli transfer matrix is defined for qubits; dims are {shape}.",
            field="dims",
            form="PAULI_TRANSFER",
            dims=shape,
        )
    return _pauli_columns(len(dims))


@lru_cache(maxsize=8)
def _pauli_columns(qubits: int) -> ComplexArray:
    products = _PAULIS
    for _ in range(qubits - 1):
        size = products.shape[-1]
        products = np.einsum("aij,bkl->abikjl", products, _PAULIS).reshape(-1, 2 * size, 2 * size)
    columns = np.swapaxes(products, -1, -2).reshape(len(products), -1).T
    scaled: ComplexArray = columns / np.sqrt(products.shape[-1])
    scaled.setflags(write=False)
    return scaled
