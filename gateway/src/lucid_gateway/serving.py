"""One request that matched a route: bind, call, answer. One function for each shape of call."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import grpc
from google.protobuf.message import Message

from lucid_gateway import admission, messages
from lucid_gateway.admission import Limits
from lucid_gateway.exchange import (
    EVENT_STREAM,
    JSON,
    NDJSON,
    Reply,
    Request,
    StreamReply,
)
from lucid_gateway.failures import problem_of_call
from lucid_gateway.feeds import Feeds
from lucid_gateway.immutable import ImmutableReplies
from lucid_gateway.incoming import Incoming, bind
from lucid_gateway.problem import Problem, Violation
from lucid_gateway.routes import CallKind, Found, Route
from lucid_gateway.streams import EVENTS, LINES, Relay, Style
from lucid_gateway.upstream import Upstream

_NO_STORE: Final = (("cache-control", "no-store"),)
_STREAM_HEADERS: Final = (("cache-control", "no-store"), ("x-accel-buffering", "no"))


STREAMS_MAX: Final = 512
"""Streams of one process at a time; fewer than its connections, so that requests get through."""


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """How long a stream lives and how often it shows that it does, seconds."""

    life_s: float = 3600.0
    heartbeat_s: float = 10.0


class Serving:
    """Serves matched requests."""

    def __init__(
        self,
        upstream: Upstream,
        cache: ImmutableReplies,
        *,
        limits: Limits,
        times: StreamTimes,
        stopping: asyncio.Event,
    ) -> None:
        self._upstream = upstream
        self._cache = cache
        self._limits = limits
        self._times = times
        self._stopping = stopping
        self._feeds = Feeds()
        self._streams = 0

    async def serve(self, found: Found, request: Request, trace_id: str) -> Reply | StreamReply:
        """Answer a request.

        Raises:
            Problem: what was wrong with it, or with the call.
        """
        if found.route.rpc.kind is CallKind.UNARY:
            return await self._unary(found, request)
        if self._streams >= STREAMS_MAX:
            raise _streams_full()
        self._streams += 1
        reply: Reply | StreamReply | None = None
        try:
            reply = await self._stream(found, request, trace_id)
        finally:
            if not isinstance(reply, StreamReply):
                self._streams -= 1
        if isinstance(reply, StreamReply):
            return replace(reply, close=self._counted(reply))
        return reply

    def _counted(self, reply: StreamReply) -> Callable[[], None]:
        def close() -> None:
            self._streams -= 1
            reply.close()

        return close

    async def _stream(self, found: Found, request: Request, trace_id: str) -> Reply | StreamReply:
        kind = found.route.rpc.kind
        if kind is CallKind.SERVER_STREAM:
            return await self._server_stream(found, request, trace_id)
        if kind is CallKind.CLIENT_STREAM:
            return await self._client_stream(found, request)
        if found.route.http_method == "GET":
            return await self._open_feed(found, request, trace_id)
        if found.path_values:
            return await self._send_into_feed(found, request)
        return await self._bidi(found, request, trace_id)

    async def _unary(self, found: Found, request: Request) -> Reply:
        route = found.route
        kept = self._cache.get(route, request)
        if kept is not None:
            return kept
        message = await self._bound(found, request)
        timeout_s = admission.timeout_s(request, self._limits)
        response = await self._awaited(
            lambda: self._upstream.unary(route.rpc, message, timeout_s), route, request
        )
        body = messages.to_json(response, route.response_body)
        if self._cache.keeps(route):
            return self._cache.put(request, body)
        return Reply(200, JSON, body, _NO_STORE)

    async def _server_stream(
        self, found: Found, request: Request, trace_id: str
    ) -> Reply | StreamReply:
        rpc = found.route.rpc
        message = await self._bound(found, request)
        resumed = _resume(message, request)
        timeout_s = self._stream_timeout_s(request)
        relay = self._relay(
            lambda: self._upstream.stream(rpc, message, timeout_s), found.route, EVENTS
        )
        if not await relay.start() and resumed:
            relay.cancel()
            return Reply(204)  # all was seen: an EventSource stops reconnecting
        return StreamReply(
            EVENT_STREAM, relay.frames(trace_id), relay.cancel, headers=_STREAM_HEADERS
        )

    async def _client_stream(self, found: Found, request: Request) -> Reply:
        route = found.route
        incoming = self._incoming(found, request)
        timeout_s = self._stream_timeout_s(request)
        response = await self._awaited(
            lambda: self._upstream.feed(route.rpc, incoming.requests(), timeout_s),
            route,
            request,
            incoming=incoming,
        )
        return Reply(200, JSON, messages.to_json(response, route.response_body), _NO_STORE)

    async def _bidi(self, found: Found, request: Request, trace_id: str) -> StreamReply:
        rpc = found.route.rpc
        incoming = self._incoming(found, request)
        timeout_s = self._stream_timeout_s(request)
        relay = self._relay(
            lambda: self._upstream.feed(rpc, incoming.requests(), timeout_s),
            found.route,
            LINES,
            incoming=incoming,
        )
        await relay.start()
        return StreamReply(NDJSON, relay.frames(trace_id), relay.cancel, headers=_STREAM_HEADERS)

    async def _open_feed(self, found: Found, request: Request, trace_id: str) -> StreamReply:
        rpc = found.route.rpc
        first = await self._bound(found, request)
        timeout_s = self._stream_timeout_s(request)
        key = (rpc.full_name, tuple(sorted(found.path_values.items())))
        feed = self._feeds.open(key, first)
        try:
            relay = self._relay(
                lambda: self._upstream.feed(rpc, feed.requests(), timeout_s), found.route, EVENTS
            )
            await relay.start()
        except BaseException:
            self._feeds.close(key)
            raise

        def close() -> None:
            relay.cancel()
            self._feeds.close(key)

        return StreamReply(EVENT_STREAM, relay.frames(trace_id), close, headers=_STREAM_HEADERS)

    async def _send_into_feed(self, found: Found, request: Request) -> Reply:
        key = (found.route.rpc.full_name, tuple(sorted(found.path_values.items())))
        feed = self._feeds.of(key)
        feed.send(await self._bound(found, request))
        return Reply(202, JSON, b'{"accepted":true}', _NO_STORE)

    async def _bound(self, found: Found, request: Request) -> Message:
        body = await admission.read_body(request, self._limits)
        if body:
            admission.check_media_type(request, JSON)
        return bind(found, request.query, body)

    def _incoming(self, found: Found, request: Request) -> Incoming:
        admission.check_media_type(request, NDJSON, JSON)
        return Incoming(found, request, self._limits.body_bytes_max)

    def _relay(
        self, start: Any, route: Route, style: Style, *, incoming: Incoming | None = None
    ) -> Relay:
        try:
            call = start()
        except grpc.RpcError as error:
            raise problem_of_call(error, route.rpc.noun) from None
        if incoming is not None:
            incoming.cancel_on_fault = call.cancel
        return Relay(
            call,
            route.rpc.noun,
            style,
            heartbeat_s=self._times.heartbeat_s,
            stopping=self._stopping,
            fault=(lambda: incoming.fault) if incoming is not None else (lambda: None),
        )

    async def _awaited(
        self, start: Any, route: Route, request: Request, *, incoming: Incoming | None = None
    ) -> Message:
        """Await one response; cancel the call when the client leaves."""
        try:
            call = start()
            if incoming is not None:
                incoming.cancel_on_fault = call.cancel
            return await _until_gone(call, request)
        except grpc.RpcError as error:
            fault = incoming.fault if incoming is not None else None
            raise fault or problem_of_call(error, route.rpc.noun) from None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            fault = incoming.fault if incoming is not None else None
            gone = Problem(499, "CANCELLED", "The caller went away.", code="CANCELLED")
            raise fault or gone from None

    def _stream_timeout_s(self, request: Request) -> float:
        if request.header("x-request-timeout"):
            return admission.timeout_s(request, self._limits)
        return self._times.life_s


async def _until_gone(call: Any, request: Request) -> Message:
    """Await a call; cancel it, and raise CancelledError, when the client leaves first."""
    answer = asyncio.ensure_future(_result(call))
    gone = asyncio.ensure_future(request.disconnected())
    try:
        await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            call.cancel()
        return await answer
    finally:
        gone.cancel()
        answer.cancel()


async def _result(call: Any) -> Message:
    response: Message = await call
    return response


def _streams_full() -> Problem:
    return Problem(
        429,
        "STREAMS_FULL",
        f"{STREAMS_MAX} streams are open, which is the limit.",
        metadata=(("streams_max", str(STREAMS_MAX)),),
        retry_after_s=5.0,
        code=grpc.StatusCode.RESOURCE_EXHAUSTED.name,
    )


def _resume(message: Message, request: Request) -> bool:
    """Fill the request's resume field from Last-Event-ID; say whether the stream is resumed."""
    field = message.DESCRIPTOR.fields_by_name.get(messages.RESUME_FIELD)
    given = request.header("last-event-id")
    if field is None:
        return False
    if given and not getattr(message, messages.RESUME_FIELD):
        if not (given.isascii() and given.isdigit() and len(given) < 19):
            violation = Violation("Last-Event-ID", "must be the id of an event")
            raise Problem(
                400,
                "RESUME_INVALID",
                "Last-Event-ID must be the id of an event of this stream.",
                violations=(violation,),
                code=grpc.StatusCode.INVALID_ARGUMENT.name,
            )
        setattr(message, messages.RESUME_FIELD, int(given))
    return bool(getattr(message, messages.RESUME_FIELD))
