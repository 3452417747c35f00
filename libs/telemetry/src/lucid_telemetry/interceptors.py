"""Spans and durations of gRPC calls, on both sides, for unary calls and all kinds of streams.

These are the two halves that the server and the channel of `lucid_rpc` call at the start and at
the end of each call. They are light on purpose: one headers look-up, one sampling decision, one
dictionary addition; an SDK span only in a sampled trace. [SemConv]
"""

import time
from collections.abc import Iterable
from contextvars import Token
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import SpanKind

from lucid_telemetry import semconv, tracing
from lucid_telemetry.instruments import Attributes
from lucid_telemetry.setup import Telemetry, _current

Metadata = Iterable[tuple[str, str | bytes]]

_CARRIED: Final = frozenset({"traceparent", "tracestate", "baggage"})


class ServerCall:
    """One call as the server sees it: made when it arrives, ended once with its status."""

    __slots__ = ("_method", "_span", "_started_s", "_telemetry", "_token", "_use")

    def __init__(
        self, telemetry: Telemetry, method: str, metadata: Metadata, *, known: bool = True
    ) -> None:
        """Start the span and make it current in this task.

        Args:
            telemetry: the telemetry of the service.
            method: `package.Service/Method`, without a leading slash.
            metadata: the invocation metadata.
            known: whether the server has such a method; others share one name.
        """
        self._telemetry = telemetry
        self._method = method if known else semconv.RPC_METHOD_OTHER
        headers = {
            key: value for key, value in metadata if key in _CARRIED and isinstance(value, str)
        }
        attributes: dict[str, tracing.AttributeValue] = {
            semconv.RPC_SYSTEM_NAME: semconv.RPC_SYSTEM_GRPC,
            semconv.RPC_METHOD: self._method,
        }
        if not known:
            attributes[semconv.RPC_METHOD_ORIGINAL] = method
        self._span = telemetry.tracing.start(
            self._method,
            parent=tracing.extract(headers),
            kind=SpanKind.SERVER,
            attributes=attributes,
        )
        self._token = otel_context.attach(trace.set_span_in_context(self._span))
        self._use: Token[Telemetry | None] = _current.set(telemetry)
        self._started_s = time.perf_counter()

    def end(self, code: str, error: BaseException | None = None) -> None:
        """Record the status code, such as `NOT_FOUND`, and end the span."""
        failed = code in semconv.SERVER_ERROR_CODES
        error_type = _error_type(code, error) if failed else None
        duration_s = time.perf_counter() - self._started_s
        self._telemetry.instruments.observe(
            semconv.RPC_SERVER_CALL_DURATION,
            duration_s,
            _series(self._method, code, error_type),
        )
        _finish(self._span, code, error_type)
        _current.reset(self._use)
        otel_context.detach(self._token)


class ClientCall:
    """One logical call as the client sees it: with all its retries."""

    __slots__ = ("_ended", "_method", "_peer", "_span", "_started_s", "_telemetry", "headers")

    def __init__(self, telemetry: Telemetry, method: str, address: tuple[str, int]) -> None:
        """Start the span under the current one.

        Args:
            telemetry: the telemetry of the calling service.
            method: `package.Service/Method`, without a leading slash.
            address: host and port of the peer, from the target of the channel.

        `headers` is the metadata to send along.
        """
        self._telemetry = telemetry
        self._method = method
        self._peer = address[0]
        self._ended = False
        self._span = telemetry.tracing.start(
            method,
            kind=SpanKind.CLIENT,
            attributes={
                semconv.RPC_SYSTEM_NAME: semconv.RPC_SYSTEM_GRPC,
                semconv.RPC_METHOD: method,
                semconv.SERVER_ADDRESS: address[0],
                semconv.SERVER_PORT: address[1],
            },
        )
        self.headers = tuple(tracing.inject(self._span).items())
        self._started_s = time.perf_counter()

    def end(self, code: str, error: BaseException | None = None) -> None:
        """Record the status code and end the span. Later calls do nothing."""
        if self._ended:
            return
        self._ended = True
        error_type = _error_type(code, error) if code != "OK" else None
        series = (*_series(self._method, code, error_type), (semconv.SERVER_ADDRESS, self._peer))
        duration_s = time.perf_counter() - self._started_s
        self._telemetry.instruments.observe(semconv.RPC_CLIENT_CALL_DURATION, duration_s, series)
        _finish(self._span, code, error_type)


def _error_type(code: str, error: BaseException | None) -> str:
    """Return the status code, or the exception's type where the code says nothing."""
    if error is not None and code in {"UNKNOWN", "INTERNAL"}:
        return type(error).__qualname__
    return code


def _series(method: str, code: str, error_type: str | None) -> Attributes:
    series = (
        (semconv.RPC_SYSTEM_NAME, semconv.RPC_SYSTEM_GRPC),
        (semconv.RPC_METHOD, method),
        (semconv.RPC_RESPONSE_STATUS_CODE, code),
    )
    return series if error_type is None else (*series, (semconv.ERROR_TYPE, error_type))


def _finish(span: Any, code: str, error_type: str | None) -> None:
    if span.is_recording():
        span.set_attribute(semconv.RPC_RESPONSE_STATUS_CODE, code)
    if error_type is not None:
        tracing.fail(span, error_type)
    span.end()
