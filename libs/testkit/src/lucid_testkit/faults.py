"""Faults on the way: a TCP proxy that delays, breaks and swallows.

Faults inside a process are failpoints: see `lucid_runtime.failpoint`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from lucid_runtime.addresses import Address

from lucid_testkit.ports import free_address

_CHUNK_BYTES: Final = 64 * 1024


class FaultyProxy:
    """Passes bytes to `upstream` and misbehaves as its attributes say, at any time.

    Attributes:
        address: where the proxy listens.
        latency_s: delay of each chunk, each way, in seconds.
        is_black_hole: accept and read, and pass nothing on.
    """

    def __init__(self, address: Address, upstream: Address) -> None:
        self.address = address
        self.latency_s = 0.0
        self.is_black_hole = False
        self._upstream = upstream
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def reset_connections(self) -> None:
        """Break every open connection with a TCP reset; new ones are accepted."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until a side closes it."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # asyncio runs this in a task
        self._tasks.add(task)
        with suppress(OSError, asyncio.CancelledError):
            up_reader, up_writer = await asyncio.open_connection(
                self._upstream.host, self._upstream.port
            )
            self._writers |= {writer, up_writer}
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pass_on(reader, up_writer))
                    group.create_task(self._pass_on(up_reader, writer))
            finally:
                self._writers -= {writer, up_writer}
                up_writer.transport.abort()
        writer.transport.abort()
        self._tasks.discard(task)

    async def stop(self) -> None:
        """End every connection."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK_BYTES):
                if self.latency_s:
                    await asyncio.sleep(self.latency_s)
                if not self.is_black_hole:
                    writer.write(chunk)
                    await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def faulty_proxy(upstream: Address) -> AsyncIterator[FaultyProxy]:
    """Run a proxy in front of `upstream` for the body."""
    proxy = FaultyProxy(free_address(), upstream)
    server = await asyncio.start_server(proxy.accept, proxy.address.host, proxy.address.port)
    try:
        yield proxy
    finally:
        server.close()
        await proxy.stop()


@asynccontextmanager
async def mute_server() -> AsyncIterator[Address]:
    """Accept connections and never answer, for the body: the worst kind of collector."""
    writers: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(OSError):
            while await reader.read(_CHUNK_BYTES):
                pass

    address = free_address()
    server = await asyncio.start_server(accept, address.host, address.port)
    try:
        yield address
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
