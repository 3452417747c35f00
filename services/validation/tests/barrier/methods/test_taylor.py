"""Taylor models hold what they stand for, and their trees are accepted by the checker."""

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import lucid_checker
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.cases import Case, cases_of
from lucid_validation.barrier.formula import parse_formula
from lucid_validation.barrier.methods import interval, taylor
from lucid_validation.barrier.methods.evidence import CaseProof, Witness
from lucid_validation.barrier.methods.taylor_model import Forms, TaylorModels
from lucid_validation.barrier.polynomial import Ring, rational
from lucid_validation.barrier.problem import parse_problem

FORMS = [
    "sin(x)*y + cos(x)**2",
    "exp(x*y) - x",
    "tanh(x + y)",
    "log(3 + x)*sqrt(3 + y)",
    "1/(2 + x**2) + x/(3 + y)",
    "sin(exp(x) - y)",
    "tan(x/4)",
    "abs(x + 5)*y",
]
DIRECT: dict[str, Callable[[Any], Any]] = {
    "inverse": lambda a: 1 / a,
    "abs": lambda a: a if a > 0 else -a,
    "tanh": lambda a: 1 - 2 / ((2 * a).exp() + 1),
}


def value_at(ring: Ring, polynomial: Any, point: list[Fraction]) -> Any:
    """Evaluate an expanded form by ball arithmetic, without any code of the models."""
    total = arb(0)
    for exponents, coefficient in polynomial.to_dict().items():
        part = arb(coefficient)
        for generator, power in enumerate(exponents):
            if not power:
                continue
            if generator < len(ring.variables):
                factor = arb(rational(point[generator]))
            else:
                name, argument = ring.opaque_terms[generator - len(ring.variables)]
                inner = value_at(ring, argument, point)
                factor = DIRECT[name](inner) if name in DIRECT else getattr(inner, name)()
            part *= factor ** int(power)
        total += part
    return total


@settings(deadline=None, max_examples=150)
@given(
    form=st.sampled_from(FORMS),
    middle=st.tuples(*[st.fractions(-1, 1, max_denominator=64)] * 2),
    radius=st.tuples(*[st.fractions(0, Fraction(1, 4), max_denominator=64)] * 2),
    place=st.tuples(*[st.fractions(-1, 1, max_denominator=16)] * 2),
    order=st.integers(1, 8),
)
def test_a_model_is_within_its_remainder_everywhere(
    form: str,
    middle: tuple[Fraction, Fraction],
    radius: tuple[Fraction, Fraction],
    place: tuple[Fraction, Fraction],
    order: int,
) -> None:
    ring = Ring(("x", "y"), opaque=True)
    polynomial = parse_formula(f"{form} > 0", "test", ring).polynomial  # type: ignore[union-attr]
    ranges = [(m - r, m + r) for m, r in zip(middle, radius, strict=True)]
    model = TaylorModels(Forms(ring), ranges, order).of(polynomial)
    assert model is not None
    point = [m + r * u for m, r, u in zip(middle, radius, place, strict=True)]
    before = ctx.prec
    ctx.prec = 200
    try:
        exact = value_at(ring, polynomial, point)
        near = arb(model.polynomial(*(rational(u) for u in place)))
        assert not abs(exact - near) > arb(model.remainder)
        assert not abs(exact) > arb(model.size)
    finally:
        ctx.prec = before


@pytest.mark.parametrize("form", ["log(x)", "sqrt(x)", "1/x", "abs(x)", "tan(2*x)"])
def test_a_function_without_a_derivative_on_the_box_has_no_model(form: str) -> None:
    ring = Ring(("x",), opaque=True)
    polynomial = parse_formula(f"{form} > 0", "test", ring).polynomial  # type: ignore[union-attr]
    assert TaylorModels(Forms(ring), [(Fraction(-1), Fraction(1))], 4).of(polynomial) is None


BARRIERS = {
    "exp": "x**2 + 0.8*y**2 + 0.3*sin(2*x)*y + 0.2*exp(x*y) - 1.8",
    "tanh": "tanh(x) + y*sqrt(2 + x) - 2.3",
    "rational": "x/(1 + y**2) + y - 1.5",
    "nested": "sin(cos(x) + y) + x**2 - 1.9",
    "logarithm": "log(2 + x) + tan(y) - 2.2",
}


