"""Float intervals of expanded forms with function terms, for many boxes at once. Guides only.

Monomial by monomial, as the evidence format defines `interval`; `mean_value` uses the derivatives.
A term without a finite enclosure gives an infinite interval. [Moore1966]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.polynomial import Polynomial, Ring

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


Form = list[tuple[float, list[tuple[int, int]]]]


def form_of(polynomial: Polynomial) -> Form:
    """Return an expanded form as (coefficient, (generator, power) of each factor), in floats."""
    found = []
    for exponents, value in zip(polynomial.monoms(), polynomial.coeffs(), strict=True):
        powers = [(place, int(power)) for place, power in enumerate(exponents) if power]
        found.append((float(value), powers))
    return found


class Arguments:
    """The arguments of a ring's opaque terms as forms, each made once."""

    def __init__(self, ring: Ring) -> None:
        """Take the ring; its terms may still grow."""
        self._ring = ring
        self._known: dict[int, tuple[str, Form]] = {}

    def of(self, generator: int) -> tuple[str, Form]:
        """Return the function and the argument of the term of a generator."""
        if generator not in self._known:
            function, argument = self._ring.opaque_terms[generator - len(self._ring.variables)]
            self._known[generator] = function, form_of(argument)
        return self._known[generator]


class Enclosures:
    """Evaluates forms of one ring on a batch of boxes, each opaque term and each power once."""

    def __init__(self, arguments: Arguments, lower: Floats, upper: Floats) -> None:
        """Take boxes as `lower` and `upper` of shape (boxes, variables)."""
        self._arguments = arguments
        self._count = len(lower)
        self._powers: dict[tuple[int, int], Range] = {
            (k, 1): Range(lower[:, k], upper[:, k]) for k in range(lower.shape[1])
        }

    def of(self, form: Form) -> Range:
        """Return the ranges of one form."""
        zero = np.zeros(self._count)
        total = Range(zero, zero)
        with np.errstate(all="ignore"):
            for value, factors in form:
                if factors:
                    product = self._power(*factors[0])
                    for generator, power in factors[1:]:
                        product = product * self._power(generator, power)
                    total = total + product.scaled(value)
                else:
                    total = total + Range(zero + value, zero + value)
        return Range(
            np.where(np.isnan(total.lower), -np.inf, total.lower),
            np.where(np.isnan(total.upper), np.inf, total.upper),
        )

    def _power(self, generator: int, power: int) -> Range:
        if (generator, power) not in self._powers:
            if power == 1:
                function, argument = self._arguments.of(generator)
                self._powers[generator, 1] = _apply(function, self.of(argument))
            else:
                self._powers[generator, power] = self._power(generator, 1).power(power)
        return self._powers[generator, power]


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
    boxes: Enclosures, middles: Enclosures, form: Form, slopes: dict[int, Form], radius: Floats
) -> Floats:
    """Return the better of the natural and the mean-value upper bound, one per box.

    `radius` (boxes, variables) are half of the widths; `slopes` the derivatives by variable.
    """
    bound = boxes.of(form).upper
    total = middles.of(form)
    with np.errstate(invalid="ignore"):
        for k, slope in slopes.items():
            total = total + boxes.of(slope) * Range(-radius[:, k], radius[:, k])
    found: Floats = np.fmin(bound, np.where(np.isnan(total.upper), np.inf, total.upper))
    return found
