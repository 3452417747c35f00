"""Prove that cases are empty, one method after another: what safety needs beyond obligations."""

from __future__ import annotations

from .budget import Budget
from .cases import Case
from .methods import run
from .methods.evidence import CaseProof, Json
from .portfolio import plan, shape_of


def prove(cases: tuple[Case, ...], budget: Budget, seed: int) -> Json | None:
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
        if step.method == "smt" or budget.remaining() <= 0:
            continue
        answer = run.attempt(case, step.method, step.effort, budget, seed)
        if answer is not None:
            # A witness says that this condition fails: no proof will be found.
            return answer.proof if isinstance(answer, CaseProof) else None
    return None
