"""Evolution of vectors by dense exponentials, for one generator or a stack of them.

Equally spaced times need one exponential: the first 2^j times of a chunk give the next 2^j by one
product with the 2^j-th power. Other times take one exponential for each gap.
"""

from dataclasses import dataclass

import numpy as np

from lucid_coherence.open_systems.exponential import (
    UNIT,
    exponentials,
    norm_bounds,
    product_rounding,
)
from lucid_coherence.open_systems.linear_maps import KeepGoing, require_wanted
from lucid_coherence.states.batch import RealArray

STACK_NUMBERS = 2**15
"""Entries of the generators worked on together: three such blocks stay in the processor's cache."""


CALL_S, SQUARE_S, APPLY_S = 4e-6, 2.8e-11, 1.6e-10
"""Seconds of a call, of a square per n³ and of a product with one vector per n², measured."""


@dataclass(frozen=True, slots=True)
class Times:
    """Rising output times in s; `gap` is their spacing if `equal`, 1 for a single time."""

    values: RealArray
    equal: bool
    gap: float

    @property
    def distinct(self) -> int:
        """How many exponentials the times need."""
        return 2 if self.equal else len(self.values)


def times_of(values: RealArray) -> Times:
    """Recognise equally spaced times: the grid may differ from them by 8 roundings of the last."""
    if len(values) == 1:
        return Times(values, equal=True, gap=1.0)
    gap = float((values[-1] - values[0]) / (len(values) - 1))
    grid = values[0] + gap * np.arange(len(values))
    equal = bool(np.abs(values - grid).max() <= 8 * UNIT * values[-1])
    return Times(values, equal, gap)


def scaled(generators: RealArray, times: RealArray | float) -> RealArray:
    """Return G t; an overflow is left to `exponentials`, which refuses it."""
    with np.errstate(over="ignore"):
        product: RealArray = generators * times
    return product


@dataclass(frozen=True, slots=True)
class _Power:
    """Propagators, (p, N, N), the weights of their errors and what applying one adds, (p,)."""

    matrices: RealArray
    weights: RealArray
    cost: RealArray


