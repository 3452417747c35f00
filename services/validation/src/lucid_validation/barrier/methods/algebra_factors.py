"""A strict constraint without the factors whose sign is known, proved and multiplied back.

Where `p = g * h^2 * m` with g a product of constraints of the case, `p > 0` and `g >= 0` imply
`m > 0`. An identity for the case with m in place of p, times g * h^2, is one for the case itself.
This removes margins that vanish on a whole face, where no numerical search can succeed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.formula import Atom
from lucid_validation.barrier.polynomial import Polynomial, constant_value, terms

from . import algebra, linear, sos
from .evidence import CaseProof, Identity, Term, identity_from_json, positivstellensatz

_TERMS_MAX = 300
_DEGREE_MAX = 16


@dataclass(frozen=True, slots=True)
class Split:
    """`constraint = prod(constraints in signs) * root^2 * rest`."""

    index: int
    signs: tuple[int, ...]
    root: Polynomial
    rest: Polynomial


def attempt(case: Case, budget: Budget) -> CaseProof | None:
    """Prove a plain case empty whose strict constraint has factors of known sign, or None."""
    for index, atom in reversed(list(enumerate(case.constraints))):
        size = len(atom.polynomial)
        if atom.sense != ">" or not 0 < size <= _TERMS_MAX or _degree(atom) > _DEGREE_MAX:
            continue
        split = split_of(case, index)
        if split is None:
            continue
        inner = _identity(case, split, budget)
        proof = inner and _multiplied(case, split, inner)
        if proof:
            return proof
    return None


def _degree(atom: Atom) -> int:
    return int(atom.polynomial.total_degree())


def _identity(case: Case, split: Split, budget: Budget) -> Identity | None:
    """Return an identity for the case with the rest in place of the whole constraint."""
    value = constant_value(split.rest)
    if value is not None:
        return Identity(Fraction(1), (split.index,), (Term((), -value),)) if value <= 0 else None
    constraints = list(case.constraints)
    constraints[split.index] = Atom(split.rest, ">")
    inner = Case(tuple(constraints), case.ring, plain=True)
    found = (
        algebra.attempt(inner) or linear.attempt(inner, 1, budget) or sos.attempt(inner, 0, budget)
    )
    if found is None or found.proof["type"] != "positivstellensatz":
        return None
    return identity_from_json(found.proof, inner)


def split_of(case: Case, index: int) -> Split | None:
    """Return the strict constraint without its factors of known sign; None if it has none."""
    polynomial = case.constraints[index].polynomial
    scalar, factors = polynomial.factor()
    context = case.ring.plain_context
    root, rest, signs = context.constant(1), context.constant(scalar), []
    for factor, power in factors:
        # flint has the multiplicity as an integer of its own.
        times = int(power)
        root *= factor ** (times // 2)
        if times % 2 == 0:
            continue
        known = _constraint_like(case, index, factor)
        if known is None:
            rest *= factor
        else:
            signs.append(known[0])
            rest *= known[1]
    if not signs and root.is_constant():
        return None
    return Split(index, tuple(signs), root, rest)


def _constraint_like(case: Case, index: int, factor: Polynomial) -> tuple[int, Any] | None:
    """Return (constraint, scalar) with factor = scalar * constraint, and it is an inequality."""
    for i, atom in enumerate(case.constraints):
        if i == index or atom.sense == "==" or len(atom.polynomial) != len(factor):
            continue
        scalar = factor.leading_coefficient() / atom.polynomial.leading_coefficient()
        if atom.polynomial * scalar == factor:
            return i, scalar
    return None


def _multiplied(case: Case, split: Split, inner: Identity) -> CaseProof | None:
    turned = inner if inner.strict else _turned(inner, split.index)
    if turned is None or turned.strict != (split.index,):
        return None
    inner = turned
    found = []
    for term in inner.terms:
        uses = term.factors.count(split.index)
        if uses > 1:
            return None
        found.append(term if uses else _times_squares(term, split))
    content = split.root * split.root
    for i in split.signs:
        content *= case.constraints[i].polynomial
    ideal = tuple((j, multiplier * content) for j, multiplier in inner.ideal)
    return positivstellensatz(case, Identity(inner.coefficient, inner.strict, tuple(found), ideal))


def _turned(inner: Identity, index: int) -> Identity | None:
    """Write `c + q * rest + .. = 0` with `q * rest` as the strict part and c as a term."""
    for place, term in enumerate(inner.terms):
        if term.factors != (index,):
            continue
        weight = term.coefficient
        if term.gram is not None and len(term.basis) == 1 and not any(term.basis[0]):
            weight = term.gram[0][0]
        if weight:
            others = (*inner.terms[:place], *inner.terms[place + 1 :])
            return Identity(weight, (index,), (Term((), inner.coefficient), *others), inner.ideal)
    return None


def _times_squares(term: Term, split: Split) -> Term:
    """Return the term times prod(signs) * root^2."""
    root = terms(split.root)
    one = (0,) * len(next(iter(root)))
    basis: Sequence[tuple[int, ...]] = term.basis if term.gram is not None else (one,)
    gram = term.gram if term.gram is not None else [[term.coefficient or Fraction(0)]]
    shifted = [
        {tuple(i + j for i, j in zip(e, f, strict=True)): q for f, q in root.items()} for e in basis
    ]
    monomials = sorted({e for vector in shifted for e in vector})
    rows = [[vector.get(e, Fraction(0)) for vector in shifted] for e in monomials]
    size = range(len(basis))
    half = [
        [sum((row[i] * gram[i][j] for i in size if row[i]), Fraction(0)) for j in size]
        for row in rows
    ]
    full = [
        [sum((h[j] * row[j] for j in size if row[j]), Fraction(0)) for row in rows] for h in half
    ]
    return Term((*term.factors, *split.signs), basis=tuple(monomials), gram=full)
