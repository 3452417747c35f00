"""Function terms as further variables: what is known about them decides many a case.

`sin(x)` becomes a variable s with s^2 <= 1 and s^2 <= x^2, `sqrt(a)` one with s >= 0 and s^2 = a,
and so on (the facts of docs/evidence-format.md, 3.1); the plain case that results is tried by the
algebraic methods, which need no bounded domain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.formula import Atom, Sense
from lucid_validation.barrier.polynomial import INVERSE, Polynomial, Ring, terms

from . import algebra, linear, sos
from .evidence import CaseProof, Json

_UNIT = {"sin", "cos", "tanh"}
_SMALL = 36
_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Lifted:
    """The plain case, and what the evidence says about where it comes from."""

    case: Case
    terms: list[str]
    facts: list[Json]


def attempt(case: Case, effort: int, budget: Budget) -> CaseProof | None:
    """Prove a case with function terms empty, or None. Effort 0 tries small programs only."""
    lifted = lift(case)
    if lifted is None:
        return None
    # Many further variables make wide programs: no case was decided by one that took longer.
    budget = budget.slice(_SECONDS)
    found = algebra.attempt(lifted.case) or linear.attempt(lifted.case, 1, budget)
    if found is None and (effort or sos.basis_size(lifted.case) <= _SMALL):
        found = sos.attempt(lifted.case, 0, budget)
    if found is None and effort:
        found = sos.attempt(lifted.case, 1, budget)
    if found is None or found.proof["type"] != "positivstellensatz":
        return None
    proof = {"type": "lift", "terms": lifted.terms, "facts": lifted.facts, "proof": found.proof}
    return CaseProof(proof)


def lift(case: Case) -> Lifted | None:
    """Return the case with every function term as a variable, or None where there is none."""
    ring, count = case.ring, len(case.variables)
    used = [
        slot
        for slot in range(len(ring.opaque_terms))
        if any(atom.polynomial.degrees()[count + slot] > 0 for atom in case.constraints)
    ]
    if not used:
        return None
    names = [term_text(ring, slot) for slot in used]
    target = Ring((*case.variables, *names))
    place = {slot: count + k for k, slot in enumerate(used)}
    constraints = [
        Atom(_moved(atom.polynomial, place, target, count), atom.sense) for atom in case.constraints
    ]
    facts = []
    for fact, added in _facts(ring, used, place, target, count):
        facts.append(fact)
        constraints += added
    return Lifted(Case(tuple(constraints), target, plain=True), names, facts)


def _moved(polynomial: Polynomial, place: dict[int, int], target: Ring, count: int) -> Polynomial:
    """Return the polynomial in the variables of the lifted case."""
    size = len(target.variables)
    table = {}
    for exponents, value in polynomial.to_dict().items():
        moved = [*(int(k) for k in exponents[:count]), *[0] * (size - count)]
        for slot, k in place.items():
            moved[k] = int(exponents[count + slot])
        table[tuple(moved)] = value
    return target.context.from_dict(table)


def _facts(
    ring: Ring, used: list[int], place: dict[int, int], target: Ring, count: int
) -> Iterator[tuple[Json, list[Atom]]]:
    """Yield each fact with the constraints it adds; one whose argument is not liftable is left."""
    for number, slot in enumerate(used):
        function, argument = ring.opaque_terms[slot]
        s = target.generators[place[slot]]
        degrees = argument.degrees()[count:]
        known = all(d <= 0 or k in place for k, d in enumerate(degrees))
        a = _moved(argument, place, target, count) if known else None
        for fact, added in _facts_of(function, s, a):
            yield {"fact": fact, "term": number}, added
        twin = ("cos", argument)
        if function == "sin" and twin in ring.opaque_terms:
            other = ring.opaque_terms.index(twin)
            if other in place:
                c = target.generators[place[other]]
                circle = [Atom(s**2 + c**2 - 1, "==")]
                yield {"fact": "circle", "term": number, "other": used.index(other)}, circle


def _facts_of(
    function: str, s: Polynomial, a: Polynomial | None
) -> Iterator[tuple[str, list[Atom]]]:
    """Yield the facts about s = function(a) alone; a is None where it is not a polynomial."""
    if function in _UNIT:
        yield "unit", [Atom(1 - s, ">="), Atom(1 + s, ">=")]
    if function in {"exp", "sqrt", "abs"}:
        sense: Sense = ">" if function == "exp" else ">="
        yield "positive", [Atom(s, sense)]
    if a is None:
        return
    if function in {"sqrt", "abs"}:
        yield "square", [Atom(s**2 - (a if function == "sqrt" else a**2), "==")]
    if function == INVERSE:
        yield "inverse", [Atom(s * a - 1, "==")]
    if function in {"exp", "log"}:
        yield "tangent", [Atom(s - 1 - a if function == "exp" else a - 1 - s, ">=")]
    if function in {"sin", "tanh"}:
        yield "slope", [Atom(a**2 - s**2, ">=")]


def term_text(ring: Ring, slot: int) -> str:
    """Return a function term as a text that reads back as the same term."""
    function, argument = ring.opaque_terms[slot]
    inner = polynomial_text(ring, argument)
    return f"1/({inner})" if function == INVERSE else f"{function}({inner})"


def polynomial_text(ring: Ring, polynomial: Polynomial) -> str:
    """Return a polynomial with function terms as a text that reads back as the same."""
    count = len(ring.variables)
    parts = []
    for exponents, value in terms(polynomial).items():
        factors = [str(value)] if value != 1 or not any(exponents) else []
        for k, e in enumerate(exponents):
            if e:
                name = ring.variables[k] if k < count else f"({term_text(ring, k - count)})"
                factors.append(f"{name}**{e}" if e > 1 else name)
        parts.append("*".join(factors))
    return " + ".join(parts).replace("+ -", "- ") or "0"
