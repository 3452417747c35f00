"""The cache's RPCs, and what the process is made of."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

from lucid.cache.v1 import cache_service_pb2 as pb
from lucid.cache.v1 import cache_service_pb2_grpc as pb_grpc
from lucid_rpc.authorization import GATEWAY, OPERATOR, Policy, service_role
from lucid_rpc.server import ServerDefinition
from lucid_runtime.addresses import NOUNS
from lucid_runtime.clock import Clock, SystemClock
from lucid_telemetry import Telemetry, span

from lucid_cache.convert import (
    entry_from_message,
    event_to_message,
    hit_to_message,
    lease_seconds,
    seconds_of,
    stats_to_message,
    step_to_message,
)
from lucid_cache.entries.entry import Entry
from lucid_cache.entries.eviction import Shelf
from lucid_cache.entries.invalidation import Resync, TooManyWatchers
from lucid_cache.errors import ERRORS
from lucid_cache.report import samples_of
from lucid_cache.settings import Settings
from lucid_cache.store import DiskTier
from lucid_cache.tiers import Cache, Hit

SERVICE = "lucid.cache.v1.CacheService"

HEARTBEAT_S = 5.0
"""A watcher that hears nothing for three of these is cut off."""

STATS_INTERVAL_DEFAULT_S = 1.0
STATS_INTERVAL_MIN_S = 0.1
STATS_INTERVAL_MAX_S = 60.0

CALLERS = frozenset({OPERATOR, GATEWAY, *map(service_role, NOUNS)})
"""Every service of the mesh shares the cache."""

METHODS = tuple(
    f"{SERVICE}/{method.name}" for method in pb.DESCRIPTOR.services_by_name["CacheService"].methods
)
POLICY = Policy(dict.fromkeys(METHODS, CALLERS))


class CacheServicer(pb_grpc.CacheServiceServicer):
    """Translates calls to the cache; decides nothing."""

    def __init__(
        self, cache: Cache, clock: Clock, settings: Settings, chance: random.Random
    ) -> None:
        self._cache = cache
        self._clock = clock
        self._settings = settings
        self._chance = chance
        self._watchers = 0

    async def Get(self, request: pb.GetRequest, _context: Any) -> pb.GetResponse:
        """Return a value or a miss."""
        return hit_to_message(await self._look_up(request.key, request.schema), self._now_s())

    async def BatchGet(self, request: pb.BatchGetRequest, _context: Any) -> pb.BatchGetResponse:
        """Return several values, in the order of their keys."""
        hits = [await self._look_up(key, request.schema) for key in request.keys]
        return fitting([hit_to_message(hit, self._now_s()) for hit in hits])

    async def Put(self, request: pb.PutRequest, _context: Any) -> pb.PutResponse:
        """Keep a value if the cache can."""
        return pb.PutResponse(stored=await self._cache.put(self._entry(request.entry)))

    async def AcquireLease(
        self, request: pb.AcquireLeaseRequest, _context: Any
    ) -> pb.AcquireLeaseResponse:
        """Return a value, the right to compute it, or when to ask again."""
        duration_s, wait_s = lease_seconds(request), seconds_of(request.wait)
        step = await self._cache.acquire(request.key, duration_s, wait_s)
        return step_to_message(step, self._now_s())

    async def PutLeased(self, request: pb.PutLeasedRequest, _context: Any) -> pb.PutLeasedResponse:
        """Keep a value if its lease is the newest."""
        entry = self._entry(request.entry)
        stored = await self._cache.put_leased(entry, request.fencing_token)
        return pb.PutLeasedResponse(stored=stored)

    async def ReleaseLease(
        self, request: pb.ReleaseLeaseRequest, _context: Any
    ) -> pb.ReleaseLeaseResponse:
        """End a lease without a value."""
        released = self._cache.release(request.key, request.fencing_token)
        return pb.ReleaseLeaseResponse(released=released)

    async def InvalidateKeys(
        self, request: pb.InvalidateKeysRequest, _context: Any
    ) -> pb.InvalidateKeysResponse:
        """Drop entries by key."""
        dropped = await self._cache.invalidate_keys(request.keys)
        return pb.InvalidateKeysResponse(invalidated=dropped)

    async def InvalidateTags(
        self, request: pb.InvalidateTagsRequest, _context: Any
    ) -> pb.InvalidateTagsResponse:
        """Drop entries by tag."""
        dropped = await self._cache.invalidate_tags(request.tags)
        return pb.InvalidateTagsResponse(invalidated=dropped)

    async def WatchInvalidations(
        self, request: pb.WatchInvalidationsRequest, _context: Any
    ) -> AsyncIterator[pb.WatchInvalidationsResponse]:
        """Follow invalidations from a sequence number on."""
        with self._watching():
            log = self._cache.log
            after = request.after_sequence or log.last
            yield pb.WatchInvalidationsResponse(heartbeat=True)  # from here on nothing is missed
            while True:
                events = log.after(after)
                for event in (events,) if isinstance(events, Resync) else events:
                    yield event_to_message(event)
                    after = event.sequence
                if after == log.last and not await self._cache.changed(HEARTBEAT_S):
                    yield pb.WatchInvalidationsResponse(heartbeat=True)

    async def GetStats(self, _request: pb.GetStatsRequest, _context: Any) -> pb.CacheStats:
        """Return the counters."""
        return stats_to_message(self._cache, self._clock.now())

    async def WatchStats(
        self, request: pb.WatchStatsRequest, _context: Any
    ) -> AsyncIterator[pb.CacheStats]:
        """Follow the counters, at once and then in intervals."""
        interval_s = STATS_INTERVAL_DEFAULT_S
        if request.HasField("interval"):
            wanted_s = seconds_of(request.interval)
            interval_s = min(max(wanted_s, STATS_INTERVAL_MIN_S), STATS_INTERVAL_MAX_S)
        with self._watching():
            while True:
                yield stats_to_message(self._cache, self._clock.now())
                await asyncio.sleep(interval_s)

    async def _look_up(self, key: str, schema: str) -> Hit | None:
        with span("lucid.cache.lookup") as current:
            hit = await self._cache.get(key, schema)
            current.set_attribute("lucid.cache.result", "miss" if hit is None else "hit")
            if hit is not None:
                current.set_attribute("lucid.cache.level", "l2" if hit.is_from_disk else "l1")
            return hit

    def _entry(self, message: pb.Entry) -> Entry:
        return entry_from_message(
            message,
            now_s=self._now_s(),
            jitter=self._chance.uniform(-1, 1),
            bytes_max=self._settings.entry_bytes_max,
        )

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Hold one of the places for streams.

        Raises:
            TooManyWatchers: All are taken.
        """
        if self._watchers >= self._settings.watchers_max:
            raise TooManyWatchers(self._watchers, self._settings.watchers_max)
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


