import asyncio
import threading
from collections.abc import Callable

import pytest
from lucid_cache.entries.entry import Entry
from lucid_cache.entries.eviction import Shelf
from lucid_cache.entries.invalidation import Invalidation
from lucid_cache.entries.lease import LeaseDurationInvalid
from lucid_cache.entries.single_flight import ComeBack, Compute, Found
from lucid_cache.store import DiskTier
from lucid_cache.tiers import Cache
from lucid_runtime.clock import SystemClock
from lucid_testkit.clocks import ManualClock

EntryOf = Callable[..., Entry]


@pytest.fixture
async def live(disk: DiskTier):
    """A cache whose waits take real time."""
    cache = Cache(Shelf(100_000), disk, SystemClock())
    await cache.open()
    yield cache
    await cache.close()


def forget_memory(cache: Cache) -> None:
    cache.shelf = Shelf(100_000)


async def test_a_value_is_found_in_memory_then_on_disk_and_moves_up(
    cache: Cache, entry_of: EntryOf
):
    entry = entry_of("a", tags=("t",))
    assert await cache.put(entry)
    hit = await cache.get("a", "")
    assert hit is not None
    assert not hit.is_from_disk
    forget_memory(cache)
    hit = await cache.get("a", "")
    assert hit is not None
    assert hit.is_from_disk
    assert hit.entry == entry
    hit = await cache.get("a", "")
    assert hit is not None
    assert not hit.is_from_disk
    assert cache.counters.saved_s == 3.0


async def test_a_reader_of_another_schema_gets_a_miss(cache: Cache, entry_of: EntryOf):
    await cache.put(entry_of("a"))
    assert await cache.get("a", "other") is None
    assert (cache.counters.hits, cache.counters.misses) == (0, 1)


async def test_without_a_disk_the_memory_serves(tmp_path, clock: ManualClock, entry_of: EntryOf):
    (tmp_path / "file").write_text("")
    disk = DiskTier(f"sqlite:///{tmp_path}/file/x.sqlite", 1000, clock.monotonic)
    cache = Cache(Shelf(100_000), disk, clock)
    await cache.open()
    assert await cache.put(entry_of("a"))
    assert await cache.get("a", "") is not None
    assert await cache.invalidate_keys(["a"]) == 1
    assert await cache.get("a", "") is None
    await cache.close()


async def test_one_of_many_computes_and_the_others_get_its_value(live: Cache, entry_of: EntryOf):
    computed = 0

    async def value() -> Entry:
        nonlocal computed
        step = await live.acquire("k", 10.0, 10.0)
        if isinstance(step, Found):
            return step.entry
        assert isinstance(step, Compute)
        await asyncio.sleep(0)
        computed += 1
        assert await live.put_leased(entry_of("k", b"answer"), step.lease.token)
        return entry_of("k", b"answer")

    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(value() for _ in range(50)))
    assert computed == 1
    assert {entry.value for entry in answers} == {b"answer"}
    assert live.counters.coalesced_waits >= 1
    assert live.leases.granted == 1


async def test_a_holder_that_gives_up_lets_the_next_one_compute(live: Cache):
    first = await live.acquire("k", 100.0, 0.0)
    assert isinstance(first, Compute)
    waiting = asyncio.create_task(live.acquire("k", 100.0, 20.0))
    await asyncio.sleep(0)
    assert live.release("k", first.lease.token)
    async with asyncio.timeout(10):
        second = await waiting
    assert isinstance(second, Compute)
    assert second.lease.token > first.lease.token


async def test_a_holder_that_dies_is_replaced_when_its_lease_ends(live: Cache):
    assert isinstance(await live.acquire("k", 0.05, 0.0), Compute)
    async with asyncio.timeout(10):
        assert isinstance(await live.acquire("k", 1.0, 20.0), Compute)


async def test_a_caller_that_does_not_wait_is_told_when_to_come_back(cache: Cache):
    await cache.acquire("k", 7.0, 0.0)
    assert await cache.acquire("k", 7.0, 0.0) == ComeBack(7.0)


async def test_a_lease_out_of_range_is_refused_even_when_the_value_is_there(
    cache: Cache, entry_of: EntryOf
):
    await cache.put(entry_of("k"))
    with pytest.raises(LeaseDurationInvalid):
        await cache.acquire("k", 0.0, 0.0)


