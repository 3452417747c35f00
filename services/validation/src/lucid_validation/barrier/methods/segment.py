"""Witnesses on a surface h = 0: an exact rational point, or a segment on which h changes sign."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq_poly

from lucid_validation.barrier.formula import Atom
from lucid_validation.barrier.polynomial import Polynomial, rational, terms

from .elimination import Reduced
from .evidence import Witness, evaluate, point, values_json
from .numeric import Floats, family_of


def segment(reduced: Reduced, equation: Atom, candidate: Floats) -> Witness | None:
    """Return a witness near a float point of the surface, or None.

    A rational point on the surface is tried first, by solving for a variable that occurs linearly;
    then segments along the gradient, longest first.
    """
    exact = _rational_point(reduced, equation, candidate)
    if exact is not None:
        return exact
    index = _index_of(reduced, equation)
    if index is None:
        return None
    slope = family_of([equation.polynomial], len(candidate)).gradients(candidate[None])[0, 0]
    norm = float(np.linalg.norm(slope))
    if not np.isfinite(norm) or norm == 0:
        return None
    direction = slope / norm
    size = 1.0 + float(np.abs(candidate).max())
    for length in (1e-2, 1e-4, 1e-6, 1e-9):
        ends = [_rounded(candidate + s * length * size * direction, length) for s in (-1.0, 1.0)]
        found = _confirm(reduced, index, ends)
        if found is not None:
            return found
    return None


def _index_of(reduced: Reduced, equation: Atom) -> int | None:
    """Return the place of the surface in the original case if nothing was solved for it."""
    if reduced.solved:
        return None
    equations = [i for i, atom in enumerate(reduced.case.constraints) if atom.sense == "=="]
    if len(equations) != 1 or reduced.case.constraints[equations[0]] != equation:
        return None
    return equations[0]


def _rational_point(reduced: Reduced, equation: Atom, candidate: Floats) -> Witness | None:
    """Round all variables but one and solve the equation for that one, if it is linear in it."""
    for k in reduced.free:
        if equation.polynomial.degrees()[k] != 1:
            continue
        slope = equation.polynomial.derivative(k)
        for scale in (1, 8, 64, 1024, 10**6, 10**10):
            full = [Fraction(round(Fraction(float(v)) * scale), scale) for v in candidate]
            full[k] = Fraction(0)
            steep = evaluate(slope, full)
            if steep == 0:
                continue
            full[k] = -evaluate(equation.polynomial, full) / steep
            found = point(reduced.case, reduced.lift([full[i] for i in reduced.free]))
            if found is not None:
                return found
    return None


def _rounded(values: Floats, length: float) -> list[Fraction]:
    scale = 10 ** (3 + max(0, int(-np.log10(length))))
    return [Fraction(round(Fraction(float(v)) * scale), scale) for v in values]


def _confirm(reduced: Reduced, index: int, ends: Sequence[list[Fraction]]) -> Witness | None:
    case = reduced.case
    first, last = ends
    surface = case.constraints[index].polynomial
    if evaluate(surface, first) * evaluate(surface, last) >= 0:
        return None
    for place, atom in enumerate(case.constraints):
        if place != index and not _holds_along(atom, first, last):
            return None
    return Witness(
        {
            "type": "segment",
            "equation": index,
            "from": values_json(case, first),
            "to": values_json(case, last),
        }
    )


def _holds_along(atom: Atom, first: Sequence[Fraction], last: Sequence[Fraction]) -> bool:
    """Decide exactly whether an inequality holds on the whole closed segment."""
    along = restrict(atom.polynomial, first, last)
    if along.degree() < 1:
        value = along[0]
        return bool(value > 0 or (value == 0 and atom.sense == ">="))
    start, end = along(0), along(1)
    if atom.sense == ">" and (start <= 0 or end <= 0):
        return False
    if start < 0 or end < 0:
        return False
    return _no_sign_change(along, 0)


def _no_sign_change(along: Any, depth: int) -> bool:
    """Show positivity on the open unit interval by Bernstein coefficients and halving."""
    degree = along.degree()
    coefficients = [along[k] for k in range(degree + 1)]
    bernstein = _bernstein(coefficients)
    if all(value > 0 for value in bernstein[1:-1]) and bernstein[0] >= 0 and bernstein[-1] >= 0:
        return bool(bernstein[0] > 0 or bernstein[-1] > 0 or degree > 1)
    if depth >= 12 or any(along(x) <= 0 for x in (rational(Fraction(1, 2)),)):
        return False
    half = fmpq_poly([0, rational(Fraction(1, 2))])
    upper = fmpq_poly([rational(Fraction(1, 2)), rational(Fraction(1, 2))])
    return _no_sign_change(along(half), depth + 1) and _no_sign_change(along(upper), depth + 1)


def _bernstein(coefficients: Sequence[Any]) -> list[Any]:
    from math import comb

    degree = len(coefficients) - 1
    return [
        sum(
            (
                rational(Fraction(comb(i, j), comb(degree, j))) * coefficients[j]
                for j in range(i + 1)
            ),
            rational(0),
        )
        for i in range(degree + 1)
    ]


def restrict(polynomial: Polynomial, first: Sequence[Fraction], last: Sequence[Fraction]) -> Any:
    """Return the univariate polynomial s -> p(first + s * (last - first))."""
    lines = [fmpq_poly([rational(a), rational(b - a)]) for a, b in zip(first, last, strict=True)]
    total = fmpq_poly([0])
    for exponents, value in terms(polynomial).items():
        product = fmpq_poly([rational(value)])
        for line, power in zip(lines, exponents, strict=True):
            if power:
                product *= line**power
        total += product
    return total
