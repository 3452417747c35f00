"""Two constraints of degree at most two are decided exactly, proof and counterexample alike."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_validation.barrier.cases import Case
from lucid_validation.barrier.conditions import Emptiness, obligations
from lucid_validation.barrier.methods import quadratic
from lucid_validation.barrier.methods.evidence import CaseProof, Witness, holds_at
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.verdict import Refuted, word


def problem(variables: list[str], init: str, barrier: str, unsafe: str = "1 < 0") -> dict[str, Any]:
    return {
        "kind": "continuous",
        "vars": variables,
        "dynamics": {name: f"-{name}" for name in variables},
        "init": init,
        "unsafe": unsafe,
        "certificate": {"type": "barrier", "expr": barrier},
        "flow_condition": "everywhere",
    }


def case_of(constraints: list[str], variables: str = "xy") -> Case:
    """The conjunction of the constraints, as the domain part of an init obligation with B > 0."""
    raw = problem(list(variables), constraints[0], "1")
    raw["init"] = {"and": constraints}
    (init,) = [o for o in obligations(parse_problem(raw)) if o.name == "init"]
    assert isinstance(init, Emptiness)
    (found,) = init.cases
    return found


@pytest.mark.parametrize(
    "constraints",
    [
        ["x^2 + y^2 <= 1", "x >= 1.0000001"],
        ["x^2 + y^2 <= 1", "x > 1"],
        ["x^2 + y^2 < 1", "x >= 1"],
        ["x^2 + y^2 <= 1", "x + y == 2"],
        ["x^2 + y^2 <= 1", "-x - y == 2"],
        ["x^2 + y^2 <= 1", "2*x^2 + 3*y^2 >= 4"],
        ["x^2 + 2*y^2 <= 3", "3*x^2 + 6*y^2 == 10"],
        ["x^2 + 2*y^2 >= 4", "3*x^2 + 6*y^2 == 10"],
        ["(x - 3)^2 + y^2 <= 1", "(x + 3)^2 + y^2 <= 1"],
        ["x >= 0", "x^2 + 1000000*y^2 + 1999*x*y + x + 1 <= 0"],
    ],
)
def test_empty_intersections_are_proved(constraints: list[str]) -> None:
    assert isinstance(quadratic.attempt(case_of(constraints)), CaseProof)


@pytest.mark.parametrize(
    "constraints",
    [
        ["x^2 + y^2 <= 1", "x >= 0.9999999"],
        ["x^2 + y^2 <= 1", "x >= 1"],
        ["x^2 + y^2 <= 1", "x >= -5"],
        ["x^2 + y^2 <= 1", "x + y == 1"],
    ],
)
def test_intersections_with_a_line_are_never_proved_empty(constraints: list[str]) -> None:
    case = case_of(constraints)
    found = quadratic.attempt(case)
    assert not isinstance(found, CaseProof)


def test_a_thin_cap_is_refuted_by_an_exact_point() -> None:
    case = case_of(["x^2 + y^2 <= 1", "x >= 0.99999999999999"])
    found = quadratic.attempt(case)
    assert isinstance(found, Witness)
    values = [Fraction(found.witness["values"][name]) for name in "xy"]
    assert holds_at(case, values)


def test_a_tangent_is_empty_only_where_one_side_is_strict() -> None:
    assert isinstance(quadratic.attempt(case_of(["x^2 + y^2 <= 1", "x > 1"])), CaseProof)
    assert not isinstance(quadratic.attempt(case_of(["x^2 + y^2 <= 1", "x >= 1"])), CaseProof)


def test_an_ellipsoid_of_condition_1e12_and_a_margin_of_1e_9_are_decided() -> None:
    ellipsoid = "x^2 + 1000000000000*(y - x)^2 + 1000000*(z + y)^2 <= 1"
    empty = case_of([ellipsoid, "x >= 1.000000001"], "xyz")
    assert isinstance(quadratic.attempt(empty), CaseProof)
    met = case_of([ellipsoid, "x >= 0.999999999"], "xyz")
    assert isinstance(quadratic.attempt(met), Witness)


@pytest.mark.parametrize(
    "constraints",
    [["x^3 <= 1", "x >= 2"], ["x*y >= 1", "x <= 0", "y >= 0"], ["x - y >= 1", "y - x >= 0"]],
)
def test_what_it_is_not_for_is_left_to_others(constraints: list[str]) -> None:
    assert quadratic.attempt(case_of(constraints)) is None


_SMALL = st.integers(-6, 6)


@given(st.tuples(_SMALL, _SMALL, _SMALL, _SMALL, _SMALL), _SMALL, _SMALL, st.integers(1, 40))
def test_ellipse_and_half_plane_agree_with_the_support_function(
    shape: tuple[int, int, int, int, int], e: int, f: int, size: int
) -> None:
    a, b, c, p, q = shape
    # |L (x - centre)|^2 <= size with L lower triangular, so the support function is closed form.
    a, c = abs(a) + 1, abs(c) + 1
    inside = f"({a}*(x - {p}))^2 + ({b}*(x - {p}) + {c}*(y - {q}))^2 <= {size}"
    u = Fraction(e, a) - Fraction(f * b, a * c)
    v = Fraction(f, c)
    squared = (u * u + v * v) * size
    for level in (Fraction(1), Fraction(7, 2), Fraction(20)):
        # e (x - p) + f (y - q) reaches sqrt(squared) on the ellipse.
        line = f"{e}*(x - {p}) + {f}*(y - {q}) >= {level.numerator}/{level.denominator}"
        case = case_of([inside, line])
        found = quadratic.attempt(case)
        if e == f == 0:
            continue
        if level * level > squared:
            assert isinstance(found, CaseProof)
        else:
            assert not isinstance(found, CaseProof)
            if level * level < squared:
                assert isinstance(found, Witness)


def test_its_proofs_and_witnesses_pass_the_checker(decide: Any) -> None:
    names = [f"x{i}" for i in range(1, 8)]
    ball = " + ".join(f"{name}^2" for name in names)
    coupled = f"{ball} + " + " + ".join(f"{a}*{b}/2" for a, b in pairwise(names))
    raw = problem(names, f"{ball} <= 1/2", f"{coupled} - 1", "x1 + x7 >= 2")
    decision = decide(raw)
    assert {name: word(o.verdict) for name, o in decision.obligations.items()} == {
        "init": "PROVED",
        "unsafe": "PROVED",
        "flow": "PROVED",
    }
    near = decide({**raw, "unsafe": "x1 + x7 >= 1"})
    unsafe = near.obligations["unsafe"].verdict
    assert isinstance(unsafe, Refuted)
    assert unsafe.method == "quadratic"
