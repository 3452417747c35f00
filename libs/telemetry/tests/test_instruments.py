from hypothesis import given
from hypothesis import strategies as st
from lucid_telemetry import instruments, semconv
from lucid_telemetry.instruments import Instruments, Sample

A = (("rpc.method", "a"),)


def test_counters_add_and_gauges_replace() -> None:
    kept = Instruments()
    kept.count("c", 2, A)
    kept.count("c", 3, A)
    kept.gauge("g", 2.0)
    kept.gauge("g", 1.5)
    assert kept.snapshot() == [Sample("c", "counter", A, 5), Sample("g", "gauge", (), 1.5)]


@given(st.lists(st.floats(0, 100), max_size=50))
def test_every_duration_is_in_exactly_one_bucket(durations: list[float]) -> None:
    kept = Instruments()
    for duration in durations:
        kept.observe("h", duration)
    if not durations:
        assert kept.snapshot() == []
        return
    (sample,) = kept.snapshot()
    assert sample.count == sum(sample.buckets) == len(durations)
    assert abs(sample.value - sum(durations)) < 1e-6
    at_most_one_s = semconv.DURATION_BUCKETS_S.index(1.0) + 1
    assert sum(sample.buckets[:at_most_one_s]) == sum(one <= 1.0 for one in durations)


def test_series_are_bounded_and_the_rest_is_counted() -> None:
    kept = Instruments()
    for number in range(instruments.SERIES_MAX + 10):
        kept.observe("h", 0.1, (("k", str(number)),))
        kept.count("c", 1, (("k", str(number)),))
    assert len(kept.snapshot()) == instruments.SERIES_MAX
    assert kept.series_dropped > 0


def test_sources_are_asked_at_each_snapshot() -> None:
    kept = Instruments()
    states = [Sample("s", "gauge", (), 1.0)]

    def source() -> list[Sample]:
        return states

    kept.add_source(source)
    assert kept.snapshot() == states
    kept.remove_source(source)
    assert kept.snapshot() == []
