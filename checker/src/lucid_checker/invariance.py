"""Proofs and refutations of obligations: emptiness, and invariance in each of its ways."""

from lucid_checker.derive import Problem
from lucid_checker.document import Json
from lucid_checker.formula import (
    Atom,
    Formula,
    Junction,
    above,
    atoms_of,
    both,
    conjuncts,
    either,
    opposite,
)
from lucid_checker.limits import CONSTRAINTS_MAX
from lucid_checker.obligations import Claim, Obligation
from lucid_checker.polynomial import Polynomial, add, negate, read_polynomial
from lucid_checker.proof import cases_of, check_cases, check_empty
from lucid_checker.witness import check_flow_at, check_witness, read_witness

_ORDER_MAX = 16


def check_proof(obligation: Obligation, proof: Json, problem: Problem) -> None:
    """Accept if `proof` proves the obligation."""
    if obligation.bad is not None:
        check_empty(obligation.bad, proof, problem)
        return
    claims, whole = obligation.claims, obligation.whole
    if proof.tag("via") == "lie" and whole:
        _check_lie(whole, proof, problem)
    elif claims is None:
        raise proof.refuse("a cut that is not a conjunction needs a proof via lie")
    elif len(claims) == 1:
        _check_invariance(claims[0], proof, problem)
    else:
        parts = proof.fields(("conjuncts",))["conjuncts"]
        proofs = parts.items(CONSTRAINTS_MAX)
        if len(proofs) != len(claims):
            raise parts.refuse(f"{len(proofs)} proofs for {len(claims)} conjuncts")
        for claim, entry in zip(claims, proofs, strict=True):
            _check_invariance(claim, entry, problem)


def _check_invariance(claim: Claim, proof: Json, problem: Problem) -> None:
    """Accept by a cofactor (Gronwall), by a strict boundary, for an equation by both signs."""
    via, equation = proof.tag("via"), _relation(claim) == "=="
    if via == "lie":
        _check_lie(claim, proof, problem)
        return
    if via not in (("equation",) if equation else ("cofactor", "strict_boundary")):
        raise proof.refuse(f"via does not fit a claim that is {_relation(claim)} 0")
    parts = proof.fields(("via", *(("cofactor",) if via != "strict_boundary" else ()), "cases"))
    ring, p = problem.ring, _polynomial(claim)
    rate = ring.rate(p, problem.modes[0].dynamics)
    given = (claim.within, *claim.before)
    if via == "strict_boundary":
        bad: list[Formula] = [both(*given, Atom(p, "=="), Atom(rate, ">="))]
    else:
        cofactor = ring.widen(read_polynomial(parts["cofactor"], ring.variables))
        excess = add(rate, ring.times(cofactor, p), -1)
        bad = [both(*given, above(excess))]
        if equation:
            bad.append(both(*given, above(negate(excess))))
    check_cases(cases_of(either(*bad), problem), parts["cases"], problem)


def _relation(claim: Claim) -> str:
    return claim.formula.relation if isinstance(claim.formula, Atom) else "and"


def _polynomial(claim: Claim) -> Polynomial:
    """Return p of a claim about {p <= 0}, {p < 0} or {p == 0}."""
    (atom,) = atoms_of(claim.formula)
    return atom.polynomial if atom.relation == "==" else negate(atom.polynomial)


def _check_lie(claim: Claim, proof: Json, problem: Problem) -> None:
    """Accept if nobody leaves S at once, and nobody outside was in it just before [Liu2011].

    Only for polynomials: then a solution is analytic, and the sign of an atom just after and just
    before a point is that of the first Lie derivative that does not vanish there.
    """
    problem.ways.add("lie")
    parts = proof.fields(("via", "atoms", "cases"))
    ring, dynamics = problem.ring, problem.modes[0].dynamics
    atoms = atoms_of(claim.formula)
    polynomials = [*dynamics.values(), *(atom.polynomial for atom in atoms)]
    if any(ring.used(polynomial) for polynomial in polynomials):
        raise proof.refuse("the dynamics and the set must be polynomial")
    chains: dict[int, list[Polynomial]] = {}
    entries = parts["atoms"].items(CONSTRAINTS_MAX, exactly=len(atoms))
    for atom, entry in zip(atoms, entries, strict=True):
        fields = entry.fields(("order", "cofactors"))
        order = fields["order"].integer(0, _ORDER_MAX)
        chain = [atom.polynomial]
        for _ in range(order + 1):
            chain.append(ring.rate(chain[-1], dynamics))
        total = negate(chain[-1])
        cofactors = fields["cofactors"].items(order + 1, exactly=order + 1)
        for derivative, node in zip(chain[:-1], cofactors, strict=True):
            cofactor = ring.widen(read_polynomial(node, ring.variables))
            total = add(total, ring.times(cofactor, derivative))
        if total:
            raise entry.refuse("the last derivative is not that combination of the others")
        chains[id(atom)] = chain[:-1]
    inside, given = claim.formula, both(claim.within, *claim.before)
    leaving = both(given, inside, _near(inside, chains, outside=True, past=False))
    entering = both(given, opposite(inside), _near(inside, chains, outside=False, past=True))
    check_cases(cases_of(either(leaving, entering), problem), parts["cases"], problem)


