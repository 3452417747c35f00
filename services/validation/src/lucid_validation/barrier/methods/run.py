"""One entry for every method: a name and an effort to an answer."""

from __future__ import annotations

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case

from . import algebra, bernstein, falsifier, linear, sos, substitution
from .evidence import CaseProof, Witness


def attempt(
    case: Case, method: str, effort: int, budget: Budget, seed: int
) -> CaseProof | Witness | None:
    """Try one method on one case. None: not applicable, or not decided by it."""
    if method == "algebra":
        return algebra.attempt(case)
    if method == "bernstein":
        return bernstein.attempt(case, effort, budget)
    if method == "falsifier" and case.plain:
        return falsifier.attempt(case, effort, budget, seed)
    if method == "linear" and case.plain:
        return linear.attempt(case, effort, budget)
    if method == "substitution" and case.plain:
        return substitution.attempt(case, budget)
    if method == "sos" and case.plain:
        return sos.attempt(case, effort, budget)
    return None
