"""`lucid import`: files of other tools as problem files."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from lucid_cli.exit_codes import ExitCode
from lucid_cli.presentation import errors, fail, put_text
from lucid_cli.problem_file import ProblemFileInvalid, read_json, read_text


class Format(StrEnum):
    """What can be imported."""

    KYX = "kyx"
    SMT2 = "smt2"
    JSON = "json"


_OF_SUFFIX = {".kyx": Format.KYX, ".key": Format.KYX, ".smt2": Format.SMT2, ".json": Format.JSON}


def import_(
    file: Annotated[Path, typer.Argument(help="A KeYmaera X archive, SMT-LIB 2 or JSON file.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write here, not to standard output.")
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="Taken from the name if not given.")
    ] = None,
    entry: Annotated[
        str | None, typer.Option(help="The one entry of an archive, by its name or id.")
    ] = None,
    append_safe: Annotated[
        bool, typer.Option(help="Take the postcondition as the last cut (kyx).")
    ] = False,
) -> None:
    """Turn a file of another tool into a problem file: an object, or an array of several."""
    chosen = form or _OF_SUFFIX.get(file.suffix.lower())
    if chosen is None:
        fail(ExitCode.USAGE, f"{file}: unknown format; give --format kyx, smt2 or json")
    try:
        found, refusals = _read(file, chosen, append_safe=append_safe)
        if entry is not None:
            found = _only(found, refusals, entry, file)
    except ProblemFileInvalid as error:
        fail(ExitCode.USAGE, str(error))
    for sentence in refusals if entry is None else ():
        errors.print(f"[red]lucid:[/] {file}: ", end="")
        errors.print(sentence, soft_wrap=True, markup=False)
    if not found:
        fail(ExitCode.USAGE, f"{file}: nothing in it can be imported")
    put_text(_pretty(found[0] if len(found) == 1 else found), out)
    if refusals and entry is None:
        count = len(found) + len(refusals)
        fail(ExitCode.USAGE, f"{file}: {len(found)} of {count} entries were imported")


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _read(file: Path, form: Format, *, append_safe: bool) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the problems of a file, and sentences on what cannot be imported."""
    from lucid_validation.exchange.documents import canonical_problem, read_document
    from lucid_validation.exchange.errors import ExchangeInvalid
    from lucid_validation.exchange.kyx_problem import read_kyx
    from lucid_validation.exchange.smt_reader import read_smt

    try:
        match form:
            case Format.KYX:
                entries = read_kyx(read_text(file), append_safe=append_safe)
                refusals = [f"{e.name}: {e.refusal}" for e in entries if e.refusal is not None]
                problems = [e.problem for e in entries if e.problem is not None]
                return [canonical_problem(problem) for problem in problems], refusals
            case Format.SMT2:
                return [{"id": file.stem, **read_smt(read_text(file))}], []
            case Format.JSON:
                value = read_json(file)
    except ExchangeInvalid as error:
        raise ProblemFileInvalid(f"{file}: {error}") from None
    found, refusals = [], []
    for number, raw in enumerate(value if isinstance(value, list) else [value]):
        try:
            found.append(canonical_problem(read_document(raw)[0]))
        except ExchangeInvalid as error:
            refusals.append(f"[{number}]: {error}" if isinstance(value, list) else str(error))
    return found, refusals


def _only(
    found: list[dict[str, Any]], refusals: list[str], wanted: str, file: Path
) -> list[dict[str, Any]]:
    for problem in found:
        if wanted in {problem.get("id"), (problem.get("source") or {}).get("entry")}:
            return [problem]
    for sentence in refusals:
        if sentence.startswith(f"{wanted}: "):
            raise ProblemFileInvalid(f"{file}: {sentence}")
    names = ", ".join(str(problem.get("id")) for problem in found) or "no readable entry"
    raise ProblemFileInvalid(f"{file}: no entry {wanted!r}; there is {names}")
