"""The command line without a mesh: every refusal is a sentence and a documented exit code."""

import json
from pathlib import Path

import pytest
from lucid_cli.__main__ import app
from lucid_cli.exit_codes import ExitCode
from typer.testing import CliRunner

RUNNER = CliRunner()
GOOD = {
    "id": "disc",
    "kind": "continuous",
    "vars": ["x", "y"],
    "parameters": [],
    "dynamics": {"x": "-x + y", "y": "-x - y"},
    "domain": None,
    "init": {"and": ["x**2 + y**2 <= 1/4"]},
    "unsafe": {"and": ["x**2 + y**2 >= 4"]},
    "certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1"},
    "flow_condition": "everywhere",
}
BAD = GOOD | {"certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1/8"}}


def write(folder: Path, value: object) -> str:
    file = folder / "problem.json"
    file.write_text(json.dumps(value))
    return str(file)


def local(folder: Path, value: object) -> "tuple[int, dict[str, object]]":
    arguments = ["validate", write(folder, value), "--local", "--json", "--data", str(folder)]
    result = RUNNER.invoke(app, arguments)
    return result.exit_code, json.loads(result.stdout)


def test_a_true_certificate_is_proved_and_its_evidence_accepted(tmp_path: Path) -> None:
    code, line = local(tmp_path, GOOD)
    assert code == ExitCode.OK
    assert line["verdict"] == "PROVED"
    assert line["implies_safety"] is True
    bundles = list((tmp_path / "evidence").glob("*.json"))
    assert len(bundles) == 1
    assert RUNNER.invoke(app, ["check-evidence", str(bundles[0])]).exit_code == ExitCode.OK


def test_evidence_of_another_problem_is_refused(tmp_path: Path) -> None:
    local(tmp_path, GOOD)
    bundle = json.loads(next((tmp_path / "evidence").glob("*.json")).read_text())
    bundle["problem"]["certificate"]["expr"] = "x**2 + y**2 - 3/4"
    moved = tmp_path / "moved.json"
    moved.write_text(json.dumps(bundle))
    result = RUNNER.invoke(app, ["check-evidence", str(moved), "--json"])
    assert result.exit_code == ExitCode.REFUTED
    assert json.loads(result.stdout)["accepted"] is False


def test_a_false_certificate_is_refuted_at_an_exact_point(tmp_path: Path) -> None:
    code, line = local(tmp_path, BAD)
    assert code == ExitCode.REFUTED
    assert line["obligations"]["init"]["witness"]["values"].keys() == {"x", "y"}  # type: ignore[index]


def test_a_plan_is_explained_without_deciding(tmp_path: Path) -> None:
    arguments = ["validate", write(tmp_path, GOOD), "--local", "--explain", "--json"]
    result = RUNNER.invoke(app, arguments)
    assert result.exit_code == ExitCode.OK
    steps = json.loads(result.stdout)["steps"]
    assert {step["obligation"] for step in steps} == {"init", "unsafe", "flow"}
    assert all(step["method"] and step["why"] for step in steps)


def test_bad_input_is_a_verdict_with_a_reason(tmp_path: Path) -> None:
    code, line = local(tmp_path, GOOD | {"dynamics": {"x": "-x + z", "y": "-y"}})
    assert code == ExitCode.USAGE
    assert line["verdict"] == "INVALID_INPUT"
    assert line["field"] == "dynamics.x"


def test_a_corpus_gives_one_line_for_each_problem_bad_ones_included(tmp_path: Path) -> None:
    file = write(tmp_path, [GOOD, BAD, {"id": "nothing"}, 7])
    arguments = ["validate", "--corpus", file, "--local", "--timeout", "10", "--json"]
    result = RUNNER.invoke(app, [*arguments, "--data", str(tmp_path)])
    lines = [json.loads(text) for text in result.stdout.splitlines()]
    assert result.exit_code == ExitCode.OK
    assert [line["verdict"] for line in lines if line["id"] == "nothing"] == ["INVALID_INPUT"]
    assert len(lines) == 4
    for line in lines:
        assert {"id", "verdict", "implies_safety", "obligations", "seconds"} <= line.keys()


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate"],
        ["validate", "a.json", "--corpus", "b.json"],
        ["validate", "missing.json"],
        ["validate", "missing.json", "--timeout", "0"],
        ["check-evidence", "missing.json"],
        ["up", "--ports", "some"],
        ["up", "--problems", "missing.json"],
        ["session", "--user", "ada"],
        ["session", "--user", "users/ada", "--minutes", "5"],
        ["trace", "00"],
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_exits_2(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = RUNNER.invoke(app, arguments)
    assert result.exit_code == ExitCode.USAGE
    assert "Traceback" not in result.output


def test_a_mesh_that_is_down_is_said_with_its_own_code(tmp_path: Path) -> None:
    state = {"data_dir": str(tmp_path), "collector": "", "pids": {}, "supervisor_pid": 1}
    names = ("validation", "coherence", "vendor", "dream", "cache", "metrics", "gateway")
    state["ports"] = {name: 11 + index for index, name in enumerate(names)}
    (tmp_path / "mesh.json").write_text(json.dumps(state))
    result = RUNNER.invoke(app, ["seeds", "--data", str(tmp_path)])
    assert result.exit_code == ExitCode.UNREACHABLE
    assert RUNNER.invoke(app, ["status", "--data", str(tmp_path)]).exit_code == ExitCode.UNREACHABLE
