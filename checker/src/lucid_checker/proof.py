"""Proofs that a bad formula has no solution, and proofs of invariance."""

from typing import Any

from lucid_checker.derive import Case, Claim, Obligation, Problem
from lucid_checker.document import fields, integer, items
from lucid_checker.formula import Atom, Formula, both, conjuncts
from lucid_checker.identity import check_identity
from lucid_checker.limits import CASES_MAX, CONSTRAINTS_MAX, Refused
from lucid_checker.polynomial import Polynomial, add, as_constant, negate, read_polynomial
from lucid_checker.split import check_split
from lucid_checker.witness import check_flow_at, check_witness


def check_empty(bad: Formula, proof: Any, problem: Problem, path: str) -> None:
    """Accept if `proof` = {"cases": […]} shows that the formula has no solution."""
    fields(proof, path, ("cases",))
    check_cases(problem.cases(bad), proof["cases"], problem, f"{path}.cases")


def check_cases(cases: list[Case], proofs: Any, problem: Problem, path: str) -> None:
    """Accept if there is one sound proof for each case, in order."""
    entries = items(proofs, path, CASES_MAX * 2)
    if len(entries) != len(cases):
        raise Refused(f"{path}: {len(entries)} proofs for {len(cases)} cases")
    for i, (case, proof) in enumerate(zip(cases, entries, strict=True)):
        _check_case(case, proof, problem, f"{path}[{i}]")


def _check_case(case: Case, proof: Any, problem: Problem, path: str) -> None:
    kind = proof.get("type") if isinstance(proof, dict) else None
    if kind == "positivstellensatz":
        check_identity(proof, case, len(problem.variables), problem.work, path)
    elif kind == "split":
        check_split(proof, case, problem.variables, problem.ring, path)
    elif kind == "empty":
        fields(proof, path, ("type",))
        if not any(
            _constantly_false(constraint.expanded, constraint.relation) for constraint in case
        ):
            raise Refused(f"{path}: no constraint of the case is a false constant")
    else:
        raise Refused(f"{path}.type: not positivstellensatz, split or empty")


def _constantly_false(polynomial: Polynomial, relation: str) -> bool:
    value = as_constant(polynomial)
    if value is None:
        return False
    if relation == "==":
        return value != 0
    return value < 0 if relation == ">=" else value <= 0


def check_proof(obligation: Obligation, proof: Any, problem: Problem, path: str) -> None:
    """Accept if `proof` proves the obligation."""
    if obligation.unsupported:
        raise Refused(f"{path}: {obligation.unsupported}")
    if obligation.bad is not None:
        check_empty(obligation.bad, proof, problem, path)
        return
    proofs = [proof]
    if obligation.several:
        fields(proof, path, ("conjuncts",))
        proofs = items(proof["conjuncts"], f"{path}.conjuncts", CONSTRAINTS_MAX)
        path = f"{path}.conjuncts"
    if len(proofs) != len(obligation.claims):
        raise Refused(f"{path}: {len(proofs)} proofs for {len(obligation.claims)} conjuncts")
    for j, (claim, entry) in enumerate(zip(obligation.claims, proofs, strict=True)):
        _check_invariance(claim, entry, problem, f"{path}[{j}]" if obligation.several else path)


def _check_invariance(claim: Claim, proof: Any, problem: Problem, path: str) -> None:
    """Accept by a cofactor (Gronwall), by a strict boundary, or for an equation by both signs."""
    via = proof.get("via") if isinstance(proof, dict) else None
    rate = problem.rate(claim.polynomial)
    if via == "strict_boundary" and claim.kind != "equation":
        fields(proof, path, ("via", "cases"))
        boundary = (Atom(claim.polynomial, "=="), Atom(rate, ">="))
        cases = problem.cases(both(claim.within, *claim.before, *boundary))
    elif via == ("equation" if claim.kind == "equation" else "cofactor"):
        fields(proof, path, ("via", "cofactor", "cases"))
        plain = read_polynomial(proof["cofactor"], len(problem.variables), f"{path}.cofactor")
        scaled = problem.ring.times(problem.ring.widen(plain), claim.polynomial)
        excess = add(rate, scaled, -1)
        cases = problem.cases(both(claim.within, *claim.before, Atom(excess, ">")))
        if via == "equation":
            cases = cases + problem.cases(
                both(claim.within, *claim.before, Atom(negate(excess), ">"))
            )
    else:
        raise Refused(f"{path}.via: it does not fit a claim that is {claim.kind}")
    check_cases(cases, proof["cases"], problem, f"{path}.cases")


def check_refutation(obligation: Obligation, witness: Any, problem: Problem, path: str) -> None:
    """Accept if `witness` shows that the obligation is false."""
    if obligation.unsupported:
        raise Refused(f"{path}: {obligation.unsupported}")
    if obligation.bad is not None:
        check_witness(witness, problem.cases(obligation.bad), problem, path)
        return
    j = 0
    if obligation.several:
        fields(witness, path, ("conjunct",), ("type", "case", "values", "equation", "from", "to"))
        j = integer(witness["conjunct"], f"{path}.conjunct", 0, len(obligation.claims) - 1)
        witness = {key: value for key, value in witness.items() if key != "conjunct"}
    escape = _escape(obligation.claims[j], problem, path)
    check_witness(witness, problem.cases(escape), problem, path)
    check_flow_at(witness, problem, path)


def _escape(claim: Claim, problem: Problem, path: str) -> Formula:
    """Return `H_open and p == 0 and Lp > 0`, where a trajectory leaves the set at once."""
    atoms = conjuncts(both(claim.within, *claim.beside))
    if atoms is None or claim.kind == "equation" or any(a.relation == "==" for a in atoms):
        raise Refused(f"{path}: only inequalities within inequalities can be refuted")
    if any("sqrt" in problem.ring.functions_of(f) for f in problem.dynamics.values()):
        raise Refused(f"{path}: the flow may end where a square root does")
    opened = [Atom(atom.polynomial, ">") for atom in atoms]
    rate = problem.rate(claim.polynomial)
    return both(*opened, Atom(claim.polynomial, "=="), Atom(rate, ">"))
