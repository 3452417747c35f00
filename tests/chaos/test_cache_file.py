"""The cache as a process: killed at any moment, and its file damaged between two lives.

Invariants: a value that is served is the one that was stored; an acknowledged value survives
kill -9; a damaged file costs its values and nothing else.
"""

import asyncio
import hashlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from lucid.cache.v1 import cache_service_pb2 as pb
from lucid.cache.v1 import cache_service_pb2_grpc as pb_grpc
from lucid_testkit.ports import free_address

READY_S = 20.0
SEED = random.SystemRandom().randrange(2**32)


class Process:
    """One life of the cache on a file."""

    def __init__(self, path: Path) -> None:
        self.address = free_address()
        environ = {
            **os.environ,
            "LUCID_LISTEN": str(self.address),
            "LUCID_HEALTH_LISTEN": str(free_address()),
            "LUCID_DATABASE_URL": f"sqlite:///{path}",
            "LUCID_METRICS_ADDRESS": "127.0.0.1:1",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lucid_cache"], env=environ, stderr=subprocess.DEVNULL
        )

    def end(self, number: int) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(20)


@asynccontextmanager
async def life(path: Path) -> AsyncIterator[tuple[Process, Any]]:
    """Start the cache and wait until it answers; whatever happens, it ends."""
    process = Process(path)
    try:
        async with grpc.aio.insecure_channel(str(process.address)) as channel:
            stub = pb_grpc.CacheServiceStub(channel)
            await stub.GetStats(pb.GetStatsRequest(), wait_for_ready=True, timeout=READY_S)
            yield process, stub
    finally:
        process.end(signal.SIGKILL)


def entry(number: int) -> pb.Entry:
    """The one right value of a key: bytes that follow from its number."""
    seed = hashlib.sha256(str(number).encode()).digest()
    return pb.Entry(
        key=f"k{number}",
        value=seed * (1 + number % 200),
        entry_class=pb.ENTRY_CLASS_IMMUTABLE,
        tags=["all"],
    )


async def put_until_it_dies(stub: Any, numbers: list[int], acknowledged: set[int]) -> None:
    for number in numbers:
        try:
            reply = await stub.Put(pb.PutRequest(entry=entry(number)), timeout=5)
        except grpc.aio.AioRpcError:
            return
        if reply.stored:
            acknowledged.add(number)


async def wrong_or_missing(stub: Any, numbers: set[int]) -> tuple[set[int], set[int]]:
    wrong, missing = set(), set()
    for number in numbers:
        found = await stub.Get(pb.GetRequest(key=f"k{number}"), timeout=5)
        if not found.hit:
            missing.add(number)
        elif found.entry.value != entry(number).value:
            wrong.add(number)
    return wrong, missing


async def test_a_cache_that_is_killed_under_load_serves_no_wrong_value_and_keeps_what_it_took(
    tmp_path: Path,
) -> None:
    print(f"seed {SEED}")
    chance, path = random.Random(SEED), tmp_path / "cache.sqlite"
    acknowledged: set[int] = set()
    numbers = iter(range(1_000_000))
    for _ in range(3):
        async with life(path) as (process, stub):
            writers = [
                asyncio.create_task(
                    put_until_it_dies(stub, [next(numbers) for _ in range(2000)], acknowledged)
                )
                for _ in range(4)
            ]
            await asyncio.sleep(chance.uniform(0.05, 0.25))
            assert await asyncio.to_thread(process.end, signal.SIGKILL) == -signal.SIGKILL
            await asyncio.gather(*writers)
    assert acknowledged
    async with life(path) as (_, stub):
        assert await wrong_or_missing(stub, acknowledged) == (set(), set())
        stats = await stub.GetStats(pb.GetStatsRequest(), timeout=5)
        assert [tier.corruptions for tier in stats.tiers] == [0, 0]


@pytest.mark.parametrize("damage", ["truncated", "zeroed", "bytes flipped"])
async def test_a_cache_whose_file_was_damaged_starts_and_serves_no_wrong_value(
    tmp_path: Path, damage: str
) -> None:
    print(f"seed {SEED}")
    path, numbers = tmp_path / "cache.sqlite", set(range(150))
    async with life(path) as (process, stub):
        await put_until_it_dies(stub, sorted(numbers), set())
        assert await asyncio.to_thread(process.end, signal.SIGTERM) == 0
    await asyncio.to_thread(spoil, path, damage)
    async with life(path) as (process, stub):
        wrong, missing = await wrong_or_missing(stub, numbers)
        assert not wrong
        assert missing
        stats = await stub.GetStats(pb.GetStatsRequest(), timeout=5)
        assert stats.disk_available
        assert sum(tier.corruptions for tier in stats.tiers) >= 1
        if damage != "bytes flipped":
            assert missing == numbers
        assert (await stub.Put(pb.PutRequest(entry=entry(7)), timeout=5)).stored
        assert await wrong_or_missing(stub, {7}) == (set(), set())
        assert await asyncio.to_thread(process.end, signal.SIGTERM) == 0


def spoil(path: Path, damage: str) -> None:
    """Damage the file of a stopped cache."""
    data = bytearray(path.read_bytes())
    if damage == "truncated":
        del data[len(data) // 3 :]
    elif damage == "zeroed":
        data = bytearray(len(data))
    else:
        chance = random.Random(SEED)
        for place in chance.sample(range(4096, len(data)), k=len(data) // 2000):
            data[place] ^= 0xFF
    path.write_bytes(data)
