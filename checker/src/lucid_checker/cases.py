"""Cases of a formula: conjunctions of constraints that evidence names by index."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lucid_checker.document import Json
from lucid_checker.formula import Atom, Formula
from lucid_checker.limits import CASES_MAX, CONSTRAINTS_MAX, Refused, Work
from lucid_checker.polynomial import Polynomial
from lucid_checker.ring import Ring


@dataclass(frozen=True)
class Case:
    """A conjunction, and the generators (variables, then lifted terms) that evidence speaks of."""

    atoms: list[Atom]
    ring: Ring
    names: Sequence[str]
    columns: tuple[int, ...]
    _known: dict[int, Polynomial | None] = field(default_factory=dict)

    def index(self, node: Json) -> int:
        """Return the index of a constraint that the evidence names."""
        return node.integer(0, len(self.atoms) - 1)

    def exact(self, index: int, node: Json) -> Polynomial:
        """Return a constraint as a polynomial over the columns, refused where it is none."""
        if index not in self._known:
            polynomial = self.atoms[index].polynomial
            self._known[index] = self.ring.plain(polynomial, self.columns)
        plain = self._known[index]
        if plain is None:
            raise node.refuse(f"constraint {index} is not polynomial")
        return plain


def normal_form(formula: Formula, work: Work) -> list[list[Atom]]:
    """Return the disjunctive normal form in the order that evidence counts in."""
    if isinstance(formula, Atom):
        return [[formula]]
    inner = [normal_form(part, work) for part in formula.parts]
    if formula.kind == "or":
        joined = [case for cases in inner for case in cases]
        _count(len(joined), 0, work)
        return joined
    result: list[list[Atom]] = [[]]
    for cases in inner:
        _count(len(result) * len(cases), len(result[0]) if result else 0, work)
        result = [left + right for left in result for right in cases]
    return result


def _count(cases: int, constraints: int, work: Work) -> None:
    work.spend(cases * (constraints + 1))
    if cases > CASES_MAX or constraints > CONSTRAINTS_MAX:
        raise Refused(f"a formula has more than {CASES_MAX} cases")
