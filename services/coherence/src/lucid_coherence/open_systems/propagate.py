"""Evolution of batches of states to given times, chunk by chunk, with an error bound."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lucid_coherence.open_systems.chebyshev_steps import ChebyshevSteps, StepPlan, plan
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.dense_steps import DenseSteps, Times, times_of
from lucid_coherence.open_systems.generators import (
    DENSE_DIMENSION_MAX,
    DenseGenerator,
    System,
    dense_generator,
    dims_of,
    linear_map,
    require_evolvable,
)
from lucid_coherence.open_systems.linear_maps import KeepGoing, LinearMap, Stopped, dense_map
from lucid_coherence.open_systems.violations import (
    AccuracyNotReached,
    OutputTooLarge,
    TimesNotRising,
    WorkTooLarge,
)
from lucid_coherence.states.batch import BYTES_PER_ENTRY, ComplexArray, RealArray, StateBatch
from lucid_coherence.states.violations import BatchMalformed

TIMES_MAX = 100_000
OUTPUT_BYTES_MAX = 256 * 1024 * 1024
"""All evolved states of one call."""
ERROR_BOUND_MAX = 1e-6
"""Frobenius error: beyond it the numbers are refused. Grows with rate · time."""
CHUNK_TIMES_DEFAULT = 256
CHUNK_BYTES_MAX = 1_048_576
"""Evolved states in one chunk; a chunk has fewer times where its states are many."""
WORK_S_MAX = 120.0
"""Estimated seconds of one call: large systems with rate · time far above 10 000 are refused."""
FAST_DIMENSION = 8
"""Up to so many levels an exponential is always cheaper than a long series."""

Advance = Callable[[int], tuple[ComplexArray, float]]


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
    system: System,
    times_s: Sequence[float],
    chunk_times: int = 0,
    keep_going: KeepGoing = lambda: True,
) -> Iterator[EvolvedChunk]:
    """Return the evolved states, chunk by chunk; everything is checked before the first chunk.

    The chunks end early once `keep_going` says no: it is asked between steps, which are short.

    Raises:
        TimesNotRising, OutputTooLarge, WorkTooLarge, AccuracyNotReached, ModelUnsupported: see
            there. AccuracyNotReached can come between chunks where times are unequally spaced.
        BatchMalformed: the states are not states of this system.
    """
    times = check_times(times_s, TIMES_MAX)
    check_match(batch, system)
    require_evolvable(system)
    size = batch.matrices.size * BYTES_PER_ENTRY
    check_output(size * len(times))
    length = max(1, min(chunk_times or CHUNK_TIMES_DEFAULT, CHUNK_BYTES_MAX // size))
    advance = _engine(batch, system, times, length, keep_going)
    return _chunks(batch, times, length, advance, keep_going)


def _chunks(
    batch: StateBatch, times: RealArray, length: int, advance: Advance, keep_going: KeepGoing
) -> Iterator[EvolvedChunk]:
    for start in range(0, len(times), length):
        part = times[start : start + length]
        if not keep_going():
            return
        try:
            matrices, bound = advance(len(part))
        except Stopped:
            return
        require_accuracy(bound, float(part[-1]))
        flat = matrices.reshape(-1, batch.dimension, batch.dimension)
        yield EvolvedChunk(part, StateBatch(batch.dims, flat), bound)


def _engine(
    batch: StateBatch, system: System, times: RealArray, length: int, keep_going: KeepGoing
) -> Advance:
    """Choose between exponentials and series, and refuse what neither can do."""
    known = times_of(times)
    small = batch.dimension <= FAST_DIMENSION
    if isinstance(system, DampedQubit) or (small and known.equal):
        return _by_exponentials(batch, dense_generator(system), known, length, keep_going)
    generator = dense_generator(system) if small else None
    linear: LinearMap = (
        dense_map(generator.matrix, generator.coordinates, generator.assembly)
        if generator
        else linear_map(system)
    )
    spans = np.diff(times[_chunk_ends(len(times), length)], prepend=0.0)
    found, terms, bound = plan(linear, spans)
    work = terms * batch.count * linear.cost
    feasible = bound <= ERROR_BOUND_MAX and work <= WORK_S_MAX
    if batch.dimension <= DENSE_DIMENSION_MAX:
        other = exponential_work(batch, known, linear.norm * float(times[-1]))
        if not feasible or work > other:
            try:
                return _by_exponentials(
                    batch, generator or dense_generator(system), known, length, keep_going
                )
            except AccuracyNotReached:
                if not feasible:
                    raise
    require_accuracy(bound, float(times[-1]))
    check_work(work)
    return _by_series(batch, linear, found, times, keep_going)


def _chunk_ends(count: int, length: int) -> list[int]:
    return [min(start + length, count) - 1 for start in range(0, count, length)]


def exponential_work(
    batch: StateBatch, times: Times, norm: float, *, among_many: bool = False
) -> float:
    """Estimate the seconds that dense exponentials take; measured at 2 GHz with one thread.

    `among_many`: the calls are shared with others, so that each costs only what numpy loops over.
    """
    size = float(batch.dimension**2)
    squarings = max(np.log2(max(norm / max(times.distinct - 1, 1), 1.0)), 0.0)
    products = times.distinct * (7 + squarings) + 8
    applied = len(times.values) * batch.count * size**2
    calls = products * 1e-7 if among_many else 8e-5
    return float(calls + 2.8e-11 * (products * size**3 + applied))


def _by_exponentials(
    batch: StateBatch,
    generator: DenseGenerator,
    times: Times,
    length: int,
    keep_going: KeepGoing,
) -> Advance:
    start = generator.coordinates.vectors(batch.matrices)[None]
    growth = batch.dimension**0.5
    steps = DenseSteps(generator.matrix[None], start, times, growth, np.array([generator.assembly]))
    expected = steps.expected_bounds(min(length, len(times.values)))
    require_accuracy(float(expected[0]), float(times.values[-1]))

    def advance(count: int) -> tuple[ComplexArray, float]:
        vectors, bounds = steps.advance(count, keep_going)
        return generator.coordinates.matrices(vectors[0]), float(bounds[0])

    return advance


def _by_series(
    batch: StateBatch, linear: LinearMap, found: StepPlan, times: RealArray, keep_going: KeepGoing
) -> Advance:
    steps = ChebyshevSteps(linear, batch.matrices, found)
    done = 0

    def advance(count: int) -> tuple[ComplexArray, float]:
        nonlocal done
        part = times[done : done + count]
        done += count
        return steps.advance(part, keep_going)

    return advance


def require_accuracy(bound: float, time: float) -> None:
    """Refuse results whose bound is too large to mean anything (AccuracyNotReached)."""
    if not bound <= ERROR_BOUND_MAX:
        raise AccuracyNotReached(
            f"At {time:.6g} s the error bound is {bound:.3g}; at most {ERROR_BOUND_MAX:g} is "
            "served.",
            field="times_s",
            limit="error_bound_max",
            value=bound,
            maximum=ERROR_BOUND_MAX,
        )


def check_output(size: int) -> None:
    """Refuse an answer of more bytes than are served, before any of them is allocated."""
    if size > OUTPUT_BYTES_MAX:
        raise OutputTooLarge(
            f"The evolved states take {size} bytes; the limit is {OUTPUT_BYTES_MAX}.",
            field="times_s",
            limit="output_bytes_max",
            value=size,
            maximum=OUTPUT_BYTES_MAX,
        )


def check_times(times_s: Sequence[float], maximum: int) -> RealArray:
    """Return the times in s, or refuse too many (OutputTooLarge) or TimesNotRising."""
    times = np.asarray(times_s, dtype=np.float64)
    if not 1 <= len(times) <= maximum:
        raise OutputTooLarge(
            f"1 to {maximum} times are evolved in one call, not {len(times)}.",
            field="times_s",
            limit="times_max",
            value=len(times),
            maximum=maximum,
        )
    wrong = ~np.isfinite(times) | (times < 0)
    wrong[1:] |= ~(times[1:] > times[:-1])
    if wrong.any():
        index = int(np.argmax(wrong))
        raise TimesNotRising(
            f"Times are finite, not negative and rise; time {index} is {times[index]:.6g} s.",
            field=f"times_s[{index}]",
            index=index,
            value=float(times[index]),
        )
    return times


def check_match(batch: StateBatch, system: System) -> None:
    """Refuse states of other dimensions than the system's (BatchMalformed)."""
    dims = dims_of(system)
    if batch.dims != dims:
        raise BatchMalformed(
            f"The system has dims {list(dims)}, the states {list(batch.dims)}.",
            field="states.dims",
            expected=list(dims),
            actual=list(batch.dims),
        )


def check_work(seconds: float) -> None:
    """Refuse work that is estimated to take longer than one call may (WorkTooLarge)."""
    if seconds > WORK_S_MAX:
        raise WorkTooLarge(
            f"The evolution would take about {seconds:.3g} s; the limit is {WORK_S_MAX:g} s.",
            field="times_s",
            limit="work_s_max",
            value=seconds,
            maximum=WORK_S_MAX,
        )
