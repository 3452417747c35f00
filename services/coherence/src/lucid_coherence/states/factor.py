"""Density matrices as products W W†, and how far rounding can move what is computed from W."""

import numpy as np

from lucid_coherence.states.batch import ComplexArray, RealArray, cache_blocks

ROUNDING = float(np.finfo(np.float64).eps)
NOISE = 4 * ROUNDING
"""Rounding noise of a diagonal entry, relative to it, that data and elimination together leave."""


def factor(matrices: ComplexArray) -> ComplexArray:
    """Return W with W W† = ρ, columns last to vanish first: `(d, d, count)`, batch last.

    Cholesky factors with diagonal pivoting [Higham1990]. A pivot counts as zero when it is within
    the rounding noise of its own elimination: NOISE · ρ_jj at the start, and an entry that is
    reduced by r times a pivot row inherits r times the noise (√n_j + r √n_k)². An entry that
    nothing was taken away from keeps its full relative accuracy, however small it is, so graded
    and X-shaped matrices are factored entry by entry; states that are rank-deficient up to rounding
    get exact zero columns. Negative pivots count as zero. `matrices` is (count, d, d), Hermitian.
    Costs O(count · d³).
    """
    count, dimension, _ = matrices.shape
    result = np.empty((dimension, dimension, count), dtype=np.complex128)
    for part in cache_blocks(count, dimension):
        result[:, :, part] = _factor_block(matrices[part])
    return result


def _factor_block(matrices: ComplexArray) -> ComplexArray:
    count, dimension, _ = matrices.shape
    rest = np.moveaxis(matrices, 0, -1).copy(order="C")
    pivots = np.maximum(np.einsum("iib->ib", rest).real, 0.0)
    noise = np.sqrt(NOISE * pivots)
    done = pivots <= 0.0
    lanes = np.arange(count)
    result = np.zeros_like(rest)
    for step in range(dimension):
        chosen = pivots.argmax(axis=0) * count + lanes
        root = np.sqrt(pivots.take(chosen))
        scale = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0.0)
        column = rest.reshape(dimension, -1).take(chosen, axis=1)
        column *= scale
        column[done] = 0.0
        column.put(chosen, root)
        result[:, step] = column
        done.put(chosen, True)
        if step == dimension - 1 or done.all():
            break
        conjugate = column.conj()
        for row in range(dimension):
            rest[row] -= column[row] * conjugate
        squares = np.square(column.real)
        squares += np.square(column.imag)
        pivots -= squares
        noise += np.sqrt(squares) * (scale * noise.take(chosen))
        done |= pivots <= noise * noise
        pivots[done] = 0.0
    return result


def batch_first(factors: ComplexArray) -> ComplexArray:
    """Return factors of shape (d, d, count) as (count, d, d)."""
    return np.ascontiguousarray(np.moveaxis(factors, -1, 0))


def ranks(factors: ComplexArray) -> np.ndarray:
    """Return the number of non-zero columns of each factor of a (count, d, d) stack."""
    counted: np.ndarray = (factors != 0).any(axis=-2).sum(axis=-1)
    return counted


def root_shift(smallest: RealArray, disturbance: RealArray | float) -> RealArray:
    """Bound the Bures distance between a state and one that differs by `disturbance` (trace norm).

    It is at most √δ always [Fuchs1999], and about δ/(2√λmin) for a state whose smallest eigenvalue
    is well above δ; twice that is returned. Shape (count,).
    """
    delta = np.broadcast_to(np.asarray(disturbance, dtype=np.float64), smallest.shape)
    firm = smallest > 4 * delta
    shift: RealArray = np.where(
        firm, delta / np.sqrt(np.where(firm, smallest, 1.0)), np.sqrt(delta)
    )
    return shift
