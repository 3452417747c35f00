"""The short way reads what the careful way reads, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_validation.barrier.errors import BarrierError
from lucid_validation.barrier.expression import parse_expression, parse_relation
from lucid_validation.barrier.polynomial import Ring
from lucid_validation.barrier.quick_expression import read_expression, read_relation

RING = Ring(("x", "y", "exp1"))
NAMES = frozenset(RING.variables)

ATOMS = st.sampled_from(["x", "y", "exp1", "2", "0.5", ".25", "3.", "1e3", "z", "0", "007", "1_0"])
WORDS = st.sampled_from(
    ["+", "-", "*", "/", "**", "^", "(", ")", " ", "<=", "x", "y", "2", "3", "-1", "0.1", "sin(x)"]
)
TREES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-{text}"),
        st.tuples(inner, st.sampled_from(["0", "1", "2", "3"])).map(lambda p: f"({p[0]})^{p[1]}"),
    ),
    max_leaves=12,
)


def careful(text: str) -> object:
    try:
        return RING.expand(parse_expression(text, NAMES))
    except BarrierError:
        return None


def agrees(text: str) -> bool:
    quick = read_expression(text, RING.by_name)
    return quick is None or RING.lift(quick) == careful(text)


@given(TREES)
def test_an_expression_that_is_read_quickly_is_the_same_polynomial(text: str) -> None:
    assert agrees(text)


@given(st.lists(WORDS, max_size=14).map("".join))
def test_scrambled_text_is_read_alike_or_left_to_the_careful_way(text: str) -> None:
    assert agrees(text)


@pytest.mark.parametrize(
    "text",
    [
        "x y",
        "2x",
        "x(",
        "(x",
        "x)",
        "",
        "x**y",
        "x**2**3",
        "1/x",
        "x/0",
        "x$",
        "q",
        "x**99",
        "1..2",
    ],
)
def test_what_is_unusual_is_left_to_the_careful_way(text: str) -> None:
    assert read_expression(text, RING.by_name) is None


def test_common_texts_take_the_short_way() -> None:
    for text in ("-x**2*y/3 + 0.5*(x - y)^3", "+x", "--x", "1/2", "x*-y"):
        assert read_expression(text, RING.by_name) is not None


@given(TREES, st.sampled_from(["<", "<=", ">", ">=", "=="]), TREES)
def test_a_relation_is_read_alike(left: str, operator: str, right: str) -> None:
    quick = read_relation(f"{left} {operator} {right}", RING.by_name)
    if quick is not None:
        slow = parse_relation(f"{left} {operator} {right}", NAMES)
        assert quick[1] == slow.operator
        assert RING.lift(quick[0]) == RING.expand(slow.left)
        assert RING.lift(quick[2]) == RING.expand(slow.right)
