"""Proofs and refutations of obligations: emptiness, and invariance in each of its ways."""

from lucid_checker.algebra import Polynomial
from lucid_checker.derive import Problem
from lucid_checker.document import Json
from lucid_checker.formula import (
    Atom,
    Formula,
    above,
    atoms_of,
    both,
    conjuncts,
    either,
    opposite,
    replaced,
)
from lucid_checker.limits import CONSTRAINTS_MAX
from lucid_checker.obligations import Claim, Obligation
from lucid_checker.proof import check_cases, check_empty
from lucid_checker.witness import check_flow_at, check_witness, read_witness

_ORDER_MAX = 16


def check_proof(obligation: Obligation, proof: Json, problem: Problem) -> None:
    """Accept if `proof` proves the obligation."""
    claims, whole = obligation.claims, obligation.whole
    if whole is None:
        check_empty(obligation.bad, proof, problem)
    elif proof.tag("via") == "lie":
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
    via, (atom,) = proof.tag("via"), atoms_of(claim.formula)
    if via == "lie":
        _check_lie(claim, proof, problem)
        return
    if via not in (("equation",) if atom.relation == "==" else ("cofactor", "strict_boundary")):
        raise proof.refuse(f"via does not fit a claim that is {atom.relation} 0")
    parts = proof.fields(("via", *(("cofactor",) * (via != "strict_boundary")), "cases"))
    p = _outward(atom)
    rate = p.rate(problem.modes[0].dynamics)
    if via == "strict_boundary":
        bad = [both(Atom(p, "=="), Atom(rate, ">="))]
    else:
        excess = rate - problem.case().polynomial(parts["cofactor"]) * p
        bad = [above(excess), above(-excess)] if via == "equation" else [above(excess)]
    given = (claim.within, *claim.before)
    check_cases(either(*(both(*given, part) for part in bad)), parts["cases"], problem)


def _outward(atom: Atom) -> Polynomial:
    """Return p of a claim about {p <= 0}, {p < 0} or {p == 0}."""
    return atom.polynomial if atom.relation == "==" else -atom.polynomial


def _check_lie(claim: Claim, proof: Json, problem: Problem) -> None:
    """Accept if nobody leaves S at once, and nobody outside was in it just before [Liu2011].

    Only for polynomials: then a solution is analytic, and the sign of an atom just after and just
    before a point is that of the first Lie derivative that does not vanish there.
    """
    problem.ways.add("lie")
    parts = proof.fields(("via", "atoms", "cases"))
    dynamics, atoms = problem.modes[0].dynamics, atoms_of(claim.formula)
    if any(p.opaque() for p in (*dynamics.values(), *(atom.polynomial for atom in atoms))):
        raise proof.refuse("the dynamics and the set must be polynomial")
    chains: dict[int, list[Polynomial]] = {}
    entries = parts["atoms"].items(CONSTRAINTS_MAX, exactly=len(atoms))
    for atom, entry in zip(atoms, entries, strict=True):
        fields = entry.fields(("order", "cofactors"))
        order = fields["order"].integer(0, _ORDER_MAX)
        *chain, last = _derivatives(atom.polynomial, order + 1, problem)
        cofactors = fields["cofactors"].items(order + 1, exactly=order + 1)
        for derivative, node in zip(chain, cofactors, strict=True):
            last -= problem.case().polynomial(node) * derivative
        if last:
            raise entry.refuse("the last derivative is not that combination of the others")
        chains[id(atom)] = chain
    inside, given = claim.formula, both(claim.within, *claim.before)
    leaving = replaced(inside, lambda a: _outside(a, chains[id(a)]), swap=True)
    entering = replaced(inside, lambda a: _inside(a, chains[id(a)], past=True))
    bad = either(both(given, inside, leaving), both(given, opposite(inside), entering))
    check_cases(bad, parts["cases"], problem)


def _derivatives(p: Polynomial, order: int, problem: Problem) -> list[Polynomial]:
    """Return p and its Lie derivatives up to the order."""
    chain = [p]
    for _ in range(order):
        chain.append(chain[-1].rate(problem.modes[0].dynamics))
    return chain


def _inside(atom: Atom, chain: list[Polynomial], *, past: bool = False) -> Formula:
    """Return where a trajectory satisfies the atom just after, or just before (`past`)."""
    chain = [-p if past and j % 2 else p for j, p in enumerate(chain)]
    zeros = [Atom(p, "==") for p in chain]
    positive = [both(*zeros[:j], above(p)) for j, p in enumerate(chain)]
    return either(*positive * (atom.relation != "=="), *[both(*zeros)] * (atom.relation != ">"))


def _outside(atom: Atom, chain: list[Polynomial]) -> Formula:
    """Return where a trajectory violates the atom just after."""
    lower = [-p for p in chain]
    if atom.relation == "==":
        return either(_inside(Atom(chain[0], ">"), chain), _inside(Atom(lower[0], ">"), lower))
    return _inside(Atom(lower[0], ">" if atom.relation == ">=" else ">="), lower)


def check_refutation(obligation: Obligation, witness: Json, problem: Problem) -> None:
    """Accept if `witness` shows that the obligation is false."""
    if obligation.whole is None:
        check_witness(witness, read_witness(witness), problem.cases(obligation.bad))
        return
    claims = obligation.claims
    if claims is None:
        raise witness.refuse("only a conjunction can be refuted")
    higher = witness.tag("type") == "point" and witness.tag("order") is not None
    more = (*("conjunct",) * (len(claims) != 1), *("order",) * higher)
    fields = read_witness(witness, more)
    j = fields["conjunct"].integer(0, len(claims) - 1) if "conjunct" in fields else 0
    order = fields["order"].integer(1, _ORDER_MAX) if higher else 1
    escape = _escape(claims[j], order, witness, problem)
    check_witness(witness, fields, problem.cases(escape))
    check_flow_at(witness, fields, problem)


def _escape(claim: Claim, order: int, witness: Json, problem: Problem) -> Formula:
    """Return where a trajectory leaves the set at once: L_order is the first that is not zero.

    The flow is then defined nearby, and no constraint of H is on its boundary. A strict set has no
    such point, but its trajectory was inside just before if the order is odd.
    """
    within, (atom,) = conjuncts(both(claim.within, *claim.beside)), atoms_of(claim.formula)
    if within is None or "==" in (atom.relation, *(other.relation for other in within)):
        raise witness.refuse("only inequalities within inequalities can be refuted")
    p, rates = _outward(atom), list(problem.modes[0].dynamics.values())
    if any("sqrt" in rate.functions() for rate in rates):
        raise witness.refuse("the flow may end where a square root does")
    if order > 1 and any(f.opaque() for f in (p, *rates)):
        raise witness.refuse("a higher order needs polynomials")
    if order % 2 == 0 and atom.relation == ">":
        raise witness.refuse("a strict set is left at an odd order only")
    *zeros, last = _derivatives(p, order, problem)
    opened = (above(other.polynomial) for other in within)
    return both(*opened, *(Atom(zero, "==") for zero in zeros), above(last))
