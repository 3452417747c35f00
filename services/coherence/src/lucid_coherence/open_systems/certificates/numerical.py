"""The horizon as numbers say it, without proof: where C_l1 first falls to the threshold.

Used to aim at and to report the gap against; nothing is certified by it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.linalg import expm

from lucid_coherence.open_systems.certificates.exact_generator import ExactArray, ExactGenerator
from lucid_coherence.open_systems.certificates.witness import Pairs
from lucid_coherence.states.batch import RealArray

_SAMPLES = 2048
_DOUBLINGS_MAX = 40
_BISECTIONS = 40
_GRID = 5
"""Rates are tried on a grid of 5 values each, corners included."""
_STEP = 0.05
"""First time step, in units of 1/|G|."""


@dataclass(frozen=True, slots=True)
class NumericalHorizon:
    """The first time, s, at which C_l1 is at theta for some tried rates, and those rates h."""

    horizon_s: float
    h: tuple[float, ...]


def numerical_horizon(
    generator: ExactGenerator,
    start: ExactArray,
    radius: float,
    theta: float,
    longest_s: float,
    keep_going: Callable[[], bool] = lambda: True,
) -> NumericalHorizon | None:
    """Return the horizon over a grid of rates, or None if C_l1 stays above theta to `longest_s`.

    Args:
        generator: the exact generator.
        start: (N,) coordinates at t = 0.
        radius: of the ball of starts around it, Euclidean in r. Its effect is taken to first order,
            which by convexity is too much, not too little: with a ball the horizon may be later.
        theta: threshold on C_l1.
        longest_s: where the search ends, s; 0 means when nothing changes any more.
        keep_going: asked between the rates; the search ends on False.
    """
    pairs = Pairs.of(generator.qubits)
    first = np.concatenate([[1.0], start.astype(np.float64)])
    worst: NumericalHorizon | None = None
    for h in product(np.linspace(-1.0, 1.0, _GRID), repeat=generator.uncertain):
        if not keep_going():
            return worst
        limit = worst.horizon_s if worst else longest_s
        found = _first_crossing(generator.floats(h), first, radius, theta, (pairs, limit))
        if found is not None:
            worst = NumericalHorizon(found, tuple(float(x) for x in h))
    return worst


def coherence_at(
    generator: ExactGenerator, start: ExactArray, h: tuple[float, ...], time_s: float
) -> float:
    """Return C_l1 at a time, s, at the rates h; by numbers."""
    first = np.concatenate([[1.0], start.astype(np.float64)])
    now = expm(generator.floats(h) * time_s) @ first
    return Pairs.of(generator.qubits).coherence(now[1:])[0]


def _first_crossing(
    whole: RealArray, first: RealArray, radius: float, theta: float, rest: tuple[Pairs, float]
) -> float | None:
    """Look in windows of doubled length; a window of oscillations has 2048 samples.

    A dip that is narrower than a step can be missed. No tube covers it then: it is not certified.
    """
    pairs, limit = rest
    norm = max(float(np.linalg.norm(whole, 2)), 1e-300)
    step = _STEP / norm
    # The start, and where there is a ball around it also the directions in it.
    state = np.column_stack([first, np.eye(len(first))[:, 1:]] if radius else [first])
    now = 0.0
    for _ in range(_DOUBLINGS_MAX):
        window = _window(expm(whole * step), state)
        low = np.flatnonzero(_margins(pairs, window[1:], radius) <= theta)
        if len(low):
            now += float(low[0]) * step
            now += _refined(whole, window[low[0]], (radius, theta), (step, pairs))
            return now if not limit or now < limit else None
        state, now = window[-1], now + _SAMPLES * step
        if limit and now > limit:
            return None
        drift = float(np.linalg.norm(whole @ state[:, 0]))
        if drift < 1e-13 * norm:
            return None
        step *= 2 if step * norm < 0.15 else 1
    return None


def _window(small: RealArray, state: RealArray) -> RealArray:
    """Return `state` and its next 2048 images, (2049, N + 1, ...): twice as many each time."""
    window = np.empty((_SAMPLES + 1, *state.shape))
    window[0], known, power = state, 1, small
    while known <= _SAMPLES:
        new = min(known, _SAMPLES + 1 - known)
        np.matmul(power, window[:new], out=window[known : known + new])
        known, power = known + new, power @ power
    return window


def _refined(
    whole: RealArray, before: RealArray, aims: tuple[float, float], rest: tuple[float, Pairs]
) -> float:
    """Return how long after `before` C_l1 is at theta, s: by steps that are halved each time."""
    (radius, theta), (step, pairs) = aims, rest
    passed = 0.0
    for k in range(1, _BISECTIONS + 1):
        # Each exponential anew: squares of one that is all but 1 have lost its digits.
        after = expm(whole * (step / 2**k)) @ before
        if _margins(pairs, after[None], radius)[0] > theta:
            before, passed = after, passed + step / 2**k
    return passed


def _margins(pairs: Pairs, states: RealArray, radius: float) -> RealArray:
    """Return C_l1 less what the ball of starts can take away to first order, (count,).

    states: (count, N + 1, columns), the trajectory in the first column and, of a ball, what its
        directions have become in the others.
    """
    values, gradients = pairs.coherences(states[:, 1:, 0])
    taken = (gradients[:, None] @ states[:, 1:, 1:])[:, 0]
    margins: RealArray = values - radius * np.linalg.norm(taken, axis=-1)
    return margins