def decided(raw: dict[str, Any], budget: Budget) -> str:
    problem = parse_problem(raw)
    (case,) = cases_of([problem.init, _above(problem)], problem.ring)
    found = taylor.attempt(case, 3000, budget)
    if not isinstance(found, CaseProof):
        return "REFUTED" if isinstance(found, Witness) else "UNDECIDED"
    document = {
        "format": "lucid-evidence/1",
        "problem_sha256": problem.sha256,
        "obligations": {"init": {"verdict": "PROVED", "proof": {"cases": [found.proof]}}},
    }
    report = lucid_checker.check(problem.text, json.dumps(document))
    assert report.accepted, report
    return "PROVED"


def _above(problem: Any) -> Any:
    from lucid_validation.barrier.formula import Atom

    return Atom(problem.certificate.polynomial, ">")


@pytest.mark.parametrize("name", sorted(BARRIERS))
def test_the_checker_closes_every_leaf_again(
    name: str, spiral: Callable[..., dict[str, Any]], budget: Budget
) -> None:
    raw = spiral(
        init={"and": ["(x - 0.3)**2 + (y - 0.2)**2 <= 0.49"]},
        certificate={"type": "barrier", "expr": BARRIERS[name]},
    )
    assert decided(raw, budget) == "PROVED"


def test_a_leaf_is_closed_in_its_own_degree(
    spiral: Callable[..., dict[str, Any]], budget: Budget
) -> None:
    # The ball alone is violated on its box, but only just: in the degree of the other constraint
    # its form is negative, in its own it is not.
    raw = spiral(
        vars=["x", "y", "z"],
        dynamics=dict.fromkeys("xyz", "0"),
        init={
            "and": [
                *("x >= -0.995", "x <= -0.551", "y >= 0.038", "y <= 1.503", "z >= 0.047"),
                "(x + 0.26)**2 + (y - 0.45)**2 + (z + 0.29)**2 <= 0.16",
            ]
        },
        certificate={"type": "barrier", "expr": "1.69*x**2 - tanh(0.04*z - 0.99*y)*y - 3.24"},
    )
    assert decided(raw, budget) == "PROVED"


def test_a_violation_is_found_at_a_point(
    spiral: Callable[..., dict[str, Any]], budget: Budget
) -> None:
    raw = spiral(
        init={"and": ["x**2 + y**2 <= 0.25"]},
        certificate={"type": "barrier", "expr": "sin(x) + exp(y) - 1.7"},
    )
    assert decided(raw, budget) == "REFUTED"


def case_of(*relations: str) -> Case:
    ring = Ring(("x", "y"), opaque=True)
    (case,) = cases_of([parse_formula(r, "test", ring) for r in relations], ring)
    return case


def test_a_small_margin_takes_far_fewer_boxes_than_enclosures(budget: Budget) -> None:
    # The largest value of the form on the disc is 1.76159...; the margin is 1e-4.
    case = case_of("x**2 + y**2 <= 1", "x + y*exp(x/4) + 0.3*sin(y) - 1.8056 > 0")
    found, other = taylor.attempt(case, 3000, budget), interval.attempt(case, 20_000, budget)
    assert isinstance(found, CaseProof)
    if isinstance(other, CaseProof):
        assert 4 * len(found.proof["tree"]) < len(other.proof["tree"])


@pytest.mark.parametrize(
    "relations",
    [
        ("x >= 0", "x <= 1", "y >= 0", "y <= 1", "sin(x) - y >= 0"),
        ("x >= 0", "x <= 4", "sin(x) + 1e-9*x > 0.999999999"),
        ("x >= -1", "x <= 1", "log(x) < -5"),
        ("x >= 0", "x <= 1", "y >= 0", "y <= 1", "exp(x) == 2 + y"),
    ],
)
def test_a_case_with_a_solution_is_never_proved_empty(
    relations: tuple[str, ...], budget: Budget
) -> None:
    assert not isinstance(taylor.attempt(case_of(*relations), 400, budget), CaseProof)


def test_unbounded_cases_are_not_for_taylor(budget: Budget) -> None:
    assert taylor.attempt(case_of("x >= 0", "sin(x) > 2"), 100, budget) is None
