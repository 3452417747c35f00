"""The OTLP exporter, on a thread of its own.

Nothing here is on the start-up or the serving path: ending a span appends to a bounded queue, and
the exporter is imported and connected by the thread, when there is something to send. A collector
that is away or never answers costs dropped spans, which are counted, and nothing else.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from lucid_telemetry import semconv
from lucid_telemetry.instruments import Instruments, Sample

QUEUE_SPANS_MAX: Final = 8192
BATCH_SPANS_MAX: Final = 512
EXPORT_TIMEOUT_S: Final = 2.0
METRICS_INTERVAL_S: Final = 10.0
NANOSECONDS: Final = 1_000_000_000

_LOG: Final = logging.getLogger(__name__)


class OtlpExport(SpanProcessor):
    """Queues ended spans and sends them, with the metrics, to an OTLP collector over gRPC."""

    def __init__(
        self, endpoint: str, resource: Resource, instruments: Instruments, *, interval_s: float
    ) -> None:
        self._endpoint = endpoint
        self._resource = resource
        self._instruments = instruments
        self._interval_s = interval_s
        self._queue: deque[ReadableSpan] = deque()
        self._wake = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._stopping = False
        self._exporters: list[Any] = []
        self._started_ns = time.time_ns()
        self._metrics_due_s = time.monotonic() + METRICS_INTERVAL_S
        self._thread = threading.Thread(target=self._run, name="otlp-export", daemon=True)
        self._thread.start()

    def on_end(self, span: ReadableSpan) -> None:
        """Queue one ended span, or count it as dropped when the queue is full."""
        if len(self._queue) >= QUEUE_SPANS_MAX:
            self._dropped(1)
            return
        self._idle.clear()
        self._queue.append(span)

    def force_flush(self, timeout_millis: int = 1000) -> bool:
        """Send what is queued; return whether the queue was empty within the time."""
        self._wake.set()
        return self._idle.wait(timeout_millis / 1000)

    def stop(self, timeout_s: float) -> None:
        """Send what can be sent within `timeout_s` seconds, then give up."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout_s)
        for exporter in self._exporters:
            exporter.shutdown(timeout_millis=0)
        self._dropped(len(self._queue))

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(self._interval_s)
            self._wake.clear()
            self._send_spans()
            if time.monotonic() >= self._metrics_due_s:
                self._metrics_due_s = time.monotonic() + METRICS_INTERVAL_S
                self._send_metrics()
        self._send_spans()
        self._send_metrics()

    def _send_spans(self) -> None:
        while self._queue:
            count = min(len(self._queue), BATCH_SPANS_MAX)
            batch = [self._queue.popleft() for _ in range(count)]
            if not self._export("trace", batch):
                self._dropped(count)
        self._idle.set()

    def _send_metrics(self) -> None:
        samples = self._instruments.snapshot()
        if samples:
            self._export("metric", samples)

    def _export(self, signal: str, items: Sequence[Any]) -> bool:
        """Send one batch; return whether the collector took it. Never raises."""
        try:
            exporters = self._connect()
            if signal == "trace":
                return bool(exporters[0].export(items).name == "SUCCESS")
            return bool(exporters[1].export(self._metrics_data(items)).name == "SUCCESS")
        except Exception as error:  # noqa: BLE001  # telemetry must never end its own thread
            _LOG.debug("export failed: %r", error)
            return False

    def _connect(self) -> list[Any]:
        if not self._exporters:
            from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

            insecure = not self._endpoint.startswith("https://")
            self._exporters = [
                exporter(endpoint=self._endpoint, insecure=insecure, timeout=EXPORT_TIMEOUT_S)
                for exporter in (OTLPSpanExporter, OTLPMetricExporter)
            ]
        return self._exporters

    def _metrics_data(self, samples: Sequence[Sample]) -> Any:
        from opentelemetry.sdk.metrics.export import (
            Metric,
            MetricsData,
            ResourceMetrics,
            ScopeMetrics,
        )
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope

        known = {metric.name: metric for metric in semconv.METRICS}
        by_name: dict[str, list[Sample]] = {}
        for sample in samples:
            by_name.setdefault(sample.name, []).append(sample)
        metrics = [
            Metric(
                name=name,
                description=known[name].description if name in known else "",
                unit=known[name].unit if name in known else "1",
                data=self._points(series),
            )
            for name, series in by_name.items()
        ]
        scope = ScopeMetrics(InstrumentationScope("lucid"), metrics, semconv.SCHEMA_URL)
        return MetricsData([ResourceMetrics(self._resource, [scope], semconv.SCHEMA_URL)])

    def _points(self, series: Sequence[Sample]) -> Any:
        from opentelemetry.sdk.metrics.export import (
            AggregationTemporality,
            Gauge,
            Histogram,
            HistogramDataPoint,
            NumberDataPoint,
            Sum,
        )

        now_ns = time.time_ns()
        if series[0].kind == "histogram":
            return Histogram(
                [
                    HistogramDataPoint(
                        attributes=dict(sample.attributes),
                        start_time_unix_nano=self._started_ns,
                        time_unix_nano=now_ns,
                        count=sample.count,
                        sum=sample.value,
                        bucket_counts=sample.buckets,
                        explicit_bounds=semconv.DURATION_BUCKETS_S,
                        min=float("inf"),
                        max=float("-inf"),
                    )
                    for sample in series
                ],
                AggregationTemporality.CUMULATIVE,
            )
        points = [
            NumberDataPoint(dict(sample.attributes), self._started_ns, now_ns, sample.value)
            for sample in series
        ]
        if series[0].kind == "gauge":
            return Gauge(points)
        return Sum(points, AggregationTemporality.CUMULATIVE, is_monotonic=True)

    def _dropped(self, count: int) -> None:
        if count:
            self._instruments.count("lucid.telemetry.spans.dropped", count)
