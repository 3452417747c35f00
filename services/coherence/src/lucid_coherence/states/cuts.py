"""Systems cut into two sides: partial transposes, realignments and the states of the sides."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lucid_coherence.states.batch import ComplexArray, RealArray
from lucid_coherence.states.spectra import hermitian_eigenvalues
from lucid_coherence.states.violations import CutInvalid


@dataclass(frozen=True, slots=True)
class Cut:
    """A system of `dims` in two parts: `inside` lists the subsystems of one side, ascending."""

    dims: tuple[int, ...]
    inside: tuple[int, ...]

    @property
    def outside(self) -> tuple[int, ...]:
        """The subsystems of the other side, ascending."""
        return tuple(part for part in range(len(self.dims)) if part not in self.inside)

    @property
    def shape(self) -> tuple[int, int]:
        """The dimensions of the two sides, the inside first."""
        inner = math.prod(self.dims[part] for part in self.inside)
        return inner, math.prod(self.dims) // inner

    @property
    def smaller(self) -> int:
        """The dimension of the smaller side."""
        return min(self.shape)

    @property
    def text(self) -> str:
        """The cut as a reader writes it."""
        return f"cut {{{_parts(self.inside)}}} | {{{_parts(self.outside)}}}"


def check_cut(dims: Sequence[int], cut: Sequence[int]) -> Cut:
    """Return the cut; an empty one means the first half against the rest.

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
            cut=list(cut),
            subsystems=total,
        )
    return Cut(tuple(dims), side)


def transposed_order(cut: Cut) -> npt.NDArray[np.int64]:
    """Return (d²,): which entry of a matrix stands at each place of its partial transpose."""
    total, dimension = len(cut.dims), math.prod(cut.dims)
    axes = list(range(2 * total))
    for part in cut.inside:
        axes[part], axes[total + part] = axes[total + part], axes[part]
    places = np.arange(dimension**2, dtype=np.int64).reshape(*cut.dims, *cut.dims)
    return places.transpose(axes).ravel()


def partial_transpose(matrices: ComplexArray, cut: Cut) -> ComplexArray:
    """Transpose the inside of every matrix of a (count, d, d) stack."""
    flat = matrices.reshape(len(matrices), -1)
    return flat.take(transposed_order(cut), axis=1).reshape(matrices.shape)


def transposed_spectrum(matrices: ComplexArray, cut: Cut) -> RealArray:
    """Return the eigenvalues of the partial transposes, (count, d), ascending."""
    return hermitian_eigenvalues(matrices, transposed_order(cut))


def sorted_by_side(matrices: ComplexArray, cut: Cut) -> ComplexArray:
    """Return (count, a, b, a, b): every matrix with the index of the inside first."""
    total = len(cut.dims)
    order = cut.inside + cut.outside
    axes = [0, *(1 + part for part in order), *(1 + total + part for part in order)]
    split = matrices.reshape((len(matrices), *cut.dims, *cut.dims)).transpose(axes)
    return split.reshape(len(matrices), *cut.shape, *cut.shape)


def realigned(matrices: ComplexArray, cut: Cut) -> ComplexArray:
    """Return (count, a², b²): ρ_{(i k),(j l)} moved to row (i j), column (k l) [Chen2003]."""
    inner, outer = cut.shape
    split = sorted_by_side(matrices, cut).transpose(0, 1, 3, 2, 4)
    return np.ascontiguousarray(split).reshape(len(matrices), inner**2, outer**2)


def sides(matrices: ComplexArray, cut: Cut) -> tuple[ComplexArray, ComplexArray]:
    """Return the states of the inside and of the outside, the other side traced out."""
    split = sorted_by_side(matrices, cut)
    return np.einsum("nikjk->nij", split), np.einsum("nkikj->nij", split)


def vectors_by_side(vectors: ComplexArray, cut: Cut) -> ComplexArray:
    """Return (count, a, b): the amplitudes of (count, d) vectors with the inside as rows."""
    order = cut.inside + cut.outside
    axes = [0, *(1 + part for part in order)]
    split = vectors.reshape((len(vectors), *cut.dims)).transpose(axes)
    return np.ascontiguousarray(split).reshape(len(vectors), *cut.shape)


def _parts(parts: Sequence[int]) -> str:
    return ",".join(str(part) for part in parts)
