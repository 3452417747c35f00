"""Counters, gauges and duration histograms as plain numbers.

Recording is a dictionary look-up and an addition: no lock, no allocation after the first call of
a series, no exporter. Readers (the OTLP exporter, the report to the metrics service) take a
snapshot from time to time. Values are cumulative since the start of the process.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from lucid_telemetry import semconv

Attributes = tuple[tuple[str, str], ...]
"""Sorted pairs of attribute name and value; a key, so it must be hashable."""

SERIES_MAX: Final = 2048
"""Series per process; further ones are counted and dropped, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One series at one moment.

    `kind` is `counter`, `gauge` or `histogram`. For a histogram `value` is the sum of the
    durations in seconds, `count` their number and `buckets` the count per bucket
    (`semconv.DURATION_BUCKETS_S` and one open bucket, so 15 numbers).
    """

    name: str
    kind: str
    attributes: Attributes
    value: float
    count: int = 0
    buckets: tuple[int, ...] = ()


class _Histogram:
    """Cumulative counts per bucket and the sum in seconds."""

    __slots__ = ("buckets", "total_s")

    def __init__(self) -> None:
        self.buckets = [0] * (len(semconv.DURATION_BUCKETS_S) + 1)
        self.total_s = 0.0

    def observe(self, seconds: float) -> None:
        self.buckets[bisect_left(semconv.DURATION_BUCKETS_S, seconds)] += 1
        self.total_s += seconds


class Instruments:
    """All the series of one process."""

    def __init__(self) -> None:
        self._counters: dict[tuple[str, Attributes], float] = {}
        self._gauges: dict[tuple[str, Attributes], float] = {}
        self._histograms: dict[tuple[str, Attributes], _Histogram] = {}
        self._sources: list[Callable[[], Iterable[Sample]]] = []
        self._lock = threading.Lock()
        self.series_dropped = 0

    def count(self, name: str, amount: float = 1, attributes: Attributes = ()) -> None:
        """Add to a counter. May be called from any thread."""
        key = (name, attributes)
        with self._lock:
            if key in self._counters or self._has_room():
                self._counters[key] = self._counters.get(key, 0) + amount

    def gauge(self, name: str, value: float, attributes: Attributes = ()) -> None:
        """Set a gauge. May be called from any thread."""
        key = (name, attributes)
        with self._lock:
            if key in self._gauges or self._has_room():
                self._gauges[key] = value

    def observe(self, name: str, seconds: float, attributes: Attributes = ()) -> None:
        """Record a duration in seconds. May be called from any thread."""
        key = (name, attributes)
        with self._lock:
            histogram = self._histograms.get(key)
            if histogram is None:
                if not self._has_room():
                    return
                histogram = self._histograms[key] = _Histogram()
            histogram.observe(seconds)

    def add_source(self, source: Callable[[], Iterable[Sample]]) -> None:
        """Ask `source` for more samples at each snapshot. It must be quick and must not raise."""
        self._sources.append(source)

    def remove_source(self, source: Callable[[], Iterable[Sample]]) -> None:
        """Stop asking a source."""
        if source in self._sources:
            self._sources.remove(source)

    def snapshot(self) -> list[Sample]:
        """Return every series as it stands."""
        with self._lock:
            samples = [
                Sample(name, "counter", attributes, value)
                for (name, attributes), value in self._counters.items()
            ]
            samples += [
                Sample(name, "gauge", attributes, value)
                for (name, attributes), value in self._gauges.items()
            ]
            samples += [
                Sample(
                    name,
                    "histogram",
                    attributes,
                    histogram.total_s,
                    sum(histogram.buckets),
                    tuple(histogram.buckets),
                )
                for (name, attributes), histogram in self._histograms.items()
            ]
        for source in list(self._sources):
            samples.extend(source())
        return samples

    def _has_room(self) -> bool:
        series = len(self._counters) + len(self._gauges) + len(self._histograms)
        if series < SERIES_MAX:
            return True
        self.series_dropped += 1
        return False
