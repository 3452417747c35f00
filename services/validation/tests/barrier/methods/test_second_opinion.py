"""Ball arithmetic knows nothing of Bernstein forms: what these prove empty it must find empty."""

import itertools
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, ctx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.cases import Case, cases_of
from lucid_validation.barrier.formula import parse_formula
from lucid_validation.barrier.methods import bernstein, interval
from lucid_validation.barrier.methods.evidence import CaseProof, Witness
from lucid_validation.barrier.methods.kernel import Mode
from lucid_validation.barrier.polynomial import Ring, rational, terms

NAMES = ("x", "y")
MONOMIALS = [(i, j) for i in range(5) for j in range(5) if i + j <= 4]


def case_of(relations: list[str]) -> Case:
    ring = Ring(NAMES)
    (case,) = cases_of([parse_formula(r, "test", ring) for r in relations], ring)
    return case


def range_of(case: Case, number: int, box: list[Any]) -> Any:
    """Return the ball of a constraint over a box of balls, monomial by monomial."""
    total = arb(0)
    for exponents, value in terms(case.constraints[number].polynomial).items():
        part = arb(rational(value))
        for side, power in zip(box, exponents, strict=True):
            part *= side**power
        total += part
    return total


def surely_holds(case: Case, box: list[Any]) -> bool:
    """Say whether every point of the box satisfies the case; an equation never surely holds."""
    for number, atom in enumerate(case.constraints):
        value = range_of(case, number, box)
        if atom.sense == "==" or not (value > 0 or (atom.sense == ">=" and value >= 0)):
            return False
    return True


def violations(case: Case, cells: int) -> bool:
    """Say whether some small box, or some point of the grid, satisfies the case beyond doubt."""
    before = ctx.prec
    ctx.prec = 160
    try:
        width = Fraction(4, cells)
        for i, j in itertools.product(range(cells), repeat=2):
            middle = [-2 + width * (i + Fraction(1, 2)), -2 + width * (j + Fraction(1, 2))]
            point = [arb(rational(m)) for m in middle]
            if surely_holds(case, point):
                return True
            box = [arb(p, float(width / 2)) for p in point]
            if surely_holds(case, box):
                return True
    finally:
        ctx.prec = before
    return False


@pytest.mark.parametrize("mode", ["arrays", "native"])
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    first=st.lists(st.integers(-9, 9), min_size=15, max_size=15),
    second=st.lists(st.integers(-9, 9), min_size=15, max_size=15),
    shift=st.integers(-60, 10),
    senses=st.tuples(st.sampled_from([">", ">="]), st.sampled_from([">", ">=", "=="])),
)
def test_what_is_proved_empty_has_no_point_in_ball_arithmetic(
    budget: Budget,
    mode: Mode,
    first: list[int],
    second: list[int],
    shift: int,
    senses: tuple[str, str],
) -> None:
    def text(row: list[int]) -> str:
        return " + ".join(f"({c})*x**{i}*y**{j}" for c, (i, j) in zip(row, MONOMIALS, strict=True))

    case = case_of(
        [
            *("x >= -2", "x <= 2", "y >= -2", "y <= 2"),
            *(f"{text(first)} + {shift} {senses[0]} 0", f"{text(second)} {senses[1]} 0"),
        ]
    )
    found = bernstein.attempt(case, 1500, budget, mode)
    if isinstance(found, CaseProof):
        assert not violations(case, 8)
    other = interval.attempt(case, 300, budget)
    assert not (isinstance(found, Witness) and isinstance(other, CaseProof))


def test_the_second_opinion_would_find_a_false_proof() -> None:
    assert violations(case_of(["x >= -2", "x <= 2", "y >= -2", "y <= 2", "x + y > 3"]), 12)
    assert violations(case_of(["x**2 + y**2 <= 1", "x > 0.8"]), 12)
    assert not violations(case_of(["x**2 + y**2 <= 1", "x > 1.1"]), 12)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    margin=st.integers(-3, 12).map(lambda k: Fraction(1, 10**k) if k > 0 else Fraction(k, 100)),
    a=st.integers(1, 9),
    b=st.integers(-9, 9),
)
def test_margins_down_to_rounding_are_decided_on_the_right_side(
    budget: Budget, margin: Fraction, a: int, b: int
) -> None:
    # On the disc of radius 1 a*x + b*y is at most sqrt(a^2 + b^2): test above and below it.
    size = a * a + b * b
    level = Fraction(int((size * 10**30) ** 0.5), 10**15) + margin
    case = case_of(["x**2 + y**2 <= 1", f"({a})*x + ({b})*y >= {level}"])
    found = bernstein.attempt(case, 4000, budget)
    if isinstance(found, CaseProof):
        assert level * level > size
    if isinstance(found, Witness):
        assert level * level <= size
