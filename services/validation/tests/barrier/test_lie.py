import json
from collections.abc import Callable
from typing import Any

import lucid_checker
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.formula import And, Atom, Or, to_cases
from lucid_validation.barrier.ideal import cofactors_of
from lucid_validation.barrier.lie import ORDER_MAX, LieChain, enters, lie_chain
from lucid_validation.barrier.polynomial import Ring
from lucid_validation.barrier.verdict import Decision, word

Decide = Callable[..., Decision]
RING = Ring(["x", "y"])
X, Y = RING.generators
FIELDS = {
    "rotation": {"x": Y, "y": -X},
    "shear": {"x": Y, "y": RING.constant(1)},
    "cubic": {"x": X - X**3, "y": -Y + X * Y},
}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
@pytest.mark.parametrize("polynomial", [X, Y, X**2 + Y**2 - 1, X * Y, X**2 - Y], ids=str)
def test_a_chain_ends_where_the_next_derivative_is_in_the_ideal(
    polynomial: Any, field: dict[str, Any]
) -> None:
    chain = lie_chain(polynomial, field, RING, lambda: True)
    assert chain is not None
    assert len(chain.derivatives) <= ORDER_MAX + 1
    total, expected = RING.constant(0), polynomial
    for cofactor, derivative in zip(chain.cofactors, chain.derivatives, strict=True):
        assert derivative == expected
        total += cofactor * derivative
        expected = RING.lie_derivative(derivative, field)
    assert total == expected


def test_a_conserved_quantity_has_order_zero() -> None:
    chain = lie_chain(X**2 + Y**2 - 1, FIELDS["rotation"], RING, lambda: True)
    assert chain == LieChain((X**2 + Y**2 - 1,), (RING.constant(0),))


def test_a_search_that_may_not_go_on_claims_nothing() -> None:
    assert lie_chain(X, FIELDS["cubic"], RING, lambda: False) is None


def test_membership_needs_no_luck_and_claims_nothing_false() -> None:
    assert cofactors_of(X**2 + 1, [X, Y]) is None
    assert cofactors_of(RING.constant(1), [X, Y, X * Y]) is None
    found = cofactors_of(RING.constant(1), [X, X * Y - 1])
    assert found is not None
    assert found[0] * X + found[1] * (X * Y - 1) == 1


small = st.dictionaries(
    st.tuples(st.integers(0, 2), st.integers(0, 2)), st.fractions(-3, 3, max_denominator=3),
    max_size=4,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(small, small, small, small)
def test_every_combination_is_recognised(a: Any, b: Any, g: Any, h: Any) -> None:
    first, second, left, right = (RING.from_terms(p) for p in (a, b, g, h))
    target = first * left + second * right
    found = cofactors_of(target, [left, right])
    # Cancellation may lift the degrees beyond those that are searched, but what is found is right.
    if found is not None:
        assert found[0] * left + found[1] * right == target
    elif len(target):
        assert target.total_degree() < max(
            (first * left).total_degree(), (second * right).total_degree()
        )


def test_entering_follows_the_first_derivative_that_does_not_vanish() -> None:
    chain = LieChain((X, Y), (X, X))
    strict, weak = Atom(X, ">"), Atom(X, ">=")
    assert to_cases(enters(strict, [chain])) == [
        (Atom(X, ">"),),
        (Atom(X, "=="), Atom(Y, ">")),
    ]
    assert to_cases(enters(weak, [chain], backward=True)) == [
        (Atom(X, ">"),),
        (Atom(X, "=="), Atom(-Y, ">")),
        (Atom(X, "=="), Atom(-Y, "==")),
    ]
    assert to_cases(enters(weak, [chain], negated=True)) == [
        (Atom(-X, ">"),),
        (Atom(-X, "=="), Atom(-Y, ">")),
    ]
    both = And((strict, Or((weak, Atom(Y, "==")))))
    assert len(to_cases(enters(both, [chain, chain, chain]))) == 2 * (3 + 1)
    assert len(to_cases(enters(both, [chain, chain, chain], negated=True))) == 3 + 2 * 4


def invariant(dynamics: dict[str, str], cuts: list[Any], **changes: Any) -> dict[str, Any]:
    return {
        "kind": "continuous", "vars": ["x", "y"], "dynamics": dynamics, "domain": None,
        "init": {"and": ["x == 0", "y == 0"]}, "unsafe": {"and": ["x == 0", "y == 0", "x > 0"]},
        "certificate": {"type": "invariant", "cuts": cuts}, "flow_condition": "invariant",
        **changes,
    }  # fmt: skip


DECAY = {"x": "-x", "y": "-y"}
EITHER = {"or": ["x <= 1", "y <= 1"]}


@pytest.mark.parametrize(
    ("dynamics", "cut"),
    [
        (DECAY, EITHER),
        (DECAY, {"and": ["y <= 3", EITHER]}),
        # The ring is all orbits of radius 0 and of radius 1 or more.
        ({"x": "y", "y": "-x"}, {"or": ["x**2 + y**2 == 0", "x**2 + y**2 >= 1"]}),
    ],
    ids=["quadrant", "with a bound", "orbits"],
)
def test_a_cut_of_any_shape_is_proved_invariant(
    decide: Decide, dynamics: dict[str, str], cut: Any
) -> None:
    raw = invariant(dynamics, [cut])
    decision = decide(raw, only=["cut1"])
    assert word(decision.obligations["cut1"].verdict) == "PROVED"
    assert decision.evidence is not None
    proof = decision.evidence["obligations"]["cut1"]["proof"]
    assert proof["via"] == "lie"
    assert lucid_checker.check(json.dumps(raw), json.dumps(decision.evidence)).accepted
    # One cofactor off by one: the identity is false, and the checker sees it.
    polynomial = proof["atoms"][0]["cofactors"][0]
    polynomial[:] = [[[1, 1], "1"], *[term for term in polynomial if term[0] != [1, 1]]]
    assert not lucid_checker.check(json.dumps(raw), json.dumps(decision.evidence)).accepted


@pytest.mark.parametrize(
    ("dynamics", "cut"),
    [
        ({"x": "-x", "y": "1"}, EITHER),
        ({"x": "y", "y": "-x"}, {"or": ["x >= 1", "y >= 1"]}),
    ],
)
def test_a_cut_that_is_left_is_never_proved(
    decide: Decide, dynamics: dict[str, str], cut: Any
) -> None:
    decision = decide(invariant(dynamics, [cut]), only=["cut1"], seconds=4.0)
    assert word(decision.obligations["cut1"].verdict) != "PROVED"


def test_a_set_without_interior_is_left_by_its_second_derivative(decide: Decide) -> None:
    # x^2 <= 0 is the line x = 0; x' = 1 leaves it although d(x^2)/dt = 2x is 0 there.
    raw = invariant({"x": "1", "y": "0"}, ["x**2 <= 0"])
    decision = decide(raw, only=["cut1"])
    assert word(decision.obligations["cut1"].verdict) == "REFUTED"
    assert decision.evidence is not None
    witness = decision.evidence["obligations"]["cut1"]["witness"]
    assert witness["order"] == 2
    assert lucid_checker.check(json.dumps(raw), json.dumps(decision.evidence)).accepted
