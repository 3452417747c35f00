"""Reports for tests."""

from collections.abc import Callable

import pytest
from lucid_metrics.series.histogram import Histogram
from lucid_metrics.series.point import SeriesKey, series_key
from lucid_metrics.series.rollup import BreakerReport, Report

BOUNDS = (0.01, 0.1, 1.0)


@pytest.fixture(scope="session")
def report_of() -> Callable[..., Report]:
    """Make a report from what a test cares about."""

    def make(
        reporter: str = "validation",
        instance: str = "1",
        counters: dict[str, int] | None = None,
        methods: dict[tuple[str, str], tuple[int, ...]] | None = None,
        breakers: tuple[BreakerReport, ...] = (),
        dropped: int = 0,
    ) -> Report:
        histograms = {
            _key(method, code): Histogram(BOUNDS, counts, 0.0)
            for (method, code), counts in (methods or {}).items()
        }
        keys = {SeriesKey(name, ()): value for name, value in (counters or {}).items()}
        return Report(reporter, instance, keys, histograms, breakers, dropped)

    return make


def _key(method: str, code: str) -> SeriesKey:
    key = series_key(
        "rpc.server.call.duration", {"rpc.method": method, "rpc.response.status_code": code}
    )
    assert key is not None
    return key
