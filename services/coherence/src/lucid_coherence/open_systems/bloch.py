"""Qubits as Bloch vectors, where a Lindblad equation is affine and real."""

import numpy as np

from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.states.batch import ComplexArray, RealArray

BLOCH_TO_PAULI = np.array([0, 3, 1, 2])
"""The Bloch form has the order 1, x, y, z; Pauli coordinates have 1, z, x, y."""


def generator(qubit: DampedQubit) -> RealArray:
    """Return the (4, 4) float64 matrix G of d(1, x, y, z)/dt = G (1, x, y, z), in 1/s [Bloch1946].

    r' = (−g2 x − Δ y, Δ x − g2 y, g1 (z_eq − z)), with g2 the largest declared rate. The numbers
    are (Tr ρ, Tr ρX, Tr ρY, Tr ρZ), an orthogonal basis: ‖ρ‖ is √½ of the vector's length.
    """
    g1, g2 = float(qubit.relaxation_rate), float(qubit.decay_rate_high)
    detuning, equilibrium = float(qubit.detuning), float(qubit.equilibrium_z)
    return np.array(
        [
            [0.0, 0.0, 0.0, 0.0],
            [0.0, -g2, -detuning, 0.0],
            [0.0, detuning, -g2, 0.0],
            [g1 * equilibrium, 0.0, 0.0, -g1],
        ]
    )


def rate_parts(qubit: DampedQubit) -> tuple[RealArray, RealArray, RealArray]:
    """Return (4, 4) matrices A, B, C with G = A + g1 B + g2 C; A holds the qubit's detuning."""
    detuning, equilibrium = float(qubit.detuning), float(qubit.equilibrium_z)
    turning, relaxing, fading = np.zeros((3, 4, 4))
    turning[1, 2], turning[2, 1] = -detuning, detuning
    relaxing[3, 0], relaxing[3, 3] = equilibrium, -1.0
    fading[1, 1] = fading[2, 2] = -1.0
    return turning, relaxing, fading


def bloch_vectors(matrices: ComplexArray) -> RealArray:
    """Return (..., 4) vectors (Tr ρ, x, y, z) of the Hermitian parts of (..., 2, 2) matrices."""
    a, b, c, d = (matrices[..., i, j] for i in (0, 1) for j in (0, 1))
    return np.stack([(a + d).real, (b + c).real, (c - b).imag, (a - d).real], axis=-1)


def density_matrices(vectors: RealArray) -> ComplexArray:
    """Return (..., 2, 2) matrices of (..., 4) vectors, the inverse of `bloch_vectors`."""
    w, x, y, z = (vectors[..., k] for k in range(4))
    matrices = np.empty((*vectors.shape[:-1], 2, 2), dtype=np.complex128)
    matrices[..., 0, 0], matrices[..., 1, 1] = 0.5 * (w + z), 0.5 * (w - z)
    matrices[..., 1, 0] = 0.5 * (x + 1j * y)
    matrices[..., 0, 1] = 0.5 * (x - 1j * y)
    return matrices
