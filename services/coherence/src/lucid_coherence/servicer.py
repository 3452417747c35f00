"""The service's methods: they translate and decide nothing.

Batches are worked on in threads, so that health, streams and small calls go on meanwhile.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import coherence_service_pb2_grpc, evolution_pb2
from lucid_rpc.errors import ErrorTable
from lucid_rpc.status import status_of

from lucid_coherence.carriers import Carriers
from lucid_coherence.certifier import Certifier, Step, steps
from lucid_coherence.convert import question_from
from lucid_coherence.open_systems.exact import parse_exact


class CoherenceServicer(coherence_service_pb2_grpc.CoherenceServiceServicer):
    """CoherenceService of lucid.coherence.v1."""

    def __init__(self, carriers: Carriers, certifier: Certifier, errors: ErrorTable) -> None:
        self._carriers = carriers
        self._certifier = certifier
        self._errors = errors

    async def AnalyzeStates(self, request: Any, _context: Any) -> service.AnalyzeStatesResponse:
        """Check and measure a batch of states."""
        return await asyncio.to_thread(_answer, "states", "analyze_states", request)

    async def StreamAnalyzeStates(
        self, requests: AsyncIterator[Any], _context: Any
    ) -> AsyncIterator[service.StreamAnalyzeStatesResponse]:
        """Check and measure chunk by chunk; a refused chunk does not end the stream."""
        async for chunk in requests:
            yield await self._analyze_chunk(chunk)

    async def ProjectStates(self, request: Any, _context: Any) -> service.ProjectStatesResponse:
        """Return the nearest physical states."""
        return await asyncio.to_thread(_answer, "states", "project_states", request)

    async def ConvertChannel(self, request: Any, _context: Any) -> service.ConvertChannelResponse:
        """Convert a channel, check it, apply it and compare it."""
        return await asyncio.to_thread(_answer, "channels", "convert_channel", request)

    async def EstimateNoise(self, request: Any, _context: Any) -> service.EstimateNoiseResponse:
        """Estimate noise from counts."""
        return await asyncio.to_thread(_answer, "noise", "estimate_noise", request)

    async def MitigateExpectation(
        self, request: Any, _context: Any
    ) -> service.MitigateExpectationResponse:
        """Extrapolate an expectation value to zero noise."""
        return await asyncio.to_thread(_answer, "noise", "mitigate_expectation", request)

    async def EvolveStates(
        self, request: Any, _context: Any
    ) -> AsyncIterator[service.EvolveStatesResponse]:
        """Evolve states; times come in chunks."""
        chunks = await asyncio.to_thread(_answer, "evolution", "evolve_states", request)
        while (chunk := await asyncio.to_thread(_next, chunks)) is not None:
            yield chunk

    async def CertifyCoherence(
        self, request: Any, _context: Any
    ) -> AsyncIterator[service.CertifyCoherenceResponse]:
        """Certify a horizon: progress, then the result."""
        question = question_from(request.system, request.theta, request.initial_coherence)
        wanted = request.wanted_horizon_s
        wanted_s = parse_exact(wanted, field="wanted_horizon_s") if wanted else None
        sequence = 0
        async for step in steps(self._certifier, question, wanted_s, request.gap_percent):
            sequence += 1
            event = _event(step)
            event.sequence = sequence
            yield event

    async def CreateCarrier(self, request: Any, _context: Any) -> evolution_pb2.Carrier:
        """Prepare a carrier with a certified horizon."""
        return await self._carriers.create(request)

    async def GetCarrier(self, request: Any, _context: Any) -> evolution_pb2.Carrier:
        """Return one carrier."""
        return await self._carriers.get(request.name)

    async def DeleteCarrier(self, request: Any, _context: Any) -> evolution_pb2.Carrier:
        """Discard a carrier; discarding again changes nothing."""
        return await self._carriers.discard(request)

    async def CheckpointCarrier(
        self, request: Any, _context: Any
    ) -> evolution_pb2.CarrierCheckpoint:
        """Record a carrier's state at a time."""
        return await self._carriers.checkpoint(request)

    async def RestoreCarrier(self, request: Any, _context: Any) -> service.RestoreCarrierResponse:
        """Return the nearest physical states to checkpoints or to given data."""
        return await self._carriers.restore(request)

    async def RankSeeds(self, request: Any, _context: Any) -> service.RankSeedsResponse:
        """Rank seeds by the Born rule."""
        return await asyncio.to_thread(_answer, "preferences", "answer_ranking", request)

    async def UpdatePreference(
        self, request: Any, _context: Any
    ) -> service.UpdatePreferenceResponse:
        """Update preference states by Lueders' rule."""
        return await asyncio.to_thread(_answer, "preferences", "answer_update", request)

    async def _analyze_chunk(
        self, chunk: service.StreamAnalyzeStatesRequest
    ) -> service.StreamAnalyzeStatesResponse:
        try:
            found = await asyncio.to_thread(_answer, "states", "analyze_chunk", chunk.request)
        except Exception as error:  # noqa: BLE001  # an item's error travels in the item
            failure = self._errors.failure_for(error, "StreamAnalyzeStates")
            return service.StreamAnalyzeStatesResponse(
                chunk_id=chunk.chunk_id, error=status_of(failure)
            )
        return service.StreamAnalyzeStatesResponse(chunk_id=chunk.chunk_id, response=found)


def _answer(topic: str, name: str, request: Any) -> Any:
    """Run a function of `answers.<topic>`; the first call pays for the import of numpy."""
    answers = importlib.import_module(f"lucid_coherence.answers.{topic}")
    return getattr(answers, name)(request)


def _next(
    chunks: Iterator[service.EvolveStatesResponse],
) -> service.EvolveStatesResponse | None:
    return next(chunks, None)


def _event(step: Step | evolution_pb2.CertifiedHorizon) -> service.CertifyCoherenceResponse:
    if isinstance(step, evolution_pb2.CertifiedHorizon):
        return service.CertifyCoherenceResponse(result=step)
    claim = step.claim
    message = (
        f"degree {claim.degree} reaches {float(claim.horizon_s):.6g} s, "
        f"{claim.gap_percent:.3g} % from the exact horizon"
    )
    return service.CertifyCoherenceResponse(
        progress=service.CertificationProgress(
            stage=step.stage, degree=claim.degree, message=message
        )
    )
