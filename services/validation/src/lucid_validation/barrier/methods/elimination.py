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
class Placed:
    """A constraint and where it comes from; a pair `p >= 0`, `-p >= 0` has two origins."""

    atom: Atom
    origins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Solved:
    """An equation `polynomial = 0` solved as variable number `variable` = `expression`.

    `polynomial` has the earlier equations substituted already.
    """

    variable: int
    expression: Polynomial
    polynomial: Polynomial
    origins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reduced:
    """What is left: constraints in the free variables, and how to get the others back."""

    case: Case
    placed: tuple[Placed, ...]
    free: tuple[int, ...]
    solved: tuple[Solved, ...]

    @property
    def constraints(self) -> tuple[Atom, ...]:
        """The constraints that are left."""
        return tuple(p.atom for p in self.placed)

    def lift(self, values: Sequence[Fraction]) -> list[Fraction]:
        """Return a full point from values of the free variables."""
        full = [Fraction(0)] * len(self.case.variables)
        for k, value in zip(self.free, values, strict=True):
            full[k] = value
        for step in reversed(self.solved):
            full[step.variable] = evaluate(step.expression, full)
        return full

    def substitute(self, polynomial: Polynomial, step: Solved) -> Polynomial:
        """Return the polynomial with one solved variable replaced."""
        generators = list(self.case.ring.plain_context.gens())
        generators[step.variable] = step.expression
        return polynomial.compose(*generators)


def reduce_case(case: Case) -> Reduced | None:
    """Return the reduced case, or None when a constraint turns out to be a false constant."""
    placed = _merge_pairs(case)
    solved: list[Solved] = []
    while (step := _solvable(placed, case)) is not None:
        solved.append(step)
        generators = list(case.ring.plain_context.gens())
        generators[step.variable] = step.expression
        placed = [
            Placed(Atom(p.atom.polynomial.compose(*generators), p.atom.sense), p.origins)
            for p in placed
            if p.origins != step.origins
        ]
    kept = []
    for entry in placed:
        value = constant_value(entry.atom.polynomial)
        sense = entry.atom.sense
        if value is None:
            kept.append(entry)
        elif value < 0 or (value == 0 and sense == ">") or (value and sense == "=="):
            return None
    gone = {step.variable for step in solved}
    free = tuple(k for k in range(len(case.variables)) if k not in gone)
    return Reduced(case, tuple(kept), free, tuple(solved))


def _merge_pairs(case: Case) -> list[Placed]:
    found: list[Placed] = []
    for index, atom in enumerate(case.constraints):
        twin = None
        if atom.sense == ">=":
            twin = next(
                (
                    i
                    for i, p in enumerate(found)
                    if p.atom.sense == ">=" and p.atom.polynomial == -atom.polynomial
                ),
                None,
            )
        if twin is None:
            found.append(Placed(atom, (index,)))
        else:
            first = found[twin]
            found[twin] = Placed(Atom(first.atom.polynomial, "=="), (*first.origins, index))
    return found


def _solvable(placed: Sequence[Placed], case: Case) -> Solved | None:
    """Return an equation that fixes a variable, if there is one."""
    for entry in placed:
        polynomial = entry.atom.polynomial
        if entry.atom.sense != "==":
            continue
        for k in range(len(case.variables)):
            if polynomial.degrees()[k] != 1:
                continue
            slope = constant_value(polynomial.derivative(k))
            if slope:
                generator = case.ring.plain_context.gens()[k]
                rest = polynomial - generator * rational(slope)
                return Solved(k, rest * rational(-1 / slope), polynomial, entry.origins)
    return None
