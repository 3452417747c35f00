"""Bounds on what rounding can do, so that the ends of certified intervals are moved outward.

They use the standard model of floating-point arithmetic only, for any order of summation, and
nothing about how good an eigenvalue routine is: what such a routine returned is multiplied out and
the residual is bounded [Higham2002, ch. 3].
"""

from collections.abc import Callable

import numpy as np

from lucid_coherence.states.batch import ComplexArray, RealArray, adjoint
from lucid_coherence.states.factor import ROUNDING

Check = Callable[[], None]
"""Called between steps of a long computation; what it raises ends the computation."""


def no_check() -> None:
    """Let a computation run to its end."""


def product_error(terms: int) -> float:
    """Bound the error of a complex inner product of `terms` terms, relative to Σ |x||y|.

    A complex product has error at most √2 γ_2 and a sum of n terms γ_(n−1), with γ_k about k u;
    2 (terms + 4) units of 2u bounds both for every size used here.
    """
    return 2 * (terms + 4) * ROUNDING


def outward(low: RealArray, high: RealArray) -> tuple[RealArray, RealArray]:
    """Move both ends by a few units in the last place, for the additions that made them."""
    slack_low, slack_high = 8 * ROUNDING * np.abs(low), 8 * ROUNDING * np.abs(high)
    return np.nextafter(low - slack_low, -np.inf), np.nextafter(high + slack_high, np.inf)


def definite_shift(matrices: ComplexArray) -> RealArray:
    """Return t >= 0 with A + t·1 positive semidefinite, for each A of a (count, d, d) stack.

    With computed eigenpairs Q, Λ: A = QΛQ† + R exactly, so A >= min(λmin, 0) |Q|² − |R|, for
    whatever Q and Λ are. R is computed and its own rounding added.
    """
    dimension = matrices.shape[-1]
    eigenvalues, vectors = np.linalg.eigh(matrices)
    residual = matrices - (vectors * eigenvalues[:, None, :]) @ adjoint(vectors)
    largest = np.abs(eigenvalues).max(axis=-1)
    spread = frobenius_squared(vectors) * 1.01
    rounding = product_error(dimension) * (largest * spread + frobenius(matrices))
    shift: RealArray = (
        np.maximum(-eigenvalues[:, 0], 0.0) * spread + 1.01 * frobenius(residual) + rounding
    )
    return shift


def frobenius_squared(matrices: ComplexArray) -> RealArray:
    """Return Σ |a_ij|² of every matrix of a stack."""
    squares: RealArray = (matrices.real**2 + matrices.imag**2).sum(axis=(-1, -2))
    return squares


def frobenius(matrices: ComplexArray) -> RealArray:
    """Return the Frobenius norm of every matrix of a stack."""
    return np.sqrt(frobenius_squared(matrices))
