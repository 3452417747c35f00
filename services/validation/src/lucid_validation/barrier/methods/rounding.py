"""From a float solution of an identity to an exact one, and to a smaller basis where it must be.

Rounding leaves a remainder in the coefficients. It is moved into the unknowns by the exact solution
of smallest norm; with a margin the Gram matrices stay positive semidefinite. [Peyrl2008]
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from lucid_validation.barrier.polynomial import fraction, rational

from .evidence import Matrix
from .sos_program import Block, Program, Solution, Terms

_ROWS_MAX = 160


@dataclass(frozen=True, slots=True)
class Rounded:
    """One exact Gram matrix per block, and the free coefficients in the program's order."""

    grams: list[Matrix]
    free: list[Fraction]


def round_solution(program: Program, solution: Solution, bits: int) -> Rounded | None:
    """Return exact unknowns that satisfy the identity; None when the remainder has no place."""
    scale = 2**bits
    values = [Fraction(round(float(v) * scale), scale) for v in solution.values]
    place = 0
    nudge = Fraction(1, scale)
    margin = Fraction(round(solution.margin * scale), scale)
    for number, block in enumerate(program.blocks):
        # The margin was taken out of the first block; the others get a grain to stay semidefinite.
        extra = margin if number == 0 else nudge * len(block.basis)
        for i, j in block.pairs():
            if i == j:
                values[place] += extra
            place += 1
    remainder = _remainder(program, values)
    if remainder and not (_spread(program, values, remainder) or _project(program, values)):
        return None
    return _unpack(program, values)


def _remainder(program: Program, values: list[Fraction]) -> Terms:
    total = dict(program.target)
    for column, value in zip(program.columns, values, strict=True):
        if value:
            for e, q in column.items():
                total[e] = total.get(e, Fraction(0)) + value * q
    return {e: q for e, q in total.items() if q}


def _spread(program: Program, values: list[Fraction], remainder: Terms) -> bool:
    """Move the remainder into the first block where each of its columns is one monomial."""
    places: dict[tuple[int, ...], list[int]] = {}
    count = sum(1 for _ in program.blocks[0].pairs())
    for c in range(count):
        column = program.columns[c]
        if len(column) != 1:
            return False
        places.setdefault(next(iter(column)), []).append(c)
    if any(e not in places for e in remainder):
        return False
    for e, q in remainder.items():
        total = sum((program.columns[c][e] for c in places[e]), Fraction(0))
        for c in places[e]:
            values[c] -= q / total
    return True


def _project(program: Program, values: list[Fraction]) -> bool:
    """Move the remainder into all unknowns by the exact least-norm correction."""
    size = len(program.rows)
    if size > _ROWS_MAX:
        return False
    remainder = _remainder(program, values)
    square = [[fmpq(0)] * size for _ in range(size)]
    exact = [
        [(program.rows[e], rational(q)) for e, q in column.items()] for column in program.columns
    ]
    for entries in exact:
        for r, p in entries:
            for c, q in entries:
                square[r][c] += p * q
    right = [fmpq(0)] * size
    for e, q in remainder.items():
        right[program.rows[e]] = rational(-q)
    dual = _particular(square, right)
    if dual is None:
        return False
    for c, entries in enumerate(exact):
        delta = sum((q * dual[r] for r, q in entries), fmpq(0))
        values[c] += fraction(delta)
    return True


def _particular(square: list[list[Any]], right: list[Any]) -> list[Any] | None:
    """Return one exact solution of a linear system that may be singular; None if it has none."""
    size = len(right)
    try:
        column = fmpq_mat(square).solve(fmpq_mat([[q] for q in right]))
        return [column[r, 0] for r in range(size)]
    except ZeroDivisionError:
        pass
    table = [[*row, q] for row, q in zip(square, right, strict=True)]
    reduced, rank = fmpq_mat(table).rref()
    found = [fmpq(0)] * size
    for r in range(rank):
        pivot = next(c for c in range(size + 1) if reduced[r, c] != 0)
        if pivot == size:
            return None
        found[pivot] = reduced[r, size]
    return found


def _unpack(program: Program, values: list[Fraction]) -> Rounded:
    grams, place = [], 0
    for block in program.blocks:
        size = len(block.basis)
        gram = [[Fraction(0)] * size for _ in range(size)]
        for i, j in block.pairs():
            gram[i][j] = gram[j][i] = values[place]
            place += 1
        grams.append(gram)
    return Rounded(grams, values[place:])


def smaller_basis(program: Program, solution: Solution) -> list[Block] | None:
    """Return the blocks with the kernels of the solution cut away; None when none is clear.

    Kernel vectors are brought to echelon form and rounded to small rationals; this is a guess that
    the exact check of the final identity confirms or not. [Borwein1981]
    """
    found, cut, place = [], False, 0
    for number, block in enumerate(program.blocks):
        size = len(block.basis)
        gram = np.zeros((size, size))
        for i, j in block.pairs():
            gram[i, j] = gram[j, i] = solution.values[place]
            place += 1
        if number == 0:
            gram += solution.margin * np.eye(size)
        kept = _range_basis(gram, block)
        if kept is None:
            return None
        cut = cut or len(kept) < size
        if kept or number == 0:
            found.append(Block(block.factors, block.product, kept))
    return found if cut and found[0].basis else None


def _range_basis(
    gram: np.ndarray[tuple[int, int], np.dtype[np.float64]], block: Block
) -> list[Terms] | None:
    """Return basis polynomials orthogonal to the numerical kernel of a Gram matrix."""
    values, vectors = np.linalg.eigh(gram)
    largest = float(np.abs(values).max(initial=0.0))
    if largest < 1e-6:
        return []
    small = values < 1e-5 * max(largest, 1e-3)
    if not small.any():
        return block.basis
    rows = _echelon(vectors[:, small].T)
    if rows is None:
        return None
    free = [c for c in range(len(block.basis)) if c not in {p for p, _ in rows}]
    found = []
    for c in free:
        # v_c - sum_p k_pc v_p is orthogonal to every kernel row (pivot 1 at p).
        vector: dict[tuple[int, ...], Fraction] = dict(block.basis[c])
        for pivot, row in rows:
            for e, q in block.basis[pivot].items():
                vector[e] = vector.get(e, Fraction(0)) - row[c] * q
        found.append({e: q for e, q in vector.items() if q})
    return found


def _echelon(
    kernel: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> list[tuple[int, list[Fraction]]] | None:
    """Return (pivot, row) in reduced echelon form with small rationals, or None if not clear."""
    work = kernel.copy()
    pivots: list[int] = []
    for r in range(len(work)):
        flat = np.abs(work[r:])
        flat[:, pivots] = 0.0
        at = np.unravel_index(int(np.argmax(flat)), flat.shape)
        row, column = r + int(at[0]), int(at[1])
        if abs(work[row, column]) < 1e-6:
            return None
        work[[r, row]] = work[[row, r]]
        work[r] /= work[r, column]
        for other in range(len(work)):
            if other != r:
                work[other] -= work[other, column] * work[r]
        pivots.append(column)
    found = []
    for r, pivot in enumerate(pivots):
        exact = [Fraction(float(v)).limit_denominator(64) for v in work[r]]
        if any(abs(float(q) - v) > 2e-3 for q, v in zip(exact, work[r], strict=True)):
            return None
        found.append((pivot, exact))
    return found
