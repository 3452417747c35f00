"""Zero-noise extrapolation: exact on its own models, honest about variance and about failure."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.noise.extrapolation import Extrapolation, extrapolate
from lucid_coherence.noise.violations import DataMalformed, NotIdentified

SCALES = [1.0, 1.5, 2.0, 3.0]
ERRORS = [0.01, 0.012, 0.015, 0.02]
LINEAR, POLYNOMIAL = Extrapolation.LINEAR, Extrapolation.POLYNOMIAL
RICHARDSON, EXPONENTIAL = Extrapolation.RICHARDSON, Extrapolation.EXPONENTIAL


@given(
    coefficients=st.lists(st.floats(-1, 1), min_size=1, max_size=4),
    offset=st.floats(0.1, 1),
    spacing=st.floats(0.3, 2),
)
@settings(deadline=None, max_examples=60)
def test_polynomials_are_continued_exactly(
    coefficients: list[float], offset: float, spacing: float
) -> None:
    scales = offset + spacing * np.arange(6)
    values = np.polynomial.polynomial.polyval(scales, coefficients)
    size = np.abs(values).max() + 1
    degree = max(1, len(coefficients) - 1)
    for method, order in ((POLYNOMIAL, degree), (RICHARDSON, 0)):
        found = extrapolate(scales.tolist(), values.tolist(), [], method, order=order)
        # Weights of Richardson's sum amplify the rounding of the values.
        rounding = 1e-13 * size * np.abs(found.coefficients).sum()
        assert abs(found.value - coefficients[0]) <= rounding


def test_richardson_weights_are_the_lagrange_ones() -> None:
    found = extrapolate([1, 2, 3], [0.8, 0.65, 0.52], [], RICHARDSON)
    np.testing.assert_allclose(found.coefficients, [3, -3, 1], rtol=1e-12)
    assert found.value == pytest.approx(3 * 0.8 - 3 * 0.65 + 0.52)
    assert found.variance_amplification == pytest.approx(19)
    assert found.standard_error is None
    assert found.low is None
    assert "none can be stated" in found.statistics


def test_the_weighted_line_is_the_one_of_numpy() -> None:
    values = [0.81, 0.74, 0.67, 0.55]
    found = extrapolate(SCALES, values, ERRORS, LINEAR)
    peer, covariance = np.polyfit(SCALES, values, 1, w=1 / np.array(ERRORS), cov="unscaled")
    assert found.value == pytest.approx(peer[1])
    assert found.standard_error == pytest.approx(np.sqrt(covariance[1, 1]))
    assert found.variance_amplification == pytest.approx(covariance[1, 1] / ERRORS[0] ** 2)
    assert found.degrees == 2


def test_the_order_of_the_data_does_not_matter_and_weights_follow_it() -> None:
    values = [0.81, 0.74, 0.67, 0.55]
    turned = [2, 0, 3, 1]
    one = extrapolate(SCALES, values, ERRORS, LINEAR)
    two = extrapolate(*([column[i] for i in turned] for column in (SCALES, values, ERRORS)), LINEAR)
    assert two.value == pytest.approx(one.value, rel=1e-13)
    assert two.variance_amplification == pytest.approx(one.variance_amplification)
    np.testing.assert_allclose(two.coefficients, one.coefficients[turned], rtol=1e-11)
    assert one.coefficients @ values == pytest.approx(one.value)


@pytest.mark.parametrize(
    ("method", "options", "truth"),
    [
        (LINEAR, {}, lambda x: 0.9 - 0.1 * x),
        (POLYNOMIAL, {"order": 2}, lambda x: 0.9 - 0.1 * x + 0.01 * x**2),
        (RICHARDSON, {}, lambda x: 0.9 - 0.1 * x + 0.01 * x**2 - 0.001 * x**3),
        (EXPONENTIAL, {"asymptote": 0.0}, lambda x: 0.9 * np.exp(-0.4 * x)),
        (EXPONENTIAL, {}, lambda x: 0.1 + 0.8 * np.exp(-0.6 * x)),
    ],
)
def test_intervals_from_given_errors_cover(method: Extrapolation, options: Any, truth: Any) -> None:
    """95 % of 400 experiments, give or take 3 standard errors of 1.1 %."""
    rng = np.random.default_rng(6)
    scales = np.array([1.0, 1.5, 2.0, 3.0, 5.0])[: 4 if method is RICHARDSON else 5]
    errors = 0.003 * np.sqrt(scales)
    covered = 0
    for _ in range(400):
        values = truth(scales) + errors * rng.normal(size=len(scales))
        found = extrapolate(scales.tolist(), values.tolist(), errors.tolist(), method, **options)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth(0.0) <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def test_intervals_from_residuals_cover_with_student() -> None:
    rng = np.random.default_rng(8)
    scales = np.array([1.0, 1.5, 2.0, 2.5, 3.0])
    covered, naive = 0, 0
    for _ in range(400):
        values = 0.9 - 0.1 * scales + 0.01 * rng.normal(size=5)
        found = extrapolate(scales.tolist(), values.tolist(), [], LINEAR)
        assert found.low is not None
        assert found.high is not None
        assert found.standard_error is not None
        covered += found.low <= 0.9 <= found.high
        naive += abs(found.value - 0.9) <= 1.96 * found.standard_error
    assert 0.92 <= covered / 400 <= 0.98
    # Why not the normal quantile: three degrees of freedom do not know their scatter that well.
    assert naive / 400 < 0.92


def test_values_that_fit_too_well_tell_no_error() -> None:
    found = extrapolate([1, 2, 3], [0.8, 0.7, 0.6], [], LINEAR)
    assert found.value == pytest.approx(0.9)
    assert found.standard_error is None
    assert "larger than rounding" in found.statistics


def test_a_higher_order_costs_variance() -> None:
    values = [0.81, 0.74, 0.67, 0.55]
    costs = [
        extrapolate(SCALES, values, ERRORS, POLYNOMIAL, order=n).variance_amplification
        for n in (1, 2, 3)
    ]
    assert costs == sorted(costs)
    assert costs[2] > 10 * costs[0]


def test_a_wrong_model_shows_in_its_chance() -> None:
    curved = [np.exp(-x) for x in SCALES]
    found = extrapolate(SCALES, curved, [1e-3] * 4, LINEAR)
    assert found.chance is not None
    assert found.chance < 1e-6
    right = extrapolate(SCALES, curved, [1e-3] * 4, EXPONENTIAL, asymptote=0.0)
    assert right.chance == pytest.approx(1, abs=1e-6)
    assert right.value == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("values", "options", "cause"),
    [
        ([0.5, 0.5, 0.5, 0.5], {}, "rate_too_slow"),
        ([0.8, 0.75, 0.7, 0.6], {}, "rate_too_slow"),
        ([0.5, 0.6, 0.7, 0.9], {"asymptote": 0.0}, "rate_too_slow"),
        ([0.9, 0.1, 0.1, 0.1], {}, "rate_too_fast"),
    ],
)
def test_an_exponential_that_is_not_seen_is_refused(
    values: list[float], options: Any, cause: str
) -> None:
    with pytest.raises(NotIdentified) as caught:
        extrapolate(SCALES, values, ERRORS, EXPONENTIAL, **options)
    assert caught.value.metadata["cause"] == cause


def test_scales_too_close_for_the_order_are_a_singular_fit() -> None:
    scales = (1 + 1e-5 * np.arange(8)).tolist()
    with pytest.raises(NotIdentified) as caught:
        extrapolate(scales, [0.5] * 8, [], RICHARDSON)
    assert caught.value.metadata["cause"] == "singular_fit"
    assert caught.value.field == "scales"


@pytest.mark.parametrize(
    ("scales", "values", "errors", "check"),
    [
        ([1, 2, 2], [1, 2, 3], [], "DUPLICATE_SCALE"),
        ([1, 2], [1, 2, 3], [], "SAME_LENGTH"),
        ([1, 2], [1, 2], [0.1], "SAME_LENGTH"),
        ([1], [1], [], "POINT_COUNT"),
        ([], [], [], "POINT_COUNT"),
        ([0, 1], [1, 2], [], "NUMBER_RANGE"),
        ([1, np.nan], [1, 2], [], "NUMBER_RANGE"),
        ([1, 2], [1, np.inf], [], "NUMBER_RANGE"),
        ([1, 2], [1, 2], [0.1, 0], "NUMBER_RANGE"),
        ([1, 2], [1, 2], [0.1, -1], "NUMBER_RANGE"),
        (range(1, 102), range(101), [], "SAME_LENGTH"),
    ],
)
def test_data_that_contradict_themselves_are_refused(
    scales: Any, values: Any, errors: Any, check: str
) -> None:
    with pytest.raises(DataMalformed) as caught:
        extrapolate(scales, values, errors, LINEAR)
    assert caught.value.metadata["check"] == check


@pytest.mark.parametrize(
    ("method", "options"),
    [(POLYNOMIAL, {"order": 4}), (EXPONENTIAL, {}), (POLYNOMIAL, {"order": 0})],
)
def test_too_few_points_for_the_method_are_refused(method: Extrapolation, options: Any) -> None:
    with pytest.raises(DataMalformed):
        extrapolate([1, 2], [1, 0.5], [], method, **options)


@given(st.data())
@settings(deadline=None, max_examples=80)
def test_any_data_give_finite_numbers_or_a_reason(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 7))
    scales = data.draw(st.lists(st.floats(1e-6, 1e6), min_size=size, max_size=size, unique=True))
    values = data.draw(st.lists(st.floats(-1e9, 1e9), min_size=size, max_size=size))
    errors = data.draw(
        st.one_of(st.just([]), st.lists(st.floats(1e-15, 1e9), min_size=size, max_size=size))
    )
    method = data.draw(st.sampled_from(Extrapolation))
    try:
        found = extrapolate(scales, values, errors, method, order=2)
    except (NotIdentified, DataMalformed):
        return
    assert np.isfinite([found.value, found.variance_amplification]).all()
    assert found.standard_error is None or np.isfinite(found.standard_error)
