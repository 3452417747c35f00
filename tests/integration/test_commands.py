"""The `lucid` command against a running mesh."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lucid_testkit.mesh import Mesh

LUCID = Path(sys.executable).with_name("lucid")


def lucid(mesh: Mesh, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [str(LUCID), *arguments, "--data", str(mesh.layout.data_dir)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_status_shows_seven_serving_processes(mesh: Mesh) -> None:
    result = lucid(mesh, "status", "--json")
    assert result.returncode == 0, result.stderr
    processes = json.loads(result.stdout)["processes"]
    assert {process["status"] for process in processes.values()} == {"SERVING"}
    assert len(processes) == 7


def test_validate_refutes_a_bundled_problem_with_an_exact_point(mesh: Mesh) -> None:
    result = lucid(mesh, "validate", "bb-s-39", "--json")
    assert result.returncode == 1, result.stdout + result.stderr
    line = json.loads(result.stdout)
    assert line["verdict"] == "REFUTED"
    assert line["implies_safety"] is False
    assert line["obligations"]["unsafe"]["verdict"] == "REFUTED"
    assert line["obligations"]["unsafe"]["witness"]["values"]


def test_validate_names_the_field_of_a_bad_expression(mesh: Mesh, tmp_path: Path) -> None:
    problem = {
        "kind": "continuous",
        "vars": ["x"],
        "dynamics": {"x": "-x + __import__('os')"},
        "init": {"and": ["x <= 0"]},
        "unsafe": {"and": ["x >= 1"]},
        "certificate": {"type": "barrier", "expr": "x - 1/2"},
        "flow_condition": "everywhere",
    }
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(problem))
    result = lucid(mesh, "validate", str(file))
    assert result.returncode == 2
    assert "dynamics" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_mesh_and_the_local_engine_agree(mesh: Mesh, tmp_path: Path) -> None:
    from lucid_cli.story.problems import bundled_problems

    for entry in bundled_problems()[:4]:
        file = tmp_path / "problem.json"
        file.write_text(json.dumps(entry))
        remote = json.loads(lucid(mesh, "validate", str(file), "--json").stdout)
        local = json.loads(lucid(mesh, "validate", str(file), "--local", "--json").stdout)
        assert remote["verdict"] == local["verdict"]
        assert remote["implies_safety"] == local["implies_safety"]


@pytest.mark.parametrize("arguments", [("validate",), ("validate", "no-such-problem")])
def test_a_wrong_call_exits_with_the_usage_code(mesh: Mesh, arguments: tuple[str, ...]) -> None:
    result = lucid(mesh, *arguments)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
