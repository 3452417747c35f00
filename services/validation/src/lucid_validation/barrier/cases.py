"""Cases that must have no solution, and obligations that are claims of emptiness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .errors import Unsupported
from .formula import Atom, Formula, TooManyCases, conjunction, to_cases
from .polynomial import Ring


@dataclass(frozen=True, slots=True)
class Case:
    """One conjunction that must have no solution. Plain: no opaque term is left in it."""

    constraints: tuple[Atom, ...]
    ring: Ring
    plain: bool

    @property
    def variables(self) -> tuple[str, ...]:
        """The declared names; exponents follow their order."""
        return self.ring.variables


@dataclass(frozen=True, slots=True)
class Emptiness:
    """The claim that none of the cases has a solution."""

    name: str
    cases: tuple[Case, ...]
    theorem: str
    citation: str


def make_case(atoms: Sequence[Atom], ring: Ring) -> Case:
    """Return the case of these atoms, in the variables' own context when nothing is opaque."""
    if ring.is_always_plain:
        return Case(tuple(atoms), ring, plain=True)
    if all(ring.is_plain(atom.polynomial) for atom in atoms):
        plain = tuple(Atom(ring.plain(atom.polynomial), atom.sense) for atom in atoms)
        return Case(plain, ring, plain=True)
    return Case(tuple(atoms), ring, plain=False)


def cases_of(formulas: Sequence[Formula], ring: Ring) -> tuple[Case, ...]:
    """Return the cases of the conjunction of these formulas."""
    try:
        return tuple(make_case(atoms, ring) for atoms in to_cases(conjunction(formulas)))
    except TooManyCases as error:
        raise Unsupported(str(error)) from error
