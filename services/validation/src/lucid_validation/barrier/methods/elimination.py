"""Equations that fix a variable are solved exactly before a search; points are mapped back.

`c*x + q(other variables) = 0` with a constant c gives x = -q/c. A pair `p >= 0`, `-p >= 0` is the
equation `p = 0` as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.formula import Atom
from lucid_validation.barrier.polynomial import Polynomial, constant_value, rational

from .evidence import evaluate


@dataclass(frozen=True, slots=True)
class Reduced:
    """What is left: constraints in the free variables, and how to get the others back."""

    case: Case
    constraints: tuple[Atom, ...]
    free: tuple[int, ...]
    solved: tuple[tuple[int, Polynomial], ...]

    def lift(self, values: Sequence[Fraction]) -> list[Fraction]:
        """Return a full point from values of the free variables."""
        full = [Fraction(0)] * len(self.case.variables)
        for k, value in zip(self.free, values, strict=True):
            full[k] = value
        for k, expression in reversed(self.solved):
            full[k] = evaluate(expression, full)
        return full


def reduce_case(case: Case) -> Reduced | None:
    """Return the reduced case, or None when the equations contradict each other obviously."""
    atoms = _merge_pairs(list(case.constraints))
    solved: list[tuple[int, Polynomial]] = []
    while (found := _solvable(atoms, case)) is not None:
        place, variable, expression = found
        solved.append((variable, expression))
        generators = list(case.ring.plain_context.gens())
        generators[variable] = expression
        rest = atoms[:place] + atoms[place + 1 :]
        atoms = [Atom(a.polynomial.compose(*generators), a.sense) for a in rest]
    kept = []
    for atom in atoms:
        value = constant_value(atom.polynomial)
        if value is None:
            kept.append(atom)
        elif value < 0 or (value == 0 and atom.sense == ">") or (value and atom.sense == "=="):
            return None
    gone = {k for k, _ in solved}
    free = tuple(k for k in range(len(case.variables)) if k not in gone)
    return Reduced(case, tuple(kept), free, tuple(solved))


def _merge_pairs(atoms: list[Atom]) -> list[Atom]:
    found: list[Atom] = []
    for atom in atoms:
        twin = next((i for i, a in enumerate(found) if a.polynomial == -atom.polynomial), None)
        if atom.sense == ">=" and twin is not None and found[twin].sense == ">=":
            found[twin] = Atom(atom.polynomial, "==")
        else:
            found.append(atom)
    return found


def _solvable(atoms: list[Atom], case: Case) -> tuple[int, int, Polynomial] | None:
    """Return (place, variable, expression) of an equation that fixes a variable."""
    for place, atom in enumerate(atoms):
        if atom.sense != "==":
            continue
        for k in range(len(case.variables)):
            if atom.polynomial.degrees()[k] != 1:
                continue
            slope = constant_value(atom.polynomial.derivative(k))
            if slope:
                generator = case.ring.plain_context.gens()[k]
                rest = atom.polynomial - generator * rational(slope)
                return place, k, rest * rational(-1 / slope)
    return None
