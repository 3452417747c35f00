"""Waits until every process of a mesh says that it serves."""

import asyncio
from collections.abc import Callable

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from lucid_local.layout import GATEWAY, SERVICES, MeshLayout

POLL_INTERVAL_S = 0.03
PROBE_TIMEOUT_S = 1.0
SERVING = "SERVING"


async def service_status(address: str) -> str:
    """Return SERVING, NOT_SERVING or UNREACHABLE for a service's health address."""
    # A fresh channel each time: an old one would back off for seconds after a refused connection.
    async with grpc.aio.insecure_channel(address) as channel:
        try:
            reply = await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=PROBE_TIMEOUT_S
            )
        except grpc.aio.AioRpcError:
            return "UNREACHABLE"
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status))


async def gateway_status(address: str) -> str:
    """Return SERVING or UNREACHABLE for the gateway, by its liveness path."""
    host, port = address.rsplit(":", 1)
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                request = f"GET /livez HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
                writer.write(request.encode())
                await writer.drain()
                line = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return "UNREACHABLE"
    return SERVING if b" 200" in line else "NOT_SERVING"


async def status_of(layout: MeshLayout, process: str) -> str:
    """Return the status of one process."""
    if process == GATEWAY:
        return await gateway_status(layout.address(GATEWAY))
    return await service_status(layout.health_address(process))


async def statuses(layout: MeshLayout) -> dict[str, str]:
    """Return the status of every process, asked at the same time."""
    names = [*SERVICES, GATEWAY]
    answers = await asyncio.gather(*(status_of(layout, name) for name in names))
    return dict(zip(names, answers, strict=True))


async def wait_until_serving(
    layout: MeshLayout,
    timeout_s: float,
    on_ready: Callable[[str, float], None] = lambda _process, _elapsed_s: None,
) -> list[str]:
    """Wait until all serve; return the processes that do not after `timeout_s` seconds.

    `on_ready(process, elapsed_s)` is called once for each process.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()

    async def watch(name: str) -> None:
        # Another process's state: there is no event to wait for, only asking again.
        while await status_of(layout, name) != SERVING:  # noqa: ASYNC110
            await asyncio.sleep(POLL_INTERVAL_S)
        on_ready(name, loop.time() - started)

    waiting = {name: asyncio.create_task(watch(name)) for name in (*SERVICES, GATEWAY)}
    _, pending = await asyncio.wait(waiting.values(), timeout=timeout_s)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return [name for name, task in waiting.items() if task in pending]
