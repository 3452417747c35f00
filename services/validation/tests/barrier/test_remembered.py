"""What was decided before is found again by its content, and never trusted without the checker."""

from __future__ import annotations

from typing import Any

import lucid_checker
from lucid_validation.barrier.cases import Emptiness
from lucid_validation.barrier.conditions import obligations
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.remembered import Remembered, key_of
from lucid_validation.barrier.verdict import Proved, Refuted, word

PROBLEM: dict[str, Any] = {
    "kind": "continuous",
    "vars": ["x", "y"],
    "dynamics": {"x": "y - x", "y": "-x - y"},
    "domain": ["x^2 + y^2 <= 100"],
    "init": "x^2 + y^2 <= 1",
    "unsafe": "x >= 5",
    "certificate": {"type": "barrier", "expr": "x^2 + y^2 - 4"},
    "flow_condition": "everywhere",
}


class Counting(Remembered):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def find(self, obligation: Emptiness) -> Any:
        known = super().find(obligation)
        if known is not None:
            self.found.append(obligation.name)
        return known


def empty(raw: dict[str, Any], name: str) -> Emptiness:
    (found,) = [o for o in obligations(parse_problem(raw)) if o.name == name]
    assert isinstance(found, Emptiness)
    return found


def test_a_change_of_the_unsafe_set_leaves_only_that_obligation_to_decide(decide: Any) -> None:
    remembered = Counting()
    assert decide(PROBLEM, remembered=remembered).verdict == "PROVED"
    assert remembered.found == []
    decision = decide({**PROBLEM, "unsafe": "y >= 5"}, remembered=remembered)
    assert decision.verdict == "PROVED"
    assert sorted(remembered.found) == ["flow", "init"]
    assert set(decision.obligations) == {"init", "unsafe", "flow"}


def test_the_key_sees_the_expanded_mathematics_and_not_the_way_it_is_written() -> None:
    written = {**PROBLEM, "init": "1 - x*x >= y*y"}
    assert key_of(empty(written, "init")) == key_of(empty(PROBLEM, "init"))


def test_the_key_sees_a_strictness_a_coefficient_and_the_names() -> None:
    key = key_of(empty(PROBLEM, "init"))
    strict = {**PROBLEM, "init": "x^2 + y^2 < 1"}
    wider = {**PROBLEM, "init": "x^2 + y^2 <= 1.0000001"}
    assert len({key, key_of(empty(strict, "init")), key_of(empty(wider, "init"))}) == 3
    swapped = {**PROBLEM, "vars": ["y", "x"]}
    assert key_of(empty(swapped, "init")) != key


def test_a_counterexample_is_found_again_too(decide: Any) -> None:
    remembered = Counting()
    wrong = {**PROBLEM, "unsafe": "x >= 1"}
    first = decide(wrong, remembered=remembered)
    again = decide({**wrong, "init": "x^2 + y^2 <= 2"}, remembered=remembered)
    assert isinstance(again.obligations["unsafe"].verdict, Refuted)
    assert "unsafe" in remembered.found
    assert again.obligations["unsafe"].verdict == first.obligations["unsafe"].verdict


def test_evidence_that_the_checker_refuses_is_dropped_and_the_obligation_decided_anew(
    decide: Any,
) -> None:
    remembered = Remembered()
    lie = {"verdict": "REFUTED", "witness": {"type": "point", "case": 0, "point": ["0", "0"]}}
    remembered.keep(empty(PROBLEM, "init"), lie, "invented")
    result = decide(PROBLEM, remembered=remembered).obligations["init"]
    assert isinstance(result.verdict, Proved)
    assert result.verdict.method != "invented"


def test_remembered_evidence_passes_the_checker_bound_to_the_new_problem(decide: Any) -> None:
    remembered = Counting()
    decide(PROBLEM, remembered=remembered)
    seen: list[str] = []

    def check(problem: str, evidence: str) -> Any:
        seen.append(evidence)
        return lucid_checker.check(problem, evidence)

    decision = decide({**PROBLEM, "unsafe": "y >= 5"}, remembered=remembered, check=check)
    assert word(decision.obligations["flow"].verdict) == "PROVED"
    assert any('"flow"' in text for text in seen)


def test_no_more_is_kept_than_the_limit_allows() -> None:
    small = Remembered(characters_max=150)
    entry = {"verdict": "PROVED", "proof": {"cases": ["x" * 60]}}
    small.keep(empty(PROBLEM, "init"), entry, "a")
    small.keep(empty(PROBLEM, "unsafe"), entry, "a")
    assert small.find(empty(PROBLEM, "init")) is None
    assert small.find(empty(PROBLEM, "unsafe")) is not None


def test_an_obligation_with_function_terms_is_not_remembered() -> None:
    raw = {**PROBLEM, "dynamics": {"x": "sin(y) - x", "y": "-x - y"}}
    assert key_of(empty(raw, "flow")) is None
