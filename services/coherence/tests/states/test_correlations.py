"""Schmidt coefficients, mutual information, Rényi entropies, and the states of the sides."""

import math

import numpy as np
import pytest
from lucid_coherence.states.analysis import Measure, analyze
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.cuts import check_cut, partial_transpose, sides
from lucid_coherence.states.measures import renyi_entropy
from lucid_coherence.states.physicality import Tolerances
from lucid_coherence.states.violations import MeasureUndefined, RenyiOrderInvalid

W_KET = np.zeros(8)
W_KET[[1, 2, 4]] = 1 / math.sqrt(3)


def _projector(ket: object) -> np.ndarray:
    vector = np.asarray(ket, dtype=np.complex128)
    return np.outer(vector, vector.conj())[None]


def test_schmidt_coefficients_of_a_known_state_over_two_cuts() -> None:
    batch = StateBatch((2, 2, 2), _projector(W_KET))
    for cut in ([0], [1, 2], [1]):
        ((_, found),) = analyze(batch, [Measure.SCHMIDT_COEFFICIENTS], Tolerances(), cut).measured
        assert found.coefficients is not None
        np.testing.assert_allclose(
            found.coefficients, [[math.sqrt(2 / 3), math.sqrt(1 / 3)]], atol=1e-15
        )
        assert found.values[0] == pytest.approx(9 / 5, abs=1e-14)


def test_schmidt_coefficients_have_unit_squares_and_local_unitaries_change_nothing(
    random_unitaries,  # type: ignore[no-untyped-def]
) -> None:
    kets = random_unitaries(1, 50, 6)[:, :, 0]
    states = kets[:, :, None] * kets[:, None, :].conj()
    local = np.einsum(
        "nij,nkl->nikjl", random_unitaries(2, 50, 2), random_unitaries(3, 50, 3)
    ).reshape(50, 6, 6)
    turned = np.einsum("nij,nj->ni", local, kets)
    found = [
        analyze(StateBatch((2, 3), matrices), [Measure.SCHMIDT_COEFFICIENTS], Tolerances())
        .measured[0][1]
        .coefficients
        for matrices in (states, turned[:, :, None] * turned[:, None, :].conj())
    ]
    assert found[0] is not None
    assert found[1] is not None
    np.testing.assert_allclose((found[0] ** 2).sum(axis=-1), 1, atol=1e-14)
    np.testing.assert_allclose(found[0], found[1], atol=1e-14)
    expected = np.linalg.svd(kets.reshape(50, 2, 3), compute_uv=False)
    np.testing.assert_allclose(found[0], expected, atol=1e-14)


def test_mixed_states_have_no_schmidt_coefficients_and_their_purity_is_told() -> None:
    matrices = np.stack([np.diag([1.0, 0, 0, 0]), np.eye(4) / 4]).astype(complex)
    with pytest.raises(MeasureUndefined) as refused:
        analyze(StateBatch((2, 2), matrices), [Measure.SCHMIDT_COEFFICIENTS], Tolerances())
    assert refused.value.metadata["index"] == "1"
    assert refused.value.metadata["purity"] == "0.25"


def test_mutual_information_of_bell_classical_and_product_states() -> None:
    bell = np.zeros((4, 4))
    bell[np.ix_([0, 3], [0, 3])] = 0.5
    matrices = np.stack([bell, np.diag([0.5, 0, 0, 0.5]), np.diag([0.42, 0.28, 0.18, 0.12])])
    batch = StateBatch((2, 2), matrices.astype(complex))
    ((_, found),) = analyze(batch, [Measure.MUTUAL_INFORMATION], Tolerances()).measured
    np.testing.assert_allclose(found.values, [2, 1, 0], atol=1e-14)
    np.testing.assert_allclose(found.normalised, [1, 0.5, 0], atol=1e-14)
    assert found.basis == "cut {0} | {1}"


