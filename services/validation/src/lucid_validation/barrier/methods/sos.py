"""Sums of squares: a semidefinite program finds an identity, exact rounding makes it a proof.

The identity `c*target + sum sigma_i g_i + sum q_j h_j = 0` is solved in floats with a margin and
rounded to short rationals; the remainder is moved exactly into the Gram matrices. [Putinar1993],
[Peyrl2008]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import ceil

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Exponents, rational

from .evidence import CaseProof, Identity, Term, positivstellensatz
from .rounding import Rounded, bits_of, over_monomials, round_solution
from .sos_definite import Matrix
from .sos_faces import smaller_basis
from .sos_program import (
    Block,
    Free,
    Program,
    Terms,
    build,
    drop_impossible,
    monomials,
    multiply,
    split_by_parity,
)
from .sos_scaling import Scaled, scaled_case
from .sos_solver import Solution, solve

_GRAM_MAX = 100
_BLOCKS_MAX = 240
_FEW = 4
_MARGIN_MIN = 1e-9


def attempt(case: Case, effort: int, budget: Budget) -> CaseProof | None:
    """Prove a plain case empty, or None. Each effort raises the degree of the identity by two."""
    scaled = scaled_case(case)
    if not scaled.used:
        return None
    degree = 2 * ceil(max(sum(e) for p in scaled.polynomials for e in p) / 2) + 2 * effort
    for caps in _caps(scaled, degree):
        for target in _targets(case):
            if budget.remaining() <= 0.05:
                return None
            found = _prove(scaled, target, degree, caps, budget)
            if found is not None:
                return found
    return None


def basis_size(case: Case) -> int:
    """Return the number of monomials of the largest square at the lowest effort."""
    polynomials = [atom.polynomial for atom in case.constraints if len(atom.polynomial)]
    used = sum(any(p.degrees()[k] > 0 for p in polynomials) for k in range(len(case.variables)))
    return _count(used, ceil(max((int(p.total_degree()) for p in polynomials), default=0) / 2))


def _targets(case: Case) -> list[int | None]:
    """Return which strict constraint to take as the target; None is the constant one."""
    strict = [i for i, atom in enumerate(case.constraints) if atom.sense == ">"]
    return [*strict[::-1][:2], None]


def _caps(scaled: Scaled, degree: int) -> list[list[int]]:
    """Return bounds of the degree in each variable to try, few monomials first.

    On unbounded domains a basis that is too rich has no positive definite solution.
    """
    count = len(scaled.scale)
    extra = degree - max(sum(e) for p in scaled.polynomials for e in p)
    exact = [max(e[k] for p in scaled.polynomials for e in p) for k in range(count)]
    exact = [k and k + extra // 2 * 2 for k in exact]
    even = [min(k + k % 2, degree) for k in exact]
    wide = [degree if k else 0 for k in exact]
    if _count(len(scaled.used), degree // 2) <= _GRAM_MAX:
        return [even, wide] if even != wide else [wide]
    size = 1
    for k in exact:
        size *= k // 2 + 1
    return [exact] if size <= 4 * _GRAM_MAX else []


def _count(variables: int, degree: int) -> int:
    found = 1
    for k in range(1, degree + 1):
        found = found * (variables + k) // k
    return found


def _prove(
    scaled: Scaled, target: int | None, degree: int, caps: list[int], budget: Budget
) -> CaseProof | None:
    goal = {(0,) * len(caps): Fraction(1)} if target is None else scaled.polynomials[target]
    blocks = list(_blocks(scaled, target, degree, caps))
    free = _free(scaled, degree, caps)
    drop_impossible(goal, blocks, free)
    blocks = [b for b in split_by_parity(goal, blocks, free) if b.monomials]
    if not blocks or max(b.size for b in blocks) > _GRAM_MAX or len(blocks) > _BLOCKS_MAX:
        return None
    # Facial reduction: where the margin vanishes, the kernel of the solution names a smaller basis.
    for _ in range(3):
        program = build(goal, blocks, free)
        solution = solve(program.system, budget)
        if solution is None or solution.margin < -1e-5:
            return None
        proof = _rounded_proof(scaled, target, program, solution)
        reduced = None if proof else smaller_basis(program, solution)
        if reduced is None or budget.remaining() <= 0.05:
            return proof
        blocks = reduced
    return None


def _rounded_proof(
    scaled: Scaled, target: int | None, program: Program, solution: Solution
) -> CaseProof | None:
    if solution.margin <= _MARGIN_MIN:
        return None
    bits = bits_of(solution)
    for more in (0, 8, 20):
        rounded = round_solution(program, solution, bits + more)
        proof = rounded and _proof(scaled, target, program, rounded)
        if proof:
            return proof
    return None


def _blocks(
    scaled: Scaled, target: int | None, degree: int, caps: Sequence[int]
) -> Iterator[Block]:
    """Yield the multipliers: 1, each inequality, and products of opposite faces."""

    def block(factors: tuple[int, ...], room: int | None = None) -> Block:
        product: Terms = {(0,) * len(caps): Fraction(1)}
        for i in factors:
            product = multiply(product, scaled.polynomials[i])
        if not product:
            return Block(factors, product, [])  # a constraint that is 0 adds nothing
        left = [(cap - max(e[k] for e in product)) for k, cap in enumerate(caps)]
        total = degree - max(sum(e) for e in product) if room is None else room
        basis = monomials([k // 2 for k in left], total // 2) if min(left) >= 0 else []
        return Block(factors, product, basis)

    yield block(())
    pairs = _opposite_faces(scaled, target)
    yield from (block(pair) for pair in pairs)
    paired = {i for pair in pairs for i in pair}
    for i, atom in enumerate(scaled.case.constraints):
        own = max((sum(e) for e in scaled.polynomials[i]), default=0)
        if atom.sense == "==" or i == target or not 0 < own <= degree:
            continue
        single = block((i,), 0 if i in paired and len(scaled.used) > 2 else None)
        yield single
        if min(caps[k] for k in scaled.used) < 2:
            yield from (block((i, *pair)) for pair in pairs if i not in pair)
    yield from (
        block(factors) for factors in _products(scaled, target, degree) if factors not in pairs
    )


def _products(scaled: Scaled, target: int | None, degree: int) -> Iterator[tuple[int, ...]]:
    """Yield products of different inequalities where there are few, the target once allowed."""
    degrees = [max((sum(e) for e in p), default=0) for p in scaled.polynomials]
    usable = [i for i, a in enumerate(scaled.case.constraints) if a.sense != "==" and degrees[i]]
    if target is not None and 0 < degrees[target] <= degree - 2:
        yield (target,)
    if len(usable) > _FEW:
        return
    for size in (2, 3):
        for factors in combinations(usable, size):
            if sum(degrees[i] for i in factors) <= degree:
                yield factors


def _opposite_faces(scaled: Scaled, target: int | None) -> list[tuple[int, int]]:
    found = []
    for k in scaled.used:
        low, high = scaled.box.lower[k], scaled.box.upper[k]
        if low is None or high is None or target in {low[1], high[1]} or low[1] == high[1]:
            continue
        if low[1] in scaled.box.faces and high[1] in scaled.box.faces:
            found.append((low[1], high[1]))
    return found


def _free(scaled: Scaled, degree: int, caps: Sequence[int]) -> list[Free]:
    """Return the multipliers of equations."""
    found = []
    for j, atom in enumerate(scaled.case.constraints):
        polynomial = scaled.polynomials[j]
        if atom.sense == "==" and polynomial:
            left = [cap - max(e[k] for e in polynomial) for k, cap in enumerate(caps)]
            own = max(sum(e) for e in polynomial)
            found.append(Free(j, polynomial, monomials(left, degree - own)))
    return [part for part in found if part.monomials]


def _proof(
    scaled: Scaled, target: int | None, program: Program, rounded: Rounded
) -> CaseProof | None:
    """Write the identity in the original variables and have it confirmed."""
    found = []
    for block, gram in zip(program.blocks, rounded.grams, strict=True):
        size = Fraction(1)
        for i in block.factors:
            size *= scaled.sizes[i]
        basis, full = _in_original(scaled, block, over_monomials(block, gram), size)
        if any(any(row) for row in full):
            found.append(Term(block.factors, basis=basis, gram=full))
    context = scaled.case.ring.plain_context
    ideal = []
    for part, values in zip(program.free, rounded.free, strict=True):
        size = scaled.sizes[part.constraint]
        table = scaled.original(dict(zip(part.monomials, values, strict=True)))
        polynomial = context.from_dict({e: rational(q / size) for e, q in table.items() if q})
        ideal.append((part.constraint, polynomial))
    strict = () if target is None else (target,)
    coefficient = Fraction(1) if target is None else 1 / scaled.sizes[target]
    identity = Identity(coefficient, strict, tuple(found), tuple(ideal))
    return positivstellensatz(scaled.case, identity)


def _in_original(
    scaled: Scaled, block: Block, matrix: Matrix, size: Fraction
) -> tuple[tuple[Exponents, ...], Matrix]:
    """Return the monomials and the Gram matrix, divided by size, in the original variables."""
    if scaled.is_moved:
        vectors = [scaled.original({e: Fraction(1)}) for e in block.monomials]
        basis = sorted({e for vector in vectors for e in vector})
        change = [[vector.get(e, Fraction(0)) for vector in vectors] for e in basis]
        moved = over_monomials(Block((), {}, basis, change), matrix)
        return tuple(basis), [[q / size for q in row] for row in moved]
    unscale = [1 / scaled.weight(e) for e in block.monomials]
    return tuple(block.monomials), [
        [q * a * b / size if q else q for q, b in zip(row, unscale, strict=True)]
        for row, a in zip(matrix, unscale, strict=True)
    ]
