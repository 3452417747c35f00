"""Measures of entanglement, each only where it means something."""

import math
from collections.abc import Sequence

import numpy as np

from lucid_coherence.states.batch import ComplexArray, RealArray, hermitian_part
from lucid_coherence.states.measures import ROUNDING, Measured
from lucid_coherence.states.violations import CutInvalid, MeasureUndefined

RANK_CUT = 16 * ROUNDING
"""Eigenvalues below this share of the largest one are rounding noise and count as 0."""
_FLIP_SIGNS = np.array([-1.0, 1.0, 1.0, -1.0])


def concurrence(matrices: ComplexArray, dims: Sequence[int]) -> Measured:
    """Concurrence of two qubits, in [0, 1] [Wootters1998].

    With ρ = W W†, the concurrence is s1 − s2 − s3 − s4 of the singular values of Wᵀ(Y⊗Y)W: no
    square root is taken of the noise in an eigenvalue, so rank-deficient states keep full accuracy.

    Raises:
        MeasureUndefined: the system is not a pair of qubits.
    """
    if tuple(dims) != (2, 2):
        raise MeasureUndefined(
            f"Concurrence is defined for two qubits, dims 2x2; dims are {_shape(dims)}.",
            field="measures",
            measure="CONCURRENCE",
            dims=_shape(dims),
            required="2x2",
        )
    eigenvalues, vectors = np.linalg.eigh(hermitian_part(matrices))
    kept = eigenvalues > RANK_CUT * eigenvalues[:, -1:]
    factor = vectors * np.sqrt(np.where(kept, eigenvalues, 0.0))[:, None, :]
    overlap = np.swapaxes(factor, -1, -2) @ (_FLIP_SIGNS[:, None] * factor[:, ::-1, :])
    singular = np.linalg.svd(overlap, compute_uv=False)
    values = np.clip(2 * singular[:, 0] - singular.sum(axis=-1), 0.0, 1.0)
    return Measured(
        values=values,
        normalised=values,
        uncertainties=_concurrence_uncertainty(eigenvalues, kept),
        unit="1",
        basis="independent of local bases",
        method="singular values of Wᵀ(Y⊗Y)W",
        note="ill-conditioned near a loss of rank: the uncertainty bounds what a disturbance of "
        "the state by its own rounding can do",
    )


def _concurrence_uncertainty(eigenvalues: RealArray, kept: np.ndarray) -> RealArray:
    """Bound the effect of disturbing each eigenvalue by 16 units of rounding.

    A discarded eigenvalue of at most c changes a column of W by √c, and Wᵀ(Y⊗Y)W by at most
    2√(λmax c) + c in norm and twice that in each pair of singular values. A kept eigenvalue λ moves
    its column by at most c/√λ.
    """
    largest = eigenvalues[:, -1]
    cut = RANK_CUT * largest
    discarded = (~kept).sum(axis=-1)
    smallest_kept = np.where(kept, eigenvalues, np.inf).min(axis=-1)
    column = np.where(discarded > 0, np.sqrt(cut), cut / np.sqrt(smallest_kept))
    affected = np.where(discarded > 0, discarded, 4)
    bound: RealArray = 2 * affected * (2 * np.sqrt(largest) * column + column**2) + 32 * ROUNDING
    return np.minimum(bound, 1.0)


def negativity(matrices: ComplexArray, dims: Sequence[int], cut: Sequence[int]) -> Measured:
    """N = sum of the magnitudes of the negative eigenvalues of the partial transpose [Vidal2002].

    `cut` lists the subsystems of one side. N lies in [0, (m − 1)/2], m the smaller dimension of
    the two sides, and is normalised by that. N > 0 always means entangled; N = 0 means separable
    only for 2x2 and 2x3. [Horodecki1996]
    """
    side = check_cut(dims, cut)
    smaller, larger = _sides(dims, side)
    eigenvalues = np.linalg.eigvalsh(hermitian_part(partial_transpose(matrices, dims, side)))
    values = np.clip(-eigenvalues, 0.0, None).sum(axis=-1)
    values = np.where(values > 4 * matrices.shape[-1] * ROUNDING, values, 0.0)
    conclusive = smaller * larger <= 6
    return Measured(
        values=values,
        normalised=np.minimum(2 * values / (smaller - 1), 1.0),
        uncertainties=np.full(values.shape, 8 * math.prod(dims) ** 1.5 * ROUNDING),
        unit="1",
        basis=_cut_text(dims, side),
        method="eigenvalues of the partial transpose",
        note="" if conclusive else "0 does not prove separability beyond 2x2 and 2x3",
    )


def log_negativity(matrices: ComplexArray, dims: Sequence[int], cut: Sequence[int]) -> Measured:
    """E_N = log2(2N + 1) in bits, in [0, log2 m]; normalised by log2 m [Vidal2002]."""
    plain = negativity(matrices, dims, cut)
    smaller, _ = _sides(dims, check_cut(dims, cut))
    values = np.log2(2 * plain.values + 1)
    return Measured(
        values=values,
        normalised=np.minimum(values / math.log2(smaller), 1.0),
        uncertainties=plain.uncertainties * 2 / math.log(2),
        unit="bit",
        basis=plain.basis,
        method="log2(2N + 1) of the negativity N",
        note=plain.note,
    )


def check_cut(dims: Sequence[int], cut: Sequence[int]) -> tuple[int, ...]:
    """Return the subsystems of one side, sorted; an empty cut means the first half.

    Raises:
        CutInvalid: the cut names a subsystem that does not exist or twice, or leaves a side empty.
    """
    total = len(dims)
    side = tuple(sorted(cut)) or tuple(range(total // 2))
    distinct = len(set(side)) == len(side) and all(0 <= part < total for part in side)
    if not (distinct and 0 < len(side) < total):
        raise CutInvalid(
            f"The cut {list(cut)} does not split {total} subsystems into two sides.",
            field="cut",
            measure="NEGATIVITY",
            cut=list(cut),
            subsystems=total,
        )
    return side


def partial_transpose(
    matrices: ComplexArray, dims: Sequence[int], side: Sequence[int]
) -> ComplexArray:
    """Transpose the subsystems in `side` of every matrix of a (count, d, d) stack."""
    total = len(dims)
    axes = list(range(1 + 2 * total))
    for part in side:
        axes[1 + part], axes[1 + total + part] = axes[1 + total + part], axes[1 + part]
    split = matrices.reshape((len(matrices), *dims, *dims)).transpose(axes)
    return np.ascontiguousarray(split).reshape(matrices.shape)


def _sides(dims: Sequence[int], side: Sequence[int]) -> tuple[int, int]:
    inside = math.prod(dims[part] for part in side)
    outside = math.prod(dims) // inside
    return min(inside, outside), max(inside, outside)


def _cut_text(dims: Sequence[int], side: Sequence[int]) -> str:
    other = [part for part in range(len(dims)) if part not in side]
    return f"cut {{{_parts(side)}}} | {{{_parts(other)}}}"


def _parts(parts: Sequence[int]) -> str:
    return ",".join(str(part) for part in parts)


def _shape(dims: Sequence[int]) -> str:
    return "x".join(str(dim) for dim in dims)
