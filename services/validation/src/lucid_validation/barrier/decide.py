"""The facade: decide every obligation of a problem within a budget, with checked evidence.

A PROVED or REFUTED leaves here only after `check` accepted its evidence. The order of work is the
portfolio's; results depend on the problem, `METHOD_SET_VERSION` and the budget, and on nothing
random: `seed` only moves the quasi-random starts of the falsifier.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from .budget import Budget
from .claims import Claim, claims_of
from .conditions import Emptiness, Obligation, obligations
from .errors import Quarantined
from .methods import bernstein
from .methods.evidence import Json
from .methods.open_boxes import OpenBoxes
from .obligation_work import (
    Check,
    ObligationWork,
    OnProgress,
    Part,
    Race,
    Resources,
    Tools,
    Try,
    Turn,
    attempt,
)
from .portfolio import METHOD_SET_VERSION
from .problem import Problem
from .quick import Lane
from .safety import safety_of
from .verdict import (
    Decision,
    ObligationResult,
    Proved,
    Refuted,
    Safety,
    Undecided,
    Verdict,
    overall,
)

# One check of several obligations costs less than several checks, but a decided one must not wait
# long for its neighbours: a deadline that kills the process would lose it.
_SETTLE_AFTER_S = 0.05
_RESIDUAL_S = 0.2
_RESIDUAL_BOXES = 300
_NOTHING_LENT = Resources()


def decide_problem(
    problem: Problem,
    *,
    budget: Budget,
    check: Check,
    resources: Resources = _NOTHING_LENT,
    seed: int = 0,
    on_progress: OnProgress = lambda _: None,
    only: Collection[str] | None = None,
) -> Decision:
    """Decide every obligation, or `only` those named (safety is then not looked at).

    Raises `Quarantined` when two methods contradict each other.

    `check(problem_text, evidence_text)` is the independent checker; `on_progress` hears each
    obligation once decided.
    """
    race = resources.race
    tools = Tools(budget, check, resources.solver, seed, on_progress, race, resources.remembered)
    # Linking the kernel costs more than a small problem: once a process has it, the lane uses it.
    lane = Lane(link=False)
    works = [
        _begin(o, problem, lane, tools)
        for o in obligations(problem)
        if only is None or o.name in only
    ]
    _settle(problem, works, tools)
    _run_stages(problem, works, "short", tools)
    if _extend(problem, works, budget):
        _run_stages(problem, works, "short", tools)
    if race is not None:
        _run_race(problem, works, race, tools)
    else:
        _run_stages(problem, works, "long", tools)
    _run_stages(problem, works, "solver", tools)
    for work in works:
        if work.result is None:
            undecided = _undecided(work, budget)
            _finish(work, replace(undecided, residual=_residual(work, budget)), tools)
    return _decision(problem, works, tools, complete=only is None)


def _begin(obligation: Obligation, problem: Problem, lane: Lane, tools: Tools) -> ObligationWork:
    """Return the work on an obligation, with evidence where it was decided before or is easy."""
    if isinstance(obligation, Emptiness) and tools.budget.remaining() > 0:
        known = tools.remembered.find(obligation) if tools.remembered is not None else None
        if known is not None:
            return ObligationWork(obligation, [], known[0], known[1])
        answer = lane.decide_obligation(obligation)
        if answer is not None:
            return ObligationWork(obligation, [], answer.entry())
    return ObligationWork(obligation, claims_of(obligation, problem))


def _extend(problem: Problem, works: Sequence[ObligationWork], budget: Budget) -> bool:
    """Add higher Lie derivatives to what the short steps left open; say whether there are any."""
    # A part of what is left: the long searches may still decide without them.
    limit = budget.slice(budget.remaining() / 3)
    found = [
        work.extend(problem, lambda: limit.remaining() > 0) for work in works if work.result is None
    ]
    return any(found)


def _run_stages(
    problem: Problem, works: Sequence[ObligationWork], part: Part, tools: Tools
) -> None:
    stage = 0
    while any(work.result is None and stage < work.stages() for work in works):
        _run_stage(problem, works, (part, stage), tools)
        stage += 1


def _run_stage(problem: Problem, works: Sequence[ObligationWork], turn: Turn, tools: Tools) -> None:
    clock = tools.budget.clock
    settled = clock()
    for work in works:
        if work.result is not None or tools.budget.remaining() <= 0:
            continue
        start = clock()
        for trial in work.tries(*turn):
            if work.result is not None or work.refuted() is not None:
                break
            if trial.is_wanted():
                trial.record(attempt(trial, tools))
            if clock() - settled > _SETTLE_AFTER_S:
                _settle(problem, works, tools)
                settled = clock()
        work.seconds += clock() - start
    _settle(problem, works, tools)


def _run_race(problem: Problem, works: Sequence[ObligationWork], race: Race, tools: Tools) -> None:
    """Run what is left of the plan side by side; a first exact answer cancels its rivals."""
    clock = tools.budget.clock
    entries: list[tuple[ObligationWork, Try]] = [
        (work, trial)
        for stage in range(max((work.stages() for work in works), default=0))
        for work in works
        if work.result is None
        for trial in work.tries("long", stage, every=True)
    ]
    if not entries or tools.budget.remaining() <= 0:
        return

    def is_wanted(number: int) -> bool:
        work, trial = entries[number]
        return tools.budget.remaining() > 0 and work.result is None and trial.is_wanted()

    start = clock()
    attempts = [partial(attempt, trial, tools) for _, trial in entries]
    for number, answer in race(attempts, is_wanted):
        work, trial = entries[number]
        if work.result is None and trial.is_wanted():
            trial.record(answer)
            work.seconds += clock() - start
            _settle(problem, works, tools)
        start = clock()


def _settle(problem: Problem, works: Sequence[ObligationWork], tools: Tools) -> None:
    """Turn decided claims into checked verdicts: all in one check, or else one by one."""
    found: list[tuple[ObligationWork, Json]] = []
    for work in works:
        entry = work.entry() if work.result is None else None
        if entry is None:
            continue
        for claim in work.claims:
            contradiction(claim, work.obligation.name)
        found.append((work, entry))
    if not found:
        return
    start = tools.budget.clock()
    together = len(found) > 1 and _accepted(problem, found, tools)
    for work, entry in found:
        if together or _accepted(problem, [(work, entry)], tools):
            work.seconds += (tools.budget.clock() - start) / len(found)
            verdict = _verdict(work, entry)
            if tools.remembered is not None and isinstance(work.obligation, Emptiness):
                tools.remembered.keep(work.obligation, entry, work.methods())
            _finish(work, verdict, tools)
        else:
            work.refused = "the checker refused the evidence"
            work.forget(problem)


def _verdict(work: ObligationWork, entry: Json) -> Verdict:
    if entry["verdict"] == "REFUTED":
        return Refuted(work.methods(), entry["witness"])
    return Proved(work.methods(), entry["proof"])


def contradiction(claim: Claim, obligation: str) -> None:
    """Raise `Quarantined` where a solver said "no solution" and a witness says otherwise."""
    if claim.claims_of_solvers and claim.witness is not None:
        raise Quarantined(obligation, claim.refuted_by, "smt")


def _accepted(problem: Problem, found: Sequence[tuple[ObligationWork, Json]], tools: Tools) -> bool:
    document = _document(problem, {work.obligation.name: entry for work, entry in found})
    return tools.check(problem.text, json.dumps(document)).accepted


def _document(problem: Problem, entries: Mapping[str, Json]) -> Json:
    return {
        "format": "lucid-evidence/1",
        "problem_sha256": problem.sha256,
        "obligations": dict(entries),
    }


def _undecided(work: ObligationWork, budget: Budget) -> Undecided:
    claims = [text for claim in work.claims for text in claim.claims_of_solvers]
    if work.refused:
        return Undecided("NUMERIC", work.refused)
    if claims:
        return Undecided("SOLVER_CLAIM", "; ".join(claims))
    if budget.remaining() <= 0:
        return Undecided("TIMEOUT", "the budget ran out")
    return Undecided("NUMERIC", "every method gave up without an exact answer")


def _residual(work: ObligationWork, budget: Budget) -> Json | None:
    """Return what a short search of the first open case leaves over, if there is time for it."""
    budget = budget.slice(_RESIDUAL_S)
    for claim in work.claims:
        for alternative in claim.alternatives:
            for number in alternative.open_cases():
                case = alternative.cases[number]
                if budget.remaining() <= 0 or not case.plain or alternative.via is not None:
                    return None
                found = bernstein.search(case, _RESIDUAL_BOXES, budget)
                return {"case": number, **found.to_json()} if isinstance(found, OpenBoxes) else None
    return None


def _finish(work: ObligationWork, verdict: Verdict, tools: Tools) -> None:
    obligation = work.obligation
    work.result = ObligationResult(
        obligation.name, verdict, work.seconds, obligation.theorem, obligation.citation
    )
    tools.on_progress(work.result)


def _decision(
    problem: Problem, works: Sequence[ObligationWork], tools: Tools, *, complete: bool
) -> Decision:
    results = {w.obligation.name: w.result for w in works if w.result is not None}
    verdicts = {name: result.verdict for name, result in results.items()}
    verdict = overall(verdicts)
    entries = {name: entry for name, v in verdicts.items() if (entry := _entry(v)) is not None}
    document = _document(problem, entries)
    safety = Safety(False, None, "OBLIGATION_NOT_PROVED")
    if complete:
        safety = safety_of(problem, verdict, tools.budget, tools.seed)
    if safety.evidence is not None:
        with_safety = {**document, "safety": safety.evidence}
        if tools.check(problem.text, json.dumps(with_safety)).accepted:
            document = with_safety
        else:
            safety = Safety(False, None, "SAFETY_EVIDENCE_REFUSED")
    return Decision(verdict, results, safety, document if entries else None, METHOD_SET_VERSION)


def _entry(verdict: Verdict) -> dict[str, Any] | None:
    match verdict:
        case Proved(_, proof):
            return {"verdict": "PROVED", "proof": proof}
        case Refuted(_, witness):
            return {"verdict": "REFUTED", "witness": witness}
        case Undecided():
            return None
