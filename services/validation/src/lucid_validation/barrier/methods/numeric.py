"""Float evaluation of polynomials and their gradients at many points at once. Guides only.

Every polynomial is compiled once: all monomials of the family and of its derivatives form chains
(each is a shorter one times a variable), so that one pass over the chains and one matrix product
give all values and gradients at all points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.polynomial import Polynomial

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Family:
    """`rows` polynomials in `variables` variables, each scaled to largest coefficient 1 if asked.

    `matrix` has one row for each polynomial, then one for each (polynomial, variable) derivative;
    its columns are the monomials. `levels` says how the monomials of each degree follow from those
    before: (first column, parents, variables).
    """

    rows: int
    variables: int
    matrix: Floats
    levels: tuple[tuple[int, Integers, Integers], ...]

    def values(self, points: Floats) -> Floats:
        """Return the values, shape (points, rows), at points of shape (points, variables).

        Infinite or not a number where they pass the range of floats.
        """
        with np.errstate(all="ignore"):
            return np.asarray((self.matrix[: self.rows] @ self._monomials(points)).T)

    def gradients(self, points: Floats) -> Floats:
        """Return the gradients, shape (points, rows, variables)."""
        return self.both(points)[1]

    def both(self, points: Floats) -> tuple[Floats, Floats]:
        """Return values and gradients."""
        with np.errstate(all="ignore"):
            found = self.matrix @ self._monomials(points)
        slopes = found[self.rows :].reshape(self.rows, self.variables, len(points))
        return found[: self.rows].T, slopes.transpose(2, 0, 1)

    def _monomials(self, points: Floats) -> Floats:
        """Return the monomials, shape (monomials, points)."""
        columns = points.T
        result = np.empty((self.matrix.shape[1], len(points)))
        result[0] = 1.0
        for first, parents, variables in self.levels:
            np.multiply(
                result[parents], columns[variables], out=result[first : first + len(parents)]
            )
        return result


def family_of(
    polynomials: Sequence[Polynomial],
    variables: int,
    *,
    scaled: bool = True,
    sizes: Floats | None = None,
) -> Family:
    """Return the float family of exact polynomials in (the first) `variables` generators.

    With `sizes` the points are given in multiples of them, one for each variable.
    """
    exponents, coefficients, rows = _read(polynomials, variables)
    if sizes is not None:
        coefficients = coefficients * np.prod(sizes**exponents, axis=1)
    if scaled:
        largest = np.zeros(len(polynomials))
        np.maximum.at(largest, rows, np.abs(coefficients))
        coefficients = coefficients / largest[rows]
    count = len(polynomials)
    weights = _weights(variables)
    parts_e, parts_c, parts_r = [exponents], [coefficients], [rows]
    for k in range(variables):
        has = exponents[:, k] > 0
        lowered = exponents[has]
        parts_c.append(coefficients[has] * lowered[:, k])
        lowered[:, k] -= 1
        parts_e.append(lowered)
        parts_r.append(count + rows[has] * variables + k)
    every = np.concatenate(parts_e)
    monomials, levels = _chains(every, weights)
    keys = _keys(monomials, weights)
    order = np.argsort(keys)
    place = order[np.searchsorted(keys[order], _keys(every, weights))]
    matrix = np.zeros((count * (1 + variables), len(monomials)))
    matrix[np.concatenate(parts_r), place] = np.concatenate(parts_c)
    return Family(count, variables, matrix, levels)


def _read(polynomials: Sequence[Polynomial], variables: int) -> tuple[Integers, Floats, Integers]:
    """Return exponents (t, variables), coefficients (t,) and the polynomial of each term."""
    exponents = [np.zeros((0, variables), dtype=np.int64)]
    coefficients, rows = [np.zeros(0)], [np.zeros(0, dtype=np.int64)]
    for row, polynomial in enumerate(polynomials):
        size = len(polynomial)
        if not size:
            continue
        found = np.array(polynomial.monoms(), dtype=np.int64).reshape(size, -1)
        exponents.append(found[:, :variables])
        coefficients.append(np.array([float(q) for q in polynomial.coeffs()]))
        rows.append(np.full(size, row, dtype=np.int64))
    return np.concatenate(exponents), np.concatenate(coefficients), np.concatenate(rows)


def _weights(variables: int) -> Keys:
    """Return one odd 64-bit weight per variable: monomials are told apart by their weighted sum."""
    weight, found = 0x9E3779B97F4A7C15, []
    for _ in range(variables):
        found.append(weight)
        weight = weight * 0xD1342543DE82EF95 % 2**64
    return np.array(found, dtype=np.uint64)


def _keys(exponents: Integers, weights: Keys) -> Keys:
    return np.asarray((exponents.astype(np.uint64) * weights).sum(axis=1, dtype=np.uint64))


def _chains(
    every: Integers, weights: Keys
) -> tuple[Integers, tuple[tuple[int, Integers, Integers], ...]]:
    """Return the monomials by degree, completed to chains, and the parents level by level."""
    degrees = every.sum(axis=1)
    highest = int(degrees.max(initial=0))
    stages: list[Integers] = []
    above = every[:0]
    for degree in range(highest, 0, -1):
        here = np.concatenate([every[degrees == degree], above])
        _, unique = np.unique(_keys(here, weights), return_index=True)
        stages.append(here[unique])
        above = stages[-1].copy()
        above[np.arange(len(above)), _last_variable(above)] -= 1
    below = np.zeros((1, every.shape[1]), dtype=np.int64)
    first, levels, blocks = 1, [], [below]
    offset = 0
    for block in reversed(stages):
        last = _last_variable(block)
        keys = _keys(block, weights) - weights[last]
        known = _keys(below, weights)
        order = np.argsort(known)
        parents = offset + order[np.searchsorted(known[order], keys)]
        levels.append((first, parents, last))
        offset, below = first, block
        first += len(block)
        blocks.append(block)
    return np.concatenate(blocks), tuple(levels)


def _last_variable(exponents: Integers) -> Integers:
    count = exponents.shape[1]
    return np.asarray(count - 1 - np.argmax(exponents[:, ::-1] > 0, axis=1), dtype=np.int64)


def halton(count: int, dimensions: int, skip: int) -> Floats:
    """Return `count` quasi-random points in the unit cube, from place `skip` on. [Halton1960]."""
    numbers = np.arange(skip + 1, skip + 1 + count)
    found = np.empty((count, dimensions))
    for k in range(dimensions):
        found[:, k] = _radical_inverse(numbers, _PRIMES[k % len(_PRIMES)])
    return found


_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def _radical_inverse(numbers: Integers, base: int) -> Floats:
    result = np.zeros(len(numbers))
    rest, scale = numbers.copy(), 1.0 / base
    while rest.any():
        result += (rest % base) * scale
        rest //= base
        scale /= base
    return result
