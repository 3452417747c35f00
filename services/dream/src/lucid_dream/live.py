"""Sessions that run in this process: telemetry in, stimulus out, and who listens.

The run belongs to the saga, not to the client's stream: a client may come, go and come back while
the monitor goes on watching.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from lucid.dream.v1 import dream_service_pb2 as api

OUTBOX_MAX = 64


class Outbox:
    """What one stream still has to be sent; a slow reader gets the newest, and never no end."""

    def __init__(self) -> None:
        self._waiting: deque[api.RunSessionResponse] = deque(maxlen=OUTBOX_MAX)
        self._rung = asyncio.Event()
        self.is_closed = False

    def put(self, response: api.RunSessionResponse) -> None:
        """Queue a response; the oldest makes room. The last response is terminal, so it stays."""
        self._waiting.append(response)
        self._rung.set()

    def close(self) -> None:
        """Nothing more will come: another stream has taken over."""
        self.is_closed = True
        self._rung.set()

    async def take(self, timeout_s: float) -> api.RunSessionResponse | None:
        """Return the next response, or None after the timeout or when closed."""
        if not self._waiting:
            self._rung.clear()
            try:
                await asyncio.wait_for(self._rung.wait(), timeout_s)
            except TimeoutError:
                return None
        return self._waiting.popleft() if self._waiting else None


@dataclass(slots=True)
class Live:
    """The in-process side of one session. `wake` is set when something came in."""

    telemetry: deque[api.Telemetry] = field(default_factory=lambda: deque(maxlen=256))
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    outbox: Outbox | None = None

    def hear(self, telemetry: api.Telemetry) -> None:
        """Take a report of the client."""
        self.telemetry.append(telemetry)
        self.wake.set()

    def attach(self) -> Outbox:
        """Give the session to a new stream; an older one ends."""
        if self.outbox is not None:
            self.outbox.close()
        self.outbox = Outbox()
        return self.outbox

    def send(self, response: api.RunSessionResponse) -> None:
        """Send to the stream that is attached, if any."""
        if self.outbox is not None:
            self.outbox.put(response)


class LiveSessions:
    """All of them, by session id."""

    def __init__(self) -> None:
        self._by_id: dict[str, Live] = {}

    def of(self, session_id: str) -> Live:
        """Return the session's live side, made at the first call."""
        return self._by_id.setdefault(session_id, Live())

    def wake(self, session_id: str) -> None:
        """Make the session's run look at its store now."""
        live = self._by_id.get(session_id)
        if live is not None:
            live.wake.set()

    def forget(self, session_id: str) -> None:
        """Drop a session that is over; a stream that still reads keeps its own outbox."""
        self._by_id.pop(session_id, None)
