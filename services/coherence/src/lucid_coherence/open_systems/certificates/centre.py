"""A polynomial trajectory near the true one, and exactly by how much it fails the equation.

The clock is s = 1 − e^(−κ t), so that s' = 1 − s in units of 1/κ, and the coordinates are
discounted: (1 − s)(1, r) obeys a homogeneous linear equation. With Â = A/κ a polynomial p(s, h)
for (1 − s) r has the residual

    δ = Â p + (1 − s) b̂ − p − (1 − s) ∂p/∂s,

again a polynomial. Coefficients of p are integers over 2^PRECISION, found by the Taylor recursion
and rounded; δ is then computed without rounding. A segment ends at s = 1/4, and p there is fitted
to the start of the next segment exactly, by its last coefficient: 4^degree is an integer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import isqrt, lcm

import numpy as np

from lucid_coherence.open_systems.certificates.exact_generator import ExactArray, ExactGenerator

PRECISION = 72
"""Bits after the point of the coefficients: 2^-72 is far below every tube."""
SEGMENT_END = Fraction(1, 4)
LOG_BELOW = Fraction(28768207245178, 10**14)
"""A lower bound of ln(4/3), the length of a segment in units of 1/κ: ln(4/3) = 0.28768207245178…"""

START_ROUNDING = Fraction(4, 2 ** (PRECISION + 1))
"""Largest Euclidean distance of 15 rounded coordinates from the exact ones."""

Powers = tuple[int, ...]
Polynomials = dict[Powers, list[ExactArray]]
"""Per power of the uncertain rates h: the (N,) integer coefficients of 1, s, s², ..."""


@dataclass(frozen=True, slots=True)
class ScaledGenerator:
    """Â = A/κ and b̂ = b/κ as integers over one denominator."""

    matrices: tuple[ExactArray, ...]
    vectors: tuple[ExactArray, ...]
    denominator: int

    @property
    def size(self) -> int:
        """N, the number of coordinates."""
        return len(self.vectors[0])

    @property
    def uncertain(self) -> int:
        """The number of uncertain rates."""
        return len(self.vectors) - 1


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of the clock from s = 0 to 1/4.

    centre: coefficients of p, integers over 2^PRECISION.
    residual: coefficients of δ, integers over denominator · 2^PRECISION.
    size: a rational bound of the Euclidean norm of δ for 0 <= s <= 1/4 and all |h_k| <= 1.
    """

    centre: Polynomials
    residual: Polynomials
    size: Fraction


def scaled(generator: ExactGenerator, kappa: Fraction) -> ScaledGenerator:
    """Return the generator in units of κ, 1/s."""
    entries = [
        np.concatenate([matrix, vector[:, None]], axis=1) / kappa
        for matrix, vector in zip(generator.matrices, generator.vectors, strict=True)
    ]
    denominator = lcm(*{q.denominator for part in entries for q in part.reshape(-1)})
    whole = [
        np.array([[int(q * denominator) for q in row] for row in part], dtype=object)
        for part in entries
    ]
    return ScaledGenerator(
        tuple(part[:, :-1] for part in whole), tuple(part[:, -1] for part in whole), denominator
    )


def powers(uncertain: int, degree: int) -> list[Powers]:
    """Return the exponents of the monomials in h up to a total degree."""
    every = product(range(degree + 1), repeat=uncertain)
    return sorted((p for p in every if sum(p) <= degree), key=lambda p: (sum(p), p))


def rounded_start(coordinates: ExactArray) -> ExactArray:
    """Return r_0 as integers over 2^PRECISION; the tube takes the difference, `START_ROUNDING`."""
    return np.array([round(q * 2**PRECISION) for q in coordinates], dtype=object)


def segments(
    generator: ScaledGenerator, start: ExactArray, count: int, degree: int, rate_degree: int
) -> Iterator[Segment]:
    """Yield `count` segments, each starting where the one before ends.

    Args:
        generator: in units of κ.
        start: (N,) integers over 2^PRECISION.
        count: how many.
        degree: largest power of s, at least 2.
        rate_degree: largest total power of h; 0 without uncertain rates.
    """
    zero = (0,) * generator.uncertain
    known = powers(generator.uncertain, rate_degree)
    empty = np.zeros(generator.size, dtype=object) + 0
    first = dict.fromkeys(known, empty) | {zero: start}
    for _ in range(count):
        centre = _taylor(generator, first, degree)
        following = {power: _end(coefficients) for power, coefficients in centre.items()}
        for power, coefficients in centre.items():
            coefficients[-1] = _fitted(coefficients, following[power])
        residual = _residual(generator, centre, degree, rate_degree)
        yield Segment(centre, residual, _size(residual, generator.denominator))
        first = following


