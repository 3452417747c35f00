"""The facade: decide every obligation of a problem within a budget, with checked evidence.

A PROVED or REFUTED leaves here only after `check` accepted its evidence. The order of work is the
portfolio's; results depend on the problem, `METHOD_SET_VERSION` and the budget, and on nothing
random: `seed` only moves the quasi-random starts of the falsifier.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, Protocol

from .budget import Budget
from .claims import Claim, claims_of, cofactor_from, proof_of
from .conditions import Case, Obligation, obligations
from .errors import Quarantined
from .methods import run
from .methods.evidence import CaseProof, Json, Witness
from .portfolio import METHOD_SET_VERSION, Step, plan, shape_of
from .problem import Problem
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


class CheckReport(Protocol):
    """What the independent checker answers."""

    @property
    def accepted(self) -> bool:
        """Whether every piece of the evidence is right."""
        ...


Check = Callable[[str, str], CheckReport]


@dataclass(frozen=True, slots=True)
class SolverAnswer:
    """What a solver says. `model` has exact values for the variables it fixed, where rational."""

    status: Literal["sat", "unsat", "unknown"]
    model: Mapping[str, Fraction] | None = None


Solver = Callable[[str, float], SolverAnswer]
OnProgress = Callable[[ObligationResult], None]


@dataclass(slots=True)
class _Work:
    """One obligation on its way."""

    obligation: Obligation
    claims: list[Claim]
    plans: dict[int, list[Step]] = field(default_factory=dict)
    result: ObligationResult | None = None
    seconds: float = 0.0
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the caller lends to the decision."""

    budget: Budget
    check: Check
    solver: Solver | None
    seed: int
    on_progress: OnProgress


def decide_problem(
    problem: Problem,
    *,
    budget: Budget,
    check: Check,
    solver: Solver | None = None,
    seed: int = 0,
    on_progress: OnProgress = lambda _: None,
    only: Collection[str] | None = None,
) -> Decision:
    """Decide every obligation, or `only` those named (safety is then not looked at).

    Raises `Quarantined` when two methods contradict each other.
    `check(problem_text, evidence_text)` is the independent checker; `solver(smt2_text, timeout_s)`
    may find models, its `unsat` is never a proof; `on_progress` hears each obligation once decided.
    """
    tools = Tools(budget, check, solver, seed, on_progress)
    works = [
        _Work(o, claims_of(o, problem))
        for o in obligations(problem)
        if only is None or o.name in only
    ]
    for stage in range(10):
        for work in works:
            if work.result is None and budget.remaining() > 0:
                start = budget.clock()
                _run_stage(work, stage, tools)
                work.seconds += budget.clock() - start
                _settle(problem, work, tools)
    for work in works:
        if work.result is None:
            _finish(work, _undecided(work, budget), tools)
    return _decision(problem, works, tools, complete=only is None)


def _run_stage(work: _Work, stage: int, tools: Tools) -> None:
    for claim in work.claims:
        if claim.is_decided():
            continue
        _prove_stage(claim, work, stage, tools)
        _refute_stage(claim, work, stage, tools)
        if not claim.is_decided():
            _cofactor_stage(claim, work, stage, tools)
        if claim.witness is not None:
            return


def _steps(work: _Work, case: Case, stage: int) -> list[Step]:
    if id(case) not in work.plans:
        work.plans[id(case)] = plan(shape_of(case))
    return [step for step in work.plans[id(case)] if step.stage == stage]


def _prove_stage(claim: Claim, work: _Work, stage: int, tools: Tools) -> None:
    for alternative in claim.alternatives:
        for number in alternative.open_cases():
            case = alternative.cases[number]
            for step in _steps(work, case, stage):
                answer = _attempt(case, step, tools, claim)
                if isinstance(answer, CaseProof):
                    alternative.proofs[number] = answer.proof
                    alternative.methods.append(step.method)
                elif isinstance(answer, Witness) and alternative.via is None:
                    claim.refute(number, answer.witness, step.method)
                    return
                if answer is not None:
                    break
            if number not in alternative.proofs and stage > 0 and alternative.via is not None:
                break
        if alternative.is_proved():
            return


def _refute_stage(claim: Claim, work: _Work, stage: int, tools: Tools) -> None:
    """Search for counterexamples where the refutable cases are not the ones to prove."""
    if claim.is_decided() or all(a.via is None for a in claim.alternatives):
        return
    for number, case in enumerate(claim.refutable):
        for step in _steps(work, case, stage):
            if step.method in {"falsifier", "smt"}:
                answer = _attempt(case, step, tools, claim)
                if isinstance(answer, Witness):
                    claim.refute(number, answer.witness, step.method)
                    return


