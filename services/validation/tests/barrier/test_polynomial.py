import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_validation.barrier.errors import Unsupported
from lucid_validation.barrier.expression import parse_expression
from lucid_validation.barrier.limits import Limits
from lucid_validation.barrier.polynomial import (
    DivisionByZero,
    Polynomial,
    PolynomialTooLarge,
    Ring,
)


def ring_of(*names: str, opaque: bool = True) -> Ring:
    return Ring(names, opaque=opaque)


def expand(ring: Ring, text: str) -> Polynomial:
    return ring.expand(parse_expression(text, frozenset(ring.variables)))


def test_equal_function_terms_cancel_and_leave_a_polynomial() -> None:
    ring = ring_of("x", "y")
    found = expand(ring, "x + 0.3*sin(x + y - y) - 0.3*sin(x)")
    assert ring.is_plain(found)
    assert ring.plain(found) == ring.plain_context.gens()[0]


def test_different_arguments_do_not_cancel() -> None:
    ring = ring_of("x", "y")
    assert not ring.is_plain(expand(ring, "sin(x) - sin(y)"))


@pytest.mark.parametrize(
    ("text", "derivative"),
    [
        ("x**3*y", "3*x**2*y"),
        ("sin(x*y)", "cos(x*y)*y"),
        ("cos(x)", "-sin(x)"),
        ("tan(x)", "1 + tan(x)**2"),
        ("exp(x**2)", "2*x*exp(x**2)"),
        ("log(x)", "1/x"),
        ("sqrt(x)", "1/sqrt(x)/2"),
        ("tanh(2*x)", "2*(1 - tanh(2*x)**2)"),
        ("1/x", "-(1/x)**2"),
        ("y", "0"),
    ],
)
def test_derivatives_are_the_ones_of_calculus(text: str, derivative: str) -> None:
    ring = ring_of("x", "y")
    assert ring.derivative(expand(ring, text), 0) == expand(ring, derivative)


def test_abs_has_no_derivative() -> None:
    ring = ring_of("x")
    with pytest.raises(Unsupported):
        ring.derivative(expand(ring, "abs(x)"), 0)


@given(st.integers(0, 4), st.integers(0, 4), st.integers(-3, 3))
def test_the_lie_derivative_obeys_the_product_rule(a: int, b: int, c: int) -> None:
    ring = ring_of("x", "y", opaque=False)
    p, q = expand(ring, f"x**{a} - {c}*y"), expand(ring, f"y**{b} + x")
    field = {"x": expand(ring, "y - x**2"), "y": expand(ring, "x*y + 1")}
    left = ring.lie_derivative(p * q, field)
    assert left == p * ring.lie_derivative(q, field) + q * ring.lie_derivative(p, field)


def test_composition_replaces_variables_inside_functions() -> None:
    ring = ring_of("x", "y")
    images = {"x": expand(ring, "y + 1"), "y": expand(ring, "x")}
    assert ring.compose(expand(ring, "x*sin(x)"), images) == expand(ring, "(y+1)*sin(y+1)")


def test_sizes_are_bounded() -> None:
    small = Ring(["x", "y"], limits=Limits(degree=10, terms=20))
    with pytest.raises(PolynomialTooLarge) as caught:
        small.expand(parse_expression("(x+y)**11", frozenset("xy")))
    assert caught.value.limit == "degree"
    with pytest.raises(PolynomialTooLarge):
        Ring(["x", "y"]).expand(parse_expression("((x+y+1)**40)**40", frozenset("xy")))


def test_towers_of_powers_of_constants_are_bounded() -> None:
    with pytest.raises(PolynomialTooLarge) as caught:
        Ring(["x"]).expand(parse_expression("(((2**64)**64)**64)**64", frozenset("x")))
    assert caught.value.limit == "coefficient_bits"


def test_division_by_zero_is_refused() -> None:
    ring = ring_of("x")
    with pytest.raises(DivisionByZero):
        expand(ring, "1/(x - x)")
