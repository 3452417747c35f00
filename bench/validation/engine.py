"""Lucid's side of the comparison: one obligation, from the problem's object to checked evidence."""

from __future__ import annotations

import json
import time
from typing import Any

import lucid_checker
import psutil
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.decide import decide_problem
from lucid_validation.barrier.errors import Quarantined
from lucid_validation.barrier.methods import kernel_native
from lucid_validation.barrier.obligation_work import Resources
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.verdict import word
from lucid_validation.solvers import SolverChild

_ANSWERS = {"PROVED": "unsat", "REFUTED": "sat", "UNDECIDED": "unknown"}
_SOLVER = SolverChild("z3")


def decide(problem: dict[str, Any], obligation: str, limit: float) -> dict[str, Any]:
    """Return the answer in the peers' words, its method, and CPU seconds, the checker's apart too.

    The seconds cover reading the problem, deciding, writing the evidence, its independent check and
    what the helping z3 process used. `reading_seconds` are those from the problem's text to the
    formulas that the peers get ready-made.
    """
    checking = 0.0

    def check(problem_text: str, evidence_text: str) -> Any:
        nonlocal checking
        before = time.process_time()
        report = lucid_checker.check(problem_text, evidence_text)
        checking += time.process_time() - before
        return report

    text = json.dumps(problem)
    children = _children_seconds()
    start = time.process_time()
    parsed = parse_problem(json.loads(text))
    reading = time.process_time() - start
    budget = Budget(time.process_time, time.process_time() + limit)
    try:
        decision = decide_problem(
            parsed, budget=budget, check=check, resources=Resources(_SOLVER), only={obligation}
        )
        verdict = decision.obligations[obligation].verdict
        answer, method = _ANSWERS[word(verdict)], getattr(verdict, "method", "")
    except Quarantined:
        answer, method = "quarantined", ""
    seconds = time.process_time() - start
    seconds += _children_seconds() - children
    return {
        "answer": answer,
        "seconds": round(seconds, 6),
        "reading_seconds": round(reading, 6),
        "checker_seconds": round(checking, 6),
        "method": method,
    }


def _children_seconds() -> float:
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def warm_up() -> None:
    """Import what is imported late and start the helping solver, before anything is timed."""
    import clarabel  # noqa: F401
    import scipy.optimize
    import scipy.sparse  # noqa: F401

    kernel_native.load()
    _SOLVER("(set-logic QF_NRA)(declare-const v0 Real)(assert (= (* v0 v0) 2.0))", 5.0)
    square = {
        "kind": "continuous",
        "vars": ["x", "y"],
        "dynamics": {"x": "-x", "y": "-y"},
        "domain": ["x >= -2", "x <= 2", "y >= -2", "y <= 2"],
        "init": "x**2 + y**2 <= 1/4",
        "unsafe": "x >= 3/2",
        "certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1"},
        "flow_condition": "everywhere",
    }
    for name in ("init", "unsafe", "flow"):
        decide(square, name, 5.0)
