"""Batches of density matrices, and the limits that hold before any memory is taken for them.

A batch travels as one block of little-endian complex128 numbers, row by row, state by state: one
block costs about a hundredth of the decoding time of a list of numbers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from lucid_coherence.states.violations import BatchMalformed, BatchTooLarge

ComplexArray = npt.NDArray[np.complex128]
RealArray = npt.NDArray[np.float64]

COUNT_MAX = 16_384
"""States in one batch: with every measure of each the answer still fits in one message."""
DIMENSION_MAX = 256
"""Dimension d of one state: every measure costs O(d^3)."""
SUBSYSTEMS_MAX = 10
"""Entries of dims."""
BYTES_MAX = 4_000_000
"""Bytes of one batch: below the 4 MiB limit of one message, with room for the rest of it."""
BYTES_PER_ENTRY = 16
ENTRY_MAX = 1e100
"""Largest part of an entry: squares and sums of larger ones overflow, and no state is near it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one batch may hold: `states_max` states and `bytes_max` bytes."""

    states_max: int = COUNT_MAX
    bytes_max: int = BYTES_MAX


UNARY_LIMITS = Limits()
CHUNK_LIMITS = Limits(states_max=256, bytes_max=1_048_576)
"""One chunk of a stream: 256 states or 1 MiB, whichever is reached first."""


@dataclass(frozen=True, slots=True)
class StateBatch:
    """States of one kind of system: `matrices` is (count, d, d) complex128, d = product of dims."""

    dims: tuple[int, ...]
    matrices: ComplexArray

    @property
    def count(self) -> int:
        """The number of states."""
        return int(self.matrices.shape[0])

    @property
    def dimension(self) -> int:
        """The dimension d of one state."""
        return int(self.matrices.shape[-1])


def check_shape(count: int, dims: Sequence[int], limits: Limits = UNARY_LIMITS) -> int:
    """Return the dimension d of one state, or refuse a shape that is empty or over a limit.

    Takes O(1) memory, so that it can stand before every allocation.
    """
    if count < 1:
        raise BatchMalformed(
            f"A batch holds at least one state, not {count}.",
            field="count",
            check="COUNT_POSITIVE",
            actual=count,
        )
    _check_dims(dims)
    dimension = math.prod(dims)
    size = count * dimension * dimension * BYTES_PER_ENTRY
    for name, unit, limit, actual in (
        ("dimension_max", "levels", DIMENSION_MAX, dimension),
        ("states_max", "states", limits.states_max, count),
        ("bytes_max", "bytes", limits.bytes_max, size),
    ):
        if actual > limit:
            raise BatchTooLarge(
                f"The batch has {actual} {unit}; the limit {name} is {limit}.",
                field="dims" if name == "dimension_max" else "count",
                limit=name,
                value=actual,
                maximum=limit,
                unit=unit,
            )
    return dimension


def _check_dims(dims: Sequence[int]) -> None:
    if not 1 <= len(dims) <= SUBSYSTEMS_MAX:
        raise BatchMalformed(
            f"A system has 1 to {SUBSYSTEMS_MAX} subsystems, not {len(dims)}.",
            field="dims",
            check="SUBSYSTEM_COUNT",
            actual=len(dims),
            limit_value=SUBSYSTEMS_MAX,
        )
    smallest = min(dims)
    if smallest < 2:
        raise BatchMalformed(
            f"A subsystem has at least 2 levels, not {smallest}.",
            field="dims",
            check="SUBSYSTEM_DIMENSION",
            actual=smallest,
            limit_value=2,
        )


def batch_from_bytes(
    count: int, dims: Sequence[int], data: bytes, limits: Limits = UNARY_LIMITS
) -> StateBatch:
    """Read a batch from little-endian complex128 bytes; the length is checked before anything.

    Raises:
        BatchMalformed: the data has not exactly 16 · count · d² bytes, or a number is not finite.
        BatchTooLarge: over a limit.
    """
    dimension = check_shape(count, dims, limits)
    expected = count * dimension * dimension * BYTES_PER_ENTRY
    if len(data) != expected:
        raise BatchMalformed(
            f"{count} states of dimension {dimension} take {expected} bytes, not {len(data)}.",
            field="data",
            check="DATA_LENGTH",
            expected=expected,
            actual=len(data),
        )
    matrices = np.frombuffer(data, dtype="<c16").reshape(count, dimension, dimension)
    return _finite(tuple(dims), np.ascontiguousarray(matrices, dtype=np.complex128), "data")


def batch_from_numbers(
    count: int, dims: Sequence[int], numbers: Sequence[float], limits: Limits = UNARY_LIMITS
) -> StateBatch:
    """Read a small hand-made batch from real, imaginary, real, ... row by row, state by state."""
    dimension = check_shape(count, dims, limits)
    expected = 2 * count * dimension * dimension
    if len(numbers) != expected:
        raise BatchMalformed(
            f"{count} states of dimension {dimension} take {expected} numbers, not {len(numbers)}.",
            field="values",
            check="NUMBER_COUNT",
            expected=expected,
            actual=len(numbers),
        )
    matrices = np.array(numbers, dtype=np.float64).view(np.complex128)
    return _finite(tuple(dims), matrices.reshape(count, dimension, dimension), "values")


def batch_to_bytes(batch: StateBatch) -> bytes:
    """Write a batch as little-endian complex128 bytes, the inverse of `batch_from_bytes`."""
    return batch.matrices.astype("<c16", copy=False).tobytes()


def _finite(dims: tuple[int, ...], matrices: ComplexArray, field: str) -> StateBatch:
    numbers = matrices.view(np.float64)
    # Minimum and maximum need no memory of their own, and a NaN reaches both.
    if max(-numbers.min(), numbers.max()) <= ENTRY_MAX:
        return StateBatch(dims, matrices)
    bad = ~np.isfinite(numbers)
    if bad.any():
        index = int(np.argwhere(bad)[0][0])
        raise BatchMalformed(
            f"State {index} holds a number that is not finite.",
            field=field,
            check="FINITE",
            index=index,
            actual=int(bad.sum()),
        )
    index = int(np.argwhere(np.abs(numbers) > ENTRY_MAX)[0][0])
    largest = float(np.abs(numbers[index]).max())
    raise BatchMalformed(
        f"State {index} holds a number of size {largest:.3g}; at most {ENTRY_MAX:g} is read.",
        field=field,
        check="MAGNITUDE",
        index=index,
        actual=largest,
        limit_value=ENTRY_MAX,
    )


def adjoint(matrices: ComplexArray) -> ComplexArray:
    """Return the conjugate transpose of every matrix of a (..., d, d) stack."""
    transposed: ComplexArray = np.conj(np.swapaxes(matrices, -1, -2))
    return transposed


def hermitian_part(matrices: ComplexArray) -> ComplexArray:
    """Return (A + A†)/2 for every matrix of a (..., d, d) stack."""
    part: ComplexArray = 0.5 * (matrices + adjoint(matrices))
    return part


@lru_cache(maxsize=32)
def lower_triangle(dimension: int, *, diagonal: bool) -> npt.NDArray[np.intp]:
    """Return the flat indices of the entries below the diagonal of a d x d matrix, or up to it."""
    rows, columns = np.tril_indices(dimension, 0 if diagonal else -1)
    places: npt.NDArray[np.intp] = rows * dimension + columns
    places.flags.writeable = False
    return places


def cache_blocks(count: int, dimension: int) -> list[slice]:
    """Cut a batch into blocks of some 0.5 MB, which stay in a processor's cache."""
    size = max(1, 2**15 // dimension**2)
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]
