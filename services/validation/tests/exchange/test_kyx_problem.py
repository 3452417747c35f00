"""What KeYmaera X archives mean, and that what they say beyond problems is refused by its place."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.exchange.errors import ExchangeInvalid
from lucid_validation.exchange.kyx_problem import Imported, read_kyx

WHOLE = """
/* two entries, one of them
   with definitions */
ArchiveEntry "Spiral, damped".
Description "A focus".
Citation "Somebody, 2020".
ProgramVariables.
  R x.  R y.
End.
Problem.
  x^2 + y^2 <= 1/4 & !(x > 1 | y > 0.5)
  ->
  [ {x' = -x + y, y' = -x - y}@invariant(x^2 + y^2 < 1, x <= 1) ] !(x >= 2 & y = 0)
End.
Tactic "Scripted proof"
  implyR(1); dC("x^2+y^2 < 1", 1); <( dW(1); QE, barrier(1) ) `\\ # $`
End.
End.

Lemma "Decay with a constant"
Definitions
  import kyx.math.{exp, abs};
  Real a;              /* rate */
  Real two = 2;
  Real square(Real z) = z^two();
  Bool small(Real z) <-> (abs(z) <= two & true);
End.
ProgramVariables
  Real x; Real c;
End.
Problem
  a > 0 & small(x) & c != 0 -> [{x' = -a()*x & square(x - 1) <= 9 & true}] (small(x) | c*x^3 > -1)
End.
End.
"""
ENTRY = 'ArchiveEntry "e" ProgramVariables Real x; Real y; End. Problem\n{} End. End.'


def one(problem: str) -> Imported:
    (found,) = read_kyx(ENTRY.format(problem))
    return found


def refusal(problem: str) -> ExchangeInvalid:
    error = one(problem).refusal
    assert error is not None
    return error


def test_an_archive_of_both_generations_becomes_problems() -> None:
    spiral, decay = (entry.problem for entry in read_kyx(WHOLE))
    assert spiral is not None
    assert decay is not None
    assert spiral["id"] == "spiral-damped"
    assert spiral["dynamics"] == {"x": "-x + y", "y": "-x - y"}
    assert spiral["init"] == {"and": ["x**2 + y**2 <= 1/4", "x <= 1", "y <= 0.5"]}
    assert spiral["unsafe"] == {"and": ["x >= 2", "y == 0"]}
    assert spiral["certificate"]["cuts"] == [{"and": ["x**2 + y**2 < 1"]}, {"and": ["x <= 1"]}]
    assert spiral["source"]["citation"] == "Somebody, 2020"
    assert decay["parameters"] == ["c", "a"]
    assert decay["dynamics"] == {"x": "-a*x", "c": "0", "a": "0"}
    assert decay["certificate"] is None
    for problem in (spiral, {**decay, "flow_condition": "everywhere"}):
        certificate = problem["certificate"] or {"type": "barrier", "expr": "x"}
        assert parse_problem({**problem, "certificate": certificate}).variables


def test_what_is_assumed_of_constants_holds_for_all_time() -> None:
    decay = read_kyx(WHOLE)[1].problem
    assert decay is not None
    assert decay["domain"] == ["(x - 1)**2 <= 9", "a > 0", {"or": ["c < 0", "c > 0"]}]


def test_definitions_are_replaced_by_what_they_stand_for() -> None:
    decay = read_kyx(WHOLE)[1].problem
    assert decay is not None
    assert "abs(x) <= 2" in decay["init"]["and"]
    assert decay["unsafe"] == {"and": ["abs(x) > 2", "c*x**3 <= -1"]}


def test_the_postcondition_can_be_the_last_cut() -> None:
    text = ENTRY.format("x<0 -> [{x'=x}@invariant(x<1)] x<=2")
    (found,) = read_kyx(text, append_safe=True)
    assert found.problem is not None
    assert found.problem["certificate"]["cuts"] == [{"and": ["x < 1"]}, {"and": ["x <= 2"]}]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("-x^2 = 0", "-x**2 == 0"),
        ("(-x)^2 = 0", "(-x)**2 == 0"),
        ("1/2*x = 0", "1/2*x == 0"),
        ("1/(2*x) = 0", "1/(2*x) == 0"),
        ("x-(y-1) = 0", "x - (y - 1) == 0"),
        ("x-y-1 = 0", "x - y - 1 == 0"),
        ("x/y/2 = 0", "x/y/2 == 0"),
        ("x*(-2) = 0", "x*(-2) == 0"),
        ("x^(-1) = 0", "x**(-1) == 0"),
        ("0.25 = - 3/2*x", "0.25 == -3/2*x"),
    ],
)
def test_terms_keep_their_meaning(formula: str, expected: str) -> None:
    found = one(f"{formula} -> [{{x'=y}}] x>0").problem
    assert found is not None
    assert found["init"] == {"and": [expected]}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x=1 & y=2 | x=3", {"or": [{"and": ["x == 1", "y == 2"]}, "x == 3"]}),
        ("!x=1 & y=2", {"and": [{"or": ["x < 1", "x > 1"]}, "y == 2"]}),
        ("!(x<1 & y<2)", {"or": ["x >= 1", "y >= 2"]}),
        ("(x<1 -> y<2)", {"or": ["x >= 1", "y < 2"]}),
        (
            "(x<1 <-> y<2)",
            {"or": [{"and": ["x < 1", "y < 2"]}, {"and": ["x >= 1", "y >= 2"]}]},
        ),
        ("(x<1 -> y<2 -> x=0)", {"or": ["x >= 1", "y >= 2", "x == 0"]}),
        ("true & x<1", "x < 1"),
        ("false", "0 < 0"),
    ],
)
def test_formulas_keep_their_meaning(formula: str, expected: Any) -> None:
    found = one(f"x=0 -> [{{x'=y}}] !({formula})").problem
    assert found is not None
    wanted = {"and": [expected]} if isinstance(expected, str) else expected
    assert found["unsafe"] == wanted


@pytest.mark.parametrize(
    ("problem", "column", "words"),
    [
        ("x=0 -> [x:=1;] x>0", 10, "an assignment"),
        ("x=0 -> [{x'=1}*] x>0", 15, "a loop"),
        ("x=0 -> [?x>0; {x'=1}] x>0", 9, "a test"),
        ("x=0 -> [{x'=1} ++ {x'=2}] x>0", 16, "a choice"),
        ("x=0 -> [{x'=1}; {y'=2}] x>0", 15, "a sequence"),
        (r"\forall x x>0", 1, "a quantifier"),
        ("x=0 -> <{x'=1}> x>0", 8, "diamond"),
        ("x=0 -> [{x'=1}]x>0 & y>0", 1, "parentheses"),
        ("x=0 -> [{x'=1}][{y'=1}] x>0", 8, "postcondition"),
        ("x=0 -> x>0", 1, "no [{"),
        ("x=0 -> [{x'=1, x'=2}] x>0", 16, "twice"),
        ("x=0 -> [{z'=1}] x>0", 10, "ProgramVariables"),
        ("z=0 -> [{x'=1}] x>0", 1, "not declared"),
        ("x=0 -> [{x'=f(x)}] x>0", 13, "not defined"),
        ("x=0 -> [{x'=x^y}] x>0", 15, "integer"),
        ("(x=0 -> [{x'=1}] x>0", 22, "')' is expected"),
        ("x + 1 -> [{x'=1}] x>0", 1, "this is a term"),
        ("x=0 -> [{x'=1}] 2*(x>0)", 19, "this is a formula"),
        ("x=0 -> [{x'=1}@variant(x)] x>0", 16, "@invariant"),
        ("x=0 -> [{x'=1} x>0", 8, "never closed"),
    ],
)
def test_what_is_outside_is_refused_by_its_place(problem: str, column: int, words: str) -> None:
    error = refusal(problem)
    assert words in str(error)
    assert (error.line, error.column) == (2, column)
    assert str(error).startswith(f"line 2 column {column}: ")


@pytest.mark.parametrize(
    "text",
    ["", "  /* nothing */", "Hello", 'ArchiveEntry "x"', 'ArchiveEntry "x" Problem x>0', "[" * 500],
)
def test_a_broken_frame_is_refused(text: str) -> None:
    with pytest.raises(ExchangeInvalid):
        read_kyx(text)


def test_one_bad_entry_does_not_hide_the_others() -> None:
    good = ENTRY.format("x=0 -> [{x'=1}] x>=0")
    bad = ENTRY.replace("Real y", "import kyx.math.tan").format("x=0 -> [{x'=1}] x>=0")
    first, second = read_kyx(bad + good)
    assert first.problem is None
    assert "tan" in str(first.refusal)
    assert second.problem is not None


def test_deep_nesting_is_refused_and_not_a_crash() -> None:
    assert "deep" in str(refusal("(" * 5000 + "x=0"))
    assert "deep" in str(refusal("x=" + "-" * 5000 + "x"))


def test_definitions_do_not_explode() -> None:
    nested = "x"
    for _ in range(40):
        nested = f"square({nested})"
    chain = "".join(f"Bool p{k + 1} <-> (p{k} & p{k}); " for k in range(40))
    shared = f"Definitions Real square(Real z) = z*z; Bool p0 <-> true; {chain} End. "
    for problem in (f"{nested} > 0 -> [{{x'=1}}] x>0", "p40 -> [{x'=1}] x>0"):
        text = ENTRY.replace("ProgramVariables", shared + "ProgramVariables").format(problem)
        (found,) = read_kyx(text)
        assert "more than" in str(found.refusal)
    assert "<->" in str(refusal("x>0" + " <-> x>0" * 30))


@given(st.text(alphabet="xy01+-*/^()[]{}<>=!&|'@;,. \n", max_size=60))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    try:
        found = one(text)
    except ExchangeInvalid:
        return
    assert (found.problem is None) != (found.refusal is None)


@given(st.fractions(max_denominator=10**6), st.integers(0, 6))
def test_numbers_are_exact(value: Fraction, digits: int) -> None:
    decimal = round(abs(value), digits)
    text = f"{float(decimal):.{digits}f}" if abs(decimal) < 10**6 else "1"
    found = one(f"x = {text} -> [{{x'=1}}] x>0").problem
    assert found is not None
    ((left, _, right),) = [found["init"]["and"][0].split(" ")]
    assert left == "x"
    assert Fraction(right) == Fraction(text)
