"""The metrics service's RPCs, and what the process is made of."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TypeVar

from lucid.metrics.v1 import metrics_service_pb2 as pb
from lucid.metrics.v1 import metrics_service_pb2_grpc as pb_grpc
from lucid_rpc.authorization import GATEWAY, OPERATOR, Policy, service_role
from lucid_rpc.page_token import next_token, page_of
from lucid_rpc.server import ServerDefinition
from lucid_runtime.addresses import NOUNS
from lucid_runtime.clock import Clock, SystemClock
from lucid_telemetry import Telemetry

from lucid_metrics.convert import (
    breaker_to_message,
    cache_to_message,
    interval_seconds,
    report_from_message,
    slo_to_message,
    snapshot_to_message,
    window_seconds,
)
from lucid_metrics.errors import ERRORS
from lucid_metrics.series.query import breakers_of, cache_view, note_history
from lucid_metrics.series.rollup import Mesh
from lucid_metrics.series.slo import standings
from lucid_metrics.settings import Settings
from lucid_metrics.watching import Watchers

METRICS = "lucid.metrics.v1.MetricsService"
RESILIENCE = "lucid.metrics.v1.ResilienceService"
TUNING = "lucid.metrics.v1.TuningService"

READERS = frozenset({OPERATOR, GATEWAY})
REPORTERS = frozenset({OPERATOR, GATEWAY, *map(service_role, NOUNS)})

METHODS = tuple(
    f"{service.full_name}/{method.name}"
    for service in pb.DESCRIPTOR.services_by_name.values()
    for method in service.methods
)
POLICY = Policy({**dict.fromkeys(METHODS, READERS), f"{METRICS}/ReportSamples": REPORTERS})

Item = TypeVar("Item")


class MetricsServicer(pb_grpc.MetricsServiceServicer):
    """Takes reports and shows what they mean."""

    def __init__(self, mesh: Mesh, clock: Clock, settings: Settings) -> None:
        self._mesh = mesh
        self._clock = clock
        self._watchers = Watchers(settings.watchers_max)

    async def ReportSamples(
        self, requests: AsyncIterator[pb.ReportSamplesRequest], _context: Any
    ) -> pb.ReportSamplesResponse:
        """Take samples until the stream ends; each message counts at once."""
        total = pb.ReportSamplesResponse()
        async for request in requests:
            taken = self._take(request)
            total.accepted += taken.accepted
            total.rejected += taken.rejected
        return total

    async def GetSnapshot(self, request: pb.GetSnapshotRequest, _context: Any) -> pb.Snapshot:
        """Return what is known now."""
        return self._snapshot(window_seconds(request))

    async def WatchSnapshots(
        self, request: pb.WatchSnapshotsRequest, _context: Any
    ) -> AsyncIterator[pb.WatchSnapshotsResponse]:
        """Follow what is known: at once, then in intervals."""
        window_s, interval_s = window_seconds(request), interval_seconds(request)
        sequence = 0
        with self._watchers.one():
            while True:
                sequence += 1
                snapshot = self._snapshot(window_s)
                yield pb.WatchSnapshotsResponse(sequence=sequence, snapshot=snapshot)
                await asyncio.sleep(interval_s)

    async def GetCacheReport(
        self, _request: pb.GetCacheReportRequest, _context: Any
    ) -> pb.CacheReport:
        """Return the cache's counters as it reported them."""
        return cache_to_message(cache_view(self._mesh))

    async def ListSlos(self, request: pb.ListSlosRequest, _context: Any) -> pb.ListSlosResponse:
        """List the service levels and how they stand."""
        found = standings(self._mesh)
        shown, token = part_of(request, found, lambda one: one.objective.name, 50, 500)
        return pb.ListSlosResponse(slos=map(slo_to_message, shown), next_page_token=token)

    def _take(self, request: pb.ReportSamplesRequest) -> pb.ReportSamplesResponse:
        now_s = self._clock.monotonic()
        report = report_from_message(request)
        taken = self._mesh.take(report, now_s, self._clock.now().timestamp())
        reporter = self._mesh.reporter(report.reporter)
        if reporter is not None:
            note_history(reporter, now_s)
        return pb.ReportSamplesResponse(accepted=taken.accepted, rejected=taken.rejected)

    def _snapshot(self, window_s: float) -> pb.Snapshot:
        now, now_s = self._clock.now(), self._clock.monotonic()
        return snapshot_to_message(self._mesh, now, now_s, window_s)


class ResilienceServicer(pb_grpc.ResilienceServiceServicer):
    """Shows the breakers as their owners reported them."""

    def __init__(self, mesh: Mesh, clock: Clock) -> None:
        self._mesh = mesh
        self._clock = clock

    async def ListBreakers(
        self, request: pb.ListBreakersRequest, _context: Any
    ) -> pb.ListBreakersResponse:
        """List the breakers of every service."""
        found = breakers_of(self._mesh, self._clock.monotonic())
        shown, token = part_of(request, found, lambda one: one.name, 100, 1000)
        return pb.ListBreakersResponse(
            breakers=map(breaker_to_message, shown), next_page_token=token
        )


def part_of(
    request: Any, items: Iterable[Item], name_of: Callable[[Item], str], default: int, maximum: int
) -> tuple[list[Item], str]:
    """Return the page of `items` (sorted by name) that a List request asks for, and its token.

    Raises:
        PageTokenInvalid: The token is not of this request.
    """
    page = page_of(request, default=default, maximum=maximum)
    rest = [item for item in items if name_of(item) > page.after]
    shown = rest[: page.size]
    token = next_token(request, name_of(shown[-1])) if len(rest) > len(shown) else ""
    return shown, token


async def build(
    settings: Settings, _telemetry: Telemetry, clock: Clock | None = None
) -> ServerDefinition:
    """Return the service. It keeps everything in memory and needs nobody."""
    clock = clock or SystemClock()
    mesh = Mesh(settings.series_max)
    return ServerDefinition(
        name="metrics",
        servicers=[
            (pb_grpc.add_MetricsServiceServicer_to_server, MetricsServicer(mesh, clock, settings)),
            (pb_grpc.add_ResilienceServiceServicer_to_server, ResilienceServicer(mesh, clock)),
            (pb_grpc.add_TuningServiceServicer_to_server, pb_grpc.TuningServiceServicer()),
        ],
        service_names=[METRICS, RESILIENCE, TUNING],
        errors=ERRORS,
        policy=POLICY,
    )
