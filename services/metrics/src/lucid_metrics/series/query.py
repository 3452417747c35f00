"""What the totals mean: calls, errors, rates and quantiles of each method, and the cache's report.

`None` is *unknown*: there is no data to say it from.
"""

from dataclasses import dataclass, replace

from lucid_metrics.series.histogram import Histogram
from lucid_metrics.series.point import SeriesKey
from lucid_metrics.series.retention import History
from lucid_metrics.series.rollup import METHODS_MAX, BreakerReport, Mesh, Reporter

RPC_DURATION = "rpc.server.call.duration"
HTTP_DURATION = "http.server.request.duration"

WINDOW_DEFAULT_S = 60.0
WINDOW_MIN_S = 1.0
WINDOW_MAX_S = 3600.0

SERVER_FAULTS = frozenset({"UNKNOWN", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"})
"""Codes on the server's account. UNIMPLEMENTED is an answer: the method is not served yet."""

BREAKER_STALE_S = 60.0


class WindowInvalid(Exception):
    """The window is not between 1 s and 1 h."""

    def __init__(self, window_s: float) -> None:
        super().__init__(f"The window is {window_s:g} s; it must be between 1 s and 1 h.")
        self.window_s = window_s


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one method since the start, and those that failed by the server's fault."""

    durations: Histogram
    errors: int


@dataclass(frozen=True, slots=True)
class MethodView:
    """What is known of one method."""

    method: str
    calls: int
    errors: int
    rate_per_s: float | None
    p50_s: float | None
    p99_s: float | None


@dataclass(frozen=True, slots=True)
class CacheView:
    """The cache's counters as it reported them."""

    hits: int
    misses: int
    hit_ratio: float | None
    coalesced_waits: int
    evictions: int
    saved_s: float
    report_unix_s: float


def require_window(window_s: float) -> None:
    """Refuse a window out of its range.

    Raises:
        WindowInvalid: It is.
    """
    if not WINDOW_MIN_S <= window_s <= WINDOW_MAX_S:
        raise WindowInvalid(window_s)


def calls_by_method(reporter: Reporter) -> dict[str, Calls]:
    """Return the calls of each method that the service served, by RPC and by HTTP route."""
    calls: dict[str, Calls] = {}
    for key, histogram in sorted(reporter.histograms().items(), key=lambda item: item[0].labels):
        method = method_of(key)
        if method is None or (method not in calls and len(calls) >= METHODS_MAX):
            continue
        errors = histogram.total if is_server_fault(key) else 0
        known = calls.get(method)
        calls[method] = (
            Calls(histogram, errors)
            if known is None
            else Calls(known.durations.plus(histogram), known.errors + errors)
        )
    return calls


def method_of(key: SeriesKey) -> str | None:
    """Return the method that a series of durations is about; None for other series."""
    if key.metric == RPC_DURATION:
        return key.label("rpc.method") or None
    if key.metric == HTTP_DURATION:
        route = key.label("http.route")
        return f"{key.label('http.request.method')} {route}".strip() if route else None
    return None


def is_server_fault(key: SeriesKey) -> bool:
    """Whether the calls of a series failed on the server's account."""
    http = key.label("http.response.status_code")
    return key.label("rpc.response.status_code") in SERVER_FAULTS or (
        http.startswith("5") and http != "501"
    )


def note_history(reporter: Reporter, now_s: float) -> None:
    """Note the totals of each method, from which later rates are taken."""
    for method, calls in calls_by_method(reporter).items():
        history = reporter.history_by_method.setdefault(method, History())
        history.add(now_s, calls.durations)


def methods_of(reporter: Reporter, now_s: float, window_s: float) -> list[MethodView]:
    """Return what is known of each method, rates and quantiles over the last `window_s`."""
    return [
        _view(reporter, method, calls, now_s, window_s)
        for method, calls in sorted(calls_by_method(reporter).items())
    ]


def cache_view(mesh: Mesh) -> CacheView | None:
    """Return the cache's counters; None when the cache never reported any look-up series."""
    reporter = mesh.reporter("cache")
    if reporter is None:
        return None
    counters = reporter.counters()
    by_result = {
        key.label("lucid.cache.result"): value
        for key, value in counters.items()
        if key.metric == "lucid.cache.lookups"
    }
    if not by_result:
        return None
    total = {key.metric: value for key, value in counters.items() if not key.labels}
    hits, misses = by_result.get("hit", 0), by_result.get("miss", 0)
    return CacheView(
        hits=hits,
        misses=misses,
        hit_ratio=hits / (hits + misses) if hits + misses else None,
        coalesced_waits=total.get("lucid.cache.coalesced_waits", 0),
        evictions=total.get("lucid.cache.evictions", 0),
        saved_s=total.get("lucid.cache.saved", 0) / 1000,
        report_unix_s=reporter.last_report_unix_s,
    )


def breakers_of(mesh: Mesh, now_s: float) -> list[BreakerReport]:
    """Return all breakers by name; the state of one whose owner fell silent is unknown."""
    found = [
        (
            breaker
            if now_s - reporter.last_report_at_s <= BREAKER_STALE_S
            else replace(breaker, state="")
        )
        for reporter in mesh.reporters
        for breaker in reporter.breakers.values()
    ]
    return sorted(found, key=lambda breaker: breaker.name)


def _view(
    reporter: Reporter, method: str, calls: Calls, now_s: float, window_s: float
) -> MethodView:
    history = reporter.history_by_method.get(method)
    newest = history.newest() if history else None
    oldest = history.at(now_s - window_s) if history else None
    rate, recent = None, None
    if newest and oldest and newest.at_s > oldest.at_s and now_s - newest.at_s <= window_s:
        recent = newest.value.minus(oldest.value)
        rate = recent.total / (newest.at_s - oldest.at_s)
    return MethodView(
        method=method,
        calls=calls.durations.total,
        errors=calls.errors,
        rate_per_s=rate,
        p50_s=recent.quantile_s(0.5) if recent else None,
        p99_s=recent.quantile_s(0.99) if recent else None,
    )
