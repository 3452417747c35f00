"""The cache: memory before disk, one computation per missing value, nothing stale after a drop.

Everything is decided on the event loop, between two awaits; only the disk is slow, and one thread
does its work in the order in which it was decided. What was read from disk is checked against the
invalidations of the meantime before anybody sees it.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar
from weakref import WeakValueDictionary

from lucid_runtime.clock import Clock
from lucid_store.faults import StoreBusy
from lucid_store.threads import StoreThreads

from lucid_cache.entries.entry import Entry
from lucid_cache.entries.eviction import Shelf
from lucid_cache.entries.invalidation import InvalidationLog
from lucid_cache.entries.lease import Held, Lease, Leases, require_duration
from lucid_cache.entries.single_flight import ComeBack, Compute, Found, LookAgain, Wait, next_step
from lucid_cache.store import DiskTier

Result = TypeVar("Result")

WAIT_MAX_S = 30.0
"""How long a caller may wait for another's value."""

LEASE_GRACE_S = 600.0
"""A late holder may still store this long after its lease, while nobody else was granted."""

LEASES_SWEPT_AT = 10_000
"""Ended leases are dropped when there are so many."""

NAMES_MAX = 65_536
"""Keys and tags of the newest invalidations that a watcher can resume from: 16 MB at most."""

DISK_WAITING_MAX = 512
"""Work that may wait for the disk; beyond it the disk is passed over."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A value and where it was found."""

    entry: Entry
    is_from_disk: bool


@dataclass(slots=True)
class Counters:
    """What happened since the start, beside what the tiers count themselves."""

    memory_hits: int = 0
    memory_misses: int = 0
    disk_hits: int = 0
    disk_misses: int = 0
    hits: int = 0
    misses: int = 0
    coalesced_waits: int = 0
    invalidations: int = 0
    saved_s: float = 0.0


