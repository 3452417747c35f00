"""Shows which methods would be tried on each obligation, in which order, why, and at what cost."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lucid_cli.presentation import console, emit_json, table
from lucid_cli.problem_file import ProblemFileInvalid
from lucid_cli.problem_message import to_message

PLAN_TIMEOUT_S = 30
# Expected CPU seconds below which an obligation is called easy, moderate; hard above.
_EASY_S, _MODERATE_S = 0.05, 1.0

Step = Mapping[str, Any]


def show_plan(entry: Any, local: bool, data_dir: Path, as_json: bool) -> None:
    """Print the plan of a problem object, asked of the mesh or made here; nothing is decided.

    Raises:
        ProblemFileInvalid: with the path of the first field that cannot be read.
    """
    steps = _made_here(entry) if local else asyncio.run(_asked(entry, data_dir, as_json))
    grouped = [_obligation(name, chosen) for name, chosen in _by_obligation(steps)]
    if as_json:
        emit_json({"id": entry.get("id"), "steps": steps, "obligations": grouped})
        return
    for obligation in grouped:
        _print(obligation)


def _by_obligation(steps: Sequence[Step]) -> Iterator[tuple[str, list[Step]]]:
    for name in dict.fromkeys(step["obligation"] for step in steps):
        yield name, [step for step in steps if step["obligation"] == name]


def _obligation(name: str, steps: Sequence[Step]) -> dict[str, Any]:
    found: dict[str, Any] = {"obligation": name, "methods": [step["method"] for step in steps]}
    recorded = [step for step in steps if "expected_seconds" in step]
    if recorded:
        seconds, open_share = 0.0, 1.0
        for step in recorded:
            seconds += open_share * step["expected_seconds"]
            open_share *= 1.0 - step["success_share"]
        found["expected_seconds"] = round(seconds, 6)
        found["difficulty"] = _difficulty(seconds)
    return {**found, "steps": [{k: v for k, v in s.items() if k != "obligation"} for s in steps]}


def _difficulty(seconds: float) -> str:
    if seconds < _EASY_S:
        return "easy"
    return "moderate" if seconds < _MODERATE_S else "hard"


def _print(obligation: Mapping[str, Any]) -> None:
    expected = obligation.get("expected_seconds")
    said = "" if expected is None else f": {obligation['difficulty']}, about {_seconds(expected)}"
    shown = table(f"{obligation['obligation']}{said}", "", "method", "decides", "cost", "why")
    for order, step in enumerate(obligation["steps"], start=1):
        share, cost = step.get("success_share"), step.get("expected_seconds")
        shown.add_row(
            str(order),
            step["method"],
            "" if share is None else f"{share:.0%}",
            "" if cost is None else _seconds(cost),
            step["why"],
        )
    console.print(shown)
    console.print()


def _seconds(value: float) -> str:
    if value >= 1:
        return f"{value:.1f} s"
    return f"{1000 * value:.0f} ms" if value >= 0.0095 else f"{1000 * value:.1f} ms"


def _made_here(entry: Any) -> list[Step]:
    from lucid_validation.barrier.errors import BarrierError
    from lucid_validation.barrier.portfolio import explain
    from lucid_validation.barrier.problem import parse_problem

    try:
        planned = explain(parse_problem(entry))
    except BarrierError as error:
        raise ProblemFileInvalid(str(error)) from None
    found: list[Step] = []
    for step in planned:
        known = {"success_share": step.share, "expected_seconds": step.seconds}
        said = {"obligation": step.obligation, "method": step.method, "why": step.reason}
        found.append(said | known if step.recorded else said)
    return found


async def _asked(entry: Any, data_dir: Path, as_json: bool) -> list[Step]:
    import grpc.aio
    from lucid.validation.v1 import validation_service_pb2 as api
    from lucid.validation.v1.validation_service_pb2_grpc import ValidationServiceStub

    from lucid_cli.mesh_client import channel_to, fail_with, layout_of

    request = api.ExplainPlanRequest(problem=to_message(entry))
    async with channel_to(layout_of(data_dir), "validation") as channel:
        try:
            stub = ValidationServiceStub(channel)
            plan = await stub.ExplainPlan(request, timeout=PLAN_TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            fail_with(error, as_json=as_json)
    return [_received(step) for step in plan.steps]


def _received(step: Any) -> Step:
    said = {"obligation": step.obligation, "method": step.method, "why": step.rationale}
    if not step.HasField("expected_seconds"):
        return said
    known = {"success_share": step.success_share, "expected_seconds": step.expected_seconds}
    return said | known
