"""Laws that hold for every state: hypothesis draws the states."""

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.states.analysis import Measure, analyze
from lucid_coherence.states.batch import StateBatch, adjoint
from lucid_coherence.states.physicality import Tolerances, inspect
from lucid_coherence.states.projection import nearest_distribution, project

Matrix = npt.NDArray[np.complex128]
ROUNDING = 1e-11


@st.composite
def physical(draw: st.DrawFn, count: int = 8) -> StateBatch:
    dims = draw(st.sampled_from([(2,), (3,), (2, 2), (2, 3)]))
    d = int(np.prod(dims))
    rank = draw(st.integers(1, d))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    g = rng.normal(size=(count, d, rank)) + 1j * rng.normal(size=(count, d, rank))
    rho = g @ adjoint(g)
    return StateBatch(dims, rho / np.trace(rho, axis1=1, axis2=2)[:, None, None])


@st.composite
def arbitrary(draw: st.DrawFn) -> StateBatch:
    d = draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([1e-3, 1.0, 30.0]))
    data = rng.normal(size=(6, d, d)) + 1j * rng.normal(size=(6, d, d))
    return StateBatch((d,), scale * data)


INTERVALS = (Measure.ROBUSTNESS_OF_COHERENCE, Measure.GEOMETRIC_COHERENCE)
COHERENCES = (Measure.C_L1, Measure.RELATIVE_ENTROPY_OF_COHERENCE, *INTERVALS)
GAP = 1e-9
"""What a certified interval may be wide: its middle is half of that from the true value."""


def _coherences(batch: StateBatch) -> list[npt.NDArray[np.float64]]:
    return [found.values for _, found in analyze(batch, COHERENCES, Tolerances()).measured]


@given(batch=physical())
@settings(deadline=None, max_examples=60)
def test_relative_entropy_is_at_most_log2_of_one_plus_l1(batch: StateBatch) -> None:
    """Rana, Parashar, Winter, Lewenstein, arXiv:1612.09234."""
    l1, relative, *_ = _coherences(batch)
    assert (relative <= np.log2(1 + l1) + ROUNDING).all()


@given(batch=physical(), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=60)
def test_incoherent_operations_never_raise_coherence(batch: StateBatch, seed: int) -> None:
    """Kraus operators with at most one entry in each column map diagonal states to such."""
    rng = np.random.default_rng(seed)
    d = batch.dimension
    kraus = np.zeros((3, d, d), dtype=np.complex128)
    weights = rng.normal(size=(3, d)) + 1j * rng.normal(size=(3, d))
    weights /= np.sqrt((np.abs(weights) ** 2).sum(axis=0))
    for operator, row in zip(kraus, weights, strict=True):
        operator[rng.permutation(d), np.arange(d)] = row
    after = sum(k @ batch.matrices @ k.conj().T for k in kraus)
    image = StateBatch(batch.dims, np.asarray(after))
    for before, then in zip(_coherences(batch), _coherences(image), strict=True):
        assert (then <= before + GAP).all()


@given(batch=physical())
@settings(deadline=None, max_examples=40)
def test_diagonal_phases_change_no_coherence(batch: StateBatch) -> None:
    phases = np.exp(1j * np.arange(batch.dimension) ** 2)
    turned = StateBatch(batch.dims, batch.matrices * np.outer(phases, phases.conj()))
    for before, then in zip(_coherences(batch), _coherences(turned), strict=True):
        np.testing.assert_allclose(then, before, atol=GAP)


@given(batch=arbitrary())
@settings(deadline=None, max_examples=60)
def test_projection_is_physical_idempotent_and_never_silent(batch: StateBatch) -> None:
    once = project(batch)
    assert inspect(once.batch, Tolerances(1e-12, 1e-12, 1e-12)).valid.all()
    twice = project(once.batch)
    np.testing.assert_allclose(twice.batch.matrices, once.batch.matrices, atol=1e-14)
    assert (twice.distances < 1e-13).all()
    moved = np.linalg.norm(batch.matrices - once.batch.matrices, axis=(1, 2))
    np.testing.assert_allclose(once.distances, moved, rtol=1e-12)


@given(batch=arbitrary(), rivals=physical(count=1), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_no_other_state_is_closer(batch: StateBatch, rivals: StateBatch, seed: int) -> None:
    projection = project(batch)
    rng = np.random.default_rng(seed)
    d = batch.dimension
    g = rng.normal(size=(200, d, d)) + 1j * rng.normal(size=(200, d, d))
    others = g @ adjoint(g)
    others /= np.trace(others, axis1=1, axis2=2)[:, None, None]
    near = 0.99 * projection.batch.matrices[0] + 0.01 * others
    for candidates in (others, near):
        distances = np.linalg.norm(candidates - batch.matrices[0], axis=(1, 2))
        assert distances.min() >= projection.distances[0] - 1e-12


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8))
def test_the_nearest_distribution_is_one_and_keeps_order(numbers: list[float]) -> None:
    ascending = np.sort(np.array(numbers))
    nearest = nearest_distribution(ascending)
    assert abs(nearest.sum() - 1) < 1e-13
    assert (nearest >= 0).all()
    assert (np.diff(nearest) >= 0).all()
