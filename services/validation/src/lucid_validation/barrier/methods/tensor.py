"""Bernstein coefficient tensors on boxes: exact integers to prove, floats to guide.

A polynomial of degree d_k in variable k has prod(d_k + 1) coefficients on a box; its range lies
between the smallest and the largest. Halving a box is a matrix product per axis. [Garloff1993]
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import comb, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.polynomial import Exponents, Polynomial, terms

Floats = NDArray[np.float64]
Integers = NDArray[Any]


def root_coefficients(
    polynomials: Sequence[Polynomial],
    used: Sequence[int],
    degrees: Sequence[int],
    box: Sequence[tuple[Fraction, Fraction]],
) -> Integers:
    """Return exact coefficients as integers over one positive common denominator.

    Shape (len(polynomials), d_1 + 1, ..., d_u + 1) for the variables in `used`; `box` gives their
    ranges and `degrees` their Bernstein degrees (at least the polynomials' own).
    """
    tensors = [_power_tensor(terms(p), used, degrees) for p in polynomials]
    for axis, (degree, (low, high)) in enumerate(zip(degrees, box, strict=True)):
        matrix = _to_bernstein(degree, low, high)
        tensors = [_apply(matrix, tensor, axis) for tensor in tensors]
    stacked = np.stack(tensors)
    denominator = lcm(*(value.denominator for value in stacked.ravel()))
    flat = [value.numerator * (denominator // value.denominator) for value in stacked.ravel()]
    result = np.empty(len(flat), dtype=object)
    result[:] = flat
    return result.reshape(stacked.shape)


def _power_tensor(
    found: dict[Exponents, Fraction], used: Sequence[int], degrees: Sequence[int]
) -> Integers:
    tensor = np.full([d + 1 for d in degrees], Fraction(0), dtype=object)
    for exponents, value in found.items():
        tensor[tuple(exponents[k] for k in used)] = value
    return tensor


def _apply(matrix: Integers, tensor: Integers, axis: int) -> Integers:
    moved = np.tensordot(matrix, tensor, axes=(1, axis))
    return np.moveaxis(moved, 0, axis)


def _to_bernstein(degree: int, low: Fraction, high: Fraction) -> Integers:
    """Return the matrix from powers of x to Bernstein coefficients on [low, high]."""
    width = high - low
    matrix = np.full((degree + 1, degree + 1), Fraction(0), dtype=object)
    for k in range(degree + 1):
        # x^k = (low + width t)^k, and t^j = sum_i C(i,j)/C(d,j) B_i.
        shifted = [comb(k, j) * low ** (k - j) * width**j for j in range(k + 1)]
        for i in range(degree + 1):
            matrix[i, k] = sum(
                (Fraction(comb(i, j), comb(degree, j)) * shifted[j] for j in range(min(i, k) + 1)),
                Fraction(0),
            )
    return matrix


@cache
def halving(degree: int) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Return integer matrices (left, right) of the two halves, both scaled by 2^degree."""
    size = range(degree + 1)
    left = tuple(tuple(comb(i, j) * 2 ** (degree - i) for j in size) for i in size)
    right = tuple(tuple(left[degree - i][degree - j] for j in size) for i in size)
    return left, right


def halves_exactly(tensor: Integers, axis: int) -> tuple[Integers, Integers]:
    """Return the coefficients on both halves along `axis` (1-based: 0 counts the constraints)."""
    degree = tensor.shape[axis] - 1
    left, right = halving(degree)
    return (
        _apply(np.array(left, dtype=object), tensor, axis),
        _apply(np.array(right, dtype=object), tensor, axis),
    )


def halves(batch: Floats, axis: int) -> tuple[Floats, Floats]:
    """Return both halves for a whole batch; axis 0 counts boxes, axis 1 constraints."""
    degree = batch.shape[axis] - 1
    scale = 2.0**-degree
    moved = np.moveaxis(batch, axis, -1)
    left, right = (np.array(matrix, dtype=np.float64).T * scale for matrix in halving(degree))
    return np.moveaxis(moved @ left, -1, axis), np.moveaxis(moved @ right, -1, axis)
