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
from .polynomial import terms
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


def safety_of(problem: Problem, verdict: str, budget: Budget, seed: int) -> Safety:
    """Return the theorem with its extra evidence, or the first thing that is missing."""
    if verdict != "PROVED":
        return Safety(False, None, "OBLIGATION_NOT_PROVED")
    if isinstance(problem.certificate, Cuts):
        theorem = "differential_cuts"
    else:
        theorem = THEOREMS[problem.flow_condition]
    evidence: Json = {"theorem": theorem}
    missing = None
    if theorem == "weak_level_set_regular":
        missing = _add_regularity(problem, evidence, budget, seed)
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
        if step.method in {"falsifier", "smt"} or step.stage > 7 or budget.remaining() <= 0:
            continue
        answer = run.attempt(case, step.method, step.effort, budget, seed)
        if isinstance(answer, CaseProof):
            return answer.proof
        if answer is not None:
            return None
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
        return "DOMAIN_CAN_BE_LEFT"
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
        proof = _prove(_leaving(problem, face), budget, seed)
        if proof is None:
            return "DOMAIN_CAN_BE_LEFT"
        kept.append({"constraint": index, "proof": proof})
    evidence["start"], evidence["domain"] = start, kept
    return None


def _faces(problem: Problem) -> list[Atom] | None:
    """Return the domain's inequalities if it is a box with lower < upper, else None."""
    atoms = atoms_of_conjunction(problem.domain) if problem.domain is not None else None
    if atoms is None or any(a.sense == "==" for a in atoms):
        return None
    if problem.kind == "discrete":
        return atoms
    bounds: dict[tuple[int, bool], Any] = {}
    for atom in atoms:
        found = terms(atom.polynomial)
        linear = [(e, q) for e, q in found.items() if any(e)]
        if len(linear) != 1 or sum(linear[0][0]) != 1:
            return None
        exponents, slope = linear[0]
        key = (exponents.index(1), slope > 0)
        if key in bounds:
            return None
        bounds[key] = -found.get((0,) * len(exponents), 0) / slope
    for (variable, is_lower), value in bounds.items():
        if is_lower and (variable, False) in bounds and not value < bounds[variable, False]:
            return None
    return atoms


def _only_parameters(problem: Problem, face: Atom) -> bool:
    degrees = face.polynomial.degrees()
    still = [len(problem.dynamics[name]) == 0 for name in problem.variables]
    if problem.kind == "discrete":
        return False
    return all(fixed or degrees[k] <= 0 for k, fixed in enumerate(still))


def _leaving(problem: Problem, face: Atom) -> tuple[Case, ...]:
    """Return the cases in which a trajectory could leave the domain through this face."""
    ring = problem.ring
    head: list[Formula] = list(problem.domain_conjuncts)
    if isinstance(problem.certificate, Barrier):
        head.append(Atom(-problem.certificate.polynomial, ">="))
    if problem.kind == "discrete":
        image = Atom(ring.compose(face.polynomial, problem.dynamics), face.sense)
        return cases_of([*head, negate(image)], ring)
    rate = ring.lie_derivative(face.polynomial, problem.dynamics)
    return cases_of([*head, Atom(face.polynomial, "=="), Atom(-rate, ">")], ring)
