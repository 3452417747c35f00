"""The fast lane says only what the checker accepts, and agrees with the full search."""

import json
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import lucid_checker
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lucid_validation import warm
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.cases import Case, cases_of
from lucid_validation.barrier.formula import parse_formula
from lucid_validation.barrier.methods import bernstein, kernel_native
from lucid_validation.barrier.methods.evidence import CaseProof, Witness, holds_at
from lucid_validation.barrier.polynomial import Ring
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.quick import Empty, Full, Lane

BOUNDED: dict[str, Any] = {
    "dynamics": {"x": "-x + y - 0.1*x**3", "y": "-x - y"},
    "domain": ["x >= -2", "x <= 2", "y >= -2", "y <= 2"],
    "init": {"and": ["(x - 0.1)**2 + y**2 <= 0.16"]},
    "unsafe": {"or": ["(x - 1.5)**2 + (y - 1.1)**2 <= 0.09", "(x + 1.5)**2 + y**2 <= 0.04"]},
    "certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1", "lambda": "-1"},
    "flow_condition": "exponential",
}


@pytest.fixture(scope="module")
def lane() -> Lane:
    if kernel_native.load() is None:
        assert warm.main() == 0
        kernel_native.load.cache_clear()
    return Lane()


def check(raw: dict[str, Any], lane: Lane) -> dict[str, str]:
    problem = parse_problem(raw)
    answers = lane.decide(problem)
    document = {
        "format": "lucid-evidence/1",
        "problem_sha256": problem.sha256,
        "obligations": {name: answer.entry() for name, answer in answers.items()},
    }
    report = lucid_checker.check(problem.text, json.dumps(document))
    assert report.accepted, report
    return {name: answer.verdict for name, answer in answers.items()}


def test_a_valid_certificate_is_proved_with_evidence(
    lane: Lane, spiral: Callable[..., dict[str, Any]]
) -> None:
    everything = dict.fromkeys(("init", "unsafe", "flow"), "PROVED")
    assert check(spiral(**BOUNDED), lane) == everything


@pytest.mark.parametrize(
    ("expr", "refuted"),
    [("x**2 + y**2 - 0.2", "init"), ("x**2 + y**2 - 3", "unsafe"), ("1 - x**2 - y**2", "init")],
)
def test_a_wrong_certificate_is_refuted_at_a_point(
    lane: Lane, spiral: Callable[..., dict[str, Any]], expr: str, refuted: str
) -> None:
    certificate = {"type": "barrier", "expr": expr, "lambda": "-1"}
    answers = check(spiral(**{**BOUNDED, "certificate": certificate}), lane)
    assert answers[refuted] == "REFUTED"


def test_unbounded_sets_and_functions_are_left_to_others(
    lane: Lane, spiral: Callable[..., dict[str, Any]]
) -> None:
    # `unsafe` is unbounded; `init` is a disc; the flow is on the whole plane.
    assert set(check(spiral(), lane)) == {"init"}
    dynamics = {"x": "-x + sin(y)", "y": "-x - y"}
    assert "flow" not in check(spiral(**{**BOUNDED, "dynamics": dynamics}), lane)


def test_without_compiled_code_the_lane_is_silent(
    monkeypatch: pytest.MonkeyPatch, spiral: Callable[..., dict[str, Any]]
) -> None:
    monkeypatch.setattr(kernel_native, "load", cache(lambda: None))
    assert Lane().decide(parse_problem(spiral(**BOUNDED))) == {}


def test_a_lane_that_must_not_link_waits_until_somebody_did(
    monkeypatch: pytest.MonkeyPatch, lane: Lane, spiral: Callable[..., dict[str, Any]]
) -> None:
    problem = parse_problem(spiral(**BOUNDED))
    assert len(Lane(link=False).decide(problem)) == 3
    monkeypatch.setattr(kernel_native, "is_loaded", lambda: False)
    assert Lane(link=False).decide(problem) == {}
    assert len(Lane().decide(problem)) == 3


def case_of(*relations: str) -> Case:
    ring = Ring(("x", "y"))
    (case,) = cases_of([parse_formula(r, "test", ring) for r in relations], ring)
    return case


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    coefficients=st.lists(st.integers(-20, 20), min_size=10, max_size=10),
    ends=st.tuples(*[st.fractions(-3, 3, max_denominator=30) for _ in range(4)]),
    sense=st.sampled_from([">", ">="]),
    strict=st.booleans(),
)
def test_the_lane_agrees_with_the_full_search_on_random_cubics(
    lane: Lane,
    budget: Budget,
    coefficients: list[int],
    ends: tuple[Fraction, Fraction, Fraction, Fraction],
    sense: str,
    strict: bool,
) -> None:
    monomials = [(i, j) for i in range(4) for j in range(4) if i + j <= 3]
    text = " + ".join(
        f"({c})*x**{i}*y**{j}" for c, (i, j) in zip(coefficients, monomials, strict=True)
    )
    above = ">" if strict else ">="
    case = case_of(
        *(f"x {above} {min(ends[:2])}", f"x <= {max(ends[:2])}"),
        *(f"y >= {min(ends[2:])}", f"y <= {max(ends[2:])}", f"{text} {sense} 0"),
    )
    found = lane.decide_case(case)
    other = bernstein.attempt(case, 3000, budget)
    if isinstance(found, Empty):
        assert not isinstance(other, Witness)
    elif isinstance(found, Full):
        assert holds_at(case, [Fraction(value) for value in found.values])
        assert not isinstance(other, CaseProof)


def test_a_search_that_stops_says_what_is_left(budget: Budget) -> None:
    # Empty, but along the diagonal no box and no multiplier shows it.
    box = ("x >= -1", "x <= 1", "y >= -1", "y <= 1")
    found = bernstein.search(case_of(*box, "(x + y)*(x + y) <= 0", "x + y > 0"), 300, budget)
    assert isinstance(found, bernstein.OpenBoxes)
    assert found.explored <= 300
    assert 0 < found.share < 1
    assert found.volume == found.share * 4
    areas = [(b["x"][1] - b["x"][0]) * (b["y"][1] - b["y"][0]) for b in found.boxes]
    assert found.volume == sum(areas, Fraction(0))
    record = found.to_json(boxes_max=2)
    assert record["open"] == len(found.boxes) > 2
    assert len(record["boxes"]) == 2


def test_what_is_left_holds_the_solutions(budget: Budget) -> None:
    case = case_of("x >= 0", "x <= 2", "y >= 0", "y <= 1", "x**2 == 2", "y**2 + x > 1")
    found = bernstein.search(case, 200, budget)
    assert isinstance(found, bernstein.OpenBoxes)
    holds = [b for b in found.boxes if b["x"][0] ** 2 <= 2 <= b["x"][1] ** 2]
    assert sum((b["y"][1] - b["y"][0] for b in holds), Fraction(0)) >= 1
    assert found.share < Fraction(1, 10)


def test_sets_whose_bounds_contradict_each_other_are_searched_on_one_of_them(
    lane: Lane, budget: Budget
) -> None:
    case = case_of("(x + 1.5)**2 + y**2 <= 0.04", "x**2 + y**2 <= 1")
    assert isinstance(lane.decide_case(case), Empty)
    assert isinstance(bernstein.attempt(case, 10, budget), CaseProof)
