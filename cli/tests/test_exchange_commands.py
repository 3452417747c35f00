"""Files of other tools come in and go out; every refusal names the place and exits with 2."""

import json
from pathlib import Path
from typing import Any

import pytest
from lucid_cli.__main__ import app
from lucid_cli.exit_codes import ExitCode
from typer.testing import CliRunner

RUNNER = CliRunner()
ARCHIVE = """
ArchiveEntry "Spiral"
ProgramVariables Real x; Real y; End.
Problem
  x^2 + y^2 <= 1/4 -> [{x' = -x + y, y' = -x - y}@invariant(x^2 + y^2 < 1)] x < 2
End.
End.
"""
SECOND = """
ArchiveEntry "Loop"
ProgramVariables Real x; End.
Problem
  x > 0 -> [{x := x + 1;}*] x > 0
End.
End.
"""
SCRIPT = "(declare-const x Real)\n(assert (< (* x x) 0))\n(check-sat)\n"


def run(*arguments: object) -> Any:
    return RUNNER.invoke(app, [str(argument) for argument in arguments])


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_an_archive_becomes_a_problem_that_is_proved(tmp_path: Path) -> None:
    out = tmp_path / "spiral.json"
    assert run("import", write(tmp_path, "a.kyx", ARCHIVE), "-o", out).exit_code == ExitCode.OK
    result = run("validate", out, "--local", "--json", "--data", tmp_path)
    assert json.loads(result.stdout)["verdict"] == "PROVED"


def test_what_cannot_be_imported_is_said_and_the_rest_is_written(tmp_path: Path) -> None:
    result = run("import", write(tmp_path, "a.kyx", ARCHIVE + SECOND))
    assert result.exit_code == ExitCode.USAGE
    assert json.loads(result.stdout)["id"] == "spiral"
    assert "Loop: line 12 column 16: an assignment cannot be imported" in result.stderr
    assert "1 of 2 entries" in result.stderr


def test_one_entry_is_picked_by_its_name(tmp_path: Path) -> None:
    file = write(tmp_path, "a.kyx", ARCHIVE + SECOND)
    assert json.loads(run("import", file, "--entry", "Spiral").stdout)["id"] == "spiral"
    refused = run("import", file, "--entry", "Loop")
    assert refused.exit_code == ExitCode.USAGE
    assert "an assignment" in refused.stderr
    missing = run("import", file, "--entry", "Nothing")
    assert missing.exit_code == ExitCode.USAGE
    assert "there is spiral" in missing.stderr


def test_the_postcondition_is_appended_on_request(tmp_path: Path) -> None:
    result = run("import", write(tmp_path, "a.kyx", ARCHIVE), "--append-safe")
    assert json.loads(result.stdout)["certificate"]["cuts"][-1] == {"and": ["x < 2"]}


def test_a_script_becomes_a_problem_with_its_verdict(tmp_path: Path) -> None:
    out = tmp_path / "p.json"
    assert run("import", write(tmp_path, "q.smt2", SCRIPT), "-o", out).exit_code == ExitCode.OK
    result = run("validate", out, "--local", "--json", "--data", tmp_path)
    assert json.loads(result.stdout)["obligations"]["init"]["verdict"] == "PROVED"


