"""Exponentials of generators as Chebyshev series, with bounds on what is left out and rounded.

Let the numerical range of G lie in an ellipse with its centre at s, foci at s ± iα and the sum of
its half axes at αR, and B = (G − s)/α. Then exp(G t) = e^(st) Σ c_k(αt) Q_k(B) with c_0 = J_0,
c_k = 2 J_k, Q_0 = 1, Q_1 = B and Q_(k+1) = 2 B Q_k + Q_(k−1) [TalEzerKosloff1984]. For a generator
that turns more than it damps this takes half the products of a Taylor series, or fewer.

Errors: ‖Q_k(B)‖ <= R^k, as R^k times half a Faber polynomial of the ellipse, which is at most 2
[BeckermannReichel2009]. What is left out beyond k = K is at most e^(st) 2 Σ (αRt/2)^k/k!. If a
term rounds by at most ρ R^k, that travels on as a sum of Q_j with at most (j + 1) R^j, so term k
is wrong by at most ρ R^k k²/2, and Q_k enters with |c_k|, which is known.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lucid_coherence.open_systems.exponential import UNIT, norm_bounds
from lucid_coherence.states.batch import RealArray

REACHES = (40.0, 28.0, 20.0, 14.0, 10.0, 7.0, 4.0, 2.0, 1.0, 0.5)
"""Tried values of αRh, h the length of a step: large ones take fewer terms in all, round more."""
BOUND_WANTED = 4e-9
"""Frobenius error of an evolved state that a plan should promise."""
TAIL_TOTAL = 1e-12
"""What leaving out terms may add in all steps together."""
STEPS_MAX = 200
"""Steps of a plan that is made as a whole."""
STEPS_AT_ONCE = 32
"""Steps whose coefficients come from one recurrence."""
HEIGHT_MIN = 1e-30
EXTENDED_UNIT = float(np.finfo(np.longdouble).eps) / 2
GUARD = 16
"""Bessel functions beyond the last one that is needed, from which the recurrence comes down."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Holds the numerical range of a generator: real parts, and the largest imaginary one, 1/s."""

    low: float
    high: float
    height: float


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Centre s and focus α in 1/s; `ratio` R >= 1 is the sum of the half axes over α."""

    centre: float
    focus: float
    ratio: float


@dataclass(frozen=True, slots=True)
class SeriesStep:
    """One step: row i of `coefficients`, (n + 1, K + 1), gives time i in it, the last one its end.

    `bound` holds for the 2-norm of the error of each, where the vector began with length 1.
    """

    coefficients: RealArray
    bound: float


def ranges(stack: RealArray) -> tuple[RealArray, RealArray, RealArray]:
    """Return bounds on the numerical ranges of (k, N, N) matrices, each (k,).

    Below and above the real parts, by Gershgorin's discs of the symmetric part, and above the
    imaginary ones.
    """
    turned = stack.transpose(0, 2, 1)
    symmetric, skew = 0.5 * (stack + turned), 0.5 * (stack - turned)
    middle = np.einsum("kii->ki", symmetric)
    radius = np.abs(symmetric).sum(axis=2) - np.abs(middle)
    slack = (stack.shape[1] + 4) * UNIT * norm_bounds(stack)
    low, high = (middle - radius).min(axis=1) - slack, (middle + radius).max(axis=1) + slack
    return low, high, norm_bounds(skew) + slack


def ellipse_around(rectangle: Rectangle) -> Ellipse:
    """Return the ellipse around a rectangle with the least sum of half axes, foci up and down."""
    width = 0.5 * (rectangle.high - rectangle.low)
    height = max(rectangle.height, 2 * width, HEIGHT_MIN)
    wide, high = width ** (2 / 3), height ** (2 / 3)
    both = math.sqrt(wide + high)
    focus = both * math.sqrt(high**2 - wide**2)
    centre = 0.5 * (rectangle.low + rectangle.high)
    return Ellipse(centre, focus, both * (wide + high) / focus)


def plan(ellipse: Ellipse, rounding: float, times: RealArray, wanted: float) -> list[SeriesStep]:
    """Return the steps over rising `times` in s, the longest whose bounds add up to `wanted`.

    `rounding` is ρ. None are returned where no plan is good enough.
    """
    span = float(times[-1])
    reach = ellipse.focus * ellipse.ratio * span
    for longest in REACHES:
        if reach > longest * STEPS_MAX:
            break
        count = max(1, math.ceil(reach / longest))
        tail = TAIL_TOTAL / count
        # The end of a step decides nearly alone: most plans that are too coarse end here.
        end = np.array([span / count])
        if count > 1 and count * series(ellipse, rounding, [end], tail)[0].bound > wanted:
            continue
        steps = list(series_steps(ellipse, rounding, times, count, tail))
        if sum(step.bound for step in steps) <= wanted:
            return steps
    return []


def series_steps(
    ellipse: Ellipse, rounding: float, times: RealArray, count: int, tail: float
) -> Iterator[SeriesStep]:
    """Return `count` steps of one length that take a vector from time 0 to the last of `times`."""
    before, sent = 0.0, 0
    for first in range(1, count + 1, STEPS_AT_ONCE):
        spans = []
        for index in range(first, min(first + STEPS_AT_ONCE, count + 1)):
            end = float(times[-1] * index / count) if index < count else float(times[-1])
            inside = int(np.searchsorted(times, end, side="right"))
            spans.append(np.append(times[sent:inside], end) - before)
            before, sent = end, inside
        yield from series(ellipse, rounding, spans, tail)


def series(
    ellipse: Ellipse, rounding: float, steps: Sequence[RealArray], tail: float
) -> list[SeriesStep]:
    """Return one series for each step, given by rising spans in s from its begin to its end.

    What they leave out is at most `tail` in each. The steps are about equally long.
    """
    longest = max(float(spans[-1]) for spans in steps)
    growth = math.exp(min(max(ellipse.centre * longest, 0.0), 700.0))
    last = degree(0.5 * ellipse.focus * ellipse.ratio * longest, tail / growth)
    times = np.concatenate(steps)
    coefficients = 2 * bessel(ellipse.focus * times, last)
    coefficients[:, 0] *= 0.5
    coefficients *= np.exp(ellipse.centre * times)[:, None]
    k = np.arange(last + 1)
    # The sum rounds once for each term, a coefficient some times, and its Bessel function before.
    summed = (last + 12 + abs(ellipse.centre) * longest) * UNIT
    summed += bessel_error(ellipse.focus * longest, last)
    rounded = np.abs(coefficients) @ (ellipse.ratio**k * (0.505 * rounding * k**2 + summed))
    ends = np.cumsum([len(spans) for spans in steps])
    return [
        SeriesStep(
            coefficients[end - len(spans) : end],
            tail + float(rounded[end - len(spans) : end].max()),
        )
        for end, spans in zip(ends, steps, strict=True)
    ]


def degree(half: float, tail: float) -> int:
    """Return the least K with 2 Σ half^k/k! over k > K at most `tail`."""
    term, k = 1.0, 0
    while True:
        k += 1
        term *= half / k
        ratio = half / (k + 1)
        if ratio < 1 and 2 * term <= tail * (1 - ratio):
            return k - 1 if k > 1 else 1


def bessel(arguments: RealArray, last: int) -> RealArray:
    """Return (n, last + 1) Bessel functions J_k of n arguments in [0, 0.55 last], as from `degree`.

    Miller's recurrence comes down for J_k/((z/2)^k/k!), which is 1 far above z, so that nothing
    overflows; J_0 + 2 J_2 + 2 J_4 + ... = 1 sets the scale [Gautschi1967]. In the longest numbers
    that the processor has: for long steps the rounding would show.
    """
    top = last + GUARD
    half = 0.5 * arguments.astype(np.longdouble)
    k = np.arange(1, top + 1)[:, None]
    ratios = half**2 / (k * (k + 1))
    scaled = np.ones((top + 1, len(half)), dtype=np.longdouble)
    for index in range(top - 1, 0, -1):
        np.multiply(ratios[index - 1], scaled[index + 1], out=scaled[index - 1])
        np.subtract(scaled[index], scaled[index - 1], out=scaled[index - 1])
    factors = np.ones_like(scaled)
    np.cumprod(half / k, axis=0, out=factors[1:])
    scaled *= factors
    size = scaled[0] + 2 * scaled[2::2].sum(axis=0)
    return np.ascontiguousarray((scaled[: last + 1] / size).T, dtype=np.float64)


def bessel_error(argument: float, last: int) -> float:
    """Bound what `bessel` rounds up to an argument, relative to |J_k| + |J_(k+1)|.

    A step of the recurrence rounds by at most 4 units, 2 of them far above z, which travel on at
    most twice as large; a power by 2 for each factor; and the scale, with the sum of all
    magnitudes, √z + 2 at most, by as much again. Two units are those of the result.
    """
    return 2 * UNIT + (10 * last + 8 * GUARD) * (math.sqrt(argument) + 3) * EXTENDED_UNIT
