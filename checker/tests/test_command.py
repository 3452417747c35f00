"""The command: exit 0 accepted, 1 refused, 2 unreadable."""

import json

import pytest
from goldens import texts
from lucid_checker.__main__ import main


@pytest.fixture
def files(tmp_path):
    problem, evidence = texts("disk")
    (tmp_path / "problem.json").write_text(problem)
    (tmp_path / "evidence.json").write_text(evidence)
    bundle = {"problem": json.loads(problem), "evidence": json.loads(evidence)}
    (tmp_path / "bundle.json").write_text(json.dumps(bundle))
    return tmp_path


def test_good_evidence_exits_with_zero(files, capsys):
    assert main([str(files / "problem.json"), str(files / "evidence.json")]) == 0
    assert main([str(files / "bundle.json")]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["implies_safety"] is True


def test_evidence_of_another_problem_exits_with_one(files):
    (files / "problem.json").write_text(texts("level")[0])
    assert main([str(files / "problem.json"), str(files / "evidence.json")]) == 1


def test_what_cannot_be_read_exits_with_two(files):
    assert main([str(files / "absent.json")]) == 2
    assert main([]) == 2
    (files / "evidence.json").write_bytes(b"\xff\xfe")
    assert main([str(files / "problem.json"), str(files / "evidence.json")]) == 2
    (files / "evidence.json").write_text("{")
    assert main([str(files / "problem.json"), str(files / "evidence.json")]) == 2
