from collections.abc import Callable

import pytest
from lucid_metrics.series.histogram import Histogram
from lucid_metrics.series.point import SeriesKey, series_key
from lucid_metrics.series.query import (
    WindowInvalid,
    breakers_of,
    cache_view,
    calls_by_method,
    is_server_fault,
    method_of,
    methods_of,
    note_history,
    require_window,
)
from lucid_metrics.series.rollup import METHODS_MAX, BreakerReport, Mesh, Report

ReportOf = Callable[..., Report]
M = "lucid.validation.v1.ValidationService/GetVerdict"


def take(mesh: Mesh, report: Report, now_s: float) -> None:
    mesh.take(report, now_s, now_s)
    reporter = mesh.reporter(report.reporter)
    assert reporter is not None
    note_history(reporter, now_s)


def test_one_report_gives_counts_but_no_rate(report_of: ReportOf):
    mesh = Mesh()
    take(mesh, report_of(methods={(M, "OK"): (3, 1, 0, 0), (M, "INTERNAL"): (1, 0, 0, 0)}), 10.0)
    reporter = mesh.reporter("validation")
    assert reporter is not None
    (view,) = methods_of(reporter, 11.0, 60.0)
    assert (view.calls, view.errors) == (5, 1)
    assert (view.rate_per_s, view.p50_s, view.p99_s) == (None, None, None)


def test_rates_and_quantiles_are_of_the_window(report_of: ReportOf):
    mesh = Mesh()
    for second in range(121):
        slow = max(second - 100, 0)
        take(mesh, report_of(methods={(M, "OK"): (second, 0, slow, 0)}), float(second))
    reporter = mesh.reporter("validation")
    assert reporter is not None
    (view,) = methods_of(reporter, 120.0, 10.0)
    assert view.rate_per_s == pytest.approx(2.0)
    assert view.p99_s == pytest.approx(0.982, abs=0.01)
    (view,) = methods_of(reporter, 120.0, 60.0)
    assert view.rate_per_s == pytest.approx(80 / 60)


def test_a_method_that_is_not_called_has_a_rate_of_zero_and_no_quantile(report_of: ReportOf):
    mesh = Mesh()
    for second in range(3):
        take(mesh, report_of(methods={(M, "OK"): (3, 0, 0, 0)}), float(second))
    reporter = mesh.reporter("validation")
    assert reporter is not None
    (view,) = methods_of(reporter, 2.0, 60.0)
    assert view.rate_per_s == 0.0
    assert view.p50_s is None


def test_the_rate_of_a_silent_service_is_unknown_not_zero(report_of: ReportOf):
    mesh = Mesh()
    for second in range(3):
        take(mesh, report_of(methods={(M, "OK"): (second, 0, 0, 0)}), float(second))
    reporter = mesh.reporter("validation")
    assert reporter is not None
    (view,) = methods_of(reporter, 100.0, 60.0)
    assert view.rate_per_s is None
    assert view.calls == 2


@pytest.mark.parametrize(
    ("labels", "is_fault"),
    [
        ({"rpc.response.status_code": "OK"}, False),
        ({"rpc.response.status_code": "INVALID_ARGUMENT"}, False),
        ({"rpc.response.status_code": "UNIMPLEMENTED"}, False),
        ({"rpc.response.status_code": "INTERNAL"}, True),
        ({"rpc.response.status_code": "UNAVAILABLE"}, True),
        ({"http.response.status_code": "404"}, False),
        ({"http.response.status_code": "501"}, False),
        ({"http.response.status_code": "503"}, True),
    ],
)
def test_faults_of_the_caller_are_not_the_servers(labels: dict[str, str], is_fault: bool):
    key = series_key("m", labels)
    assert key is not None
    assert is_server_fault(key) == is_fault


def test_http_routes_are_methods_too():
    key = SeriesKey(
        "http.server.request.duration",
        (("http.request.method", "GET"), ("http.route", "/v1/seeds")),
    )
    assert method_of(key) == "GET /v1/seeds"
    other = SeriesKey("lucid.validation.method.duration", ())
    assert method_of(other) is None
    durations = Histogram((1.0,), (1, 0), 0.5)
    report = Report("gateway", "1", {}, {key: durations, other: durations}, (), 0)
    mesh = Mesh()
    mesh.take(report, 0.0, 0.0)
    reporter = mesh.reporter("gateway")
    assert reporter is not None
    assert list(calls_by_method(reporter)) == ["GET /v1/seeds"]


def cache_report(**values: int) -> Report:
    counters = {
        SeriesKey("lucid.cache.lookups", (("lucid.cache.result", name),)): value
        for name, value in values.items()
        if name in {"hit", "miss"}
    } | {
        SeriesKey(f"lucid.cache.{name}", ()): value
        for name, value in values.items()
        if name not in {"hit", "miss"}
    }
    return Report("cache", "1", counters, {}, (), 0)


def test_the_cache_is_unknown_until_it_reports_its_look_ups(report_of: ReportOf):
    mesh = Mesh()
    assert cache_view(mesh) is None
    mesh.take(report_of(reporter="cache", counters={"other": 1}), 0.0, 0.0)
    assert cache_view(mesh) is None


def test_the_caches_report_is_what_it_said():
    mesh = Mesh()
    mesh.take(cache_report(hit=3, miss=1, coalesced_waits=2, evictions=5, saved=1500), 0.0, 123.0)
    view = cache_view(mesh)
    assert view is not None
    assert (view.hits, view.misses, view.hit_ratio) == (3, 1, 0.75)
    assert (view.coalesced_waits, view.evictions, view.saved_s) == (2, 5, 1.5)
    assert view.report_unix_s == 123.0


def test_a_cache_that_nobody_asked_has_no_ratio():
    mesh = Mesh()
    mesh.take(cache_report(hit=0, miss=0), 0.0, 0.0)
    view = cache_view(mesh)
    assert view is not None
    assert view.hit_ratio is None


def test_the_state_of_a_silent_owners_breaker_is_unknown(report_of: ReportOf):
    mesh = Mesh()
    breaker = BreakerReport("breakers/a", "validation", "cache", "read", "closed", 0, None)
    mesh.take(report_of(breakers=(breaker,)), 0.0, 0.0)
    assert breakers_of(mesh, 60.0)[0].state == "closed"
    assert breakers_of(mesh, 60.1)[0].state == ""


@pytest.mark.parametrize("window_s", [0.0, 0.99, 3601.0, float("nan")])
def test_a_window_out_of_range_is_refused(window_s: float):
    with pytest.raises(WindowInvalid):
        require_window(window_s)


def test_methods_beyond_the_limit_are_left_out(report_of: ReportOf):
    mesh = Mesh()
    methods = {(f"m{number:04}", "OK"): (1, 0, 0, 0) for number in range(METHODS_MAX + 1)}
    mesh.take(report_of(methods=methods), 0.0, 0.0)
    reporter = mesh.reporter("validation")
    assert reporter is not None
    assert len(calls_by_method(reporter)) == METHODS_MAX


def test_a_window_in_its_range_is_accepted():
    for window_s in (1.0, 60.0, 3600.0):
        require_window(window_s)
