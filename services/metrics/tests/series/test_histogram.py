from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_metrics.series.histogram import Histogram, HistogramInvalid, histogram_of

BOUNDS = (0.005, 0.01, 0.1, 1.0)
counts = st.lists(st.integers(0, 50), min_size=5, max_size=5).map(tuple)


def histogram(values: tuple[int, ...]) -> Histogram:
    return histogram_of("m", BOUNDS, values, float(sum(values)))


@given(counts, counts)
def test_a_difference_undoes_a_sum(one: tuple[int, ...], other: tuple[int, ...]):
    together = histogram(one).plus(histogram(other))
    assert together.minus(histogram(other)) == histogram(one)
    assert together.has_grown_from(histogram(one))
    assert together.total == sum(one) + sum(other)


@given(counts, st.floats(0.01, 1), st.floats(0.01, 1))
def test_quantiles_rise_and_lie_in_the_bucket_of_their_rank(
    values: tuple[int, ...], one: float, other: float
):
    found = histogram(values)
    if not found.total:
        assert found.quantile_s(one) is None
        return
    low, high = sorted((one, other))
    low_s, high_s = found.quantile_s(low), found.quantile_s(high)
    assert low_s is not None
    assert high_s is not None
    assert low_s <= high_s
    place = place_of_rank(values, one * found.total)
    quantile_s = found.quantile_s(one)
    assert quantile_s is not None
    if place < len(BOUNDS):
        assert (BOUNDS[place - 1] if place else 0.0) <= quantile_s <= BOUNDS[place]
    else:
        assert quantile_s == BOUNDS[-1]


def place_of_rank(values: tuple[int, ...], rank: float) -> int:
    """The first bucket at whose end `rank` durations have been counted."""
    reached = accumulate(values)
    return next(
        place
        for place, (count, end) in enumerate(zip(values, reached, strict=True))
        if count and end >= rank
    )


@given(counts)
def test_what_is_within_a_bound_is_exact_and_between_bounds_it_is_certain(
    values: tuple[int, ...],
):
    found = histogram(values)
    for place, bound in enumerate(BOUNDS):
        assert found.within(bound) == sum(values[: place + 1])
    assert found.within(0.05) == sum(values[:2])
    assert found.within(0.001) == 0


def test_histograms_of_other_bounds_are_not_mixed():
    other = histogram_of("m", (1.0,), (1, 1), 1.0)
    one = histogram((1, 1, 1, 1, 1))
    assert one.plus(other) == one
    assert one.minus(other) == one
    assert not one.has_grown_from(other)


@pytest.mark.parametrize(
    ("bounds", "values", "sum_s"),
    [
        ((1.0,), (1,), 0.0),
        ((1.0, 1.0), (1, 1, 1), 0.0),
        ((2.0, 1.0), (1, 1, 1), 0.0),
        ((1.0,), (1, -1), 0.0),
        ((float("nan"),), (1, 1), 0.0),
        ((1.0,), (1, 1), float("inf")),
        ((1.0,), (1, 1), -1.0),
        ((), (), 0.0),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(bounds, values, sum_s):
    with pytest.raises(HistogramInvalid, match="m needs"):
        histogram_of("m", bounds, values, sum_s)
