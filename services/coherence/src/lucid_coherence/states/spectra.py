"""Eigenvalues and singular values of batches of small matrices.

Batches of `BATCH_MIN` matrices or more, of up to `DIMENSION_MAX` levels, are decomposed in the
lanes of compiled loops (`lanes`), three to six times as fast as one by one; the others, and all
where nothing was compiled, by LAPACK. Both are backward stable: results differ by a few units of
rounding of the norm.
"""

import numpy as np
import numpy.typing as npt

from lucid_coherence.states.batch import ComplexArray, RealArray, cache_blocks
from lucid_coherence.states.lanes import native, singular_loops, spectrum_loops

BATCH_MIN = 64
"""Below this linking, 70 ms once, and half-empty lanes cost more than they save."""
DIMENSION_MAX = 32
"""Up to here the lanes were measured, at least twice as fast; their workspace grows as d²."""


def hermitian_eigenvalues(
    matrices: ComplexArray, order: npt.NDArray[np.int64] | None = None
) -> RealArray:
    """Return the ascending eigenvalues, (count, d), of Hermitian `matrices`, (count, d, d).

    With `order`, (d²,), entry (i, j) of what is decomposed is number order[i d + j] of a
    matrix: it must be Hermitian again, as a partial transpose is. Finite entries up to 1e100; those
    below 1e-140 may count as 0. Costs O(count · d³).
    """
    count, dimension, _ = matrices.shape
    lanes = native.load() if _worth_it(count, dimension) else None
    if lanes is not None:
        found = np.empty((count, dimension))
        data = np.ascontiguousarray(matrices, dtype=np.complex128)
        entries = np.arange(dimension**2, dtype=np.int64) if order is None else order
        work = np.empty(spectrum_loops.workspace_size(dimension))
        addresses = data.ctypes.data, entries.ctypes.data, count, dimension, work.ctypes.data
        if lanes.call("eigenvalues", *addresses, found.ctypes.data) == 0:
            return found
    return _one_by_one(matrices, order)


def _one_by_one(matrices: ComplexArray, order: npt.NDArray[np.int64] | None) -> RealArray:
    count, dimension, _ = matrices.shape
    found = np.empty((count, dimension))
    if order is None:
        found[:] = np.linalg.eigvalsh(matrices)
        return found
    for part in cache_blocks(count, dimension):
        block = matrices[part].reshape(-1, dimension**2).take(order, axis=1)
        found[part] = np.linalg.eigvalsh(block.reshape(-1, dimension, dimension))
    return found


def singular_values(matrices: ComplexArray) -> RealArray:
    """Return the descending singular values, (count, d), of `matrices`, (d, d, count): batch last.

    Entries up to 1e70. The error is some units of rounding of the norm, or 1e-75.
    Costs O(count · d³).
    """
    dimension, _, count = matrices.shape
    lanes = native.load() if _worth_it(count, dimension) else None
    if lanes is not None:
        found = np.empty((count, dimension))
        data = np.ascontiguousarray(matrices, dtype=np.complex128)
        work = np.empty(singular_loops.workspace_size(dimension))
        addresses = data.ctypes.data, count, dimension, work.ctypes.data, found.ctypes.data
        if lanes.call("singular_values", *addresses) == 0:
            found.sort(axis=-1)
            return found[:, ::-1]
    batch_first = np.ascontiguousarray(np.moveaxis(matrices, -1, 0))
    return np.asarray(np.linalg.svd(batch_first, compute_uv=False), dtype=np.float64)


def _worth_it(count: int, dimension: int) -> bool:
    return count >= BATCH_MIN and dimension <= DIMENSION_MAX