RESPONSE_BYTES_MAX = 4 * 1024 * 1024 - 4096
"""What fits the mesh's limit of a message."""


def fitting(results: list[pb.GetResponse]) -> pb.BatchGetResponse:
    """Return as many hits as fit one message; the others are misses, to be asked for alone."""
    room = RESPONSE_BYTES_MAX
    kept = []
    for result in results:
        size = result.ByteSize() + 8
        kept.append(result if size <= room else pb.GetResponse(hit=False))
        room -= size if size <= room else 8
    return pb.BatchGetResponse(results=kept)


async def build(
    settings: Settings, telemetry: Telemetry, clock: Clock | None = None
) -> ServerDefinition:
    """Return the service; it serves with or without its disk tier."""
    clock = clock or SystemClock()
    disk = DiskTier(settings.database_url, settings.disk_bytes_max, clock.monotonic)
    cache = Cache(Shelf(settings.memory_bytes_max), disk, clock)
    servicer = CacheServicer(cache, clock, settings, random.SystemRandom())
    telemetry.instruments.add_source(lambda: samples_of(cache))
    return ServerDefinition(
        name="cache",
        servicers=[(pb_grpc.add_CacheServiceServicer_to_server, servicer)],
        service_names=[SERVICE],
        errors=ERRORS,
        policy=POLICY,
        on_start=cache.open,
        on_stop=cache.close,
    )
