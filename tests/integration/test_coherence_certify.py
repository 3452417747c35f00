"""Every example of docs/coherence-files.md, run against real services, and refused files."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lucid_cli.__main__ import app
from lucid_testkit.ports import free_address
from lucid_testkit.processes import ServiceProcess
from typer.testing import CliRunner

PAGE = Path(__file__).resolve().parents[2] / "docs/coherence-files.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUNNER = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the files of the page, in which a mesh of two services runs."""
    made = tmp_path_factory.mktemp("certify")
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


def assert_shows(output: str, expected: list[str], command: str) -> None:
    """The expected lines come in this order; a line `…` stands for any lines, else for any text."""
    pattern = r"\A"
    for line in expected:
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(piece) for piece in line.split("…")) + r"\n"
    text = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
    assert re.fullmatch(pattern, text), f"$ {command}\n{text}"


def test_the_examples_say_what_the_page_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    code, run = 0, 0
    for kind, _, body in BLOCK.findall(PAGE.read_text()):
        if kind != "console":
            continue
        for block in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, *expected = block.splitlines()
            if command == "echo $?":
                assert [str(int(code))] == expected
                continue
            result = lucid(command)
            code, run = result.exit_code, run + 1
            assert "Traceback" not in result.output
            assert_shows(result.output, expected, command)
    assert run == 7


def test_json_is_one_object_with_the_verdict_and_evidence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    result = lucid("lucid coherence certify driven.json --json")
    found = json.loads(result.stdout)
    assert found["certified"] is True
    assert found["evidence"].startswith("evidence/")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"thetas": 1}, "thetas"),
        ({"theta": [1]}, "theta"),
        ({"qubits": 3}, "qubits"),
        ({"hamiltonian": {"XX": 1}}, "hamiltonian"),
        ({"hamiltonian": {"X": [0, 1]}}, "hamiltonian"),
        ({"hamiltonian": [[1, 2]]}, "hamiltonian"),
        ({"jumps": [{"operator": {"Z": 1}}]}, "jumps[0]"),
        ({"jumps": [{"operator": {"Z": 1}, "rate": [1]}]}, "jumps[0].rate"),
        ({"start": "+?"}, "start"),
        ({"start": {"amplitudes": [1, 1]}}, "start"),
        ({"start": [[1]]}, "start"),
        ({"system": {"unknown": 1}}, "system"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_its_key(
    tmp_path: Path, changes: dict[str, Any], key: str
) -> None:
    good: dict[str, Any] = {"qubits": 1, "hamiltonian": {"X": 1}, "start": "+", "theta": 0.5}
    path = tmp_path / "file.json"
    path.write_text(json.dumps(good | changes))
    result = RUNNER.invoke(app, ["coherence", "certify", str(path)])
    assert result.exit_code == 2
    assert f" {key}: " in " ".join(result.output.split())


def test_matrices_and_strings_declare_the_same_system(tmp_path: Path) -> None:
    from lucid_cli.coherence_certify_file import read_request

    path = tmp_path / "file.json"
    rest = {"qubits": 1, "start": {"amplitudes": [[0.6, 0], [0, 0.8]]}, "theta": "1/2"}
    jumps = [{"operator": {"X": 0.5, "Y": [0, 0.5]}, "rate": [0.1, 0.2]}]
    path.write_text(json.dumps(rest | {"hamiltonian": [[0, [0, -1]], [[0, 1], 0]], "jumps": jumps}))
    dense = read_request(path)
    path.write_text(json.dumps(rest | {"hamiltonian": {"Y": 1}, "jumps": jumps}))
    strings = read_request(path)
    from lucid_coherence.answers.certification import tube_question

    a, b = tube_question(dense), tube_question(strings)
    for left, right in zip(a.generator.matrices, b.generator.matrices, strict=True):
        assert (left == right).all()
    assert (a.start == b.start).all()
