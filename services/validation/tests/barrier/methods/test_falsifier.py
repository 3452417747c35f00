"""Counterexamples are found where they are thin, and nothing is claimed where there is none."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case, cases_of
from lucid_validation.barrier.formula import Atom, parse_formula
from lucid_validation.barrier.methods import falsifier
from lucid_validation.barrier.methods.evidence import Witness, evaluate
from lucid_validation.barrier.methods.falsifier_confirm import value_at
from lucid_validation.barrier.methods.segment import holds_along, restrict
from lucid_validation.barrier.methods.surface import rational_roots
from lucid_validation.barrier.polynomial import Ring


def case_of(*relations: str, names: tuple[str, ...] = ("x", "y", "z")) -> Case:
    ring = Ring(names, opaque=any("sin" in r for r in relations))
    (case,) = cases_of([parse_formula(r, "test", ring) for r in relations], ring)
    return case


def found_in(case: Case, budget: Budget, effort: int = 1) -> Witness | None:
    witness = falsifier.attempt(case, effort, budget, 0)
    if witness is not None:
        assert is_true(case, witness)
    return witness


def is_true(case: Case, witness: Witness) -> bool:
    """Check a witness in a way of its own: by values, at many points of a segment."""
    said = witness.witness
    if said["type"] == "point":
        values = [Fraction(said["values"][name]) for name in case.variables]
        return all(satisfied(case, atom, values) for atom in case.constraints)
    ends = [[Fraction(said[end][n]) for n in case.variables] for end in ("from", "to")]
    surface = case.constraints[said["equation"]]
    assert [a.sense for a in case.constraints].count("==") == 1
    assert surface.sense == "=="
    if evaluate(surface.polynomial, ends[0]) * evaluate(surface.polynomial, ends[1]) >= 0:
        return False
    return all(
        satisfied(case, atom, [a + Fraction(s, 64) * (b - a) for a, b in zip(*ends, strict=True)])
        for atom in case.constraints
        if atom is not surface
        for s in range(65)
    )


def satisfied(case: Case, atom: Atom, values: list[Fraction]) -> bool:
    value, _ = value_at(case.ring, atom.polynomial, values)
    return value == 0 if atom.sense == "==" else value > 0 or (value == 0 and atom.sense == ">=")


THIN = {
    "lens of two balls": ["x**2 + y**2 + z**2 <= 1", "(x - 2)**2 + y**2 + z**2 <= 1.0000001"],
    "tangent plane": ["x**2 + y**2 + z**2 <= 1", "x + y + z >= 1.7320507"],
    "vertex of a box": ["x >= 0", "x <= 1", "y >= 0", "y <= 1", "z == 0", "x + y > 1.999999"],
    "open vertex": ["x < 1", "y < 1", "z < 1", "x > -1", "y > -1", "z > -1", "x*y*z > 0.999999"],
    "long box": ["x >= -1000", "x <= 1000", "y >= -1/1000", "y <= 1/1000", "x*y > 0.999999"],
    "far away": ["x >= 1", "x*y >= 1", "y <= 1/1000000"],
    "small body": ["x**2 + y**2 + z**2 == 1/1000000", "x >= 1/1001"],
    "circle": ["x**2 + y**2 == 2", "x*y > 0.999999"],
    "sphere and plane": ["x**2 + y**2 + z**2 == 3", "x + y + z > 2.999999 * 1"],
    "irrational circle": ["x**2 + y**2 == 3", "x - y > 2.4494897"],
    "exactly one rational point": ["x + y == 2", "x*y >= 1"],
    "zero slack on a circle": ["x**2 + y**2 == 25", "(x**2 + y**2 - 25)*x >= 0", "x > 4"],
    "zero slack at the origin": ["-x**2 - y**2 - z**2 >= 0"],
    "two equations": ["x**2 + y**2 == 25", "x*y == 12", "x > 3"],
    "three equations": ["x*y == 2", "y*z == 3", "x*z == 6", "x > 0"],
    "double root": ["(x - y)**2 == 0", "x > 1", "x < 2"],
    "pair instead of an equation": ["x - y**2 >= 0", "y**2 - x >= 0", "x > 2", "y < 0"],
    "surface beside an affine pair": ["x >= 2", "x <= 2", "y**2 + z**2 == 3", "y > 1.732"],
}


@pytest.mark.parametrize("name", sorted(THIN))
def test_thin_and_degenerate_sets_are_entered(name: str, budget: Budget) -> None:
    assert found_in(case_of(*THIN[name]), budget, 2) is not None


EMPTY = {
    "touching balls, one open": ["x**2 + y**2 <= 1", "(x - 2)**2 + y**2 < 1"],
    "tangent plane": ["x**2 + y**2 <= 1", "x > 1"],
    "no real root": ["x**2 + y**2 == -1"],
    "no common point": ["x**2 + y**2 == 1", "x + y == 2"],
    "strict zero": ["x**2 + y**2 == 1", "(x**2 + y**2 - 1)*x > 0"],
    "less than a float sees": ["x >= 1", "x < 1 + 0*y", "y > 0"],
    "bounds that exclude each other": ["x > 1", "x <= 1", "y**2 > 0"],
}


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_nothing_is_found_where_there_is_nothing(name: str, budget: Budget) -> None:
    assert found_in(case_of(*EMPTY[name]), budget, 2) is None


@pytest.mark.parametrize(
    "relations",
    [
        ("sin(x) > 0.999999", "x >= 0", "x <= 3"),
        ("exp(x) + exp(y) <= 2.000001", "x + y >= 0"),
        ("x**2 + y**2 == 1", "sin(x) >= 0.6", "y > 0"),
        ("1/(1 + x**2) >= 0.999999", "x**2 + y**2 <= 4"),
        ("log(x) - y > 0", "y >= 3", "y <= 4"),
        ("sqrt(x) >= 2", "x <= 4.000001"),
        ("abs(x) >= 1", "x <= 1", "x >= -1"),
    ],
)
def test_function_terms_are_confirmed_by_enclosures(
    relations: tuple[str, ...], budget: Budget
) -> None:
    ring = Ring(("x", "y"), opaque=True)
    (case,) = cases_of([parse_formula(r, "test", ring) for r in relations], ring)
    assert found_in(case, budget) is not None


def test_an_equation_with_a_function_never_passes(budget: Budget) -> None:
    ring = Ring(("x", "y"), opaque=True)
    (case,) = cases_of([parse_formula("sin(x) == 1/2", "test", ring)], ring)
    assert falsifier.attempt(case, 2, budget, 0) is None


def test_a_slack_that_rests_on_the_last_digits_of_a_function_is_not_claimed(budget: Budget) -> None:
    ring = Ring(("x",), opaque=True)
    texts = ("sin(x)**2 + cos(x)**2 - 1 + 10**-14 > 0", "x >= 1", "x <= 2")
    (case,) = cases_of([parse_formula(t, "test", ring) for t in texts], ring)
    assert falsifier.attempt(case, 1, budget, 0) is None


def test_seeds_move_the_starts_and_not_the_truth(budget: Budget) -> None:
    case = case_of(*THIN["irrational circle"])
    for seed in range(4):
        witness = falsifier.attempt(case, 1, budget, seed)
        assert witness is not None
        assert is_true(case, witness)


@pytest.mark.parametrize(
    "relations",
    [
        ("x**40*y**40 >= 1", "x + y > 0"),
        ("10**60*x**33 - y > 10**60*10**60", "z > 0"),
        ("x**30 - y**30 == 0", "x > 2", "y > 2"),
        ("x**2 + y**2 == 10**30", "x*y > 10**29"),
    ],
)
def test_huge_numbers_break_nothing(relations: tuple[str, ...], budget: Budget) -> None:
    for effort in (0, 1, 2):
        found_in(case_of(*relations), budget, effort)


def test_a_spent_budget_stops_the_search() -> None:
    spent = Budget(lambda: 1.0, 0.0)
    assert falsifier.attempt(case_of(*EMPTY["tangent plane"]), 2, spent, 0) is None


quadratics = st.tuples(*[st.integers(-3, 3)] * 6)


def quadratic(q: tuple[int, ...]) -> str:
    a, b, c, d, e, f = q
    return f"({a})*x**2 + ({b})*x*y + ({c})*y**2 + ({d})*x + ({e})*y + ({f})"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(surface=quadratics, slack=quadratics)
def test_whatever_is_found_on_random_conics_is_true(
    surface: tuple[int, ...], slack: tuple[int, ...], budget: Budget
) -> None:
    case = case_of(f"{quadratic(surface)} == 0", f"{quadratic(slack)} >= 0", names=("x", "y"))
    found_in(case, budget)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(centre=st.tuples(*[st.fractions(-2, 2, max_denominator=16)] * 3), size=st.integers(2, 7))
def test_a_planted_ball_is_found(centre: tuple[Fraction, ...], size: int, budget: Budget) -> None:
    x, y, z = centre
    radius = Fraction(1, 10**size)
    case = case_of(f"(x - ({x}))**2 + (y - ({y}))**2 + (z - ({z}))**2 <= {radius**2}", "x > -9")
    assert found_in(case, budget) is not None


@settings(deadline=None)
@given(
    values=st.lists(st.fractions(-5, 5, max_denominator=8), min_size=2, max_size=6),
    ends=st.tuples(*[st.fractions(-3, 3, max_denominator=8)] * 4),
)
def test_restriction_to_a_segment_is_exact(
    values: list[Fraction], ends: tuple[Fraction, ...]
) -> None:
    text = " + ".join(f"({v})*x**{k}*y**{len(values) - k}" for k, v in enumerate(values))
    ring = Ring(("x", "y"))
    polynomial = parse_formula(f"{text} >= 0", "test", ring).polynomial  # type: ignore[union-attr]
    first, last = list(ends[:2]), list(ends[2:])
    along = restrict(polynomial, first, last)
    for s in (Fraction(0), Fraction(1, 3), Fraction(7, 5)):
        point = [a + s * (b - a) for a, b in zip(first, last, strict=True)]
        assert evaluate(polynomial, point) == Fraction(str(along(str_to_fmpq(s))))


def str_to_fmpq(value: Fraction) -> object:
    from flint import fmpq

    return fmpq(value.numerator, value.denominator)


@pytest.mark.parametrize(
    ("relation", "holds"),
    [
        ("x >= 0", True),
        ("x > 0", False),
        ("x + 1/1000000 > 0", True),
        ("(x - 1/3)**2 > 0", False),
        ("(x - 1/3)**2 + 1/10000 > 0", True),
        ("(x - 1/2)**3 >= 0", False),
        ("0*x >= 0", True),
        ("0*x > 0", False),
        ("1 - x >= 0", True),
        ("x*(1 - x) >= 0", True),
    ],
)
def test_signs_on_the_unit_segment(relation: str, holds: bool) -> None:
    atom = parse_formula(relation, "test", Ring(("x",)))
    assert isinstance(atom, Atom)
    assert holds_along(atom, [Fraction(0)], [Fraction(1)]) is holds


@given(st.lists(st.fractions(-9, 9, max_denominator=12), min_size=1, max_size=4, unique=True))
def test_rational_roots_are_found(roots: list[Fraction]) -> None:
    from flint import fmpq, fmpq_poly

    product = fmpq_poly([1])
    for root in roots:
        product *= fmpq_poly([fmpq(-root.numerator, root.denominator), 1])
    found = sorted(rational_roots(product * fmpq_poly([1, 0, 1])))
    assert found == sorted(roots)
    assert all(a < b for a, b in pairwise(found))