def test_json_comes_back_canonical_and_validated(tmp_path: Path) -> None:
    problem = json.loads(run("export", "bb-s-32", "--format", "json").stdout)
    file = write(
        tmp_path, "p.json", json.dumps([problem | {"expected": "valid"}, {"kind": "no"}, 3])
    )
    result = run("import", file)
    assert result.exit_code == ExitCode.USAGE
    assert json.loads(result.stdout) == problem
    assert "expected" not in problem
    assert "[1]: kind: one of" in result.stderr
    assert "[2]: a JSON object is expected" in result.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", "x", "--format"),
        ("a.kyx", "x > 0", "line 1 column 1"),
        ("a.smt2", "(assert", "line 1 column 1"),
        ("a.json", "{", "line 1 column 2"),
        ("a.json", "kyx", "lucid import"),
        ("a.json", "[]", "nothing in it"),
        ("a.json", '{"certificate": {}, "kind": "continuous"}', "vars"),
    ],
)
def test_an_unreadable_file_is_refused_in_a_sentence(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    result = run("import", write(tmp_path, name, content))
    assert result.exit_code == ExitCode.USAGE
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def bundle(folder: Path, problem: str = "bb-s-32") -> Path:
    result = run("validate", problem, "--local", "--json", "--data", folder)
    return folder / f"{json.loads(result.stdout)['evidence']}.json"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("kyx", ["ArchiveEntry", "@invariant(", "End."]),
        ("json", ['"evidence"', '"problem"']),
        ("latex", ["\\documentclass", "PROVED", "\\end{document}"]),
        ("summary", ["**PROVED**", "## Safety", "The independent checker: accepted"]),
    ],
)
def test_a_bundle_is_exported_in_each_format(tmp_path: Path, form: str, words: list[str]) -> None:
    file = bundle(tmp_path)
    result = run("export", file, "--format", form)
    assert result.exit_code == ExitCode.OK
    for word in words:
        assert word in result.stdout
    named = run(
        "export", file.relative_to(tmp_path).with_suffix(""), "--format", form, "--data", tmp_path
    )
    assert named.stdout == result.stdout


def test_a_problem_that_waits_for_a_certificate_can_be_exchanged(tmp_path: Path) -> None:
    text = ARCHIVE.replace("@invariant(x^2 + y^2 < 1)", "")
    out = tmp_path / "p.json"
    assert run("import", write(tmp_path, "a.kyx", text), "-o", out).exit_code == ExitCode.OK
    assert json.loads(out.read_text())["certificate"] is None
    assert "@invariant" not in run("export", out, "--format", "kyx").stdout
    refused = run("export", out, "--format", "summary")
    assert refused.exit_code == ExitCode.USAGE
    assert "certificate" in refused.stderr


def test_a_bundle_can_be_decided_again(tmp_path: Path) -> None:
    file = bundle(tmp_path)
    again = run("validate", file, "--local", "--json", "--data", tmp_path)
    assert again.exit_code == ExitCode.OK
    assert json.loads(again.stdout)["id"] == "bb-s-32"


def test_an_exported_bundle_is_still_accepted(tmp_path: Path) -> None:
    out = tmp_path / "again.json"
    assert run("export", bundle(tmp_path), "--format", "json", "-o", out).exit_code == ExitCode.OK
    assert run("check-evidence", out).exit_code == ExitCode.OK


def test_evidence_that_is_refused_is_not_retold(tmp_path: Path) -> None:
    file = bundle(tmp_path)
    document = json.loads(file.read_text())
    document["problem"]["certificate"]["expr"] += " + 1"
    file.write_text(json.dumps(document))
    result = run("export", file, "--format", "summary")
    assert result.exit_code == ExitCode.USAGE
    assert "refuses the evidence" in result.stderr
    assert "PROVED" not in result.stdout


@pytest.mark.parametrize("form", ["smt2", "dreal"])
def test_scripts_are_one_for_each_obligation(tmp_path: Path, form: str) -> None:
    out = tmp_path / "scripts"
    assert run("export", "bb-s-32", "--format", form, "-o", out).exit_code == ExitCode.OK
    assert sorted(file.name for file in out.iterdir()) == ["flow.smt2", "init.smt2", "unsafe.smt2"]
    one = run("export", "bb-s-32", "--format", form, "--obligation", "init")
    assert one.stdout == (out / "init.smt2").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bb-s-32", "--format", "smt2"], "init, unsafe, flow"),
        (["bb-s-32", "--format", "smt2", "--obligation", "jump"], "init, unsafe, flow"),
        (["bb-s-32", "--format", "kyx", "--obligation", "init"], "whole problem"),
        (["nothing", "--format", "kyx"], "neither a file nor"),
        (["bb-s-32", "--format", "json", "-o", "no/such/folder/x.json"], "No such file"),
    ],
)
def test_a_wrong_export_says_what_to_do(arguments: list[str], said: str) -> None:
    result = run("export", *arguments)
    assert result.exit_code == ExitCode.USAGE
    assert said in result.stderr
    assert "Traceback" not in result.output
