"""A small OTLP receiver, so that a mesh on one machine shows its traces without a collector.

Spans are appended to one file, a JSON object a line, and the file starts anew when it is full:
this is for looking at what just happened, not an archive.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from lucid_local.layout import LOOPBACK

FILE_BYTES_MAX = 32_000_000


@dataclass(frozen=True)
class SpanRecord:
    """One finished span; times in nanoseconds since 1970, ids in hex, parent empty at a root."""

    trace_id: str
    span_id: str
    parent_id: str
    service: str
    name: str
    start_ns: int
    end_ns: int
    status: str
    attributes: dict[str, Any] = field(default_factory=dict)


class TraceReceiver(trace_service_pb2_grpc.TraceServiceServicer):
    """Takes spans over OTLP gRPC and appends them to a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def Export(self, request: Any, context: Any) -> Any:
        """Take a batch of spans."""
        del context
        lines = [json.dumps(asdict(span)) + "\n" for span in records(request)]
        full = self._path.exists() and self._path.stat().st_size > FILE_BYTES_MAX
        with self._path.open("w" if full else "a") as out:
            out.writelines(lines)
        return trace_service_pb2.ExportTraceServiceResponse()


async def serve_traces(path: Path) -> tuple[grpc.aio.Server, str]:
    """Serve a receiver on a free loopback port; return the server and its `host:port`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(TraceReceiver(path), server)
    port = server.add_insecure_port(f"{LOOPBACK}:0")
    await server.start()
    return server, f"{LOOPBACK}:{port}"


def records(request: Any) -> Iterator[SpanRecord]:
    """Yield the spans of an OTLP export request."""
    for resource_spans in request.resource_spans:
        resource = _attributes(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                yield SpanRecord(
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    service=str(resource.get("service.name", "")),
                    name=span.name,
                    start_ns=span.start_time_unix_nano,
                    end_ns=span.end_time_unix_nano,
                    status="ERROR" if span.status.code == span.status.STATUS_CODE_ERROR else "OK",
                    attributes=_attributes(span.attributes),
                )


def _attributes(pairs: Iterable[Any]) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def read_trace(path: Path, trace_id: str) -> list[SpanRecord]:
    """Return the spans of one trace, by start time; empty if there are none."""
    if not path.exists():
        return []
    with path.open() as lines:
        found = [SpanRecord(**json.loads(line)) for line in lines if trace_id in line]
    return sorted((s for s in found if s.trace_id == trace_id), key=lambda s: s.start_ns)


def edges(spans: Iterable[SpanRecord]) -> set[tuple[str, str]]:
    """Return the (calling service, called service) pairs of a trace."""
    spans = list(spans)
    by_id = {span.span_id: span for span in spans}
    return {
        (by_id[span.parent_id].service, span.service)
        for span in spans
        if span.parent_id in by_id and by_id[span.parent_id].service != span.service
    }
