"""Quadratic forms in free variables with coefficients that are polynomials in boxed ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.cases import Case
from lucid_validation.barrier.conditions import Emptiness, obligations
from lucid_validation.barrier.methods import matrix_bernstein
from lucid_validation.barrier.methods.evidence import CaseProof
from lucid_validation.barrier.portfolio import plan, shape_of
from lucid_validation.barrier.problem import parse_problem


def case_of(constraints: list[str], variables: str) -> Case:
    raw = {
        "kind": "continuous",
        "vars": variables.split(),
        "dynamics": dict.fromkeys(variables.split(), "0"),
        "init": {"and": constraints},
        "unsafe": "1 < 0",
        "certificate": {"type": "barrier", "expr": "1"},
        "flow_condition": "everywhere",
    }
    (init,) = [o for o in obligations(parse_problem(raw)) if o.name == "init"]
    assert isinstance(init, Emptiness)
    (found,) = init.cases
    return found


BOX = ["t >= 0", "2*t <= 3"]


@pytest.mark.parametrize(
    "constraints",
    [
        # (x - t^2)^2 + (y - t^3)^2 + 1/100 never falls to 0; a circle far from the curve.
        [*BOX, "(x - t^2)^2 + (y - t)^2 <= 1/100", "x + y >= 5"],
        [*BOX, "(x - t^2)^2 + (y - t)^2 <= 1/100", "(x + 2)^2 + y^2 <= 1"],
        [*BOX, "-x^2 - y^2 - t^3 > 0"],
        [*BOX, "t*x - x^2 - y^2 - 1 - t^4 >= 0"],
    ],
)
def test_tubes_that_miss_a_set_are_proved(constraints: list[str]) -> None:
    assert isinstance(matrix_bernstein.attempt(case_of(constraints, "x y t"), 4), CaseProof)


@pytest.mark.parametrize(
    "constraints",
    [
        [*BOX, "(x - t^2)^2 + (y - t)^2 <= 1/100", "x + y >= 15/4"],
        [*BOX, "(x - t^2)^2 + (y - t)^2 <= 1/100", "(x - 1)^2 + (y - 1)^2 <= 1/10000"],
        [*BOX, "-x^2 - y^2 - t^3 >= 0"],
        [*BOX, "t*x - x^2 - y^2 - 1 + t^4 >= 0"],
    ],
)
def test_tubes_that_touch_a_set_are_not(constraints: list[str]) -> None:
    case = case_of(constraints, "x y t")
    for elevation in (0, 4, 20):
        assert matrix_bernstein.attempt(case, elevation) is None


def test_a_higher_bernstein_degree_proves_what_the_lowest_cannot() -> None:
    wave = case_of(["t >= 0", "t <= 1", "4*t^2 - 4*t + 11/10 + x^2 <= 0"], "x t")
    assert matrix_bernstein.attempt(wave, 0) is None
    assert isinstance(matrix_bernstein.attempt(wave, 12), CaseProof)


def test_two_boxed_variables_give_a_tensor_of_coefficients() -> None:
    constraints = ["s >= 1", "s <= 2", "t >= 0", "t <= 1", "s*x^2 - 2*s*t*x + t^2*s + 1/2 <= 0"]
    assert isinstance(matrix_bernstein.attempt(case_of(constraints, "x s t"), 3), CaseProof)


def test_faces_with_any_scale_keep_the_identity_exact() -> None:
    constraints = ["7*t - 2 >= 0", "3 - 5*t >= 0", "x^2 - 2*t^3*x + t^6 + 1/100 <= 0"]
    assert isinstance(matrix_bernstein.attempt(case_of(constraints, "x t"), 6), CaseProof)


def test_it_is_not_for_cases_without_faces_or_with_cubes_everywhere() -> None:
    assert matrix_bernstein.attempt(case_of(["x^2 + t^3 <= 0", "t^2 <= 1"], "x t"), 0) is None
    assert matrix_bernstein.attempt(case_of(["x^3 + t^3 <= 0", *BOX], "x t"), 0) is None


def test_the_plan_has_it_where_the_shape_is_right_and_only_there() -> None:
    tube = case_of([*BOX, "(x - t^2)^2 + (y - t)^2 <= 1/100", "x + y >= 5"], "x y t")
    assert plan(shape_of(tube))[1].method == "matrix_bernstein"
    flat = case_of(["x^2 + y^2 <= 1", "x >= 2"], "x y")
    assert all(step.method != "matrix_bernstein" for step in plan(shape_of(flat)))


@settings(max_examples=40)
@given(
    st.lists(st.integers(-4, 4), min_size=2, max_size=5),
    st.integers(1, 20),
    st.integers(-30, 30),
)
def test_a_proof_never_excludes_a_point_of_the_tube(
    curve: list[int], radius: int, level: int
) -> None:
    centre = " + ".join(f"{c}*t^{k}" for k, c in enumerate(curve))
    constraints = ["t >= 0", "t <= 1", f"(x - ({centre}))^2 <= {radius}^2/100", f"x >= {level}/2"]
    proof = matrix_bernstein.attempt(case_of(constraints, "x t"), 6)
    highest = max(sum(c * (i / 200) ** k for k, c in enumerate(curve)) for i in range(201))
    if highest + radius / 10 > level / 2:
        assert proof is None


def tube_problem(unsafe: str) -> dict[str, Any]:
    """x' = -x + t^3 followed from 0 by an approximate centre, with the error as the state."""
    return {
        "kind": "continuous",
        "vars": ["t", "e", "f"],
        "dynamics": {"t": "1", "e": "-e + f + t^5", "f": "-f - e"},
        "init": {"and": ["t == 0", "e^2 + f^2 <= 0"]},
        "unsafe": unsafe,
        "certificate": {"type": "barrier", "expr": "e^2 + f^2 - t"},
        "flow_condition": "finite_horizon",
        "time": "t",
        "horizon": "1",
    }


def test_a_moving_tube_is_proved_safe_with_evidence_that_the_checker_accepts(decide: Any) -> None:
    decision = decide(tube_problem("e + t^4 - 3 >= 0"))
    assert decision.verdict == "PROVED"
    assert decision.safety.implies_safety
    assert decision.obligations["unsafe"].verdict.method == "matrix_bernstein"


def test_the_same_tube_with_a_set_that_it_reaches_is_not(decide: Any) -> None:
    assert decide(tube_problem("e + t^4 - 3/2 >= 0"), seconds=3.0).verdict != "PROVED"
