from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_validation.barrier.expression import (
    Call,
    ExpressionInvalid,
    Negation,
    Node,
    Number,
    Operation,
    Power,
    Variable,
    parse_expression,
    parse_relation,
)
from lucid_validation.barrier.limits import Limits
from lucid_validation.barrier.polynomial import Ring, constant_value

NAMES = frozenset({"x", "y"})


def value_of(text: str, **point: int) -> Fraction | None:
    ring = Ring(sorted(NAMES))
    polynomial = ring.expand(parse_expression(text, NAMES))
    return constant_value(
        polynomial.compose(*[ring.constant(point.get(n, 0)) for n in sorted(NAMES)])
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 - 2 - 3", -4),
        ("8/4/2", 1),
        ("-x**2", -9),
        ("(-x)**2", 9),
        ("x^2*2", 18),
        ("2*-x", -6),
        ("--x", 3),
        ("x**-1", Fraction(1, 3)),
        ("1.5e-3", Fraction(3, 2000)),
        (".1 + 0.2", Fraction(3, 10)),
        ("1/3", Fraction(1, 3)),
    ],
)
def test_operators_bind_as_in_mathematics_and_decimals_are_exact(
    text: str, value: Fraction
) -> None:
    ring = Ring(["x"], opaque=True)
    found = ring.expand(parse_expression(text.replace("x", "(3)"), frozenset({"x"})))
    assert constant_value(found) == value


def test_a_power_of_a_sign_keeps_its_base() -> None:
    assert parse_expression("-x**2", NAMES) == Negation(Power(Variable("x"), 2))


def test_functions_need_parentheses_and_are_no_variables() -> None:
    assert parse_expression("sin(x)", NAMES) == Call("sin", Variable("x"))
    with pytest.raises(ExpressionInvalid) as caught:
        parse_expression("sin x", NAMES)
    assert caught.value.code == "PARENTHESIS_EXPECTED"


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("x + z", "UNKNOWN_NAME", 4),
        ("x +", "OPERAND_EXPECTED", 3),
        ("x $ y", "BAD_CHARACTER", 2),
        ("x y", "TRAILING_TEXT", 2),
        ("(x", "PARENTHESIS_EXPECTED", 2),
        ("x**y", "EXPONENT_NOT_INTEGER", 1),
        ("x**0.5", "EXPONENT_NOT_INTEGER", 1),
        ("x**100000000", "EXPONENT_TOO_LARGE", 1),
        ("", "OPERAND_EXPECTED", 0),
        ("__import__('os')", "UNKNOWN_NAME", 0),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(text: str, code: str, position: int) -> None:
    with pytest.raises(ExpressionInvalid) as caught:
        parse_expression(text, NAMES)
    # The lexer sees the whole text before the parser: the quote is refused first.
    expected = ("BAD_CHARACTER", 11) if "import" in text else (code, position)
    assert (caught.value.code, caught.value.position) == expected


@pytest.mark.parametrize(
    ("text", "limits", "code"),
    [
        ("x" + "+x" * 10, Limits(characters=5), "TOO_LONG"),
        ("x+x+x", Limits(tokens=4), "TOO_MANY_TOKENS"),
        ("x+x+x", Limits(nodes=4), "TOO_MANY_NODES"),
        ("((((x))))", Limits(depth=3), "TOO_DEEP"),
        ("1" * 20, Limits(digits=10), "TOO_MANY_DIGITS"),
        ("1e999999999999", Limits(), "TOO_MANY_DIGITS"),
        ("x**9", Limits(exponent=8), "EXPONENT_TOO_LARGE"),
    ],
)
def test_every_limit_is_enforced_and_says_its_value(text: str, limits: Limits, code: str) -> None:
    with pytest.raises(ExpressionInvalid) as caught:
        parse_expression(text, NAMES, limits)
    assert caught.value.code == code
    assert caught.value.limit is not None
    assert caught.value.value is not None
    assert caught.value.value > caught.value.limit


def test_a_long_sum_needs_no_deep_recursion() -> None:
    ring = Ring(["x"])
    text = "+".join(["x"] * 20_000)
    assert ring.expand(parse_expression(text, frozenset({"x"}))) == 20_000 * ring.generators[0]


def test_a_relation_has_exactly_one_operator() -> None:
    assert parse_relation("x <= 1", NAMES).operator == "<="
    for text in ("x", "x < y < 1", "x = 1", "x != 1"):
        with pytest.raises(ExpressionInvalid):
            parse_relation(text, NAMES)


trees = st.recursive(
    st.sampled_from(["x", "y", "1", "2.5", "0.1"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"-({t})"),
        inner.map(lambda t: f"({t})**2"),
    ),
    max_leaves=12,
)


def evaluate(node: Node, point: dict[str, Fraction]) -> Fraction:
    match node:
        case Number(value):
            return value
        case Variable(name):
            return point[name]
        case Negation(operand):
            return -evaluate(operand, point)
        case Power(base, exponent):
            return evaluate(base, point) ** exponent
        case Operation(symbol, left, right):
            a, b = evaluate(left, point), evaluate(right, point)
            return a + b if symbol == "+" else a - b if symbol == "-" else a * b
        case _:
            raise AssertionError(node)


@given(text=trees, x=st.integers(-3, 3), y=st.integers(-3, 3))
def test_expansion_keeps_the_value_at_every_point(text: str, x: int, y: int) -> None:
    node = parse_expression(text, NAMES)
    assert value_of(text, x=x, y=y) == evaluate(node, {"x": Fraction(x), "y": Fraction(y)})
