"""One picture from the reports of many processes, some of which have restarted.

Processes report counts since their own start. A total here never goes back: what an ended or
restarted process had counted is kept. Everything is bounded; what does not fit is counted.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lucid_metrics.series.histogram import Histogram
from lucid_metrics.series.point import SeriesKey
from lucid_metrics.series.retention import History

REPORTERS_MAX = 64
INSTANCES_MAX = 16
SERIES_MAX = 8192
METHODS_MAX = 512
BREAKERS_MAX = 1024
STALE_S = 10.0


@dataclass(frozen=True, slots=True)
class BreakerReport:
    """A breaker as its owner sees it."""

    name: str
    owner: str
    peer: str
    method_class: str
    state: str
    """closed, open, half-open; empty: unknown."""

    consecutive_failures: int
    opened_at_s: float | None
    """Unix time, s."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one process of a service says of itself, since its start."""

    reporter: str
    instance: str
    counters: dict[SeriesKey, int]
    histograms: dict[SeriesKey, Histogram]
    breakers: tuple[BreakerReport, ...]
    dropped: int
    """Samples that the process itself had to leave out."""

    refused: int = 0
    """Series that came with it and broke the limits of names."""


@dataclass(slots=True)
class Instance:
    """The newest values of one process."""

    counters: dict[SeriesKey, int] = field(default_factory=dict)
    histograms: dict[SeriesKey, Histogram] = field(default_factory=dict)
    dropped: int = 0


@dataclass(slots=True)
class Reporter:
    """A service: its processes, and the sum of those that ended."""

    name: str
    last_report_at_s: float
    """Monotonic time."""

    last_report_unix_s: float
    instances: OrderedDict[str, Instance] = field(default_factory=OrderedDict)
    ended: Instance = field(default_factory=Instance)
    breakers: dict[str, BreakerReport] = field(default_factory=dict)
    history_by_method: dict[str, History[Histogram]] = field(default_factory=dict)

    def is_stale(self, now_s: float) -> bool:
        """Whether it has been silent for more than `STALE_S` at the monotonic time `now_s`."""
        return now_s - self.last_report_at_s > STALE_S

    def counters(self) -> dict[SeriesKey, int]:
        """Return the totals of its counters over all processes."""
        totals: dict[SeriesKey, int] = dict(self.ended.counters)
        for instance in self.instances.values():
            for key, value in instance.counters.items():
                totals[key] = totals.get(key, 0) + value
        return totals

    def histograms(self) -> dict[SeriesKey, Histogram]:
        """Return the sums of its histograms over all processes."""
        totals: dict[SeriesKey, Histogram] = dict(self.ended.histograms)
        for instance in self.instances.values():
            for key, value in instance.histograms.items():
                totals[key] = totals[key].plus(value) if key in totals else value
        return totals


@dataclass(frozen=True, slots=True)
class Taken:
    """How many series of a report were taken, and how many there was no room for."""

    accepted: int
    rejected: int


class Mesh:
    """All reporters. Not safe for threads: one loop uses it."""

    def __init__(self, series_max: int = SERIES_MAX) -> None:
        self._series_max = series_max
        self._reporters: dict[str, Reporter] = {}
        self._series: set[tuple[str, SeriesKey]] = set()
        self.rejected = 0

    @property
    def reporters(self) -> Iterator[Reporter]:
        """The services that ever reported, by name."""
        return (self._reporters[name] for name in sorted(self._reporters))

    @property
    def series(self) -> int:
        """How many series are held."""
        return len(self._series)

    @property
    def dropped(self) -> int:
        """How many series and samples are missing from the picture, here and at the reporters."""
        parts = (
            part
            for reporter in self._reporters.values()
            for part in (reporter.ended, *reporter.instances.values())
        )
        return self.rejected + sum(part.dropped for part in parts)

    def reporter(self, name: str) -> Reporter | None:
        """Return one service; None if it never reported."""
        return self._reporters.get(name)

    def take(self, report: Report, now_s: float, now_unix_s: float) -> Taken:
        """Add a report that arrived at `now_s` (monotonic). The reporter's own clock is ignored.

        A series that is new and has no room is refused; those that are known are always taken.
        """
        wanted = len(report.counters) + len(report.histograms)
        reporter = self._reporter(report.reporter, now_s, now_unix_s)
        if reporter is None:
            self.rejected += wanted + report.refused
            return Taken(0, wanted + report.refused)
        reporter.last_report_at_s, reporter.last_report_unix_s = now_s, now_unix_s
        instance = self._instance(reporter, report.instance)
        instance.dropped = max(instance.dropped, report.dropped)
        accepted = 0
        for key, value in report.counters.items():
            if self._has_room(reporter, key):
                _replace_counter(reporter, instance, key, value)
                accepted += 1
        for key, histogram in report.histograms.items():
            if self._has_room(reporter, key):
                _replace_histogram(reporter, instance, key, histogram)
                accepted += 1
        self._take_breakers(reporter, report.breakers)
        rejected = wanted - accepted + report.refused
        self.rejected += rejected
        return Taken(accepted, rejected)

    def _reporter(self, name: str, now_s: float, now_unix_s: float) -> Reporter | None:
        reporter = self._reporters.get(name)
        if reporter is None and len(self._reporters) < REPORTERS_MAX:
            reporter = self._reporters[name] = Reporter(name, now_s, now_unix_s)
        return reporter

    def _instance(self, reporter: Reporter, name: str) -> Instance:
        """Return the process, now the newest; beyond the limit the most silent one has ended."""
        instance = reporter.instances.setdefault(name, Instance())
        reporter.instances.move_to_end(name)
        while len(reporter.instances) > INSTANCES_MAX:
            _, silent = reporter.instances.popitem(last=False)
            _add(reporter.ended, silent)
        return instance

    def _has_room(self, reporter: Reporter, key: SeriesKey) -> bool:
        place = (reporter.name, key)
        if place not in self._series and len(self._series) >= self._series_max:
            return False
        self._series.add(place)
        return True

    def _take_breakers(self, reporter: Reporter, breakers: tuple[BreakerReport, ...]) -> None:
        for breaker in breakers:
            if breaker.name in reporter.breakers or len(reporter.breakers) < BREAKERS_MAX:
                reporter.breakers[breaker.name] = breaker
            else:
                self.rejected += 1


def _replace_counter(reporter: Reporter, instance: Instance, key: SeriesKey, value: int) -> None:
    before = instance.counters.get(key, 0)
    if value < before:  # the process began anew under its old name
        ended = reporter.ended.counters
        ended[key] = ended.get(key, 0) + before
    instance.counters[key] = value


def _replace_histogram(
    reporter: Reporter, instance: Instance, key: SeriesKey, value: Histogram
) -> None:
    before = instance.histograms.get(key)
    if before is not None and not value.has_grown_from(before):
        ended = reporter.ended.histograms
        ended[key] = ended[key].plus(before) if key in ended else before
    instance.histograms[key] = value


def _add(total: Instance, part: Instance) -> None:
    for key, value in part.counters.items():
        total.counters[key] = total.counters.get(key, 0) + value
    for key, histogram in part.histograms.items():
        total.histograms[key] = (
            total.histograms[key].plus(histogram) if key in total.histograms else histogram
        )
    total.dropped += part.dropped
