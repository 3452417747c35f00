"""Measures of entanglement, each only where it means something."""

import math
from collections.abc import Sequence

import numpy as np

from lucid_coherence.states.batch import ComplexArray, RealArray
from lucid_coherence.states.cuts import Cut
from lucid_coherence.states.factor import ROUNDING, factor, root_shift
from lucid_coherence.states.measured import Measured
from lucid_coherence.states.spectra import singular_values
from lucid_coherence.states.violations import MeasureUndefined

_SEPARABLE_MARGIN = 1e-12
"""Far above the rounding of an eigenvalue of a 4x4 matrix."""
_STEEPEST_EOF = 1.0 / math.log(2.0)
"""Slope of the entanglement of formation at C = 1, its largest as a function of C."""


def concurrence(
    matrices: ComplexArray,
    eigenvalues: RealArray,
    dims: Sequence[int],
    transposed: RealArray | None = None,
) -> Measured:
    """Concurrence of two qubits, in [0, 1] [Wootters1998].

    With ρ = W W†, the concurrence is s1 − s2 − s3 − s4 of the singular values of Wᵀ(Y⊗Y)W. W is
    the pivoted Cholesky factor: no square root is taken of rounding noise, and X-shaped states keep
    eigenvalues far below the rounding of the largest one. `transposed` holds the eigenvalues of the
    partial transposes where they are known: a state whose smallest one is clearly positive is
    separable [Horodecki1996] and its concurrence 0, without the singular values.

    Raises:
        MeasureUndefined: the system is not a pair of qubits.
    """
    require_two_qubits(dims, "CONCURRENCE")
    values = np.zeros(len(matrices))
    unclear = slice(None) if transposed is None else transposed[:, 0] <= _SEPARABLE_MARGIN
    singular = singular_values(_flip_overlaps(factor(matrices[unclear])))
    values[unclear] = np.clip(2 * singular[:, 0] - singular.sum(axis=-1), 0.0, 1.0)
    return Measured(
        values=values,
        normalised=values,
        uncertainties=_concurrence_uncertainty(eigenvalues),
        unit="1",
        basis="independent of local bases",
        method="singular values of Wᵀ(Y⊗Y)W, W a pivoted Cholesky factor",
        note="ill-conditioned near a loss of rank: the uncertainty bounds what a disturbance of "
        "the state by 16 units of rounding in any direction can do; pivots within the noise of "
        "their own elimination count as 0",
    )


def _flip_overlaps(columns: ComplexArray) -> ComplexArray:
    """Return Wᵀ(Y⊗Y)W from factors W, both of shape (4, 4, count).

    Ten entries decide the symmetric matrix; with the batch last each is a sum of long vectors.
    """
    first, second, third, fourth = columns
    overlaps = np.empty_like(columns)
    for left in range(4):
        for right in range(left, 4):
            entry = second[left] * third[right]
            entry += third[left] * second[right]
            entry -= first[left] * fourth[right]
            entry -= fourth[left] * first[right]
            overlaps[left, right] = overlaps[right, left] = entry
    return overlaps


def _concurrence_uncertainty(eigenvalues: RealArray) -> RealArray:
    """Bound the effect of disturbing the state by 16 units of rounding of its largest eigenvalue.

    A column of W moves by at most r = √δ, or δ/√λmin when λmin is well above δ, and each of the
    four singular values of Wᵀ(Y⊗Y)W by at most 2√λmax r + r².
    """
    largest = eigenvalues[:, -1]
    moved = root_shift(eigenvalues[:, 0], 16 * ROUNDING * largest)
    bound: RealArray = 4 * (2 * np.sqrt(largest) * moved + moved**2) + 32 * ROUNDING
    return np.minimum(bound, 1.0)


def entanglement_of_formation(
    matrices: ComplexArray,
    eigenvalues: RealArray,
    dims: Sequence[int],
    transposed: RealArray | None = None,
) -> Measured:
    """E = h((1 + √(1 − C²))/2) in bits, of two qubits, in [0, 1]; h is the binary entropy.

    [Wootters1998] The smaller probability is C²/(2 + 2√(1 − C²)), which keeps its relative accuracy
    near C = 0; 1 − C² is a product, which keeps it near C = 1.

    Raises:
        MeasureUndefined: the system is not a pair of qubits.
    """
    require_two_qubits(dims, "ENTANGLEMENT_OF_FORMATION")
    plain = concurrence(matrices, eigenvalues, dims, transposed)
    values = formation_bits(plain.values)
    return Measured(
        values=values,
        normalised=values,
        uncertainties=np.minimum(_STEEPEST_EOF * plain.uncertainties, 1.0),
        unit="bit",
        basis=plain.basis,
        method="binary entropy of the concurrence",
        note=plain.note,
    )


def formation_bits(concurrences: RealArray) -> RealArray:
    """Return the entanglement of formation in bits for concurrences in [0, 1]."""
    root = np.sqrt((1.0 - concurrences) * (1.0 + concurrences))
    rare = concurrences**2 / (2.0 * (1.0 + root))
    logs = np.log(rare, out=np.zeros_like(rare), where=rare > 0.0)
    total: RealArray = -(rare * logs + (1.0 - rare) * np.log1p(-rare)) / math.log(2.0)
    return np.clip(total, 0.0, 1.0)


def negativity(transposed: RealArray, cut: Cut) -> Measured:
    """N = sum of the magnitudes of the negative eigenvalues of the partial transpose [Vidal2002].

    `transposed` holds these eigenvalues, (count, d), ascending. N lies in [0, (m − 1)/2], m the
    smaller dimension of the two sides, and is normalised by that. N > 0 always means entangled;
    N = 0 means separable only for 2x2 and 2x3. [Horodecki1996]
    """
    dimension = transposed.shape[-1]
    values: RealArray = -np.minimum(transposed, 0.0).sum(axis=-1)
    values[values <= 4 * dimension * ROUNDING] = 0.0
    return Measured(
        values=values,
        normalised=np.minimum(2 * values / (cut.smaller - 1), 1.0),
        uncertainties=np.array([8 * dimension**1.5 * ROUNDING]),
        unit="1",
        basis=cut.text,
        method="eigenvalues of the partial transpose",
        note="" if dimension <= 6 else "0 does not prove separability beyond 2x2 and 2x3",
    )


def log_negativity(transposed: RealArray, cut: Cut) -> Measured:
    """E_N = log2(2N + 1) in bits, in [0, log2 m]; normalised by log2 m [Vidal2002]."""
    plain = negativity(transposed, cut)
    values = np.log2(2 * plain.values + 1)
    return Measured(
        values=values,
        normalised=np.minimum(values / math.log2(cut.smaller), 1.0),
        uncertainties=plain.uncertainties * 2 / math.log(2),
        unit="bit",
        basis=plain.basis,
        method="log2(2N + 1) of the negativity N",
        note=plain.note,
    )


def require_two_qubits(dims: Sequence[int], measure: str) -> None:
    """Refuse a system that is not a pair of qubits."""
    if tuple(dims) != (2, 2):
        shape = "x".join(str(dim) for dim in dims)
        raise MeasureUndefined(
            f"The measure {measure} is defined for two qubits, dims 2x2; dims are {shape}.",
            field="measures",
            measure=measure,
            dims=shape,
            required="2x2",
        )
