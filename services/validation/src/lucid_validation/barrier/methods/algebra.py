"""Decisions by exact algebra alone: constants, sign-definite forms, exact division.

Exact division `s = K*h + R` is the Darboux argument: on h = 0 the sign of s is that of R.
[Darboux1878]
"""

from __future__ import annotations

from fractions import Fraction
from math import prod

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


def _half_lines(case: Case) -> dict[int, tuple[int, Fraction]]:
    """Return variable -> (constraint, c) for every constraint of the form `c * variable >= 0`."""
    found: dict[int, tuple[int, Fraction]] = {}
    for index, atom in enumerate(case.constraints):
        monomials = terms(atom.polynomial)
        if atom.sense == "==" or len(monomials) != 1:
            continue
        ((exponents, value),) = monomials.items()
        if sum(exponents) == 1:
            found.setdefault(exponents.index(1), (index, value))
    return found


def _negated_squares(
    polynomial: Polynomial, half_lines: dict[int, tuple[int, Fraction]]
) -> tuple[tuple[Term, ...], Fraction] | None:
    """Return (terms, rest) with polynomial = -(sum of terms) - rest and rest a constant >= 0.

    Each term is a sum of squares, times the variables of odd power where the case fixes their
    sign. None unless every monomial is negative in this way.
    """
    rest = Fraction(0)
    groups: dict[tuple[int, ...], list[tuple[tuple[int, ...], Fraction]]] = {}
    for exponents, value in terms(polynomial).items():
        odd = [v for v, k in enumerate(exponents) if k % 2]
        if any(v not in half_lines for v in odd):
            return None
        weight = -value / prod(half_lines[v][1] for v in odd)
        if weight < 0:
            return None
        if not any(exponents):
            rest = weight
            continue
        factors = tuple(half_lines[v][0] for v in odd)
        groups.setdefault(factors, []).append((tuple(k // 2 for k in exponents), weight))
    return tuple(_diagonal(factors, squares) for factors, squares in groups.items()), rest


def _diagonal(factors: tuple[int, ...], squares: list[tuple[tuple[int, ...], Fraction]]) -> Term:
    size = range(len(squares))
    gram = [[squares[i][1] if i == j else Fraction(0) for j in size] for i in size]
    return Term(factors, basis=tuple(monomial for monomial, _ in squares), gram=gram)


def _identity(index: int, sense: str, squares: tuple[Term, ...], rest: Fraction) -> Identity | None:
    """Return the identity for `constraint index = -squares - rest` (modulo an ideal)."""
    constant = Term((), coefficient=rest)
    if sense == ">":
        return Identity(Fraction(1), (index,), (*squares, constant))
    if rest > 0:
        return Identity(rest, (), (Term((index,), coefficient=Fraction(1)), *squares))
    return None


def _by_signs(case: Case) -> CaseProof | None:
    half_lines = _half_lines(case)
    for index, atom in enumerate(case.constraints):
        parts = _negated_squares(atom.polynomial, half_lines) if atom.sense != "==" else None
        identity = parts and _identity(index, atom.sense, *parts)
        if identity:
            return positivstellensatz(case, identity)
    return None


def _by_division(case: Case) -> CaseProof | None:
    half_lines = _half_lines(case)
    equations = [i for i, atom in enumerate(case.constraints) if atom.sense == "=="]
    for j in equations:
        divisor = case.constraints[j].polynomial
        if not len(divisor):
            continue
        for index, atom in enumerate(case.constraints):
            if atom.sense == "==":
                continue
            quotient, remainder = divmod(atom.polynomial, divisor)
            parts = _negated_squares(remainder, half_lines) if len(quotient) else None
            identity = parts and _identity(index, atom.sense, *parts)
            if identity:
                full = Identity(
                    identity.coefficient, identity.strict, identity.terms, ((j, -quotient),)
                )
                return positivstellensatz(case, full)
    return None