def test_sides_of_a_product_are_its_factors_whatever_the_order(random_states) -> None:  # type: ignore[no-untyped-def]
    first, second, third = (random_states(d, 4, d, d) for d in (2, 3, 2))
    whole = np.einsum("nij,nkl,npq->nikpjlq", first, second, third).reshape(4, 12, 12)
    inside, outside = sides(whole, check_cut((2, 3, 2), [1]))
    np.testing.assert_allclose(inside, second, atol=1e-15)
    np.testing.assert_allclose(
        outside, np.einsum("nij,npq->nipjq", first, third).reshape(4, 4, 4), atol=1e-15
    )


def test_transposing_both_sides_is_transposing_the_whole(random_states) -> None:  # type: ignore[no-untyped-def]
    states = random_states(9, 3, 12, 12)
    once = partial_transpose(states, check_cut((2, 3, 2), [0, 2]))
    twice = partial_transpose(once, check_cut((2, 3, 2), [1]))
    np.testing.assert_array_equal(twice, np.swapaxes(states, -1, -2))


SPECTRUM = np.array([[0.0, 0.125, 0.375, 0.5]])


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (0.0, math.log2(3)),
        (0.5, 2 * math.log2(math.sqrt(0.125) + math.sqrt(0.375) + math.sqrt(0.5))),
        (1.0, 0.375 + 0.375 * math.log2(8 / 3) + 0.5),
        (2.0, -math.log2(0.125**2 + 0.375**2 + 0.25)),
        (300.0, -(300 * math.log2(0.5)) / 299),
        (1e308, 1.0),
        (math.inf, 1.0),
    ],
)
def test_renyi_entropies_and_their_limits(order: float, expected: float) -> None:
    found = renyi_entropy(SPECTRUM, order)
    assert found.values[0] == pytest.approx(expected, abs=1e-13)
    assert abs(found.values[0] - expected) <= found.uncertainties[0] + 1e-15


def test_renyi_entropy_goes_through_order_one_smoothly() -> None:
    """S_α − S_1 = −(α − 1) V/(2 ln 2) + ..., V the variance of −ln λ: no jump, no cancellation."""
    middle = renyi_entropy(SPECTRUM, 1.0).values[0]
    for step in (1e-12, 1e-9, 1e-6):
        beside = [renyi_entropy(SPECTRUM, 1.0 + sign * step).values[0] for sign in (-1, 1)]
        assert max(abs(value - middle) for value in beside) < 2 * step + 1e-14


def test_renyi_entropy_falls_with_the_order(random_states) -> None:  # type: ignore[no-untyped-def]
    spectra = np.linalg.eigvalsh(random_states(11, 100, 5, 5))
    orders = [0.0, 0.3, 0.9, 1.0, 1.2, 1.6, 2.0, 7.0, 1e6, math.inf]
    values = np.array([renyi_entropy(spectra, order).values for order in orders])
    assert (np.diff(values, axis=0) <= 1e-12).all()


def test_below_order_one_noise_in_the_place_of_lost_rank_counts_as_zero(random_states) -> None:  # type: ignore[no-untyped-def]
    """0.1 powers of 1e-17 would add 0.02 each; the rank would be d."""
    spectra = np.linalg.eigvalsh(random_states(12, 50, 6, 2))
    exact = np.sort(spectra, axis=-1)[:, -2:]
    padded = np.concatenate([np.zeros((50, 4)), exact], axis=-1)
    for order in (0.0, 0.1, 0.5):
        found = renyi_entropy(spectra, order)
        np.testing.assert_allclose(found.values, renyi_entropy(padded, order).values, atol=1e-12)
        assert "count as 0" in found.note
    assert (renyi_entropy(spectra, 0.0).values == 1.0).all()


def test_an_eigenvalue_at_the_cut_makes_the_rank_uncertain() -> None:
    doubtful = np.array([[0.0, 1e-15, 0.5, 0.5]])
    assert renyi_entropy(doubtful, 0.0).uncertainties[0] > 0.5
    assert renyi_entropy(SPECTRUM, 0.0).uncertainties[0] == 0


@pytest.mark.parametrize("order", [None, -0.5, math.nan])
def test_without_a_valid_order_there_is_no_renyi_entropy(order: float | None) -> None:
    with pytest.raises(RenyiOrderInvalid):
        renyi_entropy(SPECTRUM, order)
