"""Generators that are applied and never exponentiated: the large systems.

A map knows how to turn states into its own arrays and back, how to apply the generator once, a
bound on its norm, and a bound on what one application rounds.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from lucid_coherence.open_systems.chebyshev import Rectangle, ranges
from lucid_coherence.open_systems.coordinates import Coordinates
from lucid_coherence.open_systems.exponential import UNIT, norm_bounds
from lucid_coherence.open_systems.lindblad import Lindbladian
from lucid_coherence.open_systems.pauli_network import ShiftTable
from lucid_coherence.states.batch import ComplexArray, RealArray, adjoint, hermitian_part

Block = npt.NDArray[Any]
KeepGoing = Callable[[], bool]
SPARSE_ENTRIES_PER_ELEMENT = 64
"""Jumps are applied as one sparse matrix on flattened states up to this many entries per element
of the state; beyond it three products of (d, d) matrices are faster."""


class Stopped(Exception):
    """The caller no longer wants the answer."""


def require_wanted(keep_going: KeepGoing) -> None:
    """Raise Stopped once `keep_going` says no."""
    if not keep_going():
        raise Stopped


class LinearMap(Protocol):
    """A generator G of states with d levels, in 1/s."""

    @property
    def dimension(self) -> int:
        """The dimension d."""

    @property
    def norm(self) -> float:
        """Bound on ‖G‖₂, the matrices as vectors with the Frobenius norm."""

    @property
    def rectangle(self) -> Rectangle:
        """Bounds on the numerical range of G, 1/s."""

    @property
    def rounding(self) -> float:
        """Bound on what one application rounds for ‖ρ‖_F = 1, 1/s."""

    @property
    def assembly(self) -> float:
        """Bound on the 2-norm of the difference from the declared generator, 1/s."""

    @property
    def cost(self) -> float:
        """Seconds that one application to one state takes, about."""

    def load(self, matrices: ComplexArray) -> Block:
        """Return (count, d, d) states in the form that is worked on."""

    def unload(self, blocks: Block) -> ComplexArray:
        """Return (k, count, d, d) states of k stacked blocks, Hermitian up to rounding."""

    def apply(self, block: Block, keep_going: KeepGoing) -> Block:
        """Return G of a block; raises Stopped."""

    def settled(self, block: Block) -> Block:
        """Return a block that was added up from others in the form that `apply` relies on."""

    def length(self, block: Block) -> float:
        """Return the largest Frobenius norm of the states in a block."""


@dataclass(frozen=True, slots=True)
class MatrixMap:
    """A dense or sparse (N, N) float64 matrix on coordinates; blocks are (N, count)."""

    matrix: Any
    coordinates: Coordinates
    norm: float
    rectangle: Rectangle
    rounding: float
    assembly: float
    cost: float

    @property
    def dimension(self) -> int:
        """The dimension d."""
        return self.coordinates.dimension

    def load(self, matrices: ComplexArray) -> Block:
        """Return (N, count) coordinates."""
        return np.ascontiguousarray(self.coordinates.vectors(matrices).T)

    def unload(self, blocks: Block) -> ComplexArray:
        """Return the matrices of (k, N, count) coordinates."""
        return self.coordinates.matrices(np.swapaxes(blocks, 1, 2))

    def apply(self, block: Block, keep_going: KeepGoing) -> Block:
        """Return the matrix times the block; one product is short."""
        require_wanted(keep_going)
        if block.shape[1] == 1:
            return np.asarray(self.matrix @ block[:, 0])[:, None]
        return np.asarray(self.matrix @ block)

    def settled(self, block: Block) -> Block:
        """Return the block: every vector of coordinates is a Hermitian matrix."""
        return block

    def length(self, block: Block) -> float:
        """Return the largest length of a column."""
        if block.shape[1] == 1:
            one = block[:, 0]
            return math.sqrt(float(one @ one))
        return math.sqrt(float(np.einsum("ij,ij->j", block, block).max()))


@dataclass(frozen=True, slots=True)
class ProductMap:
    """ρ -> A + A†, A = Kρ + ½ Σ L ρ L†, as products of (d, d) matrices on Hermitian ρ.

    K = −iH − ½ Σ L†L. Blocks are (count, d, d) complex128. `jumps` is ½ Σ L ⊗ L* as a sparse
    (d², d²) matrix on states flattened row by row, or the (jumps, d, d) stack of √(γ/2) L.
    """

    effective: ComplexArray
    jumps: Any
    norm: float
    rectangle: Rectangle
    rounding: float
    assembly: float
    cost: float

    @property
    def dimension(self) -> int:
        """The dimension d."""
        return len(self.effective)

    def load(self, matrices: ComplexArray) -> Block:
        """Return the Hermitian parts."""
        return hermitian_part(matrices)

    def unload(self, blocks: Block) -> ComplexArray:
        """Return the Hermitian parts."""
        return hermitian_part(blocks)

    def apply(self, block: Block, keep_going: KeepGoing) -> Block:
        """Return the rate of change; asks before every jump whether to go on."""
        require_wanted(keep_going)
        half = self.effective @ block
        if isinstance(self.jumps, np.ndarray):
            for jump in self.jumps:
                require_wanted(keep_going)
                half += jump @ block @ jump.conj().T
        else:
            flat = self.jumps @ block.reshape(len(block), -1).T
            half += np.asarray(flat).T.reshape(block.shape)
        # The sum is exactly Hermitian, whatever was rounded in the halves.
        return half + adjoint(half)

    def settled(self, block: Block) -> Block:
        """Return the Hermitian parts.

        Kρ + (Kρ)† is Kρ + ρK† for Hermitian ρ only: an anti-Hermitian rounding error would not be
        damped but grow, so none may stay.
        """
        return hermitian_part(block)

    def length(self, block: Block) -> float:
        """Return the largest Frobenius norm."""
        return math.sqrt(float(np.einsum("kij,kij->k", block, block.conj()).real.max()))


def table_map(table: ShiftTable, qubits: int) -> MatrixMap:
    """Return the sparse generator of a network of qubits."""
    matrix = table.sparse()
    norm = table.norm()
    rounding = (len(table.masks) + 4) * UNIT * norm
    cost = 1e-5 + 9e-10 * matrix.nnz
    coordinates = Coordinates(2**qubits, qubits)
    return MatrixMap(matrix, coordinates, norm, table.rectangle(), rounding, table.assembly, cost)


def dense_map(matrix: RealArray, coordinates: Coordinates, assembly: float) -> MatrixMap:
    """Return a dense (N, N) generator as a map; `assembly` bounds what is wrong with it, 1/s."""
    norm = float(norm_bounds(matrix[None])[0])
    rounding = (len(matrix) + 4) * UNIT * norm
    rectangle = Rectangle(*(float(one[0]) for one in ranges(matrix[None])))
    cost = 1e-6 + 1e-10 * matrix.size
    return MatrixMap(matrix, coordinates, norm, rectangle, rounding, assembly, cost)


def product_map(system: Lindbladian) -> ProductMap:
    """Return the generator of dense operators at the low rates.

    The norm: ‖K·‖ <= (spread of H)/2 + ‖Σ L†L‖/2 after shifting H by a number, which changes
    nothing, and ‖Σ L·L†‖ <= √(‖Σ LL†‖ ‖Σ L†L‖), interpolated between the trace norm and the
    operator norm [Watrous2018]. Of the numerical range, −i[H, ·] adds to the imaginary parts alone,
    −½{Σ L†L, ·} to the real ones alone, and the jumps to both.
    """
    dimension = system.dimension
    scale = np.sqrt(system.rates())[:, None, None]
    jumps = scale * system.operators()
    decay = (adjoint(jumps) @ jumps).sum(axis=0)
    levels = np.linalg.eigvalsh(hermitian_part(system.hamiltonian))
    shift = 0.5 * (levels[0] + levels[-1])
    hamiltonian = hermitian_part(system.hamiltonian) - shift * np.eye(dimension)
    decay_norm = _largest(decay)
    turning = float(levels[-1] - levels[0])
    jumping = (decay_norm * _largest((jumps @ adjoint(jumps)).sum(axis=0))) ** 0.5
    norm = 1.000001 * (turning + decay_norm + jumping)
    slack = 1e-6 * norm
    effective = -1j * hamiltonian - 0.5 * decay
    squares = float((magnitude_bounds(jumps) ** 2).sum())
    lengths = float(magnitude_bounds(effective[None])[0]) + squares
    applied, cost = _applied(0.5**0.5 * jumps)
    return ProductMap(
        effective,
        applied,
        norm=norm,
        rectangle=Rectangle(
            -decay_norm - jumping - slack, jumping + slack, turning + jumping + slack
        ),
        rounding=2 * (2 * dimension + len(jumps) + 12) * UNIT * lengths,
        assembly=2 * (dimension + len(jumps) + 16) * UNIT * lengths,
        cost=cost,
    )


def magnitude_bounds(operators: ComplexArray) -> RealArray:
    """Return for every operator of (k, d, d) a bound on the 2-norm of its entries' magnitudes."""
    lengths = np.linalg.norm(operators, axis=(1, 2))
    return np.asarray(np.minimum(norm_bounds(operators), lengths), dtype=np.float64)


