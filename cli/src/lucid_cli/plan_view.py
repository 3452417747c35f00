"""Shows which methods would be tried on a problem, in which order and why."""

import asyncio
from pathlib import Path
from typing import Any

from lucid_cli.presentation import console, emit_json
from lucid_cli.problem_file import ProblemFileInvalid
from lucid_cli.problem_message import to_message

PLAN_TIMEOUT_S = 30


def show_plan(entry: Any, local: bool, data_dir: Path, as_json: bool) -> None:
    """Print the plan of a problem object, asked of the mesh or made here.

    Raises:
        ProblemFileInvalid: with the path of the first field that cannot be read.
    """
    steps = _made_here(entry) if local else asyncio.run(_asked(entry, data_dir, as_json))
    if as_json:
        emit_json({"id": entry.get("id"), "steps": steps})
        return
    for order, step in enumerate(steps, start=1):
        console.print(f"{order:3}. {step['obligation']:8} {step['method']}: {step['why']}")


def _made_here(entry: Any) -> list[dict[str, str]]:
    from lucid_validation.barrier.errors import ProblemInvalid
    from lucid_validation.barrier.portfolio import explain
    from lucid_validation.barrier.problem import parse_problem

    try:
        planned = explain(parse_problem(entry))
    except ProblemInvalid as error:
        raise ProblemFileInvalid(str(error)) from None
    return [
        {"obligation": step.obligation, "method": step.method, "why": step.reason}
        for step in planned
    ]


async def _asked(entry: Any, data_dir: Path, as_json: bool) -> list[dict[str, str]]:
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
    return [
        {"obligation": step.obligation, "method": step.method, "why": step.rationale}
        for step in plan.steps
    ]
