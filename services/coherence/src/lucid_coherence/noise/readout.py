"""Readout errors: the confusion matrix from calibration counts, and counts corrected by it.

The system is read in blocks, one for each entry of the calibration: a block of 2 levels for each
qubit read on its own (tensored), or one block of 2ⁿ levels (full), or a mixture. M[read, prepared]
is the probability to read a level after preparing another; its columns sum to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lucid_coherence.noise.intervals import share_interval
from lucid_coherence.noise.violations import DataMalformed, DataTooLarge, NotIdentified
from lucid_coherence.states.batch import RealArray
from lucid_coherence.states.projection import nearest_distribution

Integers = npt.NDArray[np.int64]
LEVELS_MAX: Final = 4096
"""Outcomes of the whole system: 12 qubits."""
BLOCK_LEVELS_MAX: Final = 64
"""Outcomes of one block: 6 qubits read together."""
OUTPUT_MAX: Final = 65_536
"""Probabilities in one answer: counts of several experiments times outcomes."""
CONDITION_MAX: Final = 1e6
"""A confusion matrix with a larger condition number tells no levels apart."""
COUNT_MAX: Final = 1_000_000_000
METHOD: Final = (
    "counts times the inverse confusion matrix, then the nearest probability vector in Euclidean "
    "distance; standard errors of the inverse, first order, multinomial in the measured and in "
    "the calibration counts; matrix entries with exact (Clopper-Pearson) 95 % intervals"
)


@dataclass(frozen=True, slots=True)
class Confusion:
    """One block: M[read, prepared], (d, d), with 95 % intervals of the entries, and its numbers.

    `shots` is (d,): calibration shots for each prepared level.
    """

    matrix: RealArray
    low: RealArray
    high: RealArray
    shots: RealArray
    inverse: RealArray
    condition: float


@dataclass(frozen=True, slots=True)
class Corrected:
    """Measured counts with the readout error undone; arrays of shape (experiments, outcomes).

    `inverted` solves M p = measured shares and may be negative; `standard_errors` belong to it.
    `probabilities` is the nearest probability vector, `distances` (experiments,) how far that
    moved it in Euclidean distance.
    """

    inverted: RealArray
    standard_errors: RealArray
    probabilities: RealArray
    distances: RealArray


def confusion_from_counts(counts: Sequence[int], levels: int, *, field: str) -> Confusion:
    """Estimate one block from `levels` rows of counts of what was read, one a prepared level.

    Raises:
        DataMalformed: not levels² counts, a count that is negative or too large, or an empty row.
        DataTooLarge: more than 64 levels.
        NotIdentified: the matrix is singular, or its condition number is over 1e6.
    """
    if not 2 <= levels <= BLOCK_LEVELS_MAX:
        raise DataTooLarge(
            f"A block has {levels} levels; it has 2 to {BLOCK_LEVELS_MAX} (block_levels_max).",
            field=f"{field}.levels",
            limit="block_levels_max",
            value=levels,
            maximum=BLOCK_LEVELS_MAX,
            unit="levels",
        )
    rows = _table(counts, levels, field=f"{field}.counts")
    totals = rows.sum(axis=1)
    if (totals == 0).any():
        index = int(np.argmin(totals))
        raise DataMalformed(
            f"Nothing was read after preparing level {index}.",
            field=f"{field}.counts",
            check="NO_SHOTS",
            index=index,
        )
    low, high = share_interval(rows, totals[:, None])
    matrix = (rows / totals[:, None]).T
    singular = np.linalg.svd(matrix, compute_uv=False)
    if singular[-1] * CONDITION_MAX < singular[0]:
        raise NotIdentified(
            "What is read does not tell the prepared levels apart: the confusion matrix is "
            f"singular or its condition number is over {CONDITION_MAX:g}.",
            field=f"{field}.counts",
            cause="readout_singular",
            smallest_singular_value=float(singular[-1]),
            maximum_condition=CONDITION_MAX,
        )
    condition = float(singular[0] / singular[-1])
    return Confusion(
        matrix, low.T, high.T, totals.astype(np.float64), np.linalg.inv(matrix), condition
    )


def outcome_count(blocks: Sequence[Confusion]) -> int:
    """Return the number of outcomes of all blocks together, the first block slowest."""
    product = 1
    for block in blocks:
        product *= len(block.matrix)
        if product > LEVELS_MAX:
            raise DataTooLarge(
                f"The blocks together have more than {LEVELS_MAX} outcomes (outcomes_max).",
                field="readout.calibrations",
                limit="outcomes_max",
                value=product,
                maximum=LEVELS_MAX,
                unit="outcomes",
            )
    return product


def correct(blocks: Sequence[Confusion], counts: Sequence[int]) -> Corrected:
    """Undo the readout error of one or more experiments, rows of counts over all outcomes.

    The inverse is applied block by block, so the matrix of the whole is never written out.

    Raises:
        DataMalformed: counts that do not fill whole rows, or a row without counts.
        DataTooLarge: over 4096 outcomes or 65536 probabilities.
    """
    size = outcome_count(blocks)
    if len(counts) > OUTPUT_MAX:
        raise DataTooLarge(
            f"There are {len(counts)} counts; the limit measured_max is {OUTPUT_MAX}.",
            field="readout.measured",
            limit="measured_max",
            value=len(counts),
            maximum=OUTPUT_MAX,
            unit="counts",
        )
    rows = _table(counts, size, field="readout.measured", rows=None)
    shots = rows.sum(axis=1, keepdims=True)
    if (shots == 0).any():
        index = int(np.argmin(shots))
        raise DataMalformed(
            f"Experiment {index} has no counts.",
            field="readout.measured",
            check="NO_SHOTS",
            index=index,
        )
    shares = rows / shots
    inverted = _each(shares, [block.inverse for block in blocks])
    projected = _nearest(inverted)
    return Corrected(
        inverted,
        _standard_errors(blocks, shares, inverted, shots),
        projected,
        np.linalg.norm(projected - inverted, axis=1),
    )


def _standard_errors(
    blocks: Sequence[Confusion], shares: RealArray, inverted: RealArray, shots: Integers
) -> RealArray:
    """Propagate multinomial scatter of the measured and of the calibration counts, first order.

    Measured: Σ_j (M⁻¹)_ij² f_j − p_i², over N. A block's calibration: with p = M⁻¹ f, a change
    of column s of its matrix moves p by −M⁻¹ dM p, so each prepared level s adds
    p_s² (Σ_j (M⁻¹)_ij² M_js − δ_is) / N_s along the block's own axis.
    """
    squares = [block.inverse**2 for block in blocks]
    variance = np.maximum(_each(shares, squares) - inverted**2, 0.0) / shots
    for place, block in enumerate(blocks):
        spread = np.maximum(squares[place] @ block.matrix - np.eye(len(block.matrix)), 0.0)
        variance = variance + _along(inverted**2, spread / block.shots, place, blocks)
    root: RealArray = np.sqrt(variance)
    return root


def _each(vectors: RealArray, matrices: Sequence[RealArray]) -> RealArray:
    """Apply the Kronecker product of small matrices to each row."""
    tensor = vectors.reshape(len(vectors), *(len(matrix) for matrix in matrices))
    for axis, matrix in enumerate(matrices, start=1):
        tensor = np.moveaxis(np.tensordot(tensor, matrix, axes=([axis], [1])), -1, axis)
    return np.ascontiguousarray(tensor).reshape(vectors.shape)


def _along(
    vectors: RealArray, matrix: RealArray, place: int, blocks: Sequence[Confusion]
) -> RealArray:
    shape = [len(block.matrix) for block in blocks]
    tensor = vectors.reshape(len(vectors), *shape)
    moved = np.moveaxis(np.tensordot(tensor, matrix, axes=([place + 1], [1])), -1, place + 1)
    return np.ascontiguousarray(moved).reshape(vectors.shape)


def _nearest(vectors: RealArray) -> RealArray:
    order = np.argsort(vectors, axis=1)
    ascending = nearest_distribution(np.take_along_axis(vectors, order, axis=1))
    projected = np.empty_like(vectors)
    np.put_along_axis(projected, order, ascending, axis=1)
    return projected


def _table(counts: Sequence[int], width: int, *, field: str, rows: int | None = -1) -> Integers:
    """Return counts as rows of `width`; `rows` is as many as the width unless None."""
    wanted = width * width if rows is not None else None
    if not counts or len(counts) % width or (wanted is not None and len(counts) != wanted):
        raise DataMalformed(
            f"There are {len(counts)} counts; they come in "
            + (f"{width} rows of {width}." if wanted else f"rows of {width}."),
            field=field,
            check="COUNT_LENGTH",
            actual=len(counts),
            width=width,
        )
    largest, smallest = max(counts), min(counts)
    if smallest < 0 or largest > COUNT_MAX:
        worst = smallest if smallest < 0 else largest
        raise DataMalformed(
            f"A count is {worst}; it lies in [0, {COUNT_MAX}].",
            field=field,
            check="COUNT_RANGE",
            value=worst,
            limit_value=COUNT_MAX,
        )
    return np.array(counts, dtype=np.int64).reshape(-1, width)
