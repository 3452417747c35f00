"""Sampling and decoding in processes of their own, so that a call can end at any moment.

A process serves one call at a time and is kept for the next one; the process of a call that was
cancelled, or that says nothing for too long, is killed.
"""

import asyncio
import math
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import correction_pb2 as pb
from lucid_rpc.errors import ErrorTable
from lucid_rpc.rejections import Overloaded
from lucid_rpc.status import status_of

from lucid_coherence.correction.violations import CorrectionRefused, SyndromesMalformed
from lucid_coherence.decoding_frames import (
    HEADER,
    TIME_LEFT,
    refusal_from_json,
    too_idle,
    too_slow,
)

CALLS_MAX: Final = 8
"""Sampling and decoding calls at once; each takes a core and up to MEMORY_BYTES_MAX."""
IDLE_MAX: Final = 2
"""Processes kept for the next call: starting one takes a second, keeping one some 100 MB."""
SILENCE_S_MAX: Final = 30.0
IDLE_S_MAX: Final = 120.0
"""A stream without a chunk for so long gives its process back."""
RETRY_AFTER_S: Final = 1.0


class Decoding:
    """The decoding processes of a service; used on one event loop."""

    def __init__(self, errors: ErrorTable) -> None:
        self._errors = errors
        self._calls = 0
        self._idle: list[_Process] = []
        self._leaving: list[_Process] = []

    async def estimate(
        self, request: service.EstimateLogicalErrorRateRequest, time_left_s: float | None
    ) -> AsyncGenerator[service.EstimateLogicalErrorRateResponse, None]:
        """Yield the counts as they come; `time_left_s` is the caller's, in s."""
        left = TIME_LEFT.pack(math.nan if time_left_s is None else time_left_s)
        async with self._process() as process:
            await process.send(b"E", left + request.SerializeToString())
            while (found := await process.receive()) is not None:
                yield service.EstimateLogicalErrorRateResponse.FromString(found)

    async def decode(
        self, requests: AsyncIterator[service.DecodeSyndromesRequest]
    ) -> AsyncGenerator[service.DecodeSyndromesResponse, None]:
        """Yield what kind of decoder there is, then an answer or an error for each chunk."""
        first = await anext(aiter(requests), None)
        if first is None:
            return
        if first.WhichOneof("item") != "problem":
            raise _out_of_order("The first message holds the problem.")
        async with self._process() as process:
            await process.send(b"P", first.problem.SerializeToString())
            ready = pb.DecoderReady.FromString(await process.receive() or b"")
            yield service.DecodeSyndromesResponse(chunk_id=first.chunk_id, ready=ready)
            while (request := await _next(requests)) is not None:
                yield await self._decoded(process, request)

    async def close(self) -> None:
        """End the processes that are kept."""
        for process in [*self._idle, *self._leaving]:
            await process.end()
        self._idle, self._leaving = [], []

    async def _decoded(
        self, process: "_Process", request: service.DecodeSyndromesRequest
    ) -> service.DecodeSyndromesResponse:
        answer = service.DecodeSyndromesResponse(chunk_id=request.chunk_id)
        try:
            if request.WhichOneof("item") != "chunk":
                raise _out_of_order("Every message after the first holds a chunk.")
            await process.send(b"C", request.chunk.SerializeToString())
            answer.decoded.ParseFromString(await process.receive() or b"")
        except CorrectionRefused as error:
            if process.ended:
                raise
            answer.error.CopyFrom(status_of(self._errors.failure_for(error, "DecodeSyndromes")))
        return answer

    @asynccontextmanager
    async def _process(self) -> AsyncIterator["_Process"]:
        """Lend a process; it is kept only if the call ended in order."""
        if self._calls >= CALLS_MAX:
            raise Overloaded("sampling and decoding calls", CALLS_MAX, RETRY_AFTER_S)
        self._calls += 1
        try:
            process = self._idle.pop() if self._idle else await _Process.start()
            try:
                yield process
            except CorrectionRefused:
                await self._keep(process)
                raise
            except BaseException:
                # A cancelled call waits for nothing: the process is reaped with the next one.
                process.kill()
                self._leaving = [*(p for p in self._leaving if p.alive), process]
                raise
            await self._keep(process)
        finally:
            self._calls -= 1

    async def _keep(self, process: "_Process") -> None:
        if process.in_order and len(self._idle) < IDLE_MAX:
            self._idle.append(process)
        else:
            await process.end()


class _Process:
    """One `python -m lucid_coherence.decoding_child`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._pending = b""
        self.ended = False

    @classmethod
    async def start(cls) -> "_Process":
        environ = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "lucid_coherence.decoding_child"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environ,
        )
        return cls(process)

    @property
    def in_order(self) -> bool:
        """True if it lives and every answer was taken."""
        return not self.ended and not self._pending

    async def send(self, kind: bytes, payload: bytes) -> None:
        self._pending = kind
        pipe = self._process.stdin
        # A process that died is noticed when its answer is read.
        with suppress(BrokenPipeError, ConnectionResetError):
            if pipe is not None:
                pipe.write(HEADER.pack(kind, len(payload)) + payload)
                await pipe.drain()

    async def receive(self) -> bytes | None:
        """Return the next message, None at the end of an estimate; raises what was refused."""
        try:
            kind, payload = await asyncio.wait_for(self._frame(), SILENCE_S_MAX)
        except TimeoutError:
            self.kill()
            raise too_slow(SILENCE_S_MAX) from None
        except asyncio.IncompleteReadError:
            self.kill()
            raise RuntimeError("a decoding process ended without an answer") from None
        if kind == b"X":
            refusal = refusal_from_json(payload)
            if self._pending == b"E":
                await self._frame()
            self._pending = b""
            raise refusal
        if kind == b"D" or self._pending != b"E":
            self._pending = b""
        return None if kind == b"D" else payload

    async def _frame(self) -> tuple[bytes, bytes]:
        pipe: Any = self._process.stdout
        kind, length = HEADER.unpack(await pipe.readexactly(HEADER.size))
        return kind, await pipe.readexactly(length)

    @property
    def alive(self) -> bool:
        """True until it was seen to end."""
        return self._process.returncode is None

    def kill(self) -> None:
        """End it now, whatever it does."""
        self.ended = True
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """End it and wait until it is gone."""
        self.kill()
        await self._process.wait()


async def _next(
    requests: AsyncIterator[service.DecodeSyndromesRequest],
) -> service.DecodeSyndromesRequest | None:
    try:
        return await asyncio.wait_for(anext(aiter(requests), None), IDLE_S_MAX)
    except TimeoutError:
        raise too_idle(IDLE_S_MAX) from None


def _out_of_order(sentence: str) -> SyndromesMalformed:
    return SyndromesMalformed(sentence, field="item", check="ORDER")
