"""Hints are on request, end in time, and say apart what is proved and what is statistics."""

import time
from typing import Any

from lucid_validation import local
from lucid_validation.hinting import hints

SPIRAL: dict[str, Any] = {
    "id": "spiral",
    "kind": "continuous",
    "vars": ["x", "y"],
    "dynamics": {"x": "-x + y", "y": "-x - y"},
    "domain": ["x >= -3", "x <= 3", "y >= -3", "y <= 3"],
    "init": "x**2 + y**2 <= 1/4",
    "unsafe": "x**2 + y**2 >= 4",
    "certificate": {"type": "barrier", "expr": "x**2 + y**2 - 6/25"},
    "flow_condition": "everywhere",
}


def test_a_proved_hint_is_proved_again_by_whoever_asks() -> None:
    found = hints(SPIRAL, 20.0)
    (hint,) = found["hints"]
    assert hint["claim"] == "proved"
    assert hint["proved"] == ["init", "unsafe", "flow"]
    assert local.decide(hint["problem"], 10.0)["verdict"] == "PROVED"
    assert found["failures"][0]["obligation"] == "init"


def test_the_answer_that_is_known_is_not_asked_for_again() -> None:
    line = local.decide(SPIRAL, 10.0)
    assert hints(SPIRAL, 20.0, line=line)["hints"]
    proved = {**line, "obligations": {n: {"verdict": "PROVED"} for n in line["obligations"]}}
    assert hints(SPIRAL, 20.0, line=proved) == {"failures": [], "hints": [], "samples": []}


def test_an_undecided_obligation_gets_a_statement_that_is_no_proof() -> None:
    line = {"obligations": {"init": {"verdict": "PROVED"}, "flow": {"verdict": "UNDECIDED"}}}
    cubic = SPIRAL | {"dynamics": {"x": "-x + y - x**3", "y": "-x - y"}}
    (sample,) = hints(cubic, 5.0, line=line)["samples"]
    assert sample["obligation"] == "flow"
    assert sample["is_proof"] is False
    assert 0 < sample["violating_fraction_max"] < 0.01


def test_what_cannot_be_read_gets_no_hints() -> None:
    assert hints({"kind": "nonsense"}, 5.0) == {"failures": [], "hints": [], "samples": []}
    assert hints(SPIRAL | {"certificate": None}, 5.0)["hints"] == []


def test_hints_end_in_time() -> None:
    started = time.monotonic()
    hints(SPIRAL, 0.5)
    assert time.monotonic() - started < 5.0


def test_only_the_obligations_asked_for_are_decided() -> None:
    line = local.decide(SPIRAL, 10.0, only=("unsafe",))
    assert set(line["obligations"]) == {"unsafe"}
    assert line["verdict"] == "PROVED"
    assert line["implies_safety"] is False
