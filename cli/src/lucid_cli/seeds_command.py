"""`lucid seeds`: the seeds that vendors have published, or all of them."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from lucid_cli.presentation import console, emit_json, table

PAGE_SIZE = 200


def seeds(
    everything: Annotated[bool, typer.Option("--all", help="Drafts and refused ones too.")] = False,
    vendor: Annotated[str, typer.Option(help="Only this vendor's, as vendors/ID.")] = "vendors/-",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a seed.")] = False,
    data_dir: Annotated[Path, typer.Option("--data", help="Data folder of the mesh.")] = Path(
        ".lucid"
    ),
) -> None:
    """List seeds with what validation said about them."""
    from google.protobuf.json_format import MessageToDict

    found = asyncio.run(_list(vendor, everything, data_dir, as_json))
    if as_json:
        for seed in found:
            emit_json(MessageToDict(seed))
        return
    shown = table("", "seed", "version", "state", "cap", "title", "certificate")
    for seed in found:
        shown.add_row(*_row(seed))
    console.print(shown if found else "no seeds; `lucid up --story` publishes one")


async def _list(vendor: str, everything: bool, data_dir: Path, as_json: bool) -> list[Any]:
    import grpc.aio
    from lucid.vendor.v1 import seed_pb2
    from lucid.vendor.v1 import seed_service_pb2 as api
    from lucid.vendor.v1.seed_service_pb2_grpc import SeedServiceStub

    from lucid_cli.mesh_client import channel_to, fail_with, layout_of

    state = seed_pb2.SEED_STATE_UNSPECIFIED if everything else seed_pb2.SEED_STATE_PUBLISHED
    found: list[Any] = []
    async with channel_to(layout_of(data_dir), "vendor") as channel:
        request = api.ListSeedsRequest(parent=vendor, state=state, page_size=PAGE_SIZE)
        while True:
            try:
                page = await SeedServiceStub(channel).ListSeeds(request, timeout=10)
            except grpc.aio.AioRpcError as error:
                fail_with(error, as_json=as_json)
            found.extend(page.seeds)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token


def _row(seed: Any) -> tuple[str, ...]:
    from lucid.vendor.v1 import seed_pb2

    from lucid_cli.verdict_view import status_name

    state = seed_pb2.SeedState.Name(seed.state).removeprefix("SEED_STATE_")
    said = status_name(seed.certification.status) if seed.HasField("certification") else ""
    safe = ", implies safety" if seed.certification.implies_safety else ""
    return (seed.name, str(seed.version), state, seed.intensity_cap, seed.title, said + safe)
