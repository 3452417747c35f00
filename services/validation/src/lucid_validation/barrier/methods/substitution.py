"""Proofs through exact elimination: prove the reduced case, then pay the substitution back.

Replacing x by e changes a polynomial by a multiple of the equation `x - e`; the multiples are found
by exact division and become ideal terms, or for a pair `p >= 0`, `-p >= 0` two squares, since
`m*p = ((m+1)/2)^2 p + ((m-1)/2)^2 (-p)`.
"""

from __future__ import annotations

from fractions import Fraction

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Polynomial, rational, terms

from . import algebra, linear, sos
from .elimination import Reduced, reduce_case
from .evidence import (
    CaseProof,
    Identity,
    Term,
    identity_from_json,
    positivstellensatz,
    total_of,
)


def attempt(case: Case, budget: Budget) -> CaseProof | None:
    """Prove a plain case with solvable equations empty, or None."""
    reduced = reduce_case(case)
    if reduced is None or not reduced.solved:
        return None
    inner = Case(reduced.constraints, case.ring, plain=True)
    found = (
        algebra.attempt(inner) or linear.attempt(inner, 1, budget) or sos.attempt(inner, 0, budget)
    )
    if found is None or found.proof["type"] != "positivstellensatz":
        return None
    return _pay_back(reduced, identity_from_json(found.proof, case))


def _pay_back(reduced: Reduced, inner: Identity) -> CaseProof | None:
    """Return the identity in the constraints of the original case."""
    identity = _renamed(reduced, inner)
    if identity is None:
        return None
    debts = _multiples(reduced, -total_of(reduced.case, identity), len(reduced.solved))
    # Later equations were reduced by earlier ones: their difference is a debt as well.
    for place in range(len(reduced.solved) - 1, -1, -1):
        step = reduced.solved[place]
        original = reduced.case.constraints[step.origins[0]].polynomial
        for earlier, part in enumerate(_multiples(reduced, step.polynomial - original, place)):
            debts[earlier] += debts[place] * part
    ideal, squares = list(identity.ideal), list(identity.terms)
    for step, debt in zip(reduced.solved, debts, strict=True):
        if len(step.origins) == 1:
            ideal.append((step.origins[0], debt))
        elif len(debt):
            squares += [
                _half_square(step.origins[0], debt, 1),
                _half_square(step.origins[1], debt, -1),
            ]
    full = Identity(identity.coefficient, identity.strict, tuple(squares), tuple(ideal))
    return positivstellensatz(reduced.case, full)


def _multiples(reduced: Reduced, total: Polynomial, count: int) -> list[Polynomial]:
    """Return q_i with total = sum_i q_i * (equation i), over the first `count` equations."""
    found = []
    for step in reduced.solved[:count]:
        rest = reduced.substitute(total, step)
        quotient, _ = divmod(total - rest, step.polynomial)
        found.append(quotient)
        total = rest
    return found


def _renamed(reduced: Reduced, inner: Identity) -> Identity | None:
    """Return the identity with the places of the original constraints; pairs are not renamed."""
    origin = [p.origins for p in reduced.placed]
    used = {
        *inner.strict,
        *(i for t in inner.terms for i in t.factors),
        *(j for j, _ in inner.ideal),
    }
    if any(len(origin[i]) > 1 for i in used):
        return None
    return Identity(
        inner.coefficient,
        tuple(origin[i][0] for i in inner.strict),
        tuple(
            Term(tuple(origin[i][0] for i in t.factors), t.coefficient, t.basis, t.gram)
            for t in inner.terms
        ),
        tuple((origin[j][0], q) for j, q in inner.ideal),
    )


def _half_square(index: int, multiple: Polynomial, sign: int) -> Term:
    """Return `p_index * ((multiple + sign) / 2)^2`."""
    half = (multiple + sign) * rational(Fraction(1, 2))
    table = terms(half)
    basis = tuple(table)
    gram = [[table[a] * table[b] for b in basis] for a in basis]
    return Term((index,), basis=basis, gram=gram)