def _taylor(
    generator: ScaledGenerator, first: dict[Powers, ExactArray], degree: int
) -> Polynomials:
    centre = {power: [value] for power, value in first.items()}
    for k in range(degree):
        for power, known in centre.items():
            image = _image(generator, centre, power, k)
            image = image + (k - 1) * generator.denominator * known[k]
            below = generator.denominator * (k + 1)
            known.append((2 * image + below) // (2 * below))
    return centre


def _image(generator: ScaledGenerator, centre: Polynomials, power: Powers, k: int) -> ExactArray:
    """Return the coefficient of h^power s^k of Â p + (1 − s) b̂, times denominator 2^PRECISION."""
    # (1 − s) has the coefficients 1 and −1.
    ones = 2**PRECISION * (1 if k == 0 else -1 if k == 1 else 0)
    total = np.zeros(generator.size, dtype=object) + 0
    for index, (matrix, vector) in enumerate(
        zip(generator.matrices, generator.vectors, strict=True)
    ):
        lower = _lowered(power, index)
        if lower is None:
            continue
        if lower in centre and k < len(centre[lower]):
            total = total + matrix @ centre[lower][k]
        if ones and not any(lower):
            total = total + vector * ones
    return total


def _lowered(power: Powers, index: int) -> Powers | None:
    """Return the power that A_index raises to `power`; index 0 raises nothing."""
    if index == 0:
        return power
    if power[index - 1] == 0:
        return None
    return tuple(p - (place == index - 1) for place, p in enumerate(power))


def _end(coefficients: list[ExactArray]) -> ExactArray:
    """Return p(1/4)/(3/4), rounded to an integer over 2^PRECISION."""
    degree = len(coefficients) - 1
    total = _at_quarter(coefficients, degree)
    below = 3 * 4 ** (degree - 1)
    return np.asarray((2 * total + below) // (2 * below), dtype=object)


def _fitted(coefficients: list[ExactArray], following: ExactArray) -> ExactArray:
    """Return the last coefficient with which p(1/4) is exactly 3/4 of the next start."""
    degree = len(coefficients) - 1
    rest = _at_quarter(coefficients[:-1], degree)
    return np.asarray(3 * 4 ** (degree - 1) * following - rest, dtype=object)


def _at_quarter(coefficients: list[ExactArray], degree: int) -> ExactArray:
    """Return 4^degree p(1/4)."""
    return np.asarray(
        sum(value * 4 ** (degree - k) for k, value in enumerate(coefficients)), dtype=object
    )


def _residual(
    generator: ScaledGenerator, centre: Polynomials, degree: int, rate_degree: int
) -> Polynomials:
    """Return δ, exactly; its power of h is one more than that of p."""
    higher = rate_degree + (1 if generator.uncertain else 0)
    empty = np.zeros(generator.size, dtype=object) + 0
    found: Polynomials = {}
    for power in powers(generator.uncertain, higher):
        coefficients = []
        own = centre.get(power)
        for k in range(degree + 1):
            value = _image(generator, centre, power, k)
            if own is not None:
                later = own[k + 1] if k < degree else empty
                change = (k - 1) * own[k] - (k + 1) * later
                value = value + generator.denominator * change
            coefficients.append(value)
        found[power] = coefficients
    return found


def _size(residual: Polynomials, denominator: int) -> Fraction:
    """Bound |δ| by the sums of the magnitudes of its coefficients, with s^k <= 4^-k."""
    degree = len(next(iter(residual.values()))) - 1
    total = sum(
        np.abs(value) * 4 ** (degree - k)
        for coefficients in residual.values()
        for k, value in enumerate(coefficients)
    )
    squared = int((total * total).sum())
    return Fraction(isqrt(squared) + 1, 4**degree * denominator * 2**PRECISION)
