"""Measures of coherence and mixedness that eigenvalues and entries give directly."""

import math

import numpy as np

from lucid_coherence.states.batch import ComplexArray, RealArray, cache_blocks, lower_triangle
from lucid_coherence.states.factor import ROUNDING
from lucid_coherence.states.measured import Measured
from lucid_coherence.states.violations import RenyiOrderInvalid

BASIS = "computational"


def magnitudes(matrices: ComplexArray) -> RealArray:
    """Return the magnitudes of all entries as (count, entries of one).

    The squares are added directly: the guarded absolute value of numpy takes five times as long.
    They underflow below 1e-154, which is of no account beside entries up to 1.
    """
    flat = matrices.reshape(len(matrices), -1)
    squares = np.square(flat.real)
    squares += np.square(flat.imag)
    roots: RealArray = np.sqrt(squares, out=squares)
    return roots


def coherence_l1(matrices: ComplexArray) -> Measured:
    """C_l1 = Σ_{i≠j} |ρ_ij|, in [0, d − 1]; normalised by d − 1 [Baumgratz2014]."""
    count, dimension, _ = matrices.shape
    flat, lower = matrices.reshape(count, -1), lower_triangle(dimension, diagonal=False)
    values, twice = np.empty(count), np.full(len(lower), 2.0)
    for part in cache_blocks(count, dimension):
        values[part] = magnitudes(flat[part].take(lower, axis=1)) @ twice
    return Measured(
        values=values,
        normalised=np.minimum(values / (dimension - 1), 1.0),
        uncertainties=np.array([4 * dimension * dimension * ROUNDING]),
        unit="1",
        basis=BASIS,
        method="sum of the magnitudes of the off-diagonal entries",
    )


def relative_entropy_of_coherence(matrices: ComplexArray, eigenvalues: RealArray) -> Measured:
    """C_rel = S(diag ρ) − S(ρ) in bits, in [0, log2 d]; normalised by log2 d [Baumgratz2014].

    `eigenvalues` is (count, d). Negative ones, within the tolerance of the batch, count as 0.
    """
    dimension = matrices.shape[-1]
    diagonal = np.einsum("nii->ni", matrices).real
    values = np.maximum(entropy_bits(diagonal) - entropy_bits(eigenvalues), 0.0)
    return Measured(
        values=values,
        normalised=np.minimum(values / math.log2(dimension), 1.0),
        uncertainties=np.array([entropy_uncertainty(dimension)]),
        unit="bit",
        basis=BASIS,
        method="difference of von Neumann entropies, dephased minus given",
    )


def purity(matrices: ComplexArray) -> Measured:
    """Tr ρ², in [1/d, 1]; normalised (Tr ρ² − 1/d) / (1 − 1/d). The same in every basis."""
    dimension = matrices.shape[-1]
    values = purities(matrices)
    return Measured(
        values=values,
        normalised=np.clip((values - 1 / dimension) / (1 - 1 / dimension), 0.0, 1.0),
        uncertainties=np.array([4 * dimension * ROUNDING]),
        unit="1",
        basis="independent of the basis",
        method="squared Frobenius norm",
    )


def purities(matrices: ComplexArray) -> RealArray:
    """Return Tr ρ² of every matrix of a (count, d, d) Hermitian stack."""
    flat = matrices.reshape(len(matrices), -1)
    values: RealArray = np.einsum("ni,ni->n", flat.real, flat.real)
    values += np.einsum("ni,ni->n", flat.imag, flat.imag)
    return values


def von_neumann_entropy(eigenvalues: RealArray) -> Measured:
    """S(ρ) = −Tr ρ log2 ρ in bits, in [0, log2 d]; normalised by log2 d; the same in every basis.

    `eigenvalues` is (count, d).
    """
    dimension = eigenvalues.shape[-1]
    values = np.maximum(entropy_bits(eigenvalues), 0.0)
    return Measured(
        values=values,
        normalised=np.minimum(values / math.log2(dimension), 1.0),
        uncertainties=np.array([entropy_uncertainty(dimension)]),
        unit="bit",
        basis="independent of the basis",
        method="eigenvalues of the Hermitian part",
    )


