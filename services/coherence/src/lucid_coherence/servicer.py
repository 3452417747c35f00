"""The service's methods: they translate and decide nothing.

Batches are worked on in threads, so that health, streams and small calls go on meanwhile; what is
lighter than the way to a thread and back is worked on at once.
"""

import asyncio
import importlib
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any, Final

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import coherence_service_pb2_grpc, evolution_pb2
from lucid_rpc.deadline import remaining_s
from lucid_rpc.errors import ErrorTable
from lucid_rpc.status import status_of

from lucid_coherence.carriers import Carriers
from lucid_coherence.certifier import Certifier, Step, steps
from lucid_coherence.convert import question_from, with_comparison
from lucid_coherence.decoding import Decoding
from lucid_coherence.open_systems.exact import parse_exact
from lucid_coherence.tube_certifier import tube_events
from lucid_coherence.workload import Workload, is_light

_FUNCTIONS: Final[dict[tuple[str, str], Callable[..., Any]]] = {}
"""Functions of `answers` that have been called, by topic and name."""


class CoherenceServicer(coherence_service_pb2_grpc.CoherenceServiceServicer):
    """CoherenceService of lucid.coherence.v1."""

    def __init__(self, carriers: Carriers, certifier: Certifier, errors: ErrorTable) -> None:
        self._carriers = carriers
        self._certifier = certifier
        self._errors = errors
        self._workload = Workload()
        self._decoding = Decoding(errors)

    async def close(self) -> None:
        """End the processes that are kept for the next call."""
        await self._decoding.close()

    async def AnalyzeStates(self, request: Any, _context: Any) -> service.AnalyzeStatesResponse:
        """Check and measure a batch of states."""
        found: service.AnalyzeStatesResponse = await self._answer_while_wanted(
            "states", "analyze_states", request
        )
        return found

    async def StreamAnalyzeStates(
        self, requests: AsyncIterator[Any], _context: Any
    ) -> AsyncIterator[service.StreamAnalyzeStatesResponse]:
        """Check and measure chunk by chunk; a refused chunk does not end the stream."""
        async for chunk in requests:
            yield await self._analyze_chunk(chunk)

    async def ProjectStates(self, request: Any, _context: Any) -> service.ProjectStatesResponse:
        """Return the nearest physical states."""
        found: service.ProjectStatesResponse = await self._answer(
            "states", "project_states", request
        )
        return found

    async def CompareStates(self, request: Any, _context: Any) -> service.CompareStatesResponse:
        """Compare states pairwise, or one with many."""
        found: service.CompareStatesResponse = await self._answer_while_wanted(
            "states", "compare_states", request
        )
        return found

    async def ConvertChannel(self, request: Any, _context: Any) -> service.ConvertChannelResponse:
        """Convert a channel, check it, apply it and compare it."""
        found: service.ConvertChannelResponse = await self._answer(
            "channels", "convert_channel", request
        )
        return found

    async def EstimateNoise(self, request: Any, _context: Any) -> service.EstimateNoiseResponse:
        """Estimate noise from counts."""
        found: service.EstimateNoiseResponse = await self._answer(
            "noise", "estimate_noise", request
        )
        return found

    async def MitigateExpectation(
        self, request: Any, _context: Any
    ) -> service.MitigateExpectationResponse:
        """Extrapolate an expectation value to zero noise."""
        found: service.MitigateExpectationResponse = await self._answer(
            "noise", "mitigate_expectation", request
        )
        return found

    async def EvolveStates(
        self, request: Any, _context: Any
    ) -> AsyncIterator[service.EvolveStatesResponse]:
        """Evolve states; times come in chunks."""
        async for chunk in self._chunks("evolution", "evolve_states", request):
            yield chunk

    async def SweepEvolution(
        self, request: Any, _context: Any
    ) -> AsyncIterator[service.SweepEvolutionResponse]:
        """Evolve states at many rates; points come in chunks."""
        async for chunk in self._chunks("evolution", "sweep_evolution", request):
            yield chunk

    async def ListCodes(self, request: Any, _context: Any) -> service.ListCodesResponse:
        """List the error-correcting codes."""
        found: service.ListCodesResponse = await self._answer("codes", "list_codes", request)
        return found

    async def DecodeSyndromes(
        self, requests: AsyncIterator[Any], _context: Any
    ) -> AsyncIterator[service.DecodeSyndromesResponse]:
        """Decode packed syndromes; a refused chunk does not end the stream."""
        async with aclosing(self._decoding.decode(requests)) as answers:
            async for answer in answers:
                yield answer

    async def EstimateLogicalErrorRate(
        self, request: Any, _context: Any
    ) -> AsyncIterator[service.EstimateLogicalErrorRateResponse]:
        """Estimate a logical error rate; counts come as they grow."""
        async with aclosing(self._decoding.estimate(request, remaining_s())) as answers:
            async for answer in answers:
                yield answer

    async def CertifyCoherence(
        self, request: Any, _context: Any
    ) -> AsyncIterator[service.CertifyCoherenceResponse]:
        """Certify a horizon: progress, then the result."""
        sequence = 0
        async with aclosing(self._certification(request)) as events:
            async for event in events:
                sequence += 1
                event.sequence = sequence
                yield event

    async def CreateCarrier(self, request: Any, _context: Any) -> evolution_pb2.Carrier:
        """Prepare a carrier with a certified horizon."""
        return await self._carriers.create(request, self._certification)

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
        found: service.RankSeedsResponse = await self._answer(
            "preferences", "answer_ranking", request
        )
        return found

    async def UpdatePreference(
        self, request: Any, _context: Any
    ) -> service.UpdatePreferenceResponse:
        """Update preference states by Lueders' rule."""
        found: service.UpdatePreferenceResponse = await self._answer(
            "preferences", "answer_update", request
        )
        return found

    async def _answer(self, topic: str, name: str, request: Any) -> Any:
        """Answer a request, if there is room for it."""
        size = request.ByteSize()
        with self._workload.hold(size):
            return await _runner(topic, name, request, size)(_answer, topic, name, request)

    async def _answer_while_wanted(self, topic: str, name: str, request: Any) -> Any:
        """Answer by a function that looks between its steps whether the call still stands.

        A cancelled or expired call leaves its thread at the next look, not at the end of the work.
        """
        ended = threading.Event()

        def check() -> None:
            if ended.is_set():
                raise asyncio.CancelledError

        size = _states_size(request)
        with self._workload.hold(size):
            try:
                run = _runner(topic, name, request, size)
                return await run(_answer, topic, name, request, check)
            finally:
                ended.set()

    async def _chunks(self, topic: str, name: str, request: Any) -> AsyncGenerator[Any]:
        """Answer chunk by chunk; the work of a call that has ended stops between its steps."""
        ended = threading.Event()
        size = request.ByteSize()
        run = _runner(topic, name, request, size)
        with self._workload.hold(size):
            try:
                chunks, chunk = await run(_begin, topic, name, request, lambda: not ended.is_set())
                while chunk is not None:
                    yield chunk
                    # A message that says it is the last one spares another turn of a thread.
                    last = getattr(chunk, "terminal", False)
                    chunk = None if last else await run(next, chunks, None)
            finally:
                ended.set()

    async def _certification(self, request: Any) -> AsyncGenerator[Any]:
        """Certify by a closed form where there is one, else by a tube."""
        if request.system.WhichOneof("model") in ("lindbladian", "pauli_lindbladian"):
            async with (
                aclosing(self._chunks("certification", "search_tubes", request)) as found,
                aclosing(tube_events(self._certifier, found, remaining_s)) as events,
            ):
                async for event in events:
                    yield event
            return
        asked = (request.system, request.theta, request.initial_coherence)
        question = question_from(*asked)
        wanted = request.wanted_horizon_s
        wanted_s = parse_exact(wanted, field="wanted_horizon_s") if wanted else None
        async for step in steps(self._certifier, question, wanted_s, request.gap_percent):
            event = _event(step)
            if event.HasField("result"):
                event.result.CopyFrom(with_comparison(event.result, *asked))
            yield event

    async def _analyze_chunk(
        self, chunk: service.StreamAnalyzeStatesRequest
    ) -> service.StreamAnalyzeStatesResponse:
        try:
            found = await self._answer_while_wanted("states", "analyze_chunk", chunk.request)
        except Exception as error:  # noqa: BLE001  # an item's error travels in the item
            failure = self._errors.failure_for(error, "StreamAnalyzeStates")
            return service.StreamAnalyzeStatesResponse(
                chunk_id=chunk.chunk_id, error=status_of(failure)
            )
        return service.StreamAnalyzeStatesResponse(chunk_id=chunk.chunk_id, response=found)


