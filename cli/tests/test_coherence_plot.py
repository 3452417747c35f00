"""Pictures of coherence: what is in them, that they repeat, and what is refused."""

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lucid_cli import (
    coherence_plot_bloch,
    coherence_plot_cityscape,
    coherence_plot_decay,
    coherence_plot_threshold,
)
from lucid_cli.__main__ import app
from lucid_cli.coherence_plot_bloch import Trajectories
from lucid_cli.coherence_plot_cityscape import City
from lucid_cli.coherence_plot_decay import Decay
from lucid_cli.coherence_plot_file import read_plan
from lucid_cli.coherence_plot_style import NotDrawable, heading, seconds_at_least
from lucid_cli.coherence_plot_threshold import Estimate, Threshold
from lucid_cli.exit_codes import ExitCode
from lucid_cli.problem_file import ProblemFileInvalid
from typer.testing import CliRunner

RUNNER = CliRunner()
TIMES = np.linspace(0, 20, 30)
QUBIT = {
    "damped_qubit": {"relaxation_rate_per_s": "1/50", "coherence_decay_rate_low_per_s": "1/40"}
}
GOOD: dict[str, dict[str, Any]] = {
    "bloch": {"system": QUBIT, "starts": [[1, 0, 0]], "until_s": 10},
    "cityscape": {"matrix": [[0.5, [0, -0.5]], [[0, 0.5], 0.5]]},
    "decay": {"system": QUBIT, "theta": "0.5", "initial_coherence": "0.9"},
    "threshold": {"codes": ["surface_3"], "noise": "bit_flip", "error_rates": [0.05, 0.1]},
}


def bloch(out: Path) -> None:
    x, y = np.cos(TIMES) * np.exp(-TIMES / 9), np.sin(TIMES) * np.exp(-TIMES / 9)
    path = np.stack([x, y, 0 * TIMES], axis=1)
    coherence_plot_bloch.draw(Trajectories("Spiral", TIMES, path[None]), out)


def city(out: Path, *, by_phase: bool = False) -> None:
    matrix = np.array([[0.5, -0.5j], [0.5j, 0.5]])
    coherence_plot_cityscape.draw(City("Plus i", matrix, (2,)), out, by_phase=by_phase)


def decay(out: Path, certified_s: float | None = 13.9999) -> None:
    curves = [
        ("1/T2 = 1/20", 0.9 * np.exp(-TIMES / 20)),
        ("1/T2 = 1/10", 0.9 * np.exp(-TIMES / 10)),
    ]
    shown = Decay("Qubit", TIMES, curves, 0.45, certified_s, 14.0, reason="No proof. Many words.")
    coherence_plot_decay.draw(shown, out)


def threshold(out: Path) -> None:
    seen = Estimate(physical=0.1, rate=0.1, low=0.09, high=0.11, errors=100, shots=1000)
    unseen = Estimate(physical=0.01, rate=None, low=0.0, high=0.003, errors=0, shots=1000)
    series = [("surface_3, distance 3", [unseen, seen]), ("surface_5, distance 5", [seen])]
    coherence_plot_threshold.draw(Threshold("Surface code", 0.95, series), out)


def phases(out: Path) -> None:
    city(out, by_phase=True)


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (bloch, ["Spiral", "Bloch vector from t = 0 to 20 s", "time t in s", "start", "end"]),
        (city, ["Plus i", "real part", "imaginary part", "row j", "column k"]),
        (phases, ["Plus i", "row j", "column k"]),
        (
            decay,
            [
                "time t in s",
                "certified horizon T* = 13.99 s",
                "numerical horizon = 14 s",
                "1/T2 = 1/20",
            ],
        ),
        (
            threshold,
            [
                "physical error rate p (dimensionless)",
                "logical error rate in one shot (dimensionless)",
                "bars: 95 % Wilson intervals; arrows: no error seen, upper bound",
                "surface_5, distance 5",
            ],
        ),
    ],
)
def test_a_picture_says_what_it_shows_and_is_the_same_again(
    tmp_path: Path, draw: Any, words: list[str]
) -> None:
    first, second, picture = (tmp_path / name for name in ("a.svg", "b.svg", "c.png"))
    draw(first)
    draw(second)
    draw(picture)
    text = first.read_text()
    ET.fromstring(text)  # noqa: S314 - written by ourselves
    for word in words:
        assert f"<!-- {word} -->" in text
    assert text == second.read_text()
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_is_not_certified_is_said_and_no_area_is_drawn(tmp_path: Path) -> None:
    out = tmp_path / "decay.svg"
    decay(out, certified_s=None)
    text = out.read_text()
    assert "not certified: No proof" in text
    assert "Many words" not in text
    assert "certified horizon T*" not in text


