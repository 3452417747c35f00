"""Every example of docs/commands.md is run, and its exit codes are those of the command."""

import json
import re
from pathlib import Path

import pytest
from lucid_cli.__main__ import app
from lucid_cli.exit_codes import ExitCode
from typer.testing import CliRunner

PAGE = Path(__file__).resolve().parents[2] / "docs/commands.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def parts() -> list[tuple[str, str, str]]:
    """The fenced blocks of the page: language, file name, content."""
    return [(kind, name, body) for kind, name, body in BLOCK.findall(PAGE.read_text())]


def commands(body: str) -> list[tuple[str, list[str]]]:
    """The commands of a console block, each with the lines that it prints."""
    found: list[tuple[str, list[str]]] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def assert_shows(output: str, expected: list[str], command: str) -> None:
    """The expected lines come in this order; a line `…` stands for any lines, else for any text."""
    text = "\n".join(line.rstrip() for line in output.splitlines())
    pattern = r"\A"
    for line in expected:
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pieces = [re.escape(piece.rstrip()) for piece in re.split(" *… *", line.rstrip())]
            pattern += r"\s*.*".join(pieces) + r"[^\S\n]*(?:\n|\Z)"
    assert re.search(pattern, text), f"$ {command}\n{text}"


def test_the_examples_print_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    runner = CliRunner()
    code, evidence, run = 0, "", 0
    for kind, name, body in parts():
        if kind != "console":
            Path(name).write_text(body)
            continue
        for command, expected in commands(body):
            if command == "echo $?":
                assert [str(int(code))] == expected
                continue
            words = command.replace("$EVIDENCE", evidence).split()
            assert words[0] == "lucid"
            result = runner.invoke(app, words[1:])
            code, run = result.exit_code, run + 1
            assert "Traceback" not in result.output
            assert_shows(result.output, expected, command)
            shown = re.findall(r"evidence/[0-9a-f]{64}", result.output)
            evidence = shown[-1] if shown else evidence
    assert run > 12
    assert json.loads(Path("spiral.json").read_text())["id"] == "spiral"


def test_a_page_that_says_something_else_would_be_noticed() -> None:
    assert_shows("a 1 b\nx\ny\nend", ["a … b", "…", "end"], "")
    for wrong in (["a … c"], ["x"], ["a … b", "end"]):
        with pytest.raises(AssertionError):
            assert_shows("a 1 b\nx\ny\nend", wrong, "")


def test_the_exit_codes_of_the_page_are_those_of_the_command() -> None:
    rows = re.findall(r"^\| (\d) \| ([A-Z]+) \|", PAGE.read_text(), re.MULTILINE)
    assert rows == [(str(code.value), code.name) for code in ExitCode]
