"""An OTLP receiver for tests: what services export, as they exported it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.metrics.v1 import (
    metrics_service_pb2,
    metrics_service_pb2_grpc,
)
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from lucid_testkit.ports import free_address


@dataclass(frozen=True, slots=True)
class ReceivedSpan:
    """One span as it arrived. Ids are hexadecimal; `parent_id` is empty for a root.

    `kind` and `status` are the numbers of the OTLP enums (kind 2 server, 3 client; status 2
    error).
    """

    service: str
    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    status: int


@dataclass(slots=True)
class OtlpReceiver:
    """Collects spans and metrics. `endpoint` is what `OTEL_EXPORTER_OTLP_ENDPOINT` gets."""

    endpoint: str
    spans: list[ReceivedSpan] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    metric_names: set[str] = field(default_factory=set)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_until(
        self, is_enough: Callable[["OtlpReceiver"], bool], timeout_s: float = 10.0
    ) -> None:
        """Return once `is_enough(self)`; raises `TimeoutError` after `timeout_s` seconds."""
        async with asyncio.timeout(timeout_s):
            while not is_enough(self):
                self._arrived.clear()
                await self._arrived.wait()

    def edges(self) -> set[tuple[str, str]]:
        """Return parent → child pairs of `service:span name`, for parents that arrived."""
        by_id = {span.span_id: span for span in self.spans}
        return {
            (_label(by_id[span.parent_id]), _label(span))
            for span in self.spans
            if span.parent_id in by_id
        }

    def named(self, name: str) -> list[ReceivedSpan]:
        """Return the spans with a name."""
        return [span for span in self.spans if span.name == name]

    def take_traces(self, request: Any) -> None:
        """Keep what one export carries."""
        for group in request.resource_spans:
            resource = _attributes(group.resource.attributes)
            self.resources.append(resource)
            service = str(resource.get("service.name", ""))
            for scope in group.scope_spans:
                self.spans.extend(_received(service, span) for span in scope.spans)
        self._arrived.set()

    def take_metrics(self, request: Any) -> None:
        """Keep the names of what one export carries."""
        for group in request.resource_metrics:
            for scope in group.scope_metrics:
                self.metric_names.update(metric.name for metric in scope.metrics)
        self._arrived.set()


class _Traces(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self, receiver: OtlpReceiver) -> None:
        self._receiver = receiver

    async def Export(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        self._receiver.take_traces(request)
        return trace_service_pb2.ExportTraceServiceResponse()


class _Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
    def __init__(self, receiver: OtlpReceiver) -> None:
        self._receiver = receiver

    async def Export(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        self._receiver.take_metrics(request)
        return metrics_service_pb2.ExportMetricsServiceResponse()


@asynccontextmanager
async def otlp_receiver() -> AsyncIterator[OtlpReceiver]:
    """Receive OTLP over gRPC on a free loopback port for the body."""
    address = free_address()
    receiver = OtlpReceiver(endpoint=f"http://{address}")
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(_Traces(receiver), server)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(_Metrics(receiver), server)
    server.add_insecure_port(str(address))
    await server.start()
    try:
        yield receiver
    finally:
        await server.stop(None)


def _label(span: ReceivedSpan) -> str:
    return f"{span.service}:{span.name}"


def _received(service: str, span: Any) -> ReceivedSpan:
    return ReceivedSpan(
        service=service,
        name=span.name,
        kind=span.kind,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes=_attributes(span.attributes),
        status=span.status.code,
    )


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
