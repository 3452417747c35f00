"""The public corpus, a budgeted part of it: no wrong verdict, checked evidence, most decided.

The whole corpus runs in `make bench-corpus`.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import lucid_checker
import pytest
from lucid_validation import local

PROBLEMS = Path(__file__).parent / "problems"
BUDGET_S = 45.0
TIMEOUT_S = 5.0
EXPECTED = {"valid": "PROVED", "invalid": "REFUTED"}
CORPUS: list[dict[str, Any]] = [
    *json.loads((PROBLEMS / "barrier.json").read_text()),
    *json.loads((PROBLEMS / "quantum_barrier.json").read_text()),
]
KNOWN = {
    (problem, obligation): EXPECTED[status]
    for problem, obligation, status in json.loads((PROBLEMS / "known_obligations.json").read_text())
}


@pytest.fixture(scope="module", autouse=True)
def _close() -> Any:
    yield
    local.close()


def words(line: dict[str, Any]) -> dict[str, str]:
    """Return obligation -> verdict, all cuts together as `flow`."""
    found = {n: o["verdict"] for n, o in line["obligations"].items() if not n.startswith("cut")}
    cuts = [o["verdict"] for n, o in line["obligations"].items() if n.startswith("cut")]
    if cuts:
        found["flow"] = next((w for w in ("REFUTED", "UNDECIDED") if w in cuts), "PROVED")
    return found


def assert_evidence_holds(problem: dict[str, Any], line: dict[str, Any]) -> None:
    decided = {
        name: entry["verdict"]
        for name, entry in line["obligations"].items()
        if entry["verdict"] != "UNDECIDED"
    }
    if decided:
        report = lucid_checker.check(json.dumps(problem), json.dumps(line["evidence"]))
        assert report.accepted, (problem["id"], report.reasons)
        assert report.obligations == decided


def test_the_known_obligations_name_existing_problems() -> None:
    ids = {problem["id"] for problem in CORPUS}
    assert len(ids) == len(CORPUS)
    assert {problem for problem, _ in KNOWN} <= ids
    assert len(KNOWN) > 900


@pytest.mark.slow
def test_no_verdict_is_wrong_and_most_known_obligations_are_decided() -> None:
    started = time.monotonic()
    right, total, wrong = 0, 0, []
    # Every 23rd problem from changing offsets: all families, no favourites.
    order = [CORPUS[i] for offset in range(23) for i in range(offset, len(CORPUS), 23)]
    for problem in order:
        if time.monotonic() - started > BUDGET_S:
            break
        line = local.decide(problem, TIMEOUT_S)
        assert line["verdict"] != "ERROR", line
        assert_evidence_holds(problem, line)
        for name, word in words(line).items():
            expected = KNOWN.get((problem["id"], name))
            if expected is None:
                continue
            total += 1
            right += word == expected
            if word not in {expected, "UNDECIDED"}:
                wrong.append((problem["id"], name, word, expected))
    assert not wrong
    assert total > 30
    assert right >= 0.85 * total


def scrambled(problem: dict[str, Any]) -> dict[str, Any]:
    """Return the same mathematics under other names, in another order, with lying labels."""
    names = {name: f"q{i}_{len(name)}" for i, name in enumerate(reversed(problem["vars"]))}
    pattern = re.compile(r"[A-Za-z_]\w*")

    def rename(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda m: names.get(m.group(), m.group()), value)
        if isinstance(value, list):
            return [rename(item) for item in value]
        if isinstance(value, dict):
            return {key: rename(item) for key, item in value.items()}
        return value

    certificate = problem["certificate"]
    return {
        "expected": "valid",
        "witnesses": ["nothing"],
        "flow_condition": problem["flow_condition"],
        "certificate": {
            **rename({k: v for k, v in certificate.items() if k != "type"}),
            "type": certificate["type"],
        },
        "unsafe": rename(problem["unsafe"]),
        "init": rename(problem["init"]),
        "domain": rename(problem["domain"]),
        "dynamics": {names[k]: rename(v) for k, v in reversed(problem["dynamics"].items())},
        "parameters": rename(problem["parameters"]),
        "vars": [names[name] for name in reversed(problem["vars"])],
        "kind": problem["kind"],
        "id": "scrambled",
    }


@pytest.mark.slow
def test_ids_names_order_and_labels_change_no_verdict() -> None:
    chosen = [p for p in CORPUS if p["certificate"] and p["kind"] == "continuous"][::47]
    for problem in chosen:
        first = local.decide(problem, TIMEOUT_S)
        second = local.decide(scrambled(problem), TIMEOUT_S)
        for name, word in words(first).items():
            other = words(second)[name]
            assert {word, other} != {"PROVED", "REFUTED"}, (problem["id"], name)
            if max(first["seconds"], second["seconds"]) < 1.0:
                assert word == other, (problem["id"], name)


def test_a_mutated_certificate_loses_its_verdict() -> None:
    problem = next(p for p in CORPUS if p["id"] == "q1_rabi_driven_ellipsoid")
    constant = {**problem, "certificate": {"type": "barrier", "expr": "42"}}
    assert local.decide(problem, 10.0)["verdict"] == "PROVED"
    assert local.decide(constant, 10.0)["verdict"] == "REFUTED"
