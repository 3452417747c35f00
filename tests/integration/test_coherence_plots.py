"""Every example of docs/coherence-plots.md, run against real services, and what it draws."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lucid_cli.__main__ import app
from lucid_testkit.ports import free_address
from lucid_testkit.processes import ServiceProcess
from typer.testing import CliRunner

PAGE = Path(__file__).resolve().parents[2] / "docs/coherence-plots.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUNNER = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the files of the page, in which a mesh of two services runs."""
    made = tmp_path_factory.mktemp("plots")
    data = made / ".lucid"
    data.mkdir()
    validation = ServiceProcess("validation", data, LUCID_CACHE_ADDRESS=str(free_address()))
    coherence = ServiceProcess("coherence", data, LUCID_VALIDATION_ADDRESS=str(validation.address))
    started = {"validation": validation, "coherence": coherence}
    try:
        for one in started.values():
            one.wait_until_serving()
        ports = {noun: one.address.port for noun, one in started.items()}
        (data / "mesh.json").write_text(json.dumps({"ports": ports, "collector": ""}))
        for kind, name, body in BLOCK.findall(PAGE.read_text()):
            if kind == "json":
                (made / name).write_text(body)
        yield made
    finally:
        for one in started.values():
            one.stop()


def lucid(command: str) -> Any:
    words = command.split()
    assert words[0] == "lucid"
    return RUNNER.invoke(app, words[1:])


def assert_shows(output: str, expected: list[str]) -> None:
    """Each line of the page is a line of the output; `…` stands for any text."""
    lines = [line.rstrip() for line in output.splitlines()]
    assert len(lines) == len(expected), output
    for line, wanted in zip(lines, expected, strict=True):
        pattern = ".*".join(re.escape(piece) for piece in wanted.split("…"))
        assert re.fullmatch(pattern, line), (line, wanted)


def test_the_examples_draw_and_say_what_the_page_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    code, drawn = 0, 0
    for kind, _, body in BLOCK.findall(PAGE.read_text()):
        if kind != "console":
            continue
        for block in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, *expected = block.splitlines()
            if command == "echo $?":
                assert [str(int(code))] == expected
                continue
            result = lucid(command)
            code = result.exit_code
            assert "Traceback" not in result.output
            assert_shows(result.output, expected)
            picture = folder / command.split("-o ")[1]
            assert picture.exists() == (code == 0)
            drawn += code == 0
    assert drawn == 8


def test_the_drawn_numbers_are_those_of_the_physics(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    spiral = json.loads(lucid("lucid coherence plot bloch bloch.json -o a.png --json").output)
    times, (first, _) = np.array(spiral["times_s"]), np.array(spiral["bloch_vectors"])
    length = np.hypot(first[:, 0], first[:, 1])
    np.testing.assert_allclose(length, 0.9 * np.exp(-times / 40), atol=1e-9)
    np.testing.assert_allclose(first[:, 2], 1 - np.exp(-times / 50), atol=1e-9)
    decay = json.loads(lucid("lucid coherence plot decay decay.json -o b.png --json").output)
    fast = np.array(decay["c_l1"]["1/T2 = 1/40 1/s"])
    np.testing.assert_allclose(fast, 0.9 * np.exp(-np.array(decay["times_s"]) / 40), atol=1e-9)
    assert decay["numerical_horizon_s"] == pytest.approx(40 * np.log(1.8))
    assert decay["evidence"].startswith("evidence/")


def test_a_logical_error_rate_is_drawn_with_the_interval_that_was_estimated(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    command = "lucid coherence plot threshold threshold.json -o c.png --json"
    shown = json.loads(lucid(command).output)
    low = shown["estimates"]["surface_3, distance 3"][0]
    high = shown["estimates"]["surface_7, distance 7"][0]
    for one in (low, high):
        assert one["low"] < one["rate"] < one["high"]
    assert high["high"] < low["low"], "well below the threshold the larger code is better"


def test_the_service_says_what_is_wrong_with_a_system(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    entry = json.loads((folder / "bloch.json").read_text())
    for system, said in (
        ({"damped_qubit": {"relaxation_rate": "1"}}, "no field named"),
        ({"damped_qubit": {"relaxation_rate_per_s": "1"}}, "coherence_decay_rate_low_per_s"),
        ({}, "is not an object with a model"),
    ):
        (folder / "wrong.json").write_text(json.dumps(entry | {"system": system}))
        result = lucid("lucid coherence plot bloch wrong.json -o d.png")
        assert result.exit_code == 2, result.output
        assert said in result.output
        assert not (folder / "d.png").exists()
