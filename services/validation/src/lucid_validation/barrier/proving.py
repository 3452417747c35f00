"""Prove that cases are empty, one method after another: what safety needs beyond obligations."""

from __future__ import annotations

from .budget import Budget
from .cases import Case
from .methods import run
from .methods.evidence import CaseProof, Json
from .portfolio import Step, plan, shape_of
from .quick import Empty, Full, Lane

# Cheap proofs come before any look for a counterexample: mostly there is none to be found here.
_CHEAP_S = 0.02


def prove(cases: tuple[Case, ...], budget: Budget, seed: int) -> Json | None:
    """Return `{"cases": [...]}` proving all cases empty, or None."""
    lane = Lane(link=False)
    proofs = []
    for case in cases:
        proof = _prove_case(case, lane, budget, seed)
        if proof is None:
            return None
        proofs.append(proof)
    return {"cases": proofs}


def _prove_case(case: Case, lane: Lane, budget: Budget, seed: int) -> Json | None:
    quick = lane.decide_case(case)
    if isinstance(quick, Empty):
        return quick.proof()
    if isinstance(quick, Full):
        return None
    for step in sorted(plan(shape_of(case)), key=_turn):
        if step.method == "smt" or budget.remaining() <= 0:
            continue
        answer = run.attempt(case, step.method, step.effort, budget, seed)
        if answer is not None:
            # A witness says that this condition fails: no proof will be found.
            return answer.proof if isinstance(answer, CaseProof) else None
    return None


def _turn(step: Step) -> int:
    if step.method == "falsifier":
        return 1
    return 0 if step.seconds < _CHEAP_S else 2
