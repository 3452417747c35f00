"""Spans: the sampling decision first, the SDK only when a span is really recorded.

A context that is not sampled costs a few random bits and no SDK object, and still carries its
trace id, so that logs and later services agree on it.
"""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import context as otel_context
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
)

from lucid_telemetry import semconv

AttributeValue = str | int | float | bool
Attributes = Mapping[str, AttributeValue]

_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
_NOT_SAMPLED: Final = TraceFlags(TraceFlags.DEFAULT)
_EMPTY: Final = Context()


class Tracing:
    """Starts spans for one service.

    Args:
        ratio: share in [0, 1] of the traces begun here that are sampled; a trace begun elsewhere
            keeps the decision that its `traceparent` carries.
        tracer: the SDK's tracer, or None when spans go nowhere; ids are made and passed on anyway.
        chance: source of randomness for ids and for the sampling decision.
        is_passive: begin no traces at all: whoever is called decides about them. For programs
            without telemetry of their own, whose "not sampled" must not silence the mesh.
    """

    def __init__(
        self,
        *,
        ratio: float,
        tracer: Tracer | None,
        chance: random.Random | None = None,
        is_passive: bool = False,
    ) -> None:
        self._is_passive = is_passive
        self._ratio = ratio
        self._tracer = tracer
        self._chance = chance if chance is not None else random.SystemRandom()

    def start(
        self,
        name: str,
        *,
        parent: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes | None = None,
    ) -> Span:
        """Start a span under `parent` (default: the current context). The caller ends it."""
        context = parent if parent is not None else otel_context.get_current()
        above = trace.get_current_span(context).get_span_context()
        if above.is_valid:
            if not above.trace_flags.sampled:
                return NonRecordingSpan(above)
        elif self._is_passive:
            return trace.INVALID_SPAN
        elif self._ratio < 1 and self._chance.random() >= self._ratio:
            return NonRecordingSpan(self._new_context(above, _NOT_SAMPLED))
        if self._tracer is None:
            return NonRecordingSpan(self._new_context(above, _SAMPLED))
        return self._tracer.start_span(name, context=context, kind=kind, attributes=attributes)

    def _new_context(self, above: SpanContext, flags: TraceFlags) -> SpanContext:
        drawn = self._chance.getrandbits(192)  # both at once: each draw asks the kernel
        return SpanContext(
            trace_id=above.trace_id or drawn >> 64 or 1,
            span_id=drawn & 0xFFFF_FFFF_FFFF_FFFF or 1,
            is_remote=False,
            trace_flags=flags,
            trace_state=above.trace_state,
        )


def extract(carrier: Mapping[str, str]) -> Context:
    """Return the context that W3C headers carry; an empty one when there is none."""
    if "traceparent" not in carrier:
        return _EMPTY
    return propagate.extract(carrier, context=_EMPTY)


def inject(span: Span) -> dict[str, str]:
    """Return the W3C headers that make `span` the parent of what happens elsewhere."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier, context=trace.set_span_in_context(span))
    return carrier


def carrier() -> dict[str, str]:
    """Return the current context as W3C headers, to be stored with work that continues later."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    return headers


@contextmanager
def resumed(headers: Mapping[str, str]) -> Iterator[None]:
    """Continue, for the body, in the context that `carrier` returned earlier."""
    token = otel_context.attach(extract(headers))
    try:
        yield
    finally:
        otel_context.detach(token)


def fail(span: Span, error_type: str) -> None:
    """Mark a span as failed, with the low-cardinality type of the failure."""
    if span.is_recording():
        span.set_attribute(semconv.ERROR_TYPE, error_type)
        span.set_status(Status(StatusCode.ERROR))


@contextmanager
def active(span: Span) -> Iterator[Span]:
    """Make `span` current for the body, end it afterwards, mark it failed if the body raises."""
    token = otel_context.attach(trace.set_span_in_context(span))
    try:
        yield span
    except Exception as error:
        fail(span, type(error).__qualname__)
        raise
    finally:
        otel_context.detach(token)
        span.end()


def trace_id() -> str:
    """Return the current trace id as 32 hexadecimal digits, or an empty string outside a trace."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""
