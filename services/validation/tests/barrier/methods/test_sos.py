"""Sums of squares prove what is one, never what has a point; rounding keeps the identity."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case, cases_of
from lucid_validation.barrier.formula import parse_formula
from lucid_validation.barrier.methods import linear, sos, sos_interior, sos_solver
from lucid_validation.barrier.methods.evidence import (
    CaseProof,
    holds_at,
    identity_from_json,
    total_of,
)
from lucid_validation.barrier.methods.rounding import Rounded, bits_of, remainder_of, round_solution
from lucid_validation.barrier.methods.sos_definite import is_positive_semidefinite
from lucid_validation.barrier.methods.sos_program import (
    Block,
    Free,
    build,
    drop_impossible,
    monomials,
    split_by_parity,
)
from lucid_validation.barrier.methods.sos_scaling import scaled_case
from lucid_validation.barrier.polynomial import Ring, terms

MOTZKIN = "x**4*y**2 + x**2*y**4 - 3*x**2*y**2 + 1"
few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
small = st.integers(-3, 3)


def case_of(*relations: str, names: tuple[str, ...] = ("x", "y", "z")) -> Case:
    ring = Ring(names)
    (case,) = cases_of([parse_formula(r, "test", ring) for r in relations], ring)
    return case


def holds_exactly(case: Case, found: CaseProof | None) -> bool:
    """Expand the identity again, and look at every matrix."""
    if found is None:
        return False
    identity = identity_from_json(found.proof, case)
    grams = [term.gram for term in identity.terms if term.gram is not None]
    return len(total_of(case, identity)) == 0 and all(is_positive_semidefinite(g) for g in grams)


@few
@given(entries=st.lists(small, min_size=16, max_size=16))
def test_a_random_positive_definite_form_is_proved(budget: Budget, entries: list[int]) -> None:
    rows = [entries[4 * i : 4 * i + 4] for i in range(4)]
    squares = " + ".join(f"(({a})*x + ({b})*y + ({c})*x*z + ({d})*z)**2" for a, b, c, d in rows)
    case = case_of(f"{squares} + 1/10*(x**2 + y**2 + z**2 + x**2*z**2) + 1/10 <= 0")
    assert holds_exactly(case, sos.attempt(case, 0, budget))


@few
@given(
    coefficients=st.lists(small, min_size=9, max_size=9),
    values=st.lists(st.fractions(-2, 2, max_denominator=3), min_size=3, max_size=3),
)
def test_a_form_with_a_negative_point_is_never_proved(
    budget: Budget, coefficients: list[int], values: list[Fraction]
) -> None:
    names = ["x**4", "y**4", "z**2", "x*y", "x**2*y", "y*z", "x", "y", "1"]
    form = " + ".join(f"({c})*{m}" for c, m in zip(coefficients, names, strict=True))
    case = case_of(f"{form} < 0")
    assume(holds_at(case, values))
    assert sos.attempt(case, 0, budget) is None
    assert sos.attempt(case, 1, budget) is None


@pytest.mark.parametrize(
    "relations",
    [
        ("x >= 2", "y >= 2", "3 - x*y >= 0"),
        ("x <= -2", "y >= 2", "x**3*y + x*y**3 + x**2 + y**2 + 5 >= 0"),
        ("x*y >= 4", "x <= 0", "x**3 + y**3 + x + y + 1 >= 0"),
    ],
)
def test_few_constraints_are_multiplied_on_unbounded_domains(
    relations: tuple[str, ...], budget: Budget
) -> None:
    case = case_of(*relations)
    found = [sos.attempt(case, effort, budget) for effort in (0, 1)]
    assert any(holds_exactly(case, proof) for proof in found)


def test_the_simplex_finds_identities_without_any_margin(budget: Budget) -> None:
    known = ("x*y == 1", "-3*x**3 - 2*x**2 - 2*y**2 >= 0", "u < 0")
    case = case_of("y + z > 0", "z < 0", *known, names=("u", "x", "y", "z"))
    assert linear.attempt(case, 1, budget) is None
    assert holds_exactly(case, linear.attempt(case, 2, budget))
    full = case_of("y + z < 0", "z < 0", *known, names=("u", "x", "y", "z"))
    assert linear.attempt(full, 2, budget) is None


def test_motzkins_form_needs_a_multiplier(budget: Budget) -> None:
    # Its margin is positive, yet no sum of squares plus a constant below 1 reaches it.
    case = case_of(f"{MOTZKIN} + 1/10 < 0")
    assert sos.attempt(case, 0, budget) is None
    assert holds_exactly(case, sos.attempt(case, 1, budget))


def test_a_form_with_zeros_is_proved_by_facial_reduction(budget: Budget) -> None:
    case = case_of("(x**2 - 2*y + z)**2 + (x*y - 1)**2 < 0")
    assert holds_exactly(case, sos.attempt(case, 0, budget))


def test_a_thin_margin_is_proved_and_none_is_not(budget: Budget) -> None:
    thin = case_of("x**2 + y**2 <= 1", "x >= 1.000001")
    assert holds_exactly(thin, sos.attempt(thin, 0, budget))
    assert sos.attempt(case_of("x**2 + y**2 <= 1", "x >= 0.999999"), 0, budget) is None


def wide(variables: int, sign: int) -> Case:
    """Return a dense quartic case in many variables: empty for sign 1, full for sign -1."""
    names = [f"x{i}" for i in range(variables)]
    ball = " + ".join(f"{v}**2" for v in names)
    mixed = " + ".join(
        f"{names[i]}*{names[i - 1]}*{names[i - 2]} + {names[i]}*{names[i - 1]}"
        for i in range(variables)
    )
    quartic = " + ".join(f"{v}**4" for v in names)
    relation = f"({mixed})/4 - ({quartic}) - ({ball}) >= {sign}"
    return case_of(relation, names=tuple(names))


def test_a_wide_quartic_goes_to_the_interior_search(
    budget: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("clarabel was asked")

    monkeypatch.setattr(sos_solver, "solve_with_margin", forbidden)
    case = wide(6, 1)
    assert holds_exactly(case, sos.attempt(case, 0, budget))


def test_a_wide_quartic_with_a_point_is_never_proved(budget: Budget) -> None:
    case = wide(6, -1)
    assert holds_at(case, [Fraction(0)] * 6)
    assert sos.attempt(case, 0, budget) is None


def test_the_interior_search_sees_that_nothing_is_inside(budget: Budget) -> None:
    blocks = [Block((), {(0, 0, 0): Fraction(1)}, monomials([4, 4, 0], 4))]
    case = case_of("x**4 + y**4 - 3*x**2*y**2 + x/10 > 0")
    program = build(terms(case.constraints[0].polynomial), blocks, [])
    assert sos_interior.solve(program.system, budget).status == "infeasible"


def test_both_solvers_find_the_margin_of_the_same_program(budget: Budget) -> None:
    case = case_of("-x**4 - y**4 - 1 + 2*x*y > 0")
    blocks = [Block((), {(0, 0, 0): Fraction(1)}, monomials([4, 4, 0], 2))]
    program = build(terms(case.constraints[0].polynomial), blocks, [])
    inside = sos_interior.solve(program.system, budget)
    outside = sos_solver.solve_with_margin(program.system, 10.0)
    assert inside.status == "inside"
    assert outside is not None
    smallest = float(np.linalg.eigvalsh(inside.grams[0])[0])
    assert 0 < smallest <= outside.margin + 1e-6


@few
@given(bits=st.integers(4, 50), noise=st.floats(-1e-3, 1e-3))
def test_rounding_never_changes_the_identity(bits: int, noise: float) -> None:
    ball = {(2, 0): Fraction(-1), (0, 2): Fraction(-1), (0, 0): Fraction(1)}
    target = {(1, 0): Fraction(1, 3), (0, 0): Fraction(-2), (0, 1): Fraction(1, 7)}
    unit = {(0, 0): Fraction(1)}
    blocks = [Block((), unit, monomials([2, 2], 1)), Block((0,), ball, [(0, 0)])]
    equation = Free(1, {(1, 1): Fraction(1), (0, 0): Fraction(-1, 5)}, [(0, 0)])
    program = build(target, blocks, [equation])
    solution = sos_solver.solve_with_margin(program.system, 10.0)
    assert solution is not None
    solution.grams[0][0, 1] += noise
    solution.grams[0][1, 0] += noise
    rounded = round_solution(program, solution, bits)
    assert rounded is not None
    assert not remainder_of(program, rounded)


def test_a_remainder_without_a_place_is_refused() -> None:
    blocks = [Block((), {(0,): Fraction(1)}, [(0,)])]
    program = build({(0,): Fraction(-1), (1,): Fraction(1)}, blocks, [])
    solution = sos_solver.Solution(0.5, [np.eye(1)], np.zeros(0))
    assert bits_of(solution) >= 4
    assert round_solution(program, solution, 10) is None
    left = remainder_of(program, Rounded([[[Fraction(1)]]], []))
    assert left == {(1,): Fraction(1)}


def test_squares_that_cannot_occur_are_dropped() -> None:
    target = {(4, 0): Fraction(-1), (2, 2): Fraction(-1), (0, 0): Fraction(-1)}
    block = Block((), {(0, 0): Fraction(1)}, monomials([2, 2], 2))
    drop_impossible(target, [block], [])
    assert sorted(block.monomials) == [(0, 0), (1, 0), (1, 1), (2, 0)]


def test_even_polynomials_split_into_parity_classes() -> None:
    target = {(4, 0): Fraction(-1), (0, 4): Fraction(-1), (1, 1): Fraction(1)}
    block = Block((), {(0, 0): Fraction(1)}, monomials([2, 2], 2))
    free = Free(0, {(2, 0): Fraction(1)}, monomials([1, 1], 1))
    parts = split_by_parity(target, [block], [free])
    assert sorted(len(part.monomials) for part in parts) == [2, 4]
    assert free.monomials == [(0, 0)]


@few
@given(shift=st.integers(-6, 6), slope=st.integers(1, 5), far=st.fractions(-90, 90))
def test_scaling_keeps_every_constraint_up_to_a_positive_factor(
    shift: int, slope: int, far: Fraction
) -> None:
    factor = Fraction(2) ** shift
    case = case_of(
        f"x <= {far + factor}", f"x >= {far}", f"({factor})*x**3*y - {slope}*y**2 + x > 0"
    )
    scaled = scaled_case(case)
    for atom, polynomial, size in zip(
        case.constraints, scaled.polynomials, scaled.sizes, strict=True
    ):
        assert size > 0
        back = {e: q * size for e, q in scaled.original(polynomial).items() if q}
        assert back == terms(atom.polynomial)


@pytest.mark.parametrize(
    "relations",
    [
        # Far from the origin a basis around it is too ill-conditioned for any solver.
        ("x >= 1000", "x <= 1001", "y >= 1000", "y <= 1001", "(x-1000)**2*(y-1000)**2 >= 1.01"),
        ("(x - 9)**2 + (y - 20)**20 <= 4", "x >= 5", "x**2 + y**2/8 - 40*x + 5*y/4 + 150.8 > 0"),
    ],
)
def test_a_case_far_from_the_origin_is_moved_there(
    relations: tuple[str, ...], budget: Budget
) -> None:
    case = case_of(*relations)
    assert scaled_case(case).is_moved
    assert holds_exactly(case, sos.attempt(case, 0, budget))


def test_a_polynomial_that_only_begins_like_a_power_is_not_moved() -> None:
    case = case_of("x*y >= 4", "x <= 0", "-x**4/50000 + x**3/3 - x**2/2 + x >= 0")
    assert not scaled_case(case).is_moved


def test_rows_that_only_multipliers_reach_are_solved_exactly_before_the_rest_is_spread() -> None:
    # x^3 has no place in the matrix of 1; only the multiplier of the constraint reaches it.
    one, third = Fraction(1), Fraction(1, 3)
    blocks = [Block((), {(0,): one}, [(0,), (1,)]), Block((0,), {(1,): one}, [(1,)])]
    target = {(3,): -third, (0,): -one, (1,): third}
    program = build(target, blocks, [])
    solution = sos_solver.Solution(0.1, [np.eye(2), np.array([[0.33]])], np.zeros(0))
    rounded = round_solution(program, solution, 8)
    assert rounded is not None
    assert not remainder_of(program, rounded)
    assert rounded.grams[1] == [[third]]