class DenseSteps:
    """Carries vectors of `generators`, (p, N, N) in 1/s, from time to time.

    `growth` bounds ‖exp(G t)‖₂ for all t >= 0. `assembly`, (p,), bounds the 2-norm of what is wrong
    with the generators themselves, 1/s.
    """

    def __init__(
        self,
        generators: RealArray,
        start: RealArray,
        times: Times,
        growth: float,
        assembly: RealArray,
    ) -> None:
        self._generators = generators
        self._times = times
        self._growth = growth
        self._drift = assembly + 16 * UNIT * norm_bounds(generators)
        self._last = start
        self._weight = np.zeros(len(generators))
        self._done = 0
        self._powers: list[_Power] = []
        self._first: _Power | None = None

    def advance(self, count: int, keep_going: KeepGoing) -> tuple[RealArray, RealArray]:
        """Return the vectors at the next `count` times, (p, count, c, N), and error bounds.

        The bounds, (p,), hold for the 2-norm of each of those vectors where the exact ones have a
        length of at most 1. Raises Stopped.
        """
        require_wanted(keep_going)
        times = self._times.values
        stop = self._done + count
        points, vectors, size = self._last.shape
        found = np.empty((points, count, vectors, size))
        if self._times.equal:
            self._fill_equal(found, keep_going)
        else:
            self._fill_gaps(found, keep_going)
        self._last, self._done = found[:, -1], stop
        return found, self._bounds(self._weight, float(times[stop - 1]))

    def expected_bounds(self, chunk: int) -> RealArray:
        """Return the bounds, (p,), that the last time will have if `chunk` times are taken at once.

        Exact for equally spaced times; else those of one exponential over the whole time.
        """
        times = self._times.values
        if not self._times.equal:
            return self._bounds(self._over(float(times[-1])).cost, float(times[-1]))
        full = (len(times) - 1) // chunk
        weights = self._weight + (self._start(float(times[0])).cost if times[0] else 0.0)
        for count, length in ((full, chunk), (1, len(times) - full * chunk)):
            for level, _ in self._moves(length) if count else ():
                weights = weights + count * self._power(level).cost
        if full:
            weights = weights + full * self._power(0).cost
        return self._bounds(weights, float(times[-1]))

    def _bounds(self, weights: RealArray, time: float) -> RealArray:
        with np.errstate(over="ignore"):
            bounds: RealArray = self._growth * (2 * weights + self._drift * time)
        return bounds

    def _fill_equal(self, found: RealArray, keep_going: KeepGoing) -> None:
        first = self._times.gap if self._done else float(self._times.values[0])
        if first:
            power = self._power(0) if self._done else self._start(first)
            self._step(power, self._last, found[:, 0])
        else:
            found[:, 0] = self._last
        points, count, vectors, size = found.shape
        filled = 1
        for level, take in self._moves(count):
            require_wanted(keep_going)
            known = found[:, filled - 2**level :][:, :take]
            target = found[:, filled : filled + take]
            self._step(
                self._power(level),
                known.reshape(points, take * vectors, size),
                target.reshape(points, take * vectors, size),
            )
            filled += take

    def _moves(self, count: int) -> list[tuple[int, int]]:
        """Return (level, times) of the products that take one known time to `count`.

        Blocks of known times double until a further square costs more than it saves.
        """
        points, vectors, size = self._last.shape
        square = CALL_S + SQUARE_S * points * size**3
        applied = CALL_S + APPLY_S * points * vectors * size**2

        def cost(level: int) -> float:
            return float(level * square + -(-count // 2**level) * applied)

        top = min(range(max(count - 1, 1).bit_length()), key=cost)
        moves, filled = [], 1
        while filled < count:
            level = min(filled.bit_length() - 1, top)
            take = min(2**level, count - filled)
            moves.append((level, take))
            filled += take
        return moves

    def _fill_gaps(self, found: RealArray, keep_going: KeepGoing) -> None:
        points, count, _, size = found.shape
        ends = self._times.values[self._done : self._done + count]
        before = self._times.values[self._done - 1] if self._done else 0.0
        gaps = np.diff(ends, prepend=before)
        block = max(1, STACK_NUMBERS // (points * size * size))
        for first in range(0, count, block):
            require_wanted(keep_going)
            part = gaps[first : first + block]
            whole = scaled(self._generators, part[:, None, None, None]).reshape(-1, size, size)
            power = _power(*exponentials(whole))
            stack, costs = power.matrices.reshape(-1, points, size, size), power.cost
            for index, gap in enumerate(part):
                if gap:
                    cost = costs[index * points : (index + 1) * points]
                    chosen = _Power(stack[index], cost, cost)
                    self._step(chosen, self._last, found[:, first + index])
                else:
                    found[:, first + index] = self._last
                self._last = found[:, first + index]

    def _step(self, power: _Power, vectors: RealArray, target: RealArray) -> None:
        """Write the propagated (p, m, N) vectors to `target`, and count what that costs."""
        self._weight = self._weight + power.cost
        np.matmul(vectors, power.matrices.transpose(0, 2, 1), out=target)

    def _start(self, time: float) -> _Power:
        """Return the propagators to the first time, which may be no multiple of the gap."""
        if self._first is None:
            self._first = self._over(time)
        return self._first

    def _over(self, time: float) -> _Power:
        return _power(*exponentials(scaled(self._generators, time)))

    def _power(self, level: int) -> _Power:
        """Return the propagators over 2^level gaps."""
        if not self._powers:
            self._powers.append(self._over(self._times.gap))
        while len(self._powers) <= level:
            last = self._powers[-1]
            matrices = last.matrices @ last.matrices
            # A square rounds as much as an application of what is squared is counted for.
            self._powers.append(_power(matrices, last.weights + last.cost))
        return self._powers[level]


def _power(matrices: RealArray, weights: RealArray) -> _Power:
    return _Power(matrices, weights, weights + product_rounding(matrices))
