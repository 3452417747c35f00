from hypothesis import given
from hypothesis import strategies as st
from lucid_metrics.series.retention import STEPS, History

MOST = sum(round(step.span_s / step.every_s) + 2 for step in STEPS)


@given(st.lists(st.floats(0.01, 400), min_size=1, max_size=400))
def test_a_history_is_bounded_and_knows_the_past_to_a_grain(pauses: list[float]):
    history, times = History[int](), []
    now = 0.0
    for number, pause in enumerate(pauses):
        now += pause
        times.append(now)
        history.add(now, number)
    assert len(history) <= MOST
    for step in STEPS:
        wanted = now - step.span_s + step.every_s
        found = history.at(wanted)
        assert found is not None
        known = [at for at in times if at <= wanted and at >= now - step.span_s]
        if known:
            assert found.at_s <= wanted
            assert found.at_s >= known[0]


def test_an_hour_of_seconds_is_kept_within_the_bound_and_reaches_back():
    history = History[int]()
    for second in range(2 * 3600):
        history.add(float(second), second)
    assert len(history) <= MOST
    for ago in (1, 30, 60):
        found = history.at(7199.0 - ago)
        assert found is not None
        assert found.value == 7199 - ago
    for ago, grain in ((600, 10), (3600, 60)):
        found = history.at(7199.0 - ago)
        assert found is not None
        assert 0 <= 7199 - ago - found.value <= grain


def test_without_a_reading_nothing_is_known():
    assert History[int]().at(1.0) is None
    assert History[int]().newest() is None
