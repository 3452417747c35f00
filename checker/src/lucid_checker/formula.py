"""Formulas over constraints `p >= 0 | p > 0 | p == 0`: conjunction, negation, shape."""

from dataclasses import dataclass

from lucid_checker.polynomial import Polynomial, negate


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """The claim `polynomial relation 0`; relation is '>=', '>' or '=='."""

    polynomial: Polynomial
    relation: str


@dataclass(frozen=True, slots=True, eq=False)
class Junction:
    """A conjunction ('and') or disjunction ('or') of formulas."""

    kind: str
    parts: tuple["Formula", ...]


Formula = Atom | Junction


def both(*parts: Formula) -> Formula:
    """Return the conjunction, in order."""
    return Junction("and", parts)


def opposite(formula: Formula) -> Formula:
    """Return the negation, pushed to the atoms."""
    if isinstance(formula, Junction):
        parts = tuple(opposite(part) for part in formula.parts)
        return Junction("or" if formula.kind == "and" else "and", parts)
    below = negate(formula.polynomial)
    if formula.relation == ">=":
        return Atom(below, ">")
    if formula.relation == ">":
        return Atom(below, ">=")
    return Junction("or", (Atom(formula.polynomial, ">"), Atom(below, ">")))


def conjuncts(formula: Formula) -> list[Atom] | None:
    """Return the atoms of a conjunction of atoms, None for any other shape.

    An `or` of one part is that part.
    """
    if isinstance(formula, Atom):
        return [formula]
    if formula.kind == "or" and len(formula.parts) != 1:
        return None
    found: list[Atom] = []
    for part in formula.parts:
        inner = conjuncts(part)
        if inner is None:
            return None
        found.extend(inner)
    return found
