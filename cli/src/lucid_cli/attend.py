"""Attends a session over the bidirectional stream: telemetry out, stimulus and safety state in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from lucid.dream.v1 import dream_service_pb2 as api
from lucid.dream.v1.dream_service_pb2_grpc import DreamServiceStub

from lucid_cli.arousal import SimulatedUser

REPORT_INTERVAL_S = 0.1
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

    `compression` is session seconds in one real second, `timeout_s` the limit of the stream in s.
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

    try:
        async for response in stub.RunSession(reports(), timeout=timeout_s):
            seen.take(response)
            on_response(response)
            if response.terminal:
                break
    finally:
        ended.set()
    return seen
