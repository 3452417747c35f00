"""`lucid repair` says what fails, by how much, and which change was proved."""

import json
from pathlib import Path

from lucid_cli.__main__ import app
from lucid_cli.exit_codes import ExitCode
from typer.testing import CliRunner

RUNNER = CliRunner()
SPIRAL = {
    "id": "spiral",
    "kind": "continuous",
    "vars": ["x", "y"],
    "dynamics": {"x": "-x + y", "y": "-x - y"},
    "init": "x**2 + y**2 <= 1/4",
    "unsafe": "x**2 + y**2 >= 4",
    "certificate": {"type": "barrier", "expr": "x**2 + y**2 - 6/25"},
    "flow_condition": "everywhere",
}


def write(folder: Path, value: object) -> str:
    file = folder / "problem.json"
    file.write_text(json.dumps(value))
    return str(file)


def test_a_level_that_is_a_little_too_low_is_mended(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["repair", write(tmp_path, SPIRAL), "--json"])
    assert result.exit_code == ExitCode.REFUTED
    line = json.loads(result.stdout)
    assert [f["obligation"] for f in line["failures"]] == ["init"]
    (hint,) = line["hints"]
    assert hint["claim"] == "proved"
    mended = RUNNER.invoke(
        app, ["validate", write(tmp_path, hint["problem"]), "--local", "--data", str(tmp_path)]
    )
    assert mended.exit_code == ExitCode.OK


def test_people_get_sentences(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["repair", write(tmp_path, SPIRAL)])
    assert "init fails: B is" in result.stdout
    assert "replace B by B - " in result.stdout


def test_a_true_certificate_needs_no_repair(tmp_path: Path) -> None:
    true = SPIRAL | {"certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1"}}
    result = RUNNER.invoke(app, ["repair", write(tmp_path, true), "--json"])
    assert result.exit_code == ExitCode.OK
    assert json.loads(result.stdout)["hints"] == []


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    assert RUNNER.invoke(app, ["repair", str(tmp_path / "no.json")]).exit_code == ExitCode.USAGE
