"""Evolution of states by Chebyshev series of the generator, never of its exponential.

One series over a step gives every output time in the step, so that the work depends on the size of
the generator times the last time, not on the number of times [AlMohyHigham2011]. Errors of a step,
see chebyshev, travel on under the exact evolution: it shrinks the trace norm of Hermitian matrices,
so the Frobenius norm grows by √d at most, once and not in every step.
"""

import math
from dataclasses import dataclass

import numpy as np

from lucid_coherence.open_systems.chebyshev import (
    BOUND_WANTED,
    REACHES,
    TAIL_TOTAL,
    Ellipse,
    ellipse_around,
    series,
    series_steps,
)
from lucid_coherence.open_systems.exponential import UNIT
from lucid_coherence.open_systems.linear_maps import Block, KeepGoing, LinearMap
from lucid_coherence.states.batch import ComplexArray, RealArray

BLOCK_NUMBERS = 2**15
"""Numbers of the states that are stepped together."""


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Steps with αRh <= `reach`; series are cut where their tail is below `tail`.

    `rounding` is that of a term of the recurrence, `growth` bounds ‖exp(G t)‖₂ and `drift`, 1/s,
    is what rounded times and the rounded generator add.
    """

    ellipse: Ellipse
    reach: float
    tail: float
    rounding: float
    growth: float
    drift: float

    def steps(self, span: float) -> int:
        """Return the number of steps over `span` seconds; none where no time passes."""
        if not span:
            return 0
        reach = self.ellipse.focus * self.ellipse.ratio * span
        return max(1, math.ceil(reach / self.reach * (1 - 1e-12)))


def plan(linear: LinearMap, spans: RealArray) -> tuple[StepPlan, int, float]:
    """Choose the steps for chunks of the given lengths in s.

    Returns the plan, the number of terms, and the error bound at the end: the cheapest plan within
    `BOUND_WANTED`, or the most exact one. A bound of inf means that the numbers are out of range.
    """
    tried = []
    for reach in REACHES:
        tried.append(_planned(linear, spans, reach))
        if tried[-1][2] <= BOUND_WANTED:
            return tried[-1]
    return min(tried, key=lambda one: one[2])


def _planned(linear: LinearMap, spans: RealArray, reach: float) -> tuple[StepPlan, int, float]:
    ellipse = ellipse_around(linear.rectangle)
    size = linear.norm + abs(ellipse.centre)
    rounding = 2 / ellipse.focus * (linear.rounding + 4 * UNIT * size) + 4 * UNIT
    growth = linear.dimension**0.5
    drift = growth * (8 * UNIT * linear.norm + linear.assembly)
    with np.errstate(over="ignore", invalid="ignore"):
        reached = ellipse.focus * ellipse.ratio * spans
        counts = np.maximum(np.ceil(reached / reach * (1 - 1e-12)), spans > 0)
        count = float(counts.sum())
        longest = float((spans / np.maximum(counts, 1)).max())
    tail = TAIL_TOTAL / min(max(count, 1.0), 1e30)
    found = StepPlan(ellipse, reach, tail, rounding, growth, drift)
    if not (count < 1e15 and math.isfinite(longest)):
        return found, 10**15, math.inf
    # Shorter steps add less, and so do times before the end.
    (one,) = series(ellipse, rounding, [longest * np.arange(1, 9) / 8], tail)
    bound = growth * count * one.bound + drift * float(spans.sum())
    return found, int(count) * one.coefficients.shape[1], bound


class ChebyshevSteps:
    """Carries blocks of states from one set of output times to the next."""

    def __init__(self, linear: LinearMap, matrices: ComplexArray, found: StepPlan) -> None:
        self._linear = linear
        self._plan = found
        size = max(1, BLOCK_NUMBERS // linear.dimension**2)
        self._blocks = [
            linear.load(matrices[start : start + size]) for start in range(0, len(matrices), size)
        ]
        self._time = 0.0
        self._error = 0.0

    def advance(self, times: RealArray, keep_going: KeepGoing) -> tuple[ComplexArray, float]:
        """Return the states at rising `times` from the last one on, (times, count, d, d).

        The second value bounds the Frobenius error of each of them. Raises Stopped.
        """
        plan, since = self._plan, times - self._time
        outputs = [np.empty((len(times), *one.shape), dtype=one.dtype) for one in self._blocks]
        count, sent = plan.steps(float(since[-1])), 0
        if not count:
            for block, found in zip(self._blocks, outputs, strict=True):
                found[:] = block
        for step in series_steps(plan.ellipse, plan.rounding, since, count, plan.tail):
            inside = len(step.coefficients) - 1
            for index, block in enumerate(self._blocks):
                moved = self._series(block, step.coefficients, keep_going)
                outputs[index][sent : sent + inside] = moved[:-1]
                self._blocks[index] = self._linear.settled(moved[-1])
            sent += inside
            self._error += plan.growth * step.bound
        self._time = float(times[-1])
        parts = [self._linear.unload(found) for found in outputs]
        bound = self._error + plan.drift * self._time
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1), bound

    def _series(self, block: Block, coefficients: RealArray, keep_going: KeepGoing) -> Block:
        """Return the sums of the terms of a block for every row of coefficients."""
        count, used = coefficients.shape
        scale = 2 / self._plan.ellipse.focus
        shift = -scale * self._plan.ellipse.centre
        terms = np.empty((used, *block.shape), dtype=block.dtype)
        terms[0] = block
        for k in range(1, used):
            last, target = terms[k - 1], terms[k]
            moved = self._linear.apply(last, keep_going)
            moved *= scale
            np.multiply(last, shift, out=target)
            target += moved
            if k == 1:
                target *= 0.5
            else:
                target += terms[k - 2]
        numbers = coefficients @ terms.reshape(used, -1).view(np.float64)
        return numbers.view(block.dtype).reshape(count, *block.shape)
