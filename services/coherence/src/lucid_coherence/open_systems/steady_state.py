"""Steady states: what a system leaves unchanged, whether that is unique, and how fast it comes.

The null space of the generator from its singular values, and the projection on it along the image
of the generator: for a completely positive evolution the eigenvalue 0 has no Jordan block, so this
projection is the mean of the evolution over all times [Wolf2012, ch. 6].
"""

from dataclasses import dataclass

import numpy as np

from lucid_coherence.open_systems.exponential import UNIT, norm_bounds
from lucid_coherence.open_systems.generators import (
    DENSE_DIMENSION_MAX,
    DenseGenerator,
    System,
    dense_generator,
    require_evolvable,
)
from lucid_coherence.open_systems.propagate import check_match
from lucid_coherence.open_systems.violations import (
    AccuracyNotReached,
    ModelUnsupported,
    OutputTooLarge,
)
from lucid_coherence.states.batch import BYTES_PER_ENTRY, RealArray, StateBatch

STATES_BYTES_MAX = 1_048_576
"""Initial states, where each may have its own steady state."""
ROUNDING_UNITS = 32.0
"""Singular values up to this many units of rounding per row count as zero."""
STILL = 1e-10
"""Real parts below this share of the largest singular value count as no decay."""


@dataclass(frozen=True, slots=True)
class SteadyStates:
    """What a generator leaves unchanged.

    dimension: of the space of operators with zero rate; 1 means that the steady state is unique.
    batch: the unique steady state, or for each initial state the mean of its evolution.
    residual: bound on the Frobenius norm of the rate of change of each of them, 1/s.
    spectral_gap: least −Re λ of the modes that decay, 1/s; 0 if none does. It is as exact as the
        eigenvalues of a matrix that need not be normal.
    oscillating: modes with λ = iω, ω ≠ 0, that never decay.
    threshold, next_singular: the largest singular value that counted as zero at most, and the
        smallest that did not, 1/s; 0 if all counted.
    """

    dimension: int
    batch: StateBatch
    residual: float
    spectral_gap: float
    oscillating: int
    threshold: float
    next_singular: float


def steady_states(batch: StateBatch, system: System) -> SteadyStates:
    """Return the steady states of a system of at most 16 levels, for the given initial states.

    Raises:
        ModelUnsupported: more levels, or rates only known in an interval.
        OutputTooLarge: more than 1 MiB of initial states.
        AccuracyNotReached: rounding hides which modes are steady.
        BatchMalformed: the states are not states of this system.
    """
    check_match(batch, system)
    require_evolvable(system)
    _check_size(batch)
    generator = dense_generator(system)
    left, singular, right = np.linalg.svd(generator.matrix)
    size = len(singular)
    threshold = ROUNDING_UNITS * size * UNIT * float(singular[0]) + generator.assembly
    count = max(int((singular <= threshold).sum()), 1)
    vectors = _projected(
        generator.coordinates.vectors(batch.matrices if count > 1 else batch.matrices[:1]),
        left[:, size - count :],
        right[size - count :],
        batch.dimension,
    )
    gap, oscillating = _spectrum(generator.matrix, count, STILL * float(singular[0]))
    return SteadyStates(
        dimension=count,
        batch=StateBatch(batch.dims, generator.coordinates.matrices(vectors)),
        residual=_residual(generator, vectors),
        spectral_gap=gap,
        oscillating=oscillating,
        threshold=threshold,
        next_singular=float(singular[size - count - 1]) if count < size else 0.0,
    )


def _projected(vectors: RealArray, left: RealArray, right: RealArray, dimension: int) -> RealArray:
    """Return R (LᵀR)⁻¹ Lᵀ v for (m, N) vectors; `left` is (N, k), `right` (k, N), orthonormal.

    The projection is a mean of channels, so its norm is at most √d, and 1/norm is the smallest
    singular value of LᵀR: a smaller one means that modes were taken for steady that are not.
    """
    overlap = left.T @ right.T
    smallest = float(np.linalg.svd(overlap, compute_uv=False)[-1])
    least = 0.5 * dimension**-0.5
    if not smallest >= least:
        raise AccuracyNotReached(
            f"Rounding hides the steady states: the overlap of the null spaces is {smallest:.3g}, "
            f"below {least:.3g}.",
            field="include_steady_state",
            limit="overlap_min",
            value=smallest,
            minimum=least,
        )
    weights = np.linalg.solve(overlap, left.T @ vectors.T)
    return np.ascontiguousarray((right.T @ weights).T)


def _spectrum(matrix: RealArray, steady: int, still: float) -> tuple[float, int]:
    """Return the spectral gap and the number of modes that oscillate for ever."""
    eigenvalues = np.linalg.eigvals(matrix)
    moving = eigenvalues[np.argsort(np.abs(eigenvalues))][steady:]
    forever = (moving.real > -still) & (np.abs(moving.imag) > still)
    decays = -moving[~forever].real
    gap = max(float(decays.min()), 0.0) if len(decays) else 0.0
    return gap, int(forever.sum())


def _residual(generator: DenseGenerator, vectors: RealArray) -> float:
    rates = np.linalg.norm(vectors @ generator.matrix.T, axis=1)
    rounding = (len(generator.matrix) + 4) * UNIT * float(norm_bounds(generator.matrix[None])[0])
    lengths = np.linalg.norm(vectors, axis=1)
    return float((rates + (rounding + generator.assembly) * lengths).max())


def _check_size(batch: StateBatch) -> None:
    if batch.dimension > DENSE_DIMENSION_MAX:
        raise ModelUnsupported(
            f"Steady states are found for up to {DENSE_DIMENSION_MAX} levels, not for "
            f"{batch.dimension}.",
            field="include_steady_state",
            model="steady_state",
            dimension=batch.dimension,
            maximum=DENSE_DIMENSION_MAX,
        )
    size = batch.matrices.size * BYTES_PER_ENTRY
    if size > STATES_BYTES_MAX:
        raise OutputTooLarge(
            f"With steady states the initial states take at most {STATES_BYTES_MAX} bytes, not "
            f"{size}.",
            field="states",
            limit="steady_state_bytes_max",
            value=size,
            maximum=STATES_BYTES_MAX,
        )
