"""Concurrence, formation and negativity against closed forms, rank-deficient states included.

Families and formulas: Wootters 1998, Vidal and Werner 2002; an X state with entries ρ14 and ρ23 has
C = 2 max(0, |ρ14| − √(ρ22 ρ33), |ρ23| − √(ρ11 ρ44)).
"""

import math

import numpy as np
import numpy.typing as npt
import pytest
from lucid_coherence.states.analysis import Measure, analyze
from lucid_coherence.states.batch import StateBatch, adjoint, hermitian_part
from lucid_coherence.states.entanglement import formation_bits
from lucid_coherence.states.physicality import Tolerances

Real = npt.NDArray[np.float64]
Matrices = npt.NDArray[np.complex128]
EXACT = 1e-14
"""The accuracy that is promised on these families."""


def _measure(matrices: Matrices, measure: Measure, dims: tuple[int, ...] = (2, 2)) -> Real:
    batch = StateBatch(dims, matrices.astype(np.complex128))
    ((_, found),) = analyze(batch, [measure], Tolerances()).measured
    assert (found.uncertainties > 0).all()
    return found.values


def _kets(first: Real, last: Real, places: tuple[int, int]) -> Matrices:
    kets = np.zeros((len(first), 4), dtype=np.complex128)
    kets[:, places[0]], kets[:, places[1]] = first, last
    return kets[:, :, None] * kets[:, None, :].conj()


def _x_states(weights: Real, second: Real, third: Real) -> Matrices:
    states = np.zeros((len(weights), 4, 4), dtype=np.complex128)
    for row, column in ((0, 0), (0, 3), (3, 0), (3, 3)):
        states[:, row, column] = weights / 2
    states[:, 1, 1], states[:, 2, 2] = second, third
    return states


def _families() -> dict[str, tuple[Matrices, Real]]:
    rng = np.random.default_rng(20)
    angles = np.concatenate([rng.uniform(0, np.pi / 4, 300), 10.0 ** rng.uniform(-9, -1, 300)])
    shares = rng.uniform(0, 1, 400)
    singlet = _kets(np.array([math.sqrt(0.5)]), np.array([-math.sqrt(0.5)]), (1, 2))
    turns = rng.uniform(0, np.pi / 2, 400)
    second = shares[:, None, None] * _kets(np.cos(turns), np.sin(turns), (1, 2))
    second[:, 0, 0] += 1 - shares
    large = rng.uniform(0.3, 1, 400)
    return {
        "pure": (_kets(np.cos(angles), np.sin(angles), (0, 3)), np.sin(2 * angles)),
        "Werner": (
            shares[:, None, None] * singlet + (1 - shares)[:, None, None] * np.eye(4) / 4,
            np.maximum(0, (3 * shares - 1) / 2),
        ),
        "rank 2": (second, shares * np.sin(2 * turns)),
        "rank 3 X": (_x_states(large, 1 - large, 0 * large), large),
    }


FAMILIES = _families()


@pytest.mark.parametrize("name", FAMILIES)
def test_concurrence_is_exact_also_where_rank_is_lost(name: str) -> None:
    states, expected = FAMILIES[name]
    assert np.abs(_measure(states, Measure.CONCURRENCE) - expected).max() <= EXACT


@pytest.mark.parametrize("name", FAMILIES)
def test_concurrence_stays_exact_in_turned_local_bases(name: str, random_unitaries) -> None:  # type: ignore[no-untyped-def]
    states, expected = FAMILIES[name]
    left, right = (random_unitaries(seed, len(states), 2) for seed in (1, 2))
    local = np.einsum("nij,nkl->nikjl", left, right).reshape(-1, 4, 4)
    turned = hermitian_part(local @ states @ adjoint(local))
    assert np.abs(_measure(turned, Measure.CONCURRENCE) - expected).max() <= EXACT


@pytest.mark.parametrize("exponents", [(-10, -6), (-14, -12), (-17, -15), (-30, -20)])
def test_x_states_keep_eigenvalues_far_below_the_rounding_of_the_largest(
    exponents: tuple[int, int],
) -> None:
    """No cut at a share of the largest eigenvalue could: it would be wrong by 2√(ρ22 ρ33)."""
    rng = np.random.default_rng(3)
    weights, tiny = rng.uniform(0.3, 0.9, 400), 10.0 ** rng.uniform(*exponents, 400)
    rest = 1 - weights - tiny
    states = _x_states(weights, rest, tiny)
    expected = np.maximum(0, weights - 2 * np.sqrt(rest * tiny))
    assert np.abs(_measure(states, Measure.CONCURRENCE) - expected).max() <= 1e-15


