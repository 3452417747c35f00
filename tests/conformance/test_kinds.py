"""Every certificate kind against cited problems of both polarities, some mutated to be wrong.

`kinds/<kind>.json` holds them. `expected` says of each obligation whether it holds, known by hand
or from the corpus (`corpus_id`); an answer against it is never allowed. Labels never reach the
engine.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import lucid_checker
import pytest
from lucid_validation import local
from lucid_validation.readings import KINDS

FOLDER = Path(__file__).parent
LABELS = {
    "corpus_id",
    "source",
    "expected",
    "expected_safety",
    "how_established",
    "notes",
    "mutation",
    "mutated_from",
    "undecided_today",
}
TIMEOUT_S = 10.0
WORD = {"holds": "PROVED", "fails": "REFUTED"}

Problem = dict[str, Any]


def _corpus() -> dict[str, Problem]:
    raw = json.loads((FOLDER / "problems" / "barrier.json").read_text("utf-8"))
    return {problem["id"]: problem for problem in raw}


CORPUS = _corpus()
BY_KIND: dict[str, list[Problem]] = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((FOLDER / "kinds").glob("*.json"))
}
ENTRIES = [entry for entries in BY_KIND.values() for entry in entries]


@pytest.fixture(scope="module", autouse=True)
def _close() -> Any:
    yield
    local.close()


def mathematics(entry: Problem) -> Problem:
    """Return the problem without its labels and without its name."""
    problem = CORPUS[entry["corpus_id"]] if "corpus_id" in entry else entry
    hidden = LABELS | {"id", "conditions", "witnesses", "violated_conditions", "base_id"}
    return {key: value for key, value in problem.items() if key not in hidden}


def test_every_kind_that_is_decided_has_its_problems() -> None:
    assert set(BY_KIND) == {kind.lower() for kind in KINDS}


@pytest.mark.parametrize("kind", sorted(BY_KIND))
def test_a_kind_has_ten_cited_problems_of_both_polarities_three_of_them_mutated(kind: str) -> None:
    entries = BY_KIND[kind]
    assert len({entry["id"] for entry in entries}) == len(entries) >= 10
    failing = [entry for entry in entries if "fails" in entry["expected"].values()]
    assert len(failing) >= 4
    assert len(entries) - len(failing) >= 4
    mutated = [entry for entry in failing if entry.get("mutation")]
    assert len(mutated) >= 3
    assert all(entry["source"]["citation"] for entry in entries)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_the_verdict_is_the_known_one_with_evidence_that_the_checker_accepts(
    entry: Problem,
) -> None:
    problem = mathematics(entry)
    line = local.decide(problem, TIMEOUT_S)
    assert line["verdict"] not in ("ERROR", "INVALID_INPUT"), line
    found = {name: obligation["verdict"] for name, obligation in line["obligations"].items()}
    for name, status in entry["expected"].items():
        # The cuts of a corpus problem are known together, as its flow.
        words = [w for n, w in found.items() if n == name or (name == "flow" and n[:3] == "cut")]
        if status == "holds":
            assert "REFUTED" not in words, (name, line["obligations"])
        else:
            # Also where no answer is expected yet: a wrong one is refused.
            assert not words or set(words) != {"PROVED"}, (name, line["obligations"])
        if "undecided_today" not in entry:
            worst = next((w for w in ("REFUTED", "UNDECIDED") if w in words), "PROVED")
            assert words
            assert worst == WORD[status], (name, line["obligations"])
    report = lucid_checker.check(json.dumps(problem), json.dumps(line["evidence"]))
    assert report.accepted, report.reasons
    assert report.obligations == {n: w for n, w in found.items() if w != "UNDECIDED"}
    assert report.implies_safety == line["implies_safety"]
    assert not (line["implies_safety"] and "fails" in entry["expected"].values())
    safety = entry.get("expected_safety")
    if safety is not None:
        assert line["implies_safety"] == safety["implies_safety"]
        for key in ("theorem", "missing", "probability_bound"):
            assert line["safety"].get(key) == safety.get(key), line["safety"]
        assert report.probability_bound == safety.get("probability_bound")
