"""One search for a certificate, from its stored request to its stored verdict."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lucid.validation.v1 import problem_pb2
from lucid.validation.v1 import validation_service_pb2 as pb2
from lucid_runtime.clock import Clock
from lucid_telemetry import span

from lucid_validation.convert import refusal_of
from lucid_validation.deciding import Decider
from lucid_validation.errors import FieldError, MethodsContradict, SearchFailed
from lucid_validation.synthesis_convert import (
    DEGREE_DEFAULT,
    completed,
    of_request,
    synthesis_message,
    task_of,
)
from lucid_validation.workers import Pool, WorkerDied

Json = dict[str, Any]
OnProgress = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a search ended: messages. Without a candidate there is no verdict."""

    synthesis: Any
    problem: Any
    verdict: Any | None


async def obligations_of(decider: Decider, problem: Any, degree: int) -> int:
    """Return how many obligations the certificate will have; raises the refusal of the request."""
    job = {"op": "task", "problem": task_of(problem), "degree": degree or DEGREE_DEFAULT}
    try:
        return int((await decider.analyse(job)).get("obligations", 0))
    except FieldError as error:
        raise of_request(error) from None


class Searcher:
    """Searches in workers of their own, each within a budget of seconds of wall clock."""

    def __init__(self, pool: Pool, decider: Decider, clock: Clock) -> None:
        """Use the pool's workers; what they find is kept as the decider keeps its answers."""
        self._pool, self._decider, self._clock = pool, decider, clock

    async def search(self, row: Any, on_progress: OnProgress) -> Ending:
        """Return the end of the search of a stored job.

        Raises:
            SearchFailed: the worker died or failed inside.
            MethodsContradict: two methods contradict each other on a candidate.
        """
        problem = problem_pb2.Problem.FromString(row.problem)
        request = pb2.SynthesizeCertificateRequest.FromString(row.search)
        job = {
            "problem": task_of(problem),
            "degree": request.degree,
            "seed": request.seed,
        }
        started = self._clock.monotonic()
        with span("lucid.validation.synthesize") as searching:
            done = await self._run(job, row.budget_ms / 1000, on_progress)
            searching.set_attribute("lucid.validation.outcome", str(done.get("outcome")))
        return await self._ending(problem, done, self._clock.monotonic() - started)

    async def _run(self, job: Json, budget_s: float, on_progress: OnProgress) -> Json:
        progress: Json = {}
        try:
            async with asyncio.timeout(budget_s), self._pool.worker() as worker:
                # Something is left for the way back.
                await worker.send({**job, "budget_s": max(0.01, 0.95 * budget_s - 0.1)})
                while True:
                    message = await worker.receive()
                    if "done" in message:
                        return dict(message["done"])
                    progress = message["progress"]
                    on_progress(synthesis_message(progress))
        except TimeoutError:
            reason = "the budget ran out"
            return {"outcome": "BUDGET_EXHAUSTED", "reason": reason, "progress": progress}
        except WorkerDied as error:
            raise SearchFailed("the worker of the search died") from error

    async def _ending(self, problem: Any, done: Json, seconds: float) -> Ending:
        if "outcome" not in done:
            if done.get("verdict") == "INVALID_INPUT":
                raise of_request(refusal_of(done))
            if done.get("reason") == "QUARANTINED":
                raise MethodsContradict("")
            raise SearchFailed(str(done.get("message", "the search failed inside")))
        synthesis = synthesis_message(done["progress"], done["outcome"], done["reason"])
        synthesis.state.update(done.get("state", {}))
        candidate = done.get("candidate")
        if candidate is None:
            return Ending(synthesis, problem, None)
        question = completed(problem, candidate)
        verdict = await self._decider.keep(
            question, candidate["decision"], candidate["obligations"], seconds
        )
        return Ending(synthesis, question.message, verdict)
