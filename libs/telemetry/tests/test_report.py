import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import protovalidate
from lucid.metrics.v1 import metrics_service_pb2 as pb
from lucid.metrics.v1 import metrics_service_pb2_grpc as pb_grpc
from lucid_runtime.addresses import Address
from lucid_telemetry import Telemetry, setup
from lucid_telemetry.report import ReportedBreaker, Reporter, requests_of
from lucid_testkit.faults import mute_server
from lucid_testkit.ports import free_address


class Receiver(pb_grpc.MetricsServiceServicer):  # type: ignore[misc]
    def __init__(self) -> None:
        self.requests: asyncio.Queue[Any] = asyncio.Queue()
        self.callers: list[Any] = []

    async def ReportSamples(self, request_iterator: Any, context: Any) -> Any:
        self.callers.append(dict(context.invocation_metadata()).get("x-lucid-caller"))
        async for request in request_iterator:
            await self.requests.put(request)
        return pb.ReportSamplesResponse()


@asynccontextmanager
async def receiving(address: Address) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    pb_grpc.add_MetricsServiceServicer_to_server(receiver, server)
    server.add_insecure_port(str(address))
    await server.start()
    try:
        yield receiver
    finally:
        await server.stop(None)


def telemetry_with_samples() -> Telemetry:
    telemetry = setup("vendor", {}, log=False, as_process=False)
    telemetry.instruments.observe("rpc.server.call.duration", 0.02, (("rpc.method", "a/B"),))
    telemetry.instruments.count("lucid.cache.lookups", 3, (("lucid.cache.result", "hit"),))
    telemetry.instruments.gauge("lucid.cache.size", 3)
    return telemetry


OPEN = ReportedBreaker("cache", "read", "open", 5, 1_700_000_000.0)


async def test_a_report_says_what_was_counted() -> None:
    address = free_address()
    async with receiving(address) as receiver:
        reporter = Reporter(
            telemetry_with_samples(), address, breakers=lambda: [OPEN], interval_s=0.01
        )
        reporter.start()
        request = await asyncio.wait_for(receiver.requests.get(), 10)
        await reporter.stop()
    assert receiver.callers[0] == "vendor"
    assert (request.reporter, len(request.instance)) == ("vendor", 36)
    (counter,) = request.counters
    assert (counter.metric, counter.value) == ("lucid.cache.lookups", 3)
    assert dict(counter.labels) == {"lucid.cache.result": "hit"}
    (histogram,) = request.histograms
    assert len(histogram.counts) == len(histogram.bounds_s) + 1
    assert sum(histogram.counts) == 1
    (breaker,) = request.breakers
    assert breaker.name == "breakers/vendor-cache-read"
    assert breaker.state == pb.BREAKER_STATE_OPEN
    assert breaker.opened_time.seconds == 1_700_000_000


async def test_while_nobody_listens_failures_are_counted_and_later_reports_say_it_all() -> None:
    address = free_address()
    telemetry = telemetry_with_samples()
    reporter = Reporter(telemetry, address, interval_s=0.01)
    reporter.start()

    def failures() -> float:
        name = "lucid.telemetry.reports.failed"
        return sum(one.value for one in telemetry.instruments.snapshot() if one.name == name)

    async with asyncio.timeout(10):
        while failures() < 1:  # noqa: ASYNC110  # the reporter has no event, and needs none
            await asyncio.sleep(0.01)
    async with receiving(address) as receiver:
        request = await asyncio.wait_for(receiver.requests.get(), 10)
        await reporter.stop()
    values = {counter.metric: counter.value for counter in request.counters}
    assert values["lucid.cache.lookups"] == 3
    assert values["lucid.telemetry.reports.failed"] >= 1


async def test_a_mute_receiver_does_not_hold_up_the_end() -> None:
    async with mute_server() as address:
        reporter = Reporter(telemetry_with_samples(), address, interval_s=0.01)
        reporter.start()
        await asyncio.sleep(0.1)
        await asyncio.wait_for(reporter.stop(), 1.0)


def test_many_series_are_split_into_valid_messages() -> None:
    telemetry = setup("vendor", {}, log=False, as_process=False)
    for number in range(1200):
        telemetry.instruments.count("c", 1, (("k", str(number)),))
    requests = list(requests_of(telemetry, telemetry.instruments.snapshot(), [OPEN]))
    assert [len(request.counters) for request in requests] == [500, 500, 200]
    assert [len(request.breakers) for request in requests] == [1, 0, 0]
    for request in requests:
        protovalidate.validate(request)
