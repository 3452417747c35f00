"""A mesh of small servicers behind a real gateway process, for tests of the edge.

Each servicer does one thing exactly (fails so, waits, streams, echoes): what is under test is the
edge, and each of its paths needs a service that behaves on demand. Cache and metrics are left
away on purpose.
"""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
from lucid.coherence.v1 import coherence_service_pb2 as coherence
from lucid.coherence.v1 import coherence_service_pb2_grpc as coherence_grpc
from lucid.dream.v1 import dream_service_pb2 as dream
from lucid.dream.v1 import dream_service_pb2_grpc as dream_grpc
from lucid.dream.v1 import session_pb2
from lucid.validation.v1 import validation_service_pb2 as validation
from lucid.validation.v1 import validation_service_pb2_grpc as validation_grpc
from lucid.validation.v1 import verdict_pb2
from lucid.vendor.v1 import analytics_service_pb2 as analytics
from lucid.vendor.v1 import analytics_service_pb2_grpc as analytics_grpc
from lucid_rpc.authorization import GATEWAY, Policy
from lucid_rpc.errors import ErrorEntry, ErrorTable
from lucid_rpc.server import RunningServer, ServerDefinition
from lucid_rpc.status import Resource
from lucid_runtime.addresses import NOUNS

from lucid_testkit.ports import free_address
from lucid_testkit.servers import start

# ruff: noqa: ARG002  # the generated base classes fix what a servicer method takes

START_S: Final = 20.0
TORRENT_EVENTS: Final = 4_000


