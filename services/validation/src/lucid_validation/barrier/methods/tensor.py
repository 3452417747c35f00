"""Bernstein coefficients of polynomials on boxes: floats with an error bound, or exact.

A polynomial of degree d_k in variable k has prod(d_k + 1) coefficients on a box; its range lies
between the smallest and the largest. [Garloff1993], [Farouki2012]
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import comb, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.polynomial import Polynomial

Floats = NDArray[np.float64]
Integers = NDArray[Any]
Range = tuple[Fraction, Fraction]

_UNIT = 2.0**-53


def float_root(
    polynomials: Sequence[Polynomial],
    used: Sequence[int],
    degrees: Sequence[int],
    box: Sequence[Range],
    *,
    error_max: float,
) -> tuple[Floats, Floats, tuple[int, ...]] | None:
    """Return scaled coefficients, bounds on their errors, and the scales as powers of two.

    Where the bound would be above `error_max` of the largest coefficient, because cancellation has
    eaten the digits, the conversion is repeated in exact arithmetic, which costs far more.

    The tensor has shape (len(polynomials), d_1 + 1, ..., d_u + 1) for the variables in `used`;
    row j times 2^exponents[j] are the coefficients of polynomial j, and at most 1 in size. None
    where a number is beyond the floats.
    """
    shape = [d + 1 for d in degrees]
    rows, errors, exponents = [], [], []
    try:
        matrices = [
            _conversion_floats(d, low, high) for d, (low, high) in zip(degrees, box, strict=True)
        ]
        for polynomial in polynomials:
            row, error = _converted(polynomial, used, shape, matrices)
            largest = float(np.abs(row).max())
            if error > error_max * largest:
                row, error = _rounded(*exact_coefficients(polynomial, used, degrees, box))
                largest = float(np.abs(row).max())
            exponent = int(np.frexp(largest)[1]) if largest > 0.0 else 0
            rows.append(np.ldexp(row, -exponent))
            errors.append(float(np.ldexp(error, -exponent)) + 1e-300)
            exponents.append(exponent)
    except OverflowError:
        return None
    tensor = np.stack(rows)
    if not np.isfinite(tensor).all() or not np.isfinite(errors).all():
        return None
    return tensor, np.array(errors), tuple(exponents)


def _converted(
    polynomial: Polynomial,
    used: Sequence[int],
    shape: Sequence[int],
    matrices: Sequence[tuple[Floats, Floats]],
) -> tuple[Floats, float]:
    """Return the coefficients in floats, and a bound on the error of each.

    A coefficient is a sum of products of one coefficient and one matrix entry per axis, each
    rounded once, in any order of adding: gamma_k times the same sum of absolute values.
    [Higham2002]
    """
    tensor = power_tensor(polynomial, used, shape)
    sizes = np.abs(tensor)
    operations = 4
    for axis, (matrix, absolute) in enumerate(matrices):
        operations += len(matrix) + 3
        tensor = _along(matrix, tensor, axis)
        sizes = _along(absolute, sizes, axis)
    gamma = 1.01 * operations * _UNIT
    return tensor, gamma * float(sizes.max()) + 1e-300


def _along(matrix: Floats, tensor: Floats, axis: int) -> Floats:
    """Multiply every line of a tensor along one axis by a matrix."""
    shape = tensor.shape
    if axis == len(shape) - 1:
        return tensor @ matrix.T
    found: Floats = matrix @ tensor.reshape(*shape[: axis + 1], -1)
    return found.reshape(shape)


def power_tensor(polynomial: Polynomial, used: Sequence[int], shape: Sequence[int]) -> Floats:
    """Return the coefficients by exponents of the variables in `used`, each rounded once."""
    tensor = np.zeros(shape)
    for exponents, value in zip(polynomial.monoms(), polynomial.coeffs(), strict=True):
        tensor[tuple([exponents[k] for k in used])] = float(value)
    return tensor


def _rounded(exact: Integers, denominator: int) -> tuple[Floats, float]:
    row = np.array([value / denominator for value in exact.ravel()]).reshape(exact.shape)
    return row, 1.01 * _UNIT * float(np.abs(row).max()) + 1e-300


def exact_coefficients(
    polynomial: Polynomial, used: Sequence[int], degrees: Sequence[int], box: Sequence[Range]
) -> tuple[Integers, int]:
    """Return the exact coefficients: integers (d_1 + 1, ..., d_u + 1) over one denominator > 0."""
    found = polynomial.to_dict()
    denominator = lcm(*(int(value.q) for value in found.values()))
    tensor = np.full([d + 1 for d in degrees], 0, dtype=object)
    for exponents, value in found.items():
        tensor[tuple(exponents[k] for k in used)] = int(value.p) * (denominator // int(value.q))
    for axis, (degree, (low, high)) in enumerate(zip(degrees, box, strict=True)):
        matrix, scale = conversion(degree, low, high)
        tensor = np.moveaxis(np.tensordot(matrix, tensor, axes=(1, axis)), 0, axis)
        denominator *= scale
    return tensor, denominator


def is_nonpositive(
    polynomial: Polynomial, used: Sequence[int], degrees: Sequence[int], box: Sequence[Range]
) -> bool:
    """Say whether no exact Bernstein coefficient on the box is positive."""
    return bool(max(exact_coefficients(polynomial, used, degrees, box)[0].ravel()) <= 0)


@lru_cache(maxsize=4096)
def conversion(degree: int, low: Fraction, high: Fraction) -> tuple[Integers, int]:
    """Return the matrix from powers of x to Bernstein coefficients on [low, high], as a fraction.

    Integers (degree + 1, degree + 1) over one denominator > 0.
    """
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
    scale = lcm(*(value.denominator for value in matrix.ravel()))
    for place, value in np.ndenumerate(matrix):
        matrix[place] = value.numerator * (scale // value.denominator)
    return matrix, scale


@lru_cache(maxsize=4096)
def _conversion_floats(degree: int, low: Fraction, high: Fraction) -> tuple[Floats, Floats]:
    """Return the rounded matrix and its absolute values."""
    exact, scale = conversion(degree, low, high)
    matrix = np.array([[value / scale for value in row] for row in exact])
    return matrix, np.abs(matrix)
