"""Facial reduction: where the margin vanishes, the kernel of the solution names a smaller basis.

Kernel vectors are brought to echelon form and rounded to small rationals; this is a guess that
the exact check of the final identity confirms or not. [Borwein1981]
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from .sos_definite import Matrix
from .sos_interior import Floats
from .sos_program import Block, Program
from .sos_solver import Solution

Row = tuple[int, list[Fraction]]


def smaller_basis(program: Program, solution: Solution) -> list[Block] | None:
    """Return the blocks with the kernels of the solution cut away; None when none is clear."""
    found, cut = [], False
    for block, gram in zip(program.blocks, solution.grams, strict=True):
        kept = _range_block(gram, block)
        if kept is None:
            return None
        cut = cut or kept.size < block.size
        if kept.size:
            found.append(kept)
    return found if cut and found else None


def _range_block(gram: Floats, block: Block) -> Block | None:
    """Return the block over the polynomials orthogonal to the numerical kernel of its matrix."""
    values, vectors = np.linalg.eigh(gram)
    largest = float(np.abs(values).max(initial=0.0))
    if largest < 1e-6:
        return Block(block.factors, block.product, [])
    small = values < 1e-5 * max(largest, 1e-3)
    if not small.any():
        return block
    rows = _echelon(vectors[:, small].T)
    if rows is None:
        return None
    pivots = {p for p, _ in rows}
    free = [c for c in range(block.size) if c not in pivots]
    if not free:
        return Block(block.factors, block.product, [])
    # v_c - sum_p k_pc v_p is orthogonal to every kernel row (pivot 1 at p).
    change = [[Fraction(int(r == c)) for c in free] for r in range(block.size)]
    for pivot, row in rows:
        change[pivot] = [-row[c] for c in free]
    if block.change is not None:
        change = _product(block.change, change)
    used = [r for r, line in enumerate(change) if any(line)]
    kept = [block.monomials[r] for r in used]
    return Block(block.factors, block.product, kept, [change[r] for r in used])


def _product(a: Matrix, b: Matrix) -> Matrix:
    return [
        [
            sum((p * line[c] for p, line in zip(row, b, strict=True) if p), Fraction(0))
            for c in range(len(b[0]))
        ]
        for row in a
    ]


def _echelon(kernel: Floats) -> list[Row] | None:
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
