"""One problem from question to stored verdict: the cache first, then a solver in a worker."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lucid.validation.v1 import verdict_pb2
from lucid_rpc import deadline
from lucid_runtime.clock import Clock
from lucid_store import threads
from lucid_telemetry import Telemetry, span

from lucid_validation.convert import is_decided_kind, problem_json, refusal_of
from lucid_validation.convert_verdict import (
    canonical_of,
    duration,
    evidence_message,
    evidence_of,
    timestamp,
    verdict_message,
)
from lucid_validation.errors import MethodsContradict
from lucid_validation.store import Store
from lucid_validation.verdict_cache import VerdictCache, key_of
from lucid_validation.workers import Pool, Solvers, WorkerDied

BUDGET_DEFAULT_S: Final = 10.0
RETURN_S: Final = 0.15
"""Kept of the caller's deadline for storing the verdict and for the way home."""

_LOG: Final = logging.getLogger(__name__)

Json = dict[str, Any]
OnObligation = Callable[[Json], None]
_UNSUPPORTED: Final[Json] = {
    "verdict": "UNDECIDED",
    "reason": "UNSUPPORTED",
    "message": "no method decides this kind of certificate for this kind of system",
}


class AnalysisFailed(Exception):
    """The analyst could not answer; the reason is in its log."""


@dataclass(frozen=True, slots=True)
class Question:
    """A problem in all its forms."""

    message: Any
    json: Json
    document: str
    sha256: str


def question_of(problem: Any) -> Question:
    """Return the problem in all its forms; raises `ProblemMalformed`."""
    found = problem_json(problem)
    document, digest = canonical_of(found)
    return Question(problem, found, document, digest)


def budget_of(asked: Any, default_s: float = BUDGET_DEFAULT_S) -> float:
    """Return the seconds that may be spent: what was asked, or what the caller still waits."""
    wanted = asked.ToNanoseconds() / 1e9 or default_s
    left = deadline.remaining_s()
    return wanted if left is None else max(0.01, min(wanted, left - RETURN_S))


class Decider:
    """Answers questions; every answer is stored, and named by its content."""

    def __init__(
        self,
        store: Store,
        cache: VerdictCache,
        solvers: Pool,
        analysts: Pool,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        """Use these parts; the pools start their processes when needed."""
        self._store, self._cache, self._clock = store, cache, clock
        self._solvers, self._analysts = Solvers(solvers, clock), analysts
        self._telemetry = telemetry
        self._version = ""

    async def analyse(self, job: Json) -> Json:
        """Return the analyst's answer; raises the refusal of a problem."""
        try:
            answer = await self._analysts.ask(job)
        except WorkerDied as error:
            raise AnalysisFailed from error
        if answer.get("verdict") == "INVALID_INPUT":
            raise refusal_of(answer)
        if answer.get("failed"):
            raise AnalysisFailed
        return answer

    async def method_set_version(self) -> str:
        """Return the version of the methods; asked of a worker once."""
        if not self._version:
            probe = {"kind": "continuous", "vars": ["x"], "dynamics": {"x": "0"}}
            always: Json = {"and": ["x >= 0"]}
            rest = {"init": always, "unsafe": always, "flow_condition": "everywhere"}
            certificate = {"type": "barrier", "expr": "x"}
            job = {"op": "inspect", "problem": {**probe, **rest, "certificate": certificate}}
            self._version = str((await self.analyse(job))["method_set_version"])
        return self._version

    async def decide(
        self,
        question: Question,
        budget_s: float,
        *,
        skip_cache: bool = False,
        on_obligation: OnObligation = lambda _: None,
    ) -> Any:
        """Return the verdict, from the cache or solved now.

        Raises:
            FieldError: the problem cannot be read.
            MethodsContradict: two methods contradict each other.
        """
        started = self._clock.monotonic()
        key = key_of(question.sha256, await self.method_set_version())
        cached = None if skip_cache else await self._cached(key, budget_s)
        if cached is not None:
            self._count(cached, "cached")
            return cached
        left_s = max(0.01, budget_s - (self._clock.monotonic() - started))
        verdict = await self._solve(question, left_s, on_obligation)
        self._count(verdict, "solved")
        await self._cache.put(key, verdict, budget_s)
        return verdict

    async def _cached(self, key: str, budget_s: float) -> Any | None:
        verdict = await self._cache.get(key, budget_s)
        if verdict is None:
            return None
        # A verdict that this store never had (another database, another time) is solved again,
        # so that its name and its evidence can always be fetched here.
        stored = await threads.run(self._store.verdict, verdict.name.removeprefix("verdicts/"))
        if stored is None:
            return None
        verdict.cached = True
        return verdict

    async def _solve(self, question: Question, budget_s: float, on_obligation: OnObligation) -> Any:
        started = self._clock.monotonic()
        done: Json = dict(_UNSUPPORTED)
        obligations: list[Json] = []
        if is_decided_kind(question.message):
            with span("lucid.validation.solve") as solving:
                done, obligations = await self._solvers.decide(
                    question.json, budget_s, on_obligation
                )
                solving.set_attribute("lucid.validation.verdict", str(done["verdict"]))
        if done["verdict"] == "INVALID_INPUT":
            raise refusal_of(done)
        if done.get("reason") == "QUARANTINED":
            _LOG.error("two methods contradict each other", extra={"problem": question.sha256})
            raise MethodsContradict(question.sha256)
        done.setdefault("method_set_version", self._version)
        return await self.keep(question, done, obligations, self._clock.monotonic() - started)

    async def keep(
        self, question: Question, done: Json, obligations: list[Json], seconds: float
    ) -> Any:
        """Store the answer of a worker and its evidence; return the verdict."""
        document = evidence_of(done, question.sha256)
        evidence = None
        if document is not None:
            evidence = evidence_message(document, question.document, question.sha256)
        verdict = verdict_message(question.message, question.sha256, done, obligations, evidence)
        now = self._clock.now()
        verdict.solve_duration.CopyFrom(duration(seconds))
        verdict.decide_time.CopyFrom(timestamp(now))
        stored = await threads.run(self._store.save_verdict, verdict, evidence, now)
        return verdict_pb2.Verdict.FromString(stored)

    def _count(self, verdict: Any, source: str) -> None:
        status = verdict_pb2.VerdictStatus.Name(verdict.status).removeprefix("VERDICT_STATUS_")
        labels = (("lucid.validation.source", source), ("lucid.validation.verdict", status))
        self._telemetry.instruments.count("lucid.validation.verdicts", 1, labels)
        for result in verdict.obligations if source == "solved" else ():
            seconds = result.solve_duration.ToNanoseconds() / 1e9
            method = (("lucid.validation.method", result.method or "none"),)
            self._telemetry.instruments.observe("lucid.validation.method.duration", seconds, method)
