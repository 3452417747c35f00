"""From a float solution of an identity to an exact one.

Rounding leaves a remainder in the coefficients, which is moved into the unknowns exactly: spread
over the entries of the Gram matrix of 1 where it has their products, solved for otherwise. With a
margin the matrices stay positive semidefinite. [Peyrl2008]
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log2
from typing import Any

import numpy as np
from flint import fmpq_mat

from lucid_validation.barrier.polynomial import Exponents, fraction, rational

from .sos_definite import Matrix
from .sos_interior import Floats
from .sos_program import Block, Program, Terms, exact_columns, times
from .sos_solver import Solution

_ROWS_MAX = 400
_SIZE_MAX = 45

Places = dict[Exponents, list[tuple[Matrix, int, int]]]


@dataclass(slots=True)
class Rounded:
    """One exact Gram matrix per block, and the coefficients per equation, as in the program."""

    grams: list[Matrix]
    free: list[list[Fraction]]


def bits_of(solution: Solution) -> int:
    """Return how many binary places keep the matrices semidefinite, roughly."""
    size = max((len(g) for g in solution.grams), default=1)
    return min(60, max(4, 2 + ceil(log2(size / max(solution.margin, 1e-12)))))


def round_solution(program: Program, solution: Solution, bits: int) -> Rounded | None:
    """Return exact unknowns that satisfy the identity; None when the remainder has no place."""
    scale = 2**bits
    grams = [_short(gram, scale) for gram in solution.grams]
    for block, gram in zip(program.blocks, grams, strict=True):
        if block.factors:
            # The others may be singular: a grain on the diagonal keeps them semidefinite.
            for i in range(len(gram)):
                gram[i][i] += Fraction(len(gram), scale)
    values = iter(solution.free)
    free = [
        [Fraction(round(float(next(values)) * scale), scale) for _ in part.monomials]
        for part in program.free
    ]
    rounded = Rounded(grams, free)
    places = _places(program, rounded)
    remainder = remainder_of(program, rounded)
    homeless = {e: q for e, q in remainder.items() if e not in places}
    if homeless:
        if not _solve(program, rounded, homeless, set(program.rows) - set(places)):
            return None
        remainder = remainder_of(program, rounded)
    if any(e not in places for e in remainder):
        return None
    _spread(places, remainder)
    return rounded


def _short(gram: Floats, scale: int) -> Matrix:
    size = range(len(gram))
    found = [[Fraction(0)] * len(gram) for _ in size]
    for i in size:
        for j in range(i + 1):
            value = round(float(gram[i, j]) * scale)
            found[i][j] = found[j][i] = Fraction(value, scale)
    return found


def over_monomials(block: Block, gram: Matrix) -> Matrix:
    """Return C Q C^T."""
    if block.change is None:
        return gram
    change = fmpq_mat([[rational(q) for q in line] for line in block.change])
    inner = fmpq_mat([[rational(q) for q in line] for line in gram])
    full = change * inner * change.transpose()
    size = range(len(block.monomials))
    return [[fraction(full[i, j]) for j in size] for i in size]


def remainder_of(program: Program, rounded: Rounded) -> Terms:
    """Return what the identity leaves, which should be zero."""
    total = dict(program.target)
    for block, gram in zip(program.blocks, rounded.grams, strict=True):
        form: Terms = {}
        full = over_monomials(block, gram)
        for i, j, e in block.products():
            if full[i][j]:
                form[e] = form.get(e, 0) + full[i][j] * (1 if i == j else 2)
        _add(total, form, block.product)
    for part, values in zip(program.free, rounded.free, strict=True):
        _add(total, dict(zip(part.monomials, values, strict=True)), part.polynomial)
    return {e: q for e, q in total.items() if q}


def _add(total: Terms, form: Terms, product: Terms) -> None:
    for g, p in product.items():
        for e, q in form.items():
            if q:
                key = times(e, g)
                total[key] = total.get(key, Fraction(0)) + p * q


def _places(program: Program, rounded: Rounded) -> Places:
    """Return where the matrices of 1 over monomials have each product."""
    places: Places = {}
    for block, gram in zip(program.blocks, rounded.grams, strict=True):
        if not block.factors and block.change is None:
            for i, j, e in block.products():
                places.setdefault(e, []).append((gram, i, j))
    return places


def _spread(places: Places, remainder: Terms) -> None:
    """Move the remainder into the matrices of 1."""
    for e, q in remainder.items():
        share = q / sum(1 if i == j else 2 for _, i, j in places[e])
        for gram, i, j in places[e]:
            gram[i][j] -= share
            if i != j:
                gram[j][i] -= share


def _solve(program: Program, rounded: Rounded, remainder: Terms, wanted: set[Exponents]) -> bool:
    """Move the remainder of the wanted rows into a few well-placed unknowns, by elimination."""
    columns: list[tuple[Any, Terms]] = []
    for number, block in enumerate(program.blocks):
        size = range(block.size)
        if block.size > _SIZE_MAX:
            return False
        at = [(number, i, j) for j in size for i in range(j + 1)]
        columns += [
            pair for pair in zip(at, exact_columns(block), strict=True) if wanted & pair[1].keys()
        ]
    for number, part in enumerate(program.free):
        for place, m in enumerate(part.monomials):
            shifted = {times(e, m): q for e, q in part.polynomial.items()}
            if wanted & shifted.keys():
                columns.append(((number, place), shifted))
    if not columns or len(columns) > 6 * _ROWS_MAX:
        return False
    chosen = _pivots(program, columns, wanted)
    if chosen is None:
        return False
    rows, places = chosen
    table = fmpq_mat([[rational(columns[c][1].get(e, 0)) for c in places] for e in rows])
    right = fmpq_mat([[rational(-remainder.get(e, Fraction(0)))] for e in rows])
    try:
        solved = table.solve(right)
    except ZeroDivisionError:
        return False
    for r, c in enumerate(places):
        where, delta = columns[c][0], fraction(solved[r, 0])
        if len(where) == 2:
            rounded.free[where[0]][where[1]] += delta
        else:
            number, i, j = where
            rounded.grams[number][i][j] += delta
            if i != j:
                rounded.grams[number][j][i] += delta
    return True


def _pivots(
    program: Program, columns: list[tuple[Any, Terms]], wanted: set[Exponents]
) -> tuple[list[Exponents], list[int]] | None:
    """Return independent rows among the wanted ones and columns that span them."""
    from scipy.linalg import qr

    names = sorted(wanted)
    rows = {e: r for r, e in enumerate(names)}
    matrix = np.zeros((len(rows), len(columns)))
    for c, (where, column) in enumerate(columns):
        # Entries of the matrices of 1 come first: their columns are short and sparse.
        first = len(where) == 3 and not program.blocks[where[0]].factors
        for e, q in column.items():
            if e in rows:
                matrix[rows[e], c] = float(q) * (1.0 if first else 1e-2)
    _, triangle, order = qr(matrix, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(triangle))
    rank = int((diagonal > 1e-9 * max(diagonal.max(initial=0.0), 1e-300)).sum())
    if rank == 0 or rank > _ROWS_MAX:
        return None
    places = [int(c) for c in order[:rank]]
    _, _, which = qr(matrix[:, places].T, mode="economic", pivoting=True)
    return [names[int(r)] for r in which[:rank]], places
