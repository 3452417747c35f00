"""Exponentials of stacks of generators, and their squares, with bounds on what rounding did.

Scaling and squaring with a Taylor polynomial [Higham2008, ch. 10] in six products
[PatersonStockmeyer1973]. No Padé quotient: its solve has no bound without a condition number, and
stacks of small products run at the speed of the processor.

Errors are counted as "weights": exp(A) is the product of 2^s steps, and every rounding enters as
one wrong factor between exact ones. If every exact product of steps has a 2-norm of at most M,
the matrix is wrong by at most 2 M² · weight, and its image of a vector whose exact evolution
never exceeds length 1 by at most 2 M · weight; the 2 is for terms of second order, and holds while
the bound itself is below 1.
"""

import math

import numpy as np

from lucid_coherence.states.batch import ComplexArray, RealArray

DEGREE = 16
SCALED_NORM = 1.0
SQUARINGS_MAX = 60
FROBENIUS_SIZE_MAX = 64
UNIT = float(np.finfo(np.float64).eps) / 2


def norm_bounds(stack: RealArray | ComplexArray) -> RealArray:
    """Return for every matrix of (p, n, n) a bound on the 2-norm of its entries' magnitudes."""
    magnitudes = np.abs(stack)
    rows, columns = magnitudes.sum(axis=2).max(axis=1), magnitudes.sum(axis=1).max(axis=1)
    bounds: RealArray = np.sqrt(rows) * np.sqrt(columns)
    return bounds


def exponentials(scaled: RealArray) -> tuple[RealArray, RealArray]:
    """Return exp(A) for every A of a (p, n, n) stack, and their weights, (p,).

    A weight of inf means that A has a norm over 2^60 or not a finite one.
    """
    norms = norm_bounds(scaled)
    feasible = norms <= SCALED_NORM * 2.0**SQUARINGS_MAX
    if not feasible.all():
        norms = np.where(feasible, norms, 0.0)
        scaled = np.where(feasible[:, None, None], scaled, 0.0)
    squarings = np.maximum(np.ceil(np.log2(np.maximum(norms, 1e-300) / SCALED_NORM)), 0)
    reduced = scaled * (2.0**-squarings)[:, None, None]
    result = _taylor(reduced)
    weights = np.full(len(scaled), _step_weight(scaled.shape[-1]))
    for done in range(int(squarings.max(initial=0))):
        active = squarings > done
        if active.all():
            result, weights = squared(result, weights)
        else:
            result[active], weights[active] = squared(result[active], weights[active])
    return result, np.where(feasible, weights, np.inf)


def squared(stack: RealArray, weights: RealArray) -> tuple[RealArray, RealArray]:
    """Return the squares of a (p, n, n) stack, and their weights.

    Rounding of a product: at most γ_n ‖A‖_F ‖B‖_F [Higham2002, eq. 3.13].
    """
    return stack @ stack, 2 * weights + product_rounding(stack)


def product_rounding(stack: RealArray) -> RealArray:
    """Return γ_n b² for every matrix of a (p, n, n) stack, with b a bound on ‖|P|‖₂.

    It bounds the rounding of P P, and that of P v for a vector of length 1 where b >= 1, as for
    every evolution that keeps a trace. b is the Frobenius norm, or one that costs more and is
    smaller for large matrices.
    """
    size = stack.shape[-1]
    flat = stack.reshape(len(stack), 1, size * size)
    squares = (flat @ flat.transpose(0, 2, 1))[:, 0, 0]
    if size > FROBENIUS_SIZE_MAX:
        squares = np.minimum(squares, norm_bounds(stack) ** 2)
    rounding: RealArray = (size + 2) * UNIT * squares
    return rounding


def _taylor(scaled: RealArray) -> RealArray:
    """Return Σ_{k<=16} A^k/k!, as a polynomial of degree 4 in A⁴ with cubics as coefficients."""
    inverse = [1.0 / math.factorial(k) for k in range(DEGREE + 1)]
    second = scaled @ scaled
    third, fourth = scaled @ second, second @ second
    total = inverse[16] * fourth
    scratch = np.empty_like(total)
    diagonal = np.arange(scaled.shape[-1])
    for first in (12, 8, 4, 0):
        for offset, power in ((1, scaled), (2, second), (3, third)):
            total += np.multiply(power, inverse[first + offset], out=scratch)
        total[:, diagonal, diagonal] += inverse[first]
        if first:
            total, scratch = np.matmul(total, fourth, out=scratch), total
    return total


def _step_weight(size: int) -> float:
    """Bound a scaled step: its remainder, and for A^k the roundings of at most k products."""
    remainder = 1.1 * SCALED_NORM ** (DEGREE + 1) / math.factorial(DEGREE + 1)
    grown = math.exp(SCALED_NORM)
    rounding = UNIT * grown * ((size + 3) * SCALED_NORM + 20)
    return remainder + 1.01 * rounding
