"""Pictures show what is in the problem, always the same, and say why where there is none."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lucid_cli.__main__ import app
from lucid_cli.exit_codes import ExitCode
from lucid_cli.picture_values import NotDrawable, panels_of, plane_of, window_of
from lucid_validation.barrier.problem import parse_problem
from typer.testing import CliRunner

RUNNER = CliRunner()
KINDS = json.loads(
    (
        Path(__file__).resolve().parents[2] / "services/validation/tests/barrier/kinds.json"
    ).read_text()
)
DISC: dict[str, Any] = {
    "id": "disc",
    "kind": "continuous",
    "vars": ["x", "y"],
    "dynamics": {"x": "-x + y", "y": "-x - y"},
    "init": {"and": ["x**2 + y**2 <= 1/4"]},
    "unsafe": {"and": ["x**2 + y**2 >= 4"]},
    "certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1/8"},
    "flow_condition": "everywhere",
}
THREE = DISC | {
    "vars": ["x", "y", "z"],
    "dynamics": DISC["dynamics"] | {"z": "-z"},
    "init": {"and": [*DISC["init"]["and"], "z >= 1", "z <= 2"]},
}


def export(folder: Path, problem: object, out: str, *more: str) -> Any:
    file = folder / "p.json"
    file.write_text(json.dumps(problem))
    arguments = ["export", str(file), "--format", out.rpartition(".")[2], "-o", str(folder / out)]
    return RUNNER.invoke(app, [*arguments, *more])


def texts(file: Path) -> str:
    """The words of an SVG file, which matplotlib keeps as comments beside their outlines."""
    ET.parse(file)  # noqa: S314 - written by ourselves
    return file.read_text()


def test_a_picture_names_its_axes_sets_and_curve(tmp_path: Path) -> None:
    result = export(tmp_path, DISC, "disc.svg")
    assert result.exit_code == ExitCode.OK, result.stderr
    assert "the plane of x and y" in result.stderr
    words = texts(tmp_path / "disc.svg")
    for word in ("disc", "init", "unsafe", "B = 0"):
        assert f"<!-- {word} -->" in words


def test_a_counterexample_is_marked(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text(json.dumps(DISC))
    decided = RUNNER.invoke(
        app, ["validate", str(file), "--local", "--json", "--data", str(tmp_path)]
    )
    evidence = json.loads(decided.stdout)["evidence"]
    out = tmp_path / "bad.svg"
    arguments = ["export", evidence, "--data", str(tmp_path), "--format", "svg", "-o", str(out)]
    assert RUNNER.invoke(app, arguments).exit_code == ExitCode.OK
    assert "<!-- init fails -->" in texts(out)
    assert "init REFUTED" in texts(out)


def test_the_same_problem_gives_the_same_file(tmp_path: Path) -> None:
    assert export(tmp_path, DISC, "one.svg").exit_code == ExitCode.OK
    assert export(tmp_path, DISC, "two.svg").exit_code == ExitCode.OK
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_higher_dimensions_are_a_stated_slice_through_init(tmp_path: Path) -> None:
    result = export(tmp_path, THREE, "three.svg")
    assert "the plane of x and y at z = 1.5" in result.stderr
    assert "slice at z = 1.5" in texts(tmp_path / "three.svg")


def test_the_window_shows_init_the_level_set_and_some_of_unsafe() -> None:
    problem = parse_problem(DISC)
    plane, panels = plane_of(problem, []), panels_of(problem)
    left, right, bottom, top = window_of(panels, plane, [])
    assert left < -0.5 < 0.5 < right
    assert bottom < -0.5 < 0.5 < top
    assert max(-left, right, -bottom, top) > 2
    line = np.linspace(-3, 3, 61)
    x, y = np.meshgrid(line, line)
    assert (plane.holds(problem.init, x, y) == (0.25 - x**2 - y**2 >= 0)).mean() > 0.99
    values = plane.values_of(panels[0].curves[0][1], x, y)
    assert np.allclose(values, x**2 + y**2 - 0.125)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_drawn_or_says_why_not(tmp_path: Path, name: str) -> None:
    result = export(tmp_path, KINDS[name], "kind.png")
    if result.exit_code == ExitCode.OK:
        assert (tmp_path / "kind.png").read_bytes().startswith(b"\x89PNG")
    else:
        assert result.exit_code == ExitCode.USAGE
        assert "two variables that move" in result.stderr


def test_functions_are_evaluated_where_they_are_defined() -> None:
    problem = parse_problem(DISC | {"init": {"and": ["sqrt(x) <= 1", "1/y > 0"]}})
    plane = plane_of(problem, [])
    x, y = np.array([[-1.0, 0.25, 4.0, 0.25]]), np.array([[1.0, 1.0, 1.0, -1.0]])
    assert plane.holds(problem.init, x, y).tolist() == [[False, True, False, False]]


def test_one_variable_is_no_picture() -> None:
    one = DISC | {"parameters": ["y"], "dynamics": {"x": "-x", "y": "0"}}
    with pytest.raises(NotDrawable, match="two variables that move; this problem has 1"):
        plane_of(parse_problem(one), [])


def test_a_picture_needs_a_file_of_its_kind(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["export", "bb-s-39", "--format", "svg"])
    assert result.exit_code == ExitCode.USAGE
    assert "-o NAME.svg" in result.stderr
