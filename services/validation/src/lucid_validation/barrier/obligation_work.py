"""One obligation on its way: its claims, the plan of each case, and what was found so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, Protocol

from .budget import Budget
from .claims import Alternative, Claim, claims_of, cofactor_from, extend, proof_of
from .conditions import Case, Obligation
from .methods import run
from .methods.evidence import CaseProof, Json, Witness
from .portfolio import Step, plan, shape_of
from .problem import Problem
from .remembered import Remembered
from .verdict import ObligationResult

Answer = CaseProof | Witness | None
_STOPPED_SHARE = 0.6


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
    name: str = "smt"


Solver = Callable[[str, float], SolverAnswer]
Part = Literal["short", "long", "solver"]
Turn = tuple[Part, int]
OnProgress = Callable[[ObligationResult], None]


class Race(Protocol):
    """Runs attempts side by side where the caller has cores for them."""

    def __call__(
        self, attempts: Sequence[Callable[[], Answer]], is_wanted: Callable[[int], bool]
    ) -> Iterator[tuple[int, Answer]]:
        """Yield (number of the attempt, its answer) as answers come, in any order.

        Attempts start in the given order. After every answer, those running or waiting whose number
        `is_wanted` no longer holds for are cancelled.
        """
        ...


@dataclass(frozen=True, slots=True)
class Resources:
    """What a caller may lend beyond time and a checker.

    `solver(smt2_text, timeout_s)` may find models, its `unsat` is never a proof; `race` runs the
    long searches side by side, without it they run one after the other; `remembered` is searched
    for obligations decided before.
    """

    solver: Solver | None = None
    race: Race | None = None
    remembered: Remembered | None = None


@dataclass(frozen=True, slots=True)
class Tools:
    """What one decision works with."""

    budget: Budget
    check: Check
    solver: Solver | None
    seed: int
    on_progress: OnProgress
    race: Race | None = None
    remembered: Remembered | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt at one case, and where its answer belongs."""

    step: Step
    case: Case
    number: int
    claim: Claim
    alternative: Alternative | None
    role: Literal["prove", "refute", "cofactor"]
    stopped: set[tuple[int, str, str]]

    def is_wanted(self) -> bool:
        """Say whether an answer would still change something."""
        if (
            self.step.again
            and (id(self.case), self.step.method, self.step.level) not in self.stopped
        ):
            return False
        if self.claim.is_decided():
            return False
        return self.alternative is None or self.number not in self.alternative.proofs

    def record(self, answer: Answer) -> None:
        """Put the answer where it belongs."""
        method = self.step.method
        if isinstance(answer, Witness) and self.role != "cofactor":
            if self.alternative is None or self.alternative.via is None:
                self.claim.refute(self.number, answer.witness, method)
        elif isinstance(answer, CaseProof) and self.role == "cofactor":
            found = cofactor_from(self.claim, answer.proof)
            if found is not None:
                self.claim.alternatives.append(found)
        elif isinstance(answer, CaseProof) and self.alternative is not None:
            self.alternative.proofs[self.number] = answer.proof
            self.alternative.methods.append(method)


