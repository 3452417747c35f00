"""Two constraints of degree at most two: the S-procedure, exactly where one of them is linear.

{p >= 0, s >= 0} is empty where some w >= 0 makes -(p + w s) positive everywhere; for quadratics
that are not degenerate this is also necessary [Yakubovich1971]. With p = c + b'x - x'Ax, A positive
definite, and s = d + e'x, the least value of -(p + w s) is a concave quadratic in w, so the best
weight is rational; and where even that value is negative, its minimiser lies on s = 0 with p > 0: a
counterexample in rationals. Ill-conditioned A and thin margins make no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import isqrt
from typing import Any

import numpy as np
from flint import fmpq_mat
from numpy.typing import NDArray

from lucid_validation.barrier.cases import Case
from lucid_validation.barrier.polynomial import Exponents, fraction, rational, terms
from lucid_validation.barrier.short_numbers import short_between

from .evidence import CaseProof, Identity, Term, Witness, point, positivstellensatz
from .sos_definite import Matrix, is_positive_semidefinite

CONSTRAINTS_MAX = 40
VARIABLES_MAX = 30
_WEIGHTS = np.logspace(-9, 9, 73)
_RATIO = 10**0.25
_REFINEMENTS = 6
_PAIRS_MAX = 12
_WIDTHS = (Fraction(1, 100), Fraction(1, 10**5), Fraction(1, 10**9))

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Form:
    """A constraint of degree at most two as z'Mz, z = (1, variables that occur)."""

    index: int
    matrix: Matrix
    floats: Floats
    is_linear: bool
    sense: str


@dataclass(frozen=True, slots=True)
class _Setting:
    case: Case
    basis: tuple[Exponents, ...]


@dataclass(frozen=True, slots=True)
class _Products:
    """A^-1 b, A^-1 e, b'A^-1 b, b'A^-1 e and e'A^-1 e."""

    b_image: list[Fraction]
    e_image: list[Fraction]
    bb: Fraction
    be: Fraction
    ee: Fraction


def attempt(case: Case) -> CaseProof | Witness | None:
    """Decide a plain case by two of its constraints, or return None."""
    if not case.plain or not 2 <= len(case.constraints) <= CONSTRAINTS_MAX:
        return None
    degrees = [atom.polynomial.degrees() for atom in case.constraints]
    used = [k for k in range(len(case.variables)) if any(d[k] > 0 for d in degrees)]
    if not 0 < len(used) <= VARIABLES_MAX:
        return None
    forms = _forms(case, used)
    setting = _Setting(case, _basis(len(case.variables), used))
    curved = [form for form in forms if not form.is_linear]
    bent = [form for form in curved if form.sense != "=="]
    for form in bent:
        found = _with_lines(setting, form, [other for other in forms if other.is_linear])
        if found is not None:
            return found
    surfaces = [form for form in curved if form.sense == "=="]
    pairs = [*combinations(bent, 2), *product(bent, surfaces)]
    for first, second in pairs[:_PAIRS_MAX]:
        proof = _by_weight(setting, first, second)
        if proof is not None:
            return proof
    return None


def _basis(count: int, used: list[int]) -> tuple[Exponents, ...]:
    return tuple(tuple(int(k == v) for k in range(count)) for v in [-1, *used])


def _forms(case: Case, used: list[int]) -> list[_Form]:
    place = {variable: row for row, variable in enumerate(used, start=1)}
    found = []
    for index, atom in enumerate(case.constraints):
        degree = int(atom.polynomial.total_degree())
        if 1 <= degree <= 2:
            matrix = [[Fraction(0)] * (len(used) + 1) for _ in range(len(used) + 1)]
            floats = np.zeros((len(used) + 1, len(used) + 1))
            for exponents, value in terms(atom.polynomial).items():
                rows = [place[k] for k, power in enumerate(exponents) for _ in range(power)]
                i, j = [0, 0, *rows][-2:]
                matrix[i][j] += value / 2
                matrix[j][i] += value / 2
                floats[i, j] = floats[j, i] = matrix[i][j]
            found.append(_Form(index, matrix, floats, degree == 1, atom.sense))
    return found


