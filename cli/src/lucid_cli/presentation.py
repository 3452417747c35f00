"""How answers look on a terminal, and the one place that prints."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, Self

import typer
from rich.console import Console
from rich.table import Table

from lucid_cli.exit_codes import ExitCode

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

COLOUR_OF_VERDICT = {
    "PROVED": "green",
    "REFUTED": "red",
    "UNDECIDED": "yellow",
    "INVALID_INPUT": "magenta",
    "ERROR": "bold red",
}


def emit_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on one line of standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def coloured(verdict: str) -> str:
    """Return a verdict with its colour."""
    return f"[{COLOUR_OF_VERDICT.get(verdict, 'white')}]{verdict}[/]"


def table(title: str, *columns: str) -> Table:
    """Return an empty table in the house look."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def fail(code: ExitCode, sentence: str, *, as_json: bool = False) -> NoReturn:
    """Say what is wrong and leave with a documented exit code."""
    if as_json:
        emit_json({"error": sentence, "code": code.name})
    else:
        errors.print(f"[red]lucid:[/] {sentence}", soft_wrap=True)
    raise typer.Exit(code)


def put_text(text: str, out: Path | None) -> None:
    """Write text to a file, or as it is to standard output."""
    if out is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        out.write_text(text, encoding="utf-8")


class Progress:
    """A moving line on standard error that names what is decided so far; quiet if asked to be."""

    def __init__(self, *, quiet: bool) -> None:
        # Other commands may be shown the output of this one: it stays off their standard output.
        self._status = None if quiet else errors.status("deciding")
        self._said: list[str] = []

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def decided(self, obligation: Mapping[str, Any]) -> None:
        """Name one more obligation with its verdict."""
        self._said.append(f"{obligation['name']} {coloured(obligation['verdict'])}")
        if self._status is not None:
            self._status.update(f"deciding: {', '.join(self._said)}")
