"""Messages of the API to reports, and views to messages. Unknown numbers are -1 on the wire."""

from collections.abc import Iterable
from datetime import datetime

from google.protobuf import duration_pb2
from lucid.metrics.v1 import metrics_service_pb2 as pb

from lucid_metrics.series.histogram import histogram_of
from lucid_metrics.series.point import SeriesKey, series_key
from lucid_metrics.series.query import (
    WINDOW_DEFAULT_S,
    CacheView,
    MethodView,
    methods_of,
    require_window,
)
from lucid_metrics.series.rollup import BreakerReport, Mesh, Report, Reporter
from lucid_metrics.series.slo import Standing, Status
from lucid_metrics.watching import INTERVAL_DEFAULT_S, require_interval

UNKNOWN = -1.0

_STATES = {
    "closed": pb.BREAKER_STATE_CLOSED,
    "open": pb.BREAKER_STATE_OPEN,
    "half-open": pb.BREAKER_STATE_HALF_OPEN,
    "": pb.BREAKER_STATE_UNSPECIFIED,
}
_STATE_NAMES = {number: name for name, number in _STATES.items()}

_STATUSES = {
    Status.UNKNOWN: pb.SLO_STATUS_UNKNOWN,
    Status.MET: pb.SLO_STATUS_MET,
    Status.MISSED: pb.SLO_STATUS_MISSED,
}


def report_from_message(message: pb.ReportSamplesRequest) -> Report:
    """Return a report; series whose names break the limits are counted as refused.

    Raises:
        HistogramInvalid: The parts of a histogram do not fit together.
    """
    counters = [(series_key(one.metric, one.labels), max(one.value, 0)) for one in message.counters]
    histograms = [
        (
            series_key(one.metric, one.labels),
            histogram_of(one.metric, tuple(one.bounds_s), tuple(one.counts), one.sum_s),
        )
        for one in message.histograms
    ]
    keys = [key for key, _ in counters] + [key for key, _ in histograms]
    return Report(
        reporter=message.reporter,
        instance=message.instance,
        counters={key: value for key, value in counters if key is not None},
        histograms={key: value for key, value in histograms if key is not None},
        breakers=tuple(_breaker_from_message(message.reporter, one) for one in message.breakers),
        dropped=max(message.dropped, 0),
        refused=keys.count(None),
    )


def window_seconds(request: pb.GetSnapshotRequest | pb.WatchSnapshotsRequest) -> float:
    """Return the window of a request, s.

    Raises:
        WindowInvalid: It is out of its range.
    """
    window_s = seconds_of(request.window) if request.HasField("window") else WINDOW_DEFAULT_S
    require_window(window_s)
    return window_s


def interval_seconds(request: pb.WatchSnapshotsRequest) -> float:
    """Return the interval of a stream, s.

    Raises:
        IntervalInvalid: It is out of its range.
    """
    interval_s = seconds_of(request.interval) if request.HasField("interval") else None
    if interval_s is None:
        return INTERVAL_DEFAULT_S
    require_interval(interval_s)
    return interval_s


def snapshot_to_message(mesh: Mesh, now: datetime, now_s: float, window_s: float) -> pb.Snapshot:
    """Return all that is known at the time of day `now` and the monotonic time `now_s`."""
    message = pb.Snapshot(
        services=[_service_to_message(one, now_s, window_s) for one in mesh.reporters],
        series=mesh.series,
        dropped=mesh.dropped,
    )
    message.snapshot_time.FromDatetime(now)
    return message


def cache_to_message(view: CacheView | None) -> pb.CacheReport:
    """Return the cache's report; one that is not known says so and nothing else."""
    if view is None:
        return pb.CacheReport(is_known=False, hit_ratio=UNKNOWN)
    message = pb.CacheReport(
        is_known=True,
        hits=view.hits,
        misses=view.misses,
        hit_ratio=_or_unknown(view.hit_ratio),
        coalesced_waits=view.coalesced_waits,
        evictions=view.evictions,
        saved=duration_of(view.saved_s),
    )
    message.report_time.FromMicroseconds(round(view.report_unix_s * 1e6))
    return message


def slo_to_message(standing: Standing) -> pb.Slo:
    """Return a service level and how it stands."""
    objective = standing.objective
    message = pb.Slo(
        name=objective.name,
        description=objective.description,
        objective=objective.share,
        actual=_or_unknown(standing.actual),
        total_events=standing.total,
        status=_STATUSES[standing.status],
    )
    if objective.threshold_s is not None:
        message.threshold.CopyFrom(duration_of(objective.threshold_s))
    return message


def breaker_to_message(breaker: BreakerReport) -> pb.Breaker:
    """Return a breaker as it was reported."""
    message = pb.Breaker(
        name=breaker.name,
        owner=breaker.owner,
        peer=breaker.peer,
        method_class=breaker.method_class,
        state=_STATES[breaker.state],
        consecutive_failures=breaker.consecutive_failures,
    )
    if breaker.opened_at_s is not None:
        message.opened_time.FromMicroseconds(round(breaker.opened_at_s * 1e6))
    return message


def seconds_of(duration: duration_pb2.Duration) -> float:
    """Return a duration in seconds."""
    return duration.seconds + duration.nanos / 1e9


def duration_of(seconds: float) -> duration_pb2.Duration:
    """Return a duration of seconds >= 0, to the nanosecond."""
    duration = duration_pb2.Duration()
    duration.FromNanoseconds(round(seconds * 1e9))
    return duration


def _breaker_from_message(owner: str, message: pb.Breaker) -> BreakerReport:
    """Return a breaker; its owner is who reports it, and its name is made from its parts."""
    opened = message.opened_time
    peer, method_class = message.peer[:64], message.method_class[:64]
    return BreakerReport(
        name=f"breakers/{owner}-{peer}-{method_class}",
        owner=owner,
        peer=peer,
        method_class=method_class,
        state=_STATE_NAMES.get(message.state, ""),
        consecutive_failures=message.consecutive_failures,
        opened_at_s=seconds_of_time(opened.seconds, opened.nanos)
        if message.HasField("opened_time")
        else None,
    )


def seconds_of_time(seconds: int, nanos: int) -> float:
    """Return a timestamp as unix time, s."""
    return seconds + nanos / 1e9


def _service_to_message(reporter: Reporter, now_s: float, window_s: float) -> pb.ServiceSnapshot:
    message = pb.ServiceSnapshot(
        reporter=reporter.name,
        is_stale=reporter.is_stale(now_s),
        counters=_counters_to_messages(reporter.counters().items()),
        methods=[_method_to_message(one) for one in methods_of(reporter, now_s, window_s)],
    )
    message.last_report_time.FromMicroseconds(round(reporter.last_report_unix_s * 1e6))
    return message


def _counters_to_messages(counters: Iterable[tuple[SeriesKey, int]]) -> list[pb.Counter]:
    ordered = sorted(counters, key=lambda item: (item[0].metric, item[0].labels))
    return [
        pb.Counter(metric=key.metric, labels=dict(key.labels), value=value)
        for key, value in ordered
    ]


def _method_to_message(view: MethodView) -> pb.MethodSnapshot:
    return pb.MethodSnapshot(
        method=view.method,
        calls=view.calls,
        errors=view.errors,
        rate_per_s=_or_unknown(view.rate_per_s),
        p50_s=_or_unknown(view.p50_s),
        p99_s=_or_unknown(view.p99_s),
    )


def _or_unknown(value: float | None) -> float:
    return UNKNOWN if value is None else value