def test_a_certified_time_is_never_rounded_up() -> None:
    assert [seconds_at_least(t) for t in (13.9999, 0.0012345678, 12345.6, 0)] == [
        *("13.99 s", "0.001234 s", "1.234e+04 s", "0 s"),
    ]


def test_a_title_holds_no_formula_that_somebody_wrote() -> None:
    assert heading("5 $ and $x_{") == r"5 \$ and \$x_{"


def test_a_city_of_too_many_blocks_is_refused(tmp_path: Path) -> None:
    wide = City("wide", np.eye(17) / 17, (17,))
    with pytest.raises(NotDrawable, match="17 levels"):
        coherence_plot_cityscape.draw(wide, tmp_path / "x.svg", by_phase=False)


@pytest.mark.parametrize("kind", GOOD)
def test_every_kind_of_file_is_read(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "p.json"
    file.write_text(json.dumps(GOOD[kind]))
    assert read_plan(kind, file).name


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        ("bloch", {"starts": [[1, 1, 0]]}, r"starts\[0\]: is not \[x, y, z\] of length"),
        ("bloch", {"starts": []}, "starts: is not a list of 1 to 6"),
        ("bloch", {"until_s": 0}, "until_s: 0 is not a number"),
        ("bloch", {"until_s": True}, "until_s: True is not a number"),
        ("bloch", {"points": 1}, "points: 1 is not a number from 2"),
        ("bloch", {"system": "none"}, "system: is not an object"),
        ("bloch", {"system": {}}, "system: is not an object with a model"),
        ("bloch", {"untill_s": 3}, "untill_s: is not a key of this picture"),
        ("cityscape", {"matrix": [[1, 0]]}, r"matrix\[0\]: is not a list of 1 entries"),
        ("cityscape", {"matrix": [["a"]]}, r"matrix\[0\]: 'a' is neither a number nor"),
        ("cityscape", {"dims": [2, 2]}, "dims: .* are not the dimensions of 2 rows"),
        ("decay", {"theta": None}, "theta: None is neither a number nor a text"),
        ("decay", {"until_s": 3}, "until_s: is not a key of a coherence file"),
        ("threshold", {"error_rates": [0.1, 0.05]}, "error_rates: are not rising"),
        ("threshold", {"error_rates": [0]}, "error_rates: are not rising"),
        ("threshold", {"codes": [3]}, "codes: are not names"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_key(
    tmp_path: Path, kind: str, changes: dict[str, Any], said: str
) -> None:
    file = tmp_path / "p.json"
    file.write_text(json.dumps(GOOD[kind] | changes))
    with pytest.raises(ProblemFileInvalid, match=said):
        read_plan(kind, file)


def plot(folder: Path, kind: str, out: str, *more: str) -> Any:
    file = folder / "p.json"
    file.write_text(json.dumps(GOOD[kind]))
    words = ["coherence", "plot", kind, str(file), "-o", str(folder / out), "--data", str(folder)]
    return RUNNER.invoke(app, [*words, *more])


def test_a_file_that_is_no_picture_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    result = plot(tmp_path, "bloch", "x.pdf")
    assert result.exit_code == ExitCode.USAGE
    assert "ends in .png or .svg" in result.stderr


def test_without_a_mesh_the_command_says_how_to_start_one(tmp_path: Path) -> None:
    (tmp_path / "mesh.json").write_text(json.dumps({"ports": {"coherence": 1}, "collector": ""}))
    result = plot(tmp_path, "bloch", "x.png", "--timeout", "20")
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "lucid up" in result.stderr
    assert not (tmp_path / "x.png").exists()


def test_without_matplotlib_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(NotDrawable, match=r"pip install 'lucid-mesh-cli\[plot\]'"):
        bloch(tmp_path / "x.png")
