"""Readout: matrices from counts, inversion, the nearest probabilities, and honest errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.noise.intervals import share_interval
from lucid_coherence.noise.readout import (
    LEVELS_MAX,
    OUTPUT_MAX,
    confusion_from_counts,
    correct,
    outcome_count,
)
from lucid_coherence.noise.violations import DataMalformed, DataTooLarge, NotIdentified
from scipy.stats import binomtest


def block(counts: list[int], levels: int = 2) -> object:
    return confusion_from_counts(counts, levels, field="readout.calibrations[0]")


GOOD = [980, 20, 50, 950]
OTHER = [900, 100, 30, 970]


def test_the_matrix_has_prepared_levels_in_columns() -> None:
    found = block(GOOD)
    np.testing.assert_allclose(found.matrix, [[0.98, 0.05], [0.02, 0.95]])
    np.testing.assert_allclose(found.matrix.sum(axis=0), 1)
    assert found.condition == pytest.approx(np.linalg.cond(found.matrix))


def test_entry_intervals_are_the_exact_ones_of_scipy() -> None:
    found = block([1000, 0, 50, 950])
    exact = binomtest(50, 1000).proportion_ci(method="exact")
    assert (found.low[0, 1], found.high[0, 1]) == pytest.approx((exact.low, exact.high))
    assert found.low[1, 0] == 0
    assert found.high[0, 0] == 1
    assert found.high[1, 0] == pytest.approx(binomtest(0, 1000).proportion_ci().high)


@given(share=st.floats(0.001, 0.999), trials=st.integers(1, 60))
@settings(deadline=None, max_examples=60)
def test_exact_intervals_cover_at_least_as_often_as_they_say(share: float, trials: int) -> None:
    """Summed over every possible count, so nothing is left to chance."""
    from scipy.stats import binom

    k = np.arange(trials + 1)
    low, high = share_interval(k, np.full(trials + 1, trials))
    inside = (low <= share) & (share <= high)
    assert binom.pmf(k[inside], trials, share).sum() >= 0.95 - 1e-9


def test_tensored_blocks_equal_the_written_out_matrix_with_the_first_block_slowest() -> None:
    blocks = [block(GOOD), block(OTHER)]
    counts = [400, 300, 200, 100, 10, 20, 30, 40]
    found = correct(blocks, counts)
    whole = np.kron(blocks[0].matrix, blocks[1].matrix)
    shares = np.array(counts).reshape(2, 4)
    shares = shares / shares.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.inverted, np.linalg.solve(whole, shares.T).T, atol=1e-14)
    full = confusion_from_counts(
        np.round(whole.T * 10**6).astype(int).ravel().tolist(), 4, field="x"
    )
    np.testing.assert_allclose(correct([full], counts).inverted, found.inverted, atol=1e-12)
    assert np.prod([b.condition for b in blocks]) == pytest.approx(np.linalg.cond(whole))


def test_expected_counts_give_the_true_probabilities_back() -> None:
    truth = np.array([0.5, 0.1, 0.15, 0.25])
    blocks = [block(GOOD), block(OTHER)]
    read = np.kron(blocks[0].matrix, blocks[1].matrix) @ truth
    found = correct(blocks, np.round(read * 10**9).astype(int).tolist())
    np.testing.assert_allclose(found.probabilities[0], truth, atol=1e-8)
    assert found.distances[0] < 1e-8


def test_errors_of_the_inverse_cover_measured_and_calibration_scatter() -> None:
    """1.96 standard errors hold the truth in 95 % of 400 experiments, for each outcome."""
    rng = np.random.default_rng(12)
    truth = np.array([0.4, 0.1, 0.2, 0.3])
    matrices = [np.array([[0.95, 0.1], [0.05, 0.9]]), np.array([[0.9, 0.2], [0.1, 0.8]])]
    read = np.kron(*matrices) @ truth
    pulls = []
    for _ in range(400):
        blocks = [
            block(np.concatenate([rng.multinomial(300, m[:, s]) for s in (0, 1)]).tolist())
            for m in matrices
        ]
        found = correct(blocks, rng.multinomial(500, read).tolist())
        pulls.append((found.inverted[0] - truth) / found.standard_errors[0])
    covered = (np.abs(pulls) <= 1.96).mean(axis=0)
    assert (covered >= 0.92).all()
    assert (covered <= 0.98).all()


def test_a_perfect_readout_leaves_the_error_of_the_shares() -> None:
    found = correct([block([10**9, 0, 0, 10**9])], [300, 700])
    exact = np.sqrt(0.3 * 0.7 / 1000)
    np.testing.assert_allclose(found.standard_errors, [[exact, exact]], rtol=1e-6)


def test_without_calibration_scatter_the_errors_would_be_too_small() -> None:
    few, many = block([19, 1, 2, 18]), block([190_000, 10_000, 20_000, 180_000])
    counts = [5000, 5000]
    assert (
        correct([few], counts).standard_errors[0, 0]
        > 5 * (correct([many], counts).standard_errors[0, 0])
    )


@given(st.lists(st.integers(0, 500), min_size=4, max_size=4).filter(any))
@settings(deadline=None, max_examples=60)
def test_the_result_is_the_nearest_probability_vector(counts: list[int]) -> None:
    found = correct([block(GOOD), block(OTHER)], counts)
    p, raw = found.probabilities[0], found.inverted[0]
    assert p.min() >= 0
    assert p.sum() == pytest.approx(1)
    assert found.distances[0] == pytest.approx(np.linalg.norm(p - raw), abs=1e-15)
    # The variational inequality of a projection on a convex set, at the corners of the simplex.
    assert ((raw - p) @ (np.eye(4) - p).T <= 1e-12).all()
    if raw.min() >= 0:
        np.testing.assert_allclose(p, raw, atol=1e-14)


def test_twelve_qubits_are_corrected_without_writing_the_matrix() -> None:
    blocks = [block(GOOD)] * 12
    counts = np.zeros(LEVELS_MAX, dtype=int)
    counts[[0, -1]] = 5000
    found = correct(blocks, counts.tolist())
    assert found.probabilities.sum() == pytest.approx(1)
    assert outcome_count(blocks) == LEVELS_MAX


@pytest.mark.parametrize("counts", [[500, 500, 500, 500], [0, 1000, 0, 10], [999_999, 1] * 2])
def test_levels_that_read_alike_are_refused(counts: list[int]) -> None:
    with pytest.raises(NotIdentified) as caught:
        block(counts)
    assert caught.value.metadata["cause"] == "readout_singular"


@pytest.mark.parametrize(
    ("counts", "check"),
    [
        ([1, 2, 3], "COUNT_LENGTH"),
        ([], "COUNT_LENGTH"),
        ([1, 2, 3, 4, 5, 6], "COUNT_LENGTH"),
        ([0, 0, 5, 5], "NO_SHOTS"),
        ([1, -2, 3, 4], "COUNT_RANGE"),
        ([1, 2**64 - 1, 3, 4], "COUNT_RANGE"),
    ],
)
def test_calibrations_that_cannot_be_read_are_refused(counts: list[int], check: str) -> None:
    with pytest.raises(DataMalformed) as caught:
        block(counts)
    assert caught.value.metadata["check"] == check
    assert caught.value.field == "readout.calibrations[0].counts"


@pytest.mark.parametrize(
    ("counts", "check"), [([1, 2, 3], "COUNT_LENGTH"), ([1, 1, 0, 0], "NO_SHOTS")]
)
def test_measured_counts_that_cannot_be_read_are_refused(counts: list[int], check: str) -> None:
    with pytest.raises(DataMalformed) as caught:
        correct([block(GOOD)], counts)
    assert caught.value.metadata["check"] == check
    assert caught.value.field == "readout.measured"


def test_systems_over_the_limits_are_refused() -> None:
    with pytest.raises(DataTooLarge) as caught:
        outcome_count([block(GOOD)] * 13)
    assert caught.value.metadata["limit"] == "outcomes_max"
    with pytest.raises(DataTooLarge) as caught:
        correct([block(GOOD)], [1] * (OUTPUT_MAX + 2))
    assert caught.value.metadata["limit"] == "measured_max"
    with pytest.raises(DataTooLarge) as caught:
        block([1] * 65 * 65, 65)
    assert caught.value.metadata["limit"] == "block_levels_max"
