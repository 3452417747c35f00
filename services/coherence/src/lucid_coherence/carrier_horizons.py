"""The certified horizon of a carrier that is declared by a general system and a start state."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from fractions import Fraction
from typing import Any, Final

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import evolution_pb2
from lucid.validation.v1 import verdict_pb2

from lucid_coherence.certifier import status_text
from lucid_coherence.open_systems.exact import exact_text
from lucid_coherence.refusals import HorizonNotCertified, HorizonTooShort

Certify = Callable[[service.CertifyCoherenceRequest], AsyncGenerator[Any, None]]
"""Yields CertifyCoherenceResponse messages, the result last."""
FROM_START: Final = frozenset({"lindbladian", "pauli_lindbladian"})
"""The models whose horizon is asked of a start state."""


async def horizon_from_start(
    declared: evolution_pb2.Carrier, needed_s: Fraction, certify: Certify
) -> evolution_pb2.CertifiedHorizon:
    """Return a certified horizon of at least `needed_s` (0 = any).

    Raises:
        HorizonTooShort: the coherence is seen to fall to theta before `needed_s`.
        HorizonNotCertified: nothing that long was found, or validation did not prove it.
        ValidationUnavailable: validation cannot be reached or gives no answer in time.
    """
    request = service.CertifyCoherenceRequest(
        system=declared.system,
        theta=declared.theta,
        initial_coherence=declared.initial_coherence,
        start=declared.start,
        start_radius=declared.start_radius,
    )
    found = await _last(certify(request))
    numerical_s = found.numerical_horizon_s
    if numerical_s and float(needed_s) >= numerical_s:
        raise HorizonTooShort(f"{numerical_s:.6g}", exact_text(needed_s))
    reached = Fraction(found.horizon_s or "0")
    was_proved = found.status == verdict_pb2.VERDICT_STATUS_PROVED
    if was_proved and (not found.certified or reached < needed_s):
        # A carrier may be content with less than the longest horizon, or need a little more.
        request.wanted_horizon_s = exact_text(max(needed_s, Fraction(0)) or reached)
        found = await _last(certify(request))
    if not found.certified:
        status = status_text(found.status or verdict_pb2.VERDICT_STATUS_UNDECIDED)
        raise HorizonNotCertified(status, found.reason)
    return found


async def _last(
    events: AsyncGenerator[service.CertifyCoherenceResponse, None],
) -> evolution_pb2.CertifiedHorizon:
    result = evolution_pb2.CertifiedHorizon()
    async with aclosing(events) as stream:
        async for event in stream:
            result = event.result
    return result
