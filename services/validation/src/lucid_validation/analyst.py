"""The process that reads problems and checks evidence for the service; it may be killed any time.

Input, a line: `{"op": "inspect"|"explain"|"check"|"task", …}`. Output: `{"ready": true}` once, then
one `{"done": {…}}` for each. It never solves, so it is small and starts fast.
"""

import json
import logging
import resource
import sys
from typing import Any

import lucid_checker

from lucid_validation.barrier.conditions import Emptiness, obligations
from lucid_validation.barrier.errors import BarrierError, ProblemInvalid
from lucid_validation.barrier.portfolio import METHOD_SET_VERSION, PlannedStep, explain
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.synthesis.task import read_task
from lucid_validation.children import Emit, serve_lines

MEMORY_MAX_BYTES = 2 * 1024**3


def inspect(job: dict[str, Any]) -> dict[str, Any]:
    """Return the names and case counts of the obligations."""
    found = []
    for obligation in obligations(parse_problem(job["problem"])):
        if isinstance(obligation, Emptiness):
            count = len(obligation.cases)
        else:
            count = len(obligation.conjuncts) or 1
        found.append({"name": obligation.name, "cases": count, "theorem": obligation.theorem})
    return {"obligations": found, "method_set_version": METHOD_SET_VERSION}


def plan(job: dict[str, Any]) -> dict[str, Any]:
    """Return the steps that would be tried."""
    steps = explain(parse_problem(job["problem"]))
    return {"steps": [_step(step) for step in steps]}


def _step(step: PlannedStep) -> dict[str, Any]:
    said = {"obligation": step.obligation, "method": step.method, "rationale": step.reason}
    if not step.recorded:
        return said
    return {**said, "success_share": step.share, "expected_seconds": step.seconds}


def check(job: dict[str, Any]) -> dict[str, Any]:
    """Return the report of the independent checker."""
    return vars(lucid_checker.check(job["problem_text"], job["evidence_text"]))


def task(job: dict[str, Any]) -> dict[str, Any]:
    """Return how many obligations the certificate to be found will have."""
    found = read_task(job["problem"], int(job["degree"]))
    return {"obligations": len(obligations(found.problem))}


_OPERATIONS = {"inspect": inspect, "explain": plan, "check": check, "task": task}


def answer(text: str) -> dict[str, Any]:
    """Return the answer to one line; a refusal names the field."""
    try:
        job = json.loads(text)
        return _OPERATIONS[job["op"]](job)
    except ProblemInvalid as error:
        refusal = {"reason": error.code, "field": error.field, "message": error.message}
        return {"verdict": "INVALID_INPUT", **refusal}
    except BarrierError as error:
        return {"unsupported": str(error), "method_set_version": METHOD_SET_VERSION}
    except Exception:  # the caller must get an answer; what broke is ours and stays in this log
        logging.getLogger(__name__).exception("an analysis failed")
        return {"failed": True}


def main() -> int:
    """Serve until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))

    def handle(line: str, emit: Emit) -> None:
        emit({"done": answer(line)})

    sys.stdout.write('{"ready": true}\n')
    sys.stdout.flush()
    return serve_lines(handle)


if __name__ == "__main__":
    sys.exit(main())
