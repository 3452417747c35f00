"""`lucid synthesize`: search for a certificate that the engine then proves."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from lucid_cli.exit_codes import ExitCode
from lucid_cli.presentation import console, emit_json, fail
from lucid_cli.problem_file import ProblemFileInvalid, read_json

TIMEOUT_S_DEFAULT = 60.0
DEGREE_DEFAULT = 4


def synthesize(
    target: Annotated[Path, typer.Argument(help="A problem file (JSON); no certificate needed.")],
    kind: Annotated[
        str | None, typer.Option(help="The flow condition, such as everywhere or exponential.")
    ] = None,
    degree: Annotated[int, typer.Option(help="Largest degree to try.")] = DEGREE_DEFAULT,
    timeout: Annotated[float, typer.Option(help="Seconds for everything.")] = TIMEOUT_S_DEFAULT,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the completed problem here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Search for a barrier certificate of a polynomial system of at most six variables."""
    if not timeout > 0:
        fail(ExitCode.USAGE, f"--timeout: {timeout} s is not positive", as_json=as_json)
    try:
        entry = read_json(target)
    except ProblemFileInvalid as error:
        fail(ExitCode.USAGE, str(error), as_json=as_json)
    if kind is not None:
        entry = {**entry, "flow_condition": kind}
    from lucid_validation import local_synthesis

    show = (lambda _: None) if as_json else _show_progress
    found = local_synthesis.synthesize(entry, timeout, degree=degree, on_progress=show)
    if "outcome" not in found:
        where = found.get("field", "the search")
        code = ExitCode.USAGE if found.get("field") else ExitCode.FAILED
        fail(code, f"{target}: {where}: {found.get('message', '')}", as_json=as_json)
    if output is not None and found["outcome"] == "FOUND":
        output.write_text(json.dumps(found["candidate"]["problem"], indent=1) + "\n", "utf-8")
    if as_json:
        emit_json(found)
    else:
        _show(found)
    raise typer.Exit(ExitCode.OK if found["outcome"] == "FOUND" else ExitCode.UNDECIDED)


def _show_progress(progress: dict[str, Any]) -> None:
    console.print(
        f"  degree {progress['degree']}: {progress['iterations']} guesses, "
        f"{progress['counterexamples']} counterexamples, margin {progress['margin']:.3g}",
        style="dim",
    )


def _show(found: dict[str, Any]) -> None:
    console.print(f"{found['outcome']}  {found['reason']}".rstrip(), markup=False)
    if "state" in found:
        state = ", ".join(f"{name} = {value}" for name, value in found["state"].items())
        console.print(f"  initial and unsafe: {state}", markup=False)
    candidate = found.get("candidate")
    if candidate is None:
        return
    certificate, decision = candidate["problem"]["certificate"], candidate["decision"]
    console.print(f"  B = {certificate['expr']}", soft_wrap=True, markup=False)
    if certificate.get("lambda"):
        console.print(f"  lambda = {certificate['lambda']}", markup=False)
    for obligation in candidate["obligations"]:
        console.print(f"  {obligation['name']}  {obligation['verdict']}", markup=False)
    safety = decision["safety"]
    answer = safety.get("theorem") or f"no: {safety.get('missing')}"
    console.print(f"  implies safety: {answer}", markup=False)
