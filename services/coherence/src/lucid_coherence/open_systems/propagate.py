"""Evolution of batches of states to given times, chunk by chunk, with an error bound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lucid_coherence.open_systems.bloch import bloch_vectors, density_matrices, generator
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.exponential import propagators
from lucid_coherence.open_systems.lindblad import Lindbladian
from lucid_coherence.open_systems.violations import (
    AccuracyNotReached,
    ModelUnsupported,
    OutputTooLarge,
    TimesNotRising,
)
from lucid_coherence.states.batch import (
    BYTES_PER_ENTRY,
    ComplexArray,
    RealArray,
    StateBatch,
    hermitian_part,
)
from lucid_coherence.states.violations import BatchMalformed

Generator = npt.NDArray[np.float64] | npt.NDArray[np.complex128]

TIMES_MAX = 100_000
OUTPUT_BYTES_MAX = 256 * 1024 * 1024
"""All evolved states of one call."""
ERROR_BOUND_MAX = 1e-6
"""Frobenius error: beyond it the numbers are refused. Grows with rate · time."""
CHUNK_TIMES_DEFAULT = 64
CHUNK_BYTES_MAX = 1_048_576
"""Evolved states in one chunk; a chunk has fewer times where its states are many."""


@dataclass(frozen=True, slots=True)
class EvolvedChunk:
    """States at some times; count = times · initial states, time slowest.

    `error_bound` bounds the Frobenius error of every state in the chunk.
    """

    times_s: RealArray
    batch: StateBatch
    error_bound: float


def evolve(
    batch: StateBatch,
    system: DampedQubit | Lindbladian,
    times_s: Sequence[float],
    chunk_times: int = 0,
) -> Iterator[EvolvedChunk]:
    """Return the evolved states, chunk by chunk; everything is checked before the first chunk.

    Each time is reached by its own exponential: nothing accumulates from time to time.

    Raises:
        TimesNotRising, OutputTooLarge, AccuracyNotReached, ModelUnsupported: see there.
        BatchMalformed: the states are not states of this system.
    """
    times = _check_times(times_s)
    _check_match(batch, system)
    size = batch.matrices.size * BYTES_PER_ENTRY
    if size * len(times) > OUTPUT_BYTES_MAX:
        raise OutputTooLarge(
            f"The evolved states take {size * len(times)} bytes; the limit is {OUTPUT_BYTES_MAX}.",
            field="times_s",
            limit="output_bytes_max",
            value=size * len(times),
            maximum=OUTPUT_BYTES_MAX,
        )
    matrix = generator(system) if isinstance(system, DampedQubit) else system.matrix()
    _check_accuracy(matrix, times, batch.dimension)
    length = max(1, min(chunk_times or CHUNK_TIMES_DEFAULT, CHUNK_BYTES_MAX // size))
    return _chunks(batch, matrix, times, length)


def _chunks(
    batch: StateBatch, matrix: Generator, times: RealArray, length: int
) -> Iterator[EvolvedChunk]:
    for start in range(0, len(times), length):
        part = times[start : start + length]
        propagator, bounds = propagators(matrix, part, norm_max=batch.dimension**0.5)
        evolved = _apply(propagator, batch)
        yield EvolvedChunk(part, StateBatch(batch.dims, evolved), float(bounds.max()))


def _apply(propagator: Generator, batch: StateBatch) -> ComplexArray:
    """Return (times · count, d, d) states; a real propagator acts on Bloch vectors."""
    if not np.iscomplexobj(propagator):
        vectors = np.einsum("tij,nj->tni", propagator, bloch_vectors(batch.matrices))
        return density_matrices(vectors.reshape(-1, 4))
    flat = batch.matrices.reshape(batch.count, -1)
    evolved = np.einsum("tij,nj->tni", propagator, flat)
    return hermitian_part(evolved.reshape(-1, batch.dimension, batch.dimension))


def _check_accuracy(matrix: Generator, times: RealArray, dimension: int) -> None:
    """The bound grows with time: the last time decides for all."""
    _, bounds = propagators(matrix, times[-1:], norm_max=dimension**0.5)
    if not bounds[0] <= ERROR_BOUND_MAX:
        raise AccuracyNotReached(
            f"At {times[-1]:.6g} s the error bound is {bounds[0]:.3g}; at most {ERROR_BOUND_MAX:g} "
            "is served.",
            field="times_s",
            limit="error_bound_max",
            value=float(bounds[0]),
            maximum=ERROR_BOUND_MAX,
        )


def _check_times(times_s: Sequence[float]) -> RealArray:
    times = np.asarray(times_s, dtype=np.float64)
    if not 1 <= len(times) <= TIMES_MAX:
        raise OutputTooLarge(
            f"1 to {TIMES_MAX} times are evolved in one call, not {len(times)}.",
            field="times_s",
            limit="times_max",
            value=len(times),
            maximum=TIMES_MAX,
        )
    wrong = ~np.isfinite(times) | (times < 0)
    wrong[1:] |= ~(np.diff(times) > 0)
    if wrong.any():
        index = int(np.argmax(wrong))
        raise TimesNotRising(
            f"Times are finite, not negative and rise; time {index} is {times[index]:.6g} s.",
            field=f"times_s[{index}]",
            index=index,
            value=float(times[index]),
        )
    return times


def _check_match(batch: StateBatch, system: DampedQubit | Lindbladian) -> None:
    dims = (2,) if isinstance(system, DampedQubit) else system.dims
    if batch.dims != dims:
        raise BatchMalformed(
            f"The system has dims {list(dims)}, the states {list(batch.dims)}.",
            field="states.dims",
            expected=list(dims),
            actual=list(batch.dims),
        )
    if isinstance(system, DampedQubit) and not system.has_known_rates:
        raise ModelUnsupported(
            "The coherence decay rate is only known in an interval; evolution needs one number.",
            field="system.damped_qubit.coherence_decay_rate_high_per_s",
            model="damped_qubit",
            rate_low_per_s=system.decay_rate_low,
            rate_high_per_s=system.decay_rate_high,
        )
