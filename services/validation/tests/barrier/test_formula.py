import pytest
from lucid_validation.barrier.errors import ProblemInvalid
from lucid_validation.barrier.formula import (
    And,
    Atom,
    Formula,
    Or,
    TooManyCases,
    atoms_of_conjunction,
    negate,
    parse_formula,
    to_cases,
)
from lucid_validation.barrier.polynomial import Ring

RING = Ring(["x", "y"])
X, Y = RING.generators


def read(value: object) -> Formula:
    return parse_formula(value, "unsafe", RING)


def test_relations_become_signs_of_differences() -> None:
    assert read("x <= y") == Atom(Y - X, ">=")
    assert read("x < y") == Atom(Y - X, ">")
    assert read("x >= y") == Atom(X - Y, ">=")
    assert read("x > y") == Atom(X - Y, ">")
    assert read("x == y") == Atom(X - Y, "==")


def test_cases_keep_textual_order_and_the_first_child_is_slowest() -> None:
    formula = read({"and": [{"or": ["x>=1", "x>=2"]}, "y>0", {"or": ["y>=3", "y>=4"]}]})
    found = [[str(a.polynomial) for a in case] for case in to_cases(formula)]
    x, y = str(X), str(Y)
    assert found == [
        [f"{x} - 1", y, f"{y} - 3"],
        [f"{x} - 1", y, f"{y} - 4"],
        [f"{x} - 2", y, f"{y} - 3"],
        [f"{x} - 2", y, f"{y} - 4"],
    ]


def test_empty_and_is_true_and_empty_or_is_false() -> None:
    assert to_cases(And(())) == [()]
    assert to_cases(Or(())) == []


def test_negation_twice_is_the_formula_for_inequalities() -> None:
    formula = read({"and": ["x>=1", {"or": ["y<2", "x<=y"]}]})
    assert negate(negate(formula)) == formula


def test_the_negation_of_an_equation_has_two_sides() -> None:
    assert negate(read("x == 1")) == Or((Atom(X - 1, ">"), Atom(1 - X, ">")))


def test_too_many_cases_are_refused() -> None:
    wide = Or(tuple(Atom(X, ">") for _ in range(20)))
    with pytest.raises(TooManyCases):
        to_cases(And((wide, wide, wide, wide)))


def test_a_conjunction_is_seen_through_single_ors() -> None:
    assert atoms_of_conjunction(read({"and": ["x>0", {"or": ["y>0"]}]})) == [
        Atom(X, ">"),
        Atom(Y, ">"),
    ]
    assert atoms_of_conjunction(read({"or": ["x>0", "y>0"]})) is None


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"and": ["x>=1", "x>=z"]}, "unsafe.and[1]"),
        ({"and": ["x>=1", {"or": [3]}]}, "unsafe.and[1].or[0]"),
        ({"xor": []}, "unsafe"),
        ({"and": [], "or": []}, "unsafe"),
        (None, "unsafe"),
    ],
)
def test_errors_carry_the_path_of_the_field(value: object, field: str) -> None:
    with pytest.raises(ProblemInvalid) as caught:
        read(value)
    assert caught.value.field == field
