"""Evolution of the same states at many rates and drive amplitudes.

The parts of the generator are built once, all points of a block are one product with them, and
their exponentials are taken together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lucid_coherence.open_systems.affine import (
    AffineGenerator,
    Drive,
    affine_generator,
)
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.dense_steps import STACK_NUMBERS, DenseSteps, Times, times_of
from lucid_coherence.open_systems.generators import System, require_evolvable
from lucid_coherence.open_systems.linear_maps import KeepGoing, Stopped
from lucid_coherence.open_systems.propagate import (
    check_match,
    check_output,
    check_times,
    check_work,
    exponential_work,
    require_accuracy,
)
from lucid_coherence.open_systems.rates import MAGNITUDE_MAX, require_magnitude
from lucid_coherence.open_systems.violations import (
    OutputTooLarge,
    RatesUnphysical,
)
from lucid_coherence.states.batch import BYTES_PER_ENTRY, RealArray, StateBatch

TIMES_MAX = 10_000
POINTS_MAX = 100_000
POINT_BYTES_MAX = 3_900_000
"""Evolved states of one point: they travel in one message."""
CHUNK_BYTES_MAX = 262_144
"""Evolved states in one chunk of points, or those of one point where they are more."""


@dataclass(frozen=True, slots=True)
class Points:
    """What varies: `rates` (points, jumps) in 1/s, `amplitudes` (points, drives); None: fixed."""

    count: int
    rates: RealArray | None
    amplitudes: RealArray | None


@dataclass(frozen=True, slots=True)
class SweptChunk:
    """States of some points; count = points · times · initial states, points slowest, then times.

    `error_bounds`, (points,), bound the Frobenius error of every state of a point.
    """

    first_point: int
    batch: StateBatch
    error_bounds: RealArray


def sweep(
    batch: StateBatch,
    system: System,
    drives: Sequence[Drive],
    points: Points,
    times_s: Sequence[float],
    keep_going: KeepGoing = lambda: True,
) -> Iterator[SweptChunk]:
    """Return the evolved states of every point, chunk by chunk, all checked before the first.

    The chunks end early once `keep_going` says no.

    Raises:
        TimesNotRising, OutputTooLarge, WorkTooLarge, AccuracyNotReached, ModelUnsupported,
            OperatorMalformed, RatesUnphysical: see there. AccuracyNotReached can come between
            chunks where times are unequally spaced.
        BatchMalformed: the states are not states of this system.
    """
    times = check_times(times_s, TIMES_MAX)
    check_match(batch, system)
    _check_output(batch, len(times), points.count)
    coefficients = _coefficients(system, points)
    generator = affine_generator(system, drives, rates=points.rates is not None)
    known = times_of(times)
    _check_worst(batch, generator, coefficients, known)
    return _chunks(batch, generator, coefficients, known, keep_going)


def _chunks(
    batch: StateBatch,
    generator: AffineGenerator,
    coefficients: RealArray,
    times: Times,
    keep_going: KeepGoing,
) -> Iterator[SweptChunk]:
    per_point = batch.matrices.size * BYTES_PER_ENTRY * len(times.values)
    length = max(1, CHUNK_BYTES_MAX // per_point)
    block = max(1, min(length, STACK_NUMBERS // generator.constant.size))
    start = generator.coordinates.vectors(batch.matrices)
    for first in range(0, len(coefficients), length):
        chosen = coefficients[first : first + length]
        found, bounds = [], []
        for begin in range(0, len(chosen), block):
            steps = _steps(generator, chosen[begin : begin + block], start, times)
            try:
                vectors, bound = steps.advance(len(times.values), keep_going)
            except Stopped:
                return
            require_accuracy(float(bound.max()), float(times.values[-1]))
            found.append(vectors)
            bounds.append(bound)
        matrices = generator.coordinates.matrices(np.concatenate(found))
        flat = matrices.reshape(-1, batch.dimension, batch.dimension)
        yield SweptChunk(first, StateBatch(batch.dims, flat), np.concatenate(bounds))


def _steps(
    generator: AffineGenerator, coefficients: RealArray, start: RealArray, times: Times
) -> DenseSteps:
    stack, errors = generator.at(coefficients)
    vectors = np.broadcast_to(start, (len(stack), *start.shape))
    return DenseSteps(stack, vectors, times, generator.coordinates.dimension**0.5, errors)


def _coefficients(system: System, points: Points) -> RealArray:
    """Return (points, k) coefficients: rates, then amplitudes."""
    columns = []
    if points.rates is None:
        require_evolvable(system)
    else:
        _check_rates(system, points.rates)
        columns.append(points.rates)
    if points.amplitudes is not None:
        require_magnitude(points.amplitudes, field="amplitudes")
        columns.append(points.amplitudes)
    return np.hstack(columns) if columns else np.zeros((points.count, 0))


def _check_rates(system: System, rates: RealArray) -> None:
    wrong = ~((rates >= 0) & (rates <= MAGNITUDE_MAX))
    if wrong.any():
        point, column = (int(index) for index in np.argwhere(wrong)[0])
        raise RatesUnphysical(
            f"Rates are not negative and at most {MAGNITUDE_MAX:g}/s; rate {column} of point "
            f"{point} is {rates[point, column]:.6g}/s.",
            field="rates_per_s",
            point=point,
            column=column,
            value=float(rates[point, column]),
        )
    if isinstance(system, DampedQubit) and (2 * rates[:, 1] < rates[:, 0]).any():
        point = int(np.argmax(2 * rates[:, 1] < rates[:, 0]))
        g1, g2 = (float(rate) for rate in rates[point])
        raise RatesUnphysical(
            f"T2 exceeds 2 T1 at point {point}; no evolution of states does that.",
            field="rates_per_s",
            point=point,
            t1_s=1 / g1,
            t2_s=1 / g2 if g2 else float("inf"),
        )


def _check_worst(
    batch: StateBatch, generator: AffineGenerator, coefficients: RealArray, times: Times
) -> None:
    """The bound grows with the norm of the generator: the largest one decides for all."""
    norms = generator.norms(coefficients)
    worst = int(np.argmax(norms))
    start = generator.coordinates.vectors(batch.matrices[:1])
    steps = _steps(generator, coefficients[worst : worst + 1], start, times)
    bound = float(steps.expected_bounds(len(times.values))[0])
    require_accuracy(bound, float(times.values[-1]))
    work = exponential_work(batch, times, float(norms[worst]) * float(times.values[-1]))
    check_work(len(coefficients) * work)


def check_points(points: int) -> None:
    """Refuse a number of points that is not served, before anything of that size exists."""
    if not 1 <= points <= POINTS_MAX:
        raise OutputTooLarge(
            f"A sweep has 1 to {POINTS_MAX} points, not {points}.",
            field="points",
            limit="points_max",
            value=points,
            maximum=POINTS_MAX,
        )


def _check_output(batch: StateBatch, times: int, points: int) -> None:
    check_points(points)
    size = batch.matrices.size * BYTES_PER_ENTRY * times
    if size > POINT_BYTES_MAX:
        raise OutputTooLarge(
            f"The states of one point take {size} bytes; the limit is {POINT_BYTES_MAX}.",
            field="times_s",
            limit="point_bytes_max",
            value=size,
            maximum=POINT_BYTES_MAX,
        )
    check_output(size * points)
