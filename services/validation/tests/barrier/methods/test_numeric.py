"""Floats guide: they must agree with exact values and slopes, and climb to known optima."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.expression import parse_expression
from lucid_validation.barrier.methods.evidence import evaluate
from lucid_validation.barrier.methods.numeric import family_of, halton
from lucid_validation.barrier.methods.numeric_ascent import climb
from lucid_validation.barrier.methods.numeric_functions import function_family_of
from lucid_validation.barrier.methods.numeric_region import Region
from lucid_validation.barrier.methods.numeric_search import crossings, restore, starts
from lucid_validation.barrier.polynomial import Polynomial, Ring

NAMES = ("x", "y", "z")
RING = Ring(NAMES)
monomials = st.tuples(*[st.integers(0, 5)] * 3)
polynomials = st.dictionaries(monomials, st.fractions(-9, 9, max_denominator=8), max_size=8)


def polynomial(text: str, ring: Ring = RING) -> Polynomial:
    return ring.expand(parse_expression(text, frozenset(NAMES)))


def region(*inequalities: str, equations: tuple[str, ...] = (), bound: float = np.inf) -> Region:
    parts = [polynomial(text) for text in (*inequalities, *equations)]
    side = np.full(3, bound)
    return Region(family_of(parts, 3), len(inequalities), len(equations), -side, side, np.ones(3))


@settings(deadline=None)
@given(found=polynomials, point=st.tuples(*[st.fractions(-2, 2, max_denominator=16)] * 3))
def test_values_are_the_exact_ones_up_to_the_scale(found: dict, point: tuple) -> None:  # type: ignore[type-arg]
    exact = RING.context.from_dict({e: q.numerator for e, q in found.items() if q})
    family = family_of([exact], 3)
    value = family.values(np.array([[float(v) for v in point]]))[0, 0]
    largest = max((abs(int(q)) for q in exact.coeffs()), default=1)
    assert value == pytest.approx(float(evaluate(exact, list(point)) / largest), abs=1e-11)


@settings(deadline=None)
@given(found=polynomials)
def test_gradients_are_the_derivatives(found: dict) -> None:  # type: ignore[type-arg]
    exact = RING.context.from_dict({e: q.numerator for e, q in found.items() if q})
    points = np.array([[0.3, -0.7, 1.1], [0.0, 0.0, 0.0], [-1.0, 1.0, 0.5]])
    slopes = family_of([exact], 3, scaled=False).gradients(points)
    for k in range(3):
        derivative = family_of([exact.derivative(k)], 3, scaled=False).values(points)
        assert slopes[:, 0, k] == pytest.approx(derivative[:, 0], abs=1e-9)


def test_sizes_are_units_of_the_points() -> None:
    exact = polynomial("x**2*y + 3*z")
    sizes = np.array([4.0, 0.5, 8.0])
    points = np.array([[0.25, 2.0, 1.0]])
    scaled = family_of([exact], 3, scaled=False, sizes=sizes).values(points)
    assert scaled == family_of([exact], 3, scaled=False).values(points * sizes)


@pytest.mark.parametrize(
    ("text", "apply"),
    [
        ("sin(x*y) + z", lambda x, y, z: np.sin(x * y) + z),
        ("exp(sin(x) + y**2)", lambda x, y, z: np.exp(np.sin(x) + y**2)),
        ("1/(2 + x**2)*y", lambda x, y, z: y / (2 + x**2)),
        ("tanh(x)*cos(y)**2", lambda x, y, z: np.tanh(x) * np.cos(y) ** 2),
        ("sqrt(4 + x)", lambda x, y, z: np.sqrt(4 + x)),
    ],
)
def test_function_terms_follow_the_chain_rule(text: str, apply: Callable[..., Any]) -> None:
    ring = Ring(NAMES, opaque=True)
    family = function_family_of([polynomial(text, ring)], ring, np.ones(3))
    points = np.array([[0.3, -0.7, 1.1], [1.2, 0.4, -0.5]])
    values = apply(*points.T)
    found, slopes = family.both(points)
    scale = values / found[:, 0]
    assert scale == pytest.approx(np.full(2, scale[0]))
    step = 1e-6
    for k in range(3):
        moved = family.values(points + step * np.eye(3)[k])
        assert slopes[:, 0, k] == pytest.approx((moved - found)[:, 0] / step, abs=1e-4)


def test_halton_points_fill_the_cube() -> None:
    points = halton(512, 3, 0)
    assert ((points > 0) & (points < 1)).all()
    counts, _ = np.histogramdd(points, bins=(4, 4, 4))
    assert counts.min() >= 4


def test_restoration_reaches_a_surface_within_bounds() -> None:
    ball = region(equations=("x**2 + y**2 + z**2 - 1",), bound=0.9)
    points = restore(ball, starts(ball, 0), 1e-3, rounds=30)
    assert np.median(np.abs(ball.model.values(points))) < 1e-9
    assert (np.abs(points) <= 0.9).all()


def test_crossings_lie_on_a_surface_that_is_a_small_body_in_a_large_box() -> None:
    small = region(equations=("x**2 + y**2 + z**2 - 1/1000000",), bound=100.0)
    points = crossings(small, starts(small, 0), 10)
    assert len(points) == 10
    assert np.linalg.norm(points, axis=1) == pytest.approx(np.full(10, 1e-3), rel=0.1)


def test_the_ascent_ends_in_a_lens_thinner_than_a_millionth() -> None:
    # Two balls that overlap by 2e-7: the middle of the lens is (1, 0, 0), its slack about 1e-7.
    lens = region("1.0000002 - x**2 - y**2 - z**2", "1 - (x - 2)**2 - y**2 - z**2", bound=4.0)
    *_, best = climb(lens, starts(lens, 0)[:8], rounds=30)
    assert lens.merit(best).max() > 0
    assert best[lens.merit(best).argmax()] == pytest.approx([1.0, 0.0, 0.0], abs=1e-3)


def test_the_ascent_stays_on_the_surface() -> None:
    circle = region("x - y", equations=("x**2 + y**2 - 2", "z - 1/2"))
    *_, best = climb(circle, restore(circle, starts(circle, 0)[:20], 1e-3, rounds=30))
    top = best[circle.height(best, *circle.model.both(best)).argmax()]
    assert top == pytest.approx([1.0, -1.0, 0.5], abs=1e-5)


def test_no_ascent_claims_a_slack_that_is_not_there() -> None:
    apart = region("1 - x**2 - y**2 - z**2", "x - 1.5", bound=3.0)
    *_, best = climb(apart, starts(apart, 0)[:12])
    # The best compromise has 1 - x^2 = (x - 1.5)/1.5 in scaled values: negative.
    assert apart.merit(best).max() < 0


def test_points_with_no_value_are_left_out() -> None:
    ring = Ring(NAMES, opaque=True)
    model = function_family_of([polynomial("log(x) - 1", ring)], ring, np.ones(3))
    side = np.full(3, 10.0)
    hill = Region(model, 1, 0, -side, side, np.ones(3))
    points = np.array([[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    *_, best = climb(hill, points)
    assert len(best) == 1
    assert best[0, 0] > math.e
