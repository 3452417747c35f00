from pathlib import Path

import grpc.aio
from lucid_local.traces import edges, read_trace, serve_traces
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc


def _request(
    service: str, span: bytes, parent: bytes
) -> trace_service_pb2.ExportTraceServiceRequest:
    request = trace_service_pb2.ExportTraceServiceRequest()
    group = request.resource_spans.add()
    attribute = group.resource.attributes.add()
    attribute.key = "service.name"
    attribute.value.string_value = service
    record = group.scope_spans.add().spans.add()
    record.trace_id = b"t" * 16
    record.span_id = span
    record.parent_span_id = parent
    record.name = "work"
    return request


async def test_spans_received_over_otlp_form_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"
    server, address = await serve_traces(path)
    try:
        async with grpc.aio.insecure_channel(address) as channel:
            stub = trace_service_pb2_grpc.TraceServiceStub(channel)
            await stub.Export(_request("gateway", b"a" * 8, b""), timeout=5)
            await stub.Export(_request("dream", b"b" * 8, b"a" * 8), timeout=5)
    finally:
        await server.stop(0)
    spans = read_trace(path, (b"t" * 16).hex())
    assert [span.service for span in spans] == ["gateway", "dream"]
    assert edges(spans) == {("gateway", "dream")}


def test_a_missing_file_has_no_traces(tmp_path: Path) -> None:
    assert read_trace(tmp_path / "none.jsonl", "00") == []
