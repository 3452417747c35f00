"""Evolution of states by Taylor series of the generator, never of its exponential.

One series over a step gives every output time in the step, so that the work depends on the norm of
the generator times the last time, not on the number of times [AlMohyHigham2011].

The error of one step of length h, with a = ‖G‖ h: the terms that are left out are at most
‖w_k‖ (q + q² + ...), q = a/(k + 1), for the last computed term w_k = (G h)^k ρ/k!, because every
further term is at most q times the one before; it is measured. Rounding of the terms and of their
sum is at most e^a (r h + (K + 8) u), where r is what one application rounds, per second, and u the
unit of rounding. Errors of a step travel on under the exact evolution: it shrinks the trace norm
of Hermitian matrices, so the Frobenius norm grows by √d at most, once and not in every step.
"""

import math
from dataclasses import dataclass

import numpy as np

from lucid_coherence.open_systems.exponential import UNIT
from lucid_coherence.open_systems.linear_maps import Block, KeepGoing, LinearMap
from lucid_coherence.states.batch import ComplexArray, RealArray

STEP_NORMS = (10.0, 8.0, 6.0, 4.0, 2.0, 1.0, 0.5)
"""Tried values of a: large ones take fewer applications per unit of time and round more."""
BOUND_WANTED = 4e-9
TAIL_TOTAL = 1e-11
"""What leaving out terms may add in all steps together."""
LOOK_EVERY = 3
"""Terms between two looks at how long the last one is: a look costs a third of a small term."""
BLOCK_NUMBERS = 2**15
"""Numbers of the states that are stepped together."""


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Steps with ‖G‖ h <= `step_norm`; a series is cut where its tail is below `tail`.

    `degree` is the largest one that this can take, `bound_per_step` the error of one step as it
    arrives at the end, and `drift`, 1/s, what rounded times and the rounded generator add.
    """

    step_norm: float
    tail: float
    degree: int
    bound_per_step: float
    drift: float

    def steps(self, norm: float, span: float) -> int:
        """Return the number of steps over `span` seconds; none where no time passes."""
        if not span:
            return 0
        return max(1, math.ceil(norm * span / self.step_norm * (1 - 1e-12)))


def plan(linear: LinearMap, spans: RealArray) -> tuple[StepPlan, int, float]:
    """Choose the steps for chunks of the given lengths in s.

    Returns the plan, the number of steps, and the error bound at the end: the cheapest plan within
    `BOUND_WANTED`, or the most exact one. A bound of inf means that the numbers are out of range.
    """
    tried = []
    for step_norm in STEP_NORMS:
        tried.append(_planned(linear, spans, step_norm))
        if tried[-1][2] <= BOUND_WANTED:
            return tried[-1]
    return min(tried, key=lambda one: one[2])


def _planned(linear: LinearMap, spans: RealArray, a: float) -> tuple[StepPlan, int, float]:
    with np.errstate(over="ignore", invalid="ignore"):
        counts = np.maximum(np.ceil(linear.norm * spans / a * (1 - 1e-12)), spans > 0)
        count = float(counts.sum())
    growth = linear.dimension**0.5
    tail = TAIL_TOTAL / (growth * min(max(count, 1.0), 1e30))
    degree = _degree(a, tail)
    rounded = linear.rounding * a / linear.norm if linear.norm else 0.0
    per_step = growth * (math.exp(a) * (rounded + (degree + 8) * UNIT) + tail)
    drift = growth * (8 * UNIT * linear.norm + linear.assembly)
    bound = count * per_step + drift * float(spans.sum())
    steps = int(count) if count < 1e15 else 10**15
    found = StepPlan(a, tail, degree, per_step, drift)
    return found, steps, bound if math.isfinite(bound) else math.inf


def _degree(a: float, tail: float) -> int:
    """Return the least K with a^K/K! · q/(1 − q) <= tail, q = a/(K + 1) < 1."""
    term, k = 1.0, 0
    while True:
        ratio = a / (k + 1)
        if ratio < 1 and term * ratio / (1 - ratio) <= tail:
            return k
        k += 1
        term *= a / k


class TaylorSteps:
    """Carries blocks of states from one set of output times to the next."""

    def __init__(self, linear: LinearMap, matrices: ComplexArray, found: StepPlan) -> None:
        self._linear = linear
        self._plan = found
        size = max(1, BLOCK_NUMBERS // linear.dimension**2)
        self._blocks = [
            linear.load(matrices[start : start + size]) for start in range(0, len(matrices), size)
        ]
        self._time = 0.0
        self._steps = 0

    def advance(self, times: RealArray, keep_going: KeepGoing) -> tuple[ComplexArray, float]:
        """Return the states at rising `times` from the last one on, (times, count, d, d).

        The second value bounds the Frobenius error of each of them. Raises Stopped.
        """
        parts = []
        for index, block in enumerate(self._blocks):
            outputs, self._blocks[index] = self._carry(block, times, keep_going)
            parts.append(self._linear.unload(outputs))
        self._steps += self._plan.steps(self._linear.norm, float(times[-1]) - self._time)
        self._time = float(times[-1])
        bound = self._steps * self._plan.bound_per_step + self._plan.drift * self._time
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1), bound

    def _carry(self, block: Block, times: RealArray, keep_going: KeepGoing) -> tuple[Block, Block]:
        outputs = np.empty((len(times), *block.shape), dtype=block.dtype)
        span = float(times[-1]) - self._time
        if span == 0:
            outputs[:] = block
            return outputs, block
        count = self._plan.steps(self._linear.norm, span)
        ends = self._time + span * np.arange(1, count + 1) / count
        ends[-1] = times[-1]
        before, sent = self._time, 0
        for end in ends:
            inside = int(np.searchsorted(times, end, side="right"))
            shares = np.append((times[sent:inside] - before) / (end - before), 1.0)
            moved = self._series(block, float(end - before), shares, keep_going)
            outputs[sent:inside] = moved[:-1]
            block, before, sent = self._linear.settled(moved[-1]), end, inside
        return outputs, block

    def _series(self, block: Block, h: float, shares: RealArray, keep_going: KeepGoing) -> Block:
        """Return exp(G h s) of a block for every share s in [0, 1]."""
        a = self._linear.norm * h
        terms = np.empty((self._plan.degree + 1, *block.shape), dtype=block.dtype)
        terms[0] = block
        used = 1
        for k in range(1, self._plan.degree + 1):
            np.multiply(self._linear.apply(terms[k - 1], keep_going), h / k, out=terms[k])
            used = k + 1
            ratio = 1.01 * a / (k + 1)
            if ratio < 0.9 and k % LOOK_EVERY == 0:
                left = self._linear.length(terms[k]) * ratio / (1 - ratio)
                if left <= self._plan.tail:
                    break
        powers = shares[:, None] ** np.arange(used)
        flat = powers @ terms[:used].reshape(used, -1)
        return flat.reshape(len(shares), *block.shape)
