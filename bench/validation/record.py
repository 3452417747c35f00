"""Try every step of the plan on every case of the corpus: what each costs and what it decides.

    python bench/validation/record.py [--every 3] [--offset 0] [--raw FILE]

One line of JSON per case that is not decided by constants alone: the structure that the plan looks
at, and for each step CPU seconds and outcome. Steps run alone, with up to two seconds each, so that
an order can be judged afterwards without running it. `learn.py` makes the table of orders from it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.claims import claims_of
from lucid_validation.barrier.conditions import Case, obligations
from lucid_validation.barrier.errors import BarrierError
from lucid_validation.barrier.methods import run
from lucid_validation.barrier.methods.evidence import CaseProof, Witness
from lucid_validation.barrier.portfolio import plan, shape_of
from lucid_validation.barrier.problem import parse_problem
from selection import HARD_SET, PROBLEMS

STEP_S = 2.0
# z3 works in another process, for models only, and always comes last.
UNTIMED = ("smt",)


def cases() -> Iterator[tuple[str, Case]]:
    """Yield every case that the engine may have to decide, with a name."""
    files = (PROBLEMS / "barrier.json", PROBLEMS / "quantum_barrier.json", HARD_SET)
    for raw in (entry for file in files for entry in json.loads(file.read_text())):
        try:
            problem = parse_problem(raw)
            found = obligations(problem)
        except BarrierError:
            continue
        for obligation in found:
            for claim in claims_of(obligation, problem):
                for alternative in claim.alternatives:
                    for number, case in enumerate(alternative.cases):
                        yield f"{raw['id']} {obligation.name} {number}", case


def record(name: str, case: Case) -> dict[str, Any] | None:
    """Return the outcomes of all steps; None where the free step decides."""
    shape = shape_of(case)
    line: dict[str, Any] = {"case": name, "shape": asdict(shape), "steps": []}
    for step in plan(shape):
        if step.method in UNTIMED:
            continue
        start = time.process_time()
        budget = Budget(time.process_time, start + STEP_S)
        answer = run.attempt(case, step.method, step.effort, budget, 0)
        seconds = time.process_time() - start
        outcome = {CaseProof: "proved", Witness: "refuted"}.get(type(answer), "")
        if step.method == "algebra" and outcome:
            return None
        line["steps"].append([step.method, step.level, round(seconds, 6), outcome])
    return line


def main() -> int:
    """Record and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=3)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--raw", type=Path, default=Path("portfolio.jsonl"))
    arguments = parser.parse_args()
    # What is imported late must not be paid by the first case that needs it.
    import clarabel  # noqa: F401
    import scipy.optimize
    import scipy.sparse  # noqa: F401

    with arguments.raw.open("w") as raw:
        for number, (name, case) in enumerate(cases()):
            if number % arguments.every != arguments.offset:
                continue
            line = record(name, case)
            if line is not None:
                raw.write(json.dumps(line) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
