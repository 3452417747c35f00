from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_metrics.series.point import (
    LABEL_CHARACTERS_MAX,
    LABELS_MAX,
    NAME_CHARACTERS_MAX,
    SeriesKey,
    series_key,
)
from lucid_metrics.series.rollup import (
    BREAKERS_MAX,
    INSTANCES_MAX,
    REPORTERS_MAX,
    BreakerReport,
    Mesh,
    Report,
)

ReportOf = Callable[..., Report]
A = SeriesKey("a", ())


def total(mesh: Mesh, name: str = "validation") -> int:
    reporter = mesh.reporter(name)
    assert reporter is not None
    return reporter.counters().get(A, 0)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.one_of(st.integers(0, 5), st.just("restart"), st.just("repeat")),
        ),
        max_size=40,
    )
)
def test_a_total_is_what_all_processes_counted_in_all_their_lives(report_of: ReportOf, steps: list):
    """Three processes that count, restart under their old name, and send reports again."""
    mesh, value, counted, seen = Mesh(), [0, 0, 0], 0, 0
    for process, action in steps:
        if action == "restart":
            value[process] = 0
        elif action != "repeat":
            value[process] += action
            counted += action
        report = report_of(instance=str(process), counters={"a": value[process]})
        mesh.take(report, 0.0, 0.0)
        assert total(mesh) >= seen
        seen = total(mesh)
    if steps:
        assert seen <= counted
    if not any(action == "restart" for _, action in steps) and steps:
        assert seen == counted


def test_a_restarted_process_goes_on_where_it_was(report_of: ReportOf):
    mesh = Mesh()
    for instance, value in (("1", 5), ("1", 7), ("2", 1), ("2", 3)):
        mesh.take(report_of(instance=instance, counters={"a": value}), 0.0, 0.0)
    assert total(mesh) == 10
    mesh.take(report_of(instance="2", counters={"a": 1}), 0.0, 0.0)
    assert total(mesh) == 11


def test_histograms_go_on_over_a_restart(report_of: ReportOf):
    mesh = Mesh()
    for instance, counts in (("1", (1, 2, 0, 0)), ("2", (1, 0, 0, 0)), ("2", (0, 1, 0, 0))):
        mesh.take(report_of(instance=instance, methods={("m", "OK"): counts}), 0.0, 0.0)
    reporter = mesh.reporter("validation")
    assert reporter is not None
    (found,) = reporter.histograms().values()
    assert found.counts == (2, 3, 0, 0)


def test_processes_beyond_the_limit_keep_their_counts(report_of: ReportOf):
    mesh = Mesh()
    for number in range(INSTANCES_MAX + 5):
        mesh.take(report_of(instance=str(number), counters={"a": 1}, dropped=1), 0.0, 0.0)
    reporter = mesh.reporter("validation")
    assert reporter is not None
    assert len(reporter.instances) == INSTANCES_MAX
    assert total(mesh) == INSTANCES_MAX + 5
    assert mesh.dropped == INSTANCES_MAX + 5


def test_series_beyond_the_limit_are_refused_and_counted_and_known_ones_go_on(
    report_of: ReportOf,
):
    mesh = Mesh(series_max=3)
    first = mesh.take(report_of(counters={"a": 1, "b": 1, "c": 1, "d": 1}), 0.0, 0.0)
    assert (first.accepted, first.rejected) == (3, 1)
    second = mesh.take(report_of(counters={"a": 2, "e": 1}), 0.0, 0.0)
    assert (second.accepted, second.rejected) == (1, 1)
    assert total(mesh) == 2
    assert mesh.series == 3
    assert mesh.dropped == 2


def test_reporters_beyond_the_limit_are_refused_and_counted(report_of: ReportOf):
    mesh = Mesh()
    for number in range(REPORTERS_MAX + 1):
        taken = mesh.take(report_of(reporter=f"r{number}", counters={"a": 1}), 0.0, 0.0)
    assert taken.rejected == 1
    assert len(list(mesh.reporters)) == REPORTERS_MAX
    assert mesh.dropped == 1


def test_breakers_are_replaced_and_bounded(report_of: ReportOf):
    def breaker(name: str, state: str = "closed") -> BreakerReport:
        return BreakerReport(name, "validation", "cache", "read", state, 0, None)

    mesh = Mesh()
    mesh.take(report_of(breakers=(breaker("b0"),)), 0.0, 0.0)
    many = tuple(breaker(f"b{number}", "open") for number in range(BREAKERS_MAX + 1))
    mesh.take(report_of(breakers=many), 0.0, 0.0)
    reporter = mesh.reporter("validation")
    assert reporter is not None
    assert len(reporter.breakers) == BREAKERS_MAX
    assert reporter.breakers["b0"].state == "open"
    assert mesh.dropped == 1


def test_a_silent_reporter_is_stale(report_of: ReportOf):
    mesh = Mesh()
    mesh.take(report_of(), 100.0, 0.0)
    reporter = mesh.reporter("validation")
    assert reporter is not None
    assert not reporter.is_stale(110.0)
    assert reporter.is_stale(110.1)


@pytest.mark.parametrize(
    ("metric", "labels"),
    [
        ("", {}),
        ("m" * (NAME_CHARACTERS_MAX + 1), {}),
        ("m", {f"l{number}": "" for number in range(LABELS_MAX + 1)}),
        ("m", {"l": "x" * (LABEL_CHARACTERS_MAX + 1)}),
    ],
)
def test_a_name_above_the_limits_has_no_key(metric: str, labels: dict[str, str]):
    assert series_key(metric, labels) is None


def test_the_order_of_labels_does_not_matter():
    one, other = series_key("m", {"a": "1", "b": "2"}), series_key("m", {"b": "2", "a": "1"})
    assert one == other
    assert one is not None
    assert one.label("b") == "2"
    assert one.label("c") == ""


def test_histograms_of_processes_beyond_the_limit_are_kept_too(report_of: ReportOf):
    mesh = Mesh()
    for number in range(INSTANCES_MAX + 3):
        report = report_of(instance=str(number), methods={("m", "OK"): (1, 0, 0, 0)})
        mesh.take(report, 0.0, 0.0)
    reporter = mesh.reporter("validation")
    assert reporter is not None
    assert [found.total for found in reporter.histograms().values()] == [INSTANCES_MAX + 3]


def test_a_histogram_that_fell_twice_keeps_both_lives(report_of: ReportOf):
    mesh = Mesh()
    for counts in ((3, 0, 0, 0), (1, 0, 0, 0), (0, 2, 0, 0), (0, 0, 1, 0)):
        mesh.take(report_of(methods={("m", "OK"): counts}), 0.0, 0.0)
    reporter = mesh.reporter("validation")
    assert reporter is not None
    (found,) = reporter.histograms().values()
    assert found.counts == (4, 2, 1, 0)
