"""What the portal makes of validation's answers: proofs only about exactly what was asked."""

from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from lucid.validation.v1 import validation_service_pb2, verdict_pb2
from lucid_rpc.status import Failure, error_of
from lucid_testkit.clocks import ManualClock
from lucid_vendor.certifier import ValidationUnavailable
from lucid_vendor.validation_client import ValidationClient
from lucid_vendor.vendors.model import compose, problem_sha256
from lucid_vendor.vendors.seed import draft_seed
from lucid_vendor.vendors.verdict import VerdictStatus

PROVED, REFUTED = verdict_pb2.VERDICT_STATUS_PROVED, verdict_pb2.VERDICT_STATUS_REFUTED
UNDECIDED = verdict_pb2.VERDICT_STATUS_UNDECIDED


@dataclass
class Stub:
    """Answers both questions as told, and keeps what it was asked."""

    sha256: str
    start: Any = REFUTED
    failure: Exception | None = None
    asked: list[Any] = field(default_factory=list)

    async def ValidateCertificate(self, request: Any, timeout: float) -> Any:
        self.asked.append((request, timeout))
        if self.failure is not None:
            raise self.failure
        about_start = request.problem.certificate.barrier == "1"
        status = self.start if about_start else PROVED
        verdict = verdict_pb2.Verdict(
            status=status,
            problem_sha256=self.sha256,
            obligations=[verdict_pb2.ObligationResult(obligation="init", status=status)],
            safety=verdict_pb2.SafetyClaim(implies_safety=status == PROVED),
        )
        return validation_service_pb2.ValidateCertificateResponse(verdict=verdict)


@pytest.fixture
def seed(content_of, domains, now):
    return draft_seed(content_of(), vendor_id="acme", seed_id="harbour", domains=domains, now=now)


@pytest.fixture
def stub(seed):
    composed = compose(seed.content.model, seed.content.intensity_cap)
    return Stub(problem_sha256(composed))


@pytest.fixture
def client(stub):
    return ValidationClient(stub, ManualClock(), budget_s=30.0)


async def test_a_proof_about_what_was_asked_counts(client, stub, seed):
    record = await client.certify(seed)
    assert record.is_proof_of_safety
    assert record.certified_digest == seed.content.certified_digest
    asked = [request.problem for request, _ in stub.asked]
    assert {each.unsafe.atom for each in asked} == {"a >= (0.8)"}
    assert all(request.budget.seconds == 30 for request, _ in stub.asked)
    assert all(timeout > 30 for _, timeout in stub.asked)


async def test_a_proof_about_another_problem_does_not_count(client, stub, seed):
    stub.sha256 = "f" * 64
    record = await client.certify(seed)
    assert record.status is VerdictStatus.ERROR
    assert not record.is_proof_of_safety


@pytest.mark.parametrize(
    ("start", "status", "missing"),
    [(PROVED, VerdictStatus.PROVED, ("START",)), (UNDECIDED, VerdictStatus.UNDECIDED, ())],
)
async def test_a_proof_that_may_be_about_nothing_does_not_count(
    client, stub, seed, start, status, missing
):
    stub.start = start
    record = await client.certify(seed)
    assert (record.status, record.missing) == (status, missing)
    assert not record.is_proof_of_safety
    assert record.reason


@pytest.mark.parametrize(
    ("code", "reason", "status"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, "EXPRESSION_INVALID", VerdictStatus.INVALID_INPUT),
        (grpc.StatusCode.FAILED_PRECONDITION, "METHODS_CONTRADICT", VerdictStatus.QUARANTINED),
    ],
)
async def test_an_answer_about_the_problem_is_an_answer(client, stub, seed, code, reason, status):
    stub.failure = error_of(
        Failure(code=code, reason=reason, domain="validation.lucid", message="position 7")
    )
    record = await client.certify(seed)
    assert record.status is status
    assert reason in record.reason


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNIMPLEMENTED,
    ],
)
async def test_no_other_failure_says_anything_about_the_seed(client, stub, seed, code):
    stub.failure = error_of(Failure(code=code, reason="X", domain="d", message="m"))
    with pytest.raises(ValidationUnavailable, match=code.name):
        await client.certify(seed)
