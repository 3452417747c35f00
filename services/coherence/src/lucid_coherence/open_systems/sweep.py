"""Evolution of the same states at many rates and drive amplitudes.

The parts of the generator are built once. Points are worked on in blocks: either their generators
are one product with the parts, and their exponentials are taken together, or one Chebyshev series
moves the states of all of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lucid_coherence.open_systems.affine import (
    AffineGenerator,
    Drive,
    affine_generator,
)
from lucid_coherence.open_systems.affine_series import AffineSeries, series_plan
from lucid_coherence.open_systems.coordinates import Coordinates
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
from lucid_coherence.states.batch import BYTES_PER_ENTRY, ComplexArray, RealArray, StateBatch

TIMES_MAX = 10_000
PLAN_S = 1e-3
"""Exponentials that take less are not worth a plan for a series."""
POINTS_MAX = 100_000
POINT_BYTES_MAX = 3_900_000
"""Evolved states of one point: they travel in one message."""
CHUNK_BYTES_MAX = 1_048_576
"""Evolved states in one chunk of points, or those of one point where they are more."""
BLOCK_BYTES_MAX = 4_194_304
"""Evolved states that are held at once for several chunks."""


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
    engine = _engine(batch, generator, coefficients, known)
    return _chunks(batch, points.count, known, engine, keep_going)


class Engine(Protocol):
    """Evolves the states at some points."""

    @property
    def points(self) -> int:
        """How many points are best asked for together."""

    def at(self, first: int, stop: int, keep_going: KeepGoing) -> tuple[ComplexArray, RealArray]:
        """Return (p, times, c, d, d) matrices at points [first, stop), and their bounds, (p,).

        Raises Stopped.
        """


def _chunks(
    batch: StateBatch, points: int, times: Times, engine: Engine, keep_going: KeepGoing
) -> Iterator[SweptChunk]:
    """Work in blocks that suit the engine, and hand them out in chunks that suit a message."""
    size = batch.matrices.size * BYTES_PER_ENTRY * len(times.values)
    length = max(1, CHUNK_BYTES_MAX // size)
    block = length * max(1, round(min(engine.points, BLOCK_BYTES_MAX // size) / length))
    for first in range(0, points, block):
        try:
            matrices, bounds = engine.at(first, min(first + block, points), keep_going)
        except Stopped:
            return
        require_accuracy(float(bounds.max()), float(times.values[-1]))
        for begin in range(0, len(bounds), length):
            part = slice(begin, begin + length)
            flat = matrices[part].reshape(-1, batch.dimension, batch.dimension)
            yield SweptChunk(first + begin, StateBatch(batch.dims, flat), bounds[part])


@dataclass(frozen=True, slots=True)
class _Exponentials:
    """An exponential of every point's generator."""

    generator: AffineGenerator
    coefficients: RealArray
    start: RealArray
    times: Times

    @property
    def points(self) -> int:
        """How many exponentials fit in the processor's cache."""
        return max(1, STACK_NUMBERS // self.generator.constant.size)

    def at(self, first: int, stop: int, keep_going: KeepGoing) -> tuple[ComplexArray, RealArray]:
        """Return the matrices and bounds, see Engine."""
        found, bounds = [], []
        for begin in range(first, stop, self.points):
            steps = self.steps(slice(begin, min(begin + self.points, stop)))
            vectors, bound = steps.advance(len(self.times.values), keep_going)
            found.append(vectors)
            bounds.append(bound)
        matrices = self.generator.coordinates.matrices(np.concatenate(found))
        return matrices, np.concatenate(bounds)

    def steps(self, points: slice) -> DenseSteps:
        """Return the steps of some points."""
        stack, errors = self.generator.at(self.coefficients[points])
        vectors = np.broadcast_to(self.start, (len(stack), *self.start.shape))
        growth = self.generator.coordinates.dimension**0.5
        return DenseSteps(stack, vectors, self.times, growth, errors)


@dataclass(frozen=True, slots=True)
class _Series:
    """One series for all points side by side."""

    series: AffineSeries
    coefficients: RealArray
    coordinates: Coordinates
    bound: float

    @property
    def points(self) -> int:
        """How many points fit in the processor's cache."""
        return self.series.points

    def at(self, first: int, stop: int, keep_going: KeepGoing) -> tuple[ComplexArray, RealArray]:
        """Return the matrices and bounds, see Engine."""
        count = stop - first
        parts = np.array_split(self.coefficients[first:stop], max(1, round(count / self.points)))
        found = [self.coordinates.points_of(self.series.at(part, keep_going)) for part in parts]
        matrices = found[0] if len(found) == 1 else np.concatenate(found)
        return matrices, np.full(count, self.bound)


def _engine(
    batch: StateBatch, generator: AffineGenerator, coefficients: RealArray, times: Times
) -> Engine:
    """Choose what is estimated to be faster, and refuse what neither can do."""
    coordinates = generator.coordinates
    start = coordinates.vectors(batch.matrices)
    norms = generator.norms(coefficients)
    worst = int(np.argmax(norms))
    points, end = len(coefficients), float(times.values[-1])
    one = exponential_work(batch, times, float(norms[worst]) * end, among_many=True)
    seconds = points * one
    found = series_plan(generator, coefficients, times.values) if seconds > PLAN_S else None
    other = found.seconds(generator, points, batch.count) if found else seconds
    if found and other < seconds:
        check_work(other)
        series = AffineSeries(generator, found, start)
        return _Series(series, coefficients, coordinates, found.bound)
    # The bound grows with the norm of the generator: the largest one decides for all.
    exponentials = _Exponentials(generator, coefficients, start, times)
    steps = exponentials.steps(slice(worst, worst + 1))
    require_accuracy(float(steps.expected_bounds(len(times.values))[0]), end)
    check_work(seconds)
    return exponentials


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
