"""Which obligations are compared: a seeded sample of the public corpus, as SMT-LIB for the peers.

Only obligations that claim one formula has no solution are taken (not the invariance obligations of
cuts, which no peer accepts as one query), and only polynomial ones: QF_NRA is what all peers read.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lucid_validation.barrier.conditions import Case, Emptiness, obligations
from lucid_validation.barrier.errors import BarrierError
from lucid_validation.barrier.methods.smt import assertion, declarations
from lucid_validation.barrier.problem import parse_problem

PROBLEMS = Path(__file__).parent.parent.parent / "tests" / "conformance" / "problems"
HARD_SET = Path(__file__).parent / "hard_set.json"


@dataclass(frozen=True, slots=True)
class Instance:
    """One obligation: the problem's object, its name, and the peers' query (sat = violated)."""

    key: str
    problem: dict[str, Any]
    obligation: str
    known: str | None
    dimension: int
    degree: int
    script: str


def corpus() -> list[Instance]:
    """Return every comparable obligation of the public corpus, in its order."""
    known = {
        (problem, name): {"valid": "PROVED", "invalid": "REFUTED"}[status]
        for problem, name, status in json.loads((PROBLEMS / "known_obligations.json").read_text())
    }
    return [
        instance
        for file in ("barrier.json", "quantum_barrier.json")
        for raw in json.loads((PROBLEMS / file).read_text())
        for instance in _instances(raw, known)
    ]


def hard_set() -> list[Instance]:
    """Return every obligation of the set of `hard_set.py`."""
    raws = json.loads(HARD_SET.read_text())
    return [instance for raw in raws for instance in _instances(raw, {})]


def sample(instances: list[Instance], count: int, seed: int) -> list[Instance]:
    """Return `count` of them, drawn without looking at how hard they are, in a random order."""
    chosen = list(instances)
    random.Random(seed).shuffle(chosen)
    return chosen[:count]


def _instances(raw: dict[str, Any], known: dict[tuple[str, str], str]) -> Iterator[Instance]:
    try:
        problem = parse_problem(raw)
        found = obligations(problem)
    except BarrierError:
        return
    for obligation in found:
        if not isinstance(obligation, Emptiness) or not obligation.cases:
            continue
        if not all(case.plain for case in obligation.cases):
            continue
        yield Instance(
            key=f"{raw['id']} {obligation.name}",
            problem=raw,
            obligation=obligation.name,
            known=known.get((raw["id"], obligation.name)),
            dimension=len(problem.variables),
            degree=max(
                (int(a.polynomial.total_degree()) for c in obligation.cases for a in c.constraints),
                default=0,
            ),
            script=script(obligation.cases),
        )


def script(cases: tuple[Case, ...]) -> str:
    """Return one query for all cases: satisfiable exactly if the obligation is violated."""
    parts = [assertion(case) for case in cases]
    body = parts[0] if len(parts) == 1 else f"(or {' '.join(parts)})"
    return "\n".join(
        ["(set-logic QF_NRA)", *declarations(cases[0]), f"(assert {body})", "(check-sat)"]
    )
