"""Attends a session over the bidirectional stream: telemetry out, stimulus and safety state in."""

import asyncio
from collections.abc import AsyncIterator, Callable
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
    seen = Attendance()
    user = SimulatedUser()
    interval_s = min(REPORT_INTERVAL_S, SESSION_SECONDS_PER_REPORT_MAX / max(compression, 1.0))
    ended = asyncio.Event()

    async def reports() -> AsyncIterator[api.RunSessionRequest]:
        first = True
        while not ended.is_set():
            now_s = seen.last.session_time_s if seen.last is not None else 0.0
            user.advance(now_s, seen.last.intensity if seen.last is not None else 0.0)
            telemetry = api.Telemetry(
                session_time_s=now_s,
                arousal_estimate=user.arousal,
                habituation_estimate=user.habituation,
                attention=0.7,
            )
            yield api.RunSessionRequest(name=name if first else "", telemetry=telemetry)
            first = False
            try:
                await asyncio.wait_for(ended.wait(), interval_s)
            except TimeoutError:
                continue

    async with asyncio.timeout(timeout_s):
        while True:
            ended.clear()
            try:
                async for response in stub.RunSession(reports(), timeout=timeout_s):
                    seen.take(response)
                    on_response(response)
                    if response.terminal:
                        return seen
                return seen
            except grpc.aio.AioRpcError as error:
                if not _goes_on(error, seen):
                    raise
                if error.code() is grpc.StatusCode.FAILED_PRECONDITION:
                    return seen
            finally:
                ended.set()
            await asyncio.sleep(REATTACH_PAUSE_S)


def _goes_on(error: grpc.aio.AioRpcError, seen: Attendance) -> bool:
    """Say whether a session that was attended may be attended again, or has ended meanwhile."""
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return True
    return error.code() is grpc.StatusCode.FAILED_PRECONDITION and seen.responses > 0
