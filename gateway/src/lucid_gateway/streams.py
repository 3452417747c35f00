"""Streams of a service as server-sent events or JSON lines.

The first message is awaited for a moment before the headers go out, so that a stream that fails
at once is a plain problem with its own status. After that a failure is the stream's last event.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import grpc
from google.protobuf.message import Message

from lucid_gateway import framing, messages
from lucid_gateway.failures import problem_of_call
from lucid_gateway.problem import Problem

FIRST_WAIT_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Style:
    """How the parts of a stream are framed."""

    opening: bytes
    heartbeat: bytes
    message: Callable[[Message], bytes]
    failure: Callable[[dict[str, Any]], bytes]
    ending: bytes


def _as_event(message: Message) -> bytes:
    if messages.is_heartbeat(message):
        return framing.HEARTBEAT
    name = "terminal" if messages.is_terminal(message) else ""
    return framing.event(name, messages.to_tree(message), sequence=messages.sequence_of(message))


EVENTS: Final = Style(
    opening=framing.opening(),
    heartbeat=framing.HEARTBEAT,
    message=_as_event,
    failure=lambda document: framing.event("error", document),
    ending=framing.event("end", {}),
)
LINES: Final = Style(
    opening=b"",
    heartbeat=b"\n",
    message=lambda message: framing.line("result", messages.to_tree(message)),
    failure=lambda document: framing.line("error", document),
    ending=b"",
)


class Relay:
    """One stream of a service on its way to one client.

    Args:
        call: the gRPC call, iterable and cancellable.
        noun: the service, for messages about failures.
        style: how to frame.
        heartbeat_s: silence after which a sign of life is sent, seconds.
        stopping: set when the gateway drains.
        fault: what the client did wrong while the stream ran, if anything.
    """

    def __init__(
        self,
        call: Any,
        noun: str,
        style: Style,
        *,
        heartbeat_s: float,
        stopping: asyncio.Event,
        fault: Callable[[], Problem | None] = lambda: None,
    ) -> None:
        self._call = call
        self._noun = noun
        self._style = style
        self._heartbeat_s = heartbeat_s
        self._stopping = stopping
        self._fault = fault
        self._messages = aiter(call)
        self._next: asyncio.Task[Message | None] | None = None

    async def start(self) -> bool:
        """Wait a moment for the first message; return False if the stream ended without one.

        Raises:
            Problem: the call failed before it said anything.
        """
        task = self._reading()
        await asyncio.wait({task}, timeout=FIRST_WAIT_S)
        if not task.done():
            return True
        return await self._result(task) is not None

    async def frames(self, trace_id: str) -> AsyncIterator[bytes]:
        """Yield the stream, framed; the call is cancelled when the reader stops early."""
        if self._style.opening:
            yield self._style.opening
        try:
            async for frame in self._frames():
                yield frame
            yield self._style.ending
        except Problem as problem:
            yield self._style.failure(problem.document(trace_id))
        finally:
            self.cancel()

    def cancel(self) -> None:
        """End the call and whatever waits for it."""
        if self._next is not None:
            self._next.cancel()
        self._call.cancel()

    async def _frames(self) -> AsyncIterator[bytes]:
        drained = asyncio.ensure_future(self._stopping.wait())
        try:
            while True:
                task = self._reading()
                wait: set[Awaitable[Any]] = {task, drained}
                await asyncio.wait(wait, timeout=self._heartbeat_s, return_when="FIRST_COMPLETED")  # type: ignore[type-var]
                if task.done():
                    self._next = None
                    message = await self._result(task)
                    if message is None:
                        return
                    yield self._style.message(message)
                elif drained.done():
                    raise draining()
                else:
                    yield self._style.heartbeat
        finally:
            drained.cancel()

    def _reading(self) -> "asyncio.Task[Message | None]":
        if self._next is None:
            self._next = asyncio.ensure_future(anext(self._messages, None))
        return self._next

    async def _result(self, task: "asyncio.Task[Message | None]") -> Message | None:
        try:
            message = await task
        except grpc.RpcError as error:
            raise self._fault() or problem_of_call(error, self._noun) from None
        except asyncio.CancelledError:
            fault = self._fault()
            if fault is None:
                raise
            raise fault from None
        fault = self._fault()
        if fault is not None:
            raise fault
        return message


def draining() -> Problem:
    """Return the problem that ends streams and refuses requests while the gateway stops."""
    return Problem(
        503,
        "DRAINING",
        "The gateway is stopping; connect again.",
        retry_after_s=1.0,
        code=grpc.StatusCode.UNAVAILABLE.name,
    )
