"""Formulas over constraints `p >= 0 | p > 0 | p == 0`: conjunction, negation, shape."""

from collections.abc import Callable
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


def both(*parts: Formula) -> Junction:
    """Return the conjunction, in order."""
    return Junction("and", parts)


def either(*parts: Formula) -> Junction:
    """Return the disjunction, in order."""
    return Junction("or", parts)


def above(polynomial: Polynomial) -> Atom:
    """Return `polynomial > 0`."""
    return Atom(polynomial, ">")


def below(polynomial: Polynomial) -> Atom:
    """Return `polynomial <= 0`."""
    return Atom(negate(polynomial), ">=")


def replaced(formula: Formula, change: Callable[[Atom], Formula]) -> Formula:
    """Return the formula with every atom replaced, in textual order."""
    if isinstance(formula, Atom):
        return change(formula)
    return Junction(formula.kind, tuple(replaced(part, change) for part in formula.parts))


def atoms_of(formula: Formula) -> list[Atom]:
    """Return the atoms in textual order."""
    if isinstance(formula, Atom):
        return [formula]
    return [atom for part in formula.parts for atom in atoms_of(part)]


def opposite(formula: Formula) -> Formula:
    """Return the negation, pushed to the atoms."""
    if isinstance(formula, Junction):
        kind = "or" if formula.kind == "and" else "and"
        return Junction(kind, tuple(opposite(part) for part in formula.parts))
    lower = negate(formula.polynomial)
    if formula.relation == "==":
        return either(above(formula.polynomial), above(lower))
    return Atom(lower, ">" if formula.relation == ">=" else ">=")


def conjuncts(formula: Formula) -> list[Atom] | None:
    """Return the atoms of a conjunction of atoms, None for any other shape.

    An `or` of one part is that part.
    """
    if isinstance(formula, Junction) and (formula.kind == "and" or len(formula.parts) == 1):
        inner = [conjuncts(part) for part in formula.parts]
        return None if None in inner else [atom for part in inner for atom in part or ()]
    return [formula] if isinstance(formula, Atom) else None
