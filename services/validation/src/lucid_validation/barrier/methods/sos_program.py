"""The semidefinite program of a Positivstellensatz identity, exact and ready for a solver.

Unknowns: one symmetric matrix per block (multiplier of a product of constraints) and a free
coefficient per monomial of the multiplier of an equation. [Parrilo2003], [Putinar1993]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import add

import numpy as np

from lucid_validation.barrier.polynomial import Exponents

from .sos_definite import Matrix
from .sos_interior import Cone, System

Terms = dict[Exponents, Fraction]


@dataclass(slots=True)
class Block:
    """`product * (C^T z)^T Q (C^T z)`: product of the constraints in `factors`, z monomials.

    `change` is C (monomials, size); None is the identity.
    """

    factors: tuple[int, ...]
    product: Terms
    monomials: list[Exponents]
    change: Matrix | None = None

    @property
    def size(self) -> int:
        """The size of Q."""
        return len(self.monomials) if self.change is None else len(self.change[0])

    def products(self) -> Iterator[tuple[int, int, Exponents]]:
        """Yield the pairs of monomials (the second not after the first) with their product."""
        for i, a in enumerate(self.monomials):
            for j in range(i + 1):
                yield i, j, times(a, self.monomials[j])


@dataclass(frozen=True, slots=True)
class Free:
    """The multiplier monomials of equation number `constraint`."""

    constraint: int
    polynomial: Terms
    monomials: list[Exponents]


@dataclass(frozen=True, slots=True)
class Program:
    """`target + sum(blocks) + sum(free) = 0`; `rows` numbers the monomials of the identity."""

    target: Terms
    blocks: list[Block]
    free: list[Free]
    rows: dict[Exponents, int]
    system: System


def times(a: Exponents, b: Exponents) -> Exponents:
    """Return the product of two monomials."""
    return tuple(map(add, a, b))


def monomials(caps: Sequence[int], degree: int) -> list[Exponents]:
    """Return the monomials up to a total degree with each exponent at most its cap, by degree."""
    found: list[Exponents] = []

    def extend(head: tuple[int, ...], room: int) -> None:
        if len(head) == len(caps):
            found.append(head)
            return
        for k in range(min(caps[len(head)], room) + 1):
            extend((*head, k), room - k)

    if degree >= 0 and all(cap >= 0 for cap in caps):
        extend((), degree)
    return sorted(found, key=lambda e: (sum(e), tuple(-k for k in e)))


def multiply(a: Terms, b: Terms) -> Terms:
    """Return the product of two polynomials."""
    found: Terms = {}
    for e, p in a.items():
        for f, q in b.items():
            key = times(e, f)
            found[key] = found.get(key, Fraction(0)) + p * q
    return found


def build(target: Terms, blocks: list[Block], free: list[Free]) -> Program:
    """Return the program of these parts."""
    rows: dict[Exponents, int] = {}

    def row(e: Exponents) -> int:
        return rows.setdefault(e, len(rows))

    cones = [_cone(block, rows) for block in blocks]
    entries = [
        (row(times(e, m)), c, float(q))
        for c, (part, m) in enumerate((part, m) for part in free for m in part.monomials)
        for e, q in part.polynomial.items()
    ]
    goal = {row(e): -float(q) for e, q in target.items()}
    columns = np.zeros((len(rows), sum(len(part.monomials) for part in free)))
    for r, c, q in entries:
        columns[r, c] = q
    right = np.zeros(len(rows))
    for r, q in goal.items():
        right[r] = q
    return Program(target, blocks, free, rows, System(cones, columns, right))


def _cone(block: Block, rows: dict[Exponents, int]) -> Cone:
    size = len(block.monomials)
    local: dict[Exponents, int] = {}
    pairs = np.zeros((size, size), dtype=np.int64)
    for i, j, e in block.products():
        pairs[i, j] = pairs[j, i] = local.setdefault(e, len(local))
    places = [[rows.setdefault(times(e, g), len(rows)) for e in local] for g in block.product]
    weights = np.array([float(q) for q in block.product.values()])
    change = None
    if block.change is not None:
        change = np.array([[float(q) for q in line] for line in block.change])
    margin = not block.factors
    return Cone(pairs, np.array(places, dtype=np.int64), weights, change, margin)


def drop_impossible(target: Terms, blocks: list[Block], free: list[Free]) -> None:
    """Remove basis monomials whose squares cannot occur in the identity.

    Where a coefficient of the identity is zero and only squares with the same sign contribute to
    it, those squares have weight zero. Repeated until nothing changes. [Reznick1978]
    """
    fixed = {times(e, m) for part in free for m in part.monomials for e in part.polynomial}
    fixed |= {e for e, q in target.items() if q}
    changed = True
    while changed:
        changed = False
        mixed = set(fixed)
        squares: dict[Exponents, list[tuple[int, int, bool]]] = {}
        for b, block in enumerate(blocks):
            for i, a in enumerate(block.monomials):
                products = [times(a, other) for other in block.monomials[:i]]
                square = times(a, a)
                for g, q in block.product.items():
                    mixed.update(times(e, g) for e in products)
                    squares.setdefault(times(square, g), []).append((b, i, q > 0))
        gone: set[tuple[int, int]] = set()
        for e, entries in squares.items():
            if e not in mixed and len({sign for *_, sign in entries}) == 1:
                gone |= {(b, i) for b, i, _ in entries}
        for b, block in enumerate(blocks):
            kept = [m for i, m in enumerate(block.monomials) if (b, i) not in gone]
            changed = changed or len(kept) < len(block.monomials)
            block.monomials = kept


def split_by_parity(target: Terms, blocks: list[Block], free: list[Free]) -> list[Block]:
    """Return the blocks cut along the sign symmetries of the identity, and cut `free` down.

    A change of signs of variables that leaves every given polynomial as it is maps solutions to
    solutions; their mean has no entries between monomials that it tells apart. [Loefberg2009]
    """
    given = [target, *(b.product for b in blocks), *(part.polynomial for part in free)]
    pivots: dict[int, int] = {}
    for mask in {_parity(e) for polynomial in given for e in polynomial}:
        reduced = _reduce(mask, pivots)
        if reduced:
            pivots[reduced.bit_length()] = reduced
    found = []
    for block in blocks:
        classes: dict[int, list[Exponents]] = {}
        for e in block.monomials:
            classes.setdefault(_reduce(_parity(e), pivots), []).append(e)
        found += [Block(block.factors, block.product, part) for part in classes.values()]
    for part in free:
        part.monomials[:] = [e for e in part.monomials if not _reduce(_parity(e), pivots)]
    return found


def _parity(exponents: Exponents) -> int:
    return sum(1 << k for k, e in enumerate(exponents) if e % 2)


def _reduce(mask: int, pivots: dict[int, int]) -> int:
    while mask and mask.bit_length() in pivots:
        mask ^= pivots[mask.bit_length()]
    return mask


def exact_columns(block: Block) -> list[Terms]:
    """Return what each place (i <= j) of Q contributes to the identity, column by column."""
    found = []
    for j in range(block.size):
        right = _vector(block, j)
        for i in range(j + 1):
            product = multiply(multiply(_vector(block, i), right), block.product)
            found.append(product if i == j else {e: 2 * q for e, q in product.items()})
    return found


def _vector(block: Block, column: int) -> Terms:
    if block.change is None:
        return {block.monomials[column]: Fraction(1)}
    return {
        e: line[column]
        for e, line in zip(block.monomials, block.change, strict=True)
        if line[column]
    }
