"""The metrics service over real gRPC: every RPC served, every reason of its errors."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from google.protobuf import duration_pb2
from lucid.cache.v1 import cache_service_pb2 as cache_pb
from lucid.cache.v1 import cache_service_pb2_grpc as cache_grpc
from lucid.metrics.v1 import error_reason_pb2
from lucid.metrics.v1 import metrics_service_pb2 as pb
from lucid.metrics.v1 import metrics_service_pb2_grpc as pb_grpc
from lucid_cache.server import build as build_cache
from lucid_cache.settings import Settings as CacheSettings
from lucid_metrics.errors import ERRORS
from lucid_metrics.server import METHODS, build
from lucid_metrics.settings import Settings
from lucid_rpc.status import Failure, failure_of
from lucid_telemetry.report import ReportedBreaker, Reporter
from lucid_testkit.clocks import ManualClock
from lucid_testkit.servers import Served, serving, silent_telemetry

LIMIT_S = 10
GET_VERDICT = "lucid.validation.v1.ValidationService/GetVerdict"
SERVED = {
    "ReportSamples",
    "GetSnapshot",
    "WatchSnapshots",
    "GetCacheReport",
    "ListSlos",
    "ListBreakers",
}


@asynccontextmanager
async def metrics(
    caller: str | None = None, clock: ManualClock | None = None, **limits: int
) -> AsyncIterator[Served]:
    settings = Settings(**{"watchers_max": 2, **limits})
    definition = await build(settings, silent_telemetry("metrics"), clock)
    async with serving(definition, caller=caller) as served:
        yield served


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def served(clock: ManualClock) -> AsyncIterator[Served]:
    async with metrics(clock=clock) as served:
        yield served


@pytest.fixture
def stub(served: Served) -> Any:
    return pb_grpc.MetricsServiceStub(served.channel)


@pytest.fixture
def resilience(served: Served) -> Any:
    return pb_grpc.ResilienceServiceStub(served.channel)


def seconds(value: float) -> duration_pb2.Duration:
    duration = duration_pb2.Duration()
    duration.FromNanoseconds(round(value * 1e9))
    return duration


def report(
    counts: tuple[int, ...] = (1, 0, 0), code: str = "OK", **fields: Any
) -> pb.ReportSamplesRequest:
    labels = {"rpc.method": GET_VERDICT, "rpc.response.status_code": code}
    histogram = pb.DurationHistogram(
        metric="rpc.server.call.duration",
        labels=labels,
        bounds_s=[0.1, 1.0],
        counts=counts,
        sum_s=0.05,
    )
    return pb.ReportSamplesRequest(
        reporter="validation", instance="1", histograms=[histogram], **fields
    )


async def refusal(call: Any) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return failure_of(caught.value)


async def first(stream: Any) -> Any:
    async with asyncio.timeout(LIMIT_S):
        return await stream.read()


async def test_before_any_report_everything_is_unknown_and_nothing_is_zero_or_whole(stub: Any):
    snapshot = await stub.GetSnapshot(pb.GetSnapshotRequest())
    assert not snapshot.services
    cache = await stub.GetCacheReport(pb.GetCacheReportRequest())
    assert not cache.is_known
    assert cache.hit_ratio == -1
    slos = (await stub.ListSlos(pb.ListSlosRequest())).slos
    assert slos
    assert {slo.status for slo in slos} == {pb.SLO_STATUS_UNKNOWN}
    assert {slo.actual for slo in slos} == {-1.0}


async def test_reports_become_counts_rates_and_quantiles(stub: Any, clock: ManualClock):
    counter = pb.Counter(metric="lucid.validation.verdicts", labels={"a": "b"}, value=7)
    taken = await stub.ReportSamples(iter([report(counters=[counter], dropped=3)]))
    assert (taken.accepted, taken.rejected) == (2, 0)
    clock.advance(10)
    await stub.ReportSamples(iter([report((21, 0, 0)), report((1, 0, 0), "INTERNAL")]))
    snapshot = await stub.GetSnapshot(pb.GetSnapshotRequest(window=seconds(60)))
    (service,) = snapshot.services
    assert service.reporter == "validation"
    assert not service.is_stale
    assert list(service.counters) == [counter]
    (method,) = service.methods
    assert method.method == GET_VERDICT
    assert (method.calls, method.errors) == (22, 1)
    assert method.rate_per_s == pytest.approx(2.0)
    assert 0 < method.p50_s <= 0.1
    assert (snapshot.series, snapshot.dropped) == (3, 3)
    clock.advance(11)
    assert (await stub.GetSnapshot(pb.GetSnapshotRequest())).services[0].is_stale


async def test_series_without_room_are_refused_and_counted():
    async with metrics(series_max=1) as served:
        stub = pb_grpc.MetricsServiceStub(served.channel)
        long = pb.Counter(metric="m", labels={"l": "x" * 500}, value=1)
        taken = await stub.ReportSamples(iter([report(), report(code="INTERNAL")]))
        assert (taken.accepted, taken.rejected) == (1, 1)
        taken = await stub.ReportSamples(iter([report(counters=[long])]))
        assert (taken.accepted, taken.rejected) == (1, 1)
        assert (await stub.GetSnapshot(pb.GetSnapshotRequest())).dropped == 2


async def test_levels_stand_by_what_was_counted_and_come_in_pages(stub: Any):
    await stub.ReportSamples(iter([report((9, 0, 1)), report((1, 0, 0), "INTERNAL")]))
    found, token = {}, ""
    while True:
        page = await stub.ListSlos(pb.ListSlosRequest(page_size=5, page_token=token))
        assert len(page.slos) <= 5
        found |= {slo.name: slo for slo in page.slos}
        token = page.next_page_token
        if not token:
            break
    assert list(found) == sorted(found)
    available = found["slos/availability-validation"]
    assert (available.status, available.total_events) == (pb.SLO_STATUS_MISSED, 11)
    assert available.actual == pytest.approx(10 / 11)
    fast = found["slos/latency-validation-status"]
    assert fast.threshold == seconds(0.1)
    assert fast.actual == pytest.approx(10 / 11)
    assert found["slos/availability-cache"].status == pb.SLO_STATUS_UNKNOWN


async def test_snapshots_can_be_followed_in_order(stub: Any):
    stream = stub.WatchSnapshots(pb.WatchSnapshotsRequest(interval=seconds(0.1)))
    assert [(await first(stream)).sequence for _ in range(3)] == [1, 2, 3]
    stream.cancel()


async def test_breakers_are_listed_as_their_owners_report_them(
    stub: Any, resilience: Any, clock: ManualClock
):
    breakers = [
        pb.Breaker(
            peer=peer,
            method_class="read",
            state=pb.BREAKER_STATE_OPEN,
            consecutive_failures=5,
        )
        for peer in ("cache", "vendor", "dream")
    ]
    await stub.ReportSamples(iter([report(breakers=breakers)]))
    page = await resilience.ListBreakers(pb.ListBreakersRequest(page_size=2))
    rest = await resilience.ListBreakers(
        pb.ListBreakersRequest(page_size=2, page_token=page.next_page_token)
    )
    found = [*page.breakers, *rest.breakers]
    assert [breaker.name for breaker in found] == [
        f"breakers/validation-{peer}-read" for peer in ("cache", "dream", "vendor")
    ]
    assert found[0].state == pb.BREAKER_STATE_OPEN
    assert found[0].owner == "validation"
    assert not rest.next_page_token
    clock.advance(61)
    page = await resilience.ListBreakers(pb.ListBreakersRequest())
    assert {breaker.state for breaker in page.breakers} == {pb.BREAKER_STATE_UNSPECIFIED}


async def test_what_the_cache_really_counts_arrives_here(tmp_path):
    """A real cache, its real reporter, and the same numbers at both ends."""
    telemetry = silent_telemetry("cache")
    settings = CacheSettings(database_url=f"sqlite:///{tmp_path / 'cache.sqlite'}")
    async with (
        metrics() as served,
        serving(await build_cache(settings, telemetry), telemetry=telemetry) as cached,
    ):
        cache = cache_grpc.CacheServiceStub(cached.channel)
        entry = cache_pb.Entry(key="k", value=b"v", cost=seconds(2))
        await cache.Put(cache_pb.PutRequest(entry=entry))
        for key in ("k", "k", "k", "x"):
            await cache.Get(cache_pb.GetRequest(key=key))
        breaker = ReportedBreaker("metrics", "read", "half-open", 1, 1_700_000_000.0)
        reporter = Reporter(telemetry, served.address, breakers=lambda: [breaker], interval_s=0.05)
        reporter.start()
        stub = pb_grpc.MetricsServiceStub(served.channel)
        async with asyncio.timeout(LIMIT_S):
            while True:
                found = await stub.GetCacheReport(pb.GetCacheReportRequest())
                if found.is_known:
                    break
                await asyncio.sleep(0.02)
        await reporter.stop()
        assert (found.hits, found.misses, found.hit_ratio) == (3, 1, 0.75)
        assert found.saved == seconds(6)
        snapshot = await stub.GetSnapshot(pb.GetSnapshotRequest())
        methods = {method.method: method.calls for method in snapshot.services[0].methods}
        assert methods["lucid.cache.v1.CacheService/Get"] == 4
        resilience = pb_grpc.ResilienceServiceStub(served.channel)
        (listed,) = (await resilience.ListBreakers(pb.ListBreakersRequest())).breakers
        assert listed.state == pb.BREAKER_STATE_HALF_OPEN
        assert listed.opened_time.seconds == 1_700_000_000


@pytest.mark.parametrize(
    ("bounds", "counts"), [([0.1], [1]), ([1.0, 0.1], [1, 1, 1]), ([0.1], [1, -1])]
)
async def test_a_histogram_that_does_not_fit_together_is_refused(
    stub: Any, bounds: list[float], counts: list[int]
):
    histogram = pb.DurationHistogram(metric="m", bounds_s=bounds, counts=counts)
    request = pb.ReportSamplesRequest(reporter="x", histograms=[histogram])
    failure = await refusal(stub.ReportSamples(iter([request])))
    assert (failure.code, failure.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "HISTOGRAM_INVALID",
    )
    assert failure.domain == "metrics.lucid"
    assert failure.metadata == {"metric": "m"}


@pytest.mark.parametrize("window_s", [0.0, 0.5, 3601.0, -1.0])
async def test_a_window_out_of_range_is_refused(stub: Any, window_s: float):
    failure = await refusal(stub.GetSnapshot(pb.GetSnapshotRequest(window=seconds(window_s))))
    assert failure.reason == "WINDOW_INVALID"
    assert failure.field_violations[0].field == "window"
    stream = stub.WatchSnapshots(pb.WatchSnapshotsRequest(window=seconds(window_s)))
    assert (await refusal(first(stream))).reason == "WINDOW_INVALID"


@pytest.mark.parametrize("interval_s", [0.0, 0.09, 61.0])
async def test_an_interval_out_of_range_is_refused(stub: Any, interval_s: float):
    stream = stub.WatchSnapshots(pb.WatchSnapshotsRequest(interval=seconds(interval_s)))
    assert (await refusal(first(stream))).reason == "INTERVAL_INVALID"


async def test_a_page_token_of_another_list_is_refused(stub: Any, resilience: Any):
    page = await stub.ListSlos(pb.ListSlosRequest(page_size=1))
    for token in ("nonsense", page.next_page_token):
        failure = await refusal(resilience.ListBreakers(pb.ListBreakersRequest(page_token=token)))
        assert failure.reason == "PAGE_TOKEN_INVALID"
        assert failure.domain == "metrics.lucid"
    failure = await refusal(stub.ListSlos(pb.ListSlosRequest(page_token="nonsense")))
    assert failure.reason == "PAGE_TOKEN_INVALID"


async def test_a_negative_page_size_is_refused(stub: Any):
    failure = await refusal(stub.ListSlos(pb.ListSlosRequest(page_size=-1)))
    assert failure.code == grpc.StatusCode.INVALID_ARGUMENT
    assert failure.field_violations[0].field == "page_size"


async def test_one_watcher_too_many_is_refused_and_told_when_to_try_again(stub: Any):
    streams = [stub.WatchSnapshots(pb.WatchSnapshotsRequest()) for _ in range(2)]
    for stream in streams:
        await first(stream)
    failure = await refusal(first(stub.WatchSnapshots(pb.WatchSnapshotsRequest())))
    assert (failure.code, failure.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "TOO_MANY_WATCHERS",
    )
    assert failure.retry_after_s
    streams[0].cancel()
    async with asyncio.timeout(LIMIT_S):
        while True:  # the place is free once the server has seen the cancel
            try:
                await first(stub.WatchSnapshots(pb.WatchSnapshotsRequest()))
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.02)
            else:
                break


@pytest.mark.parametrize(
    "method", [name for name in METHODS if name.rpartition("/")[2] not in SERVED]
)
async def test_what_is_not_served_yet_says_so(served: Served, method: str):
    service, _, name = method.rpartition("/")
    described = pb.DESCRIPTOR.services_by_name[service.rpartition(".")[2]].methods_by_name[name]
    request = getattr(pb, described.input_type.name)()
    for field in described.input_type.fields:
        if field.name in {"name", "knob"}:
            setattr(request, field.name, "x/y")
    stub = getattr(pb_grpc, service.rpartition(".")[2] + "Stub")(served.channel)
    call = getattr(stub, name)(request)
    failure = await refusal(first(call) if described.server_streaming else call)
    assert (failure.code, failure.reason) == (grpc.StatusCode.UNIMPLEMENTED, "NOT_YET_SERVED")


async def test_a_service_may_report_and_a_stranger_may_not():
    async with metrics(caller="vendor") as served:
        stub = pb_grpc.MetricsServiceStub(served.channel)
        assert (await stub.ReportSamples(iter([report()]))).accepted == 1
        failure = await refusal(stub.GetSnapshot(pb.GetSnapshotRequest()))
        assert failure.code == grpc.StatusCode.PERMISSION_DENIED
    async with metrics(caller="stranger") as served:
        stub = pb_grpc.MetricsServiceStub(served.channel)
        failure = await refusal(stub.ReportSamples(iter([report()])))
        assert failure.code == grpc.StatusCode.PERMISSION_DENIED


def test_every_reason_is_used():
    names = set(error_reason_pb2.ErrorReason.keys()) - {"ERROR_REASON_UNSPECIFIED"}
    assert {f"ERROR_REASON_{entry.reason}" for entry in ERRORS.entries.values()} == names
