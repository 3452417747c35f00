"""A plan says for each obligation what would be tried, why, and what that is expected to cost."""

import json
from pathlib import Path

import pytest
from lucid_cli.__main__ import app
from lucid_cli.exit_codes import ExitCode
from typer.testing import CliRunner

RUNNER = CliRunner()


def test_the_plan_is_grouped_by_obligation_with_cost_and_difficulty() -> None:
    result = RUNNER.invoke(app, ["validate", "bb-s-32", "--local", "--explain", "--json"])
    assert result.exit_code == ExitCode.OK
    plan = json.loads(result.stdout)
    assert [o["obligation"] for o in plan["obligations"]] == ["init", "unsafe", "flow"]
    for obligation in plan["obligations"]:
        assert obligation["difficulty"] in {"easy", "moderate", "hard"}
        assert obligation["expected_seconds"] > 0
        assert [s["method"] for s in obligation["steps"]] == obligation["methods"]
        assert all(0 <= s.get("success_share", 0) <= 1 for s in obligation["steps"])
    assert sum(len(o["steps"]) for o in plan["obligations"]) == len(plan["steps"])


def test_a_person_reads_methods_in_order_with_reasons() -> None:
    result = RUNNER.invoke(app, ["validate", "bb-s-32", "--local", "--explain"])
    assert result.exit_code == ExitCode.OK
    for word in ("init", "unsafe", "flow", "bernstein", "decides", "cost", "why"):
        assert word in result.stdout


@pytest.mark.parametrize("change", [{"kind": "quantum"}, {"vars": []}])
def test_a_plan_of_a_bad_problem_names_the_field(tmp_path: Path, change: dict[str, object]) -> None:
    problem = {"kind": "continuous", "vars": ["x"], "dynamics": {"x": "-x"}, **change}
    file = tmp_path / "p.json"
    file.write_text(json.dumps(problem))
    result = RUNNER.invoke(app, ["validate", str(file), "--local", "--explain"])
    assert result.exit_code == ExitCode.USAGE
    assert next(iter(change)) in result.stderr
