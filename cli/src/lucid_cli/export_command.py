"""`lucid export`: a problem, and its evidence, for other tools and for people."""

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lucid_cli.exit_codes import ExitCode
from lucid_cli.presentation import errors, fail, put_text
from lucid_cli.problem_file import ProblemFileInvalid, read_entry

if TYPE_CHECKING:
    from lucid_checker import Report


class Format(StrEnum):
    """What can be exported."""

    KYX = "kyx"
    SMT2 = "smt2"
    DREAL = "dreal"
    JSON = "json"
    LATEX = "latex"
    SUMMARY = "summary"
    SVG = "svg"
    PNG = "png"


def export(
    target: Annotated[
        str, typer.Argument(help="A problem, a bundle, evidence/HASH, or a bundled problem's id.")
    ],
    form: Annotated[Format, typer.Option("--format", help="The format to write.")],
    obligation: Annotated[
        str | None, typer.Option(help="The one obligation (smt2, dreal); -o FOLDER for all.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write here, not to standard output.")
    ] = None,
    data_dir: Annotated[
        Path, typer.Option("--data", help="Data folder that evidence/HASH refers to.")
    ] = Path(".lucid"),
) -> None:
    """Write a problem for another tool, or what is proved about it for people."""
    from lucid_validation.exchange.documents import read_document
    from lucid_validation.exchange.errors import ExchangeInvalid, NotExpressible

    from lucid_cli.picture_values import NotDrawable

    if obligation is not None and form not in {Format.SMT2, Format.DREAL}:
        fail(ExitCode.USAGE, f"--obligation: {form} writes the whole problem")
    try:
        problem, evidence = read_document(read_entry(target, data_dir))
        if form in {Format.SMT2, Format.DREAL}:
            _scripts(problem, form, obligation, out)
        elif form in {Format.SVG, Format.PNG}:
            _picture(problem, evidence, form, out)
        else:
            put_text(_text(form, problem, evidence), out)
    except (ProblemFileInvalid, OSError) as error:
        fail(ExitCode.USAGE, str(error))
    except (ExchangeInvalid, NotExpressible, NotDrawable) as error:
        fail(ExitCode.USAGE, f"{target}: {error}")


def _text(form: Format, problem: dict[str, Any], evidence: dict[str, Any] | None) -> str:
    from lucid_validation.exchange.account import account_of
    from lucid_validation.exchange.documents import bundle, canonical_problem, parsed, pretty
    from lucid_validation.exchange.kyx_writer import write_kyx
    from lucid_validation.exchange.latex import to_latex
    from lucid_validation.exchange.summary import to_markdown

    if form in {Format.KYX, Format.JSON}:
        clean = canonical_problem(problem)
        if form is Format.KYX:
            return write_kyx(clean)
        return pretty(clean if evidence is None else bundle(clean, evidence))
    account = account_of(problem, parsed(problem), evidence, _checked(problem, evidence))
    return to_latex(account) if form is Format.LATEX else to_markdown(account)


def _checked(problem: dict[str, Any], evidence: dict[str, Any] | None) -> "Report | None":
    """Return the checker's report; what it refuses may have any shape and is not retold."""
    from lucid_checker import check

    if evidence is None:
        return None
    report = check(json.dumps(problem), json.dumps(evidence))
    if not report.accepted:
        raise ProblemFileInvalid(f"the checker refuses the evidence: {'; '.join(report.reasons)}")
    return report


def _picture(
    problem: dict[str, Any], evidence: dict[str, Any] | None, form: Format, out: Path | None
) -> None:
    from lucid_cli.picture import draw

    if out is None or out.suffix != f".{form}":
        raise ProblemFileInvalid(f"a picture needs a file: -o NAME.{form}")
    report = _checked(problem, evidence)
    said = draw(problem, evidence or {}, out, report.obligations if report is not None else {})
    errors.print(f"{out}: {said}", markup=False, soft_wrap=True)


def _scripts(problem: dict[str, Any], form: Format, only: str | None, out: Path | None) -> None:
    from lucid_validation.exchange.documents import parsed
    from lucid_validation.exchange.smt_writer import obligation_names, write_smt

    known = parsed(problem)
    names = obligation_names(known)
    if only is None and len(names) > 1 and (out is None or out.suffix):
        raise ProblemFileInvalid(
            f"there are {len(names)} obligations: give --obligation NAME, one of "
            f"{', '.join(names)}, or -o FOLDER"
        )
    scripts = write_smt(known, "dreal" if form is Format.DREAL else "smt2", only)
    if only is not None or len(names) == 1:
        put_text(scripts[0].text, out)
        return
    assert out is not None  # noqa: S101 - refused above
    out.mkdir(parents=True, exist_ok=True)
    for script in scripts:
        file = out / f"{re.sub(r'[^A-Za-z0-9_.-]', '_', script.obligation)}.smt2"
        put_text(script.text, file)
        errors.print(str(file), markup=False, soft_wrap=True)
