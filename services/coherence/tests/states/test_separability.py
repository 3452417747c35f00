"""Tests of separability prove something or say that they do not."""

import numpy as np
import pytest
from lucid_coherence.states.analysis import Measure, analyze
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.measured import Measured, Separability
from lucid_coherence.states.physicality import Tolerances

SINGLET = np.zeros((4, 4))
SINGLET[1:3, 1:3] = [[0.5, -0.5], [-0.5, 0.5]]


def _tested(matrix: object, measure: Measure, dims: tuple[int, ...] = (2, 2)) -> Measured:
    batch = StateBatch(dims, np.asarray(matrix, dtype=np.complex128)[None])
    ((_, found),) = analyze(batch, [measure], Tolerances()).measured
    return found


def _conclusion(found: Measured) -> Separability:
    assert found.conclusions is not None
    return Separability(found.conclusions[0])


def _werner(share: float) -> object:
    return share * SINGLET + (1 - share) * np.eye(4) / 4


def _horodecki(a: float) -> object:
    """The 3x3 states of Horodecki 1997: positive partial transpose, and entangled."""
    matrix = a * np.eye(9)
    for row in (0, 4, 8):
        for column in (0, 4, 8):
            matrix[row, column] = a
    matrix[6, 6] = matrix[8, 8] = (1 + a) / 2
    matrix[6, 8] = matrix[8, 6] = np.sqrt(1 - a * a) / 2
    return matrix / (8 * a + 1)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.33, Separability.SEPARABLE),
        (1 / 3, Separability.INCONCLUSIVE),
        (0.34, Separability.ENTANGLED),
    ],
)
def test_werner_states_are_decided_on_both_sides_of_a_third(
    share: float, expected: Separability
) -> None:
    found = _tested(_werner(share), Measure.PPT)
    assert found.values[0] == pytest.approx((1 - 3 * share) / 4, abs=1e-15)
    assert _conclusion(found) is expected


def test_a_pure_product_lies_on_the_boundary_and_is_left_open() -> None:
    assert _conclusion(_tested(np.diag([1, 0, 0, 0]), Measure.PPT)) is Separability.INCONCLUSIVE


def test_a_positive_partial_transpose_proves_nothing_beyond_2x3() -> None:
    for dims in ((3, 3), (2, 4)):
        size = dims[0] * dims[1]
        found = _tested(np.eye(size) / size, Measure.PPT, dims)
        assert _conclusion(found) is Separability.INCONCLUSIVE
        assert "nothing beyond" in found.note
    assert _conclusion(_tested(np.eye(6) / 6, Measure.PPT, (2, 3))) is Separability.SEPARABLE


@pytest.mark.parametrize(("a", "norm"), [(0.2, 1.003031), (0.5, 1.002327)])
def test_realignment_sees_bound_entanglement(a: float, norm: float) -> None:
    hidden = _tested(_horodecki(a), Measure.PPT, (3, 3))
    assert hidden.values[0] > -1e-15
    assert _conclusion(hidden) is Separability.INCONCLUSIVE
    found = _tested(_horodecki(a), Measure.REALIGNMENT, (3, 3))
    assert found.values[0] == pytest.approx(norm, abs=1e-6)
    assert _conclusion(found) is Separability.ENTANGLED


def test_realignment_of_products_and_of_maximal_entanglement() -> None:
    product = np.kron(np.diag([0.7, 0.3]), np.array([[0.5, 0.2j], [-0.2j, 0.5]]))
    found = _tested(product, Measure.REALIGNMENT)
    assert found.values[0] <= 1
    assert _conclusion(found) is Separability.INCONCLUSIVE
    strongest = _tested(SINGLET, Measure.REALIGNMENT)
    assert strongest.values[0] == pytest.approx(2)
    assert strongest.normalised[0] == pytest.approx(1)


def test_what_is_within_the_distance_from_a_physical_state_is_left_open() -> None:
    """A matrix with an accepted negative eigenvalue is no proof of entanglement."""
    slightly_off = np.diag([1 + 5e-10, -5e-10, 0, 0])
    assert _conclusion(_tested(slightly_off, Measure.PPT)) is Separability.INCONCLUSIVE


def test_mixtures_of_products_are_never_called_entangled(random_states) -> None:  # type: ignore[no-untyped-def]
    for dims in ((2, 2), (2, 3), (3, 3)):
        left, right = (random_states(seed, 600, d, 1) for seed, d in enumerate(dims))
        products = np.einsum("nij,nkl->nikjl", left, right).reshape(600, dims[0] * dims[1], -1)
        mixed = products.reshape(150, 4, *products.shape[1:]).mean(axis=1)
        for measure in (Measure.PPT, Measure.REALIGNMENT):
            batch = StateBatch(dims, mixed)
            ((_, found),) = analyze(batch, [measure], Tolerances()).measured
            assert found.conclusions is not None
            assert Separability.ENTANGLED.value not in found.conclusions
