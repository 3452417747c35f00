"""Identities found by linear programming: products of constraints and diagonally dominant squares.

The simplex method returns a vertex; its support is solved again exactly, so that identities without
any margin come out right. [Handelman1988], [Ahmadi2019]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from math import ceil, comb

import numpy as np
from flint import fmpq_mat

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Exponents, fraction, rational, terms

from .evidence import CaseProof, Identity, Term, positivstellensatz
from .sos_program import Terms, multiply
from .sos_program import monomials as monomials_within

_COLUMNS_MAX = 2_500
_ROWS_MAX = 700
_PRODUCTS_MAX = 160
_SQUARES_MAX = 14
_MORE_SQUARES_MAX = 36


@dataclass(frozen=True, slots=True)
class _Column:
    """`prod(factors) * v^2` with v the sum of signed monomials, or `equation * monomial`."""

    value: Terms
    factors: tuple[int, ...] = ()
    square: tuple[tuple[Exponents, int], ...] = ()
    equation: int = -1
    monomial: Exponents = ()
    strict: bool = False


def attempt(case: Case, effort: int, budget: Budget) -> CaseProof | None:
    """Prove a plain case empty, or None. Effort 2 takes more squares, each further one degree 2."""
    columns = _columns(case, max(0, effort - 2), _SQUARES_MAX if effort < 2 else _MORE_SQUARES_MAX)
    rows = {e: r for r, e in enumerate(sorted({e for c in columns for e in c.value}))}
    if not columns or len(columns) > _COLUMNS_MAX or len(rows) > _ROWS_MAX:
        return None
    support = _vertex(columns, rows, budget)
    if support is None:
        return None
    weights = _exactly([columns[k] for k in support], rows)
    if weights is None:
        return None
    return _proof(case, [columns[k] for k in support], weights)


def _columns(case: Case, extra: int, squares_max: int) -> list[_Column]:
    tables = [terms(atom.polynomial) for atom in case.constraints]
    count = len(case.variables)
    degree = 2 * ceil(max((sum(e) for t in tables for e in t), default=0) / 2) + 2 * extra
    used = [k for k in range(count) if any(e[k] for t in tables for e in t)]
    unit: Terms = {(0,) * count: Fraction(1)}
    found = [_Column(unit, strict=True)]
    products = list(_products(case, tables, degree))
    for factors, value in products:
        strict = all(case.constraints[i].sense == ">" for i in factors)
        found.append(_Column(value, factors, strict=strict))
    short = [((), unit), *[(f, v) for f, v in products if len(f) == 1]]
    for factors, value in short:
        room = (degree - _degree(value)) // 2
        if room >= 0 and comb(len(used) + room, room) <= squares_max:
            basis = _monomials(used, count, room)
            found += _squares(factors, value, basis, pairs=not factors or len(basis) <= 4)
    for j, atom in enumerate(case.constraints):
        room = degree - _degree(tables[j])
        if atom.sense == "==" and room >= 0 and comb(len(used) + room, room) <= 300:
            found += [
                _Column(multiply({e: Fraction(1)}, tables[j]), equation=j, monomial=e)
                for e in _monomials(used, count, room)
            ]
    return found


def _monomials(used: Sequence[int], count: int, degree: int) -> list[Exponents]:
    return monomials_within([degree if k in used else 0 for k in range(count)], degree)


def _degree(value: Terms) -> int:
    return max((sum(e) for e in value), default=0)


def _products(
    case: Case, tables: Sequence[Terms], degree: int
) -> Iterator[tuple[tuple[int, ...], Terms]]:
    """Yield products of one, two and three constraints within the degree, the short ones first."""
    usable = [i for i, a in enumerate(case.constraints) if a.sense != "==" and tables[i]]
    made: dict[tuple[int, ...], Terms] = {(): {(0,) * len(case.variables): Fraction(1)}}
    number = 0
    for size in (1, 2, 3):
        for factors in combinations_with_replacement(usable, size):
            if sum(_degree(tables[i]) for i in factors) > degree and size > 1:
                continue
            number += 1
            if number > _PRODUCTS_MAX:
                return
            head = made.get(factors[:-1])
            if head is None:
                continue
            value = multiply(head, tables[factors[-1]])
            made[factors] = value
            yield factors, {e: q for e, q in value.items() if q}


def _squares(
    factors: tuple[int, ...], value: Terms, basis: Sequence[Exponents], *, pairs: bool
) -> Iterator[_Column]:
    vectors: list[tuple[tuple[Exponents, int], ...]] = [((e, 1),) for e in basis if any(e)]
    if pairs:
        for a, b in combinations(basis, 2):
            vectors += [((a, 1), (b, 1)), ((a, 1), (b, -1))]
    for vector in vectors:
        root = {e: Fraction(sign) for e, sign in vector}
        product = multiply(multiply(root, root), value)
        yield _Column({e: q for e, q in product.items() if q}, factors, vector)


def _vertex(
    columns: Sequence[_Column], rows: dict[Exponents, int], budget: Budget
) -> list[int] | None:
    """Return the support of a vertex with total weight 1 on strict products, or None."""
    from scipy import sparse
    from scipy.optimize import linprog

    at, places, values = [], [], []
    for c, column in enumerate(columns):
        size = max(abs(q) for q in column.value.values()) if column.value else Fraction(1)
        for e, q in column.value.items():
            at.append(rows[e])
            places.append(c)
            values.append(float(q / size))
        if column.strict:
            at.append(len(rows))
            places.append(c)
            values.append(1.0)
    matrix = sparse.csc_matrix((values, (at, places)), shape=(len(rows) + 1, len(columns)))
    right = np.zeros(len(rows) + 1)
    right[-1] = 1.0
    solved = linprog(
        np.array([0.0 if c.equation >= 0 else 1.0 for c in columns]),
        A_eq=matrix,
        b_eq=right,
        bounds=[(None, None) if c.equation >= 0 else (0.0, None) for c in columns],
        method="highs-ds",
        options={"time_limit": max(0.05, min(3.0, budget.remaining()))},
    )
    if solved.status != 0:
        return None
    return [int(k) for k in np.flatnonzero(np.abs(solved.x) > 1e-9)]


def _exactly(columns: Sequence[_Column], rows: dict[Exponents, int]) -> list[Fraction] | None:
    """Return weights that satisfy the identity exactly, non-negative where they must be."""
    if not columns or len(columns) > 250:
        return None
    touched = sorted({rows[e] for column in columns for e in column.value})
    place = {row: r for r, row in enumerate(touched)}
    zero = rational(0)
    table = [[zero] * (len(columns) + 1) for _ in range(len(touched) + 1)]
    for c, column in enumerate(columns):
        for e, q in column.value.items():
            table[place[rows[e]]][c] = rational(q)
        if column.strict:
            table[-1][c] = rational(1)
    table[-1][-1] = rational(1)
    reduced, rank = fmpq_mat(table).rref()
    weights = [Fraction(0)] * len(columns)
    for r in range(rank):
        pivot = next(c for c in range(len(columns) + 1) if reduced[r, c] != 0)
        if pivot == len(columns):
            return None
        weights[pivot] = fraction(reduced[r, len(columns)])
    if any(w < 0 and c.equation < 0 for w, c in zip(weights, columns, strict=True)):
        return None
    return weights


def _proof(case: Case, columns: Sequence[_Column], weights: Sequence[Fraction]) -> CaseProof | None:
    pairs = [(c, w) for c, w in zip(columns, weights, strict=True) if w]
    strict = next((k for k, (c, _) in enumerate(pairs) if c.strict), None)
    if strict is None:
        return None
    head, weight = pairs.pop(strict)
    found = [_term(c, w) for c, w in pairs if c.equation < 0]
    ideal = []
    for j in sorted({c.equation for c, _ in pairs if c.equation >= 0}):
        table = {c.monomial: rational(w) for c, w in pairs if c.equation == j}
        ideal.append((j, case.ring.plain_context.from_dict(table)))
    identity = Identity(weight, head.factors, tuple(found), tuple(ideal))
    return positivstellensatz(case, identity)


def _term(column: _Column, weight: Fraction) -> Term:
    if not column.square:
        return Term(column.factors, coefficient=weight)
    signs = [sign for _, sign in column.square]
    gram = [[weight * a * b for b in signs] for a in signs]
    return Term(column.factors, basis=tuple(e for e, _ in column.square), gram=gram)
