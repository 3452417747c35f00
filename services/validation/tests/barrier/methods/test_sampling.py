"""Sampling refutes, or says how little it knows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case, cases_of
from lucid_validation.barrier.formula import parse_formula
from lucid_validation.barrier.methods import sampling
from lucid_validation.barrier.methods.sampling import violating_fraction_max
from lucid_validation.barrier.polynomial import Ring

BOX = ("x >= 0", "x <= 1", "y >= 0", "y <= 1")


def case_of(*relations: str) -> Case:
    ring = Ring(("x", "y"), opaque=any("sin" in r for r in relations))
    (case,) = cases_of([parse_formula(r, "test", ring) for r in relations], ring)
    return case


def test_a_wide_violation_is_found_and_confirmed(budget: Budget) -> None:
    found = sampling.uniform(case_of(*BOX, "x + y > 1.5"), 10_000, budget, 0)
    assert found is not None
    assert found.witness is not None
    assert found.clean is None


def test_clean_draws_bound_the_fraction_and_are_no_proof(budget: Budget) -> None:
    found = sampling.uniform(case_of(*BOX, "x + y > 2"), 10_000, budget, 0)
    assert found is not None
    assert found.clean is not None
    said = found.clean.to_json(0.99)
    assert said["is_proof"] is False
    assert said["draws"] == 10_000
    assert said["box"] == {"x": ["0", "1"], "y": ["0", "1"]}
    assert said["violating_fraction_max"] == pytest.approx(1 - 0.01**1e-4)


@given(st.integers(1, 10**7), st.floats(0.01, 0.999))
def test_the_bound_is_the_one_that_clean_draws_just_allow(draws: int, confidence: float) -> None:
    fraction = violating_fraction_max(draws, confidence)
    assert 0 < fraction < 1
    assert draws * np.log1p(-fraction) == pytest.approx(np.log1p(-confidence), rel=1e-6)


def test_the_bound_holds_as_often_as_it_says(budget: Budget) -> None:
    # 1 % of the box violates. With 100 draws at 90 % the bound is 2.3 %: it must hold whenever it
    # is stated; with 300 draws it is 0.8 %, and may be stated wrongly in at most 10 % of the runs.
    case = case_of(*BOX, "x > 0.99")
    wrong = 0
    for seed in range(200):
        found = sampling.uniform(case, 300, budget, seed)
        assert found is not None
        wrong += found.clean is not None and found.clean.fraction_max(0.9) < 0.01
    assert wrong <= 20


def test_uniform_draws_are_not_for_surfaces_or_unbounded_sets(budget: Budget) -> None:
    assert sampling.uniform(case_of("x > 0", "y > 0"), 100, budget, 0) is None
    assert sampling.uniform(case_of(*BOX, "x**2 + y**2 == 1"), 100, budget, 0) is None


@pytest.mark.parametrize("seed", range(5))
def test_adaptive_sampling_finds_a_lens_of_a_millionth_in_a_thousandth_of_the_draws(
    seed: int, budget: Budget
) -> None:
    # The lens x^2 + y^2 <= 1, x + y >= 1.414213: about 1e-9 of the box.
    lens = case_of(*BOX, "x**2 + y**2 <= 1", "x + y >= 1.414213")
    adaptive = sampling.adaptive(lens, 20_000, budget, seed)
    assert adaptive is not None
    assert adaptive.witness is not None
    uniform = sampling.uniform(lens, 200_000, budget, seed)
    assert uniform is not None
    assert uniform.witness is None


def test_adaptive_sampling_finds_points_of_a_surface(budget: Budget) -> None:
    case = case_of(*BOX, "x**2 + y**2 == 1", "x*y > 0.4999")
    found = sampling.adaptive(case, 50_000, budget, 0)
    assert found is not None
    assert found.witness is not None


def test_adaptive_sampling_states_no_bound(budget: Budget) -> None:
    found = sampling.adaptive(case_of(*BOX, "x + y > 2"), 5_000, budget, 0)
    assert found is not None
    assert found.witness is None
    assert found.clean is None
    assert found.evaluations >= 5_000


def test_function_terms_are_sampled_too(budget: Budget) -> None:
    found = sampling.adaptive(case_of(*BOX, "sin(x) + sin(y) > 1.68"), 20_000, budget, 0)
    assert found is not None
    assert found.witness is not None


def test_statements_name_their_case(budget: Budget) -> None:
    cases = [case_of(*BOX, "x + y > 2"), case_of(*BOX, "x > 0.5"), case_of("x > 0")]
    said = sampling.statements(cases, 2_000, budget, 0, 0.95)
    assert [(s["case"], "witness" in s) for s in said] == [(0, False), (1, True)]
