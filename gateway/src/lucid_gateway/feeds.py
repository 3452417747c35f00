"""A bidi stream for a client that has only requests: GET opens it, POST sends into it.

A browser cannot send while it reads events. So a bidi method may be bound to a GET, which opens
the stream and answers with its messages as server-sent events, and to a POST with the same path
variables, each of which sends one message into the open stream.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import grpc
from google.protobuf.message import Message

from lucid_gateway.problem import Problem

BACKLOG_MAX: Final = 64

Key = tuple[str, tuple[tuple[str, str], ...]]
"""The method and the path's values: what names an open stream."""


class Feed:
    """What is sent into one open stream."""

    def __init__(self, first: Message) -> None:
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(BACKLOG_MAX)
        self._waiting.put_nowait(first)

    def send(self, message: Message) -> None:
        """Queue a message.

        Raises:
            Problem: STREAM_BACKLOG, when the service does not keep up.
        """
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            raise Problem(
                429,
                "STREAM_BACKLOG",
                f"{BACKLOG_MAX} messages wait in this stream; send fewer.",
                metadata=(("waiting_max", str(BACKLOG_MAX)),),
                retry_after_s=1.0,
                code=grpc.StatusCode.RESOURCE_EXHAUSTED.name,
            ) from None

    async def requests(self) -> AsyncIterator[Message]:
        """Yield what is sent; the stream's end cancels the wait."""
        while True:
            yield await self._waiting.get()


class Feeds:
    """The open streams of this process."""

    def __init__(self) -> None:
        self._open: dict[Key, Feed] = {}

    def open(self, key: Key, first: Message) -> Feed:
        """Open a stream.

        Raises:
            Problem: STREAM_ALREADY_OPEN.
        """
        if key in self._open:
            raise Problem(
                409,
                "STREAM_ALREADY_OPEN",
                "This stream is open already; close it first.",
                retry_after_s=1.0,
                code=grpc.StatusCode.ABORTED.name,
            )
        feed = self._open[key] = Feed(first)
        return feed

    def close(self, key: Key) -> None:
        """Forget a stream."""
        self._open.pop(key, None)

    def of(self, key: Key) -> Feed:
        """Return an open stream.

        Raises:
            Problem: STREAM_NOT_OPEN.
        """
        feed = self._open.get(key)
        if feed is None:
            raise Problem(
                409,
                "STREAM_NOT_OPEN",
                "Open the stream with GET first.",
                retry_after_s=1.0,
                code=grpc.StatusCode.FAILED_PRECONDITION.name,
            )
        return feed
