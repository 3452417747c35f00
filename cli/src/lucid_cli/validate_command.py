"""`lucid validate`: decide one problem or a corpus, through the mesh or in this process."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Annotated, Any

import typer

from lucid_cli.exit_codes import OF_VERDICT, ExitCode
from lucid_cli.presentation import Progress, coloured, console, emit_json, errors, fail
from lucid_cli.problem_file import ProblemFileInvalid, read_entry, read_json
from lucid_cli.problem_message import to_message
from lucid_cli.verdict_view import lines_for_person, to_line

TIMEOUT_S_DEFAULT = 10.0
TIMEOUT_S_MAX = 3600.0


def validate(
    target: Annotated[
        str | None,
        typer.Argument(help="A problem file (JSON), a bundle, or a bundled problem's id."),
    ] = None,
    corpus: Annotated[Path | None, typer.Option(help="A JSON array of problems.")] = None,
    local: Annotated[bool, typer.Option(help="Decide in this process, no mesh needed.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds for each problem.")] = TIMEOUT_S_DEFAULT,
    jobs: Annotated[int, typer.Option(help="Problems decided at the same time (corpus).")] = 1,
    explain: Annotated[bool, typer.Option(help="Show the plan and decide nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    data_dir: Annotated[
        Path, typer.Option("--data", help="Data folder; --local keeps evidence in it.")
    ] = Path(".lucid"),
) -> None:
    """Decide whether a certificate proves a system safe."""
    if (target is None) == (corpus is None):
        fail(
            ExitCode.USAGE, "give a problem file or --corpus FILE, one of the two", as_json=as_json
        )
    if not 0 < timeout <= TIMEOUT_S_MAX:
        fail(ExitCode.USAGE, f"--timeout: {timeout} s is not in (0, {TIMEOUT_S_MAX:.0f}] s")
    if jobs < 1:
        fail(ExitCode.USAGE, f"--jobs: {jobs} is less than 1")
    try:
        if corpus is not None:
            _corpus(corpus, timeout, jobs, local, data_dir, as_json)
            return
        entry = _problem_in(read_entry(str(target), data_dir))
        if explain:
            from lucid_cli.plan_view import show_plan

            show_plan(entry, local, data_dir, as_json)
            return
        line = _decide(entry, timeout, local, data_dir, as_json)
    except ProblemFileInvalid as error:
        fail(ExitCode.USAGE, str(error), as_json=as_json)
    if as_json:
        emit_json(line)
    else:
        for text in lines_for_person(line):
            console.print(text, soft_wrap=True)
    raise typer.Exit(OF_VERDICT.get(line["verdict"], ExitCode.FAILED))


def _problem_in(document: Any) -> Any:
    """Return the problem of a bundle, and anything else as it is."""
    is_bundle = isinstance(document, Mapping) and {"problem", "evidence"} <= document.keys()
    return document["problem"] if is_bundle else document


def _identity(entry: Any, index: int = 0) -> str:
    given = entry.get("id") if isinstance(entry, Mapping) else None
    return str(given) if given else f"problem-{index + 1}"


def _decide(
    entry: Any, timeout_s: float, local: bool, data_dir: Path, as_json: bool
) -> dict[str, Any]:
    if local:
        from lucid_cli.local_decision import decide_locally

        with Progress(quiet=as_json) as progress:
            return decide_locally(entry, timeout_s, data_dir, progress.decided)
    return asyncio.run(_ask_mesh(entry, timeout_s, data_dir, as_json))


async def _ask_mesh(entry: Any, timeout_s: float, data_dir: Path, as_json: bool) -> dict[str, Any]:
    import grpc.aio
    from google.protobuf.duration_pb2 import Duration
    from lucid.validation.v1 import validation_service_pb2 as api
    from lucid.validation.v1.validation_service_pb2_grpc import ValidationServiceStub

    from lucid_cli.mesh_client import channel_to, fail_with, layout_of

    request = api.ValidateCertificateRequest(problem=to_message(entry))
    budget = Duration()
    budget.FromMilliseconds(int(timeout_s * 1000))
    request.budget.CopyFrom(budget)
    async with channel_to(layout_of(data_dir), "validation") as channel:
        stub = ValidationServiceStub(channel)
        with Progress(quiet=as_json):
            try:
                reply = await stub.ValidateCertificate(request, timeout=timeout_s + 5)
            except grpc.aio.AioRpcError as error:
                fail_with(error, as_json=as_json)
    return to_line(_identity(entry), reply.verdict)


def _corpus(
    path: Path,
    timeout_s: float,
    jobs: int,
    local: bool,
    data_dir: Path,
    as_json: bool,
) -> None:
    entries = read_json(path)
    if not isinstance(entries, list):
        raise ProblemFileInvalid(
            f"{path}: not an array of problems; give a single one without --corpus"
        )
    started = time.monotonic()
    counts: dict[str, int] = {}
    for line in _lines(entries, timeout_s, jobs, local, data_dir):
        counts[line["verdict"]] = counts.get(line["verdict"], 0) + 1
        if as_json:
            emit_json(line)
        else:
            done = sum(counts.values())
            shown = f"{done}/{len(entries)} {coloured(line['verdict'])} {line['id']}"
            console.print(f"{shown} ({line['seconds']:.2f} s)")
    summary = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    errors.print(f"{len(entries)} problems in {time.monotonic() - started:.1f} s: {summary}")


def _lines(
    entries: list[Any],
    timeout_s: float,
    jobs: int,
    local: bool,
    data_dir: Path,
) -> Iterator[dict[str, Any]]:
    def one(index: int) -> dict[str, Any]:
        entry = entries[index]
        try:
            line = _decide(entry, timeout_s, local, data_dir, True)
            return line | {"id": _identity(entry, index)}
        except ProblemFileInvalid as error:
            return {
                "id": _identity(entry, index),
                "verdict": "INVALID_INPUT",
                "implies_safety": False,
                "obligations": {},
                "seconds": 0.0,
                "reason": str(error),
            }

    with ThreadPoolExecutor(jobs) as pool:
        for finished in as_completed([pool.submit(one, i) for i in range(len(entries))]):
            yield finished.result()