def test_the_uncertainty_covers_what_cannot_be_known_in_a_turned_basis(random_unitaries) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(4)
    weights, tiny = rng.uniform(0.3, 0.9, 400), 10.0 ** rng.uniform(-17, -15, 400)
    rest = 1 - weights - tiny
    states = _x_states(weights, rest, tiny)
    expected = np.maximum(0, weights - 2 * np.sqrt(rest * tiny))
    turn = random_unitaries(5, 400, 2)
    local = np.einsum("nij,nkl->nikjl", turn, turn.conj()).reshape(-1, 4, 4)
    batch = StateBatch((2, 2), hermitian_part(local @ states @ adjoint(local)))
    ((_, found),) = analyze(batch, [Measure.CONCURRENCE], Tolerances()).measured
    errors = np.abs(found.values - expected)
    assert errors.max() > 1e-9, "the family is not as hard as it should be"
    assert (errors <= found.uncertainties).all()


def test_concurrence_is_the_same_whether_or_not_the_partial_transpose_is_known(
    random_states,  # type: ignore[no-untyped-def]
) -> None:
    states = random_states(8, 2000, 4, 4)
    batch = StateBatch((2, 2), states)
    both = analyze(batch, [Measure.CONCURRENCE, Measure.NEGATIVITY], Tolerances()).measured
    alone = _measure(states, Measure.CONCURRENCE)
    np.testing.assert_array_equal(both[0][1].values, alone)
    assert ((both[1][1].values == 0) == (alone == 0)).all(), "2x2: PPT if and only if C = 0"
    assert 0 < (alone == 0).sum() < 2000


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 0.117618873810), (0.75, 0.498973022000), (1.0, 1.0), (1 / 3, 0.0)]
)
def test_formation_of_werner_states(share: float, expected: float) -> None:
    singlet = _kets(np.array([math.sqrt(0.5)]), np.array([-math.sqrt(0.5)]), (1, 2))
    states = share * singlet + (1 - share) * np.eye(4) / 4
    found = _measure(states, Measure.ENTANGLEMENT_OF_FORMATION)
    np.testing.assert_allclose(found, [expected], atol=1e-9)


def test_formation_of_a_pure_state_is_the_entropy_of_one_side() -> None:
    angles = np.linspace(0.01, np.pi / 4, 60)
    rare = np.sin(angles) ** 2
    expected = -(rare * np.log2(rare) + (1 - rare) * np.log2(1 - rare))
    states = _kets(np.cos(angles), np.sin(angles), (0, 3))
    found = _measure(states, Measure.ENTANGLEMENT_OF_FORMATION)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_formation_is_accurate_near_zero_and_near_one() -> None:
    """Near 0: C²/4 log2(4e/C²); near 1: 1 − (1 − C)/ln 2 to first order."""
    small = np.array([1e-12, 1e-8, 1e-5])
    expected = small**2 / 4 * np.log2(4 * math.e / small**2)
    np.testing.assert_allclose(formation_bits(small), expected, rtol=1e-9)
    gap = np.array([0.0, 1e-15, 1e-12, 1e-9])
    np.testing.assert_allclose(1 - formation_bits(1 - gap), gap / math.log(2), atol=5e-16)


@pytest.mark.parametrize(("dimension", "fidelity"), [(3, 0.8), (4, 0.6), (3, 0.2)])
def test_negativity_of_isotropic_states(dimension: int, fidelity: float) -> None:
    flat = np.eye(dimension).ravel() / math.sqrt(dimension)
    pure, size = np.outer(flat, flat), dimension**2
    states = (fidelity * pure + (1 - fidelity) * (np.eye(size) - pure) / (size - 1))[None]
    found = _measure(states, Measure.NEGATIVITY, (dimension, dimension))
    np.testing.assert_allclose(found, [max(0, (dimension * fidelity - 1) / 2)], atol=1e-14)
    in_bits = _measure(states, Measure.LOG_NEGATIVITY, (dimension, dimension))
    np.testing.assert_allclose(in_bits, np.log2(2 * found + 1), atol=1e-14)


@pytest.mark.parametrize(
    "measure",
    [Measure.CONCURRENCE, Measure.ENTANGLEMENT_OF_FORMATION, Measure.NEGATIVITY],
)
def test_local_channels_never_raise_entanglement(
    measure: Measure,
    random_states,  # type: ignore[no-untyped-def]
    random_unitaries,  # type: ignore[no-untyped-def]
) -> None:
    """Kraus operators on one side, cut from a random isometry, so that they sum to a channel."""
    for rank in (1, 2, 4):
        states = random_states(rank, 300, 4, rank)
        isometry = random_unitaries(rank, 300, 6)[:, :, :2].reshape(300, 3, 2, 2)
        after = np.zeros_like(states)
        for kraus in np.moveaxis(isometry, 1, 0):
            local = np.einsum("nij,kl->nikjl", kraus, np.eye(2)).reshape(-1, 4, 4)
            after += local @ states @ adjoint(local)
        before = _measure(states, measure)
        assert (_measure(hermitian_part(after), measure) <= before + 1e-12).all()
        assert before.max() > 0
