"""Serving: one call starts a service, and it drains on SIGTERM.

The health service listens on a port of its own, so that a probe is answered even while the
service is overloaded, and `NOT_SERVING` is said before anything stops.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from lucid_runtime.addresses import (
    Address,
    default_address,
    default_health_address,
    parse_address,
)
from lucid_runtime.settings import positive_seconds, setting
from lucid_runtime.shutdown import on_signals
from lucid_telemetry import Telemetry
from lucid_telemetry.report import Reporter

from lucid_rpc import authorization
from lucid_rpc.authorization import Network, Policy
from lucid_rpc.breaker import PROCESS_BREAKERS
from lucid_rpc.errors import ErrorTable
from lucid_rpc.interceptors.pipeline import CallLimits, Pipeline

MESSAGE_BYTES_MAX: Final = 4 * 1024 * 1024
METADATA_BYTES_MAX: Final = 8 * 1024
METADATA_BYTES_ABSOLUTE_MAX: Final = 16 * 1024
CONNECTION_STREAMS_MAX: Final = 1024
HANDSHAKE_TIMEOUT_MS: Final = 5_000
CONNECTION_AGE_MS: Final = 30 * 60_000
CONNECTION_AGE_GRACE_MS: Final = 10 * 60_000
PING_INTERVAL_MIN_MS: Final = 30_000

OPTIONS: Final[tuple[tuple[str, int], ...]] = (
    # Off: a stale server must not share the port with its successor.
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_metadata_size", METADATA_BYTES_MAX),
    ("grpc.absolute_max_metadata_size", METADATA_BYTES_ABSOLUTE_MAX),
    ("grpc.max_concurrent_streams", CONNECTION_STREAMS_MAX),
    ("grpc.server_handshake_timeout_ms", HANDSHAKE_TIMEOUT_MS),
    # Connections are renewed, so that new replicas get traffic; streams in progress have grace.
    ("grpc.max_connection_age_ms", CONNECTION_AGE_MS),
    ("grpc.max_connection_age_grace_ms", CONNECTION_AGE_GRACE_MS),
    ("grpc.http2.min_ping_interval_without_data_ms", PING_INTERVAL_MIN_MS),
)

_LOG: Final = logging.getLogger(__name__)

Hook = Callable[[], Awaitable[None]]
AddToServer = Callable[[Any, Any], None]


class PortUnavailable(Exception):
    """An address that the service must listen on is taken or is not ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What every service reads from the environment; a service's own settings extend it."""

    listen: Address | None = setting(
        "LUCID_LISTEN",
        default=None,
        help="host:port to serve on",
        why="unset means the port of the service in the table of ports, on loopback",
        parse=parse_address,
    )
    health_listen: Address | None = setting(
        "LUCID_HEALTH_LISTEN",
        default=None,
        help="host:port of the health service",
        why="unset means the port of the service + 100, on loopback",
        parse=parse_address,
    )
    trusted_networks: tuple[Network, ...] = setting(
        "LUCID_TRUSTED_NETWORKS",
        default=authorization.LOOPBACK,
        help="networks whose callers are believed, in CIDR notation, separated by commas",
        why="nobody outside this machine is trusted unless an operator says so",
        parse=authorization.parse_networks,
    )
    metrics_address: Address | None = setting(
        "LUCID_METRICS_ADDRESS",
        default=None,
        help="host:port of the metrics service, which gets a report each second",
        why="unset means its port in the table of ports, on loopback; nobody waits for it",
        parse=parse_address,
    )
    drain_grace_s: float = setting(
        "LUCID_DRAIN_GRACE",
        default=5.0,
        unit="s",
        help="time that calls in progress have to finish after SIGTERM",
        why="well under the 30 s that an orchestrator waits before it kills",
        parse=positive_seconds,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerDefinition:
    """What a service serves.

    Attributes:
        name: the noun, such as `validation`.
        servicers: pairs of the generated `add_…_to_server` and the servicer.
        service_names: full names, such as `lucid.validation.v1.ValidationService`.
        errors: the service's table of errors.
        policy: who may call what.
        on_start: awaited before the port opens.
        on_stop: awaited after the last call has ended.
        limits: limits of calls.
    """

    name: str
    servicers: Sequence[tuple[AddToServer, Any]]
    service_names: Sequence[str]
    errors: ErrorTable
    policy: Policy
    on_start: Hook | None = None
    on_stop: Hook | None = None
    limits: CallLimits = field(default_factory=CallLimits)


class RunningServer:
    """A server that listens. `address` and `health_address` name the ports it really has."""

    def __init__(
        self, definition: ServerDefinition, settings: ServerSettings, telemetry: Telemetry
    ) -> None:
        self._definition = definition
        self._settings = settings
        self.pipeline = Pipeline(
            telemetry,
            definition.errors,
            definition.policy,
            limits=definition.limits,
            trusted=settings.trusted_networks,
        )
        # Beyond admission, gRPC itself refuses: the pipeline answers with reason and time.
        most = 4 * (definition.limits.calls_max + definition.limits.streams_max)
        self._server = grpc.aio.server(
            interceptors=[self.pipeline], options=OPTIONS, maximum_concurrent_rpcs=most
        )
        self._health = health.aio.HealthServicer()
        self._health_server = grpc.aio.server(options=OPTIONS)
        self.address = settings.listen or default_address(definition.name)
        self.health_address = settings.health_listen or default_health_address(definition.name)

    async def start(self) -> None:
        """Open the health port, run `on_start`, open the port, say SERVING."""
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._health_server)
        self.health_address = _bind(self._health_server, self.health_address)
        for add, servicer in self._definition.servicers:
            add(servicer, self._server)
        names = [*self._definition.service_names, reflection.SERVICE_NAME]
        reflection.enable_server_reflection(names, self._server)
        self.address = _bind(self._server, self.address)
        await self._say(health_pb2.HealthCheckResponse.NOT_SERVING)
        await self._health_server.start()
        if self._definition.on_start is not None:
            await self._definition.on_start()
        await self._server.start()
        await self._say(health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, grace_s: float | None = None) -> None:
        """Say NOT_SERVING, let calls finish for `grace_s` seconds, then run `on_stop`."""
        grace_s = self._settings.drain_grace_s if grace_s is None else grace_s
        await self._health.enter_graceful_shutdown()
        self.pipeline.drain()
        await self._server.stop(grace_s)
        if self._definition.on_stop is not None:
            await self._definition.on_stop()
        await self._health_server.stop(None)

    async def _say(self, status: int) -> None:
        for name in ("", *self._definition.service_names):
            await self._health.set(name, status)


async def serve(
    definition: ServerDefinition,
    settings: ServerSettings,
    telemetry: Telemetry,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain."""
    stopping = on_signals()
    server = RunningServer(definition, settings, telemetry)
    await server.start()
    reporter = Reporter(
        telemetry,
        settings.metrics_address or default_address("metrics"),
        breakers=lambda: PROCESS_BREAKERS.reported(time.time()),
    )
    telemetry.instruments.add_source(PROCESS_BREAKERS.samples)
    reporter.start()
    _LOG.info("serving", extra={"address": str(server.address), "noun": definition.name})
    await stopping.wait()
    _LOG.info("draining", extra={"grace_s": settings.drain_grace_s})
    await reporter.stop()
    await server.stop()
    telemetry.shutdown()
    _LOG.info("stopped")


def _bind(server: Any, address: Address) -> Address:
    try:
        port = server.add_insecure_port(str(address))
    except RuntimeError as error:
        message = f"cannot listen on {address}: the port is taken or the address is not ours"
        raise PortUnavailable(message) from error
    return Address(address.host, port)
