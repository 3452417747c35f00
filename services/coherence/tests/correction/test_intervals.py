"""Intervals cover as often as they say, and the ways of stopping have the biases they should."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.correction.intervals import (
    per_round,
    unbiased_after_errors,
    upper_bound_without_errors,
    wilson,
)
from scipy import stats

# Timings belong in the benchmark: the first case of some tests builds a table.
UNHURRIED = settings(deadline=None)


@pytest.mark.parametrize(("errors", "shots"), [(0, 10), (3, 50), (17, 20), (20, 20)])
def test_wilson_agrees_with_scipy(errors: int, shots: int) -> None:
    expected = stats.binomtest(errors, shots).proportion_ci(0.95, method="wilson")
    found = wilson(errors, shots)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_covers_ninety_five_percent_on_average_over_rates() -> None:
    """Exact sums over the binomial law: the mean is near 0.95, and dips stay above 0.92."""
    shots = 200
    counts = np.arange(shots + 1)
    intervals = [wilson(int(k), shots) for k in counts]
    low, high = (np.array([getattr(i, end) for i in intervals]) for end in ("low", "high"))
    rates = np.linspace(0.02, 0.5, 97)
    covered = [stats.binom.pmf(counts, shots, p)[(low <= p) & (p <= high)].sum() for p in rates]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.005)
    assert min(covered) > 0.92


@UNHURRIED
@given(shots=st.integers(1, 10**9), confidence=st.floats(0.5, 0.999))
def test_without_errors_the_bound_is_the_rate_that_would_have_shown_one(
    shots: int, confidence: float
) -> None:
    bound = upper_bound_without_errors(shots, confidence)
    # (1 - bound)**shots = 1 - confidence, in logarithms; rounding of log1p stays below 1e-9.
    assert shots * math.log1p(-bound) == pytest.approx(math.log1p(-confidence), rel=1e-9)


def test_the_rule_of_three() -> None:
    assert upper_bound_without_errors(20_000) == pytest.approx(3 / 20_000, rel=2e-3)
    assert wilson(0, 20_000).low == 0


@pytest.mark.parametrize(("wanted", "bias"), [(10, 0.11), (100, 0.01)])
def test_stopping_at_errors_biases_the_plain_ratio_and_not_the_corrected_one(
    wanted: int, bias: float
) -> None:
    """Expectations over the negative binomial law, summed exactly."""
    p = 0.02
    # Up to 25 standard deviations beyond the mean: what is left out is below 1e-12.
    shots = np.arange(wanted, int(wanted / p + 25 * math.sqrt(wanted) / p))
    mass = stats.nbinom.pmf(shots - wanted, wanted, p)
    plain = float((mass * wanted / shots).sum())
    corrected = float(
        sum(
            m * (unbiased_after_errors(wanted, int(n)) or 0)
            for m, n in zip(mass, shots, strict=True)
        )
    )
    assert corrected == pytest.approx(p, rel=1e-9)
    assert plain / p - 1 == pytest.approx(bias, rel=0.03)


@pytest.mark.parametrize("wanted", [10, 100])
def test_wilson_still_covers_when_sampling_stops_at_errors(wanted: int) -> None:
    p = 0.02
    shots = np.arange(wanted, int(wanted / p + 25 * math.sqrt(wanted) / p))
    mass = stats.nbinom.pmf(shots - wanted, wanted, p)
    inside = [wilson(wanted, int(n)).low <= p <= wilson(wanted, int(n)).high for n in shots]
    assert mass[inside].sum() == pytest.approx(0.95, abs=0.015)


def test_one_error_has_no_unbiased_estimate() -> None:
    assert unbiased_after_errors(1, 1) is None


@UNHURRIED
@given(each=st.floats(1e-9, 0.2), rounds=st.integers(1, 40))
def test_rounds_compose_to_the_rate_of_a_shot(each: float, rounds: int) -> None:
    whole = (1 - (1 - 2 * each) ** rounds) / 2
    if whole < 0.499999:
        # (1 - 2 each)**rounds loses up to 1e-16 / (1 - 2 whole), relative to what is left.
        assert per_round(whole, rounds) == pytest.approx(each, rel=1e-5, abs=1e-12)


def test_no_rate_of_a_round_explains_a_coin() -> None:
    assert per_round(0.5, 3) is None


def test_stopping_at_a_width_biases_by_percents_and_nearly_keeps_the_coverage() -> None:
    """What the module says of a relative width of 0.5, with seeded draws."""
    rng = np.random.default_rng(11)
    p, block, runs = 0.01, 256, 600
    ratios, covered = [], 0
    for _ in range(runs):
        shots = errors = 0
        while True:
            shots, errors = shots + block, errors + int(rng.binomial(block, p))
            interval = wilson(errors, shots)
            if errors >= 10 and interval.high - interval.low <= 0.5 * errors / shots:
                break
        ratios.append(errors / shots / p)
        covered += interval.low <= p <= interval.high
    # 600 runs tell the mean within 0.5 % and the coverage within 0.9 %, one standard deviation.
    assert 0 < np.mean(ratios) - 1 < 0.04
    assert covered / runs > 0.91
