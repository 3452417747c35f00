"""Real coordinates of Hermitian matrices, in which every Lindblad generator is a real matrix.

Two systems. Pauli coordinates, for qubits: sparse generators of networks stay sparse. Folded
coordinates, for any dimension: Re ρ + Im ρ, whose symmetric part is Re ρ and whose antisymmetric
part is Im ρ, so that nothing is lost and conversion costs two additions. Both are isometries: the
length of a vector is the Frobenius norm of its matrix.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lucid_coherence.open_systems.pauli_strings import pauli_matrices, pauli_vectors
from lucid_coherence.states.batch import ComplexArray, RealArray, hermitian_part

BASIS_DIMENSION_MAX = 4
"""Up to so many levels one product with the whole basis is faster than any rearrangement."""
WRITTEN_DIMENSION_MAX = 8
"""Up to so many levels that product is as fast where it also writes the matrices where they go."""


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Coordinates of (d, d) Hermitian matrices: Pauli ones if `qubits` > 0, d = 2^qubits."""

    dimension: int
    qubits: int = 0

    def vectors(self, matrices: ComplexArray) -> RealArray:
        """Return (..., d²) coordinates of the Hermitian parts of (..., d, d) matrices."""
        if self.dimension <= BASIS_DIMENSION_MAX:
            flat = np.ascontiguousarray(matrices).view(np.float64)
            flat = flat.reshape(-1, 2 * self.dimension**2)
            return (flat @ _basis(self).T).reshape(*matrices.shape[:-2], -1)
        if self.qubits:
            return pauli_vectors(matrices, self.qubits)
        hermitian = hermitian_part(matrices)
        folded: RealArray = hermitian.real + hermitian.imag
        return folded.reshape(*matrices.shape[:-2], -1)

    def matrices(self, vectors: RealArray) -> ComplexArray:
        """Return (..., d, d) matrices of (..., d²) coordinates, Hermitian up to rounding."""
        if self.dimension <= BASIS_DIMENSION_MAX:
            flat = vectors.reshape(-1, self.dimension**2) @ _basis(self)
            shape = (*vectors.shape[:-1], self.dimension, self.dimension)
            return flat.view(np.complex128).reshape(shape)
        return self._rearranged(vectors)

    def basis(self) -> RealArray:
        """Return (d², 2 d²): row k is the matrix of coordinate k as real, imaginary, real, ...

        The rows are orthonormal. It is shared, so never to be written to.
        """
        return _basis(self)

    def points_of(self, columns: RealArray) -> ComplexArray:
        """Return (p, times, c, d, d) matrices of (times, d², c, p) coordinates."""
        times, size, count, points = columns.shape
        shape = (points, times, count, self.dimension, self.dimension)
        if self.dimension > WRITTEN_DIMENSION_MAX:
            return self._rearranged(np.ascontiguousarray(columns.transpose(3, 0, 2, 1)))
        flat = np.empty((points, times, count, 2 * size))
        np.matmul(columns.transpose(0, 2, 3, 1), _basis(self), out=flat.transpose(1, 2, 0, 3))
        return flat.view(np.complex128).reshape(shape)

    def _rearranged(self, vectors: RealArray) -> ComplexArray:
        if self.qubits:
            return pauli_matrices(vectors, self.qubits)
        half = 0.5 * vectors.reshape(*vectors.shape[:-1], self.dimension, self.dimension)
        turned = np.swapaxes(half, -1, -2)
        matrices = np.empty(half.shape, dtype=np.complex128)
        np.add(half, turned, out=matrices.real)
        np.subtract(half, turned, out=matrices.imag)
        return matrices


@lru_cache(maxsize=8)
def _basis(coordinates: Coordinates) -> RealArray:
    size = coordinates.dimension**2
    return coordinates._rearranged(np.eye(size)).reshape(size, size).view(np.float64)


def folded_generator(superoperator: ComplexArray) -> RealArray:
    """Return a generator in folded coordinates from its matrix on states flattened row by row.

    With S = A + iB and ρ = R + iI the image has the parts A R − B I and A I + B R; their sum is
    A (R + I) + B (R − I), and R − I is the transpose of R + I. `superoperator` is (..., d², d²).
    """
    size = superoperator.shape[-1]
    dimension = round(size**0.5)
    turned = np.arange(size).reshape(dimension, dimension).T.reshape(-1)
    folded: RealArray = superoperator.real + superoperator.imag[..., turned]
    return folded
