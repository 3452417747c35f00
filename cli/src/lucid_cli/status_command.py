"""`lucid status`: which processes of the mesh serve."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from lucid_cli.exit_codes import ExitCode
from lucid_cli.presentation import console, emit_json, table


def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    data_dir: Annotated[Path, typer.Option("--data", help="Data folder of the mesh.")] = Path(
        ".lucid"
    ),
) -> None:
    """Show which processes serve; exit 0 if all do, 5 if any does not."""
    from lucid_local.layout import GATEWAY, load, pids
    from lucid_local.readiness import SERVING, statuses

    layout = load(data_dir)
    found = asyncio.run(statuses(layout))
    known = pids(data_dir)
    if as_json:
        processes = {
            name: {"status": state, "address": layout.address(name), "pid": known.get(name)}
            for name, state in found.items()
        }
        emit_json({"gateway_url": layout.gateway_url, "processes": processes})
    else:
        shown = table("", "process", "status", "address", "pid")
        for name, state in found.items():
            colour = "green" if state == SERVING else "red"
            address = layout.gateway_url if name == GATEWAY else layout.address(name)
            shown.add_row(name, f"[{colour}]{state}[/]", address, str(known.get(name, "")))
        console.print(shown)
    everyone = all(state == SERVING for state in found.values())
    raise typer.Exit(ExitCode.OK if everyone else ExitCode.UNREACHABLE)