def renyi_entropy(eigenvalues: RealArray, order: float | None) -> Measured:
    """S_α = log2(Σ λ^α) / (1 − α) in bits, in [0, log2 d], normalised by log2 d [Renyi1961].

    The limits are taken where they are due: α = 0 is log2 of the rank, 1 the von Neumann entropy,
    ∞ the min-entropy −log2 λmax. Below α = 1 the value hangs on which eigenvalues are 0: those up
    to 4 d units of rounding of the largest count as 0, and the uncertainty says what the others of
    about that size can do.

    Raises:
        RenyiOrderInvalid: no order, a negative one, or one that is not a number.
    """
    order = require_order(order)
    if order == 1.0:
        plain = von_neumann_entropy(eigenvalues)
        values, uncertainties = plain.values, plain.uncertainties
    else:
        spectrum = _spectrum(eigenvalues)
        values = np.maximum(_renyi(spectrum, order), 0.0)
        uncertainties = (
            _renyi_uncertainties(spectrum, order) if order > 0.0 else _rank_doubt(eigenvalues)
        )
    bound = math.log2(eigenvalues.shape[-1])
    return Measured(
        values=values,
        normalised=np.minimum(values / bound, 1.0),
        uncertainties=np.minimum(uncertainties, bound),
        unit="bit",
        basis="independent of the basis",
        method=f"eigenvalues of the Hermitian part, order {order:.6g}",
        note=""
        if order >= 1.0
        else f"eigenvalues up to {rank_cut(eigenvalues.shape[-1]):.2g} of the largest count as 0",
    )


def require_order(order: float | None) -> float:
    """Return the order of a Rényi entropy, or refuse one that is missing or not at least 0."""
    if order is None or math.isnan(order) or order < 0.0:
        raise RenyiOrderInvalid(
            "The Rényi entropy needs an order of at least 0; "
            + ("none was given." if order is None else f"it is {order:.6g}."),
            field="renyi_order",
            check="RENYI_ORDER",
            actual="none" if order is None else order,
        )
    return order


def rank_cut(dimension: int) -> float:
    """Return the share of the largest eigenvalue up to which one cannot be told from 0."""
    return 4 * dimension * ROUNDING


def _spectrum(eigenvalues: RealArray) -> RealArray:
    """Return the eigenvalues with noise set to 0 and the sum set to 1."""
    floor = rank_cut(eigenvalues.shape[-1]) * eigenvalues[:, -1:]
    kept = np.where(eigenvalues > floor, eigenvalues, 0.0)
    spectrum: RealArray = kept / kept.sum(axis=-1, keepdims=True)
    return spectrum


def _renyi(spectrum: RealArray, order: float) -> RealArray:
    largest = spectrum[:, -1]
    if order == 0.0:
        ranks: RealArray = np.log2((spectrum > 0.0).sum(axis=-1))
        return ranks
    if math.isinf(order):
        return -np.log2(largest)
    positive = spectrum > 0.0
    logs = np.log(spectrum, out=np.zeros_like(spectrum), where=positive)
    if abs(order - 1.0) < 0.5:
        # Near order 1 both logarithm and 1 − α go to 0: Σ λ^α − 1 is taken without cancellation.
        excess = (spectrum * np.expm1((order - 1.0) * logs)).sum(axis=-1)
        near: RealArray = np.log1p(excess) / ((1.0 - order) * math.log(2.0))
        return near
    with np.errstate(under="ignore", over="ignore"):
        relative = np.where(positive, np.exp(order * (logs - logs[:, -1:])), 0.0).sum(axis=-1)
    far: RealArray = np.log2(relative) / (1.0 - order) + order / (1.0 - order) * np.log2(largest)
    return far


def _renyi_uncertainties(spectrum: RealArray, order: float) -> RealArray:
    """Bound the effect of moving every eigenvalue by 4 d units of rounding."""
    dimension = spectrum.shape[-1]
    delta, largest = rank_cut(dimension), spectrum[:, -1]
    if order >= 1.5:
        slope = 3.0 if math.isinf(order) else order / (order - 1.0)
        steep: RealArray = 2 * slope * dimension * delta / largest
        return steep
    total = (np.where(spectrum > 0.0, spectrum, 0.0) ** order).sum(axis=-1)
    moved = dimension * (abs(math.log(delta)) + 2.0) * delta ** min(order, 1.0)
    gentle: RealArray = 2 * moved / (total * math.log(2.0))
    return gentle


def _rank_doubt(eigenvalues: RealArray) -> RealArray:
    """Return log2 of how far the rank moves when the cut does by a factor of 16 either way."""
    cut = rank_cut(eigenvalues.shape[-1]) * eigenvalues[:, -1:]
    most = (eigenvalues > cut / 16).sum(axis=-1)
    least = (eigenvalues > 16 * cut).sum(axis=-1)
    doubt: RealArray = np.log2(most / least)
    return doubt


def entropy_bits(weights: RealArray) -> RealArray:
    """Return −Σ w log2 w over the last axis; weights at or below 0 contribute 0."""
    positive = np.where(weights > 0.0, weights, 1.0)
    total: RealArray = -np.einsum("...i,...i->...", positive, np.log2(positive))
    return total


def entropy_uncertainty(dimension: int) -> float:
    """Continuity of the entropy at a disturbance of rounding size, summed over both terms.

    An eigenvalue disturbed by δ moves −w log2 w by at most −δ log2 δ + 2δ.
    """
    disturbance = 4 * dimension * ROUNDING
    return float(2 * dimension * (-disturbance * math.log2(disturbance) + 2 * disturbance))
