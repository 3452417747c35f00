"""Certify the horizon of a general system: search for tubes, and ask validation about them."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, Final

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import evolution_pb2

from lucid_coherence.certifier import MARGIN_S, Certifier, is_certified, why_not
from lucid_coherence.open_systems.exact import exact_text
from lucid_coherence.refusals import ValidationUnavailable

BUDGET_FACTOR: Final = 5.0
"""A tube has up to 600 witnesses in 31 variables: it takes seconds."""
ASKED_MAX: Final = 3
"""Tubes that validation is asked about before its last answer is the answer."""


async def tube_events(
    certifier: Certifier, events: AsyncIterator[Any], remaining_s: Callable[[], float | None]
) -> AsyncGenerator[service.CertifyCoherenceResponse]:
    """Yield progress, then the result, of a search; `remaining_s` says what is left of the call.

    Raises:
        ValidationUnavailable: validation cannot be reached or gives no answer in time.
    """
    from lucid_coherence.open_systems.certificates.search import NotFound, Progress

    refused, asked = evolution_pb2.CertifiedHorizon(), 0
    async for event in events:
        if isinstance(event, Progress):
            yield _progress(event)
        elif isinstance(event, NotFound):
            if not refused.reason:
                refused = _not_found(event)
        else:
            yield _validating(event)
            asked += 1
            decided = await _decide(certifier, event, remaining_s())
            if decided.certified or event.wide or asked == ASKED_MAX:
                yield service.CertifyCoherenceResponse(result=decided)
                return
            refused = decided
    yield service.CertifyCoherenceResponse(result=refused)


async def _decide(
    certifier: Certifier, found: Any, left_s: float | None
) -> evolution_pb2.CertifiedHorizon:
    """Return what validation says; a proved horizon with too large a gap is refused."""
    from lucid_coherence.answers.certification import hybrid_message

    budget_s = BUDGET_FACTOR * certifier.budget_s
    if left_s is not None:
        budget_s = min(budget_s, left_s - MARGIN_S)
    if budget_s <= 0:
        raise ValidationUnavailable
    message = hybrid_message(found.problem)
    verdict = await certifier.ask(message, budget_s)
    proved = is_certified(verdict)
    reason = "" if proved else why_not(verdict)
    if proved and found.wide:
        reason = (
            f"The longest horizon that was certified is {float(found.tube.horizon_s):.6g} s, "
            f"{found.gap_percent:.3g} % below the numerical one; a smaller gap was asked for."
        )
    return evolution_pb2.CertifiedHorizon(
        certified=proved and not found.wide,
        horizon_s=exact_text(found.tube.horizon_s),
        numerical_horizon_s=found.numerical_s,
        gap_percent=found.gap_percent,
        degree=found.tube.degree,
        problem=message,
        status=verdict.status,
        verdict=verdict.name,
        evidence=verdict.evidence,
        theorem=found.problem.theorem if proved else "",
        reason=reason,
        segments=len(found.tube.parts),
    )


def _not_found(event: Any) -> evolution_pb2.CertifiedHorizon:
    return evolution_pb2.CertifiedHorizon(
        certified=False,
        horizon_s="0",
        numerical_horizon_s=event.numerical_s,
        gap_percent=100.0 if event.numerical_s else 0.0,
        degree=event.degree,
        reason=event.reason,
        segments=event.segments,
    )


def _progress(event: Any) -> service.CertifyCoherenceResponse:
    return service.CertifyCoherenceResponse(
        progress=service.CertificationProgress(
            stage=event.stage,
            degree=event.degree,
            message=event.message,
            segment=event.segment,
            segments=event.segments,
        )
    )


def _validating(event: Any) -> service.CertifyCoherenceResponse:
    pieces, segments = sum(map(len, event.tube.pieces)), len(event.tube.parts)
    message = (
        f"{float(event.tube.horizon_s):.6g} s, {event.gap_percent:.3g} % from the numerical "
        f"horizon, with {pieces} witnesses in {segments} segments"
    )
    return service.CertifyCoherenceResponse(
        progress=service.CertificationProgress(
            stage="validate", degree=event.tube.degree, message=message, segments=segments
        )
    )
