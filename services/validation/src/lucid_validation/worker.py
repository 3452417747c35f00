"""The process that decides one problem after another; the parent may kill it at any moment.

Input, a line: `{"problem": {...}, "budget_s": s, "seed": n, "cores": n}`. Output:
`{"ready": true}` once, then for each job `{"parsed": {...}}`, `{"obligation": {...}}` as decided,
and one `{"done": {...}}`.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from typing import Any

import lucid_checker

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import obligations
from lucid_validation.barrier.decide import decide_problem
from lucid_validation.barrier.errors import BarrierError, ProblemInvalid, Quarantined
from lucid_validation.barrier.methods import kernel_native
from lucid_validation.barrier.obligation_work import Resources
from lucid_validation.barrier.problem import load_json, parse_problem
from lucid_validation.barrier.remembered import Remembered
from lucid_validation.barrier.verdict import (
    Decision,
    ObligationResult,
    Proved,
    Refuted,
    Undecided,
    word,
)
from lucid_validation.children import Emit, serve_lines
from lucid_validation.side_by_side import SideBySide
from lucid_validation.solvers import FirstAnswer

MEMORY_MAX_BYTES = 3 * 1024**3
_REMEMBERED = Remembered()


def obligation_json(result: ObligationResult) -> dict[str, Any]:
    """Return one obligation as an object; PROVED has its `proof`, REFUTED its `witness`."""
    found: dict[str, Any] = {
        "name": result.name,
        "verdict": word(result.verdict),
        "method": None,
        "seconds": round(result.seconds, 6),
        "theorem": result.theorem,
        "citation": result.citation,
    }
    match result.verdict:
        case Proved(method, proof):
            return {**found, "method": method, "proof": proof}
        case Refuted(method, witness):
            return {**found, "method": method, "witness": witness}
        case Undecided(reason, detail, residual):
            found |= {"reason": reason, "detail": detail}
            return {**found, "residual": residual} if residual else found


def decision_json(decision: Decision) -> dict[str, Any]:
    """Return a decision without its obligations as an object."""
    safety = decision.safety
    fields = {
        "theorem": safety.theorem,
        "missing": safety.missing,
        "probability_bound": safety.probability_bound,
    }
    return {
        "verdict": decision.verdict,
        "implies_safety": safety.implies_safety,
        "safety": {key: value for key, value in fields.items() if value is not None},
        "evidence": decision.evidence,
        "method_set_version": decision.method_set_version,
    }


def _decide(job: dict[str, Any], emit: Emit, solver: FirstAnswer) -> dict[str, Any]:
    problem = parse_problem(job["problem"])
    budget = Budget(time.monotonic, time.monotonic() + float(job["budget_s"]))
    cores = int(job.get("cores", 1))
    names = [obligation.name for obligation in obligations(problem)]
    emit({"parsed": {"sha256": problem.sha256, "obligations": names}})
    decision = decide_problem(
        problem,
        budget=budget,
        check=lucid_checker.check,
        resources=Resources(
            solver=solver,
            race=SideBySide(cores) if cores > 1 else None,
            remembered=_REMEMBERED if job.get("remember", True) else None,
        ),
        seed=int(job["seed"]),
        only=job.get("only"),
        on_progress=lambda result: emit({"obligation": obligation_json(result)}),
    )
    return decision_json(decision)


def answer(text: str, emit: Emit, solver: FirstAnswer) -> dict[str, Any]:
    """Return the final message of one job; every failure has a reason of its own."""
    try:
        return _decide(load_json(text), emit, solver)
    except Exception as error:  # noqa: BLE001  # the worker must answer; what broke is in its log
        return failure_json(error)


def failure_json(error: Exception) -> dict[str, Any]:
    """Return what is answered instead of a decision; for an `except` block, it logs our faults."""
    match error:
        case ProblemInvalid():
            return {
                "verdict": "INVALID_INPUT",
                "reason": error.code,
                "field": error.field,
                "message": error.message,
            }
        case Quarantined():
            return {"verdict": "UNDECIDED", "reason": "QUARANTINED", "message": str(error)}
        case BarrierError():
            return {"verdict": "UNDECIDED", "reason": "UNSUPPORTED", "message": str(error)}
        case MemoryError():
            message = "the memory limit is reached"
            return {"verdict": "UNDECIDED", "reason": "MEMORY", "message": message}
        case _:
            logging.getLogger(__name__).error("a decision failed", exc_info=error)
            message = "the decision failed inside"
            return {"verdict": "ERROR", "reason": "INTERNAL", "message": message}


def main() -> int:
    """Serve jobs until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
    # Imported before the clock of the first problem starts.
    import clarabel  # noqa: F401
    import scipy.optimize
    import scipy.sparse  # noqa: F401

    solver = FirstAnswer()
    sys.stdout.write(json.dumps({"ready": True}) + "\n")
    sys.stdout.flush()

    def handle(line: str, emit: Emit) -> None:
        emit({"done": answer(line, emit, solver)})
        # A process that lives for one problem does not pay for the compiled kernel; others do once.
        kernel_native.load()

    return serve_lines(handle)


if __name__ == "__main__":
    sys.exit(main())