def _near(
    formula: Formula, chains: dict[int, list[Polynomial]], *, outside: bool, past: bool
) -> Formula:
    """Return where a trajectory is in (outside of) the set just after, or just before (`past`)."""
    if isinstance(formula, Junction):
        kind = formula.kind if not outside else "or" if formula.kind == "and" else "and"
        parts = (_near(part, chains, outside=outside, past=past) for part in formula.parts)
        return Junction(kind, tuple(parts))
    rows = [negate(p) if past and j % 2 else p for j, p in enumerate(chains[id(formula)])]
    lower = [negate(p) for p in rows]
    vanishing = [Atom(p, "==") for p in rows]
    if formula.relation == "==":
        return either(*_positive(rows), *_positive(lower)) if outside else both(*vanishing)
    if not outside:
        return either(*_positive(rows), *([both(*vanishing)] * (formula.relation == ">=")))
    last = both(*(Atom(p, "==") for p in lower))
    return either(*_positive(lower), *([last] * (formula.relation == ">")))


def _positive(chain: list[Polynomial]) -> list[Formula]:
    """Return the ways in which the first derivative that is not zero is positive."""
    zeros = [Atom(p, "==") for p in chain]
    return [both(*zeros[:j], above(p)) for j, p in enumerate(chain)]


def check_refutation(obligation: Obligation, witness: Json, problem: Problem) -> None:
    """Accept if `witness` shows that the obligation is false."""
    if obligation.bad is not None:
        check_witness(witness, read_witness(witness), cases_of(obligation.bad, problem))
        return
    claims = obligation.claims
    if claims is None:
        raise witness.refuse("only a conjunction can be refuted")
    higher = isinstance(witness.value, dict) and "order" in witness.value
    more = (*("conjunct",) * (len(claims) != 1), *("order",) * higher)
    fields = read_witness(witness, more)
    j = fields["conjunct"].integer(0, len(claims) - 1) if "conjunct" in fields else 0
    order = fields["order"].integer(1, _ORDER_MAX) if higher else 1
    if higher and fields["type"].value != "point":
        raise fields["order"].refuse("only a point has an order")
    escape = _escape(claims[j], order, witness, problem)
    check_witness(witness, fields, cases_of(escape, problem))
    check_flow_at(witness, fields, problem)


def _escape(claim: Claim, order: int, witness: Json, problem: Problem) -> Formula:
    """Return where a trajectory leaves the set at once: L_order is the first that is not zero.

    The flow is then defined nearby, and no constraint of H is on its boundary. A strict set has no
    such point, but its trajectory was inside just before if the order is odd.
    """
    atoms = conjuncts(both(claim.within, *claim.beside))
    if atoms is None or _relation(claim) == "==" or any(a.relation == "==" for a in atoms):
        raise witness.refuse("only inequalities within inequalities can be refuted")
    ring, dynamics = problem.ring, problem.modes[0].dynamics
    chain = [_polynomial(claim)]
    for _ in range(order):
        chain.append(ring.rate(chain[-1], dynamics))
    if any("sqrt" in ring.functions_of(f) for f in dynamics.values()):
        raise witness.refuse("the flow may end where a square root does")
    if order > 1 and any(ring.used(p) for p in (chain[0], *dynamics.values())):
        raise witness.refuse("a higher order needs polynomials")
    if order % 2 == 0 and _relation(claim) == ">":
        raise witness.refuse("a strict set is left at an odd order only")
    opened = [above(atom.polynomial) for atom in atoms]
    return both(*opened, *(Atom(p, "==") for p in chain[:-1]), above(chain[-1]))
