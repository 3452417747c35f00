"""`lucid repair`: for a refuted certificate, what fails, by how much, and what nearby is true."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lucid_cli.exit_codes import OF_VERDICT, ExitCode
from lucid_cli.presentation import coloured, console, emit_json, fail
from lucid_cli.problem_file import ProblemFileInvalid, read_json

TIMEOUT_S_DEFAULT = 20.0


def repair(
    target: Annotated[Path, typer.Argument(help="A problem file (JSON).")],
    timeout: Annotated[float, typer.Option(help="Seconds for everything.")] = TIMEOUT_S_DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say what is nearest to true for a refuted certificate; each suggestion is decided, too."""
    if not timeout > 0:
        fail(ExitCode.USAGE, f"--timeout: {timeout} s is not positive", as_json=as_json)
    try:
        entry = read_json(target)
    except ProblemFileInvalid as error:
        fail(ExitCode.USAGE, str(error), as_json=as_json)
    from lucid_validation.hinting import hints
    from lucid_validation.local import decide

    line = decide(entry, timeout / 2)
    found = hints(entry, timeout / 2, line=line)
    if as_json:
        emit_json({"id": line["id"], "verdict": line["verdict"], **found})
    else:
        _show(line, found)
    raise typer.Exit(OF_VERDICT.get(line["verdict"], ExitCode.FAILED))


def _show(line: dict[str, Any], found: dict[str, Any]) -> None:
    console.print(f"{coloured(line['verdict'])}  {line['id'] or ''}")
    for failure in found["failures"]:
        console.print(f"  {failure['text']}", soft_wrap=True)
    for hint in found["hints"]:
        console.print(f"  [{hint['claim']}] {hint['text']}", soft_wrap=True, markup=False)
        if hint.get("problem") is not None:
            changed = hint["problem"]["certificate"]["expr"]
            console.print(f"    B = {changed}", soft_wrap=True, markup=False)
    for sample in found["samples"]:
        if "draws" in sample:
            console.print(
                f"  {sample['obligation']}: {sample['draws']} uniform draws met no violation; with"
                f" confidence {sample['confidence']} at most {sample['violating_fraction_max']:.2g}"
                " of the box violates (statistics, no proof)",
                soft_wrap=True,
            )
