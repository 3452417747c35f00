"""Certify a horizon by asking validation, and report what it said."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import grpc
from google.protobuf import duration_pb2
from lucid.coherence.v1 import evolution_pb2
from lucid.validation.v1 import validation_service_pb2, verdict_pb2

from lucid_coherence.convert import problem_to_message
from lucid_coherence.open_systems.barrier_problem import barrier_problem
from lucid_coherence.open_systems.exact import exact_text
from lucid_coherence.open_systems.horizon import (
    GAP_DEFAULT_PERCENT,
    HorizonClaim,
    HorizonQuestion,
    attempts,
    claim_for,
)
from lucid_coherence.refusals import HorizonNotCertified, HorizonTooShort, ValidationUnavailable

MARGIN_S: Final = 2.0
"""What a call may take beyond validation's own budget, on the way and in its queue."""
_STATUS_PREFIX: Final = "VERDICT_STATUS_"
_TRANSIENT: Final = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.CANCELLED,
    }
)


class Certifier:
    """Builds the claim of a horizon and has it decided by validation."""

    def __init__(self, stub: Any, *, budget_s: float) -> None:
        self._stub = stub
        self._budget_s = budget_s

    async def decide(self, claim: HorizonClaim) -> evolution_pb2.CertifiedHorizon:
        """Return the claim with validation's verdict, whatever the verdict is.

        Raises:
            ValidationUnavailable: validation cannot be reached or gives no answer in time.
        """
        problem = barrier_problem(claim)
        message = problem_to_message(problem)
        verdict = await self.ask(message, self._budget_s)
        certified = is_certified(verdict)
        return evolution_pb2.CertifiedHorizon(
            certified=certified,
            horizon_s=exact_text(claim.horizon_s),
            numerical_horizon_s=claim.question.exact_s,
            gap_percent=claim.gap_percent,
            degree=claim.degree,
            problem=message,
            status=verdict.status,
            verdict=verdict.name,
            evidence=verdict.evidence,
            theorem=problem.theorem if certified else "",
            reason="" if certified else _why_not(claim, verdict),
        )

    @property
    def budget_s(self) -> float:
        """The seconds that validation may spend on the horizon of a damped qubit."""
        return self._budget_s

    async def ask(self, problem: Any, budget_s: float) -> verdict_pb2.Verdict:
        """Return validation's verdict on a problem; raises ValidationUnavailable."""
        budget = duration_pb2.Duration()
        budget.FromMilliseconds(round(budget_s * 1000))
        request = validation_service_pb2.ValidateCertificateRequest(problem=problem, budget=budget)
        try:
            response = await self._stub.ValidateCertificate(request, timeout=budget_s + MARGIN_S)
        except grpc.aio.AioRpcError as error:
            if error.code() in _TRANSIENT:
                raise ValidationUnavailable from error
            raise
        verdict: verdict_pb2.Verdict = response.verdict
        return verdict


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done about which claim: construct, raise_degree or validate."""

    stage: str
    claim: HorizonClaim


async def steps(
    certifier: Certifier, question: HorizonQuestion, wanted_s: Fraction | None, gap_percent: float
) -> AsyncIterator[Step | evolution_pb2.CertifiedHorizon]:
    """Yield each step before it is taken, then the decided horizon."""
    claims = attempts(question, gap_percent)
    if wanted_s is not None:
        claims = iter([claim_for(question, wanted_s)])
    stage = "construct"
    for claim in claims:
        yield Step(stage, claim)
        stage = "raise_degree"
    yield Step("validate", claim)
    yield await certifier.decide(claim)


async def certify_at_least(
    certifier: Certifier, question: HorizonQuestion, needed_s: Fraction
) -> evolution_pb2.CertifiedHorizon:
    """Return a certified horizon of at least `needed_s` (0 = any).

    Raises:
        HorizonTooShort: no horizon that long exists; validation is not asked.
        HorizonNotCertified: validation did not prove it.
        ValidationUnavailable: see `Certifier.decide`.
    """
    *_, claim = attempts(question, GAP_DEFAULT_PERCENT)
    if claim.horizon_s < needed_s:
        if float(needed_s) >= question.exact_s:
            raise HorizonTooShort(f"{question.exact_s:.6g}", exact_text(needed_s))
        claim = claim_for(question, needed_s)
    horizon = await certifier.decide(claim)
    if not horizon.certified:
        raise HorizonNotCertified(status_text(horizon.status), horizon.reason)
    return horizon


def is_certified(verdict: verdict_pb2.Verdict) -> bool:
    """Say whether a verdict is proved and implies safety: nothing less is a certificate."""
    return bool(
        verdict.status == verdict_pb2.VERDICT_STATUS_PROVED and verdict.safety.implies_safety
    )


def status_text(status: Any) -> str:
    """Return PROVED, REFUTED, UNDECIDED, ..."""
    return verdict_pb2.VerdictStatus.Name(status).removeprefix(_STATUS_PREFIX)


def _why_not(claim: HorizonClaim, verdict: verdict_pb2.Verdict) -> str:
    late = ""
    if claim.gap_percent <= 0:
        late = (
            f"The coherence falls to theta at {claim.question.exact_s:.6g} s, before the wanted "
            f"{float(claim.horizon_s):.6g} s."
        )
    return why_not(verdict, late)


def why_not(verdict: verdict_pb2.Verdict, late: str = "") -> str:
    """Return why a verdict is no certificate, in sentences."""
    said = f"Validation says {status_text(verdict.status)}"
    open_ones = [
        one.obligation
        for one in verdict.obligations
        if one.status != verdict_pb2.VERDICT_STATUS_PROVED
    ]
    parts = [f"{said} about {', '.join(open_ones)}." if open_ones else f"{said}."]
    if verdict.reason:
        parts.append(verdict.reason)
    parts.extend(_counterexample(one) for one in verdict.obligations if one.HasField("witness"))
    if late:
        parts.append(late)
    if verdict.safety.missing:
        parts.append(f"Missing for safety: {', '.join(verdict.safety.missing)}.")
    return " ".join(parts)


def _counterexample(result: verdict_pb2.ObligationResult) -> str:
    values = dict(result.witness.point.values or getattr(result.witness.segment, "from"))
    point = ", ".join(f"{name} = {value}" for name, value in sorted(values.items()))
    return f"{result.obligation} fails at {point}."
