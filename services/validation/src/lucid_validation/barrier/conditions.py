"""From a problem to its proof obligations, each with the theorem that makes it one.

Every obligation claims that a *bad formula* has no solution; it is kept in disjunctive normal
form, cases and constraints in the order of docs/evidence-format.md, section 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .cases import Case, Emptiness, cases_of, make_case
from .formula import And, Atom, Formula, atoms_of_conjunction, conjunction, negate
from .kinds import further_obligations
from .lie import LieChain, enters
from .polynomial import Polynomial
from .problem import Barrier, Cuts, Problem

__all__ = [
    "Case",
    "Conjunct",
    "Emptiness",
    "Invariance",
    "Obligation",
    "Whole",
    "boundary_cases",
    "cases_of",
    "cofactor_cases",
    "escape_case",
    "lie_cases",
    "make_case",
    "obligations",
]


@dataclass(frozen=True, slots=True)
class Conjunct:
    """Positive invariance of {p <= 0}, {p < 0} or {p == 0} within `within`.

    A refutation must stay in `given` (the domain and earlier cuts) and in `others` (the other
    conjuncts of the same cut): a trajectory that left them before proves nothing.
    """

    polynomial: Polynomial
    kind: Literal["weak", "strict", "equation"]
    given: tuple[Formula, ...]
    before: tuple[Formula, ...] = ()
    others: tuple[Formula, ...] = ()

    @property
    def within(self) -> tuple[Formula, ...]:
        """Return what a proof may assume."""
        return (*self.given, *self.before)

    @property
    def region(self) -> Atom:
        """The set itself, as the atom that the problem states."""
        match self.kind:
            case "equation":
                return Atom(self.polynomial, "==")
            case "weak":
                return Atom(-self.polynomial, ">=")
            case "strict":
                return Atom(-self.polynomial, ">")


@dataclass(frozen=True, slots=True)
class Whole:
    """Positive invariance of a set of any boolean shape within `within`."""

    region: Formula
    within: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Invariance:
    """The claim that each conjunct is positively invariant, given the ones before it.

    A cut that is no conjunction has no conjuncts; it is claimed as a `whole`.
    """

    name: str
    conjuncts: tuple[Conjunct, ...]
    single: bool
    theorem: str
    citation: str
    whole: Whole | None = None


Obligation = Emptiness | Invariance

_STRICT = ("strict level set: the flow points inwards on B = 0", "Prajna2004")
_FLOW_THEOREMS = {
    "everywhere": ("B never grows along trajectories in the domain", "Prajna2004"),
    "boundary_strict": _STRICT,
    "boundary_weak": ("weak level set: sound only where B = 0 is regular", "Nagumo1942"),
    "exponential": ("B is bounded by an exponential of non-positive start", "Kong2013"),
    "discrete_decrease": ("B never grows from one state to the next", "Prajna2004"),
    "discrete_inductive": ("the set B <= 0 is mapped into itself", "Prajna2004"),
}
_LIE = ("no trajectory leaves the set or enters it only just before", "Liu2011")
_INVARIANCE = ("positive invariance by a cofactor or a strict boundary", "Platzer2010")


def obligations(problem: Problem) -> tuple[Obligation, ...]:
    """Return what must be proved for the certificate, in the order of docs/evidence-format.md."""
    if isinstance(problem.certificate, Cuts):
        return _cut_obligations(problem, problem.certificate)
    further = further_obligations(problem)
    if further is not None or not isinstance(problem.certificate, Barrier):
        return further or ()
    barrier = problem.certificate
    b, ring = barrier.polynomial, problem.ring
    init = cases_of([problem.init, Atom(b, ">")], ring)
    unsafe = cases_of([problem.unsafe, Atom(-b, ">=")], ring)
    return (
        Emptiness("init", init, "B <= 0 on every initial state", "Prajna2004"),
        Emptiness("unsafe", unsafe, "B > 0 on every unsafe state", "Prajna2004"),
        _flow_obligation(problem, barrier),
    )


def _flow_obligation(problem: Problem, barrier: Barrier) -> Obligation:
    flow = problem.flow_condition
    if flow == "invariant":
        conjunct = Conjunct(
            barrier.polynomial, "strict" if barrier.strict else "weak", problem.domain_conjuncts
        )
        return Invariance("flow", (conjunct,), True, *_INVARIANCE)
    bad = [*problem.domain_conjuncts, *_flow_tail(problem, barrier)]
    theorem, citation = _FLOW_THEOREMS[flow]
    return Emptiness("flow", cases_of(bad, problem.ring), theorem, citation)


def _flow_tail(problem: Problem, barrier: Barrier) -> list[Formula]:
    """Return the conjuncts that the flow condition adds to the domain."""
    b, ring, flow = barrier.polynomial, problem.ring, problem.flow_condition
    if flow == "discrete_decrease":
        return [Atom(ring.compose(b, problem.dynamics) - b, ">")]
    if flow == "discrete_inductive":
        return [Atom(-b, ">="), Atom(ring.compose(b, problem.dynamics), ">")]
    rate = ring.lie_derivative(b, problem.dynamics)
    if flow == "boundary_strict":
        return [Atom(b, "=="), Atom(rate, ">=")]
    if flow == "boundary_weak":
        return [Atom(b, "=="), Atom(rate, ">")]
    if flow == "exponential":
        return [Atom(rate - ring.multiply(barrier.rate, b), ">")]
    return [Atom(rate, ">")]


def _cut_obligations(problem: Problem, cuts: Cuts) -> tuple[Obligation, ...]:
    ring, domain = problem.ring, problem.domain_conjuncts
    every = And(cuts.formulas)
    init = cases_of([problem.init, *domain, negate(every)], ring)
    unsafe = cases_of([*cuts.formulas, *domain, problem.unsafe], ring)
    found: list[Obligation] = [
        Emptiness("init", init, "every cut holds initially", "Platzer2010"),
        Emptiness("unsafe", unsafe, "the cuts exclude every unsafe state", "Platzer2010"),
    ]
    for index, formula in enumerate(cuts.formulas):
        found.append(_cut_obligation(index, formula, (*domain, *cuts.formulas[:index])))
    return tuple(found)


def _cut_obligation(index: int, formula: Formula, within: tuple[Formula, ...]) -> Obligation:
    name = f"cut{index + 1}"
    atoms = atoms_of_conjunction(formula)
    if atoms is None:
        return Invariance(name, (), True, *_LIE, Whole(formula, within))
    conjuncts = []
    for place, atom in enumerate(atoms):
        parts = (within, tuple(atoms[:place]), (*atoms[:place], *atoms[place + 1 :]))
        if atom.sense == "==":
            conjuncts.append(Conjunct(atom.polynomial, "equation", *parts))
        else:
            kind: Literal["weak", "strict"] = "weak" if atom.sense == ">=" else "strict"
            conjuncts.append(Conjunct(-atom.polynomial, kind, *parts))
    return Invariance(name, tuple(conjuncts), len(atoms) == 1, *_INVARIANCE)


def boundary_cases(conjunct: Conjunct, problem: Problem, *, weak: bool) -> tuple[Case, ...]:
    """Return the cases of `within and p == 0 and Lp >= 0` (weak: `Lp > 0`)."""
    rate = problem.ring.lie_derivative(conjunct.polynomial, problem.dynamics)
    tail = [Atom(conjunct.polynomial, "=="), Atom(rate, ">" if weak else ">=")]
    return cases_of([*conjunct.within, *tail], problem.ring)


def cofactor_cases(conjunct: Conjunct, cofactor: Polynomial, problem: Problem) -> tuple[Case, ...]:
    """Return the cases of `within and Lp - K*p > 0`; for an equation both signs, in that order."""
    ring = problem.ring
    rate = ring.lie_derivative(conjunct.polynomial, problem.dynamics)
    excess = rate - ring.multiply(cofactor, conjunct.polynomial)
    cases = cases_of([*conjunct.within, Atom(excess, ">")], ring)
    if conjunct.kind == "equation":
        cases += cases_of([*conjunct.within, Atom(-excess, ">")], ring)
    return cases


def lie_cases(
    formula: Formula, within: tuple[Formula, ...], chains: Sequence[LieChain], problem: Problem
) -> tuple[Case, ...]:
    """Return the cases of `H and S and In(not S)`, then those of `H and not S and IvIn(S)`."""
    outward = enters(formula, chains, negated=True)
    arriving = enters(formula, chains, backward=True)
    ring = problem.ring
    return (
        *cases_of([*within, formula, outward], ring),
        *cases_of([*within, negate(formula), arriving], ring),
    )


def escape_case(conjunct: Conjunct, problem: Problem, order: int = 1) -> Case | None:
    """Return `given, others (open), L_0 == 0, .., L_(j-1) == 0 and L_j > 0` for the order j.

    A solution leaves the set at once. None where what must hold is not a conjunction of
    inequalities, or for an equation; also for a strict set and an even order: there the trajectory
    was outside before.
    """
    atoms = atoms_of_conjunction(conjunction([*conjunct.given, *conjunct.others]))
    if atoms is None or conjunct.kind == "equation" or any(a.sense == "==" for a in atoms):
        return None
    if conjunct.kind == "strict" and order % 2 == 0:
        return None
    opened = [Atom(atom.polynomial, ">") for atom in atoms]
    chain = [conjunct.polynomial]
    for _ in range(order):
        chain.append(problem.ring.lie_derivative(chain[-1], problem.dynamics))
    tail = [*(Atom(value, "==") for value in chain[:-1]), Atom(chain[-1], ">")]
    return make_case([*opened, *tail], problem.ring)