def _applied(jumps: ComplexArray) -> tuple[Any, float]:
    """Return the jumps in the cheaper form, with the seconds that one application takes."""
    dimension = jumps.shape[-1]
    product = 1e-6 + 1.5e-10 * dimension**3
    entries = int((np.count_nonzero(jumps, axis=(1, 2)) ** 2).sum())
    if entries > SPARSE_ENTRIES_PER_ELEMENT * dimension**2:
        return jumps, product * (1 + 2 * len(jumps))
    rows, columns, values = [], [], []
    for jump in jumps:
        row, column = np.nonzero(jump)
        entry = jump[row, column]
        rows.append((row[:, None] * dimension + row).reshape(-1))
        columns.append((column[:, None] * dimension + column).reshape(-1))
        values.append(np.multiply.outer(entry, entry.conj()).reshape(-1))
    return _sparse(dimension**2, rows, columns, values), product + 5e-6 + 1.5e-9 * entries


def _sparse(
    size: int, rows: list[RealArray], columns: list[RealArray], values: list[ComplexArray]
) -> Any:
    """Return a compressed sparse matrix; imported here, as small systems do without scipy."""
    from scipy import sparse

    empty = np.zeros(0)
    where = (
        np.concatenate([*rows, empty]).astype(np.int64),
        np.concatenate([*columns, empty]).astype(np.int64),
    )
    data = np.concatenate([*values, empty])
    return sparse.coo_array((data, where), shape=(size, size), dtype=np.complex128).tocsr()


def _largest(hermitian: ComplexArray) -> float:
    return max(float(np.linalg.eigvalsh(hermitian)[-1]), 0.0)
