"""Multipliers that close a box: q >= 0 (free for equations) with sum q_i p_i < 0 on the box.

The pairwise test scans the Bernstein coefficients of two constraints for one multiplier; it is
what removes the clusters of small boxes along tangencies. The program does the same for all
constraints at once. [Smith2012]
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from .tensor import Floats

# Coefficients are scaled to at most 1; after some dozens of halvings the error stays below this.
_SLACK = 1e-11


@dataclass(frozen=True, slots=True)
class Combination:
    """Weights (place of the constraint, multiplier). Not sure: the bound may be exactly zero."""

    weights: tuple[tuple[int, Fraction], ...]
    sure: bool


def closing_combinations(flat: Floats, senses: list[str]) -> list[Combination | None]:
    """Return for each box a combination that closes it, if one constraint or a pair does.

    `flat` has shape (boxes, constraints, coefficients), each constraint scaled to about 1.
    """
    found: list[Combination | None] = [None] * len(flat)
    top, bottom = flat.max(axis=2), flat.min(axis=2)
    for i, sense in enumerate(senses):
        _mark(found, top[:, i] < -_SLACK, Combination(((i, Fraction(1)),), sure=True))
        if sense == ">":
            maybe = Combination(((i, Fraction(1)),), sure=False)
            _mark(found, top[:, i] <= _SLACK, maybe)
        if sense == "==":
            minus = Combination(((i, Fraction(-1)),), sure=True)
            _mark(found, bottom[:, i] > _SLACK, minus)
    open_rows = np.array([k for k, leaf in enumerate(found) if leaf is None], dtype=np.int64)
    for i, j in _pairs(senses):
        if not len(open_rows):
            break
        good, weight = _pair_multiplier(flat[open_rows, i], flat[open_rows, j], senses[j] == "==")
        for place in np.flatnonzero(good):
            q = _simple(float(weight[place]))
            found[open_rows[place]] = Combination(((i, Fraction(1)), (j, q)), sure=True)
        open_rows = open_rows[~good]
    return found


def _mark(found: list[Combination | None], rows: NDArray[np.bool_], leaf: Combination) -> None:
    for row in np.flatnonzero(rows):
        if found[row] is None or not found[row].sure:  # type: ignore[union-attr]
            found[row] = leaf


def _pairs(senses: list[str]) -> list[tuple[int, int]]:
    """Return (i, j): p_i >= 0 with weight 1, and p_j with the multiplier that is sought."""
    size = range(len(senses))
    return [
        (i, j)
        for i in size
        for j in size
        if i != j and senses[i] != "==" and (senses[j] == "==" or i < j)
    ]


def _pair_multiplier(a: Floats, b: Floats, free: bool) -> tuple[NDArray[np.bool_], Floats]:
    """Return where some q (>= 0 unless free) gives a + q*b < 0 in every coefficient, and that q."""
    shifted = a + 2 * _SLACK
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = -shifted / b
    high = np.where(b > 1e-14, ratio, np.inf).min(axis=1)
    low = np.where(b < -1e-14, ratio, -np.inf).max(axis=1)
    if not free:
        low = np.maximum(low, 0.0)
    stuck = ((np.abs(b) <= 1e-14) & (shifted >= 0)).any(axis=1)
    bounded_low, bounded_high = np.isfinite(low), np.isfinite(high)
    finite_low, finite_high = np.where(bounded_low, low, 0.0), np.where(bounded_high, high, 0.0)
    above = finite_low + 0.5 * np.abs(finite_low) + 1e-3
    below = finite_high - 0.5 * np.abs(finite_high) - 1e-3
    middle = 0.5 * (finite_low + finite_high)
    weight = np.where(bounded_high, np.where(bounded_low, middle, below), above)
    worst = (a + weight[:, None] * b).max(axis=1)
    room = _SLACK * (1 + np.abs(weight))
    good = ~stuck & (low < high) & (worst < -room) & (np.abs(weight) < 1e9)
    return good, weight


def _simple(value: float) -> Fraction:
    """Return a short rational within 2^-20 of the value relatively."""
    if value == 0:
        return Fraction(0)
    exponent = int(np.floor(np.log2(abs(value))))
    scale = Fraction(2) ** (20 - exponent)
    return Fraction(round(Fraction(value) * scale)) / scale


def closing_program(flat: Floats, senses: list[str]) -> Combination | None:
    """Return a combination of all constraints that closes one box, by linear programming.

    `flat` has shape (constraints, coefficients). Minimises the largest coefficient of the
    combination over multipliers of total size at most 1.
    """
    from scipy.optimize import linprog

    count, size = flat.shape
    free = [i for i, sense in enumerate(senses) if sense == "=="]
    columns = np.concatenate([flat, -flat[free]]) if free else flat
    matrix = np.hstack([columns.T, -np.ones((size, 1))])
    cost = np.zeros(len(columns) + 1)
    cost[-1] = 1.0
    total = np.append(np.ones(len(columns)), 0.0)[None]
    limits = [(0.0, 1.0)] * len(columns) + [(-1.0, 1.0)]
    solved = linprog(cost, A_ub=matrix, b_ub=np.zeros(size), A_eq=total, b_eq=[1.0], bounds=limits)
    if solved.status != 0 or solved.x[-1] > -1e-7:
        return None
    weights = solved.x[:count].copy()
    for place, i in enumerate(free):
        weights[i] -= solved.x[count + place]
    kept = [(i, _simple(float(w))) for i, w in enumerate(weights) if abs(w) > 1e-9]
    if not any(q > 0 and senses[i] != "==" for i, q in kept) and len(kept) > 1:
        return None
    return Combination(tuple(kept), sure=True)
