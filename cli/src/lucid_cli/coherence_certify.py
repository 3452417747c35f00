"""`lucid coherence certify`: for how long does coherence provably stay above a threshold?"""

import asyncio
import json
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from lucid_cli.coherence_certify_file import read_request
from lucid_cli.exit_codes import ExitCode
from lucid_cli.presentation import coloured, console, emit_json, errors, fail
from lucid_cli.problem_file import ProblemFileInvalid

TIMEOUT_S_DEFAULT = 120.0


def certify(
    target: Annotated[Path, typer.Argument(help="A coherence file (JSON).")],
    gap: Annotated[
        float | None, typer.Option(help="Largest accepted gap in percent; wins over the file's.")
    ] = None,
    wanted: Annotated[
        str | None, typer.Option(help="Certify exactly this horizon in s, such as 2.5.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write problem and evidence here, to be checked."),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds for everything.")] = TIMEOUT_S_DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    data_dir: Annotated[Path, typer.Option("--data", help="Data folder of the mesh.")] = Path(
        ".lucid"
    ),
) -> None:
    """Certify a horizon of C_l1 >= theta for one or two qubits, by the running mesh."""
    if not timeout > 0:
        fail(ExitCode.USAGE, f"--timeout: {timeout} s is not positive", as_json=as_json)
    try:
        request = read_request(target)
    except ProblemFileInvalid as error:
        fail(ExitCode.USAGE, str(error), as_json=as_json)
    if gap is not None:
        request.gap_percent = gap
    if wanted is not None:
        request.wanted_horizon_s = wanted
    result = asyncio.run(_ask(request, data_dir, timeout, as_json))
    if output is not None and result is not None and result.evidence:
        bundle = asyncio.run(_fetch(result.evidence, data_dir, as_json))
        output.write_text(json.dumps(bundle) + "\n", encoding="utf-8")
    if result is None:
        fail(ExitCode.FAILED, "the service ended without a result", as_json=as_json)
    if as_json:
        from google.protobuf.json_format import MessageToDict

        emit_json(MessageToDict(result, always_print_fields_with_no_presence=True))
    else:
        _show(result)
    raise typer.Exit(_exit_code(result))


async def _ask(request: Any, data_dir: Path, timeout_s: float, as_json: bool) -> Any:
    import grpc.aio
    from lucid.coherence.v1.coherence_service_pb2_grpc import CoherenceServiceStub

    from lucid_cli.mesh_client import channel_to, fail_with, layout_of

    result = None
    async with channel_to(layout_of(data_dir), "coherence") as channel:
        try:
            async for event in CoherenceServiceStub(channel).CertifyCoherence(
                request, timeout=timeout_s
            ):
                if event.HasField("result"):
                    result = event.result
                elif not as_json:
                    _say(event.progress)
        except grpc.aio.AioRpcError as error:
            fail_with(error, as_json=as_json)
    return result


async def _fetch(name: str, data_dir: Path, as_json: bool) -> dict[str, Any]:
    """Return the problem and the evidence that validation keeps under a name."""
    import grpc.aio
    from lucid.validation.v1 import validation_service_pb2 as api
    from lucid.validation.v1.validation_service_pb2_grpc import ValidationServiceStub

    from lucid_cli.mesh_client import channel_to, fail_with, layout_of

    async with channel_to(layout_of(data_dir), "validation") as channel:
        try:
            found = await ValidationServiceStub(channel).GetEvidence(
                api.GetEvidenceRequest(name=name), timeout=10
            )
        except grpc.aio.AioRpcError as error:
            fail_with(error, as_json=as_json)
    return {
        "problem": json.loads(found.problem_document),
        "evidence": json.loads(found.document),
    }


def _say(progress: Any) -> None:
    errors.print(f"{progress.stage}: {progress.message}", style="dim", soft_wrap=True)


def _show(result: Any) -> None:
    from lucid_cli.verdict_view import status_name

    horizon = float(Fraction(result.horizon_s or "0"))
    if result.certified:
        console.print(f"[green]certified[/] C_l1 >= theta on [0, {horizon:.6g}] s")
    else:
        console.print("[yellow]refused[/]")
        console.print(f"  {result.reason}", soft_wrap=True, markup=False)
    if result.numerical_horizon_s:
        gap = f"gap {result.gap_percent:.3g} %"
        console.print(f"  numerical horizon {result.numerical_horizon_s:.6g} s, {gap}")
    if result.bare_horizon_s:
        console.print(f"  one physical qubit alone {result.bare_horizon_s:.6g} s")
    if result.verdict:
        segments = f" in {result.segments} segments" if result.segments else ""
        console.print(f"  degree {result.degree}{segments}")
        console.print(f"  {coloured(status_name(result.status))}", result.verdict, soft_wrap=True)
    if result.evidence:
        console.print(f"  {result.evidence}", soft_wrap=True)


def _exit_code(result: Any) -> ExitCode:
    from lucid_cli.verdict_view import status_name

    if result.certified:
        return ExitCode.OK
    if status_name(result.status) == "REFUTED":
        return ExitCode.REFUTED
    return ExitCode.UNDECIDED
