"""Fidelity, trace distance and Bures: closed forms, rank-deficient states, and the laws."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from lucid_coherence.states.batch import StateBatch, adjoint, hermitian_part
from lucid_coherence.states.comparison import Comparison, compare
from lucid_coherence.states.physicality import Tolerances
from lucid_coherence.states.violations import BatchMalformed, StateUnphysical

Matrices = npt.NDArray[np.complex128]


def _compare(left: Matrices, right: Matrices) -> Comparison:
    dims = (left.shape[-1],)
    return compare(StateBatch(dims, left), StateBatch(dims, right), Tolerances())


@pytest.mark.parametrize("rank", [1, 2, 3, 5])
def test_a_state_is_itself_whatever_its_rank(rank: int, random_states) -> None:  # type: ignore[no-untyped-def]
    states = random_states(rank, 100, 5, rank)
    found = _compare(states, states)
    assert np.abs(found.fidelities - 1).max() < 1e-14
    assert found.bures_distances.max() < 1e-14, "not the square root of rounding, 1e-8"
    assert found.bures_angles.max() < 1e-14
    assert found.trace_distances.max() == 0


def test_fidelity_of_rank_deficient_states_is_exact(random_unitaries) -> None:  # type: ignore[no-untyped-def]
    """Commuting states in a common random basis: F = (Σ √(p q))²."""
    rng = np.random.default_rng(1)
    basis = random_unitaries(2, 200, 4)
    first, second = rng.dirichlet(np.ones(4), (2, 200))
    first[:, 2:] = 0
    second[:, 1:3] = 0
    first, second = (p / p.sum(axis=-1, keepdims=True) for p in (first, second))
    left, right = (
        hermitian_part((basis * p[:, None, :]) @ adjoint(basis)) for p in (first, second)
    )
    found = _compare(left, right)
    expected = np.sqrt(first * second).sum(axis=-1) ** 2
    assert np.abs(found.fidelities - expected).max() < 1e-14, "building the states rounds as much"
    np.testing.assert_allclose(
        found.trace_distances, 0.5 * np.abs(first - second).sum(axis=-1), atol=1e-14
    )


def test_fidelity_of_pure_states_is_the_squared_overlap(random_unitaries) -> None:  # type: ignore[no-untyped-def]
    first, second = (random_unitaries(seed, 100, 6)[:, :, 0] for seed in (1, 2))
    states = [kets[:, :, None] * kets[:, None, :].conj() for kets in (first, second)]
    expected = np.abs(np.einsum("ni,ni->n", first.conj(), second)) ** 2
    found = _compare(*states)
    np.testing.assert_allclose(found.fidelities, expected, atol=1e-15)
    np.testing.assert_allclose(found.trace_distances, np.sqrt(1 - expected), atol=1e-13)


def test_qubit_fidelity_has_a_second_closed_form(random_states) -> None:  # type: ignore[no-untyped-def]
    """F = Tr ρσ + 2 √(det ρ det σ)."""
    left, right = random_states(1, 200, 2, 2), random_states(2, 200, 2, 2)
    overlap = np.einsum("nij,nji->n", left, right).real
    expected = overlap + 2 * np.sqrt(np.linalg.det(left).real * np.linalg.det(right).real)
    np.testing.assert_allclose(_compare(left, right).fidelities, expected, atol=5e-15)


def test_close_states_have_a_bures_distance_to_first_order() -> None:
    """F is 1 to 12 digits and more; diag(p, 1 − p) moved by h is h/(2√(p(1 − p))) away."""
    for step in (1e-6, 1e-9, 1e-12):
        left = np.diag([0.3, 0.7]).astype(complex)[None]
        right = np.diag([0.3 + step, 0.7 - step]).astype(complex)[None]
        expected = 0.5 * step / math.sqrt(0.3 * 0.7)
        assert _compare(left, right).bures_distances[0] == pytest.approx(expected, rel=1e-3)


def test_orthogonal_states_are_as_far_as_can_be() -> None:
    left = np.diag([0.5, 0.5, 0, 0]).astype(complex)[None]
    right = np.diag([0, 0, 0.2, 0.8]).astype(complex)[None]
    found = _compare(left, right)
    assert found.fidelities[0] == 0
    assert found.trace_distances[0] == pytest.approx(1, abs=1e-15)
    assert found.bures_distances[0] == pytest.approx(math.sqrt(2))
    assert found.bures_angles[0] == pytest.approx(math.pi / 2)


@pytest.mark.parametrize("ranks", [(1, 1), (1, 4), (2, 3), (4, 4)])
def test_the_laws_of_fidelity(ranks: tuple[int, int], random_states, random_unitaries) -> None:  # type: ignore[no-untyped-def]
    left, right = (
        random_states(seed, 100, 4, rank) for seed, rank in zip((3, 4), ranks, strict=True)
    )
    found, swapped = _compare(left, right), _compare(right, left)
    np.testing.assert_allclose(found.fidelities, swapped.fidelities, atol=2e-15)
    root = np.sqrt(found.fidelities)
    assert (1 - root <= found.trace_distances + 1e-14).all(), "Fuchs and van de Graaf"
    assert (found.trace_distances <= np.sqrt(1 - found.fidelities) + 1e-13).all()
    np.testing.assert_allclose(found.bures_distances, np.sqrt(2 - 2 * root), atol=1e-13)
    np.testing.assert_allclose(np.cos(found.bures_angles), root, atol=1e-14)
    unitary = random_unitaries(5, 100, 4)
    turned = (hermitian_part(unitary @ states @ adjoint(unitary)) for states in (left, right))
    again = _compare(*turned)
    np.testing.assert_allclose(again.fidelities, found.fidelities, atol=5e-15)
    np.testing.assert_allclose(again.trace_distances, found.trace_distances, atol=1e-14)


def test_losing_a_subsystem_brings_states_closer(random_states) -> None:  # type: ignore[no-untyped-def]
    left, right = random_states(6, 100, 6, 3), random_states(7, 100, 6, 6)
    whole = _compare(left, right)
    parts = _compare(*(np.einsum("nikjk->nij", s.reshape(100, 2, 3, 2, 3)) for s in (left, right)))
    assert (parts.fidelities >= whole.fidelities - 1e-13).all()
    assert (parts.trace_distances <= whole.trace_distances + 1e-13).all()


def test_one_reference_is_compared_with_all(random_states) -> None:  # type: ignore[no-untyped-def]
    many, one = random_states(8, 10, 3, 2), random_states(9, 1, 3, 3)
    against = _compare(many, one)
    repeated = _compare(many, np.repeat(one, 10, axis=0))
    for name in ("fidelities", "trace_distances", "bures_distances", "fidelity_uncertainties"):
        np.testing.assert_allclose(getattr(against, name), getattr(repeated, name), atol=1e-15)
        assert getattr(_compare(one, many), name).shape == (10,)


def test_what_cannot_be_compared_is_refused(random_states) -> None:  # type: ignore[no-untyped-def]
    three, four = random_states(1, 3, 4, 2), random_states(1, 4, 4, 2)
    with pytest.raises(BatchMalformed) as refused:
        _compare(three, four)
    assert refused.value.metadata == {"check": "COUNTS_MATCH", "expected": "3", "actual": "4"}
    with pytest.raises(BatchMalformed) as refused:
        compare(StateBatch((4,), three), StateBatch((2, 2), three), Tolerances())
    assert refused.value.metadata["check"] == "DIMS_EQUAL"
    with pytest.raises(StateUnphysical) as unphysical:
        _compare(three, 2 * three)
    assert unphysical.value.field == "right"


def test_the_uncertainty_tells_where_fidelity_is_ill_conditioned(random_states) -> None:  # type: ignore[no-untyped-def]
    full, pure = random_states(1, 5, 3, 3), random_states(2, 5, 3, 1)
    assert (_compare(full, full).fidelity_uncertainties < 1e-12).all()
    assert (_compare(full, pure).fidelity_uncertainties > 1e-9).all()
