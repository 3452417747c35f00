"""Repair hints on request: decide a problem, then decide what nearby might be true.

Every question is one obligation for a worker of `local`, with a deadline of its own; all together
they stop at the caller's.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from lucid_validation import local
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Emptiness, obligations
from lucid_validation.barrier.errors import BarrierError
from lucid_validation.barrier.methods.sampling import statements
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.repair import Failure, Hint, Outcome, repair

# One question gets at most this part of the time: a hard one must not eat the others.
_PART = 0.2
_LEAST_S = 0.05
_SAMPLING_S = 0.2
_DRAWS = 100_000
_CONFIDENCE = 0.99

Message = dict[str, Any]


def hints(
    problem: Mapping[str, Any],
    timeout_s: float,
    *,
    line: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Message:
    """Return `failures`, `hints` and `samples` of a problem within about `timeout_s` seconds.

    `samples` says what clean uniform draws allow for each undecided obligation: statistics, no
    proof. `line` is the answer of `local.decide` where the caller has it already. All are empty
    where there is nothing to say or the problem cannot be read. A hint's `claim` is "proved" only
    where everything that it says was proved with evidence that the checker accepted, or follows
    from exact witnesses.
    """
    deadline = time.monotonic() + timeout_s
    if line is None:
        line = local.decide(problem, timeout_s * 0.5, seed=seed)
    known = {name: _outcome(entry) for name, entry in line["obligations"].items()}

    def decide(changed: Mapping[str, Any], obligation: str) -> Outcome:
        left = deadline - time.monotonic()
        if left < _LEAST_S:
            return Outcome("UNDECIDED")
        answer = local.decide(
            changed, max(_LEAST_S, min(left, timeout_s * _PART)), seed=seed, only=(obligation,)
        )
        return _outcome(answer["obligations"].get(obligation, {}))

    try:
        found = repair(problem, known, decide)
    except BarrierError:
        return {"failures": [], "hints": [], "samples": []}
    undecided = [name for name, outcome in known.items() if outcome.verdict == "UNDECIDED"]
    return {
        "failures": [_failure(entry) for entry in found.failures],
        "hints": [_hint(entry) for entry in found.hints],
        "samples": _samples(problem, undecided, deadline, seed),
    }


def _samples(
    problem: Mapping[str, Any], undecided: list[str], deadline: float, seed: int
) -> list[Message]:
    if not undecided:
        return []
    budget = Budget(time.monotonic, max(deadline, time.monotonic() + _SAMPLING_S))
    return [
        {"obligation": obligation.name, **statement}
        for obligation in obligations(parse_problem(problem))
        if obligation.name in undecided and isinstance(obligation, Emptiness)
        for statement in statements(
            obligation.cases, _DRAWS, budget.slice(_SAMPLING_S), seed, _CONFIDENCE
        )
    ]


def _outcome(entry: Mapping[str, Any]) -> Outcome:
    return Outcome(entry.get("verdict", "UNDECIDED"), entry.get("witness"))


def _failure(entry: Failure) -> Message:
    return {
        "obligation": entry.obligation,
        "at": entry.at,
        "amount": None if entry.amount is None else str(entry.amount),
        "relative": entry.relative,
        "text": entry.text,
    }


def _hint(entry: Hint) -> Message:
    found: Message = {
        "kind": entry.kind,
        "claim": entry.claim,
        "text": entry.text,
        "proved": list(entry.proved),
    }
    if entry.shift is not None:
        found["shift"] = str(entry.shift)
    if entry.problem is not None:
        found["problem"] = dict(entry.problem)
    return found
