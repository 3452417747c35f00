"""The process that searches for certificates; the parent may kill it at any moment.

Input, a line: `{"problem": {...}, "degree": n, "budget_s": s, "seed": n}`; of the problem's
certificate only `lambda` is read. Output: `{"ready": true}` once, then for each job
`{"progress": {...}}`, some times a second at most, and one `{"done": {...}}` with `outcome`,
`reason`, `progress`, and where there is one `state` or `candidate`: the problem with its
certificate, the decision and its obligations.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import lucid_checker

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.problem import load_json
from lucid_validation.barrier.synthesis.outcome import Candidate, Outcome, Progress
from lucid_validation.barrier.synthesis.search import Tools, synthesise
from lucid_validation.barrier.synthesis.task import DEGREE_DEFAULT, read_task
from lucid_validation.children import Emit, serve_lines
from lucid_validation.solvers import FirstAnswer
from lucid_validation.worker import (
    MEMORY_MAX_BYTES,
    decision_json,
    failure_json,
    obligation_json,
)

_SILENCE_S = 0.2


class _Reporter:
    """Tells of progress when the degree changes, and else a few times a second."""

    def __init__(self, emit: Emit) -> None:
        self._emit, self._degree, self._told = emit, 0, 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.degree != self._degree or now - self._told >= _SILENCE_S:
            self._degree, self._told = progress.degree, now
            self._emit({"progress": progress.to_json()})


def _search(job: dict[str, Any], emit: Emit, solver: FirstAnswer) -> dict[str, Any]:
    budget = Budget(time.monotonic, time.monotonic() + float(job["budget_s"]))
    task = read_task(job["problem"], int(job.get("degree") or DEGREE_DEFAULT))
    seed = int(job.get("seed", 0))
    tools = Tools(budget, lucid_checker.check, solver, seed, _Reporter(emit))
    return _outcome_json(synthesise(task, tools))


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = {
        "outcome": outcome.result,
        "reason": outcome.reason,
        "progress": outcome.progress.to_json(),
    }
    if outcome.witness is not None:
        found["state"] = outcome.witness
    if outcome.candidate is not None:
        found["candidate"] = _candidate_json(outcome.candidate)
    return found


def _candidate_json(candidate: Candidate) -> dict[str, Any]:
    decision = candidate.decision
    return {
        "problem": candidate.problem,
        "decision": decision_json(decision),
        "obligations": [obligation_json(result) for result in decision.obligations.values()],
    }


def answer(text: str, emit: Emit, solver: FirstAnswer) -> dict[str, Any]:
    """Return the final message of one job; a failure has `verdict` and `reason` instead."""
    try:
        return _search(load_json(text), emit, solver)
    except Exception as error:  # noqa: BLE001  # every failure has a reason of its own
        return failure_json(error)


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
    return serve_lines(lambda line, emit: emit({"done": answer(line, emit, solver)}))


if __name__ == "__main__":
    sys.exit(main())
