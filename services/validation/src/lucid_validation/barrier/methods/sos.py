"""Sums of squares: a semidefinite program finds an identity, exact rounding makes it a proof.

The identity `c*target + sum sigma_i g_i + sum q_j h_j = 0` is solved in floats with a margin and
rounded to short rationals; the remainder is moved exactly into the Gram matrices. [Putinar1993],
[Peyrl2008]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, comb

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Exponents, rational, terms

from .enclosing_box import ImpliedBox, implied_box
from .evidence import CaseProof, Identity, Term, positivstellensatz
from .rounding import Rounded, round_solution, smaller_basis
from .sos_program import (
    Block,
    Program,
    Terms,
    build,
    drop_impossible,
    monomials,
    multiply,
    solve,
)

_GRAM_MAX = 60
_COLUMNS_MAX = 9_000
_MARGIN_MIN = 1e-9


@dataclass(frozen=True, slots=True)
class _Scaled:
    """A case in variables u = x / scale, every constraint divided by its largest coefficient."""

    case: Case
    box: ImpliedBox
    used: list[int]
    scale: list[Fraction]
    polynomials: list[Terms]
    sizes: list[Fraction]


def attempt(case: Case, effort: int, budget: Budget) -> CaseProof | None:
    """Prove a plain case empty, or None. Each effort raises the degree of the identity by two."""
    scaled = _scaled(case)
    if not scaled.used:
        return None
    degree = 2 * ceil(max(sum(e) for p in scaled.polynomials for e in p) / 2) + 2 * effort
    if comb(len(scaled.used) + degree // 2, degree // 2) > _GRAM_MAX:
        return None
    for target in _targets(case):
        if budget.remaining() <= 0.05:
            return None
        found = _prove(scaled, target, degree, budget)
        if found is not None:
            return found
    return None


def _targets(case: Case) -> list[int | None]:
    """Return which strict constraint to take as the target; None is the constant one."""
    strict = [i for i, atom in enumerate(case.constraints) if atom.sense == ">"]
    return [*strict[::-1][:2], None]


def _scaled(case: Case) -> _Scaled:
    box = implied_box(case)
    count = len(case.variables)
    tables = [terms(atom.polynomial) for atom in case.constraints]
    used = [k for k in range(count) if any(e[k] for table in tables for e in table)]
    scale = [Fraction(1)] * count
    for k in used:
        low, high = box.range_of(k)
        if low is not None and high is not None:
            largest = max(abs(low), abs(high))
            if largest > 0:
                scale[k] = Fraction(2) ** _log2(largest)
    polynomials, sizes = [], []
    for table in tables:
        stretched = {e: q * _power(scale, e) for e, q in table.items()}
        size = max((abs(q) for q in stretched.values()), default=Fraction(1))
        polynomials.append({e: q / size for e, q in stretched.items()})
        sizes.append(size)
    return _Scaled(case, box, used, scale, polynomials, sizes)


def _log2(value: Fraction) -> int:
    return value.numerator.bit_length() - value.denominator.bit_length()


def _power(scale: Sequence[Fraction], exponents: Exponents) -> Fraction:
    result = Fraction(1)
    for s, k in zip(scale, exponents, strict=True):
        result *= s**k
    return result


def _prove(scaled: _Scaled, target: int | None, degree: int, budget: Budget) -> CaseProof | None:
    unit: Terms = {(0,) * len(scaled.scale): Fraction(1)}
    goal = unit if target is None else scaled.polynomials[target]
    blocks = _blocks(scaled, target, degree)
    free = _free(scaled, degree)
    drop_impossible(goal, blocks, [column for _, _, column in free])
    blocks = [blocks[0], *(b for b in blocks[1:] if b.basis)]
    if not blocks[0].basis:
        return None
    program = build(goal, blocks, free)
    # Facial reduction: where the margin vanishes, the kernel of the solution names a smaller basis.
    for _ in range(3):
        if len(program.columns) > _COLUMNS_MAX:
            return None
        solution = solve(program, min(20.0, budget.remaining()))
        if solution is None or solution.margin < -1e-5:
            return None
        if solution.margin > _MARGIN_MIN:
            for bits in (16, 28, 44):
                rounded = round_solution(program, solution, bits)
                proof = rounded and _proof(scaled, target, program, rounded)
                if proof:
                    return proof
        reduced = smaller_basis(program, solution)
        if reduced is None or budget.remaining() <= 0.05:
            return None
        program = build(goal, reduced, free)
    return None


def _blocks(scaled: _Scaled, target: int | None, degree: int) -> list[Block]:
    """Return the multipliers: 1, each inequality, and the product of opposite faces."""
    count = len(scaled.scale)

    def basis(degree_left: int) -> list[Terms]:
        return [{e: Fraction(1)} for e in monomials(scaled.used, count, degree_left // 2)]

    unit: Terms = {(0,) * count: Fraction(1)}
    found = [Block((), unit, basis(degree))]
    paired = _opposite_faces(scaled, target)
    for first, second in paired:
        product = multiply(scaled.polynomials[first], scaled.polynomials[second])
        found.append(Block((first, second), product, basis(degree - 2)))
    both = {i for pair in paired for i in pair}
    for i, atom in enumerate(scaled.case.constraints):
        own = max((sum(e) for e in scaled.polynomials[i]), default=0)
        if atom.sense == "==" or i == target or own > degree or own == 0:
            continue
        room = 0 if i in both and len(scaled.used) > 2 else degree - own
        found.append(Block((i,), scaled.polynomials[i], basis(room)))
    return found


def _opposite_faces(scaled: _Scaled, target: int | None) -> list[tuple[int, int]]:
    found = []
    for k in scaled.used:
        low, high = scaled.box.lower[k], scaled.box.upper[k]
        if low is None or high is None or target in {low[1], high[1]} or low[1] == high[1]:
            continue
        if low[1] in scaled.box.faces and high[1] in scaled.box.faces:
            found.append((low[1], high[1]))
    return found


def _free(scaled: _Scaled, degree: int) -> list[tuple[int, Exponents, Terms]]:
    """Return (constraint, monomial, column) for the multipliers of equations."""
    found: list[tuple[int, Exponents, Terms]] = []
    for j, atom in enumerate(scaled.case.constraints):
        if atom.sense != "==" or not scaled.polynomials[j]:
            continue
        own = max(sum(e) for e in scaled.polynomials[j])
        found += [
            (j, e, multiply({e: Fraction(1)}, scaled.polynomials[j]))
            for e in monomials(scaled.used, len(scaled.scale), degree - own)
        ]
    return found


def _proof(
    scaled: _Scaled, target: int | None, program: Program, rounded: Rounded
) -> CaseProof | None:
    """Write the identity in the original variables and have it confirmed."""
    found = []
    for block, gram in zip(program.blocks, rounded.grams, strict=True):
        size = Fraction(1)
        for i in block.factors:
            size *= scaled.sizes[i]
        monos = sorted({e for vector in block.basis for e in vector})
        matrix = _in_monomials(block.basis, gram, monos)
        unscale = [1 / _power(scaled.scale, e) for e in monos]
        full = [
            [matrix[a][b] * unscale[a] * unscale[b] / size for b in range(len(monos))]
            for a in range(len(monos))
        ]
        found.append(Term(block.factors, basis=tuple(monos), gram=full))
    context = scaled.case.ring.plain_context
    ideal = []
    for j in sorted({j for j, _, _ in program.free}):
        table = {
            e: q / (_power(scaled.scale, e) * scaled.sizes[j])
            for (i, e, _), q in zip(program.free, rounded.free, strict=True)
            if i == j and q
        }
        converted = {e: rational(q) for e, q in table.items()}
        ideal.append((j, context.from_dict(converted)))
    strict = () if target is None else (target,)
    coefficient = Fraction(1) if target is None else 1 / scaled.sizes[target]
    identity = Identity(coefficient, strict, tuple(found), tuple(ideal))
    return positivstellensatz(scaled.case, identity)


def _in_monomials(
    basis: Sequence[Terms], gram: list[list[Fraction]], monos: Sequence[Exponents]
) -> list[list[Fraction]]:
    """Return V Q V^T for basis polynomials V over the monomials."""
    if all(len(v) == 1 for v in basis) and len(basis) == len(monos):
        order = [next(i for i, v in enumerate(basis) if e in v) for e in monos]
        weight = [basis[i][e] for i, e in zip(order, monos, strict=True)]
        size = range(len(monos))
        return [[gram[order[a]][order[b]] * weight[a] * weight[b] for b in size] for a in size]
    rows = [[v.get(e, Fraction(0)) for v in basis] for e in monos]
    half = [
        [
            sum((row[i] * gram[i][j] for i in range(len(basis)) if row[i]), Fraction(0))
            for j in range(len(basis))
        ]
        for row in rows
    ]
    return [
        [sum((h[j] * row[j] for j in range(len(basis)) if row[j]), Fraction(0)) for row in rows]
        for h in half
    ]
