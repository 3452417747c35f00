"""The life of the process: listen, serve, drain on SIGTERM."""

import asyncio
import contextlib
import logging
import socket
import time
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings, HTTP2Settings
from granian.server.embed import Server
from lucid_rpc.breaker import PROCESS_BREAKERS
from lucid_rpc.channel import connect
from lucid_runtime.addresses import Address
from lucid_runtime.shutdown import on_signals
from lucid_telemetry import Telemetry
from lucid_telemetry.report import Reporter

from lucid_gateway.admission import Limits
from lucid_gateway.edge import Edge
from lucid_gateway.health import HealthOfPeers
from lucid_gateway.immutable import ImmutableReplies
from lucid_gateway.pages import Pages
from lucid_gateway.routes import build_table, mesh_services
from lucid_gateway.rsgi import Application
from lucid_gateway.serving import Serving, StreamTimes
from lucid_gateway.settings import GatewaySettings, Peer
from lucid_gateway.upstream import Upstream

HEADER_BUFFER_BYTES: Final = 64 * 1024
"""Headers beyond this never reach Python; up to it the refusal is a problem with a reason."""

CONNECTIONS_MAX: Final = 900
"""granian's own default is 128, which 128 streams would fill; the usual limit of files is 1024."""

EXIT_PORT_UNAVAILABLE: Final = 3
"""The exit status of a process that cannot listen where it must."""

_LOG: Final = logging.getLogger(__name__)


class PortUnavailable(Exception):
    """The address to listen on is taken or not ours."""


def require_free(address: Address) -> None:
    """Refuse an address that something listens on: granian would silently share it.

    Raises:
        PortUnavailable: with a sentence.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError:
            message = f"cannot listen on {address}: the port is taken or the address is not ours"
            raise PortUnavailable(message) from None


async def run(settings: GatewaySettings, peers: tuple[Peer, ...], telemetry: Telemetry) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status."""
    try:
        if not settings.is_worker:
            require_free(settings.listen)
    except PortUnavailable as error:
        _LOG.error("%s", error)
        return EXIT_PORT_UNAVAILABLE
    await serve(settings, peers, telemetry)
    return 0


async def serve(settings: GatewaySettings, peers: tuple[Peer, ...], telemetry: Telemetry) -> None:
    """Serve until SIGTERM or SIGINT, then drain: streams end, requests finish, sockets close."""
    stopping = on_signals()
    by_noun = {peer.noun: peer.address for peer in peers}
    upstream = Upstream(lambda noun: connect(by_noun[noun], service=noun, caller="gateway"))
    health = HealthOfPeers(peers)
    telemetry.instruments.add_source(PROCESS_BREAKERS.samples)
    reporter = Reporter(
        telemetry,
        by_noun["metrics"],
        breakers=lambda: PROCESS_BREAKERS.reported(time.time()),
    )
    reporter.start()
    application = Application(_edge(settings, upstream, health, stopping), telemetry)
    server = _server(application, settings)
    serving = asyncio.ensure_future(server.serve())
    _LOG.info("serving", extra={"address": str(settings.listen)})
    await asyncio.wait(
        {serving, asyncio.ensure_future(stopping.wait())}, return_when="FIRST_COMPLETED"
    )
    _LOG.info("draining", extra={"in_flight": application.in_flight})
    await application.drained(settings.drain_s)
    server.interrupt_signal = True
    server.main_loop_interrupt.set()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(serving), 2.0)
    await reporter.stop()
    await upstream.close()
    await health.close()
    telemetry.shutdown()
    _LOG.info("stopped")


def _edge(
    settings: GatewaySettings, upstream: Upstream, health: HealthOfPeers, stopping: asyncio.Event
) -> Edge:
    table = build_table(mesh_services())
    limits = Limits(timeout_default_s=settings.timeout_s)
    serving = Serving(
        upstream,
        ImmutableReplies(settings.cache_bytes),
        limits=limits,
        times=StreamTimes(settings.stream_s, settings.heartbeat_s),
        stopping=stopping,
    )
    pages = Pages(table, health, PROCESS_BREAKERS.snapshot, stopping)
    return Edge(
        table,
        serving,
        pages.by_path(),
        allowed_hosts=settings.allowed_hosts,
        limits=limits,
        stopping=stopping,
    )


def _server(application: Application, settings: GatewaySettings) -> Server:
    logging.getLogger("_granian").setLevel(logging.ERROR)  # it calls embedding experimental
    return Server(
        application,
        address=settings.listen.host,
        port=settings.listen.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.auto,
        websockets=False,
        backlog=CONNECTIONS_MAX,
        backpressure=CONNECTIONS_MAX,
        http1_settings=HTTP1Settings(max_buffer_size=HEADER_BUFFER_BYTES),
        http2_settings=HTTP2Settings(max_headers_size=HEADER_BUFFER_BYTES),
        log_enabled=False,
    )
