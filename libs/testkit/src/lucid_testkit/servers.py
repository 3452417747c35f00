"""Real servers in the test's own process, on free loopback ports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import grpc
from lucid_rpc.breaker import Breakers, BreakerSettings
from lucid_rpc.channel import connect
from lucid_rpc.server import PortUnavailable, RunningServer, ServerDefinition, ServerSettings
from lucid_runtime.addresses import Address
from lucid_runtime.clock import SystemClock
from lucid_telemetry import Telemetry, setup

from lucid_testkit.ports import free_address

NEVER_OPEN: Final = BreakerSettings(failures_max=1_000_000)
"""Tests provoke failures on purpose; their breakers stay closed unless they ask otherwise."""

_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Served:
    """A running server and a channel to it."""

    server: RunningServer
    channel: grpc.aio.Channel
    address: Address
    health_address: Address


def silent_telemetry(service_name: str = "test") -> Telemetry:
    """Return telemetry that exports and prints nothing."""
    return setup(service_name, {}, log=False, as_process=False)


async def start(definition: ServerDefinition, telemetry: Telemetry | None = None) -> RunningServer:
    """Start a server on free ports; the caller stops it."""
    telemetry = telemetry if telemetry is not None else silent_telemetry(definition.name)
    for _ in range(_TRIES):
        settings = ServerSettings(
            listen=free_address(), health_listen=free_address(), drain_grace_s=1.0
        )
        server = RunningServer(definition, settings, telemetry)
        try:
            await server.start()
        except PortUnavailable:  # somebody took the port in between
            continue
        return server
    message = "no port stayed free"
    raise RuntimeError(message)


@asynccontextmanager
async def serving(
    definition: ServerDefinition,
    *,
    caller: str | None = None,
    telemetry: Telemetry | None = None,
    config: str | None = None,
    breakers: Breakers | None = None,
) -> AsyncIterator[Served]:
    """Serve `definition` for the body, over real loopback gRPC.

    Args:
        definition: what to serve.
        caller: the noun as whom the channel calls; None is the operator.
        telemetry: the server's telemetry; left out, a silent one.
        config: service config of the channel; left out, the one beside the protos.
        breakers: the channel's breakers; left out, ones that never open.
    """
    server = await start(definition, telemetry)
    breakers = breakers or Breakers(SystemClock().monotonic, NEVER_OPEN)
    channel = connect(
        server.address, service=definition.name, caller=caller, config=config, breakers=breakers
    )
    try:
        yield Served(server, channel, server.address, server.health_address)
    finally:
        await channel.close()
        await server.stop(grace_s=0.2)
