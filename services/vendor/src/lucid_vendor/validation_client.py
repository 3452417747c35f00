"""Asks the validation service about a seed's model, composed for the seed's own cap.

Two questions are asked. The first is the vendor's: does the certificate prove the model safe? The
second is ours: does the model start anywhere at all? A model without a start is "proved" whatever
it says, so such a proof is not taken. It is asked as a problem whose barrier is the constant 1:
its obligation `init` (B <= 0 on init) fails exactly where a start exists, and the exact
counterexample is that start.
"""

import asyncio
from dataclasses import replace
from typing import Any, Final

import grpc
from google.protobuf import duration_pb2
from lucid.validation.v1 import problem_pb2, validation_service_pb2, verdict_pb2
from lucid_rpc.status import Failure, failure_of
from lucid_runtime.clock import Clock

from lucid_vendor.certifier import ValidationUnavailable
from lucid_vendor.convert_model import problem_from_document
from lucid_vendor.convert_seed import verdict_from_message
from lucid_vendor.vendors.model import compose, problem_sha256
from lucid_vendor.vendors.seed import Seed
from lucid_vendor.vendors.verdict import VerdictRecord, VerdictStatus

MARGIN_S: Final = 2.0
"""What a call may take beyond validation's own budget, on the way and in its queue."""

VACUOUS: Final = "the initial set is empty, so nothing is proved about any session"

OTHER_PROBLEM: Final = "the verdict is about another problem than the one that was asked"


class ValidationClient:
    """The validation service as the certifier sees it."""

    def __init__(self, stub: Any, clock: Clock, *, budget_s: float) -> None:
        self._stub = stub
        self._clock = clock
        self._budget_s = budget_s

    async def certify(self, seed: Seed) -> VerdictRecord:
        """Return the verdict about a version at its own cap.

        Raises:
            ValidationUnavailable: no answer now; asking later may help.
        """
        problem = compose(seed.content.model, seed.content.intensity_cap)
        digest = seed.content.certified_digest
        message = problem_from_document(problem)
        try:
            asked, started = await asyncio.gather(
                self._decide(message), self._decide(_start_question(message))
            )
        except grpc.aio.AioRpcError as error:
            return self._refused(failure_of(error), problem_sha256(problem), digest)
        record = verdict_from_message(asked, certified_digest=digest, now=self._clock.now())
        if record.problem_sha256 != problem_sha256(problem):
            return replace(
                record, status=VerdictStatus.ERROR, implies_safety=False, reason=OTHER_PROBLEM
            )
        return _with_start(record, started)

    async def _decide(self, problem: problem_pb2.Problem) -> verdict_pb2.Verdict:
        budget = duration_pb2.Duration()
        budget.FromMilliseconds(round(self._budget_s * 1000))
        request = validation_service_pb2.ValidateCertificateRequest(problem=problem, budget=budget)
        reply = await self._stub.ValidateCertificate(request, timeout=self._budget_s + MARGIN_S)
        verdict: verdict_pb2.Verdict = reply.verdict
        return verdict

    def _refused(self, failure: Failure, sha256: str, digest: str) -> VerdictRecord:
        """Return a verdict for a problem that validation cannot read.

        Raises:
            ValidationUnavailable: for every other failure; none of them is about the problem.
        """
        contradiction = failure.reason == "METHODS_CONTRADICT"
        if failure.code is not grpc.StatusCode.INVALID_ARGUMENT and not contradiction:
            raise ValidationUnavailable(f"{failure.code.name} {failure.reason}")
        status = VerdictStatus.QUARANTINED if contradiction else VerdictStatus.INVALID_INPUT
        return VerdictRecord(
            status=status,
            implies_safety=False,
            certified_digest=digest,
            problem_sha256=sha256,
            decided_at=self._clock.now(),
            reason=f"{failure.message} ({failure.reason})",
        )


def _start_question(problem: problem_pb2.Problem) -> problem_pb2.Problem:
    question = problem_pb2.Problem()
    question.CopyFrom(problem)
    question.certificate.CopyFrom(
        problem_pb2.Certificate(kind=problem_pb2.CERTIFICATE_KIND_EVERYWHERE, barrier="1")
    )
    return question


def _with_start(record: VerdictRecord, started: verdict_pb2.Verdict) -> VerdictRecord:
    """Take a proof only where a start was found; without one it is vacuous or still open."""
    if record.status is not VerdictStatus.PROVED:
        return record
    init = {each.obligation: each.status for each in started.obligations}.get("init")
    if init == verdict_pb2.VERDICT_STATUS_REFUTED:
        return record
    if init == verdict_pb2.VERDICT_STATUS_PROVED:
        return replace(
            record, implies_safety=False, missing=(*record.missing, "START"), reason=VACUOUS
        )
    return replace(
        record,
        status=VerdictStatus.UNDECIDED,
        implies_safety=False,
        reason="no point of the initial set was found, so the proof may be about nothing",
    )
