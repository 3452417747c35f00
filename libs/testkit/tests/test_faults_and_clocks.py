import asyncio
import time

import pytest
from lucid_runtime.addresses import Address
from lucid_testkit.clocks import ManualClock
from lucid_testkit.faults import faulty_proxy
from lucid_testkit.ports import HIGHEST, free_address


def test_time_moves_only_when_told() -> None:
    clock = ManualClock()
    now, monotonic = clock.now(), clock.monotonic()
    clock.advance(1.5)
    assert (clock.now() - now).total_seconds() == 1.5
    assert clock.monotonic() == monotonic + 1.5
    with pytest.raises(ValueError, match="back"):
        clock.advance(-1)
    clock.set_now(now)
    assert clock.monotonic() == monotonic + 1.5


def test_free_ports_are_below_the_ephemeral_range() -> None:
    assert all(free_address().port <= HIGHEST for _ in range(20))


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(100):
        writer.write(chunk)
    writer.close()


async def test_a_proxy_passes_delays_swallows_and_resets() -> None:
    upstream: Address = free_address()
    server = await asyncio.start_server(echo, upstream.host, upstream.port)
    async with faulty_proxy(upstream) as proxy:
        reader, writer = await asyncio.open_connection(proxy.address.host, proxy.address.port)
        writer.write(b"a")
        assert await reader.read(1) == b"a"
        proxy.latency_s = 0.1
        started = time.perf_counter()
        writer.write(b"b")
        assert await reader.read(1) == b"b"
        assert time.perf_counter() - started >= 0.2
        proxy.is_black_hole = True
        writer.write(b"c")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.3)
        proxy.reset_connections()
        assert await _rest(reader) == b""
        writer.close()
    server.close()


async def _rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.read(1), 2)
    except ConnectionResetError:
        return b""