def _states_size(request: Any) -> int:
    """Return the bytes of a request's states, nearly all of it; ByteSize would encode it again."""
    fields = request.DESCRIPTOR.fields_by_name
    batches = [getattr(request, name) for name in ("states", "left", "right") if name in fields]
    return sum(len(batch.data) + 8 * len(batch.values) for batch in batches)


def _runner(topic: str, name: str, request: Any, size: int) -> Callable[..., Awaitable[Any]]:
    """Return what runs the work on a request of `size` bytes: a thread, or this one if it is light.

    The first call goes to a thread in any case: it imports numpy.
    """
    at_once = (topic, name) in _FUNCTIONS and is_light(request, size)
    return _at_once if at_once else asyncio.to_thread


async def _at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def _answer(topic: str, name: str, *arguments: Any) -> Any:
    """Run a function of `answers.<topic>`; the first call pays for the import of numpy."""
    function = _FUNCTIONS.get((topic, name))
    if function is None:
        answers = importlib.import_module(f"lucid_coherence.answers.{topic}")
        function = _FUNCTIONS[topic, name] = getattr(answers, name)
    return function(*arguments)


def _begin(topic: str, name: str, *arguments: Any) -> tuple[Iterator[Any], Any]:
    """Start an answer in chunks and take its first one, in one turn of a thread."""
    chunks = _answer(topic, name, *arguments)
    return chunks, next(chunks, None)


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
