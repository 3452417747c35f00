"""Laws of Taylor models and Taylor coefficients: they hold the function, and tighten with order."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_checker.algebra import Ring
from lucid_checker.document import Json
from lucid_checker.enclosure import taylor_bound
from lucid_checker.expression import expand
from lucid_checker.functions import Unbounded, coefficients
from lucid_checker.limits import Work

FLOATS = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "exp": math.exp, "tanh": math.tanh,
    "log": math.log, "sqrt": math.sqrt, "abs": abs, "1/": lambda x: 1 / x,
}  # fmt: skip
SMOOTH = sorted({*FLOATS} - {"abs"})
TEXTS = [
    "sin(x)*y - cos(x*y)", "exp(x - y**2)", "log(2 + x)*y", "sqrt(3 + x*y)", "tanh(x + y) - x",
    "1/(3 + x + y)", "tan((x + y)/4)", "sin(exp(x) - y)*y", "x**2*y - 1/3", "abs(x + 5) - sin(y)",
]  # fmt: skip
unit = st.fractions(-1, 1, max_denominator=64)


def _names(ring):
    return {name: ring.generator(i) for i, name in enumerate("xy"[: ring.variables])}


@pytest.mark.parametrize("text", TEXTS)
@given(
    a=unit,
    b=unit,
    c=unit,
    d=unit,
    s=st.fractions(0, 1),
    t=st.fractions(0, 1),
    order=st.integers(1, 6),
)
@settings(max_examples=15, deadline=None)
def test_a_taylor_model_bounds_the_expression_from_both_sides(text, a, b, c, d, s, t, order):
    box = {0: (min(a, b), max(a, b)), 1: (min(c, d), max(c, d))}
    ring = Ring(2, 8, Work())
    polynomial = expand(text, _names(ring), ring, Json(text))
    top = taylor_bound(polynomial, box, order)
    bottom = -taylor_bound(-polynomial, box, order)
    x, y = (
        float(low + r * (high - low)) for (low, high), r in zip(box.values(), (s, t), strict=True)
    )
    exact = eval(text, {"x": x, "y": y, **{name: getattr(math, name, abs) for name in FLOATS}})  # noqa: S307
    assert float(bottom) - 1e-9 <= exact <= float(top) + 1e-9


@pytest.mark.parametrize("name", SMOOTH)
@given(m=st.fractions(Fraction(1, 2), Fraction(5, 4), max_denominator=50), h=st.fractions(-1, 1))
@settings(max_examples=20, deadline=None)
def test_taylor_coefficients_add_up_to_the_function(name, m, h):
    step = h / 16
    found = coefficients(name, (m, m), 12)
    total = sum(float(low + high) / 2 * float(step) ** i for i, (low, high) in enumerate(found))
    assert abs(total - FLOATS[name](float(m + step))) < 1e-9
    assert all(high - low < Fraction(1, 10**30) for low, high in found)


@pytest.mark.parametrize("name", SMOOTH)
@given(m=st.fractions(Fraction(1, 2), Fraction(5, 4)), r=st.fractions(0, Fraction(1, 4)), s=unit)
@settings(max_examples=20, deadline=None)
def test_coefficients_on_an_interval_hold_those_at_its_points(name, m, r, s):
    wide = coefficients(name, (m - r, m + r), 8)
    point = coefficients(name, (m + s * r, m + s * r), 8)
    pairs = zip(wide, point, strict=True)
    assert all(a[0] <= b[1] and b[0] <= a[1] for a, b in pairs)


def test_a_function_without_a_derivative_on_the_box_has_no_model():
    ring = Ring(1, 4, Work())
    for text in ("abs(x)", "sqrt(x)", "log(x)", "1/x"):
        polynomial = expand(text, _names(ring), ring, Json(text))
        with pytest.raises(Unbounded):
            taylor_bound(polynomial, {0: (Fraction(-1), Fraction(1))}, 3)


def test_more_order_is_tighter_on_a_small_box():
    ring = Ring(1, 4, Work())
    polynomial = expand("sin(x)*exp(x)", _names(ring), ring, Json(""))
    box = {0: (Fraction(1), Fraction(9, 8))}
    top = math.sin(1.125) * math.exp(1.125)
    errors = [float(taylor_bound(polynomial, box, order)) - top for order in range(1, 7)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-8
