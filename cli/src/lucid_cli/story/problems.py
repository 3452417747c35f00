"""Act one: published problems are decided and their evidence is checked again, here."""

import asyncio
import json
from importlib import resources
from typing import Any

import grpc
import grpc.aio
from lucid.validation.v1 import validation_service_pb2 as api
from lucid.validation.v1.validation_service_pb2_grpc import ValidationServiceStub
from lucid_checker import check
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from lucid_cli.mesh_client import describe
from lucid_cli.presentation import coloured, table
from lucid_cli.problem_file import ProblemFileInvalid
from lucid_cli.problem_message import to_message
from lucid_cli.story.patience import call
from lucid_cli.story.recorder import Recorder
from lucid_cli.verdict_view import point_text, to_line

BUDGET_S = 10
HASH_DIGITS_SHOWN = 16
READING_OF_BB_S_39 = (
    "bb-s-39 is published as verified. Its B is exactly 0 on the edge of the unsafe set, so the "
    "rule used here, B > 0 on unsafe, fails there by an exact point; under B >= 0 it holds."
)


def bundled_problems() -> list[dict[str, Any]]:
    """Return the problems that come with the command, each with its source."""
    text = resources.files("lucid_cli.story").joinpath("problems.json").read_text("utf-8")
    problems: list[dict[str, Any]] = json.loads(text)
    return problems


async def decide_problems(
    channel: grpc.aio.Channel, problems: list[dict[str, Any]], recorder: Recorder
) -> None:
    """Decide problems over gRPC, show the verdicts and re-check the evidence of each."""
    recorder.act(f"1  {len(problems)} problems are decided, and the evidence is checked again")
    stub = ValidationServiceStub(channel)
    shown = table("", "problem", "verdict", "safe", "method", "time", "evidence or counterexample")
    rechecked = decided = failed = 0
    with _progress(recorder) as bar:
        task = bar.add_task("deciding", total=len(problems))
        for index, entry in enumerate(problems):
            line, accepted = await _decide_one(stub, entry, index)
            decided += line["verdict"] in {"PROVED", "REFUTED"}
            failed += line["verdict"] in {"ERROR", "QUARANTINED"}
            rechecked += accepted
            shown.add_row(*_row(line))
            bar.advance(task)
    recorder.console.print(shown)
    if any(entry.get("id") == "bb-s-39" for entry in problems):
        recorder.say(f"[dim]{READING_OF_BB_S_39}[/]")
    answered = f"{decided} of {len(problems)} decided"
    recorder.step("every problem got an answer", failed == 0, answered)
    recorder.step(
        "the independent checker accepts the evidence of every decided problem",
        rechecked == decided,
        f"{rechecked} of {decided}",
    )


def _progress(recorder: Recorder) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
    )
    return Progress(*columns, TimeElapsedColumn(), console=recorder.console, transient=True)


async def _decide_one(
    stub: ValidationServiceStub, entry: dict[str, Any], index: int
) -> tuple[dict[str, Any], bool]:
    identity = str(entry.get("id") or f"problem-{index + 1}")
    try:
        request = api.ValidateCertificateRequest(problem=to_message(entry))
        request.budget.FromSeconds(BUDGET_S)
        reply = await call(stub.ValidateCertificate, request, BUDGET_S + 10)
    except ProblemFileInvalid as error:
        return _unreadable(identity, str(error)), False
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.INVALID_ARGUMENT:
            raise
        return _unreadable(identity, describe(error)), False
    line = to_line(identity, reply.verdict)
    if not reply.verdict.evidence:
        return line, False
    wanted = api.GetEvidenceRequest(name=reply.verdict.evidence)
    evidence = await call(stub.GetEvidence, wanted)
    report = await asyncio.to_thread(check, evidence.problem_document, evidence.document)
    agree = all(
        report.obligations.get(name) == result["verdict"]
        for name, result in line["obligations"].items()
        if result["verdict"] in {"PROVED", "REFUTED"}
    )
    return line, report.accepted and agree


def _unreadable(identity: str, reason: str) -> dict[str, Any]:
    """Return the line of a problem that cannot be read; the others are decided all the same."""
    return {
        "id": identity,
        "verdict": "INVALID_INPUT",
        "implies_safety": False,
        "obligations": {},
        "seconds": 0.0,
        "safety": {"missing": []},
        "reason": reason,
    }


def _row(line: dict[str, Any]) -> tuple[str | Text, ...]:
    methods = sorted({r["method"] for r in line["obligations"].values() if r.get("method")})
    found = [
        f"{name}: {point_text(r['witness'])}"
        for name, r in line["obligations"].items()
        if r.get("witness")
    ]
    shown = found[0] if found else line.get("evidence", line.get("reason", ""))
    if shown.startswith("evidence/"):
        shown = shown[: len("evidence/") + HASH_DIGITS_SHOWN] + "…"
    missing = [m for m in line["safety"]["missing"] if m != "OBLIGATION_NOT_PROVED"]
    safe = "yes" if line["implies_safety"] else " ".join(["no", *missing])
    return (
        line["id"],
        coloured(line["verdict"]),
        safe,
        " ".join(methods),
        f"{line['seconds']:.2f} s",
        Text(shown if len(shown) <= 90 else shown[:87] + "..."),
    )
