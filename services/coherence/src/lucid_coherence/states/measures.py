"""Measures of coherence and purity, in the computational basis."""

from dataclasses import dataclass

import numpy as np

from lucid_coherence.states.batch import ComplexArray, RealArray

BASIS = "computational"


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure over a batch: raw values, values in [0, 1], and what the numbers rest on.

    `values`, `normalised` and `uncertainties` have shape (count,). An uncertainty bounds how far
    rounding of the input and of the computation can have moved the raw value. `basis` names the
    basis or the cut; `note` says what else a reader must know, empty if nothing.
    """

    values: RealArray
    normalised: RealArray
    uncertainties: RealArray
    unit: str
    basis: str
    method: str
    note: str = ""


ROUNDING = float(np.finfo(np.float64).eps)


def coherence_l1(matrices: ComplexArray) -> Measured:
    """C_l1 = Σ_{i≠j} |ρ_ij|, in [0, d − 1]; normalised by d − 1 [Baumgratz2014]."""
    dimension = matrices.shape[-1]
    magnitudes = np.abs(matrices)
    diagonal = np.trace(magnitudes, axis1=-2, axis2=-1)
    values = np.maximum(magnitudes.sum(axis=(-1, -2)) - diagonal, 0.0)
    return Measured(
        values=values,
        normalised=np.minimum(values / (dimension - 1), 1.0),
        uncertainties=np.full(values.shape, 4 * dimension * dimension * ROUNDING),
        unit="1",
        basis=BASIS,
        method="sum of the magnitudes of the off-diagonal entries",
    )


def relative_entropy_of_coherence(matrices: ComplexArray, eigenvalues: RealArray) -> Measured:
    """C_rel = S(diag ρ) − S(ρ) in bits, in [0, log2 d]; normalised by log2 d [Baumgratz2014].

    `eigenvalues` is (count, d). Negative ones, within the tolerance of the batch, count as 0.
    """
    dimension = matrices.shape[-1]
    diagonal = np.diagonal(matrices, axis1=-2, axis2=-1).real
    values = np.maximum(entropy_bits(diagonal) - entropy_bits(eigenvalues), 0.0)
    bound = np.log2(dimension)
    return Measured(
        values=values,
        normalised=np.minimum(values / bound, 1.0),
        uncertainties=np.full(values.shape, _entropy_uncertainty(dimension)),
        unit="bit",
        basis=BASIS,
        method="difference of von Neumann entropies, dephased minus given",
    )


def purity(matrices: ComplexArray) -> Measured:
    """Tr ρ², in [1/d, 1]; normalised (Tr ρ² − 1/d) / (1 − 1/d). The same in every basis."""
    dimension = matrices.shape[-1]
    values = (np.abs(matrices) ** 2).sum(axis=(-1, -2))
    return Measured(
        values=values,
        normalised=np.clip((values - 1 / dimension) / (1 - 1 / dimension), 0.0, 1.0),
        uncertainties=np.full(values.shape, 4 * dimension * ROUNDING),
        unit="1",
        basis="independent of the basis",
        method="squared Frobenius norm",
    )


def von_neumann_entropy(eigenvalues: RealArray) -> Measured:
    """S(ρ) = −Tr ρ log2 ρ in bits, in [0, log2 d]; normalised by log2 d; the same in every basis.

    `eigenvalues` is (count, d).
    """
    dimension = eigenvalues.shape[-1]
    values = np.maximum(entropy_bits(eigenvalues), 0.0)
    return Measured(
        values=values,
        normalised=np.minimum(values / np.log2(dimension), 1.0),
        uncertainties=np.full(values.shape, _entropy_uncertainty(dimension)),
        unit="bit",
        basis="independent of the basis",
        method="eigenvalues of the Hermitian part",
    )


def entropy_bits(weights: RealArray) -> RealArray:
    """Return −Σ w log2 w over the last axis; weights at or below 0 contribute 0."""
    positive = np.where(weights > 0.0, weights, 1.0)
    total: RealArray = -(positive * np.log2(positive)).sum(axis=-1)
    return total


def _entropy_uncertainty(dimension: int) -> float:
    """Continuity of the entropy at a disturbance of rounding size, summed over both terms.

    An eigenvalue disturbed by δ moves −w log2 w by at most −δ log2 δ + 2δ.
    """
    disturbance = 4 * dimension * ROUNDING
    return float(2 * dimension * (-disturbance * np.log2(disturbance) + 2 * disturbance))