@dataclass(slots=True)
class ObligationWork:
    """One obligation, its claims, and its result once there is one.

    `quick` is evidence of the fast lane or of an earlier decision, found by the methods `quick_by`;
    then no claims are made, unless it is refused.
    """

    obligation: Obligation
    claims: list[Claim]
    quick: Json | None = None
    quick_by: str = "bernstein"
    result: ObligationResult | None = None
    seconds: float = 0.0
    refused: str = ""
    _plans: dict[int, list[Step]] = field(default_factory=dict)
    _next: dict[tuple[int, Part], int] = field(default_factory=dict)
    _stopped: set[tuple[int, str, str]] = field(default_factory=set)

    def stages(self) -> int:
        """Return how many stages the longest plan so far has; at least one."""
        return max((len(steps) for steps in self._plans.values()), default=1)

    def tries(self, part: Part, stage: int, *, every: bool = False) -> Iterator[Try]:
        """Yield what the plan has for this part and stage.

        An alternative is left at its first case without a proof, unless `every` case is wanted.
        """
        for claim in self.claims:
            yield from self._proving(claim, (part, stage), every=every)
            yield from self._refuting(claim, (part, stage))
            yield from self._cofactors(claim, (part, stage))

    def extend(self, problem: Problem, goes_on: Callable[[], bool]) -> bool:
        """Add the costly alternatives of what is undecided; say whether there are any."""
        added = [extend(claim, problem, goes_on) for claim in self.claims if not claim.is_decided()]
        return any(added)

    def entry(self) -> Json | None:
        """Return the evidence of this obligation if it is decided, else None."""
        if self.quick is not None:
            return self.quick
        refuted = self.refuted()
        if refuted is not None:
            return {"verdict": "REFUTED", "witness": refuted.witness}
        if self.claims and all(claim.proved() for claim in self.claims):
            return {"verdict": "PROVED", "proof": proof_of(self.obligation, self.claims)}
        return None

    def refuted(self) -> Claim | None:
        """Return the claim that has a counterexample, if any."""
        return next((claim for claim in self.claims if claim.witness is not None), None)

    def forget(self, problem: Problem) -> None:
        """Drop what the checker refused, so that other methods may still find something."""
        if self.quick is not None:
            self.quick, self.claims = None, claims_of(self.obligation, problem)
            return
        refuted = self.refuted()
        if refuted is not None:
            refuted.witness = None
            return
        for claim in self.claims:
            for alternative in claim.alternatives:
                alternative.proofs.clear()

    def methods(self) -> str:
        """Return the names of the methods that decided."""
        if self.quick is not None:
            return self.quick_by
        refuted = self.refuted()
        if refuted is not None:
            return refuted.refuted_by
        names: list[str] = []
        for claim in self.claims:
            proved = claim.proved()
            names.extend(proved.methods if proved else [])
        return "+".join(sorted(set(names))) or "algebra"

    def _steps(self, case: Case, turn: Turn) -> list[Step]:
        if id(case) not in self._plans:
            self._plans[id(case)] = plan(shape_of(case))
        part, stage = turn
        # A case whose turn comes late starts at the front of its plan.
        first = self._next.get((id(case), part), 0)
        self._next[id(case), part] = stage + 1
        return [s for s in self._plans[id(case)][first : stage + 1] if _part_of(s) == part]

    def _proving(self, claim: Claim, turn: Turn, *, every: bool) -> Iterator[Try]:
        for alternative in claim.alternatives:
            for number in alternative.open_cases():
                case = alternative.cases[number]
                for step in self._steps(case, turn):
                    yield Try(step, case, number, claim, alternative, "prove", self._stopped)
                unproved = number not in alternative.proofs
                if unproved and not every and turn[1] > 0 and alternative.via is not None:
                    break

    def _refuting(self, claim: Claim, turn: Turn) -> Iterator[Try]:
        """Search for counterexamples where the refutable cases are not the ones to prove."""
        if all(alternative.via is None for alternative in claim.alternatives):
            return
        for number, case in enumerate(claim.refutable):
            for step in self._steps(case, turn):
                if step.method in {"falsifier", "univariate", "smt"}:
                    yield Try(step, case, number, claim, None, "refute", self._stopped)

    def _cofactors(self, claim: Claim, turn: Turn) -> Iterator[Try]:
        case = claim.weak_boundary
        if case is None or not case.plain:
            return
        for step in self._steps(case, turn):
            if step.method in {"linear", "sos"}:
                yield Try(step, case, 0, claim, None, "cofactor", self._stopped)


def _part_of(step: Step) -> Part:
    if step.method == "smt":
        return "solver"
    return "long" if step.is_long else "short"


def attempt(trial: Try, tools: Tools) -> Answer:
    """Run one try here and now; None where it gives no exact answer."""
    budget, step = tools.budget, trial.step
    if budget.remaining() <= 0:
        return None
    if step.method == "smt":
        return _ask_solver(trial, tools)
    if step.limit_s is None:
        return run.attempt(trial.case, step.method, step.effort, budget, tools.seed)
    part = budget.slice(step.limit_s)
    answer = run.attempt(trial.case, step.method, step.effort, part, tools.seed)
    # A step gives up a little before its limit; one that used most of it was stopped by it.
    if answer is None and part.remaining() <= _STOPPED_SHARE * step.limit_s:
        trial.stopped.add((id(trial.case), step.method, step.level))
    return answer


def _ask_solver(trial: Try, tools: Tools) -> Witness | None:
    if tools.solver is None or not trial.case.plain:
        return None
    from .methods import smt

    answer = tools.solver(smt.script(trial.case), min(4.0, tools.budget.remaining()))
    if answer.status == "unsat":
        trial.claim.claims_of_solvers.append(f"{answer.name}: unsat")
    if answer.status == "sat" and answer.model is not None:
        return smt.witness_from(trial.case, answer.model)
    return None
