"""The edge as granian sees it: RSGI in, RSGI out, one span around each request."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, Final

from lucid_telemetry import Telemetry, semconv, tracing

from lucid_gateway import admission
from lucid_gateway.edge import Edge, without_body
from lucid_gateway.exchange import HTML, Headers, Reply, Request, StreamReply
from lucid_gateway.flow import Backpressure

SECURITY: Final[Headers] = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
)
_NOTHING_LOADS: Final = ("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
_PAGE_LOADS: Final = (
    "content-security-policy",
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
)
_TRACE_HEADERS: Final = ("traceparent", "tracestate")


class Application:
    """An RSGI application; `in_flight` counts the requests that are being answered."""

    def __init__(self, edge: Edge, telemetry: Telemetry) -> None:
        self._edge = edge
        self._telemetry = telemetry
        self._idle = asyncio.Event()
        self._idle.set()
        self.in_flight = 0

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Serve one request."""
        if scope.proto != "http":
            protocol.close(403)
            return
        self.in_flight += 1
        self._idle.clear()
        try:
            await self._serve(_request_of(scope, protocol), scope, protocol)
        finally:
            self.in_flight -= 1
            if not self.in_flight:
                self._idle.set()

    async def drained(self, timeout_s: float) -> bool:
        """Wait until nothing is being answered; return False if that takes too long."""
        try:
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    async def _serve(self, request: Request, scope: Any, protocol: Any) -> None:
        started_s = time.perf_counter()
        carried = {
            name: request.headers[name] for name in _TRACE_HEADERS if name in request.headers
        }
        with self._telemetry.incoming(request.method, carried) as span:
            trace_id = tracing.trace_id()
            reply, route = await self._edge.answer(request, trace_id)
            if span.is_recording():
                span.update_name(f"{request.method} {route}".strip())
                span.set_attribute(semconv.HTTP_REQUEST_METHOD, request.method)
                span.set_attribute(semconv.HTTP_ROUTE, route)
                span.set_attribute(semconv.HTTP_RESPONSE_STATUS_CODE, reply.status)
            if reply.status >= 500:
                tracing.fail(span, str(reply.status))
            identity = (
                ("x-request-id", admission.request_id_of(request, trace_id)),
                ("x-trace-id", trace_id),
            )
            try:
                await _send(request, reply, protocol, identity, scope.client)
            finally:
                if isinstance(reply, StreamReply):
                    reply.close()
        self._telemetry.instruments.observe(
            semconv.HTTP_SERVER_REQUEST_DURATION,
            time.perf_counter() - started_s,
            (
                (semconv.HTTP_REQUEST_METHOD, request.method if route else "_OTHER"),
                (semconv.HTTP_RESPONSE_STATUS_CODE, str(reply.status)),
                (semconv.HTTP_ROUTE, route),
            ),
        )


def _request_of(scope: Any, protocol: Any) -> Request:
    headers = {name.lower(): value for name, value in scope.headers.items()}
    if scope.authority:  # HTTP/2, or a whole address in the request line: it wins over Host
        headers["host"] = scope.authority
    return Request(
        method=scope.method,
        path=scope.path,
        query=scope.query_string,
        headers=headers,
        chunks=lambda: _chunks(protocol),
        disconnected=protocol.client_disconnect,
    )


async def _chunks(protocol: Any) -> AsyncIterator[bytes]:
    async for chunk in protocol:
        yield bytes(chunk)


async def _send(
    request: Request,
    reply: Reply | StreamReply,
    protocol: Any,
    identity: Headers,
    client: str,
) -> None:
    policy = _PAGE_LOADS if reply.content_type == HTML else _NOTHING_LOADS
    headers = [*SECURITY, policy, *identity, *reply.headers]
    if reply.content_type:
        headers.append(("content-type", reply.content_type))
    if isinstance(reply, StreamReply):
        transport = protocol.response_stream(reply.status, headers)
        await _send_stream(request, reply, transport, Backpressure(client))
        return
    if request.method == "HEAD":
        headers.append(("content-length", str(len(reply.body))))
        reply = without_body(reply)
    if reply.body:
        protocol.response_bytes(reply.status, headers, reply.body)
    else:
        protocol.response_empty(reply.status, headers)


async def _send_stream(
    request: Request, reply: StreamReply, transport: Any, flow: Backpressure
) -> None:
    """Send frames until the stream ends or the client is gone, whichever is first."""
    sending = asyncio.ensure_future(_pump(reply, transport, flow))
    gone = asyncio.ensure_future(request.disconnected())
    try:
        await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _pump(reply: StreamReply, transport: Any, flow: Backpressure) -> None:
    frames: Any = reply.chunks
    try:
        async for frame in frames:
            await transport.send_bytes(frame)
            await flow.sent(len(frame))
    finally:
        flow.close()
        await frames.aclose()
