from collections.abc import Callable
from typing import Any

import pytest
from lucid_validation.barrier.portfolio import Shape, explain, plan
from lucid_validation.barrier.problem import parse_problem

Spiral = Callable[..., dict[str, Any]]


def shape(**changes: Any) -> Shape:
    given = {
        "plain": True,
        "bounded": True,
        "coefficients": 25,
        "solvable": False,
        "constraints": 3,
        "variables": 2,
        "degree": 4,
    }
    return Shape(**{**given, **changes})


def test_unbounded_cases_get_no_box_search() -> None:
    assert "bernstein" not in {s.method for s in plan(shape(bounded=False))}
    assert "bernstein" in {s.method for s in plan(shape())}


def test_function_terms_get_only_methods_that_understand_them() -> None:
    assert {s.method for s in plan(shape(plain=False))} == {
        "falsifier",
        "interval",
        "lift",
        "taylor",
    }


def test_steps_come_in_order_of_stage_and_cheap_algebra_first() -> None:
    steps = plan(shape(solvable=True))
    assert [s.stage for s in steps] == sorted(s.stage for s in steps)
    assert steps[0].method == "algebra"
    assert steps[-1].method == "smt"


def test_the_plan_is_explained_for_every_obligation_with_reasons(spiral: Spiral) -> None:
    steps = explain(parse_problem(spiral()))
    assert {s.obligation for s in steps} == {"init", "unsafe", "flow"}
    assert all(s.reason for s in steps)


@pytest.mark.parametrize("coefficients", [25, 5_000, 50_000])
@pytest.mark.parametrize("solvable", [True, False])
@pytest.mark.parametrize("bounded", [True, False])
def test_no_long_search_starts_before_a_look_for_a_counterexample(
    coefficients: int, solvable: bool, bounded: bool
) -> None:
    steps = plan(shape(coefficients=coefficients, solvable=solvable, bounded=bounded, variables=6))
    names = [(s.method, s.level) for s in steps]
    look = names.index(("falsifier", "small"))
    assert all(level != "large" for _, level in names[:look])
    assert not {"interval", "smt"} & {method for method, _ in names[:look]}


def test_what_costs_nothing_is_never_left_to_the_long_searches() -> None:
    for bounded in (True, False):
        steps = plan(shape(bounded=bounded, coefficients=50_000, variables=9, degree=1))
        assert not steps[0].is_long
