"""Channels to a running mesh, and errors as sentences."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc.aio
from lucid_local.layout import MeshLayout, load
from lucid_rpc.channel import connect
from lucid_rpc.status import failure_of

from lucid_cli.exit_codes import ExitCode
from lucid_cli.presentation import fail

GRPC_DOMAIN = "grpc"


def layout_of(data_dir: Path) -> MeshLayout:
    """Return where the mesh of a data folder serves."""
    return load(data_dir)


@asynccontextmanager
async def channel_to(layout: MeshLayout, service: str) -> AsyncIterator[grpc.aio.Channel]:
    """Yield a channel to one service, as the local operator."""
    channel = connect(layout.address(service), service=service, caller=None)
    try:
        yield channel
    finally:
        await channel.close()


def describe(error: grpc.aio.AioRpcError) -> str:
    """Return an error of the mesh as one sentence with its reason, fields and trace."""
    failure = failure_of(error)
    sentence = failure.message
    for violation in failure.field_violations:
        sentence += f"\n  {violation.field}: {violation.description}"
    return f"{sentence} [{failure.code.name}{' ' + failure.reason if failure.reason else ''}]"


def fail_with(error: grpc.aio.AioRpcError, *, as_json: bool = False) -> None:
    """Leave with what the mesh answered."""
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        # A reason of ours is worth telling; gRPC's own says only that nobody listens.
        failure = failure_of(error)
        why = "" if failure.domain == GRPC_DOMAIN else f" ({describe(error)})"
        sentence = f"the mesh cannot be reached{why}; start it with `lucid up`"
        fail(ExitCode.UNREACHABLE, sentence, as_json=as_json)
    if error.code() is grpc.StatusCode.INVALID_ARGUMENT:
        fail(ExitCode.USAGE, describe(error), as_json=as_json)
    fail(ExitCode.FAILED, describe(error), as_json=as_json)
