"""One entry for every method: a name and an effort to an answer."""

from __future__ import annotations

from collections.abc import Callable

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case

from . import (
    algebra,
    algebra_factors,
    bernstein,
    falsifier,
    interval,
    lift,
    linear,
    matrix_bernstein,
    quadratic,
    sos,
    squares,
    substitution,
    taylor,
    univariate_lines,
)
from .evidence import CaseProof, Witness


def attempt(
    case: Case, method: str, effort: int, budget: Budget, seed: int
) -> CaseProof | Witness | None:
    """Try one method on one case. None: not applicable, or not decided by it."""
    if not case.plain:
        if method == "falsifier":
            return falsifier.attempt(case, effort, budget, seed)
        if method == "lift":
            return lift.attempt(case, effort, budget)
        if method == "taylor":
            return taylor.attempt(case, effort, budget)
        return interval.attempt(case, effort, budget) if method == "interval" else None
    attempts: dict[str, Callable[[], CaseProof | Witness | None]] = {
        "algebra": lambda: _by_algebra(case, budget),
        "matrix_bernstein": lambda: matrix_bernstein.attempt(case, effort),
        "quadratic": lambda: quadratic.attempt(case),
        "linear": lambda: linear.attempt(case, effort, budget),
        "substitution": lambda: substitution.attempt(case, budget),
        "bernstein": lambda: bernstein.attempt(case, effort, budget),
        "falsifier": lambda: falsifier.attempt(case, effort, budget, seed),
        "interval": lambda: interval.attempt(case, effort, budget),
        "sos": lambda: sos.attempt(case, effort, budget),
        "univariate": lambda: univariate_lines.attempt(case, effort, budget, seed),
    }
    return attempts[method]() if method in attempts else None


def _by_algebra(case: Case, budget: Budget) -> CaseProof | None:
    return (
        algebra.attempt(case)
        or squares.attempt(case)
        or algebra_factors.attempt(case, budget.slice(2.0))
    )
