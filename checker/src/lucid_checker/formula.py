"""Formulas over constraints `p >= 0 | p > 0 | p == 0`, and the cases evidence names by index."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from lucid_checker.algebra import Exponents, Polynomial, Ring
from lucid_checker.document import Json
from lucid_checker.limits import (
    CASES_MAX,
    CONSTRAINTS_MAX,
    EXPONENT_MAX,
    POLYNOMIAL_TERMS_MAX,
    Refused,
    Work,
)


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


def either(*parts: Formula) -> Formula:
    """Return the disjunction, in order."""
    return Junction("or", parts)


def above(polynomial: Polynomial) -> Formula:
    """Return `polynomial > 0`."""
    return Atom(polynomial, ">")


def below(polynomial: Polynomial) -> Formula:
    """Return `-polynomial >= 0`."""
    return Atom(-polynomial, ">=")


def replaced(formula: Formula, change: Callable[[Atom], Formula], *, swap: bool = False) -> Formula:
    """Return the formula with every atom replaced, and with `and` and `or` swapped."""
    if isinstance(formula, Atom):
        return change(formula)
    kind = formula.kind if not swap else "or" if formula.kind == "and" else "and"
    return Junction(kind, tuple(replaced(part, change, swap=swap) for part in formula.parts))


def opposite(formula: Formula) -> Formula:
    """Return the negation, pushed to the atoms."""

    def change(atom: Atom) -> Formula:
        if atom.relation == "==":
            return either(above(atom.polynomial), above(-atom.polynomial))
        return Atom(-atom.polynomial, ">" if atom.relation == ">=" else ">=")

    return replaced(formula, change, swap=True)


def atoms_of(formula: Formula) -> list[Atom]:
    """Return the atoms in textual order."""
    if isinstance(formula, Atom):
        return [formula]
    return [atom for part in formula.parts for atom in atoms_of(part)]


def conjuncts(formula: Formula) -> list[Atom] | None:
    """Return the atoms of a conjunction of atoms, None for any other shape.

    An `or` of one part is that part.
    """
    if isinstance(formula, Junction):
        plain = formula.kind == "and" or len(formula.parts) == 1
        if not plain or any(conjuncts(part) is None for part in formula.parts):
            return None
    return atoms_of(formula)


@dataclass(frozen=True)
class Case:
    """A conjunction, and the generators (variables, then lifted terms) that evidence speaks of."""

    atoms: list[Atom]
    names: list[str]
    columns: list[int]
    ring: Ring

    def index(self, node: Json) -> int:
        """Return the index of a constraint that the evidence names."""
        return node.integer(0, len(self.atoms) - 1)

    def exact(self, index: int, node: Json) -> Polynomial:
        """Return a constraint, refused where it has an opaque term that is not lifted."""
        polynomial = self.atoms[index].polynomial
        if any(polynomial.degree(k) for k in polynomial.ring.slots() if k not in self.columns):
            raise node.refuse(f"constraint {index} is not polynomial")
        return polynomial

    def exponents(self, node: Json) -> Exponents:
        """Return the exponents of a monomial, written with one for each column."""
        result = [0] * self.ring.width
        entries = node.items(len(self.columns), exactly=len(self.columns))
        for column, entry in zip(self.columns, entries, strict=True):
            result[column] = entry.integer(0, EXPONENT_MAX)
        return tuple(result)

    def polynomial(self, node: Json) -> Polynomial:
        """Return the polynomial written as [[[e1, …, en], q], …]; no monomial twice."""
        result: dict[Exponents, Fraction] = {}
        for entry in node.items(POLYNOMIAL_TERMS_MAX):
            exponents, value = entry.items(2, exactly=2)
            key = self.exponents(exponents)
            if key in result:
                raise entry.refuse("a monomial occurs twice")
            result[key] = value.rational()
        return Polynomial(self.ring, result)


def normal_form(formula: Formula, work: Work) -> list[list[Atom]]:
    """Return the disjunctive normal form in the order that evidence counts in."""
    if isinstance(formula, Atom):
        return [[formula]]
    result: list[list[Atom]] = [[]] if formula.kind == "and" else []
    for part in formula.parts:
        cases, size = normal_form(part, work), len(result[0]) if result else 0
        count = len(result) * len(cases) if formula.kind == "and" else len(result) + len(cases)
        work.spend(count * (size + 1))
        if count > CASES_MAX or size > CONSTRAINTS_MAX:
            raise Refused(f"a formula has more than {CASES_MAX} cases")
        if formula.kind == "and":
            result = [left + right for left in result for right in cases]
        else:
            result = result + cases
    return result
