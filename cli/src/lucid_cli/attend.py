"""Attends a session over the bidirectional stream: telemetry out, stimulus and safety state in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from lucid.dream.v1 import dream_service_pb2 as api
from lucid.dream.v1.dream_service_pb2_grpc import DreamServiceStub

from lucid_cli.arousal import SimulatedUser

REPORT_INTERVAL_S = 0.1
REATTACH_PAUSE_S = 0.25
# Reports must reach the monitor more often than every 30 s of session time.
SESSION_SECONDS_PER_REPORT_MAX = 10.0


@dataclass
class Attendance:
    """What was delivered and how safe it was."""

    responses: int = 0
    intensity_max: float = 0.0
    barrier_max: float = float("-inf")
    ramped_down: bool = False
    last: Any = None
    phases: list[str] = field(default_factory=list)

    def take(self, response: Any) -> None:
        """Take one response."""
        self.responses += 1
        self.intensity_max = max(self.intensity_max, response.intensity)
        self.barrier_max = max(self.barrier_max, response.barrier_value)
        self.ramped_down |= response.ramping_down
        if response.phase and response.phase not in self.phases:
            self.phases.append(response.phase)
        self.last = response


@dataclass
class Attendant:
    """One simulated user at one session: reports telemetry, takes what is delivered."""

    stub: DreamServiceStub
    name: str
    compression: float
    on_response: Callable[[Any], None]
    seen: Attendance = field(default_factory=Attendance)
    user: SimulatedUser = field(default_factory=SimulatedUser)

    async def attend(self, timeout_s: float) -> None:
        """Attend over one stream, to the session's end or to the stream's."""
        ended = asyncio.Event()
        try:
            stream = self.stub.RunSession(self._requests(ended), timeout=timeout_s)
            async for response in stream:
                self.seen.take(response)
                self.on_response(response)
                if response.terminal:
                    return
        finally:
            ended.set()

    async def _requests(self, ended: asyncio.Event) -> AsyncIterator[api.RunSessionRequest]:
        interval_s = min(
            REPORT_INTERVAL_S, SESSION_SECONDS_PER_REPORT_MAX / max(self.compression, 1.0)
        )
        name = self.name
        while not ended.is_set():
            yield api.RunSessionRequest(name=name, telemetry=self._telemetry())
            name = ""
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), interval_s)

    def _telemetry(self) -> api.Telemetry:
        last = self.seen.last
        now_s = last.session_time_s if last is not None else 0.0
        self.user.advance(now_s, last.intensity if last is not None else 0.0)
        return api.Telemetry(
            session_time_s=now_s,
            arousal_estimate=self.user.arousal,
            habituation_estimate=self.user.habituation,
            attention=0.7,
        )


async def attend(
    stub: DreamServiceStub,
    name: str,
    compression: float,
    timeout_s: float,
    on_response: Callable[[Any], None],
) -> Attendance:
    """Run a session to its end with a simulated user; return what was seen.

    `compression` is session seconds in one real second, `timeout_s` the limit in s. A service that
    restarts is attended again.

    Raises:
        TimeoutError: if the session has not ended by then.
    """
    attendant = Attendant(stub, name, compression, on_response)
    async with asyncio.timeout(timeout_s):
        while True:
            try:
                await attendant.attend(timeout_s)
                return attendant.seen
            except grpc.aio.AioRpcError as error:
                if _has_ended(error, attendant.seen):
                    return attendant.seen
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise
            await asyncio.sleep(REATTACH_PAUSE_S)


def _has_ended(error: grpc.aio.AioRpcError, seen: Attendance) -> bool:
    """Say whether a session that was attended has ended while its stream was cut."""
    return error.code() is grpc.StatusCode.FAILED_PRECONDITION and seen.responses > 0