class SessionMissing(Exception):
    """There is no such session."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"there is no session {name}")


class SessionBusy(Exception):
    """Try again later."""


ERRORS = ErrorTable(
    "dream.lucid",
    {
        SessionMissing: ErrorEntry(
            grpc.StatusCode.NOT_FOUND,
            "SESSION_NOT_FOUND",
            metadata=lambda error: {"name": error.name},
            resource=lambda error: Resource("dream.lucid/Session", error.name),
        ),
        SessionBusy: ErrorEntry(
            grpc.StatusCode.RESOURCE_EXHAUSTED, "SESSION_BUSY", retry_after_s=lambda _: 2.5
        ),
    },
)


@dataclass
class Seen:
    """What the services saw of the calls."""

    metadata: dict[str, str] = field(default_factory=dict)
    remaining_s: float = 0.0
    verdict_reads: int = 0
    torrent: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)


class Dream(dream_grpc.DreamServiceServicer):
    """Sessions whose names say what happens."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    async def GetSession(self, request: Any, context: Any) -> Any:
        """Return a session, fail, or wait, as the name says."""
        self._seen.metadata = dict(context.invocation_metadata())
        self._seen.remaining_s = context.time_remaining()
        match request.name:
            case "sessions/missing":
                raise SessionMissing(request.name)
            case "sessions/busy":
                raise SessionBusy("somebody else has it")
            case "sessions/defect":
                raise RuntimeError("secret: /etc/shadow line 1")
            case "sessions/slow":
                await self._for_ever()
        return session_pb2.Session(name=request.name, user="users/u1")

    async def StartSession(self, request: Any, context: Any) -> Any:
        """Return what was sent."""
        return request.session

    async def WatchSession(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """Yield five events, from the one after `after_sequence` on."""
        if request.name == "sessions/missing":
            raise SessionMissing(request.name)
        if request.name == "sessions/quiet":
            await self._for_ever()
        if request.name == "sessions/torrent":
            async for event in self._torrent():
                yield event
        for number in range(request.after_sequence + 1, 6):
            yield dream.WatchSessionResponse(sequence=number, terminal=number == 5)
            if number == 3 and request.name == "sessions/breaks":
                raise SessionBusy("somebody else has it")

    async def RunSession(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        """Echo each message."""
        number = 0
        async for request in requests:
            number += 1
            heard = f"{request.name} {request.telemetry.arousal_estimate:g}"
            yield dream.RunSessionResponse(sequence=number, message=heard)

    async def _torrent(self) -> AsyncIterator[Any]:
        try:
            for number in range(1, TORRENT_EVENTS + 1):
                self._seen.torrent = number
                yield dream.WatchSessionResponse(sequence=number, message="x" * 50_000)
        finally:
            self._seen.cancelled.set()

    async def _for_ever(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self._seen.cancelled.set()


class Validation(validation_grpc.ValidationServiceServicer):
    """Verdicts that never change, and a stream that answers each item."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    async def GetVerdict(self, request: Any, context: Any) -> Any:
        """Return a verdict and count the call."""
        self._seen.verdict_reads += 1
        return verdict_pb2.Verdict(name=request.name)

    async def StreamValidateCertificates(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        """Answer each item by its id."""
        async for request in requests:
            result = validation.BatchItemResult(item_id=request.item.item_id)
            yield validation.StreamValidateCertificatesResponse(result=result)


class Coherence(coherence_grpc.CoherenceServiceServicer):
    """A server stream that is asked for by POST."""

    async def CertifyCoherence(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """Yield one empty message."""
        yield coherence.CertifyCoherenceResponse()


class Analytics(analytics_grpc.AnalyticsServiceServicer):
    """Counts what it is sent."""

    async def IngestEvents(self, requests: Any, context: Any) -> Any:
        """Count the events."""
        return analytics.IngestEventsResponse(accepted=len([one async for one in requests]))


def definition(name: str, service: str, add: Any, servicer: Any) -> ServerDefinition:
    """Return a definition that lets the gateway call every method of a service."""
    module = sys.modules[add.__module__]
    stub = next(getattr(module, kind) for kind in dir(module) if kind.endswith("Servicer"))
    methods = [one for one in dir(stub) if one[0].isupper()]
    policy = Policy({f"{service}/{method}": frozenset({GATEWAY}) for method in methods})
    return ServerDefinition(
        name=name,
        servicers=[(add, servicer)],
        service_names=[service],
        errors=ERRORS,
        policy=policy,
    )


def definitions(seen: Seen) -> list[ServerDefinition]:
    """Return the four services."""
    return [
        definition(
            "dream",
            "lucid.dream.v1.DreamService",
            dream_grpc.add_DreamServiceServicer_to_server,
            Dream(seen),
        ),
        definition(
            "validation",
            "lucid.validation.v1.ValidationService",
            validation_grpc.add_ValidationServiceServicer_to_server,
            Validation(seen),
        ),
        definition(
            "coherence",
            "lucid.coherence.v1.CoherenceService",
            coherence_grpc.add_CoherenceServiceServicer_to_server,
            Coherence(),
        ),
        definition(
            "vendor",
            "lucid.vendor.v1.AnalyticsService",
            analytics_grpc.add_AnalyticsServiceServicer_to_server,
            Analytics(),
        ),
    ]


class Services:
    """Four gRPC servers on a loop of their own; cache and metrics are left away on purpose."""

    def __init__(self) -> None:
        self.seen = Seen()
        self.servers: dict[str, RunningServer] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._do(self._start())

    def stop(self) -> None:
        """Stop the servers and their loop."""
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def environment(self) -> dict[str, str]:
        """Return the settings that point a gateway here."""
        addresses = {}
        for noun in NOUNS:
            server = self.servers.get(noun)
            name = f"LUCID_{noun.upper()}"
            here = server.address if server else free_address()
            addresses[f"{name}_ADDRESS"] = str(here)
            if server:
                addresses[f"{name}_HEALTH_ADDRESS"] = str(server.health_address)
        return addresses

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _start(self) -> None:
        for one in definitions(self.seen):
            self.servers[one.name] = await start(one)

    async def _stop(self) -> None:
        for server in self.servers.values():
            await server.stop(0.1)


@dataclass
class Gateway:
    """A gateway process, its address, and what the services behind it saw."""

    process: "subprocess.Popen[bytes]"
    url: str
    seen: Seen

    def stop(self) -> int:
        """Send SIGTERM and return the exit status."""
        self.process.terminate()
        return self.process.wait(15)


def launch(environ: Mapping[str, str], seen: Seen) -> Gateway:
    """Start a gateway on a free port and return when it listens.

    Raises:
        RuntimeError: it does not listen after `START_S` seconds.
    """
    address = free_address()
    own = {**os.environ, **environ, "LUCID_LISTEN": str(address)}
    process = subprocess.Popen([sys.executable, "-m", "lucid_gateway"], env=own)
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((address.host, address.port)) == 0:
                return Gateway(process, f"http://{address}", seen)
        time.sleep(0.02)  # another process: there is nothing to wait on but its port
    process.kill()
    process.wait()
    message = f"the gateway did not listen within {START_S} s"
    raise RuntimeError(message)
