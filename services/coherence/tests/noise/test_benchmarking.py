"""Randomised benchmarking: error per Clifford with an interval that covers."""

import numpy as np
import pytest
from lucid_coherence.noise.benchmarking import estimate_error_per_clifford
from lucid_coherence.noise.violations import DataMalformed, NotIdentified

LENGTHS = np.array([1, 2, 5, 10, 20, 50, 100, 200, 400])
DECAY = 0.99


def counts(rng: np.random.Generator, sequences: int, scatter: float = 0.0) -> tuple:
    lengths = np.repeat(LENGTHS, sequences)
    truth = 0.48 * DECAY**lengths + 0.5
    truth = np.clip(truth + scatter * rng.normal(size=len(lengths)), 0, 1)
    return lengths.tolist(), rng.binomial(200, truth).tolist()


@pytest.mark.parametrize("fixed", [None, 0.5])
def test_the_interval_covers_with_shots_as_the_only_scatter(fixed: float | None) -> None:
    """At least as often as it says: the threshold never falls below the one of the shots."""
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(300):
        lengths, successes = counts(rng, 5)
        found = estimate_error_per_clifford(
            lengths, successes, [200], dimension=2, fixed_offset=fixed
        )
        covered += found.error_low <= (1 - DECAY) / 2 <= found.error_high
    assert 0.92 <= covered / 300 <= 0.99


def test_sequences_that_differ_widen_the_interval_until_it_covers() -> None:
    rng = np.random.default_rng(4)
    covered, narrow, scales = 0, 0, []
    for _ in range(200):
        lengths, successes = counts(rng, 5, scatter=0.05)
        found = estimate_error_per_clifford(lengths, successes, [200], dimension=2)
        covered += found.decay_low <= DECAY <= found.decay_high
        scales.append(found.fit.scale)
        # What the interval would be without the factor, to first order.
        half = (found.decay_high - found.decay_low) / 2 / np.sqrt(found.fit.scale)
        narrow += abs(found.decay - DECAY) <= half
    assert covered / 200 >= 0.92
    assert np.mean(scales) > 3
    assert narrow / 200 < 0.9


def test_error_and_decay_belong_together() -> None:
    lengths = [1, 10, 50, 100, 200, 400]
    truth = 0.7 * 0.995 ** np.array(lengths) + 0.25
    found = estimate_error_per_clifford(
        lengths, np.round(truth * 10**6).astype(int).tolist(), [10**6], dimension=4
    )
    assert found.decay == pytest.approx(0.995, rel=1e-4)
    assert found.error == pytest.approx(0.005 * 3 / 4, rel=1e-3)
    assert found.error_low == pytest.approx((1 - found.decay_high) * 3 / 4)
    assert found.error_low < found.error < found.error_high


def test_a_tiny_error_keeps_its_digits() -> None:
    lengths = [0, 10**6, 2 * 10**6, 4 * 10**6, 8 * 10**6, 10**7]
    truth = 0.5 * np.exp(-np.array(lengths) * 3e-7) + 0.5
    found = estimate_error_per_clifford(
        lengths, np.round(truth * 10**8).astype(int).tolist(), [10**8], dimension=2
    )
    assert found.error == pytest.approx(1.5e-7, rel=1e-3)


def test_survival_that_does_not_decay_tells_no_error() -> None:
    with pytest.raises(NotIdentified) as caught:
        estimate_error_per_clifford([1, 2, 4, 8, 16], [100] * 5, [100], dimension=2)
    assert caught.value.metadata["cause"] == "no_decay_seen"
    assert caught.value.field == "randomized_benchmarking"


@pytest.mark.parametrize("dimension", [0, 1, 1025])
def test_dimensions_out_of_range_are_refused(dimension: int) -> None:
    with pytest.raises(DataMalformed) as caught:
        estimate_error_per_clifford([1, 2, 4, 8], [9, 8, 6, 5], [10], dimension=dimension)
    assert caught.value.metadata["check"] == "DIMENSION_RANGE"


def test_repeats_of_few_lengths_do_not_count_as_points() -> None:
    with pytest.raises(DataMalformed) as caught:
        estimate_error_per_clifford([1, 1, 5, 5, 9, 9], [9, 9, 7, 7, 6, 6], [10], dimension=2)
    assert caught.value.metadata == {"check": "POINT_COUNT", "actual": "3", "limit_value": "4"}
