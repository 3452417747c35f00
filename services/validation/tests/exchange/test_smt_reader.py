"""A script is sat exactly where the problem made of it is refuted."""

from collections.abc import Callable
from typing import Any

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.exchange.errors import ExchangeInvalid
from lucid_validation.exchange.smt_reader import read_smt
from lucid_validation.exchange.smt_writer import write_smt

HEAD = "(set-logic QF_NRA) (declare-fun x () Real) (declare-const y Real)\n"


def bad(script: str) -> Any:
    return read_smt(HEAD + script)["init"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("(assert (< x 1.5))", {"and": ["x < 1.5"]}),
        ("(assert (not (= x y)))", {"or": ["x < y", "x > y"]}),
        ("(assert (<= 0 x y))", {"and": ["0 <= x", "x <= y"]}),
        ("(assert (=> (> x 0) (> y 0)))", {"or": ["x <= 0", "y > 0"]}),
        ("(assert (> (- (* 2 x y) (/ y 3) (- 1)) (- x)))", {"and": ["2*x*y - y/3 - (-1) > -x"]}),
        ("(assert (> (^ x 3) (* x (+ y 1 x))))", {"and": ["x**3 > x*(y + 1 + x)"]}),
        ("(assert (let ((z (* x x)) (x y)) (> z x)))", {"and": ["x*x > y"]}),
        ("(define-fun f ((a Real)) Real (* a a y)) (assert (= (f 2) x))", {"and": ["2*2*y == x"]}),
        ("(define-fun p () Bool (> x 0)) (assert (and p (or p (! p :named q))))",
         {"and": ["x > 0", {"or": ["x > 0", "x > 0"]}]}),
        ("(assert true)", {"and": ["0 <= 0"]}),
        ("(assert (and true (or (< x 0) false)))", {"and": ["x < 0"]}),
        ("; nothing\n(check-sat)", {"and": ["0 <= 0"]}),
    ],
)  # fmt: skip
def test_a_script_becomes_the_formula_that_it_asserts(script: str, expected: Any) -> None:
    assert bad(script) == expected


@pytest.mark.parametrize(
    ("script", "place", "said"),
    [
        ("(assert (> z 0))", (2, 12), "z is not declared"),
        ("(assert (> (/ 1 x) 0))", (2, 12), "division by what may be zero"),
        ("(assert (> (sqrt x) 0))", (2, 12), "defining relation"),
        ("(assert (forall ((z Real)) (> z 0)))", (2, 17), "operation"),
        ("(declare-fun b () Bool)", (2, 1), "sort Real"),
        ("(declare-fun g (Real) Real)", (2, 1), "sort Real"),
        ("(push 1)", (2, 1), "'push'"),
        ("(assert (> x 0)", (2, 1), "never closed"),
        (")", (2, 1), "closes nothing"),
        ("(assert x)", (2, 9), "a term"),
        ("(assert (> (^ x y) 0))", (2, 12), "integer"),
        ("(declare-const x Real)", (2, 16), "new name"),
        ("(assert " + "(not " * 300, (2, 999), "deep"),
    ],
)
def test_what_is_outside_is_refused_by_its_place(
    script: str, place: tuple[int, int], said: str
) -> None:
    with pytest.raises(ExchangeInvalid, match=said) as refused:
        bad(script)
    assert (refused.value.line, refused.value.column) == place


def test_shared_parts_do_not_explode() -> None:
    terms_ = [f"(define-fun a{k + 1} () Real (* a{k} a{k}))" for k in range(60)]
    formulas_ = [f"(define-fun p{k + 1} () Bool (= p{k} (not p{k})))" for k in range(60)]
    for first, steps, last in (
        ("(define-fun a0 () Real x)", terms_, "(assert (> a60 0))"),
        ("(define-fun p0 () Bool (> x 0))", formulas_, "(assert p60)"),
    ):
        with pytest.raises(ExchangeInvalid, match="written out"):
            bad("\n".join([first, *steps, last]))


def test_a_script_without_variables_is_refused() -> None:
    with pytest.raises(ExchangeInvalid, match="no real variable"):
        read_smt("(assert (< 1 0))")


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ("(assert (< (+ (* x x) (* y y)) 0))", "PROVED"),
        ("(assert (and (= (* x y) 1) (< (+ (* x x) (* y y)) 2)))", "PROVED"),
        ("(assert (and (= y (* x x)) (< 2 y 3)))", "REFUTED"),
        ("(assert (or (< x x) (and (> x 1) (< y (- x)))))", "REFUTED"),
        ("(assert (> (sin x) 1))", "PROVED"),
    ],
)
def test_the_verdict_is_that_of_the_script(
    decided: Callable[..., Any], script: str, verdict: str
) -> None:
    problem = read_smt(HEAD + script)
    found = decided(problem)
    assert found.report.obligations["init"] == verdict


terms = st.recursive(
    st.sampled_from(["x", "y", "2", "0.5", "(- 3)"]),
    lambda inner: st.builds("({} {} {})".format, st.sampled_from("+-*"), inner, inner),
    max_leaves=5,
)
relations = st.builds(
    "({} {} {})".format, st.sampled_from(["<", "<=", ">", "=", "distinct"]), terms, terms
)
formulas = st.recursive(
    relations,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, st.sampled_from(["and", "or", "=>", "xor"]), inner, inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=4,
)


@settings(max_examples=40, deadline=None)
@given(formulas)
def test_reading_and_writing_keeps_the_meaning(formula: str) -> None:
    script = f"{HEAD}(assert {formula})"
    (again,) = write_smt(parse_problem(read_smt(script)), "smt2", "init")
    once = z3.parse_smt2_string(script)
    twice = z3.parse_smt2_string(again.text.replace("(exit)", ""))
    solver = z3.Solver()
    solver.set("timeout", 3000)
    solver.add(z3.Xor(z3.And(*once), z3.And(*twice)))
    assert solver.check() != z3.sat
