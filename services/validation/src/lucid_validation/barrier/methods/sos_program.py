"""The semidefinite program of a Positivstellensatz identity, with exact columns.

Unknowns: one symmetric matrix per block (multiplier of a product of constraints), free coefficients
for equations, and a margin t of the first block, which is maximised. [Parrilo2003], [Putinar1993]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.polynomial import Exponents

Terms = dict[Exponents, Fraction]
Floats = NDArray[np.float64]


@dataclass(slots=True)
class Block:
    """`product * z^T Q z`: product of the constraints in `factors`, z the polynomials `basis`."""

    factors: tuple[int, ...]
    product: Terms
    basis: list[Terms]

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield the places of the upper triangle, column by column."""
        for j in range(len(self.basis)):
            for i in range(j + 1):
                yield i, j


@dataclass(slots=True)
class Program:
    """`target + sum(blocks) + sum(free) = 0`; `columns` follow the unknowns, without the margin."""

    target: Terms
    blocks: list[Block]
    free: list[tuple[int, Exponents, Terms]]
    columns: list[Terms]
    rows: dict[Exponents, int]


@dataclass(frozen=True, slots=True)
class Solution:
    """The margin and the unknowns, in the order of the columns."""

    margin: float
    values: Floats


def monomials(used: Sequence[int], variables: int, degree: int) -> list[Exponents]:
    """Return all monomials in the used variables up to a total degree."""
    found = []
    for total in range(degree + 1):
        for chosen in combinations_with_replacement(used, total):
            exponents = [0] * variables
            for k in chosen:
                exponents[k] += 1
            found.append(tuple(exponents))
    return found


def multiply(a: Terms, b: Terms) -> Terms:
    """Return the product of two polynomials."""
    found: Terms = {}
    for e, p in a.items():
        for f, q in b.items():
            key = tuple(i + j for i, j in zip(e, f, strict=True))
            found[key] = found.get(key, Fraction(0)) + p * q
    return found


def build(target: Terms, blocks: list[Block], free: list[tuple[int, Exponents, Terms]]) -> Program:
    """Return the program of these parts."""
    columns: list[Terms] = []
    for block in blocks:
        for i, j in block.pairs():
            product = multiply(multiply(block.basis[i], block.basis[j]), block.product)
            columns.append(product if i == j else {e: 2 * q for e, q in product.items()})
    columns += [column for _, _, column in free]
    monos = sorted({e for column in columns for e in column} | set(target))
    return Program(target, blocks, free, columns, {e: r for r, e in enumerate(monos)})


def drop_impossible(target: Terms, blocks: list[Block], free: list[Terms]) -> None:
    """Remove basis monomials whose squares cannot occur in the identity.

    Where a coefficient of the identity is zero and only squares with the same sign contribute to
    it, those squares have weight zero. Repeated until nothing changes. [Reznick1978]
    """
    blocked = {e for column in free for e in column}
    changed = True
    while changed:
        changed = False
        contributions: dict[Exponents, list[tuple[int, int, bool, bool]]] = {}
        for b, block in enumerate(blocks):
            for i, j in block.pairs():
                for e, q in multiply(
                    multiply(block.basis[i], block.basis[j]), block.product
                ).items():
                    contributions.setdefault(e, []).append((b, i, i == j, q > 0))
        gone: set[tuple[int, int]] = set()
        for e, entries in contributions.items():
            if target.get(e) or e in blocked:
                continue
            if all(diagonal for _, _, diagonal, _ in entries) and (
                len({sign for *_, sign in entries}) == 1
            ):
                gone |= {(b, i) for b, i, _, _ in entries}
        for b, block in enumerate(blocks):
            kept = [v for i, v in enumerate(block.basis) if (b, i) not in gone]
            changed = changed or len(kept) < len(block.basis)
            block.basis = kept


def solve(program: Program, time_limit_s: float) -> Solution | None:
    """Return an interior-point solution with the largest margin (at most 1), or None."""
    import clarabel
    from scipy import sparse

    count = len(program.columns)
    matrix, target = _equations(program)
    cone_rows, cones = _cones(program.blocks, clarabel)
    size = sum(len(part) for part in cone_rows)
    places = [(r, c, v) for r, (c, v) in enumerate(e for part in cone_rows for e in part)]
    psd = sparse.csc_matrix(
        ([-v for *_, v in places], ([r for r, *_ in places], [c for _, c, _ in places])),
        shape=(size, count + 1),
    )
    cap = sparse.csc_matrix(([1.0], ([0], [count])), shape=(1, count + 1))
    stacked = sparse.vstack([matrix, psd, cap]).tocsc()
    right = np.concatenate([target, np.zeros(size), [1.0]])
    cost = np.zeros(count + 1)
    cost[count] = -1.0
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.time_limit = max(0.1, time_limit_s)
    settings.max_threads = 1
    everything = [clarabel.ZeroConeT(matrix.shape[0]), *cones, clarabel.NonnegativeConeT(1)]
    quadratic = sparse.csc_matrix((count + 1, count + 1))
    solver = clarabel.DefaultSolver(quadratic, cost, stacked, right, everything, settings)
    values = np.array(solver.solve().x)
    if not np.isfinite(values).all() or not len(values):
        return None
    return Solution(float(values[count]), values[:count])


def _equations(program: Program) -> tuple[Any, Floats]:
    """Return the matrix over (columns, margin) and the right-hand side of the identity."""
    from scipy import sparse

    rows, places, values = [], [], []
    for c, column in enumerate(program.columns):
        for e, q in column.items():
            rows.append(program.rows[e])
            places.append(c)
            values.append(float(q))
    first = program.blocks[0]
    for vector in first.basis:
        for e, q in multiply(multiply(vector, vector), first.product).items():
            rows.append(program.rows[e])
            places.append(len(program.columns))
            values.append(float(q))
    shape = (len(program.rows), len(program.columns) + 1)
    right = np.zeros(len(program.rows))
    for e, q in program.target.items():
        right[program.rows[e]] = -float(q)
    return sparse.csc_matrix((values, (rows, places)), shape=shape), right


def _cones(blocks: list[Block], clarabel: Any) -> tuple[list[list[tuple[int, float]]], list[Any]]:
    """Return per block the (column, weight) of its scaled triangle, and its cone."""
    parts, cones, start = [], [], 0
    for block in blocks:
        part = []
        for place, (i, j) in enumerate(block.pairs()):
            part.append((start + place, 1.0 if i == j else float(np.sqrt(2.0))))
        start += len(part)
        parts.append(part)
        if part:
            size = len(block.basis)
            cones.append(
                clarabel.PSDTriangleConeT(size) if size > 1 else clarabel.NonnegativeConeT(1)
            )
    return parts, cones
