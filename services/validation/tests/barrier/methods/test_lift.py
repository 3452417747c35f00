"""Function terms become variables; what is proved about these holds for the functions."""

import math
from typing import Any

import lucid_checker
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case, cases_of
from lucid_validation.barrier.decide import decide_problem
from lucid_validation.barrier.expression import parse_expression
from lucid_validation.barrier.formula import parse_formula
from lucid_validation.barrier.methods import lift
from lucid_validation.barrier.methods.evidence import CaseProof
from lucid_validation.barrier.polynomial import Ring, terms
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.verdict import Proved, Undecided

FUNCTIONS = {
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
}


def case_of(*relations: str) -> Case:
    ring = Ring(("x", "y"), opaque=True)
    (case,) = cases_of([parse_formula(r, "test", ring) for r in relations], ring)
    return case


@pytest.mark.parametrize(
    "relations",
    [
        ("sin(x) > 1",),
        ("x*sin(x) - x**2 > 0",),
        ("sin(x)**2 + cos(x)**2 >= 2",),
        ("x**2 + y**2 == 2", "y**2*cos(x) - 2*y**2 - x**2 >= 0"),
        ("tanh(x)*x > x**2",),
        ("exp(x) <= x",),
        ("exp(x*y) <= 0",),
        ("x > 0", "log(x) >= x"),
        ("sqrt(1 + x**2) <= 1/2",),
        ("sqrt(1 + x**2) + y**2 < 0",),
        ("abs(x) + x < 0",),
        ("x >= 1", "1/x < 0"),
    ],
)
def test_what_is_known_of_a_function_decides_on_unbounded_space(
    relations: tuple[str, ...], budget: Budget
) -> None:
    found = lift.attempt(case_of(*relations), 1, budget)
    assert isinstance(found, CaseProof)
    assert found.proof["type"] == "lift"


@pytest.mark.parametrize(
    "relations",
    [
        ("sin(x) >= 1",),
        ("sin(x) > 0.9999",),
        ("exp(x) <= 1",),
        ("tanh(x) >= 0.99",),
        ("sqrt(x) >= 2",),
        ("x < 0", "abs(x) > 0"),
        ("x <= 1", "1/x < 0"),
        ("sin(x) + cos(x) >= 1.41",),
    ],
)
def test_nothing_is_proved_of_a_full_case(relations: tuple[str, ...], budget: Budget) -> None:
    assert lift.attempt(case_of(*relations), 1, budget) is None


def test_a_case_without_function_terms_is_not_for_it(budget: Budget) -> None:
    assert lift.attempt(case_of("x**2 < 0"), 0, budget) is None


@settings(max_examples=60, deadline=None)
@given(
    function=st.sampled_from(sorted(FUNCTIONS)),
    x=st.floats(0.01, 3),
    y=st.floats(0.01, 3),
)
def test_every_fact_holds_at_every_point(function: str, x: float, y: float) -> None:
    case = case_of(f"{function}(x + y**2) + cos(x) + sin(x) + 1/(x + 1) > 0")
    lifted = lift.lift(case)
    assert lifted is not None
    cosine, sine = math.cos(x), math.sin(x)
    known = {
        "cos(x)": cosine,
        "sin(x)": sine,
        f"{function}(y**2 + x)": FUNCTIONS[function](x + y**2),
    }
    point = [x, y, *(known.get(name, 1 / (x + 1)) for name in lifted.terms)]
    added = lifted.case.constraints[len(case.constraints) :]
    assert added
    for atom in added:
        table = terms(atom.polynomial)
        value = sum(
            float(q) * math.prod(v**k for v, k in zip(point, e, strict=True))
            for e, q in table.items()
        )
        scale = 1e-9 * (1 + max(abs(v) for v in point) ** 2)
        assert abs(value) <= scale if atom.sense == "==" else value >= -scale


@pytest.mark.parametrize(
    "text",
    ["sin(2*x - y/3)", "1/(x*y + 7)", "exp(sqrt(1 + x**2)) - 3", "x - 3*y**2*tanh(-x) - 2/5"],
)
def test_texts_read_back_as_the_same_term(text: str) -> None:
    ring = Ring(("x", "y"), opaque=True)
    polynomial = ring.expand(parse_expression(text, frozenset(ring.variables)))
    again = parse_expression(lift.polynomial_text(ring, polynomial), frozenset(ring.variables))
    assert ring.expand(again) == polynomial


PENDULUM: dict[str, Any] = {
    "id": "damped pendulum",
    "kind": "continuous",
    "vars": ["x", "v"],
    "parameters": [],
    "dynamics": {"x": "v", "v": "-sin(x) - v"},
    "domain": None,
    "init": {"and": ["x**2 + v**2 <= 0.1"]},
    "unsafe": {"and": ["v >= 3"]},
    "certificate": {"type": "barrier", "expr": "v**2/2 + 1 - cos(x) - 1"},
    "flow_condition": "everywhere",
}


@pytest.mark.parametrize(("friction", "verdict"), [("-v", Proved), ("+v", Undecided)])
def test_the_checker_accepts_a_lifted_flow(friction: str, verdict: type, budget: Budget) -> None:
    dynamics = {"x": "v", "v": f"-sin(x)*1.001 + 0.001*sin(x) {friction}"}
    if verdict is Proved:
        # A drift that only sin(x)^2 <= x^2 bounds keeps algebra alone from deciding.
        dynamics["v"] += " - sin(x)*v"
    problem = parse_problem({**PENDULUM, "dynamics": dynamics})
    decision = decide_problem(problem, budget=budget, check=lucid_checker.check, only=["flow"])
    found = decision.obligations["flow"].verdict
    if verdict is Proved:
        assert isinstance(found, Proved)
    else:
        assert not isinstance(found, Proved)
