import json
from pathlib import Path
from typing import Any

import pytest
from lucid.validation.v1 import problem_pb2
from lucid_cli.problem_file import ProblemFileInvalid, read_json
from lucid_cli.problem_message import to_formula, to_message

PROBLEM: dict[str, Any] = {
    "id": "any",
    "kind": "continuous",
    "vars": ["x", "y"],
    "parameters": [],
    "dynamics": {"x": "-x", "y": "-y"},
    "domain": None,
    "init": {"and": ["x**2 + y**2 <= 1/4"]},
    "unsafe": {"or": ["x >= 2", {"and": ["y >= 2", "x >= 0"]}]},
    "certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1"},
    "flow_condition": "boundary_strict",
    "expected": "valid",
}


def test_a_problem_becomes_a_message_without_its_labels() -> None:
    message = to_message(PROBLEM)
    assert message.certificate.kind == problem_pb2.CERTIFICATE_KIND_STRICT_LEVEL_SET
    assert message.unsafe.any.formulas[1].all.formulas[0].atom == "y >= 2"
    assert "valid" not in str(message)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kind": "quantum"}, "kind"),
        ({"dynamics": ["-x"]}, "dynamics"),
        ({"certificate": None}, "certificate"),
        ({"flow_condition": "someday"}, "flow_condition"),
        ({"init": None}, "init"),
        ({"unsafe": {"xor": ["x > 1"]}}, "unsafe"),
        ({"unsafe": {"and": [{"or": []}]}}, "unsafe.and[0]"),
        ({"domain": ["x >= 0", 3]}, "domain[1]"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_path(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ProblemFileInvalid, match=named.replace("[", r"\[")):
        to_message(PROBLEM | change)


@pytest.mark.parametrize("entry", [None, 3, "x", [PROBLEM]])
def test_only_an_object_is_a_problem(entry: Any) -> None:
    with pytest.raises(ProblemFileInvalid, match="object"):
        to_message(entry)


def test_a_file_that_is_not_json_is_named_with_its_position(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text('{"id": }')
    with pytest.raises(ProblemFileInvalid, match="line 1 column 8"):
        read_json(file)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"[" * 100_000, b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[-Infinity]"]
)
def test_a_hostile_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "hostile.json"
    file.write_bytes(content)
    with pytest.raises(ProblemFileInvalid):
        read_json(file)


def test_a_list_is_a_conjunction() -> None:
    assert to_formula(["x > 0", "y > 0"], "init") == to_formula({"and": ["x > 0", "y > 0"]}, "init")


def test_the_bundled_problems_are_messages_with_sources() -> None:
    from lucid_cli.story.problems import bundled_problems

    problems = bundled_problems()
    assert len(problems) == 12
    assert "bb-s-39" in {problem["id"] for problem in problems}
    for problem in problems:
        assert problem["source"]["repo"]
        assert to_message(problem).system.variables
        assert json.dumps(problem)
