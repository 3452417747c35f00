import math

import mpmath
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.open_systems.affine import AffineGenerator, affine_generator
from lucid_coherence.open_systems.affine_series import AffineSeries, series_plan
from lucid_coherence.open_systems.chebyshev import (
    Rectangle,
    bessel,
    bessel_error,
    degree,
    ellipse_around,
    plan,
)
from lucid_coherence.open_systems.generators import dense_generator, dense_operators, linear_map
from lucid_coherence.open_systems.linear_maps import Stopped, dense_map

from .declared_systems import chain, random_lindbladian, random_network, random_states


@pytest.mark.parametrize("last", [2, 16, 39, 77])
def test_bessel_functions_are_within_what_is_counted_for_them(last: int) -> None:
    arguments = 0.55 * last * np.array([0.0, 1e-9, 0.1, 0.5, 0.9, 1.0])
    found = bessel(arguments, last)
    with mpmath.workdps(40):
        for row, argument in zip(found, arguments, strict=True):
            exact = [mpmath.besselj(k, mpmath.mpf(float(argument))) for k in range(last + 2)]
            for k in range(last + 1):
                size = abs(exact[k]) + abs(exact[k + 1])
                error = abs(mpmath.mpf(float(row[k])) - exact[k])
                assert error <= bessel_error(float(argument), last) * size + 1e-200


def test_the_degree_is_the_least_one_that_leaves_less_than_the_tail() -> None:
    for half, tail in ((0.5, 1e-6), (5.0, 1e-14), (20.0, 1e-13)):
        found = degree(half, tail)
        terms = [half**k / math.factorial(k) for k in range(160)]
        assert 2 * sum(terms[found + 1 :]) <= tail
        assert 2 * sum(terms[found - 1 :]) > tail


@given(
    low=st.floats(-10, 0),
    width=st.just(0.0) | st.floats(1e-6, 10),
    height=st.just(0.0) | st.floats(1e-6, 10),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=50)
def test_polynomials_of_a_matrix_in_the_rectangle_grow_no_faster_than_the_ellipse_allows(
    low: float, width: float, height: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    symmetric, skew = rng.normal(size=(2, 5, 5))
    symmetric, skew = symmetric + symmetric.T, skew - skew.T
    levels = np.linalg.eigvalsh(symmetric)
    symmetric = (symmetric - levels[0] * np.eye(5)) * (width / (levels[-1] - levels[0]))
    skew *= height / np.linalg.norm(skew, 2)
    ellipse = ellipse_around(Rectangle(low, low + width, height))
    matrix = symmetric + (low - ellipse.centre) * np.eye(5) + skew
    matrix /= ellipse.focus
    before, now = np.eye(5), matrix
    for k in range(1, 30):
        assert np.linalg.norm(now, 2) <= ellipse.ratio**k * (1 + 1e-9) + 1e-9
        before, now = now, 2 * matrix @ now + before


def test_no_plan_is_made_that_does_not_keep_its_promise() -> None:
    ellipse = ellipse_around(Rectangle(-1.0, 0.0, 3.0))
    times = np.array([0.0, 1.0, 4.0, 30.0])
    rounding = 1e-15
    steps = plan(ellipse, rounding, times, 1e-9)
    assert sum(len(step.coefficients) - 1 for step in steps) == len(times)
    assert 0 < sum(step.bound for step in steps) <= 1e-9
    assert plan(ellipse, rounding, times, 1e-14) == []
    assert plan(ellipse, rounding, 1e5 * times, 1e-9) == []


def moved(generator: AffineGenerator, coefficients, times, start) -> tuple[np.ndarray, float]:
    found = series_plan(generator, coefficients, times)
    assert found is not None
    return AffineSeries(generator, found, start).at(coefficients, lambda: True), found.bound


@given(seed=st.integers(0, 10**6), qubits=st.integers(1, 3), reach=st.floats(0.01, 30))
@settings(deadline=None, max_examples=25)
def test_a_series_is_within_its_bound_of_the_exponentials(
    seed: int, qubits: int, reach: float
) -> None:
    system = random_network(qubits, seed)
    rng = np.random.default_rng(seed)
    rates = rng.uniform(0, 0.5, (3, len(system.jumps)))
    generator = affine_generator(system, [], rates=True)
    stack, _ = generator.at(rates)
    times = np.sort(rng.uniform(0, reach, 4)) / float(generator.norms(rates).max())
    states = random_states((2,) * qubits, 2, seed).matrices
    start = generator.coordinates.vectors(states)
    found, bound = moved(generator, rates, times, start)
    for point, matrix in enumerate(stack):
        for index, time in enumerate(times):
            exact = scipy.linalg.expm(matrix * time) @ start.T
            errors = np.linalg.norm(found[index, :, :, point] - exact, axis=0)
            assert errors.max() <= bound + 1e-13


def test_steps_begin_where_the_one_before_ended() -> None:
    generator = affine_generator(chain(2), [], rates=True)
    rates = np.full((2, 4), 0.02)
    times = np.linspace(0.0, 60.0, 7)
    start = generator.coordinates.vectors(random_states((2, 2), 1, 0).matrices)
    plans = series_plan(generator, rates, times)
    assert plans is not None
    assert len(plans.steps) > 3
    found, bound = moved(generator, rates, times, start)
    stack, _ = generator.at(rates)
    exact = scipy.linalg.expm(stack[0] * 60.0) @ start[0]
    assert np.linalg.norm(found[-1, :, 0, 0] - exact) <= bound


def test_a_system_in_which_nothing_happens_stays() -> None:
    generator = affine_generator(random_lindbladian((3,), 0), [], rates=True)
    zero = AffineGenerator(
        0 * generator.constant,
        generator.parts,
        generator.coordinates,
        0.0,
        generator.part_assembly,
        0.0,
        generator.part_norms,
    )
    start = generator.coordinates.vectors(random_states((3,), 1, 0).matrices)
    found, bound = moved(zero, np.zeros((1, 3)), np.array([0.0, 5.0]), start)
    assert bound < 1e-11
    np.testing.assert_allclose(found[:, :, 0, 0], np.repeat(start, 2, axis=0), atol=1e-14)


def test_a_caller_that_leaves_stops_between_two_terms() -> None:
    generator = affine_generator(chain(3), [], rates=True)
    rates = np.full((10, 6), 0.01)
    found = series_plan(generator, rates, np.array([5.0]))
    assert found is not None
    start = generator.coordinates.vectors(random_states((2, 2, 2), 1, 0).matrices)
    answers = iter([True] * 3 + [False])
    with pytest.raises(Stopped):
        AffineSeries(generator, found, start).at(rates, lambda: next(answers))


@pytest.mark.parametrize("seed", range(5))
def test_rectangles_hold_the_numerical_ranges_of_all_forms_of_a_generator(seed: int) -> None:
    system = random_network(2, seed)
    generator = dense_generator(system)
    symmetric = 0.5 * (generator.matrix + generator.matrix.T)
    levels = np.linalg.eigvalsh(symmetric)
    turning = np.linalg.norm(generator.matrix - symmetric, 2)
    for linear in (
        linear_map(system),
        linear_map(dense_operators(system)),
        dense_map(generator.matrix, generator.coordinates, generator.assembly),
    ):
        assert linear.rectangle.low <= levels[0] + 1e-12
        assert linear.rectangle.high >= levels[-1] - 1e-12
        assert linear.rectangle.height >= turning - 1e-12
