"""The enclosure contains the value, and hostile text ends early with a sentence."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_dream.saga.expression import ExpressionInvalid, enclose, names_of, parse_expression

floats = st.floats(-4.0, 4.0)
TEXTS = (
    "a**2 + h**2/4 - 0.63",
    "-a*h + 3*(a - h)**3",
    "1/(2 + a**2) - h^4",
    "exp(a) - tanh(h)*cos(a) + sin(h)",
    "sqrt(a**2 + 1) - log(2 + h**2)",
    "--a - +h",
)


@pytest.mark.parametrize("text", TEXTS)
@given(a=floats, h=floats, width=st.floats(0.0, 0.5), at=st.floats(0.0, 1.0))
def test_the_enclosure_contains_the_value(
    text: str, a: float, h: float, width: float, at: float
) -> None:
    box = {"a": (a, a + width), "h": (h - width, h)}
    point = {"a": (a + at * width,) * 2, "h": (h - at * width,) * 2}
    expression = parse_expression(text)
    outer, inner = enclose(expression, box), enclose(expression, point)
    assert outer[0] <= (inner[0] + inner[1]) / 2 <= outer[1]


@given(a=st.fractions(-3, 3, max_denominator=64), h=st.fractions(-3, 3, max_denominator=64))
def test_the_enclosure_contains_the_exact_value_of_a_polynomial(a: Fraction, h: Fraction) -> None:
    exact = a**2 + h**2 / 4 - Fraction(63, 100)
    point = {"a": (float(a),) * 2, "h": (float(h),) * 2}
    lower, upper = enclose(parse_expression(TEXTS[0]), point)
    assert Fraction(lower) <= exact <= Fraction(upper)


@pytest.mark.parametrize(
    "text",
    ["", "a +", "(a", "a)", "a..b", "__import__('os')", "a b", "f(a)", "a**b", "a**99", "a[0]",
     "1e", "a;b", "lambda: 1", "(" * 500 + "a" + ")" * 500, "-" * 500 + "a", "a+" * 20_000 + "a"],
)  # fmt: skip
def test_text_outside_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(ExpressionInvalid):
        parse_expression(text)


@given(st.text(max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        expression = parse_expression(text)
        enclose(expression, dict.fromkeys(names_of(expression), (0.0, 1.0)))
    except ExpressionInvalid:
        pass


def test_division_by_something_that_may_be_zero_knows_nothing() -> None:
    assert enclose(parse_expression("1/a"), {"a": (-1.0, 1.0)}) == (-math.inf, math.inf)
    assert enclose(parse_expression("tan(a)"), {"a": (0.0, 0.1)}) == (-math.inf, math.inf)


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(ExpressionInvalid):
        enclose(parse_expression("a + b"), {"a": (0.0, 1.0)})
