"""Whether trajectories start in the domain and stay in it: what is to prove, face by face.

In continuous time the domain must be a box of non-strict bounds. [Nagumo1942]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .cases import Case, cases_of
from .formula import Atom, Formula, atoms_of_conjunction, negate
from .kinds import time_bounds, time_starts
from .methods.evidence import Json
from .polynomial import terms
from .problem import Barrier, Cuts, Problem, Vector

Prove = Callable[[tuple[Case, ...]], Json | None]


def add_domain(problem: Problem, evidence: Json, prove: Prove) -> str | None:
    """Add `start` and `domain` to the evidence; return the first thing that is missing."""
    faces = _faces(problem)
    if faces is None:
        atoms = atoms_of_conjunction(problem.domain) if problem.domain is not None else None
        closed = atoms is None or all(a.sense == ">=" for a in atoms)
        return "DOMAIN_CAN_BE_LEFT" if closed else "STRICTNESS"
    start = []
    for index, face in enumerate(faces):
        outside = [problem.init, *time_starts(problem), negate(face)]
        proof = prove(cases_of(outside, problem.ring))
        if proof is None:
            return "INIT_OUTSIDE_DOMAIN"
        start.append({"constraint": index, "proof": proof})
    kept = []
    for index, face in enumerate(faces):
        if _only_parameters(problem, face):
            continue
        entry = _leaving_proof(problem, face, prove)
        if entry is None:
            return "DOMAIN_CAN_BE_LEFT"
        kept.append({"constraint": index, **entry})
    evidence["start"], evidence["domain"] = start, kept
    return None


def _leaving_proof(problem: Problem, face: Atom, prove: Prove) -> Json | None:
    """Return the entry that shows that no trajectory leaves through this face, or None."""
    for via in (None,) if problem.kind == "discrete" else ("face", "inside"):
        if via == "face" and not _is_lipschitz(problem):
            continue
        proof = prove(_leaving(problem, face, via))
        if proof is not None:
            return {"proof": proof} if via is None else {"via": via, "proof": proof}
    return None


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


def inside_of(problem: Problem) -> list[Formula]:
    """Return what the certificate's theorem keeps true along a trajectory."""
    match problem.certificate:
        case Barrier():
            return [Atom(-problem.certificate.polynomial, ">=")]
        case Vector(polynomials):
            return [Atom(-b, ">=") for b in polynomials]
        case Cuts(formulas):
            return list(formulas)
        case _:
            return []


def _leaving(problem: Problem, face: Atom, via: str | None) -> tuple[Case, ...]:
    """Return the cases in which a trajectory could leave the domain through this face."""
    ring = problem.ring
    head: list[Formula] = [*problem.domain_conjuncts, *time_bounds(problem)]
    inside = inside_of(problem)
    if via is None:
        image = Atom(ring.compose(face.polynomial, problem.dynamics), face.sense)
        return cases_of([*head, *inside, negate(image)], ring)
    rate = ring.lie_derivative(face.polynomial, problem.dynamics)
    edge = Atom(face.polynomial, "==")
    if via == "face":
        return cases_of([*head, edge, Atom(-rate, ">")], ring)
    return cases_of([*head, *inside, edge, Atom(-rate, ">=")], ring)
