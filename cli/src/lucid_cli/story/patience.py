"""Calls that outlive the restart of the process that they call.

A story goes on while processes die: what cannot be reached is asked again for a while. A retried
mutation carries the same request id, so that it takes effect once even if only its reply was lost.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import grpc
import grpc.aio
import httpx

PATIENCE_S = 40.0
PAUSE_S = 0.25
CALL_TIMEOUT_S = 15.0
# What a gateway answers while the service behind it is away.
_AWAY = {502, 503, 504}

Answer = TypeVar("Answer")


class StillAway(Exception):
    """Nobody answered for `PATIENCE_S` seconds; the message says who."""


def is_away(error: BaseException) -> bool:
    """Say whether an error means that the callee is away, perhaps only for now."""
    if isinstance(error, grpc.aio.AioRpcError):
        return error.code() is grpc.StatusCode.UNAVAILABLE
    return isinstance(error, httpx.TransportError)


def new_request_id() -> str:
    """Return a UUID for one mutation and all its retries."""
    return str(uuid.uuid4())


async def patiently(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """Return what an attempt returns, tried again while the callee is away."""
    loop = asyncio.get_running_loop()
    limit = loop.time() + PATIENCE_S
    while True:
        try:
            return await attempt()
        except (grpc.aio.AioRpcError, httpx.TransportError) as error:
            if not is_away(error) or loop.time() > limit:
                raise
        await asyncio.sleep(PAUSE_S)


async def call(method: Any, request: Any, timeout_s: float = CALL_TIMEOUT_S) -> Any:
    """Return the answer to a unary call, asked again while the callee is away."""
    return await patiently(lambda: method(request, timeout=timeout_s))


async def follow(
    open_stream: Callable[[int], AsyncIterator[Any]],
) -> AsyncIterator[Any]:
    """Yield the events of a resumable stream, opened again after the last sequence seen."""
    loop = asyncio.get_running_loop()
    limit = loop.time() + PATIENCE_S
    last = 0
    while True:
        try:
            async for event in open_stream(last):
                last = max(last, event.sequence)
                limit = loop.time() + PATIENCE_S
                yield event
            return
        except grpc.aio.AioRpcError as error:
            if not is_away(error) or loop.time() > limit:
                raise
        await asyncio.sleep(PAUSE_S)


async def post(client: httpx.AsyncClient, path: str, body: Any, request_id: str) -> Any:
    """Return the JSON answer to a POST, sent again while nobody answers it.

    Raises:
        StillAway: if the answer is an error; the message has its status and text.
    """

    async def attempt() -> httpx.Response:
        reply = await client.post(path, json=body, params={"requestId": request_id})
        if reply.status_code in _AWAY:
            raise httpx.ReadError(f"{path} answered {reply.status_code}")
        return reply

    reply = await patiently(attempt)
    if reply.is_error:
        raise StillAway(f"POST {path} answered {reply.status_code}: {reply.text}")
    return reply.json()
