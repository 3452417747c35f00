"""Factors of known sign leave a strict constraint and come back with the identity."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case, cases_of
from lucid_validation.barrier.formula import parse_formula
from lucid_validation.barrier.methods import algebra_factors
from lucid_validation.barrier.methods.evidence import (
    CaseProof,
    holds_at,
    identity_from_json,
    total_of,
)
from lucid_validation.barrier.polynomial import Ring


def case_of(*relations: str) -> Case:
    ring = Ring(("x", "y", "t"))
    (case,) = cases_of([parse_formula(r, "test", ring) for r in relations], ring)
    return case


@pytest.mark.parametrize(
    "relations",
    [
        # No slack at t = 5 and at a corner, for any degree of a numerical search.
        ("1 - x >= 0", "x + 1 >= 0", "(5 - t)**6*(x - 1) > 0"),
        ("t >= 0", "1 - x >= 0", "t**3*(x - 1) > 0"),
        ("x - y > 0", "x*y >= 1", "(y - x)**3*(x*y + 1) > 0"),
        ("x >= 0", "-3*x > 0"),
        ("t >= 0", "-t*(x - y)**2*(x**2 + y**2 - x*y + 1) > 0"),
    ],
)
def test_a_case_without_slack_is_proved_by_its_factors(
    relations: tuple[str, ...], budget: Budget
) -> None:
    case = case_of(*relations)
    found = algebra_factors.attempt(case, budget)
    assert isinstance(found, CaseProof)
    assert len(total_of(case, identity_from_json(found.proof, case))) == 0


@pytest.mark.parametrize(
    "relations",
    [
        ("t >= 0", "t**3*(1 - x) > 0"),
        ("t <= 0", "t**3*(x**2 + 1) < 0"),
        ("t == 0", "t*(x - y) > 0"),
        ("1 - x >= 0", "(5 - t)**5*(x - 1) > 0"),
    ],
)
def test_factors_of_unknown_sign_prove_nothing(relations: tuple[str, ...], budget: Budget) -> None:
    assert algebra_factors.attempt(case_of(*relations), budget) is None


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    power=st.integers(1, 4),
    linear=st.tuples(st.integers(-2, 2), st.integers(-2, 2), st.integers(-2, 2)),
    values=st.lists(st.fractions(0, 1, max_denominator=4), min_size=3, max_size=3),
)
def test_what_is_proved_has_no_point(
    budget: Budget, power: int, linear: tuple[int, int, int], values: list[Fraction]
) -> None:
    a, b, c = linear
    case = case_of(
        "x >= 0", "x <= 1", "y >= 0", "y <= 1", f"x**{power}*(({a})*x + ({b})*y + ({c})) > 0"
    )
    assume(holds_at(case, values))
    assert algebra_factors.attempt(case, budget) is None