def _cofactor_stage(claim: Claim, work: _Work, stage: int, tools: Tools) -> None:
    case = claim.weak_boundary
    if case is None or not case.plain:
        return
    for step in _steps(work, case, stage):
        if step.method in {"linear", "sos"}:
            answer = _attempt(case, step, tools, claim)
            found = cofactor_from(claim, answer.proof) if isinstance(answer, CaseProof) else None
            if found is not None:
                claim.alternatives.append(found)
                return


def _attempt(case: Case, step: Step, tools: Tools, claim: Claim) -> CaseProof | Witness | None:
    if tools.budget.remaining() <= 0:
        return None
    if step.method == "smt":
        return _ask_solver(case, tools, claim)
    return run.attempt(case, step.method, step.effort, tools.budget, tools.seed)


def _ask_solver(case: Case, tools: Tools, claim: Claim) -> Witness | None:
    if tools.solver is None:
        return None
    from .methods import smt

    answer = tools.solver(smt.script(case), min(4.0, tools.budget.remaining()))
    if answer.status == "unsat":
        claim.claims_of_solvers.append("smt: unsat")
    if answer.status == "sat" and answer.model is not None:
        return smt.witness_from(case, answer.model)
    return None


def _settle(problem: Problem, work: _Work, tools: Tools) -> None:
    """Turn decided claims into a checked verdict."""
    refuted = next((c for c in work.claims if c.witness is not None), None)
    if refuted is not None and refuted.witness is not None:
        contradiction(refuted, work.obligation.name)
        entry: Json = {"verdict": "REFUTED", "witness": refuted.witness}
        if _accepted(problem, work, entry, tools):
            _finish(work, Refuted(refuted.refuted_by, refuted.witness), tools)
            return
        refuted.witness = None
    if work.claims and all(c.proved() for c in work.claims):
        proof = proof_of(work.obligation, work.claims)
        if _accepted(problem, work, {"verdict": "PROVED", "proof": proof}, tools):
            _finish(work, Proved(_methods(work), proof), tools)
            return
        for claim in work.claims:
            for alternative in claim.alternatives:
                alternative.proofs.clear()


def contradiction(claim: Claim, obligation: str) -> None:
    """Raise `Quarantined` where a solver said "no solution" and a witness says otherwise."""
    if claim.claims_of_solvers and claim.witness is not None:
        raise Quarantined(obligation, claim.refuted_by, "smt")


def _accepted(problem: Problem, work: _Work, entry: Json, tools: Tools) -> bool:
    start = tools.budget.clock()
    document = _document(problem, {work.obligation.name: entry})
    accepted = tools.check(problem.text, json.dumps(document)).accepted
    work.seconds += tools.budget.clock() - start
    if not accepted:
        work.refused = "the checker refused the evidence"
    return accepted


def _methods(work: _Work) -> str:
    names: list[str] = []
    for claim in work.claims:
        proved = claim.proved()
        names.extend(proved.methods if proved else [])
    return "+".join(sorted(set(names))) or "algebra"


def _document(problem: Problem, entries: Mapping[str, Json]) -> Json:
    return {
        "format": "lucid-evidence/1",
        "problem_sha256": problem.sha256,
        "obligations": dict(entries),
    }


def _undecided(work: _Work, budget: Budget) -> Undecided:
    claims = [text for claim in work.claims for text in claim.claims_of_solvers]
    if not work.claims:
        return Undecided("UNSUPPORTED", "only cuts that are conjunctions of atoms are supported")
    if work.refused:
        return Undecided("NUMERIC", work.refused)
    if claims:
        return Undecided("SOLVER_CLAIM", "; ".join(claims))
    if budget.remaining() <= 0:
        return Undecided("TIMEOUT", "the budget ran out")
    return Undecided("NUMERIC", "every method gave up without an exact answer")


def _finish(work: _Work, verdict: Verdict, tools: Tools) -> None:
    obligation = work.obligation
    work.result = ObligationResult(
        obligation.name, verdict, work.seconds, obligation.theorem, obligation.citation
    )
    tools.on_progress(work.result)


def _decision(problem: Problem, works: list[_Work], tools: Tools, *, complete: bool) -> Decision:
    results = {w.obligation.name: w.result for w in works if w.result is not None}
    verdicts = {name: result.verdict for name, result in results.items()}
    verdict = overall(verdicts)
    entries = {name: entry for name, v in verdicts.items() if (entry := _entry(v)) is not None}
    document = _document(problem, entries)
    safety = Safety(False, None, "OBLIGATION_NOT_PROVED")
    if complete:
        safety = safety_of(problem, verdict, tools.budget, tools.seed)
    if safety.implies_safety:
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
