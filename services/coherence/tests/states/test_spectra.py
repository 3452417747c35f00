"""Spectra from the compiled lanes are those of LAPACK and of closed forms."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence import warm
from lucid_coherence.states import spectra
from lucid_coherence.states.batch import ENTRY_MAX, ComplexArray, adjoint
from lucid_coherence.states.cuts import check_cut, partial_transpose, transposed_order
from lucid_coherence.states.lanes import native, singular_loops, spectrum_loops
from lucid_coherence.states.spectra import BATCH_MIN, hermitian_eigenvalues, singular_values

ROUNDING = float(np.finfo(np.float64).eps)


@pytest.fixture(scope="module", autouse=True)
def lanes() -> None:
    """Make the compiled loops if nobody did: without them these tests would say nothing."""
    if native.load() is None:
        assert warm.main() == 0
        native.load.cache_clear()
    assert native.load() is not None


def random_hermitian(count: int, dimension: int, rank: int, seed: int) -> ComplexArray:
    rng = np.random.default_rng(seed)
    shape = (count, dimension, rank)
    factors = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    signs = rng.choice([-1.0, 1.0], size=(count, 1, rank))
    return (factors * signs) @ adjoint(factors)


def allowed(matrices: ComplexArray) -> np.ndarray:
    """Some units of rounding of the norm for each matrix: both sides are backward stable."""
    norms = np.sqrt(np.square(np.abs(matrices)).sum(axis=(-1, -2)))
    return 8 * math.sqrt(matrices.shape[-1]) * ROUNDING * norms[:, None]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 32), st.integers(0, 2**32 - 1), st.data())
def test_eigenvalues_are_those_of_lapack_at_every_rank(
    dimension: int, seed: int, data: st.DataObject
) -> None:
    rank = data.draw(st.integers(1, dimension))
    count = data.draw(st.integers(BATCH_MIN, BATCH_MIN + 40))
    matrices = random_hermitian(count, dimension, rank, seed)
    found = hermitian_eigenvalues(matrices)
    assert (np.abs(found - np.linalg.eigvalsh(matrices)) <= allowed(matrices)).all()
    assert (np.diff(found, axis=-1) >= 0).all()


@pytest.mark.parametrize("dimension", [2, 3, 4, 8, 16, 32])
@pytest.mark.parametrize("scale", [1e-120, 1e-30, 1.0, 1e99])
def test_known_spectra_come_back_under_rotation_at_every_scale(
    dimension: int, scale: float
) -> None:
    rng = np.random.default_rng(dimension)
    shape = (BATCH_MIN, dimension, dimension)
    unitary, _ = np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))
    known = np.sort(rng.choice([-1.0, 0.0, 0.25, 0.25 + 1e-12, 1.0], size=shape[:2])) * scale
    matrices = (unitary * known[:, None, :]) @ adjoint(unitary)
    matrices = 0.5 * (matrices + adjoint(matrices))
    found = hermitian_eigenvalues(matrices)
    assert (np.abs(found - known) <= 64 * dimension * ROUNDING * scale).all()


@pytest.mark.parametrize("dimension", [1, 2, 5, 16])
def test_diagonal_matrices_and_zero_come_back_exactly(dimension: int) -> None:
    weights = np.random.default_rng(3).normal(size=(BATCH_MIN, dimension))
    weights[::7] = 0.0
    matrices = np.zeros((BATCH_MIN, dimension, dimension), dtype=np.complex128)
    levels = np.arange(dimension)
    matrices[:, levels, levels] = weights
    assert np.array_equal(hermitian_eigenvalues(matrices), np.sort(weights, axis=-1))


@pytest.mark.parametrize("dimension", [2, 16, 32])
def test_the_largest_entries_that_are_read_do_not_overflow(dimension: int) -> None:
    matrices = np.full((BATCH_MIN, dimension, dimension), ENTRY_MAX, dtype=np.complex128)
    found = hermitian_eigenvalues(matrices) / ENTRY_MAX
    assert np.allclose(found[:, :-1], 0.0, atol=1e-13, rtol=0)
    assert np.allclose(found[:, -1], dimension, atol=0, rtol=1e-14)


def test_a_graph_with_zeros_between_its_blocks_converges() -> None:
    chain = np.zeros((BATCH_MIN, 6, 6), dtype=np.complex128)
    chain[:, 0, 1] = chain[:, 1, 0] = 1.0
    chain[:, 4, 5] = 1j
    chain[:, 5, 4] = -1j
    found = hermitian_eigenvalues(chain)
    assert np.allclose(found, [-1, -1, 0, 0, 1, 1], atol=8 * ROUNDING, rtol=0)


@pytest.mark.parametrize("dimension", [2, 12, 16, 32])
@pytest.mark.parametrize("beside", [1e-8, 1e-12, 1e-15, 1e-17, 1e-160])
def test_nearly_diagonal_matrices_keep_all_their_eigenvalues(dimension: int, beside: float) -> None:
    # Equal levels joined by tiny entries: what couples their blocks falls to denormal numbers.
    rng = np.random.default_rng(dimension)
    matrices = np.zeros((2000, dimension, dimension), dtype=np.complex128)
    levels = np.arange(dimension)
    matrices[:, levels, levels] = rng.choice([-1.0, 0.0, 0.5, 1.0], size=(2000, dimension))
    matrices[:, levels[1:], levels[:-1]] = beside * rng.choice(
        [0, 1, 1], size=(2000, dimension - 1)
    )
    matrices += np.tril(matrices, -1).swapaxes(-1, -2)
    found = hermitian_eigenvalues(matrices)
    assert (
        np.abs(found - np.linalg.eigvalsh(matrices))
        <= allowed(matrices) + beside * (beside < 1e-100)
    ).all()


@pytest.mark.parametrize("dimension", [3, 5, 16, 32])
@pytest.mark.parametrize("orders", [30, 150, 300])
def test_entries_of_any_smallness_beside_larger_ones_do_no_harm(
    dimension: int, orders: int
) -> None:
    rng = np.random.default_rng(dimension)
    sizes = 10.0 ** -rng.uniform(0, orders, size=(2000, dimension))
    sizes[:, rng.integers(dimension)] = 1.0
    matrices = random_hermitian(2000, dimension, dimension, orders)
    matrices *= sizes[:, :, None] * sizes[:, None, :]
    found = hermitian_eigenvalues(matrices)
    assert (np.abs(found - np.linalg.eigvalsh(matrices)) <= allowed(matrices)).all()


@pytest.mark.parametrize("scale", [1e-140, 1e-155, 1e-160, 1e-200])
def test_matrices_that_are_nothing_but_tiny_have_tiny_eigenvalues(scale: float) -> None:
    found = hermitian_eigenvalues(scale * random_hermitian(BATCH_MIN, 8, 8, 4))
    assert (np.abs(found) <= 1e3 * scale).all()


@pytest.mark.parametrize("count", [BATCH_MIN, 65, 95, 96, 97, 200])
def test_the_last_group_of_lanes_may_be_ragged(count: int) -> None:
    matrices = random_hermitian(count, 4, 4, count)
    together = hermitian_eigenvalues(matrices)
    apart = hermitian_eigenvalues(np.concatenate([matrices[::-1], matrices]))
    assert np.array_equal(together, apart[count:])
    assert np.array_equal(together, apart[:count][::-1])


def test_an_order_decomposes_the_partial_transpose_without_making_it() -> None:
    matrices = random_hermitian(100, 8, 8, 5)
    cut = check_cut((2, 2, 2), [0, 2])
    found = hermitian_eigenvalues(matrices, transposed_order(cut))
    direct = hermitian_eigenvalues(partial_transpose(matrices, cut))
    assert np.array_equal(found, direct)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(0, 2**32 - 1), st.data())
def test_singular_values_are_those_of_lapack_at_every_rank(
    dimension: int, seed: int, data: st.DataObject
) -> None:
    rank = data.draw(st.integers(1, dimension))
    rng = np.random.default_rng(seed)
    left = rng.normal(size=(90, dimension, rank)) + 1j * rng.normal(size=(90, dimension, rank))
    matrices = left @ (left.swapaxes(-1, -2) * rng.uniform(1e-9, 1.0, size=(90, 1, 1)))
    found = singular_values(np.moveaxis(matrices, 0, -1))
    known = np.linalg.svd(matrices, compute_uv=False)
    assert (np.abs(found - known) <= allowed(matrices)).all()
    assert (np.diff(found, axis=-1) <= 0).all()


def test_small_singular_values_of_graded_columns_keep_their_own_accuracy() -> None:
    rng = np.random.default_rng(2)
    shape = (BATCH_MIN, 3, 3)
    unitary, _ = np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))
    graded = unitary * np.array([1.0, 1e-12, 1e-24])
    found = singular_values(np.moveaxis(graded, 0, -1))
    assert np.allclose(found / np.array([1.0, 1e-12, 1e-24]), 1.0, atol=1e-14, rtol=0)


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
def test_compiled_and_interpreted_loops_agree_to_the_last_bit(dimension: int) -> None:
    matrices = random_hermitian(BATCH_MIN, dimension, dimension, dimension)
    found = np.empty((BATCH_MIN, dimension))
    numbers = matrices.view(np.float64).ravel()
    work = np.zeros(spectrum_loops.workspace_size(dimension))
    order = np.arange(dimension**2, dtype=np.int64)
    flat = found.ravel()
    assert spectrum_loops.eigenvalues(numbers, order, BATCH_MIN, dimension, work, flat) == 0
    assert np.array_equal(found, hermitian_eigenvalues(matrices))
    last = np.ascontiguousarray(np.moveaxis(matrices, 0, -1))
    work = np.zeros(singular_loops.workspace_size(dimension))
    numbers = last.view(np.float64).ravel()
    assert singular_loops.singular_values(numbers, BATCH_MIN, dimension, work, flat) == 0
    assert np.array_equal(np.sort(found)[:, ::-1], singular_values(last))


def test_threads_do_not_disturb_each_other() -> None:
    batches = [random_hermitian(200, 4, 4, seed) for seed in range(8)]
    alone = [hermitian_eigenvalues(batch) for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(hermitian_eigenvalues, batches * 4))
    assert all(np.array_equal(a, b) for a, b in zip(alone * 4, together, strict=True))


def test_without_compiled_loops_lapack_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    matrices = random_hermitian(100, 4, 4, 8)
    order = transposed_order(check_cut((2, 2), [1]))
    last = np.moveaxis(matrices, 0, -1)
    lanes = hermitian_eigenvalues(matrices, order), singular_values(last)
    monkeypatch.setattr(native, "load", cache(lambda: None))
    assert np.allclose(hermitian_eigenvalues(matrices, order), lanes[0], atol=1e-13, rtol=0)
    assert np.allclose(singular_values(last), lanes[1], atol=1e-13, rtol=0)


def test_lanes_that_do_not_converge_are_left_to_lapack(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck:
        def call(self, *_arguments: Any) -> int:
            return 1

    monkeypatch.setattr(native, "load", cache(Stuck))
    matrices = random_hermitian(BATCH_MIN, 3, 3, 9)
    assert np.array_equal(hermitian_eigenvalues(matrices), np.linalg.eigvalsh(matrices))
    known = np.linalg.svd(matrices, compute_uv=False)
    assert np.array_equal(singular_values(np.moveaxis(matrices, 0, -1)), known)


def test_small_batches_and_large_matrices_do_not_link_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never() -> None:
        raise AssertionError("linked")

    monkeypatch.setattr(native, "load", never)
    for count, dimension in ((1, 2), (BATCH_MIN - 1, 4), (BATCH_MIN, spectra.DIMENSION_MAX + 1)):
        matrices = random_hermitian(count, dimension, dimension, 1)
        assert np.array_equal(hermitian_eigenvalues(matrices), np.linalg.eigvalsh(matrices))


@pytest.mark.parametrize("wrong", [1.0 + 1e-9, math.nan])
def test_eigenvalues_that_contradict_trace_or_norm_are_reported(
    wrong: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = spectrum_loops.rational_ql

    def astray(w: Any, at: spectrum_loops.Places) -> int:
        found = honest(w, at)
        w[at.diagonal + 5] *= wrong
        return found

    matrices = random_hermitian(1, 3, 3, 4)
    work = np.zeros(spectrum_loops.workspace_size(3))
    arguments = matrices.view(np.float64).ravel(), np.arange(9), 1, 3, work, np.empty(3)
    assert spectrum_loops.eigenvalues(*arguments) == 0
    monkeypatch.setattr(spectrum_loops, "rational_ql", astray)
    assert spectrum_loops.eigenvalues(*arguments) == 1
