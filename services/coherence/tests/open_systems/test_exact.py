from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_coherence.open_systems.exact import exact_text, parse_exact, round_down
from lucid_coherence.open_systems.violations import NumberUnreadable


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.025", Fraction(1, 40)),
        ("1/40", Fraction(1, 40)),
        ("4e-5", Fraction(1, 25000)),
        ("-2.5E+3", Fraction(-2500)),
        ("0.1/0.3"[:3], Fraction(1, 10)),
    ],
)
def test_decimals_and_fractions_are_read_without_rounding(text: str, value: Fraction) -> None:
    assert parse_exact(text, field="theta") == value


@pytest.mark.parametrize(
    "text", ["", "abc", "1/0", "1e31", "nan", "inf", "1_0", " 1", "1/2/3", "٣", "1" * 65, "0x1"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NumberUnreadable) as refused:
        parse_exact(text, field="theta")
    assert refused.value.field == "theta"


@given(st.fractions())
def test_text_and_number_are_inverses(value: Fraction) -> None:
    text = exact_text(value)
    if len(text) <= 64:
        assert parse_exact(text, field="x") == value


@given(st.fractions(Fraction(1, 10**6), 10**6), st.integers(2, 9))
def test_rounding_down_loses_less_than_a_unit_of_the_last_digit(
    value: Fraction, digits: int
) -> None:
    rounded = round_down(value, digits)
    assert value * (1 - Fraction(1, 10 ** (digits - 1))) < rounded <= value
