"""Float intervals of expanded forms with function terms, for many boxes at once. Guides only.

Monomial by monomial, as the evidence format defines `interval`; `mean_value` uses the derivatives.
A term without a finite enclosure gives an infinite interval. [Moore1966]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.polynomial import Polynomial, Ring, terms

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Range:
    """Lower and upper ends, one per box."""

    lower: Floats
    upper: Floats

    def __add__(self, other: Range) -> Range:
        return Range(self.lower + other.lower, self.upper + other.upper)

    def __mul__(self, other: Range) -> Range:
        with np.errstate(invalid="ignore"):
            ends = np.stack(
                [
                    self.lower * other.lower,
                    self.lower * other.upper,
                    self.upper * other.lower,
                    self.upper * other.upper,
                ]
            )
        ends = np.where(np.isnan(ends), 0.0, ends)
        return Range(ends.min(axis=0), ends.max(axis=0))

    def scaled(self, factor: float) -> Range:
        """Return the range times a number."""
        low, high = self.lower * factor, self.upper * factor
        return Range(np.minimum(low, high), np.maximum(low, high))

    def power(self, exponent: int) -> Range:
        """Return the range of x^exponent."""
        low, high = self.lower**exponent, self.upper**exponent
        if exponent % 2:
            return Range(low, high)
        bottom = np.where((self.lower <= 0) & (self.upper >= 0), 0.0, np.minimum(low, high))
        return Range(bottom, np.maximum(low, high))


class Enclosures:
    """Evaluates expanded forms of one ring on a batch of boxes, each opaque term once."""

    def __init__(self, ring: Ring, lower: Floats, upper: Floats) -> None:
        """Take boxes as `lower` and `upper` of shape (boxes, variables)."""
        self._ring = ring
        self._count = len(lower)
        self._known: dict[int, Range] = {
            k: Range(lower[:, k], upper[:, k]) for k in range(len(ring.variables))
        }

    def of(self, polynomial: Polynomial) -> Range:
        """Return the ranges of one expanded form."""
        zero = np.zeros(self._count)
        total = Range(zero, zero)
        with np.errstate(all="ignore"):
            for exponents, value in terms(polynomial).items():
                product = Range(zero + 1.0, zero + 1.0)
                for generator, power in enumerate(exponents):
                    if power:
                        product = product * self._generator(generator).power(power)
                total = total + product.scaled(float(value))
        return Range(
            np.nan_to_num(total.lower, nan=-np.inf, neginf=-np.inf),
            np.nan_to_num(total.upper, nan=np.inf, posinf=np.inf),
        )

    def _generator(self, generator: int) -> Range:
        if generator not in self._known:
            function, argument = self._ring.opaque_terms[generator - len(self._ring.variables)]
            self._known[generator] = _apply(function, self.of(argument))
        return self._known[generator]


def _apply(function: str, argument: Range) -> Range:
    low, high = argument.lower, argument.upper
    if function in {"exp", "tanh"}:
        return Range(getattr(np, function)(low), getattr(np, function)(high))
    if function == "log":
        return _where(low > 0, np.log(low), np.log(high))
    if function == "sqrt":
        return _where(low >= 0, np.sqrt(low), np.sqrt(high))
    if function == "inverse":
        return _where((low > 0) | (high < 0), 1 / high, 1 / low)
    if function == "abs":
        largest = np.maximum(np.abs(low), np.abs(high))
        crosses = (low <= 0) & (high >= 0)
        return Range(np.where(crosses, 0.0, np.minimum(np.abs(low), np.abs(high))), largest)
    if function == "tan":
        branch = np.floor(low / np.pi + 0.5) == np.floor(high / np.pi + 0.5)
        return _where(branch & (high - low < np.pi), np.tan(low), np.tan(high))
    shift = 0.0 if function == "sin" else 0.5 * np.pi
    return _sine(low + shift, high + shift)


def _where(finite: NDArray[np.bool_], lower: Floats, upper: Floats) -> Range:
    return Range(np.where(finite, lower, -np.inf), np.where(finite, upper, np.inf))


def _sine(low: Floats, high: Floats) -> Range:
    ends = np.sin(low), np.sin(high)
    turn = 2 * np.pi
    top = np.floor((high - 0.5 * np.pi) / turn) >= np.ceil((low - 0.5 * np.pi) / turn)
    bottom = np.floor((high + 0.5 * np.pi) / turn) >= np.ceil((low + 0.5 * np.pi) / turn)
    return Range(np.where(bottom, -1.0, np.minimum(*ends)), np.where(top, 1.0, np.maximum(*ends)))


def upper_bounds(
    ring: Ring,
    polynomial: Polynomial,
    gradient: dict[int, Polynomial],
    lower: Floats,
    upper: Floats,
) -> Floats:
    """Return the better of the natural and the mean-value upper bound, one per box."""
    natural = Enclosures(ring, lower, upper)
    bound = natural.of(polynomial).upper
    middle = 0.5 * (lower + upper)
    total = Enclosures(ring, middle, middle).of(polynomial)
    for k, slope in gradient.items():
        radius = 0.5 * (upper[:, k] - lower[:, k])
        total = total + natural.of(slope) * Range(-radius, radius)
    return np.fmin(bound, np.where(np.isnan(total.upper), np.inf, total.upper))
