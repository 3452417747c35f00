"""A session's trace as another process received it over OTLP."""

import asyncio
import json
from pathlib import Path

import grpc.aio
import pytest
from lucid_cli.mesh_client import channel_to
from lucid_cli.story import sessions, vendors
from lucid_cli.story.recorder import Recorder
from lucid_local.traces import SpanRecord, edges, read_trace
from lucid_testkit.mesh import Mesh
from rich.console import Console

EXPORT_TIMEOUT_S = 20


async def spans_of(path: Path, trace_id: str, wanted: set[tuple[str, str]]) -> list[SpanRecord]:
    """Return a trace once its wanted edges have arrived; exporters send in the background."""
    async with asyncio.timeout(EXPORT_TIMEOUT_S):
        while True:
            spans = read_trace(path, trace_id)
            if wanted <= edges(spans):
                return spans
            await asyncio.sleep(0.2)


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder(Console(quiet=True))


@pytest.mark.slow
async def test_a_second_session_is_answered_from_the_cache_and_solves_nothing(
    mesh: Mesh, recorder: Recorder
) -> None:
    async with (
        channel_to(mesh.layout, "dream") as dream,
        channel_to(mesh.layout, "vendor") as vendor,
        channel_to(mesh.layout, "coherence") as coherence,
    ):
        services = sessions.Services(dream, vendor, coherence, mesh.layout.gateway_url)
        published = await _publish(vendor, recorder)
        user = await sessions.register_user(services, recorder)
        first = await sessions.take_session(services, user, published, recorder)
        second = await sessions.take_session(services, user, published, recorder)
    assert recorder.all_held, recorder.failed
    wanted = {
        ("gateway", "dream"),
        ("dream", "vendor"),
        ("dream", "validation"),
        ("dream", "coherence"),
        ("validation", "cache"),
    }
    spans = await spans_of(mesh.traces, first, wanted)
    assert _path_exists(spans, ["gateway", "dream", "validation", "cache"])
    again = await spans_of(mesh.traces, second, {("gateway", "dream"), ("validation", "cache")})
    assert not [span.name for span in again if span.name == "lucid.validation.solve"]


async def _publish(vendor: grpc.aio.Channel, recorder: Recorder) -> object:
    name = await vendors.register_vendor(vendor, recorder)
    entries = vendors.example_seeds()
    return (await vendors.certify_seeds(vendor, name, entries, recorder))[0]


def _path_exists(spans: list[SpanRecord], services: list[str]) -> bool:
    """Say whether some span has this chain of services above it, nearest caller first."""
    by_id = {span.span_id: span for span in spans}
    for span in spans:
        if span.service != services[-1]:
            continue
        chain = [span.service]
        parent = by_id.get(span.parent_id)
        while parent is not None:
            if parent.service != chain[-1]:
                chain.append(parent.service)
            parent = by_id.get(parent.parent_id)
        if chain[::-1] == services:
            return True
    return False


def test_logs_are_json_lines_with_the_trace_of_their_request(mesh: Mesh) -> None:
    for name in mesh.layout.ports:
        for line in mesh.layout.log_file(name).read_text().splitlines():
            assert isinstance(json.loads(line), dict), (name, line)
