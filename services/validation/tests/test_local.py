import json
import os
import threading
import time
from typing import Any

import lucid_checker
import pytest
from lucid_validation import local

SPIRAL: dict[str, Any] = {
    "id": "spiral",
    "kind": "continuous",
    "vars": ["x", "y"],
    "parameters": [],
    "dynamics": {"x": "-x + y", "y": "-x - y"},
    "domain": None,
    "init": {"and": ["x**2 + y**2 <= 0.25"]},
    "unsafe": {"or": ["x >= 2", "y >= 2"]},
    "certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1"},
    "flow_condition": "everywhere",
}
# Init and unsafe are easy; the flow needs far more boxes than the deadline allows.
SLOW: dict[str, Any] = {
    **SPIRAL,
    "id": "slow",
    "vars": [f"x{i}" for i in range(7)],
    "dynamics": {f"x{i}": f"-x{i}*exp(x{(i + 1) % 7}) + (exp(x{i}) - 1)/4" for i in range(7)},
    "domain": [f"x{i} {op}" for i in range(7) for op in (">= -2", "<= 2")],
    "init": {"and": [f"x{i} == 0" for i in range(7)]},
    "unsafe": {"and": ["x0 >= 100"]},
    "certificate": {
        "type": "barrier",
        "expr": " + ".join(f"x{i}**2" for i in range(7)) + " - 1",
    },
    "flow_condition": "boundary_strict",
}


@pytest.fixture(scope="module", autouse=True)
def _close() -> Any:
    yield
    local.close()


def test_a_line_has_the_promised_shape_and_checked_evidence() -> None:
    line = local.decide(SPIRAL, 10.0)
    assert line["id"] == "spiral"
    assert line["verdict"] == "PROVED"
    assert line["implies_safety"] is True
    assert line["safety"] == {"theorem": "everywhere"}
    assert set(line["obligations"]) == {"init", "unsafe", "flow"}
    for entry in line["obligations"].values():
        assert entry["verdict"] == "PROVED"
        assert entry["method"]
        assert entry["seconds"] >= 0
    report = lucid_checker.check(json.dumps(SPIRAL), json.dumps(line["evidence"]))
    assert report.accepted
    assert report.implies_safety
    json.dumps(line, allow_nan=False)


def test_a_refutation_carries_its_witness() -> None:
    line = local.decide({**SPIRAL, "certificate": {"type": "barrier", "expr": "42"}}, 10.0)
    assert line["verdict"] == "REFUTED"
    assert line["obligations"]["init"]["witness"]["type"] == "point"


@pytest.mark.parametrize(
    ("problem", "field"),
    [
        (None, "$"),
        ([], "$"),
        ({}, "kind"),
        ({**SPIRAL, "init": float("nan")}, "$"),
        ({**SPIRAL, "init": object()}, "$"),
        ({**SPIRAL, "dynamics": {"x": "y"}}, "dynamics.y"),
        ({**SPIRAL, "unsafe": {"and": ["x>=1", "q<=1"]}}, "unsafe.and[1]"),
        ({**SPIRAL, "certificate": None}, "certificate"),
        ({**SPIRAL, "vars": ["x" * 9_000_000]}, "$"),
    ],
)
def test_bad_input_is_an_answer_and_never_an_exception(problem: Any, field: str) -> None:
    line = local.decide(problem, 5.0)
    assert line["verdict"] == "INVALID_INPUT"
    assert line["field"] == field
    assert line["reason"]


def test_unsupported_kinds_are_undecided() -> None:
    line = local.decide({**SPIRAL, "kind": "hybrid"}, 5.0)
    assert (line["verdict"], line["reason"]) == ("UNDECIDED", "UNSUPPORTED")


def test_a_timeout_must_be_positive() -> None:
    assert local.decide(SPIRAL, 0.0)["field"] == "timeout_s"


def test_the_deadline_is_hard_and_what_was_decided_is_kept() -> None:
    local.decide(SPIRAL, 10.0)
    started = time.monotonic()
    line = local.decide(SLOW, 1.0)
    assert time.monotonic() - started < 4.0
    assert line["verdict"] == "UNDECIDED"
    assert line["obligations"]["init"]["verdict"] == "PROVED"
    if "evidence" in line:
        report = lucid_checker.check(json.dumps(SLOW), json.dumps(line["evidence"]))
        assert report.accepted


def test_proofs_of_a_killed_worker_stand_only_if_none_is_missing() -> None:
    parsed = {"sha256": "0" * 64, "obligations": ["init", "flow"]}
    proved = [
        {"name": name, "verdict": "PROVED", "proof": {"cases": []}} for name in ("init", "flow")
    ]
    assert local._partial(proved, parsed)["verdict"] == "PROVED"
    assert local._partial(proved[:1], parsed)["verdict"] == "UNDECIDED"
    assert local._partial([], {})["verdict"] == "UNDECIDED"
    assert local._partial(proved, parsed)["implies_safety"] is False


def test_a_worker_that_dies_is_our_error_and_the_next_call_works() -> None:
    worker = local.Worker()
    timer = threading.Timer(0.3, worker.cancel)
    timer.start()
    with pytest.raises(local.ChildGone):
        worker.decide({"problem": SLOW, "seed": 0}, 30.0, lambda _: None)
    timer.join()
    worker.close()
    assert local.decide(SPIRAL, 10.0)["verdict"] == "PROVED"


def test_progress_is_heard_while_the_work_goes_on() -> None:
    heard: list[str] = []
    local.decide(SPIRAL, 10.0, on_progress=lambda o: heard.append(o["name"]))
    assert sorted(heard) == ["flow", "init", "unsafe"]


def test_two_threads_decide_at_the_same_time() -> None:
    lines: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda: lines.append(local.decide(SPIRAL, 20.0))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line["verdict"] for line in lines] == ["PROVED", "PROVED"]


def test_names_order_and_labels_change_no_verdict() -> None:
    twisted = {
        "expected": "invalid",
        "flow_condition": "everywhere",
        "certificate": {"expr": "beta**2 + alpha**2 - 1", "type": "barrier"},
        "unsafe": {"or": ["alpha >= 2", "beta >= 2"]},
        "init": {"and": ["alpha**2 + beta**2 <= 0.25"]},
        "dynamics": {"alpha": "-beta - alpha", "beta": "-beta + alpha"},
        "vars": ["alpha", "beta"],
        "kind": "continuous",
        "id": "renamed",
    }
    first, second = local.decide(SPIRAL, 10.0), local.decide(twisted, 10.0)
    assert second["verdict"] == first["verdict"]
    assert second["implies_safety"] == first["implies_safety"]


def test_no_environment_of_ours_is_needed() -> None:
    assert "LUCID_DATABASE_URL" not in os.environ
    assert local.decide(SPIRAL, 10.0)["verdict"] == "PROVED"
