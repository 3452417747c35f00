"""The report: once a second, what a service has counted goes to the metrics service.

All values are cumulative since the start of the process, so a report that fails loses nothing: the
next one says it all, and there is nothing to buffer but the present. Nobody waits for a report;
failures are counted and otherwise ignored.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import grpc
from lucid_runtime.addresses import Address

from lucid_telemetry.instruments import Sample
from lucid_telemetry.semconv import DURATION_BUCKETS_S
from lucid_telemetry.setup import Telemetry

INTERVAL_S: Final = 1.0
TIMEOUT_S: Final = 0.8
SERIES_PER_MESSAGE: Final = 500
CALLER_KEY: Final = "x-lucid-caller"

FAILED: Final = "lucid.telemetry.reports.failed"


@dataclass(frozen=True, slots=True)
class ReportedBreaker:
    """A breaker as it is reported.

    `state` is `closed`, `open` or `half-open`; `opened_s` is the Unix time of the last opening in
    seconds, or None.
    """

    peer: str
    method_class: str
    state: str
    consecutive_failures: int
    opened_s: float | None


BreakerSource = Callable[[], Iterable[ReportedBreaker]]


class Reporter:
    """Reports the instruments of one telemetry to one metrics service."""

    def __init__(
        self,
        telemetry: Telemetry,
        address: Address,
        *,
        breakers: BreakerSource | None = None,
        interval_s: float = INTERVAL_S,
    ) -> None:
        self._telemetry = telemetry
        self._address = address
        self._breakers = breakers
        self._interval_s = interval_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to report in the background of the running loop."""
        self._task = asyncio.create_task(self._run(), name="report")

    async def stop(self) -> None:
        """Stop reporting, at once."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        # Imported here: the messages cost milliseconds that the start need not wait for.
        await asyncio.sleep(self._interval_s)
        from lucid.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub

        async with grpc.aio.insecure_channel(str(self._address)) as channel:
            stub = MetricsServiceStub(channel)
            while True:
                await self._report(stub)
                await asyncio.sleep(self._interval_s)

    async def _report(self, stub: Any) -> None:
        """Send one report; never raises but when cancelled."""
        breakers = tuple(self._breakers()) if self._breakers is not None else ()
        samples = self._telemetry.instruments.snapshot()
        identity = ((CALLER_KEY, self._telemetry.service_name),)
        try:
            requests = iter(tuple(requests_of(self._telemetry, samples, breakers)))
            await stub.ReportSamples(requests, timeout=TIMEOUT_S, metadata=identity)
        except Exception:  # noqa: BLE001  # a report must never end the reporting
            self._telemetry.instruments.count(FAILED)


def requests_of(
    telemetry: Telemetry, samples: Sequence[Sample], breakers: Sequence[ReportedBreaker] = ()
) -> Iterator[Any]:
    """Yield the messages of one report, each within the limits that the API declares.

    Gauges are left out: the API takes counts and durations.
    """
    from lucid.metrics.v1 import metrics_service_pb2 as pb

    counters = [sample for sample in samples if sample.kind == "counter"]
    histograms = [sample for sample in samples if sample.kind == "histogram"]
    most = max(len(counters), len(histograms), 1)
    for start in range(0, most, SERIES_PER_MESSAGE):
        part = slice(start, start + SERIES_PER_MESSAGE)
        request = pb.ReportSamplesRequest(
            reporter=telemetry.service_name,
            instance=telemetry.instance_id,
            counters=[
                pb.Counter(metric=one.name, labels=dict(one.attributes), value=int(one.value))
                for one in counters[part]
            ],
            histograms=[
                pb.DurationHistogram(
                    metric=one.name,
                    labels=dict(one.attributes),
                    bounds_s=DURATION_BUCKETS_S,
                    counts=one.buckets,
                    sum_s=one.value,
                )
                for one in histograms[part]
            ],
            dropped=telemetry.instruments.series_dropped,
        )
        request.sample_time.FromNanoseconds(time.time_ns())
        if start == 0:
            request.breakers.extend(_breaker(telemetry.service_name, one) for one in breakers)
        yield request


def _breaker(owner: str, reported: ReportedBreaker) -> Any:
    from lucid.metrics.v1 import metrics_service_pb2 as pb

    state = "BREAKER_STATE_" + reported.state.upper().replace("-", "_")
    message = pb.Breaker(
        name=f"breakers/{owner}-{reported.peer}-{reported.method_class}",
        owner=owner,
        peer=reported.peer,
        method_class=reported.method_class,
        state=state,
        consecutive_failures=reported.consecutive_failures,
    )
    if reported.opened_s is not None:
        message.opened_time.FromNanoseconds(round(reported.opened_s * 1e9))
    return message
