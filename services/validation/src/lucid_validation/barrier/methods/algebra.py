"""Decisions by exact algebra alone: constants, sign-definite forms, exact division.

Exact division `s = K*h + R` is the Darboux argument: on h = 0 the sign of s is that of R.
[Darboux1878]
"""

from __future__ import annotations

from fractions import Fraction

from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Polynomial, constant_value, terms

from .evidence import CaseProof, Identity, Term, positivstellensatz


def attempt(case: Case) -> CaseProof | None:
    """Return a proof that a plain case is empty, or None when this is not obvious."""
    return _constant_is_false(case) or _by_signs(case) or _by_division(case)


def _constant_is_false(case: Case) -> CaseProof | None:
    for atom in case.constraints:
        value = constant_value(atom.polynomial)
        if value is None:
            continue
        holds = (
            value == 0 if atom.sense == "==" else value > 0 or (value == 0 and atom.sense == ">=")
        )
        if not holds:
            return CaseProof({"type": "empty"})
    return None


def _negated_squares(polynomial: Polynomial) -> tuple[Term, Fraction] | None:
    """Return (squares, rest) with polynomial = -(squares) - rest and rest a constant >= 0.

    None unless every monomial is an even one with a negative coefficient.
    """
    rest = Fraction(0)
    basis, diagonal = [], []
    for exponents, value in terms(polynomial).items():
        if value > 0 or any(k % 2 for k in exponents):
            return None
        if not any(exponents):
            rest = -value
        else:
            basis.append(tuple(k // 2 for k in exponents))
            diagonal.append(-value)
    size = range(len(basis))
    gram = [[diagonal[i] if i == j else Fraction(0) for j in size] for i in size]
    return Term((), basis=tuple(basis), gram=gram), rest


def _identity(index: int, sense: str, squares: Term, rest: Fraction) -> Identity | None:
    """Return the identity for `constraint index = -squares - rest` (modulo an ideal)."""
    constant = Term((), coefficient=rest)
    if sense == ">":
        return Identity(Fraction(1), (index,), (squares, constant))
    if rest > 0:
        return Identity(rest, (), (Term((index,), coefficient=Fraction(1)), squares))
    return None


def _by_signs(case: Case) -> CaseProof | None:
    for index, atom in enumerate(case.constraints):
        parts = _negated_squares(atom.polynomial) if atom.sense != "==" else None
        identity = parts and _identity(index, atom.sense, *parts)
        if identity:
            return positivstellensatz(case, identity)
    return None


def _by_division(case: Case) -> CaseProof | None:
    equations = [i for i, atom in enumerate(case.constraints) if atom.sense == "=="]
    for j in equations:
        divisor = case.constraints[j].polynomial
        if not len(divisor):
            continue
        for index, atom in enumerate(case.constraints):
            if atom.sense == "==":
                continue
            quotient, remainder = divmod(atom.polynomial, divisor)
            parts = _negated_squares(remainder) if len(quotient) else None
            identity = parts and _identity(index, atom.sense, *parts)
            if identity:
                full = Identity(
                    identity.coefficient, identity.strict, identity.terms, ((j, -quotient),)
                )
                return positivstellensatz(case, full)
    return None
