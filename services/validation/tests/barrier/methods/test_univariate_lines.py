"""Lines find points on a surface however far away, and nothing that is not there."""

import json
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case, cases_of
from lucid_validation.barrier.formula import parse_formula
from lucid_validation.barrier.methods import univariate_lines
from lucid_validation.barrier.methods.evidence import Witness, evaluate
from lucid_validation.barrier.methods.segment import holds_along
from lucid_validation.barrier.polynomial import Ring


def case_of(*relations: str) -> Case:
    ring = Ring(("x", "y"))
    (case,) = cases_of([parse_formula(r, "test", ring) for r in relations], ring)
    return case


def confirmed(case: Case, found: Witness | None) -> bool:
    if found is None:
        return False
    witness = json.loads(json.dumps(found.witness))
    ends = [[Fraction(witness[end][v]) for v in case.variables] for end in ("from", "to")]
    for atom in case.constraints:
        if atom.sense == "==":
            first, last = (evaluate(atom.polynomial, end) for end in ends)
            if first * last >= 0:
                return False
        elif not holds_along(atom, *ends):
            return False
    return True


@pytest.mark.parametrize(
    "relations",
    [
        ("x**2 + y**2 == 1", "x > y"),
        # The surface is met a million times farther out than its coefficients suggest.
        ("y - x**2/1000000 + x == 0", "y - x > 0", "x > 10000"),
        ("x*y == 1", "x > 30"),
        ("x**3 - 3*x*y**2 - 1 == 0", "x + y - 50000 > 0"),
    ],
)
def test_a_surface_far_away_is_found(relations: tuple[str, ...], budget: Budget) -> None:
    case = case_of(*relations)
    assert confirmed(case, univariate_lines.attempt(case, 1, budget, 0))


@pytest.mark.parametrize(
    "relations",
    [
        ("x**2 + y**2 == 1", "x + y > 3/2"),
        ("x**2 + y**2 + 1 == 0", "x > 0"),
        ("x*y == 1", "-x**2*y**2 + 1/2 > 0"),
        ("x > 0", "y > 0"),
        ("x == 0", "y == 0", "x + y > 1"),
    ],
)
def test_nothing_is_found_where_nothing_is(relations: tuple[str, ...], budget: Budget) -> None:
    assert univariate_lines.attempt(case_of(*relations), 1, budget, 0) is None


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(coefficients=st.lists(st.integers(-5, 5), min_size=6, max_size=6), seed=st.integers(0, 5))
def test_every_witness_is_one(budget: Budget, coefficients: list[int], seed: int) -> None:
    a, b, c, d, e, f = coefficients
    case = case_of(
        f"({a})*x**3 + ({b})*x*y + ({c})*y**2 + 1 == 0", f"({d})*x**2*y + ({e})*y + ({f}) > 0"
    )
    found = univariate_lines.attempt(case, 1, budget, seed)
    assert found is None or confirmed(case, found)
