"""The health of the six services, asked from each by grpc.health.v1 on its own port."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import grpc
from grpc_health.v1 import health_pb2

from lucid_gateway.settings import Peer

TIMEOUT_S: Final = 1.0
FRESH_S: Final = 0.5
"""Answers younger than this are used again, so that a busy page does not become a flood."""


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """What one service says: `status` is SERVING, NOT_SERVING, UNKNOWN or UNREACHABLE."""

    noun: str
    address: str
    status: str
    latency_ms: float

    @property
    def is_serving(self) -> bool:
        """Whether the service takes calls."""
        return self.status == "SERVING"


class HealthOfPeers:
    """Asks all services at once."""

    def __init__(self, peers: Sequence[Peer]) -> None:
        self._peers = tuple(peers)
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._last: tuple[ServiceHealth, ...] = ()
        self._asked_s = float("-inf")
        self._lock = asyncio.Lock()

    async def ask(self) -> tuple[ServiceHealth, ...]:
        """Return the health of every service, in the order of the peers."""
        async with self._lock:
            if time.monotonic() - self._asked_s > FRESH_S:
                asked = [self._one(peer) for peer in self._peers]
                self._last = tuple(await asyncio.gather(*asked))
                self._asked_s = time.monotonic()
        return self._last

    async def close(self) -> None:
        """Close the channels."""
        for channel in self._channels.values():
            await channel.close()

    async def _one(self, peer: Peer) -> ServiceHealth:
        started_s = time.perf_counter()
        check = self._channel(peer).unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = await check(
                health_pb2.HealthCheckRequest(), timeout=TIMEOUT_S, wait_for_ready=False
            )
            status = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
        except grpc.RpcError:
            status = "UNREACHABLE"
        latency_ms = round((time.perf_counter() - started_s) * 1000, 2)
        return ServiceHealth(peer.noun, str(peer.address), status, latency_ms)

    def _channel(self, peer: Peer) -> grpc.aio.Channel:
        channel = self._channels.get(peer.noun)
        if channel is None:
            # A stopped service is tried again soon: the default waits up to two minutes.
            options = (
                ("grpc.min_reconnect_backoff_ms", 100),
                ("grpc.initial_reconnect_backoff_ms", 100),
                ("grpc.max_reconnect_backoff_ms", 1000),
            )
            channel = grpc.aio.insecure_channel(str(peer.health), options=options)
            self._channels[peer.noun] = channel
        return channel
