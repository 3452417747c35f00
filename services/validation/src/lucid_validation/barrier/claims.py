"""What the methods work on: claims, each with alternative ways to prove it and ways to refute it.

An `Emptiness` obligation is one claim. An `Invariance` obligation is one claim per conjunct, and
each conjunct may be proved through a cofactor, through its strict boundary, or by higher Lie
derivatives; a cut that is no conjunction is one claim, by Lie derivatives alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from .conditions import (
    Case,
    Conjunct,
    Emptiness,
    Invariance,
    Obligation,
    Whole,
    boundary_cases,
    cofactor_cases,
    escape_case,
    lie_cases,
)
from .errors import BarrierError
from .formula import Atom, atoms_in_order
from .lie import LieChain, lie_chain
from .methods.evidence import Json, polynomial_json, with_case
from .polynomial import Polynomial, rational, terms
from .problem import Problem

# Refutations by derivatives beyond this order are not searched for.
_ORDERS = 5


@dataclass(slots=True)
class Alternative:
    """One way to prove a claim: all `cases` are empty. `via` is None for plain emptiness."""

    cases: tuple[Case, ...]
    via: str | None = None
    cofactor: Polynomial | None = None
    atoms: list[Json] | None = None
    proofs: dict[int, Json] = field(default_factory=dict)
    methods: list[str] = field(default_factory=list)

    def open_cases(self) -> list[int]:
        """Return the numbers of the cases without a proof."""
        return [i for i in range(len(self.cases)) if i not in self.proofs]

    def is_proved(self) -> bool:
        """Say whether every case has its proof."""
        return len(self.proofs) == len(self.cases)

    def evidence(self) -> Json:
        """Return the proof in the documented form."""
        cases = [self.proofs[i] for i in range(len(self.cases))]
        if self.via is None:
            return {"cases": cases}
        found: Json = {"via": self.via, "cases": cases}
        if self.cofactor is not None:
            found["cofactor"] = polynomial_json(self.cofactor)
        if self.atoms is not None:
            found["atoms"] = self.atoms
        return found


@dataclass(slots=True)
class Claim:
    """One thing to decide. `weak_boundary` is a case whose identity would yield a cofactor.

    `higher` is a set whose Lie derivatives may give another alternative: a costly one, so it is
    built only by `extend`, once the cheap ones have failed. `orders` has the order of the refutable
    cases that use higher derivatives.
    """

    alternatives: list[Alternative]
    refutable: tuple[Case, ...]
    conjunct: int | None = None
    higher: Whole | None = None
    escapes: Conjunct | None = None
    orders: dict[int, int] = field(default_factory=dict)
    weak_boundary: Case | None = None
    witness: Json | None = None
    refuted_by: str = ""
    claims_of_solvers: list[str] = field(default_factory=list)

    def proved(self) -> Alternative | None:
        """Return the alternative that is completely proved, if any."""
        return next((a for a in self.alternatives if a.is_proved()), None)

    def is_decided(self) -> bool:
        """Say whether there is a witness or a complete proof."""
        return self.witness is not None or self.proved() is not None

    def refute(self, case: int, witness: Json, method: str) -> None:
        """Record a witness for one of the refutable cases."""
        order = self.orders.get(case)
        found = with_case(witness, case if order is None else 0)
        if order is not None:
            if found["type"] != "point":
                return
            found["order"] = order
        if self.conjunct is not None:
            found["conjunct"] = self.conjunct
        self.witness, self.refuted_by = found, method


def claims_of(obligation: Obligation, problem: Problem) -> list[Claim]:
    """Return the claims of an obligation, in order."""
    if isinstance(obligation, Emptiness):
        return [Claim([Alternative(obligation.cases)], obligation.cases)]
    if obligation.whole is not None:
        return [Claim([], (), higher=obligation.whole)]
    return [
        _conjunct_claim(conjunct, problem, None if obligation.single else index)
        for index, conjunct in enumerate(obligation.conjuncts)
    ]


def proof_of(obligation: Obligation, claims: list[Claim]) -> Json:
    """Return the proof of an obligation all of whose claims are proved."""
    parts = [proved.evidence() for claim in claims if (proved := claim.proved())]
    if isinstance(obligation, Invariance) and not obligation.single:
        return {"conjuncts": parts}
    return parts[0]


def _conjunct_claim(conjunct: Conjunct, problem: Problem, index: int | None) -> Claim:
    equation = conjunct.kind == "equation"
    via = "equation" if equation else "cofactor"
    alternatives = [
        Alternative(cofactor_cases(conjunct, cofactor, problem), via, _plain(cofactor, problem))
        for cofactor in _cofactors(conjunct, problem)
    ]
    if not equation:
        strict = boundary_cases(conjunct, problem, weak=False)
        alternatives.append(Alternative(strict, "strict_boundary"))
    weak = () if equation else boundary_cases(conjunct, problem, weak=True)
    escape = escape_case(conjunct, problem)
    return Claim(
        alternatives,
        (escape,) if escape else (),
        conjunct=index,
        higher=Whole(conjunct.region, conjunct.within),
        escapes=conjunct,
        weak_boundary=weak[0] if len(weak) == 1 else None,
    )


def extend(claim: Claim, problem: Problem, goes_on: Callable[[], bool]) -> bool:
    """Add what higher Lie derivatives offer to a claim; say whether there was something to add.

    Only polynomial dynamics and sets have them. `goes_on` is asked between the orders.
    """
    region, claim.higher = claim.higher, None
    if region is None or not _is_polynomial(region, problem):
        return False
    chains: list[LieChain] = []
    for atom in atoms_in_order(region.region):
        found = lie_chain(atom.polynomial, problem.dynamics, problem.ring, goes_on)
        if found is None:
            break
        chains.append(found)
    added = _add_escapes(claim, problem, len(chains[0].derivatives) - 1 if chains else _ORDERS)
    if len(chains) == len(atoms_in_order(region.region)):
        try:
            cases = lie_cases(region.region, region.within, chains, problem)
        except BarrierError:
            # Too many cases, or polynomials beyond the limits: this way is closed.
            return added
        entries = [_chain_json(chain, problem) for chain in chains]
        claim.alternatives.append(Alternative(cases, "lie", atoms=entries))
        return True
    return added


def _add_escapes(claim: Claim, problem: Problem, highest: int) -> bool:
    """Add cases in which a trajectory leaves by a derivative of order 2 or more."""
    if claim.escapes is None or not claim.refutable:
        return False
    before = len(claim.refutable)
    for order in range(2, min(highest, _ORDERS) + 1):
        try:
            case = escape_case(claim.escapes, problem, order)
        except BarrierError:
            break
        if case is not None:
            claim.orders[len(claim.refutable)] = order
            claim.refutable = (*claim.refutable, case)
    return len(claim.refutable) > before


def _is_polynomial(region: Whole, problem: Problem) -> bool:
    polynomials = [atom.polynomial for atom in atoms_in_order(region.region)]
    return all(problem.ring.is_plain(p) for p in (*polynomials, *problem.dynamics.values()))


def _chain_json(chain: LieChain, problem: Problem) -> Json:
    return {
        "order": len(chain.derivatives) - 1,
        "cofactors": [polynomial_json(_plain(value, problem)) for value in chain.cofactors],
    }


def _plain(polynomial: Polynomial, problem: Problem) -> Polynomial:
    return problem.ring.plain(polynomial)


def _cofactors(conjunct: Conjunct, problem: Problem) -> list[Polynomial]:
    """Return candidate cofactors: the exact quotient of the rate, its constant part, and zero."""
    ring = problem.ring
    zero = ring.constant(0)
    rate = ring.lie_derivative(conjunct.polynomial, problem.dynamics)
    found = [zero]
    try:
        quotient, _ = divmod(rate, conjunct.polynomial)
    except ZeroDivisionError:
        return found
    constant = ring.constant(terms(quotient).get((0,) * len(ring.generators), Fraction(0)))
    for candidate in (quotient, constant):
        if ring.is_plain(candidate) and candidate not in found:
            found.insert(0, candidate)
    return found


def cofactor_from(claim: Claim, proof: Json) -> Alternative | None:
    """Turn an identity on the weak boundary into a cofactor proof, if it has that shape.

    `c*Lp + terms(H) + q*p = 0` says `c*(Lp - K*p) + terms(H) = 0` for K = -q/c.
    """
    case = claim.weak_boundary
    if case is None or proof.get("type") != "positivstellensatz":
        return None
    rate_at = len(case.constraints) - 1
    if proof["strict"]["factors"] != [rate_at]:
        return None
    if any(rate_at in term["factors"] for term in proof["terms"]):
        return None
    scale = Fraction(proof["strict"]["coefficient"])
    context = case.ring.plain_context
    cofactor = context.constant(0)
    for entry in proof["ideal"]:
        if entry["constraint"] == rate_at - 1:
            part = {tuple(e): rational(Fraction(q) / -scale) for e, q in entry["polynomial"]}
            cofactor += context.from_dict(part)
    ideal = [entry for entry in proof["ideal"] if entry["constraint"] != rate_at - 1]
    shifted = {
        **proof,
        "strict": {**proof["strict"], "factors": [rate_at - 1]},
        "ideal": ideal,
    }
    excess = case.constraints[-1].polynomial - cofactor * case.constraints[-2].polynomial
    kept = Case((*case.constraints[:-2], Atom(excess, ">")), case.ring, plain=True)
    return Alternative((kept,), "cofactor", cofactor, proofs={0: shifted}, methods=["sos"])
