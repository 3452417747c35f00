"""Composing puts in exactly the cap, exactly where it is named."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_dream.saga.compose import (
    CapInvalid,
    DurationInvalid,
    budget,
    compose,
    decimal_text,
)

PROBLEM = {
    "kind": "continuous",
    "vars": ["a", "capacity"],
    "dynamics": {"a": "cap*(1 - a) - capacity", "capacity": "0"},
    "domain": ["a <= 1", "capacity >= 0"],
    "init": {"and": ["a <= cap/4", {"or": ["a >= 0", "capacity == 0"]}]},
    "unsafe": "a >= cap",
    "certificate": {"type": "barrier", "expr": "a**2 - cap**2 + mycap*0"},
    "flow_condition": "boundary_strict",
}
caps = st.integers(1, 10_000).map(lambda n: Fraction(n, 10_000))


@given(caps)
def test_the_decimal_is_exact(cap: Fraction) -> None:
    assert Fraction(decimal_text(cap)) == cap


@pytest.mark.parametrize("cap", [Fraction(0), Fraction(-1, 2), Fraction(11, 10), Fraction(1, 3)])
def test_a_cap_that_is_no_decimal_in_the_unit_interval_is_refused(cap: Fraction) -> None:
    with pytest.raises(CapInvalid):
        decimal_text(cap)


def test_only_the_reserved_name_is_replaced() -> None:
    composed = compose(PROBLEM, Fraction(8, 10))
    assert composed["unsafe"] == "a >= (0.8)"
    assert composed["dynamics"] == {"a": "(0.8)*(1 - a) - capacity", "capacity": "0"}
    assert composed["certificate"]["expr"] == "a**2 - (0.8)**2 + mycap*0"
    assert composed["init"] == {"and": ["a <= (0.8)/4", {"or": ["a >= 0", "capacity == 0"]}]}
    assert composed["vars"] == ["a", "capacity"]
    assert composed["flow_condition"] == "boundary_strict"


@given(caps)
def test_composing_leaves_nothing_to_compose(cap: Fraction) -> None:
    once = compose(PROBLEM, cap)
    assert compose(once, Fraction(1, 2)) == once
    assert PROBLEM["unsafe"] == "a >= cap"


def test_the_budget_is_the_duration_and_one_ramp() -> None:
    assert budget(600.0, 60.0).hard_s == 660.0
    for wrong in (599.0, 7201.0, float("nan")):
        with pytest.raises(DurationInvalid):
            budget(wrong)
