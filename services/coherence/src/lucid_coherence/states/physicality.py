"""Is a matrix a density matrix, and by how much not."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lucid_coherence.states.batch import (
    ComplexArray,
    RealArray,
    StateBatch,
    cache_blocks,
    hermitian_part,
    lower_triangle,
)
from lucid_coherence.states.spectra import hermitian_eigenvalues
from lucid_coherence.states.violations import StateUnphysical, ToleranceOutOfRange

CHOLESKY_TOLERANCE_MIN = 1e-10
"""Rounding of a Cholesky factor of 256 levels is below 1e-13."""
TOLERANCE_DEFAULT = 1e-9
TOLERANCE_MAX = 1e-6
"""Beyond this a measure of the Hermitian part no longer describes the matrix that was sent."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far a matrix may be from a density matrix, absolute, each in [0, 1e-6].

    `eigenvalue` is how far below zero the smallest eigenvalue may be.
    """

    hermiticity: float = TOLERANCE_DEFAULT
    trace: float = TOLERANCE_DEFAULT
    eigenvalue: float = TOLERANCE_DEFAULT

    def __post_init__(self) -> None:
        for name in ("hermiticity", "trace", "eigenvalue"):
            value = getattr(self, name)
            if not (math.isfinite(value) and 0 <= value <= TOLERANCE_MAX):
                raise ToleranceOutOfRange(
                    f"The {name} tolerance is {value:.6g}; it lies in [0, {TOLERANCE_MAX:g}].",
                    field=f"tolerances.{name}",
                    check="TOLERANCE_RANGE",
                    actual=value,
                    limit_value=TOLERANCE_MAX,
                )


@dataclass(frozen=True, slots=True)
class Violation:
    """A check that a state fails: its name, the measured value, and how much was allowed."""

    check: str
    value: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was measured about a batch; every array has shape (count,).

    `hermitian` holds the Hermitian parts, (count, d, d); `eigenvalues` is (count, d), theirs,
    ascending. Both are kept so that no measure computes them again.
    """

    tolerances: Tolerances
    hermiticity_errors: RealArray
    trace_errors: RealArray
    eigenvalues: RealArray
    hermitian: ComplexArray

    @property
    def smallest_eigenvalues(self) -> RealArray:
        """The smallest eigenvalue of each Hermitian part."""
        smallest: RealArray = self.eigenvalues[:, 0]
        return smallest

    @property
    def departures(self) -> RealArray:
        """A bound on the Frobenius distance of each matrix from the nearest physical state.

        It is 0 up to rounding for exact states, and at most some d times the tolerances for
        accepted ones.
        """
        dimension = self.eigenvalues.shape[-1]
        negative = np.minimum(self.eigenvalues, 0.0).sum(axis=-1)
        bound: RealArray = (
            dimension * self.hermiticity_errors + 2 * self.trace_errors - 2 * negative
        )
        return bound

    @property
    def valid(self) -> npt.NDArray[np.bool_]:
        """True where all three checks hold."""
        return (
            (self.hermiticity_errors <= self.tolerances.hermiticity)
            & (self.trace_errors <= self.tolerances.trace)
            & (self.smallest_eigenvalues >= -self.tolerances.eigenvalue)
        )

    def violations(self, index: int) -> tuple[Violation, ...]:
        """Return the checks that state `index` fails, with the measured values."""
        limits = self.tolerances
        hermiticity, trace, smallest = (
            float(column[index])
            for column in (self.hermiticity_errors, self.trace_errors, self.smallest_eigenvalues)
        )
        found = (
            (
                hermiticity > limits.hermiticity,
                "hermiticity_error",
                hermiticity,
                limits.hermiticity,
            ),
            (trace > limits.trace, "trace_error", trace, limits.trace),
            (smallest < -limits.eigenvalue, "min_eigenvalue", smallest, limits.eigenvalue),
        )
        return tuple(
            Violation(name, value, limit) for failed, name, value, limit in found if failed
        )


def inspect(batch: StateBatch, tolerances: Tolerances) -> Inspection:
    """Measure how far each matrix is from a density matrix.

    Hermiticity error: largest |ρ_ij − conj(ρ_ji)|. Trace error: |Tr ρ − 1|. Eigenvalues of the
    Hermitian part. Costs O(count · d³).
    """
    matrices = batch.matrices
    errors = np.empty(batch.count)
    for part in cache_blocks(batch.count, batch.dimension):
        errors[part] = _hermiticity_errors(matrices[part])
    # Most batches are exactly Hermitian: then the matrices serve as they are.
    hermitian = hermitian_part(matrices) if errors.any() else matrices
    return Inspection(
        tolerances=tolerances,
        hermiticity_errors=errors,
        trace_errors=np.abs(np.einsum("nii->n", matrices) - 1.0),
        eigenvalues=hermitian_eigenvalues(hermitian),
        hermitian=hermitian,
    )


def _hermiticity_errors(matrices: ComplexArray) -> RealArray:
    count, dimension, _ = matrices.shape
    flat, lower = matrices.reshape(count, -1), lower_triangle(dimension, diagonal=True)
    skew = flat.take(lower % dimension * dimension + lower // dimension, axis=1)
    np.conjugate(skew, out=skew)
    skew -= flat.take(lower, axis=1)
    if not skew.view(np.float64).any():  # as most batches are: nothing to measure
        return np.zeros(count)
    squares = np.square(skew.real)
    squares += np.square(skew.imag)
    errors: RealArray = np.sqrt(squares.max(axis=-1))
    return errors


def require_physical(batch: StateBatch, tolerances: Tolerances, *, field: str) -> None:
    """Refuse a batch in which any state is not a density matrix within the tolerances."""
    if not surely_physical(batch, tolerances):
        require_valid(inspect(batch, tolerances), field=field)


def surely_physical(batch: StateBatch, tolerances: Tolerances) -> bool:
    """Return True only if every state is physical within the tolerances; False is no answer.

    Cholesky factors instead of eigenvalues, at an eighth of their cost: they exist for ρ + s with
    half the tolerance for s, which leaves room for their rounding [Higham2002, th. 10.3].
    """
    if tolerances.eigenvalue < CHOLESKY_TOLERANCE_MIN:
        return False
    errors = _hermiticity_errors(batch.matrices)
    traces = np.abs(np.einsum("nii->n", batch.matrices) - 1.0)
    if (errors > tolerances.hermiticity).any() or (traces > tolerances.trace).any():
        return False
    shifted = hermitian_part(batch.matrices) if errors.any() else batch.matrices.copy()
    levels = np.arange(batch.dimension)
    shifted[:, levels, levels] += 0.5 * tolerances.eigenvalue
    try:
        np.linalg.cholesky(shifted)
    except np.linalg.LinAlgError:
        return False
    return True


def require_valid(inspection: Inspection, *, field: str) -> None:
    """Refuse a batch with a state that fails a check; names the first such state and check."""
    if inspection.valid.all():
        return
    index = int(np.argmin(inspection.valid))
    worst = inspection.violations(index)[0]
    raise StateUnphysical(
        f"State {index} fails the check {worst.check}: the value is {worst.value:.6g}, "
        f"the tolerance {worst.tolerance:.6g}.",
        field=field,
        check=worst.check,
        index=index,
        value=worst.value,
        tolerance=worst.tolerance,
    )
