"""Whether a proved certificate implies safety, by which theorem, and what else that needs.

The obligations speak about the flow inside the domain; safety also needs that trajectories start
there and stay there, and a weak level set needs regularity. [Nagumo1942], [Prajna2004]
"""

from __future__ import annotations

from typing import Any

from .budget import Budget
from .conditions import Case, cases_of
from .formula import Atom, Formula, atoms_of_conjunction, negate
from .methods import run
from .methods.evidence import CaseProof, Json
from .polynomial import INVERSE, terms
from .portfolio import plan, shape_of
from .problem import Barrier, Cuts, Problem
from .verdict import Safety

THEOREMS = {
    "everywhere": "everywhere",
    "boundary_strict": "strict_level_set",
    "boundary_weak": "weak_level_set_regular",
    "exponential": "exponential",
    "discrete_decrease": "discrete_decrease",
    "discrete_inductive": "discrete_inductive",
    "invariant": "positive_invariance",
}

# The verdict is there already; its theorem may not eat the rest of a long budget.
SECONDS_MAX = 5.0


def safety_of(problem: Problem, verdict: str, budget: Budget, seed: int) -> Safety:
    """Return the theorem with its extra evidence, or the first thing that is missing."""
    if verdict != "PROVED":
        return Safety(False, None, "OBLIGATION_NOT_PROVED")
    budget = budget.slice(SECONDS_MAX)
    if isinstance(problem.certificate, Cuts):
        theorem = "differential_cuts"
    else:
        theorem = THEOREMS[problem.flow_condition]
    evidence: Json = {"theorem": theorem}
    missing = None
    if theorem == "weak_level_set_regular":
        missing = _add_regularity(problem, evidence, budget, seed)
    if theorem == "exponential" and not _lambda_is_continuous(problem):
        missing = "REGULARITY"
    if missing is None and problem.domain is not None:
        missing = _add_domain(problem, evidence, budget, seed)
    if missing is not None:
        return Safety(False, None, missing)
    return Safety(True, theorem, None, evidence)


def _prove(cases: tuple[Case, ...], budget: Budget, seed: int) -> Json | None:
    """Return `{"cases": [...]}` proving all cases empty, or None."""
    proofs = []
    for case in cases:
        proof = _prove_case(case, budget, seed)
        if proof is None:
            return None
        proofs.append(proof)
    return {"cases": proofs}


def _prove_case(case: Case, budget: Budget, seed: int) -> Json | None:
    for step in plan(shape_of(case)):
        if step.method == "smt" or step.stage > 7 or budget.remaining() <= 0:
            continue
        answer = run.attempt(case, step.method, step.effort, budget, seed)
        if answer is not None:
            # A witness says that this condition fails: no proof will be found.
            return answer.proof if isinstance(answer, CaseProof) else None
    return None


def _add_regularity(problem: Problem, evidence: Json, budget: Budget, seed: int) -> str | None:
    """A weak level set needs a gradient that does not vanish on it, and no domain."""
    if problem.domain is not None or not isinstance(problem.certificate, Barrier):
        return "REGULARITY"
    ring, b = problem.ring, problem.certificate.polynomial
    square = ring.constant(0)
    for index in range(len(problem.variables)):
        square += ring.derivative(b, index) ** 2
    proof = _prove(cases_of([Atom(b, "=="), Atom(square, "==")], ring), budget, seed)
    if proof is None:
        return "REGULARITY"
    evidence["regularity"] = proof
    return None


def _add_domain(problem: Problem, evidence: Json, budget: Budget, seed: int) -> str | None:
    faces = _faces(problem)
    if faces is None:
        atoms = atoms_of_conjunction(problem.domain) if problem.domain is not None else None
        closed = atoms is None or all(a.sense == ">=" for a in atoms)
        return "DOMAIN_CAN_BE_LEFT" if closed else "STRICTNESS"
    start = []
    for index, face in enumerate(faces):
        proof = _prove(cases_of([problem.init, negate(face)], problem.ring), budget, seed)
        if proof is None:
            return "INIT_OUTSIDE_DOMAIN"
        start.append({"constraint": index, "proof": proof})
    kept = []
    for index, face in enumerate(faces):
        if _only_parameters(problem, face):
            continue
        entry = _leaving_proof(problem, face, budget, seed)
        if entry is None:
            return "DOMAIN_CAN_BE_LEFT"
        kept.append({"constraint": index, **entry})
    evidence["start"], evidence["domain"] = start, kept
    return None


def _leaving_proof(problem: Problem, face: Atom, budget: Budget, seed: int) -> Json | None:
    """Return the entry that shows that no trajectory leaves through this face, or None."""
    for via in (None,) if problem.kind == "discrete" else ("face", "inside"):
        if via == "face" and not _is_lipschitz(problem):
            continue
        proof = _prove(_leaving(problem, face, via), budget, seed)
        if proof is not None:
            return {"proof": proof} if via is None else {"via": via, "proof": proof}
    return None


def _lambda_is_continuous(problem: Problem) -> bool:
    """A pole of lambda could cancel with one of B, through which B passes from -oo to +oo."""
    rate = problem.certificate.rate if isinstance(problem.certificate, Barrier) else None
    return rate is None or not problem.ring.functions_of(rate) & {INVERSE, "log", "sqrt", "tan"}


def _is_lipschitz(problem: Problem) -> bool:
    """Tangency on a face is enough only for a locally Lipschitz flow: no sqrt, no abs."""
    return not any(function in {"sqrt", "abs"} for function, _ in problem.ring.opaque_terms)


def _faces(problem: Problem) -> list[Atom] | None:
    """Return the domain's atoms if it can be closed: a box of non-strict bounds, else None."""
    atoms = atoms_of_conjunction(problem.domain) if problem.domain is not None else None
    if atoms is None or problem.kind == "discrete":
        return atoms
    bounds: dict[tuple[int, bool], Any] = {}
    for atom in atoms:
        if _only_parameters(problem, atom):
            continue
        linear = [(e, q) for e, q in terms(atom.polynomial).items() if any(e)]
        if len(linear) != 1 or sum(linear[0][0]) != 1 or atom.sense != ">=":
            return None
        exponents, slope = linear[0]
        key = (exponents.index(1), slope > 0)
        if key in bounds:
            return None
        bounds[key] = -terms(atom.polynomial).get((0,) * len(exponents), 0) / slope
    for (variable, is_lower), value in bounds.items():
        if is_lower and (variable, False) in bounds and not value < bounds[variable, False]:
            return None
    return atoms


def _only_parameters(problem: Problem, face: Atom) -> bool:
    degrees = face.polynomial.degrees()
    return all(
        name in problem.parameters or degrees[k] <= 0 for k, name in enumerate(problem.variables)
    )


def _leaving(problem: Problem, face: Atom, via: str | None) -> tuple[Case, ...]:
    """Return the cases in which a trajectory could leave the domain through this face."""
    ring = problem.ring
    head: list[Formula] = list(problem.domain_conjuncts)
    inside: list[Formula] = (
        [Atom(-problem.certificate.polynomial, ">=")]
        if isinstance(problem.certificate, Barrier)
        else list(problem.certificate.formulas)
    )
    if via is None:
        image = Atom(ring.compose(face.polynomial, problem.dynamics), face.sense)
        return cases_of([*head, *inside, negate(image)], ring)
    rate = ring.lie_derivative(face.polynomial, problem.dynamics)
    edge = Atom(face.polynomial, "==")
    if via == "face":
        return cases_of([*head, edge, Atom(-rate, ">")], ring)
    return cases_of([*head, *inside, edge, Atom(-rate, ">=")], ring)
