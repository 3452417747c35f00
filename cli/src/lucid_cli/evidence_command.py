"""`lucid check-evidence`: run the independent checker on a bundle or on two files."""

import json
from pathlib import Path
from typing import Annotated

import typer

from lucid_cli.exit_codes import ExitCode
from lucid_cli.presentation import coloured, console, emit_json, fail
from lucid_cli.problem_file import ProblemFileInvalid, read_entry, read_json


def check_evidence(
    file: Annotated[
        Path,
        typer.Argument(help='Evidence, a bundle {"problem":…, "evidence":…}, or evidence/HASH.'),
    ],
    problem: Annotated[
        Path | None, typer.Option(help="The problem, if FILE holds only evidence.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    data_dir: Annotated[
        Path, typer.Option("--data", help="Data folder that evidence/HASH refers to.")
    ] = Path(".lucid"),
) -> None:
    """Check evidence in exact arithmetic; exit 0 if accepted, 1 if refused."""
    from lucid_checker import check

    try:
        document = read_entry(str(file), data_dir)
        if problem is None:
            if not isinstance(document, dict) or not {"problem", "evidence"} <= document.keys():
                raise ProblemFileInvalid(
                    f'{file}: not a bundle {{"problem": …, "evidence": …}}; give --problem FILE'
                )
            stated, evidence = document["problem"], document["evidence"]
        else:
            stated, evidence = read_json(problem), document
    except ProblemFileInvalid as error:
        fail(ExitCode.USAGE, str(error), as_json=as_json)
    report = check(json.dumps(stated), json.dumps(evidence))
    if as_json:
        emit_json(
            {
                "accepted": report.accepted,
                "obligations": dict(report.obligations),
                "implies_safety": report.implies_safety,
                "theorem": report.theorem,
                "probability_bound": report.probability_bound,
                "reasons": list(report.reasons),
            }
        )
    else:
        console.print("[green]accepted[/]" if report.accepted else "[red]refused[/]")
        for name, verdict in report.obligations.items():
            console.print(f"  {name:8} {coloured(verdict)}")
        if report.implies_safety:
            console.print(f"  implies safety: {report.theorem}")
        if report.probability_bound is not None:
            console.print(f"  probability of an unsafe run: at most {report.probability_bound}")
        for reason in report.reasons:
            console.print(f"  {reason}", soft_wrap=True, markup=False)
    raise typer.Exit(ExitCode.OK if report.accepted else ExitCode.REFUTED)
