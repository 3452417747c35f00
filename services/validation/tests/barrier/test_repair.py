"""Hints are decided, not guessed: each claim of a hint is checked here by the real decider."""

import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import lucid_checker
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.decide import decide_problem
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.repair import Outcome, Repair, repair, shifted_text
from lucid_validation.barrier.short_numbers import just_above, short_between
from lucid_validation.barrier.verdict import Refuted, word

Raw = dict[str, Any]
Spiral = Callable[..., Raw]


def decide(raw: Mapping[str, Any], obligation: str) -> Outcome:
    decision = decide_problem(
        parse_problem(raw),
        budget=Budget(time.monotonic, time.monotonic() + 5),
        check=lucid_checker.check,
        only={obligation},
    )
    verdict = decision.obligations[obligation].verdict
    return Outcome(word(verdict), verdict.witness if isinstance(verdict, Refuted) else None)


def repaired(raw: Raw) -> Repair:
    known = {name: decide(raw, name) for name in ("init", "unsafe", "flow")}
    return repair(raw, known, decide)


def barrier(text: str, **more: Any) -> Raw:
    return {"type": "barrier", "expr": text, **more}


def test_the_least_shift_for_init_is_found_and_all_of_it_is_proved(spiral: Spiral) -> None:
    # B reaches 1/4 - 23/100 = 1/50 on init: no smaller shift can do.
    found = repaired(spiral(certificate=barrier("x**2 + y**2 - 0.23")))
    (hint,) = found.hints
    assert hint.claim == "proved"
    assert hint.shift is not None
    assert Fraction(1, 50) <= -hint.shift <= Fraction(1, 50) * Fraction(21, 20)
    assert hint.problem is not None
    for name in ("init", "unsafe", "flow"):
        assert decide(hint.problem, name).verdict == "PROVED"


def test_unsafe_is_mended_upwards(spiral: Spiral) -> None:
    found = repaired(spiral(certificate=barrier("x**2 + y**2 - 4.5")))
    (hint,) = found.hints
    assert hint.claim == "proved"
    assert hint.shift is not None
    assert Fraction(1, 2) < hint.shift <= Fraction(11, 20)


def test_the_margin_that_is_left_is_a_proved_lower_bound(spiral: Spiral) -> None:
    raw = spiral(certificate=barrier("x**2 + y**2 - 0.23"))
    text = repaired(raw).hints[0].text
    margin = Fraction(text.split("margin of at least ")[1].split(" left")[0])
    # B - 1/50 is at least 4 - 1/4 on unsafe.
    assert Fraction(35, 10) <= margin <= Fraction(375, 100)


@pytest.mark.parametrize(
    ("init", "unsafe", "expr"),
    [
        ("x**2 <= 4", "x**2 <= 1", "x**2 - 4"),
        ("x**2 <= 4", "x**2 <= 1", "x**2 + 1"),
        ("x**2 <= 4", "x**2 >= 3", "x**2 - 7/2"),
    ],
)
def test_sets_that_no_level_separates_are_called_impossible(
    spiral: Spiral, init: str, unsafe: str, expr: str
) -> None:
    found = repaired(spiral(init=init, unsafe=unsafe, certificate=barrier(expr)))
    assert [hint.kind for hint in found.hints] == ["impossible"]
    assert found.hints[0].claim == "proved"


def test_touching_sets_are_not_mended_by_a_false_claim(spiral: Spiral) -> None:
    # init and unsafe meet in |x| = 1: B - 1/2 has value 0 there, which is not > 0.
    raw = spiral(init="x**2 <= 1", unsafe="x**2 >= 1", certificate=barrier("x**2 - 1/2"))
    assert all(hint.kind == "impossible" or hint.claim != "proved" for hint in repaired(raw).hints)