def _with_lines(setting: _Setting, bent: _Form, lines: list[_Form]) -> CaseProof | Witness | None:
    """Try one quadratic whose region is an ellipsoid with each linear constraint."""
    curvature = [[-q for q in row[1:]] for row in bent.matrix[1:]]
    if not lines or not is_positive_semidefinite(curvature):
        return None
    size, forms = len(curvature), [bent, *lines]
    # The first row of a form holds half of its gradient at 0.
    right = [rational(2 * form.matrix[0][i + 1]) for i in range(size) for form in forms]
    columns = fmpq_mat(size, len(forms), right)
    try:
        flat = [rational(q) for row in curvature for q in row]
        solved = fmpq_mat(size, size, flat).solve(columns)
    except ZeroDivisionError:
        return None
    images, inner = solved.transpose().tolist(), (columns.transpose() * solved).tolist()
    for k, line in enumerate(lines, start=1):
        found = _with_line(setting, bent, line, _products(images, inner, k))
        if found is not None:
            return found
    return None


def _products(images: list[list[Any]], inner: list[list[Any]], k: int) -> _Products:
    return _Products(
        [fraction(q) for q in images[0]],
        [fraction(q) for q in images[k]],
        fraction(inner[0][0]),
        fraction(inner[0][k]),
        fraction(inner[k][k]),
    )


def _with_line(
    setting: _Setting, bent: _Form, line: _Form, known: _Products
) -> CaseProof | Witness | None:
    weight = -(2 * line.matrix[0][0] + known.be) / known.ee
    if weight < 0 and line.sense != "==":
        # The centre of the ellipsoid is on the right side already.
        return point(setting.case, _everywhere(setting, [q / 2 for q in known.b_image]))
    least = -bent.matrix[0][0] - weight * line.matrix[0][0]
    least -= (known.bb + 2 * weight * known.be + weight * weight * known.ee) / 4
    if least > 0:
        near = _short_weight(weight, least, known.ee)
        return _proof(setting, (bent, line), near, least / 2)
    if least == 0:
        return _strict_proof(setting, (bent, line), weight)
    at = [(u + weight * w) / 2 for u, w in zip(known.b_image, known.e_image, strict=True)]
    return point(setting.case, _everywhere(setting, at))


def _everywhere(setting: _Setting, values: list[Fraction]) -> list[Fraction]:
    """Return a value for every variable; those that occur nowhere are 0."""
    found = [Fraction(0)] * len(setting.case.variables)
    for exponents, value in zip(setting.basis[1:], values, strict=True):
        found[exponents.index(1)] = value
    return found


def _short_weight(weight: Fraction, least: Fraction, ee: Fraction) -> Fraction:
    """Return a short weight that keeps half of the least value, which falls by ee/4 a unit^2."""
    squared = 2 * least / ee
    room = Fraction(isqrt(squared.numerator * squared.denominator), squared.denominator)
    size = abs(weight)
    found = short_between(max(Fraction(0), size - room), size + room) if room else None
    if found is None:
        return weight
    return found if weight >= 0 else -found


def _by_weight(setting: _Setting, first: _Form, second: _Form) -> CaseProof | None:
    """Find the weight of two quadratics in floats, and prove with a short one near it."""
    one, other = first.floats, second.floats
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return None
    scale = float(np.abs(one).max() / np.abs(other).max())
    # The multiplier of an equation may have either sign.
    for sign in (1, -1) if second.sense == "==" else (1,):
        weight = best_weight(one[None], sign * scale * other[None]) * scale
        if weight > 0:
            return _with_short_weight(setting, (first, second), sign * Fraction(weight))
    return None


