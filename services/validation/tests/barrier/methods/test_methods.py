"""Each method proves what it should, is silent on what it cannot, and never claims the opposite."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case, cases_of
from lucid_validation.barrier.formula import parse_formula
from lucid_validation.barrier.methods import (
    algebra,
    bernstein,
    falsifier,
    linear,
    run,
    smt,
    sos,
    substitution,
)
from lucid_validation.barrier.methods.elimination import reduce_case
from lucid_validation.barrier.methods.enclosing_box import implied_box, root_above
from lucid_validation.barrier.methods.evidence import CaseProof, Witness, holds_at
from lucid_validation.barrier.polynomial import Ring


def case_of(*relations: str, names: tuple[str, ...] = ("x", "y", "z")) -> Case:
    ring = Ring(names, opaque=any("sin" in r or "exp" in r for r in relations))
    (case,) = cases_of([parse_formula(r, "test", ring) for r in relations], ring)
    return case


EMPTY = {
    "constant": ["1 <= 0"],
    "signs": ["-x**2 - y**4 > 0"],
    "division": ["x*y - 1 == 0", "x**2*y - x - y**2 > 0"],
    "farkas": ["x >= 1", "y >= 2", "x + y <= 2"],
    "products": ["x > 0", "y > 0", "-x*y >= 0"],
    "square": ["x**2 - 2*x*y + y**2 + 1 <= 0"],
    "ball": ["x**2 + y**2 <= 1", "x + y >= 2"],
    "tangent": ["x**2 + y**2 <= 1", "x > 1"],
    "box": ["x >= 0", "x <= 1", "y >= 0", "y <= 1", "x*y + x**2 - 3 >= 0"],
    "pair": ["z >= 0", "z <= 0", "x**2 + y**2 >= 1", "1 - x**2 - y**2 + z*x > 0"],
    "quartic": ["x**4 + y**4 + 1 - 2*x*y < 0"],
}
FULL = {
    "open": ["x > 0"],
    "thin": ["x**2 + y**2 <= 1", "x >= 0.9999999"],
    "box": ["x >= 0", "x <= 1", "y >= 0", "y <= 1", "x*y + x**2 >= 1.9"],
    "surface": ["x**2 + y**2 == 2", "x - y > 0.1"],
    "linear": ["x + y == 3", "x*y >= 2"],
}
METHODS = {
    "algebra": {"constant", "signs", "division"},
    "linear": {"farkas", "products", "square"},
    "bernstein": {"ball", "box"},
    "sos": {"ball", "square", "quartic", "division", "tangent"},
    "substitution": {"pair"},
}


@pytest.mark.parametrize(
    ("method", "name"), [(m, n) for m, names in METHODS.items() for n in sorted(names)]
)
def test_a_method_proves_its_kind_of_emptiness(method: str, name: str, budget: Budget) -> None:
    effort = 2000 if method == "bernstein" else int(method == "linear")
    assert isinstance(run.attempt(case_of(*EMPTY[name]), method, effort, budget, 0), CaseProof)


@pytest.mark.parametrize("name", sorted(FULL))
@pytest.mark.parametrize("method", ["algebra", "linear", "bernstein", "sos", "substitution"])
def test_no_method_proves_that_a_full_case_is_empty(method: str, name: str, budget: Budget) -> None:
    effort = 500 if method == "bernstein" else int(method == "linear")
    found = run.attempt(case_of(*FULL[name]), method, effort, budget, 0)
    assert not isinstance(found, CaseProof)


@pytest.mark.parametrize("name", sorted(FULL))
def test_the_falsifier_finds_points_and_segments(name: str, budget: Budget) -> None:
    assert isinstance(falsifier.attempt(case_of(*FULL[name]), 2, budget, 0), Witness)


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_the_falsifier_is_silent_on_empty_cases(name: str, budget: Budget) -> None:
    assert falsifier.attempt(case_of(*EMPTY[name]), 2, budget, 0) is None


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(a=st.integers(-4, 4), b=st.integers(-4, 4), c=st.integers(-6, 6), d=st.integers(-4, 4))
def test_methods_agree_on_random_quadratics_over_a_box(
    budget: Budget, a: int, b: int, c: int, d: int
) -> None:
    case = case_of(
        "x >= -1", "x <= 1", "y >= -1", "y <= 1", f"({a})*x**2 + ({b})*x*y + ({d})*y + ({c}) > 0"
    )
    proofs = [
        bernstein.attempt(case, 2000, budget),
        sos.attempt(case, 0, budget),
        linear.attempt(case, 1, budget),
        algebra.attempt(case),
    ]
    witness = falsifier.attempt(case, 1, budget, 0)
    found = any(isinstance(p, Witness) for p in proofs) or witness is not None
    assert not (found and any(isinstance(p, CaseProof) for p in proofs))
    assert found or any(isinstance(p, CaseProof) for p in proofs)


def test_the_pair_test_closes_a_tangency_in_few_boxes(budget: Budget) -> None:
    found = bernstein.attempt(case_of("x**2 + y**2 <= 1", "x + y >= 1.4142136"), 200, budget)
    assert isinstance(found, CaseProof)


def test_unbounded_cases_are_not_for_bernstein(budget: Budget) -> None:
    assert bernstein.attempt(case_of("x >= 0", "x <= 1", "y - x > 0"), 100, budget) is None


def test_a_box_follows_from_single_constraints() -> None:
    box = implied_box(case_of("2*x >= 1", "x < 3", "(y-1)**2 + 2*z**2 <= 8"))
    assert box.range_of(0) == (Fraction(1, 2), Fraction(3))
    low, high = box.range_of(1)
    assert low is not None
    assert high is not None
    assert low <= 1 - Fraction(28284271, 10**7)
    assert high < Fraction(39, 10)
    assert box.range_of(2) == (Fraction(-2), Fraction(2))
    assert box.faces == {0, 1}


@given(st.fractions(0, 10**6))
def test_the_root_is_above_and_close(value: Fraction) -> None:
    root = root_above(value)
    assert root**2 >= value
    assert root**2 <= value * (1 + Fraction(1, 10**5)) + Fraction(1, 10**12)


@given(st.fractions(-5, 5), st.fractions(-5, 5))
def test_eliminated_variables_come_back(x: Fraction, y: Fraction) -> None:
    case = case_of("z == x**2 - y", "x + y > -100")
    reduced = reduce_case(case)
    assert reduced is not None
    values = {0: x, 1: y, 2: x**2 - y}
    full = reduced.lift([values[k] for k in reduced.free])
    assert holds_at(case, full)


def test_models_of_a_solver_count_only_when_they_hold() -> None:
    case = case_of("x**2 == 2", "x > 0")
    assert "(assert (and true (= " in smt.script(case)
    assert smt.witness_from(case, {"v0": Fraction(1)}) is None or (
        smt.witness_from(case, {"v0": Fraction(1)}).witness["type"] == "segment"  # type: ignore[union-attr]
    )
    near = smt.witness_from(case, {"v0": Fraction(141421356, 10**8)})
    assert near is not None
    assert near.witness["type"] == "segment"


def test_substitution_pays_every_equation_back(budget: Budget) -> None:
    found = substitution.attempt(case_of("x == y", "y == z + 1", "z >= 3", "x**2 - 10 < 0"), budget)
    assert isinstance(found, CaseProof)
    assert len(found.proof["ideal"]) == 2


@pytest.mark.parametrize(
    "relations",
    [
        ("x >= 0", "-x**3 - y**2 > 0"),
        ("x >= 0", "y <= 0", "2*x*y**3 - x**5*z**2 > 0"),
        ("-3*x > 0", "x*y**2 - 1 >= 0"),
    ],
)
def test_algebra_uses_the_signs_of_variables_that_the_case_fixes(
    relations: tuple[str, ...],
) -> None:
    assert isinstance(algebra.attempt(case_of(*relations)), CaseProof)


@pytest.mark.parametrize(
    "relations",
    [
        ("x >= 0", "x**3 - y**2 > 0"),
        ("x >= 0", "y <= 0", "x*y*z > 0"),
        ("x >= 0", "-x*y > 0"),
        ("x <= 0", "-x**3 - y**2 > 0"),
        ("x >= 0", "-x**3 >= 0"),
    ],
)
def test_algebra_is_silent_where_the_signs_do_not_decide(relations: tuple[str, ...]) -> None:
    assert algebra.attempt(case_of(*relations)) is None
