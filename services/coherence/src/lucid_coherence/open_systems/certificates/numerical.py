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
        radius: of the ball of starts around it, Euclidean in r; its effect is taken to first order.
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
    """Look in windows of doubled length; a window of oscillations has 2048 samples."""
    pairs, limit = rest
    norm = max(float(np.linalg.norm(whole, 2)), 1e-300)
    step = _STEP / norm
    propagator = np.eye(len(whole))
    now = 0.0
    for _ in range(_DOUBLINGS_MAX):
        small = expm(whole * step)
        for _ in range(_SAMPLES):
            before, propagator = propagator, small @ propagator
            if _margin(pairs, propagator, first, radius) <= theta:
                return now + _refined(whole, before, first, (radius, theta), (step, pairs))
            now += step
            if limit and now > limit:
                return None
        drift = float(np.linalg.norm(whole @ propagator @ first))
        if drift < 1e-13 * norm:
            return None
        step *= 2 if step * norm < 0.15 else 1
    return None


def _refined(
    whole: RealArray,
    before: RealArray,
    first: RealArray,
    aims: tuple[float, float],
    rest: tuple[float, Pairs],
) -> float:
    """Return how long after `before` C_l1 is at theta, s: by steps that are halved each time."""
    (radius, theta), (step, pairs) = aims, rest
    powers = [expm(whole * (step / 2**_BISECTIONS))]
    for _ in range(_BISECTIONS - 1):
        powers.append(powers[-1] @ powers[-1])
    passed = 0.0
    for k, power in enumerate(reversed(powers), start=1):
        after = power @ before
        if _margin(pairs, after, first, radius) > theta:
            before, passed = after, passed + step / 2**k
    return passed


def _margin(pairs: Pairs, propagator: RealArray, first: RealArray, radius: float) -> float:
    """Return C_l1 less what the ball of starts can take away to first order."""
    r = propagator @ first
    value, gradient = pairs.coherence(r[1:])
    if radius == 0.0:
        return value
    return value - radius * float(np.linalg.norm(propagator[1:, 1:].T @ gradient))