def test_a_flow_that_only_fails_inside_is_proved_under_the_strict_boundary(spiral: Spiral) -> None:
    raw = spiral(
        dynamics={"x": "-x + y - x**3", "y": "-x - y + 0.3"},
        domain=["x >= -3", "x <= 3", "y >= -3", "y <= 3"],
    )
    found = repaired(raw)
    change = next(hint for hint in found.hints if hint.kind == "flow_condition")
    assert change.problem is not None
    assert all(decide(change.problem, n).verdict == "PROVED" for n in ("init", "unsafe", "flow"))
    bound = next(hint for hint in found.hints if hint.kind == "bound")
    # The rate is -2x^2 - 2y^2 - 2x^4 + 0.6 y, largest 0.045 at y = 0.15.
    assert "stay below" in bound.text
    low, high = bound.text.split("reaches ")[1].split(" in the domain and proved to stay below ")
    assert float(Fraction(low)) <= 0.045 <= float(Fraction(high)) <= 0.05


def test_a_level_condition_is_mended_by_another_level(spiral: Spiral) -> None:
    raw = spiral(
        dynamics={"x": "-x + y", "y": "-x - y + 1"},
        certificate=barrier("x**2 + y**2 - 0.3"),
        flow_condition="boundary_strict",
    )
    (hint,) = repaired(raw).hints
    assert hint.claim == "proved"
    assert hint.problem is not None
    assert decide(hint.problem, "flow").verdict == "PROVED"


def test_an_unmended_flow_keeps_the_hint_numerical(spiral: Spiral) -> None:
    raw = spiral(
        dynamics={"x": "x", "y": "y"},
        certificate=barrier("x**2 + y**2 - 0.23"),
    )
    found = repaired(raw)
    assert {f.obligation for f in found.failures} == {"init", "flow"}
    assert all(hint.claim == "numerical" for hint in found.hints if hint.kind == "shift")
    assert all("numerical suggestion" in h.text for h in found.hints if h.kind == "shift")


def test_violations_are_measured_at_the_witness(spiral: Spiral) -> None:
    raw = spiral(certificate=barrier("exp(x) - 1/2"), init="x == 0")
    found = repaired(raw)
    failure = next(f for f in found.failures if f.obligation == "init")
    assert failure.amount is not None
    assert abs(failure.amount - Fraction(1, 2)) < Fraction(1, 10**12)
    assert failure.relative == pytest.approx(1 / 3)


def test_nothing_is_said_about_a_true_certificate(spiral: Spiral) -> None:
    assert repaired(spiral()) == Repair((), ())


def test_a_decider_that_never_knows_leaves_no_proved_hint(spiral: Spiral) -> None:
    raw = spiral(certificate=barrier("x**2 + y**2 - 0.23"))
    known = {name: decide(raw, name) for name in ("init", "unsafe", "flow")}
    found = repair(raw, known, lambda _raw, _name: Outcome("UNDECIDED"))
    assert found.failures
    assert all(hint.claim != "proved" for hint in found.hints)


def test_cuts_get_their_failures_and_no_shift(spiral: Spiral) -> None:
    raw = spiral(
        certificate={"type": "invariant", "cuts": ["x <= 1/10"]}, flow_condition="invariant"
    )
    known = {name: decide(raw, name) for name in ("init", "unsafe", "cut1")}
    found = repair(raw, known, decide)
    assert "init" in {f.obligation for f in found.failures}
    assert found.hints == ()


def test_the_text_of_a_shift_reads_back(spiral: Spiral) -> None:
    raw = spiral(certificate=barrier(shifted_text("x**2 + y**2 - 1", Fraction(-1, 3))))
    problem = parse_problem(raw)
    assert str(problem.certificate.polynomial) == "x0^2 + x1^2 - 4/3"  # type: ignore[union-attr]


@settings(deadline=None)
@given(low=st.fractions(0, 50), width=st.fractions(Fraction(1, 10**6), 3))
def test_short_numbers_lie_between(low: Fraction, width: Fraction) -> None:
    found = short_between(low, low + width)
    assert found is not None
    assert low < found < low + width
    # No fraction between has a smaller denominator.
    for denominator in range(1, min(found.denominator, 40)):
        above = (low * denominator).__floor__() + 1
        assert Fraction(above, denominator) >= low + width


@given(st.fractions(0, 10**6), st.fractions(Fraction(1, 1000), 1))
def test_just_above_is_above_and_near(value: Fraction, slack: Fraction) -> None:
    found = just_above(value, slack)
    assert value < found <= value + max(value, Fraction(1, 10**12)) * slack
