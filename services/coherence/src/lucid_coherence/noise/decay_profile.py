"""The profile of χ² over one decay time: a global fit without starting values, and its interval.

The model of the probability at x is p(x) = A e^{−x/T} + B, or with an oscillation
p(x) = e^{−x/T} (a cos ωx + b sin ωx) + B. For given T (and ω) it is linear in the rest, which is
solved exactly [Golub1973]; what is left is a curve over T alone. It is scanned over the whole
range that the data could tell, so that no local minimum can be taken for the fit.

Weights are 1 / Var = N / (p (1 − p)) with p the fitted probability, not the observed share, whose
weights are biased; they are iterated. The 95 % interval holds every T whose χ², minimised over
all the rest, exceeds the least by at most the quantile: the profile-likelihood interval in the
normal approximation of the binomial.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from lucid_coherence.noise.intervals import NORMAL
from lucid_coherence.noise.violations import NotIdentified
from lucid_coherence.states.batch import RealArray

SHORTEST = 1 / 20
"""The least T of the scan, in units of the least spacing: then no second point sees the decay."""
LONGEST = 1e4
"""The largest T of the scan, in units of the longest time: then only a slope is seen."""
_GRID = 160
_ROUNDS = 12
_RANK = 1e-12
_RIDGE = 1e-13
_SETTLED = 1e-6
_FALSE_DECAYS = 0.0027
"""How often noise alone may look like a decay, about: two parameters gain χ² > 2 ln(1/share), and
an oscillation has as many chances as there are points."""


@dataclass(frozen=True, slots=True)
class Counts:
    """`successes` of `shots` at each place `x`; float64 arrays of one length, x rising or equal."""

    x: RealArray
    successes: RealArray
    shots: RealArray

    @property
    def shares(self) -> RealArray:
        """The observed probabilities."""
        found: RealArray = self.successes / self.shots
        return found


@dataclass(frozen=True, slots=True)
class Shape:
    """What is fitted besides T: a free or a fixed offset B, and an oscillation or none."""

    fixed_offset: float | None = None
    oscillates: bool = False

    @property
    def parameter_count(self) -> int:
        """The number of fitted parameters, T included."""
        return (2 if self.fixed_offset is not None else 3) + (2 if self.oscillates else 0)


@dataclass(frozen=True, slots=True)
class DecayFit:
    """The fitted T with its 95 % interval and the rest at the minimum.

    `scale` multiplied the threshold of χ²: 1, or what the scatter beyond the shots asks for.
    `chi_squared_flat` is the χ² of no decay at all.
    """

    time: float
    low: float
    high: float
    amplitude: float
    offset: float
    frequency: float
    chi_squared: float
    degrees: int
    chi_squared_flat: float
    scale: float

    @property
    def reduced_chi_squared(self) -> float:
        """About 1 if the model holds and the shots are the only scatter."""
        return self.chi_squared / self.degrees


def fit(
    counts: Counts,
    shape: Shape,
    *,
    field: str,
    quantile: float = NORMAL,
    scatter: Callable[[float], float] = lambda _reduced: 1.0,
) -> DecayFit:
    """Fit T and return it with its interval.

    `quantile` is squared into the threshold, `scatter` turns the reduced χ² into its factor.

    Raises:
        NotIdentified: `cause` is `no_decay_seen`, `times_too_short` or `times_too_sparse`.
    """
    profile = _Profile(counts, shape, _smoothed(counts.shares, counts.shots))
    time, frequency = profile.minimum()
    for _ in range(_ROUNDS):
        model = profile.model(time, frequency)
        profile = _Profile(counts, shape, _smoothed(model, counts.shots))
        before, (time, frequency) = time, profile.refined(time, frequency)
        if abs(time - before) <= _SETTLED * time:
            break
    least = profile.chi_squared(time, frequency)
    degrees = len(counts.x) - shape.parameter_count
    scale = scatter(least / degrees)
    threshold = least + scale * quantile**2
    flat = profile.flat()
    candidates = len(counts.x) if shape.oscillates else 1
    needed = scale * 2 * math.log(candidates / _FALSE_DECAYS)
    if flat - least <= needed:
        raise NotIdentified(
            "The populations are equal within their statistics: no decay is seen, so its time "
            "cannot be told.",
            field=field,
            cause="no_decay_seen",
            chi_squared_gain=flat - least,
            needed=needed,
        )
    low, high = _interval(profile, time, frequency, threshold, field)
    amplitude, offset = profile.linear(time, frequency)
    return DecayFit(time, low, high, amplitude, offset, frequency, least, degrees, flat, scale)


def _smoothed(probabilities: RealArray, shots: RealArray) -> RealArray:
    """Return the variance of each share; half a count away from 0 and 1 it never vanishes."""
    share = (np.clip(probabilities, 0.0, 1.0) * shots + 0.5) / (shots + 1.0)
    variance: RealArray = share * (1 - share) / shots
    return variance


class _Profile:
    """χ² over (T, ω) with the linear parameters at their best, for fixed variances."""

    def __init__(self, counts: Counts, shape: Shape, variances: RealArray) -> None:
        self._counts = counts
        self._shape = shape
        self._root = 1 / np.sqrt(variances)
        offset = shape.fixed_offset
        self._target = (counts.shares - (offset or 0.0)) * self._root
        distinct = np.unique(counts.x)
        self._spacing = float(np.diff(distinct).min())
        self._span = float(distinct[-1] - distinct[0])
        self.shortest = SHORTEST * self._spacing
        self.longest = LONGEST * float(distinct[-1])

    def _columns(self, time: float, frequency: float) -> RealArray:
        x = self._counts.x
        decay = np.exp(-x / time)
        columns = [decay]
        if self._shape.oscillates:
            columns = [decay * np.cos(frequency * x), decay * np.sin(frequency * x)]
        if self._shape.fixed_offset is None:
            columns.append(np.ones_like(x))
        return np.stack(columns, axis=1) * self._root[:, None]

    def _solve(self, time: float, frequency: float) -> tuple[RealArray, RealArray]:
        columns = self._columns(time, frequency)
        sizes = np.linalg.norm(columns, axis=0)
        scaled = columns / np.where(sizes > 0, sizes, 1.0)
        u, s, vt = np.linalg.svd(scaled, full_matrices=False)
        inverse = np.where(s > _RANK * s[0], 1 / np.maximum(s, 1e-300), 0.0)
        solution = vt.T @ (inverse * (u.T @ self._target))
        return solution / np.where(sizes > 0, sizes, 1.0), self._target - scaled @ solution

    def chi_squared(self, time: float, frequency: float) -> float:
        """Return χ² with the best linear parameters."""
        _, rest = self._solve(time, frequency)
        return float(rest @ rest)

    def flat(self) -> float:
        """Return χ² of a probability that does not change."""
        if self._shape.fixed_offset is not None:
            return float(self._target @ self._target)
        mean = (self._target @ self._root) / (self._root @ self._root)
        rest = self._target - mean * self._root
        return float(rest @ rest)

    def model(self, time: float, frequency: float) -> RealArray:
        """Return the fitted probabilities."""
        _, rest = self._solve(time, frequency)
        return self._counts.shares - rest / self._root

    def linear(self, time: float, frequency: float) -> tuple[float, float]:
        """Return the amplitude and the offset."""
        solution, _ = self._solve(time, frequency)
        fixed = self._shape.fixed_offset
        offset = float(solution[-1]) if fixed is None else fixed
        if self._shape.oscillates:
            return float(np.hypot(solution[0], solution[1])), offset
        return float(solution[0]), offset

    def minimum(self) -> tuple[float, float]:
        """Return the (T, ω) of the least χ² over the whole grid, refined."""
        if not self._shape.oscillates:
            times = np.geomspace(self.shortest, self.longest, _GRID)
            decays = np.exp(-self._counts.x / times[:, None])
            return self.refined(float(times[int(np.argmin(self._scan([decays])))]), 0.0)
        times = np.geomspace(self._spacing, 10 * self._span, 12)
        # Half a resolution apart, up to where points would miss every second half-turn.
        turns = np.pi * (len(np.unique(self._counts.x)) - 1)
        frequencies = np.arange(0.5, turns, 0.5) / self._span
        phases = frequencies[:, None] * self._counts.x
        waves = [np.cos(phases), np.sin(phases)]
        scanned = np.array(
            [
                self._scan([np.exp(-self._counts.x / time) * wave for wave in waves])
                for time in times
            ]
        )
        row, column = np.unravel_index(int(np.argmin(scanned)), scanned.shape)
        return self.refined(float(times[row]), float(frequencies[column]))

    def _scan(self, columns: list[RealArray]) -> RealArray:
        """Return χ² for many models at once by normal equations: enough to choose a start.

        `columns` are (models, points); the offset is added where it is fitted.
        """
        if self._shape.fixed_offset is None:
            columns = [*columns, np.ones_like(columns[0])]
        design = np.stack(columns, axis=-1) * self._root[:, None]
        right = np.swapaxes(design, 1, 2) @ self._target
        gram = np.swapaxes(design, 1, 2) @ design
        ridge = _RIDGE * np.trace(gram, axis1=1, axis2=2)[:, None, None]
        gram = gram + (ridge + 1e-300) * np.eye(gram.shape[-1])
        gain = (right * np.linalg.solve(gram, right[..., None])[..., 0]).sum(axis=1)
        found: RealArray = self._target @ self._target - gain
        return found

    def refined(self, time: float, frequency: float) -> tuple[float, float]:
        """Return the nearest minimum."""
        if not self._shape.oscillates:
            step = np.log(self.longest / self.shortest) / (_GRID - 1)
            found = optimize.minimize_scalar(
                lambda log_time: self.chi_squared(float(np.exp(log_time)), 0.0),
                bounds=(np.log(time) - step, np.log(time) + step),
                method="bounded",
                options={"xatol": 1e-8},
            )
            return float(np.exp(found.x)), 0.0
        unit = 1 / self._span
        start = np.array([np.log(time), frequency / unit])
        found = optimize.least_squares(
            lambda point: self._solve(float(np.exp(point[0])), float(point[1] * unit))[1],
            start,
            bounds=([np.log(self.shortest), 0.0], [np.log(self.longest), np.inf]),
            xtol=1e-12,
            ftol=1e-12,
            max_nfev=60,
        )
        return float(np.exp(found.x[0])), float(found.x[1] * unit)

    def lowest_at(self, time: float, frequency: float) -> float:
        """Return the least χ² at a given T, over frequencies near the given one."""
        here = self.chi_squared(time, frequency)
        if not self._shape.oscillates:
            return here
        width = 1 / self._span
        found = optimize.minimize_scalar(
            lambda near: self.chi_squared(time, float(near)),
            bounds=(max(0.0, frequency - width), frequency + width),
            method="bounded",
            options={"xatol": 1e-8 * width},
        )
        # The search is local: with widely spread times it may miss what it started from.
        return min(here, float(found.fun))


def _interval(
    profile: _Profile, time: float, frequency: float, threshold: float, field: str
) -> tuple[float, float]:
    """Return where the profile crosses the threshold on either side of the minimum."""

    def excess(log_time: float) -> float:
        return profile.lowest_at(float(np.exp(log_time)), frequency) - threshold

    ends = []
    for factor, limit, cause, text in (
        (1 / 1.3, profile.shortest, "times_too_sparse", "shorter: the first points come too late"),
        (1.3, profile.longest, "times_too_short", "longer: the times end too early"),
    ):
        inside = time
        while True:
            outside = inside * factor
            if not min(profile.shortest, time) <= outside <= max(profile.longest, time):
                raise NotIdentified(
                    f"The data fit a decay time as far as {limit:.6g} and {text}.",
                    field=field,
                    cause=cause,
                    best_fit=time,
                    searched_to=limit,
                )
            if excess(float(np.log(outside))) > 0:
                break
            inside = outside
        bracket = sorted((float(np.log(inside)), float(np.log(outside))))
        ends.append(float(np.exp(optimize.brentq(excess, *bracket, xtol=1e-8))))
    return ends[0], ends[1]