async def test_a_stale_lease_stores_nothing(cache: Cache, clock: ManualClock, entry_of: EntryOf):
    slow = await cache.acquire("k", 1.0, 0.0)
    clock.advance(1.0)
    fast = await cache.acquire("k", 1.0, 0.0)
    assert isinstance(slow, Compute)
    assert isinstance(fast, Compute)
    assert not await cache.put_leased(entry_of("k", b"slow"), slow.lease.token)
    assert await cache.put_leased(entry_of("k", b"fast"), fast.lease.token)
    hit = await cache.get("k", "")
    assert hit is not None
    assert hit.entry.value == b"fast"


@pytest.mark.parametrize("by", ["key", "tag"])
async def test_a_value_computed_from_what_was_dropped_meanwhile_is_not_kept(
    cache: Cache, entry_of: EntryOf, by: str
):
    step = await cache.acquire("k", 100.0, 0.0)
    assert isinstance(step, Compute)
    if by == "key":
        await cache.invalidate_keys(["k"])
    else:
        await cache.invalidate_tags(["t"])
    assert not await cache.put_leased(entry_of("k", b"old", ("t",)), step.lease.token)
    assert await cache.get("k", "") is None


async def test_a_winner_that_is_cancelled_leaves_no_lease(cache: Cache, disk: DiskTier):
    """Cancelled exactly in the second look, on the disk's thread."""
    calls, in_second, go_on = 0, threading.Event(), threading.Event()
    original = disk.get

    def get(key: str, now_s: float) -> Entry | None:
        nonlocal calls
        calls += 1
        if calls == 2:
            in_second.set()
            go_on.wait(10)
        return original(key, now_s)

    disk.get = get  # type: ignore[method-assign]
    task = asyncio.create_task(cache.acquire("k", 100.0, 0.0))
    await asyncio.to_thread(in_second.wait, 10)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert isinstance(await cache.acquire("k", 100.0, 0.0), Compute)


async def test_a_dropped_value_read_from_disk_at_that_moment_is_not_served(
    cache: Cache, disk: DiskTier, entry_of: EntryOf
):
    await cache.put(entry_of("k", tags=("t",)))
    forget_memory(cache)
    begun, go_on = threading.Event(), threading.Event()
    original = disk.get

    def get(key: str, now_s: float) -> Entry | None:
        found = original(key, now_s)
        begun.set()
        go_on.wait(10)
        return found

    disk.get = get  # type: ignore[method-assign]
    reading = asyncio.create_task(cache.get("k", ""))
    await asyncio.to_thread(begun.wait, 10)
    dropping = asyncio.create_task(cache.invalidate_tags(["t"]))
    await asyncio.sleep(0)
    go_on.set()
    assert await reading is None
    assert await dropping == 1
    assert "k" not in cache.shelf


async def test_a_drop_happens_even_if_its_caller_leaves(
    cache: Cache, disk: DiskTier, entry_of: EntryOf
):
    await cache.put(entry_of("k"))
    gate = threading.Event()
    blocking = asyncio.create_task(cache._threads.run(gate.wait, 10))
    await asyncio.sleep(0)
    dropping = asyncio.create_task(cache.invalidate_keys(["k"]))
    await asyncio.sleep(0)
    dropping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dropping
    gate.set()
    await blocking
    assert await cache.get("k", "") is None
    assert disk.entries == 0


async def test_drops_are_counted_once_over_both_tiers_and_told_by_key_and_tag(
    cache: Cache, entry_of: EntryOf
):
    before = cache.log.last
    await cache.put(entry_of("on-disk", tags=("t",)))
    forget_memory(cache)
    await cache.put(entry_of("in-both", tags=("t",)))
    assert await cache.invalidate_tags(["t"]) == 2
    assert await cache.invalidate_keys(["unknown"]) == 0
    events = cache.log.after(before)
    assert [event for event in events if isinstance(event, Invalidation)] == [
        Invalidation(before + 1, ("in-both",), ("t",)),
        Invalidation(before + 2, ("on-disk",), ("t",)),
        Invalidation(before + 3, ("unknown",), ()),
    ]


async def test_whoever_waits_for_changes_is_told(cache: Cache):
    assert not await cache.changed(0.001)
    waiting = asyncio.create_task(cache.changed(10))
    await asyncio.sleep(0)
    await cache.invalidate_keys(["a"])
    async with asyncio.timeout(10):
        assert await waiting
