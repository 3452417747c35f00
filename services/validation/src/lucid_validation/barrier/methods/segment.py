"""Witnesses on a surface h = 0: a rational segment on which h changes sign, all else holding.

Univariate restrictions to the segment are decided exactly, by Bernstein coefficients and halving.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import comb
from typing import Any

import numpy as np
from flint import fmpq, fmpq_poly

from lucid_validation.barrier.formula import Atom
from lucid_validation.barrier.polynomial import Polynomial, rational

from .elimination import Placed, Reduced
from .evidence import Witness, evaluate, values_json
from .falsifier_confirm import Bounds
from .numeric import Floats
from .numeric_region import Region

# Binary logarithms of the half lengths, relative to the size of the point: short numbers first.
_LENGTHS = (-6, -10, -14, -18, -22, -26, -30)
_HALVINGS = 12
_TRIED = 3


def segment(
    reduced: Reduced, surface: Placed, candidate: Floats, region: Region, bounds: Bounds
) -> Witness | None:
    """Return a segment through a float point of the surface (in multiples of sizes), or None.

    The case must have exactly one equation, and whatever was solved for must be affine: only then
    a segment of the free variables is one of all variables.
    """
    index = _index_of(reduced, surface)
    if index is None:
        return None
    for pair in _proposals(candidate, region, bounds)[:_TRIED]:
        ends = [reduced.lift([end[k] for k in reduced.free]) for end in pair]
        found = _confirm(reduced, index, ends)
        if found is not None:
            return found
    return None


def _index_of(reduced: Reduced, surface: Placed) -> int | None:
    """Return the place of the surface if it is the one equation of the case."""
    equations = [i for i, atom in enumerate(reduced.case.constraints) if atom.sense == "=="]
    if equations != list(surface.origins):
        return None
    if any(int(step.expression.total_degree()) > 1 for step in reduced.solved):
        return None
    return equations[0]


def _proposals(
    candidate: Floats, region: Region, bounds: Bounds
) -> list[tuple[list[Fraction], list[Fraction]]]:
    """Return the segments across the surface that look right in floats, longest first.

    Those along one variable come first: all other coordinates stay constant, which makes the exact
    restrictions cheap for whoever checks. Then those along the gradient.
    """
    m = region.inequalities
    _, slopes = region.model.both(candidate[None])
    gradient = slopes[0, m].copy()
    size = 1.0 + float(np.abs(candidate).max(initial=0.0))
    # A variable at a bound stays there: the segment must not leave the box.
    near = 1e-9 * size
    gradient[(candidate <= region.lower + near) | (candidate >= region.upper - near)] = 0.0
    norm = float(np.linalg.norm(gradient))
    if not np.isfinite(norm) or norm == 0:
        return []
    axis = np.zeros(len(gradient))
    axis[np.abs(gradient).argmax()] = size
    steps = [axis] if np.count_nonzero(gradient) == 1 else [axis, gradient / norm * size]
    pairs = [
        (
            _rounded(candidate - 2.0**length * step, length, region, bounds),
            _rounded(candidate + 2.0**length * step, length, region, bounds),
        )
        for step in steps
        for length in _LENGTHS
    ]
    ends = np.array([[[float(v) for v in end] for end in pair] for pair in pairs]) / region.sizes
    values = region.model.values(ends.reshape(-1, ends.shape[2])).reshape(len(pairs), 2, -1)
    opposite = values[:, 0, m] * values[:, 1, m] < 0
    held = (values[:, :, :m] > -1e-13).all(axis=(1, 2))
    return [pair for pair, good in zip(pairs, opposite & held, strict=True) if good]


def _rounded(end: Floats, length: int, region: Region, bounds: Bounds) -> list[Fraction]:
    """Return an end in the variables themselves, on a grid much finer than the segment."""
    scale = 2 ** (8 - length)
    values = [
        Fraction(round(v * scale), scale) * Fraction(size)
        for v, size in zip(end.tolist(), region.sizes.tolist(), strict=True)
    ]
    return bounds.clip(values)


def _confirm(reduced: Reduced, index: int, ends: Sequence[list[Fraction]]) -> Witness | None:
    case = reduced.case
    first, last = ends
    surface = case.constraints[index].polynomial
    if evaluate(surface, first) * evaluate(surface, last) >= 0:
        return None
    for place, atom in enumerate(case.constraints):
        if place != index and not holds_along(atom, first, last):
            return None
    return Witness(
        {
            "type": "segment",
            "equation": index,
            "from": values_json(case, first),
            "to": values_json(case, last),
        }
    )


def holds_along(atom: Atom, first: Sequence[Fraction], last: Sequence[Fraction]) -> bool:
    """Decide whether an inequality holds on the whole closed segment; False where in doubt."""
    along = restrict(atom.polynomial, first, last)
    if along.degree() < 1:
        value = along[0]
        return bool(value > 0 or (value == 0 and atom.sense == ">="))
    return _is_positive(_bernstein(along), atom.sense == ">", _HALVINGS)


def _is_positive(values: list[Any], strict: bool, halvings: int) -> bool:
    """Show a sign on [0, 1] from Bernstein coefficients, halving by de Casteljau's rule."""
    if values[0] < 0 or values[-1] < 0 or (strict and (values[0] == 0 or values[-1] == 0)):
        return False
    if all(value >= 0 for value in values):
        # Positive ends and no negative coefficient: positive everywhere between.
        return True
    if halvings == 0:
        return False
    left, right, row = [values[0]], [values[-1]], values
    for _ in range(len(values) - 1):
        row = [(a + b) / 2 for a, b in pairwise(row)]
        left.append(row[0])
        right.append(row[-1])
    return _is_positive(left, strict, halvings - 1) and _is_positive(
        right[::-1], strict, halvings - 1
    )


def _bernstein(along: Any) -> list[Any]:
    degree = along.degree()
    return [
        sum((fmpq(comb(i, j), comb(degree, j)) * along[j] for j in range(i + 1)), fmpq(0))
        for i in range(degree + 1)
    ]


def restrict(polynomial: Polynomial, first: Sequence[Fraction], last: Sequence[Fraction]) -> Any:
    """Return the univariate polynomial s -> p(first + s * (last - first)), by interpolation."""
    degree = int(polynomial.total_degree()) if len(polynomial) else 0
    begin = [rational(a) for a in first]
    step = [rational(b - a) for a, b in zip(first, last, strict=True)]
    # Newton's divided differences at 0, 1, ..., degree.
    row = [
        polynomial(*[a + s * d for a, d in zip(begin, step, strict=True)])
        for s in range(degree + 1)
    ]
    found, factor, fall = fmpq_poly([0]), fmpq_poly([1]), 1
    for k in range(degree + 1):
        found += factor * (row[0] / fall)
        factor *= fmpq_poly([-k, 1])
        fall *= k + 1
        row = [b - a for a, b in pairwise(row)]
    return found
