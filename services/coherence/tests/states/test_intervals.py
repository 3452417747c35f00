"""Robustness and geometric coherence: intervals that hold, are narrow, and obey the laws."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from lucid_coherence.states.analysis import Measure, analyze
from lucid_coherence.states.batch import StateBatch, adjoint, hermitian_part
from lucid_coherence.states.enclosure import definite_shift
from lucid_coherence.states.factor import batch_first, factor
from lucid_coherence.states.geometric import geometric_coherence
from lucid_coherence.states.measured import Measured
from lucid_coherence.states.measures import coherence_l1
from lucid_coherence.states.physicality import Tolerances
from lucid_coherence.states.robustness import robustness_of_coherence
from lucid_coherence.states.violations import BatchTooLarge

Matrices = npt.NDArray[np.complex128]
Real = npt.NDArray[np.float64]
GAP = 1e-9


def _robustness(matrices: Matrices) -> tuple[Real, Real]:
    return _ends(robustness_of_coherence(matrices))


def _geometric(matrices: Matrices) -> tuple[Real, Real]:
    return _ends(geometric_coherence(matrices, np.linalg.eigvalsh(matrices)))


def _ends(found: Measured) -> tuple[Real, Real]:
    assert found.low is not None
    assert found.high is not None
    assert (found.low >= 0).all()
    assert (found.low <= found.values).all()
    assert (found.values <= found.high).all()
    return found.low, found.high


MEASURES: list[Callable[[Matrices], tuple[Real, Real]]] = [_robustness, _geometric]


def _mixed_with_noise(dimension: int, share: float) -> Matrices:
    """A maximally coherent state and white noise: both measures have closed forms."""
    flat = np.full((dimension, dimension), share / dimension, dtype=np.complex128)
    return (flat + (1 - share) * np.eye(dimension) / dimension)[None]


@pytest.mark.parametrize("dimension", [2, 3, 4, 5, 8, 16])
@pytest.mark.parametrize("share", [0.0, 0.37, 0.999999, 1.0])
def test_closed_forms_lie_inside(dimension: int, share: float) -> None:
    state = _mixed_with_noise(dimension, share)
    low, high = _robustness(state)
    assert low[0] <= share * (dimension - 1) * (1 + 1e-15) + 1e-15
    assert high[0] >= share * (dimension - 1) * (1 - 1e-15) - 1e-15
    assert high[0] - low[0] < GAP
    spectrum = np.array(
        [share + (1 - share) / dimension, *[(1 - share) / dimension] * (dimension - 1)]
    )
    expected = 1 - np.sqrt(spectrum).sum() ** 2 / dimension
    found = geometric_coherence(state, np.linalg.eigvalsh(state))
    low, high = _ends(found)
    assert high[0] - low[0] < GAP
    assert abs(found.values[0] - expected) <= found.uncertainties[0]
    assert abs(found.values[0] - expected) <= 0.5 * (high[0] - low[0]) + 1e-13


@pytest.mark.parametrize("dimension", [2, 3, 4, 8, 16])
def test_pure_states_have_closed_forms(dimension: int, random_states) -> None:  # type: ignore[no-untyped-def]
    states = random_states(dimension, 60, dimension, 1)
    low, high = _robustness(states)
    sums = np.abs(states).sum(axis=(1, 2)) - 1
    assert (low <= sums).all()
    assert (sums <= high).all()
    assert (high - low).max() < 1e-11
    low, high = _geometric(states)
    expected = 1 - np.einsum("nii->ni", states).real.max(axis=-1)
    assert (np.abs(0.5 * (low + high) - expected) < 1e-14).all()
    assert (high - low).max() < 1e-12


def test_qubits_have_closed_forms(random_states) -> None:  # type: ignore[no-untyped-def]
    states = random_states(1, 300, 2, 2)
    coherence = np.abs(states[:, 0, 1])
    low, high = _robustness(states)
    assert (np.abs(low - 2 * coherence) < 1e-13).all()
    assert (np.abs(high - 2 * coherence) < 1e-13).all()
    low, high = _geometric(states)
    expected = 0.5 * (1 - np.sqrt(1 - 4 * coherence**2))
    assert (np.abs(0.5 * (low + high) - expected) < 1e-14).all()
    assert (high - low).max() < 1e-12


@pytest.mark.parametrize("dimension", [3, 4, 8, 16])
def test_intervals_are_narrow_for_every_rank(dimension: int, random_states) -> None:  # type: ignore[no-untyped-def]
    for rank in sorted({1, 2, dimension - 1, dimension}):
        states = random_states(rank, 20, dimension, rank)
        for measure in MEASURES:
            low, high = measure(states)
            assert (high - low).max() < GAP, (measure, rank)


@pytest.mark.parametrize(
    "matrix",
    [
        np.diag([1.0, 0, 0, 0]),
        np.diag([0.999, 0.001 - 1e-15, 1e-15, 0]),
        np.kron(np.diag([0.3, 0.7]), np.full((2, 2), 0.5)),
        (1 - 1e-12) * np.full((4, 4), 0.25) + 1e-12 * np.eye(4) / 4,
        np.pad(np.full((2, 2), 0.5), ((0, 2), (0, 2))),
    ],
    ids=["basis state", "graded", "blocks", "nearly pure", "empty levels"],
)
def test_degenerate_states_have_narrow_intervals_too(matrix: object) -> None:
    states = np.asarray(matrix, dtype=np.complex128)[None]
    for measure in MEASURES:
        low, high = measure(states)
        assert high[0] - low[0] < GAP


def test_no_rival_crosses_the_bounds(random_states) -> None:  # type: ignore[no-untyped-def]
    """Feasible points of the programs, drawn at random, never cross an end of an interval."""
    rng = np.random.default_rng(2)
    states = random_states(2, 20, 4, 3)
    least, most = _robustness(states)
    lowest, _ = _geometric(states)
    factors = batch_first(factor(states))
    for _ in range(100):
        weights = rng.dirichlet(np.ones(4))
        scaled = states / np.sqrt(weights[:, None] * weights[None, :])
        enough = np.linalg.eigvalsh(scaled)[:, -1] - 1
        assert (enough >= least - 1e-12).all(), "ρ <= (1 + s) δ"
        vectors = rng.normal(size=(4, 3)) + 1j * rng.normal(size=(4, 3))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        witness = np.einsum("nij,ji->n", states, vectors @ vectors.conj().T).real - 1
        assert (witness <= most + 1e-12).all(), "Tr ρW − 1, W >= 0, W_ii = 1"
        singular = np.linalg.svd(np.sqrt(weights)[:, None] * factors, compute_uv=False)
        assert (1 - singular.sum(axis=-1) ** 2 >= lowest - 1e-12).all(), "1 − F(ρ, diag p)"


@pytest.mark.parametrize("measure", MEASURES)
def test_incoherent_channels_never_raise_the_measures(
    measure: Callable[[Matrices], tuple[Real, Real]],
    random_states,  # type: ignore[no-untyped-def]
) -> None:
    rng = np.random.default_rng(7)
    for dimension in (2, 3, 4):
        for rank in range(1, dimension + 1):
            states = random_states(rank, 30, dimension, rank)
            shape = (3, dimension)
            weights = rng.normal(size=shape) + 1j * rng.normal(size=shape)
            weights /= np.sqrt((np.abs(weights) ** 2).sum(axis=0))
            after = np.zeros_like(states)
            for row in weights:
                kraus = np.zeros((dimension, dimension), dtype=np.complex128)
                kraus[rng.permutation(dimension), np.arange(dimension)] = row
                after += kraus @ states @ kraus.conj().T
            after = hermitian_part(after)
            low_after, _ = measure(after)
            _, high_before = measure(states)
            assert (low_after <= high_before + 1e-12).all()


def test_robustness_lies_between_the_bounds_by_c_l1(random_states) -> None:  # type: ignore[no-untyped-def]
    for dimension in (2, 3, 4, 8):
        for rank in (1, 2, dimension):
            states = random_states(rank, 40, dimension, rank)
            sums = coherence_l1(states).values
            low, high = _robustness(states)
            assert (low <= sums + 1e-12).all()
            assert (high >= sums / (dimension - 1) - 1e-12).all()


def test_diagonal_phases_and_permutations_change_nothing(random_states) -> None:  # type: ignore[no-untyped-def]
    states = random_states(5, 20, 5, 3)
    phases = np.exp(1j * np.arange(5) ** 2)
    turned = (states * np.outer(phases, phases.conj()))[:, [3, 1, 4, 0, 2]][:, :, [3, 1, 4, 0, 2]]
    for measure in MEASURES:
        before, after = measure(states), measure(hermitian_part(turned))
        assert (before[0] <= after[1] + 1e-12).all()
        assert (after[0] <= before[1] + 1e-12).all()


def test_mixing_never_raises_the_measures_above_the_mean(random_states) -> None:  # type: ignore[no-untyped-def]
    first, second = random_states(1, 30, 4, 2), random_states(2, 30, 4, 4)
    for measure in MEASURES:
        low, _ = measure(0.3 * first + 0.7 * second)
        mean = 0.3 * measure(first)[1] + 0.7 * measure(second)[1]
        assert (low <= mean + 1e-12).all()


def test_large_dimensions_are_refused_by_a_named_limit() -> None:
    for dimension, measure, limit in (
        (33, Measure.ROBUSTNESS_OF_COHERENCE, "robustness_dimension_max"),
        (17, Measure.GEOMETRIC_COHERENCE, "geometric_dimension_max"),
    ):
        batch = StateBatch((dimension,), np.eye(dimension, dtype=complex)[None] / dimension)
        with pytest.raises(BatchTooLarge) as refused:
            analyze(batch, [measure], Tolerances())
        assert refused.value.metadata["limit"] == limit


def test_a_check_that_raises_ends_the_work_between_two_steps(random_states) -> None:  # type: ignore[no-untyped-def]
    seen = []

    def check() -> None:
        seen.append(None)
        if len(seen) == 3:
            raise KeyboardInterrupt

    for measure in (Measure.ROBUSTNESS_OF_COHERENCE, Measure.GEOMETRIC_COHERENCE):
        seen.clear()
        with pytest.raises(KeyboardInterrupt):
            analyze(
                StateBatch((4,), random_states(1, 10, 4, 4)), [measure], Tolerances(), check=check
            )
        assert len(seen) == 3


def test_the_shift_makes_a_matrix_definite_and_is_not_much_more(random_states) -> None:  # type: ignore[no-untyped-def]
    matrices = random_states(4, 30, 6, 6)
    lowered = matrices - np.eye(6) * (np.linalg.eigvalsh(matrices)[:, :1, None] + 1e-6)
    shifts = definite_shift(lowered)
    assert (shifts >= 1e-6).all()
    assert (shifts <= 1e-5).all()
    assert (np.linalg.eigvalsh(lowered + np.eye(6) * shifts[:, None, None])[:, 0] >= 0).all()
    assert (definite_shift(matrices) < 1e-12).all()
    assert math.isfinite(float(definite_shift(adjoint(matrices)).max()))
