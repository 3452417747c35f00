"""Ideal membership with cofactors: f = K_0 g_0 + .. + K_n g_n, by exact linear algebra.

For cofactors of bounded degree membership is a linear system in their coefficients. It is looked at
modulo a prime first: that finds which unknowns and rows matter, and says no in most cases. What is
found over the rationals is multiplied out before it is returned. [Cox2015]
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from flint import fmpq_mat, nmod_mat

from .polynomial import Exponents, Polynomial, rational

_PRIME = (1 << 61) - 1
_UNKNOWNS_MAX = 700
_EXTRA_DEGREES = (0, 1, 2)

_Unknown = tuple[int, Exponents]


def cofactors_of(target: Polynomial, generators: Sequence[Polynomial]) -> list[Polynomial] | None:
    """Return K_i with `target == sum K_i generators_i`, or None where none is found.

    None is no proof that there are none: the degrees of the cofactors are bounded.
    """
    zero = target - target
    if not len(target):
        return [zero for _ in generators]
    for i, generator in enumerate(generators):
        if len(generator):
            quotient, remainder = divmod(target, generator)
            if not len(remainder):
                return [quotient if i == j else zero for j in range(len(generators))]
    tried: set[tuple[_Unknown, ...]] = set()
    constants = [(i, (0,) * len(target.degrees())) for i in range(len(generators))]
    for unknowns in (constants, *(_unknowns(target, generators, d) for d in _EXTRA_DEGREES)):
        if not unknowns or len(unknowns) > _UNKNOWNS_MAX or tuple(unknowns) in tried:
            continue
        tried.add(tuple(unknowns))
        found = _solve(target, generators, unknowns)
        if found is not None:
            return found
    return None


def _unknowns(target: Polynomial, generators: Sequence[Polynomial], extra: int) -> list[_Unknown]:
    """Return (generator, monomial) of all cofactors that may reach the target's degree + extra."""
    used = [
        max(int(p.degrees()[k]) for p in (target, *generators) if len(p)) > 0
        for k in range(len(target.degrees()))
    ]
    found: list[_Unknown] = []
    for i, generator in enumerate(generators):
        if not len(generator):
            continue
        room = max(0, int(target.total_degree()) - int(generator.total_degree())) + extra
        ranges = [range(room + 1) if variable else range(1) for variable in used]
        if (room + 1) ** sum(used) > 40 * _UNKNOWNS_MAX:
            return []
        found.extend((i, e) for e in product(*ranges) if sum(e) <= room)
    return found


def _solve(
    target: Polynomial, generators: Sequence[Polynomial], unknowns: Sequence[_Unknown]
) -> list[Polynomial] | None:
    columns = [_shifted(generators[i], e) for i, e in unknowns]
    right = dict(target.to_dict())
    rows = sorted({e for column in (*columns, right) for e in column})
    place = {e: row for row, e in enumerate(rows)}
    chosen = _independent(columns, right, place)
    if chosen is None:
        return None
    kept, kept_rows = chosen
    size = len(kept)
    matrix = fmpq_mat(size, size, [columns[c].get(rows[r], 0) for r in kept_rows for c in kept])
    vector = fmpq_mat(size, 1, [right.get(rows[r], 0) for r in kept_rows])
    try:
        solution = matrix.solve(vector)
    except ZeroDivisionError:
        return None
    context = target.context()
    parts: list[dict[Exponents, Any]] = [{} for _ in generators]
    for at, column in enumerate(kept):
        i, exponents = unknowns[column]
        parts[i][exponents] = solution[at, 0]
    found = [context.from_dict(part) for part in parts]
    total = target
    for cofactor, generator in zip(found, generators, strict=True):
        total -= cofactor * generator
    return found if not len(total) else None


def _shifted(generator: Polynomial, by: Exponents) -> dict[Exponents, Any]:
    return {
        tuple(int(a) + b for a, b in zip(e, by, strict=True)): value
        for e, value in generator.to_dict().items()
    }


def _independent(
    columns: Sequence[dict[Exponents, Any]],
    right: dict[Exponents, Any],
    place: dict[Exponents, int],
) -> tuple[list[int], list[int]] | None:
    """Return independent columns and rows of a system that has a solution modulo a prime."""
    matrix = [[0] * (len(columns) + 1) for _ in place]
    for number, column in enumerate((*columns, right)):
        for exponents, value in column.items():
            residue = _residue(value)
            if residue is None:
                return None
            matrix[place[exponents]][number] = residue
    pivots = _pivots(matrix)
    if not pivots or pivots[-1] == len(columns):
        return None
    transposed = [[row[c] for row in matrix] for c in pivots]
    return pivots, _pivots(transposed)


def _residue(value: Any) -> int | None:
    value = rational(value) if isinstance(value, int) else value
    if int(value.q) % _PRIME == 0:
        return None
    return int(value.p) * pow(int(value.q), -1, _PRIME) % _PRIME


def _pivots(matrix: list[list[int]]) -> list[int]:
    """Return the pivot columns of the reduced row echelon form."""
    reduced, rank = nmod_mat(matrix, _PRIME).rref()
    found, column = [], 0
    for row in range(rank):
        while int(reduced[row, column]) == 0:
            column += 1
        found.append(column)
    return found
