"""A problem is the same problem, with the same hash, through the mesh and locally."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from lucid_cli.problem_message import to_message
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.convert import problem_json

CORPUS = Path(__file__).resolve().parents[2] / "tests/conformance/problems/barrier.json"
DECIDABLE = {"barrier", "invariant"}


def problems() -> list[dict[str, Any]]:
    entries = json.loads(CORPUS.read_text())
    return [e for e in entries if (e.get("certificate") or {}).get("type") in DECIDABLE]


@pytest.mark.parametrize("entry", problems(), ids=lambda e: e["id"])
def test_the_message_of_a_published_problem_has_the_hash_of_the_file(entry: dict[str, Any]) -> None:
    through_the_mesh = parse_problem(problem_json(to_message(entry)))
    assert through_the_mesh.sha256 == parse_problem(entry).sha256


KINDS = json.loads(
    (
        Path(__file__).resolve().parents[2] / "services/validation/tests/barrier/kinds.json"
    ).read_text()
)


@pytest.mark.parametrize("name", KINDS)
def test_the_message_of_each_further_kind_has_the_hash_of_its_object(name: str) -> None:
    # A message cannot tell an absent list from an empty one, nor a list from a conjunction.
    entry: dict[str, Any] = copy.deepcopy({"parameters": [], **KINDS[name]})
    for jump in entry.get("transitions", []):
        jump["guard"] = {"and": jump["guard"]} if isinstance(jump["guard"], list) else jump["guard"]
    through_the_mesh = parse_problem(problem_json(to_message(entry)))
    assert through_the_mesh.sha256 == parse_problem(entry).sha256
