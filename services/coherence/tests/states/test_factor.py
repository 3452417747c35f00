"""Factors W with W W† = ρ: exact rank, entry by entry accuracy, no side effect."""

import numpy as np
import pytest
from lucid_coherence.states.batch import adjoint
from lucid_coherence.states.factor import batch_first, factor, ranks, root_shift


@pytest.mark.parametrize("dimension", [2, 3, 4, 8, 16])
def test_the_product_is_the_state_and_the_rank_is_exact(random_states, dimension: int) -> None:  # type: ignore[no-untyped-def]
    for rank in range(1, dimension + 1, max(1, dimension // 4)):
        states = random_states(dimension * 100 + rank, 50, dimension, rank)
        factors = batch_first(factor(states))
        assert np.abs(factors @ adjoint(factors) - states).max() < 4e-16 * dimension
        assert (ranks(factors) == rank).all()


def test_tiny_entries_beside_large_ones_keep_their_relative_accuracy() -> None:
    entries = np.array([1.0, 1e-9, 1e-17, 1e-40])
    factors = batch_first(factor(np.diag(entries).astype(complex)[None]))
    found = (np.abs(factors[0]) ** 2).sum(axis=-1)
    np.testing.assert_allclose(found, entries, rtol=1e-15)


def test_negative_pivots_count_as_zero_and_the_input_stays() -> None:
    states = np.diag([1.0 + 1e-10, -1e-10]).astype(complex)[None]
    before = states.copy()
    factors = batch_first(factor(states))
    assert ranks(factors).tolist() == [1]
    np.testing.assert_array_equal(states, before)


def test_blocks_of_a_large_batch_are_joined_in_order(random_states) -> None:  # type: ignore[no-untyped-def]
    states = random_states(3, 5000, 4, 4)
    factors = batch_first(factor(states))
    assert np.abs(factors @ adjoint(factors) - states).max() < 2e-15


def test_a_shift_is_a_square_root_only_near_a_loss_of_rank() -> None:
    shifts = root_shift(np.array([0.25, 0.0]), 1e-16)
    np.testing.assert_allclose(shifts, [2e-16, 1e-8])
