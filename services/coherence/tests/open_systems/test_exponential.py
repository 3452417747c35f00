"""Exponentials and series against extended precision: their bounds hold, where it is hard."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.open_systems.chebyshev_steps import ChebyshevSteps, plan
from lucid_coherence.open_systems.dense_steps import DenseSteps, times_of
from lucid_coherence.open_systems.exponential import exponentials, norm_bounds
from lucid_coherence.open_systems.generators import dense_generator, dense_operators, linear_map
from lucid_coherence.open_systems.linear_maps import Stopped, dense_map
from lucid_coherence.states.batch import RealArray

from .declared_systems import chain, network, random_network, random_states


def reference(generator: RealArray, vectors: RealArray, time: float) -> RealArray:
    """exp(G t) v in extended precision: Taylor steps of norm 1/2."""
    assert np.finfo(np.longdouble).eps < 2e-19
    exact = generator.astype(np.longdouble)
    found = vectors.astype(np.longdouble)
    steps = max(1, int(np.ceil(2 * np.linalg.norm(generator, np.inf) * time)))
    h = np.longdouble(time) / steps
    for _ in range(steps):
        term = found
        for k in range(1, 19):
            term = (term @ exact.T) * (h / k)
            found = found + term
    return found


STIFF = network(1, {"X": 0.2, "Z": 40.0}, [({"X": 0.5, "Y": 0.5j}, 300.0), ({"Z": 1.0}, 1e-4)])
EXCEPTIONAL = network(1, {"X": 0.25}, [({"Z": 1.0}, 0.5)])
"""Drive and dephasing at the exceptional point: the generator has a Jordan block."""
CASCADE = network(
    2, {"XX": 1e-3}, [({"XI": 0.5, "YI": 0.5j}, 100.0), ({"IX": 0.5, "IY": -0.5j}, 0.01)]
)
HARD = [(STIFF, 3.0), (EXCEPTIONAL, 20.0), (CASCADE, 2.0), (chain(3), 20.0)]
HARD += [(random_network(2, seed), 5.0) for seed in range(3)]


@pytest.mark.parametrize(("system", "time"), HARD)
@pytest.mark.parametrize("spacing", ["equal", "unequal"])
def test_bounds_of_exponentials_hold_and_are_of_use(system, time, spacing) -> None:
    generator = dense_generator(system)
    states = random_states(system.dims, 2, 3)
    start = generator.coordinates.vectors(states.matrices)
    grid = np.linspace(0, time, 9) if spacing == "equal" else time * np.array([0.1, 0.3, 1.0])
    steps = DenseSteps(
        generator.matrix[None],
        start[None],
        times_of(grid),
        system.dimension**0.5,
        np.array([generator.assembly]),
    )
    expected = steps.expected_bounds(len(grid))
    found, bounds = steps.advance(len(grid), lambda: True)
    exact = reference(generator.matrix, start, time)
    error = float(np.linalg.norm(found[0, -1] - exact, axis=1).max())
    assert error <= bounds[0]
    assert bounds[0] < 1e-8
    if spacing == "equal":
        np.testing.assert_allclose(bounds, expected)


@pytest.mark.parametrize(("system", "time"), [*HARD, (chain(4), 6.0)])
def test_bounds_of_series_hold_and_are_of_use(system, time) -> None:
    generator = dense_generator(system)
    states = random_states(system.dims, 2, 3)
    times = time * np.array([0.0, 0.01, 0.3, 0.31, 1.0])
    exact = generator.coordinates.matrices(
        np.array(
            [
                reference(generator.matrix, generator.coordinates.vectors(states.matrices), t)
                for t in times
            ],
            dtype=np.float64,
        )
    )
    maps = [
        linear_map(system),
        linear_map(dense_operators(system)),
        dense_map(generator.matrix, generator.coordinates, generator.assembly),
    ]
    for linear in maps:
        found, _, expected = plan(linear, np.array([times[2], times[-1] - times[2]]))
        steps = ChebyshevSteps(linear, states.matrices, found)
        (first, early), (second, late) = (
            steps.advance(part, lambda: True) for part in (times[:3], times[3:])
        )
        errors = np.linalg.norm(np.concatenate([first, second]) - exact, axis=(2, 3)).max(axis=1)
        assert (errors[:3] <= early).all()
        assert (errors[3:] <= late).all()
        assert early <= late <= expected * (1 + 1e-12) < 1e-8


@given(
    size=st.integers(1, 6),
    scale=st.floats(0, 30),
    skew=st.floats(0, 100),
    seed=st.integers(0, 10**6),
)
@settings(deadline=None, max_examples=60)
def test_weights_bound_contractions_that_are_far_from_normal(
    size: int, scale: float, skew: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    raw = scale * rng.normal(size=(size, size)) + skew * np.triu(rng.normal(size=(size, size)), 1)
    # The symmetric part made negative: every exp(G t) is a contraction, M = 1.
    worst = np.linalg.eigvalsh(raw + raw.T)[-1] / 2
    generator = raw - max(worst, 0.0) * np.eye(size)
    (found,), (weight,) = exponentials(generator[None])
    exact = reference(generator, np.eye(size), 1.0).T
    assert np.linalg.norm((found - exact).astype(np.float64), 2) <= 2 * weight


def test_norms_out_of_reach_have_no_finite_weight() -> None:
    stack = np.array([np.diag([0.0, -1.0]), np.diag([0.0, -1e30]), np.diag([0.0, -np.inf])])
    _, weights = exponentials(stack)
    assert weights[0] < 2e-14
    assert np.isinf(weights[1:]).all()


def test_a_stack_of_unequal_norms_is_done_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    stack = rng.normal(size=(5, 4, 4)) * np.array([0.0, 1e-3, 1.0, 30.0, 4.0])[:, None, None]
    together, weights = exponentials(stack)
    for index in range(5):
        alone, weight = exponentials(stack[index : index + 1])
        np.testing.assert_allclose(together[index], alone[0], rtol=1e-13)
        assert weights[index] == pytest.approx(weight[0], rel=1e-12)


@given(n=st.integers(1, 5), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_norm_bounds_are_over_the_largest_singular_value(n: int, seed: int) -> None:
    stack = np.random.default_rng(seed).normal(size=(3, n, n))
    assert (norm_bounds(stack) >= np.linalg.norm(np.abs(stack), 2, axis=(1, 2)) * (1 - 1e-12)).all()


@pytest.mark.parametrize("seed", range(6))
def test_propagators_are_completely_positive_and_keep_the_trace(seed: int) -> None:
    system = random_network(2, seed)
    generator = dense_generator(system)
    stack, weights = exponentials(generator.matrix[None] * 0.7)
    units = np.zeros((16, 4, 4), complex)
    for k in range(16):
        units[k, k // 4, k % 4] = 1
    hermitian, anti = (
        (units + units.transpose(0, 2, 1)) / 2,
        (units - units.transpose(0, 2, 1)) / 2j,
    )

    def image(matrices):
        vectors = generator.coordinates.vectors(matrices) @ stack[0].T
        return generator.coordinates.matrices(vectors)

    images = image(hermitian) + 1j * image(anti)
    choi = images.reshape(4, 4, 4, 4).transpose(0, 2, 1, 3).reshape(16, 16)
    assert np.linalg.eigvalsh(choi).min() >= -1e-12
    np.testing.assert_allclose(np.einsum("kii->k", images).reshape(4, 4), np.eye(4), atol=1e-12)
    assert weights[0] < 1e-10


@pytest.mark.parametrize("seed", range(4))
def test_propagators_of_successive_times_multiply(seed: int) -> None:
    generator = dense_generator(random_network(2, seed)).matrix
    (one, two, both), _ = exponentials(generator * np.array([0.4, 1.1, 1.5])[:, None, None])
    np.testing.assert_allclose(one @ two, both, atol=1e-13)


def test_equally_spaced_times_are_recognised_and_others_are_not() -> None:
    assert times_of(np.linspace(0, 7, 50)).gap == pytest.approx(1 / 7)
    assert times_of(np.arange(0.3, 9, 0.3)).gap == pytest.approx(0.3)
    assert not times_of(np.array([0, 1, 2.0000001])).equal
    assert times_of(np.array([0.0, 1.0])).equal


def test_a_caller_that_leaves_stops_a_series_within_its_steps() -> None:
    linear = linear_map(chain(4))
    found, terms, _ = plan(linear, np.array([100.0]))
    asked = iter(range(10**9))
    stepping = ChebyshevSteps(linear, random_states((2,) * 4, 1, 0).matrices, found)
    with pytest.raises(Stopped):
        stepping.advance(np.array([100.0]), lambda: next(asked) < 50)
    assert next(asked) == 51
    assert terms > 50
