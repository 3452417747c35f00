"""Float evaluation of polynomials and their gradients at many points at once. Guides only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.polynomial import Polynomial, terms

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Family:
    """Several polynomials over the same monomials: `coefficients` (m, t), `exponents` (t, n).

    Each polynomial is scaled to largest coefficient 1; signs are kept.
    """

    exponents: NDArray[np.int64]
    coefficients: Floats

    def values(self, points: Floats) -> Floats:
        """Return the values, shape (points, m), at points of shape (points, n)."""
        return np.asarray(_monomials(points, self.exponents) @ self.coefficients.T)

    def gradients(self, points: Floats) -> Floats:
        """Return the gradients, shape (points, m, n)."""
        count = self.exponents.shape[1]
        found = np.empty((len(points), len(self.coefficients), count))
        for k in range(count):
            power = self.exponents[:, k]
            lowered = self.exponents.copy()
            lowered[:, k] = np.maximum(power - 1, 0)
            found[:, :, k] = (_monomials(points, lowered) * power) @ self.coefficients.T
        return found


def _monomials(points: Floats, exponents: NDArray[np.int64]) -> Floats:
    highest = int(exponents.max(initial=0))
    powers = np.ones((highest + 1, *points.shape))
    for d in range(1, highest + 1):
        powers[d] = powers[d - 1] * points
    result = np.ones((len(points), len(exponents)))
    for k in range(exponents.shape[1]):
        if exponents[:, k].any():
            result *= powers[exponents[:, k], :, k].T
    return result


def family_of(polynomials: Sequence[Polynomial], variables: int) -> Family:
    """Return the float family of exact polynomials over `variables` variables."""
    tables = [terms(p) for p in polynomials]
    monomials = sorted({e for table in tables for e in table}) or [(0,) * variables]
    place = {e: i for i, e in enumerate(monomials)}
    coefficients = np.zeros((len(tables), len(monomials)))
    for row, table in enumerate(tables):
        largest = max((abs(v) for v in table.values()), default=1)
        for e, value in table.items():
            coefficients[row, place[e]] = float(value / largest)
    return Family(np.array(monomials, dtype=np.int64).reshape(-1, variables), coefficients)


def halton(count: int, dimensions: int, skip: int) -> Floats:
    """Return `count` quasi-random points in the unit cube, from place `skip` on. [Halton1960]."""
    numbers = np.arange(skip + 1, skip + 1 + count)
    found = np.empty((count, dimensions))
    for k in range(dimensions):
        found[:, k] = _radical_inverse(numbers, _PRIMES[k % len(_PRIMES)])
    return found


_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def _radical_inverse(numbers: NDArray[np.int64], base: int) -> Floats:
    result = np.zeros(len(numbers))
    rest, scale = numbers.copy(), 1.0 / base
    while rest.any():
        result += (rest % base) * scale
        rest //= base
        scale /= base
    return result