def _with_short_weight(
    setting: _Setting, pair: tuple[_Form, _Form], weight: Fraction
) -> CaseProof | None:
    one, other = (form.floats for form in pair)
    sign = -1 if weight < 0 else 1
    for width in _WIDTHS:
        near = short_between(abs(weight) * (1 - width), abs(weight) * (1 + width))
        if near is None:
            return None
        least = float(least_values(-(one + float(sign * near) * other)[None])[0])
        if least > 0:
            return _proof(setting, pair, sign * near, Fraction(least) / 2)
    return None


def best_weight(one: Floats, other: Floats) -> float:
    """Return the weight w at which the least value of all -(one + w other) is largest, or 0.

    Both are stacks (count, n, n) of matrices of z'Mz, z = (1, x).
    """
    # A definite matrix has a positive diagonal: few pairs pass, at almost no cost.
    sides = [np.diagonal(stack, axis1=1, axis2=2)[:, 1:] for stack in (one, other)]
    negative = sides[0] + _WEIGHTS[:, None, None] * sides[1] < 0
    weights = _WEIGHTS[negative.all(axis=(1, 2))]
    best, most, ratio = 0.0, -np.inf, _RATIO
    for _ in range(_REFINEMENTS if len(weights) else 0):
        stack = -(one + weights[:, None, None, None] * other)
        values = least_values(stack.reshape(-1, *one.shape[1:])).reshape(len(weights), -1)
        lowest = values.min(axis=1)
        k = int(np.argmax(lowest))
        if lowest[k] > most:
            best, most = float(weights[k]), lowest[k]
        if not np.isfinite(most):
            break
        weights, ratio = np.geomspace(best / ratio, best * ratio, 9), ratio**0.25
    return best if most > 0 else 0.0


def least_values(stack: Floats) -> Floats:
    """Return the least value of z'Mz, z = (1, x), over x; -inf where it is not definite in x."""
    found = np.full(len(stack), -np.inf)
    definite = np.linalg.eigvalsh(stack[:, 1:, 1:])[:, 0] > 0
    sides = stack[definite, 1:, 0]
    if len(sides):
        solved = np.linalg.solve(stack[definite, 1:, 1:], sides[:, :, None])[:, :, 0]
        found[definite] = stack[definite, 0, 0] - (sides * solved).sum(axis=1)
    return found


def _proof(
    setting: _Setting, pair: tuple[_Form, _Form], weight: Fraction, least: Fraction
) -> CaseProof | None:
    """Prove by constant + p + w s + squares = 0, with a short constant of at most `least`."""
    constant = short_between(least / 2, least) or least
    return _identity(setting, pair, weight, (constant, constant, ()))


def _strict_proof(
    setting: _Setting, pair: tuple[_Form, _Form], weight: Fraction
) -> CaseProof | None:
    """Prove by p + w s + squares = 0 where one of p and s is positive, not only >= 0."""
    first, second = pair
    if first.sense == ">":
        return _identity(setting, pair, weight, (Fraction(0), Fraction(1), (first.index,)))
    if second.sense == ">" and weight > 0:
        return _identity(setting, pair, weight, (Fraction(0), weight, (second.index,)))
    return None


def _identity(
    setting: _Setting,
    pair: tuple[_Form, _Form],
    weight: Fraction,
    strict: tuple[Fraction, Fraction, tuple[int, ...]],
) -> CaseProof | None:
    """`strict` is (constant, coefficient of the strict part, its factors)."""
    constant, coefficient, factors = strict
    first, second = pair
    rows = zip(first.matrix, second.matrix, strict=True)
    gram = [[-(p + weight * s) for p, s in zip(a, b, strict=True)] for a, b in rows]
    gram[0][0] -= constant
    parts = [Term((), basis=setting.basis, gram=gram)]
    ideal: tuple[tuple[int, Any], ...] = ()
    if first.index not in factors:
        parts.append(Term((first.index,), coefficient=Fraction(1)))
    if second.sense == "==":
        multiplier = setting.case.ring.plain_context.constant(rational(weight))
        ideal = ((second.index, multiplier),)
    elif second.index not in factors:
        parts.append(Term((second.index,), coefficient=weight))
    return positivstellensatz(setting.case, Identity(coefficient, factors, tuple(parts), ideal))