class Cache:
    """Two tiers, leases and the log of invalidations. One per process, used on one loop."""

    def __init__(self, shelf: Shelf, disk: DiskTier, clock: Clock) -> None:
        self.shelf = shelf
        self.disk = disk
        self.counters = Counters()
        self._clock = clock
        self._threads = StoreThreads(threads_max=1, waiting_max=DISK_WAITING_MAX)
        # Numbers that rise over restarts: a microsecond never sees two of either.
        first = int(clock.now().timestamp() * 1_000_000)
        self.leases = Leases(first)
        self.log = InvalidationLog(first, NAMES_MAX)
        self._changed = asyncio.Event()
        # Weak: an event lives as long as somebody waits for it.
        self._waiting: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[set[str]]] = set()

    async def open(self) -> None:
        """Switch the disk tier on; the cache works without it too."""
        await self._on_disk(lambda: self.disk.open(self._now_s()), None)

    async def close(self) -> None:
        """Finish the disk's work and give the file back."""
        if self._tasks:
            await asyncio.wait(self._tasks)
        with suppress(StoreBusy):
            await self._threads.run(self.disk.close)
        await asyncio.to_thread(self._threads.close)

    async def get(self, key: str, schema: str) -> Hit | None:
        """Return the value of `key` if a reader of `schema` may see it."""
        hit = await self._find(key)
        if hit is not None and not hit.entry.is_readable_as(schema):
            hit = None
        if hit is None:
            self.counters.misses += 1
        else:
            self._count_hit(hit.entry)
        return hit

    async def put(self, entry: Entry) -> bool:
        """Keep an entry in both tiers as far as they can, and return whether one does."""
        in_memory = self.shelf.put(entry)
        self._wake(entry.key)
        try:
            on_disk = await self._threads.run(lambda: self.disk.put(entry, self._now_s()))
        except BaseException as error:
            # Not written: then the older value must go, whether or not the caller still waits.
            self._drop_later(lambda: self.disk.delete([entry.key]))
            if not isinstance(error, StoreBusy):
                raise
            on_disk = False
        return in_memory or on_disk

    async def acquire(
        self, key: str, duration_s: float, wait_s: float
    ) -> Found | Compute | ComeBack:
        """Return the value, the right to compute it, or when to ask again.

        Raises:
            LeaseDurationInvalid: The duration is out of its range.
        """
        require_duration(duration_s)
        give_up_at_s = self._clock.monotonic() + min(max(wait_s, 0.0), WAIT_MAX_S)
        has_waited = False
        while True:
            step = await self._try(key, duration_s, give_up_at_s)
            if not isinstance(step, Wait):
                break
            has_waited = True
            await self._wait(key, step.seconds)
        if isinstance(step, Found):
            self.counters.coalesced_waits += has_waited
            self._count_hit(step.entry)
        return step

    async def put_leased(self, entry: Entry, token: int) -> bool:
        """Keep an entry if the lease is the newest and nothing it rests on was dropped since."""
        lease = self.leases.newest(entry.key, token)
        if lease is None:
            return False
        self.leases.release(entry.key, token)
        if self.log.has_dropped(entry.key, entry.tags, lease.since_sequence):
            self._wake(entry.key)
            return False
        return await self.put(entry)

    def release(self, key: str, token: int) -> bool:
        """End a lease without a value, and let the next caller compute."""
        is_released = self.leases.release(key, token)
        if is_released:
            self._wake(key)
        return is_released

    async def invalidate_keys(self, keys: Collection[str]) -> int:
        """Drop entries from both tiers and from what is being computed; return how many."""
        named = set(keys)
        dropped = self.shelf.remove(named)
        self._note(named, ())
        dropped |= await self._drop_on_disk(lambda: self.disk.delete(named))
        self.counters.invalidations += len(dropped)
        return len(dropped)

    async def invalidate_tags(self, tags: Collection[str]) -> int:
        """Drop every entry that carries one of the tags; return how many."""
        dropped = self.shelf.remove(self.shelf.keys_of(tags))
        self._note(dropped, tags)
        on_disk = await self._drop_on_disk(lambda: self.disk.delete_tagged(tags))
        if on_disk - dropped:
            self._note(on_disk - dropped, tags)
        dropped |= on_disk
        self.counters.invalidations += len(dropped)
        return len(dropped)

    async def changed(self, timeout_s: float) -> bool:
        """Wait until something is invalidated; return False when nothing was in that time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                return await self._changed.wait()
        return False

    async def _try(
        self, key: str, duration_s: float, give_up_at_s: float
    ) -> Found | Compute | Wait | ComeBack:
        """Look, ask for the lease, and look again after winning it."""
        hit = await self._find(key)
        if hit is not None:
            return Found(hit.entry, None)
        asked = self._ask(key, duration_s)
        hit, has_looked_again = None, False
        while True:
            step = next_step(
                hit.entry if hit else None,
                asked,
                has_looked_again=has_looked_again,
                now_s=self._clock.monotonic(),
                give_up_at_s=give_up_at_s,
            )
            if not isinstance(step, LookAgain):
                break
            try:
                hit, has_looked_again = await self._find(key), True
            except BaseException:  # a cancelled caller must not leave its lease behind
                self.release(key, step.lease.token)
                raise
        if isinstance(step, Found) and step.unused_lease is not None:
            self.release(key, step.unused_lease.token)
        return step

    def _ask(self, key: str, duration_s: float) -> Lease | Held:
        now_s = self._clock.monotonic()
        if len(self.leases) >= LEASES_SWEPT_AT:
            self.leases.forget_ended(now_s, LEASE_GRACE_S)
        return self.leases.acquire(key, now_s, duration_s, self.log.last)

    async def _find(self, key: str) -> Hit | None:
        """Look in memory, then on disk; what the disk has moves to memory."""
        entry = self.shelf.get(key, self._now_s())
        if entry is not None:
            self.counters.memory_hits += 1
            return Hit(entry, is_from_disk=False)
        self.counters.memory_misses += 1
        since = self.log.last
        found = await self._on_disk(lambda: self.disk.get(key, self._now_s()), None)
        newer = self.shelf.get(key, self._now_s())
        if newer is not None:  # stored while we looked
            return Hit(newer, is_from_disk=False)
        if found is None or self.log.has_dropped(key, found.tags, since):
            self.counters.disk_misses += 1
            return None
        self.counters.disk_hits += 1
        self.shelf.put(found)
        return Hit(found, is_from_disk=True)

    def _note(self, keys: Collection[str], tags: Collection[str]) -> None:
        """Number an invalidation, end the leases on its keys, and tell whoever waits."""
        self.log.append(keys, tags)
        for key in keys:
            self.leases.revoke(key)
            self._wake(key)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _count_hit(self, entry: Entry) -> None:
        self.counters.hits += 1
        self.counters.saved_s += entry.cost_s

    def _wake(self, key: str) -> None:
        event = self._waiting.pop(key, None)
        if event is not None:
            event.set()

    async def _wait(self, key: str, timeout_s: float) -> None:
        event = self._waiting.setdefault(key, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await event.wait()

    async def _on_disk(self, work: Callable[[], Result], otherwise: Result) -> Result:
        """Let the disk's thread do some work; pass the disk over when too much waits."""
        try:
            return await self._threads.run(work)
        except StoreBusy:
            return otherwise

    async def _drop_on_disk(self, work: Callable[[], set[str]]) -> set[str]:
        """Drop on disk for certain, even when the caller leaves meanwhile."""
        return await asyncio.shield(self._drop_later(work))

    def _drop_later(self, work: Callable[[], set[str]]) -> asyncio.Task[set[str]]:
        task = asyncio.create_task(self._drop(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _drop(self, work: Callable[[], set[str]]) -> set[str]:
        while True:
            try:
                return await self._threads.run(work)
            except StoreBusy:  # the queue is full; there is no doing without a drop
                await asyncio.sleep(0.01)

    def _now_s(self) -> float:
        return self._clock.now().timestamp()
