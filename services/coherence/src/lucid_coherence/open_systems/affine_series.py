"""Many points of an affine generator, each with its own coefficients, by one Chebyshev series.

No generator is ever written down: blocks hold the coordinates of all points side by side, so that
the constant part, and every part times its coefficient, is one sparse product for all of them.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_coherence.open_systems.affine import AffineGenerator
from lucid_coherence.open_systems.chebyshev import (
    BOUND_WANTED,
    Ellipse,
    Rectangle,
    SeriesStep,
    ellipse_around,
    ranges,
)
from lucid_coherence.open_systems.chebyshev import plan as plan_steps
from lucid_coherence.open_systems.exponential import UNIT
from lucid_coherence.open_systems.linear_maps import KeepGoing, require_wanted
from lucid_coherence.states.batch import RealArray

DENSE_SIZE_MAX = 16
"""Up to so many coordinates a dense product is faster than a sparse one."""
BLOCK_NUMBERS = 2**14
"""Numbers of one term: some terms of a block stay in the processor's cache."""
CALL_S, ENTRY_S, PASS_S, OUTPUT_S = 2.5e-5, 1.5e-10, 1e-9, 5e-11
"""Seconds of a term, of an entry and of a coordinate for one vector, and of a sum for one, each."""


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """The steps for all points at once, and what one run of them takes.

    `drift` bounds what rounded coefficients and times add in all, for vectors that begin with
    length 1; `growth` bounds ‖exp(G t)‖₂.
    """

    ellipse: Ellipse
    steps: list[SeriesStep]
    growth: float
    drift: float

    @property
    def bound(self) -> float:
        """The bound on the 2-norm of the error of every vector at every time."""
        return self.growth * (sum(step.bound for step in self.steps) + self.drift)

    def seconds(self, generator: AffineGenerator, points: int, vectors: int) -> float:
        """Estimate the seconds that all points take, each with so many vectors."""
        size, columns = len(generator.constant), points * vectors
        entries = np.count_nonzero(generator.constant) + np.count_nonzero(generator.parts)
        blocks = max(1, columns * size // BLOCK_NUMBERS)
        terms = sum(step.coefficients.shape[1] for step in self.steps)
        sums = sum(step.coefficients.size for step in self.steps)
        one = terms * (entries * ENTRY_S + size * PASS_S) + sums * size * OUTPUT_S
        return float(blocks * terms * CALL_S + columns * one)


def series_plan(
    generator: AffineGenerator, coefficients: RealArray, times: RealArray
) -> SeriesPlan | None:
    """Return a plan for (p, k) coefficients, or None if no series is exact enough."""
    norm = float(generator.norms(coefficients).max())
    span = float(times[-1])
    if not norm * span < 1e6:
        return None
    ellipse = ellipse_around(_rectangle(generator, coefficients))
    reach = 2 * (norm + abs(ellipse.centre)) / ellipse.focus
    # A product sums over a row, a diagonal, a shift and the term before.
    parts = len(generator.parts)
    rounding = (_row_length(generator) + 2 * parts + 10) * UNIT * (reach + 1)
    growth = generator.coordinates.dimension**0.5
    assembly = float(generator.errors(coefficients).max())
    drift = (assembly + 16 * UNIT * norm) * span
    steps = plan_steps(ellipse, rounding, times, BOUND_WANTED / growth - drift)
    return SeriesPlan(ellipse, steps, growth, drift) if steps else None


def _rectangle(generator: AffineGenerator, coefficients: RealArray) -> Rectangle:
    """Bound all points' numerical ranges by those of the parts."""
    low, high, height = ranges(generator.constant[None])
    skew = 0.5 * (generator.constant - generator.constant.T)
    turning = 1.000001 * math.sqrt(max(float(np.linalg.eigvalsh(skew.T @ skew)[-1]), 0.0))
    lows, highs, heights = ranges(generator.parts)
    up, down = np.maximum(coefficients, 0), np.minimum(coefficients, 0)
    slack = 1e-12 * float(generator.norms(coefficients).max())
    return Rectangle(
        float(low[0] + (up @ lows + down @ highs).min()) - slack,
        float(high[0] + (up @ highs + down @ lows).max()) + slack,
        min(turning, float(height[0])) + float(((up - down) @ heights).max()) + slack,
    )


def _row_length(generator: AffineGenerator) -> int:
    used = np.count_nonzero(generator.constant, axis=1)
    return int((used + np.count_nonzero(generator.parts, axis=2).sum(axis=0)).max())


class AffineSeries:
    """Carries one (c, N) set of vectors through all times at blocks of points."""

    def __init__(self, generator: AffineGenerator, found: SeriesPlan, start: RealArray) -> None:
        self._plan = found
        self._start = start
        size = len(generator.constant)
        scale = 2 / found.ellipse.focus
        constant, parts = scale * generator.constant, scale * generator.parts
        diagonal = np.arange(size)
        self._level = constant[diagonal, diagonal] - scale * found.ellipse.centre
        self._levels = parts[:, diagonal, diagonal]
        constant[diagonal, diagonal] = 0.0
        parts[:, diagonal, diagonal] = 0.0
        # Only the coordinates that a part moves are multiplied by its coefficient.
        self._part, self._moved = np.nonzero(parts.any(axis=1))
        whole = np.hstack([constant, parts[self._part, :, self._moved].T])
        self._matrix = whole if size <= DENSE_SIZE_MAX else _sparse(whole)
        self._room = np.empty((0, 0, 0)), np.empty((0, 0))

    @property
    def points(self) -> int:
        """How many points are best worked on together."""
        return max(1, BLOCK_NUMBERS // self._start.size)

    def at(self, coefficients: RealArray, keep_going: KeepGoing) -> RealArray:
        """Return the vectors at all times, (times, N, c, p), for (p, k) coefficients.

        Raises Stopped.
        """
        vectors, size = self._start.shape
        columns = vectors * len(coefficients)
        repeated = np.tile(coefficients.T, vectors)
        shifts = self._levels.T @ repeated + self._level[:, None]
        factors = repeated[self._part]
        terms, operand = self._space(len(coefficients))
        terms[0] = np.repeat(self._start.T, len(coefficients), axis=1)
        found = []
        for step in self._plan.steps:
            used = step.coefficients.shape[1]
            self._fill(terms[:used], operand, shifts, factors, keep_going)
            outputs = step.coefficients @ terms[:used].reshape(used, -1)
            found.append(outputs[:-1])
            terms[0] = outputs[-1].reshape(size, columns)
        moved = found[0] if len(found) == 1 else np.concatenate(found)
        return moved.reshape(-1, size, vectors, len(coefficients))

    def _space(self, points: int) -> tuple[RealArray, RealArray]:
        """Return the room for all terms and for an operand; fresh memory costs as much as work."""
        vectors, size = self._start.shape
        longest = max(step.coefficients.shape[1] for step in self._plan.steps)
        shapes = (longest, size, vectors * points), (size + len(self._moved), vectors * points)
        if tuple(room.shape for room in self._room) != shapes:
            self._room = np.empty(shapes[0]), np.empty(shapes[1])
        return self._room

    def _fill(
        self,
        terms: RealArray,
        operand: RealArray,
        shifts: RealArray,
        factors: RealArray,
        keep_going: KeepGoing,
    ) -> None:
        """Fill in the terms after the first: 2 B times one, plus the one before it."""
        size = len(shifts)
        for k in range(1, len(terms)):
            require_wanted(keep_going)
            last, target = terms[k - 1], terms[k]
            operand[:size] = last
            np.take(last, self._moved, axis=0, out=operand[size:], mode="clip")
            operand[size:] *= factors
            np.multiply(last, shifts, out=target)
            target += self._matrix @ operand
            if k == 1:
                target *= 0.5
            else:
                target += terms[k - 2]


def _sparse(matrix: RealArray) -> Any:
    """Return a compressed sparse matrix; imported here, as small systems do without scipy."""
    from scipy import sparse

    return sparse.csr_array(matrix)
