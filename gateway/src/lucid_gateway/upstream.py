"""Calls from the gateway to the services: one channel a peer, one callable a method."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import grpc
from google.protobuf.message import Message

from lucid_gateway.routes import CallKind, Rpc

Connect = Callable[[str], grpc.aio.Channel]
"""Opens the channel to a service, by its noun."""


class Upstream:
    """The services, as the gateway sees them."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._methods: dict[tuple[str, str], Any] = {}

    def unary(self, rpc: Rpc, request: Message, timeout_s: float) -> Any:
        """Start a unary call; await it for the response."""
        return self._method(rpc)(request, timeout=timeout_s)

    def stream(self, rpc: Rpc, request: Message, timeout_s: float) -> Any:
        """Start a server stream; iterate it."""
        return self._method(rpc)(request, timeout=timeout_s)

    def feed(self, rpc: Rpc, requests: AsyncIterator[Message], timeout_s: float) -> Any:
        """Start a client stream (await it) or a bidi stream (iterate it)."""
        return self._method(rpc)(requests, timeout=timeout_s)

    def channel(self, noun: str) -> grpc.aio.Channel:
        """Return the channel to a service; opened when it is first needed."""
        channel = self._channels.get(noun)
        if channel is None:
            channel = self._channels[noun] = self._connect(noun)
        return channel

    async def close(self) -> None:
        """Close every channel."""
        for channel in self._channels.values():
            await channel.close()

    def _method(self, rpc: Rpc) -> Any:
        key = (rpc.noun, rpc.full_name)
        method = self._methods.get(key)
        if method is None:
            channel = self.channel(rpc.noun)
            factory = getattr(channel, _FACTORY[rpc.kind])
            method = self._methods[key] = factory(
                rpc.path,
                request_serializer=rpc.request.SerializeToString,
                response_deserializer=rpc.response.FromString,
            )
        return method


_FACTORY: Mapping[CallKind, str] = {
    CallKind.UNARY: "unary_unary",
    CallKind.SERVER_STREAM: "unary_stream",
    CallKind.CLIENT_STREAM: "stream_unary",
    CallKind.BIDI_STREAM: "stream_stream",
}
