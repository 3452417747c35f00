"""Formulas over polynomial constraints, and their disjunctive normal form in textual order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from .errors import BarrierError, ProblemInvalid
from .expression import ExpressionInvalid, Relation, parse_relation
from .limits import LIMITS
from .polynomial import DivisionByZero, Polynomial, PolynomialTooLarge, Ring
from .quick_expression import read_relation

Sense = Literal[">=", ">", "=="]
Result = TypeVar("Result")


class TooManyCases(BarrierError):
    """The disjunctive normal form passes its limit."""

    def __init__(self, allowed: int, found: int) -> None:
        super().__init__(f"the disjunctive normal form has {found} cases (limit {allowed})")


@dataclass(frozen=True, slots=True)
class Atom:
    """`polynomial sense 0`."""

    polynomial: Polynomial
    sense: Sense


@dataclass(frozen=True, slots=True)
class And:
    """All children hold; no child: true."""

    children: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some child holds; no child: false."""

    children: tuple[Formula, ...]


Formula = Atom | And | Or


def atom_of(ring: Ring, relation: Relation) -> Atom:
    """Return `lhs op rhs` as one of `p >= 0`, `p > 0`, `p == 0`."""
    return _atom(ring.expand(relation.left) - ring.expand(relation.right), relation.operator)


def _atom(difference: Polynomial, operator: str) -> Atom:
    if operator == "==":
        return Atom(difference, "==")
    return Atom(
        -difference if operator in {"<=", "<"} else difference,
        ">=" if operator in {"<=", ">="} else ">",
    )


def parse_formula(value: Any, field: str, ring: Ring) -> Formula:
    """Return nested `{"and": [...]}`, `{"or": [...]}` and texts as a formula."""
    return _parse(value, field, ring, 0)


def _parse(value: Any, field: str, ring: Ring, depth: int) -> Formula:
    if depth > 40:
        raise ProblemInvalid(field, "TOO_DEEP", "nested too deeply (limit 40)")
    if isinstance(value, str):
        quick = read_relation(value, ring.by_name)
        if quick is not None:
            return _atom(ring.lift(quick[0] - quick[2]), quick[1])
        return guarded(
            field, lambda: atom_of(ring, parse_relation(value, frozenset(ring.variables)))
        )
    if isinstance(value, dict) and len(value) == 1:
        ((kind, children),) = value.items()
        if kind in {"and", "or"} and isinstance(children, list):
            parsed = tuple(
                _parse(child, f"{field}.{kind}[{i}]", ring, depth + 1)
                for i, child in enumerate(children)
            )
            return And(parsed) if kind == "and" else Or(parsed)
    raise ProblemInvalid(
        field, "FORMULA_EXPECTED", 'a relation, {"and": [...]} or {"or": [...]} is expected'
    )


def guarded(field: str, build: Callable[[], Result]) -> Result:
    """Run `build`, turning its errors into `ProblemInvalid` at `field`."""
    try:
        return build()
    except ExpressionInvalid as error:
        raise ProblemInvalid(field, error.code, str(error)) from error
    except PolynomialTooLarge as error:
        raise ProblemInvalid(field, "POLYNOMIAL_TOO_LARGE", str(error)) from error
    except DivisionByZero as error:
        raise ProblemInvalid(field, "DIVISION_BY_ZERO", str(error)) from error


def transformed(formula: Formula, change: Callable[[Polynomial], Polynomial]) -> Formula:
    """Return the formula with every atom's polynomial changed."""
    match formula:
        case And(children):
            return And(tuple(transformed(child, change) for child in children))
        case Or(children):
            return Or(tuple(transformed(child, change) for child in children))
        case Atom(polynomial, sense):
            return Atom(change(polynomial), sense)


def negate(formula: Formula) -> Formula:
    """Return the negation, pushed down to the atoms."""
    match formula:
        case And(children):
            return Or(tuple(negate(child) for child in children))
        case Or(children):
            return And(tuple(negate(child) for child in children))
        case Atom(polynomial, ">="):
            return Atom(-polynomial, ">")
        case Atom(polynomial, ">"):
            return Atom(-polynomial, ">=")
        case Atom(polynomial, _):
            return Or((Atom(polynomial, ">"), Atom(-polynomial, ">")))


def to_cases(formula: Formula, cases_max: int = LIMITS.cases) -> list[tuple[Atom, ...]]:
    """Return the disjunctive normal form: children in order, first child slowest in products."""
    match formula:
        case Atom():
            return [(formula,)]
        case Or(children):
            found = [case for child in children for case in to_cases(child, cases_max)]
        case And(children):
            found = [()]
            for child in children:
                parts = to_cases(child, cases_max)
                if len(found) * len(parts) > cases_max:
                    raise TooManyCases(cases_max, len(found) * len(parts))
                found = [(*head, *tail) for head in found for tail in parts]
    if len(found) > cases_max:
        raise TooManyCases(cases_max, len(found))
    return found


def atoms_of_conjunction(formula: Formula) -> list[Atom] | None:
    """Return the atoms in textual order if the formula is a conjunction of atoms, else None.

    An `or` of one entry counts as that entry.
    """
    match formula:
        case Atom():
            return [formula]
        case Or((child,)):
            return atoms_of_conjunction(child)
        case Or():
            return None
        case And(children):
            found: list[Atom] = []
            for child in children:
                atoms = atoms_of_conjunction(child)
                if atoms is None:
                    return None
                found.extend(atoms)
            return found


def atoms_in_order(formula: Formula) -> list[Atom]:
    """Return the atoms of a formula of any shape, in textual order."""
    if isinstance(formula, Atom):
        return [formula]
    return [atom for child in formula.children for atom in atoms_in_order(child)]


def conjunction(children: Sequence[Formula]) -> And:
    """Return the conjunction of the given formulas, in order."""
    return And(tuple(children))
