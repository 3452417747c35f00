"""Messages of the API to the domain's entries and back."""

from datetime import datetime

from google.protobuf import duration_pb2
from lucid.cache.v1 import cache_service_pb2 as pb

from lucid_cache.entries.entry import Entry, EntryClass, fingerprint, require_size
from lucid_cache.entries.expiry import TIME_TO_LIVE_DEFAULT_S, expires_at
from lucid_cache.entries.invalidation import Invalidation, Resync
from lucid_cache.entries.lease import LEASE_DEFAULT_S
from lucid_cache.entries.single_flight import ComeBack, Compute, Found
from lucid_cache.tiers import Cache, Hit

COST_MAX_S = 86_400.0
"""A caller may claim at most a day, so that one wrong claim does not drown the sum."""

DURATION_MAX_S = 3e11


def entry_from_message(message: pb.Entry, *, now_s: float, jitter: float, bytes_max: int) -> Entry:
    """Return the entry that a caller wants kept, its fingerprint made here.

    Raises:
        EntryTooLarge: The value has more than `bytes_max` bytes.
        TimeToLiveInvalid: The time to live is out of its range.
    """
    require_size(message.value, bytes_max)
    is_immutable = message.entry_class == pb.ENTRY_CLASS_IMMUTABLE
    time_to_live_s = TIME_TO_LIVE_DEFAULT_S
    if message.HasField("time_to_live"):
        time_to_live_s = seconds_of(message.time_to_live)
    return Entry(
        key=message.key,
        value=message.value,
        value_sha256=fingerprint(message.value),
        entry_class=EntryClass.IMMUTABLE if is_immutable else EntryClass.TTL,
        tags=frozenset(message.tags),
        schema=message.schema,
        cost_s=min(max(seconds_of(message.cost), 0.0), COST_MAX_S),
        created_at_s=now_s,
        expires_at_s=None if is_immutable else expires_at(now_s, time_to_live_s, jitter),
    )


def entry_to_message(entry: Entry, now_s: float) -> pb.Entry:
    """Return the message of an entry; its time to live is what remains of it."""
    is_immutable = entry.entry_class is EntryClass.IMMUTABLE
    message = pb.Entry(
        key=entry.key,
        value=entry.value,
        value_sha256=entry.value_sha256.hex(),
        entry_class=pb.ENTRY_CLASS_IMMUTABLE if is_immutable else pb.ENTRY_CLASS_TTL,
        tags=sorted(entry.tags),
        schema=entry.schema,
        cost=duration_of(entry.cost_s),
    )
    if entry.expires_at_s is not None:
        message.time_to_live.CopyFrom(duration_of(max(entry.expires_at_s - now_s, 0.0)))
        message.expire_time.FromMicroseconds(round(entry.expires_at_s * 1e6))
    return message


def hit_to_message(hit: Hit | None, now_s: float) -> pb.GetResponse:
    """Return a hit or a miss."""
    if hit is None:
        return pb.GetResponse(hit=False)
    tier = pb.TIER_DISK if hit.is_from_disk else pb.TIER_MEMORY
    return pb.GetResponse(hit=True, entry=entry_to_message(hit.entry, now_s), tier=tier)


def lease_seconds(request: pb.AcquireLeaseRequest) -> float:
    """Return the wanted length of a lease, s."""
    if request.HasField("lease_duration"):
        return seconds_of(request.lease_duration)
    return LEASE_DEFAULT_S


def step_to_message(step: Found | Compute | ComeBack, now_s: float) -> pb.AcquireLeaseResponse:
    """Return what the caller of AcquireLease is to do."""
    match step:
        case Found(entry):
            return pb.AcquireLeaseResponse(entry=entry_to_message(entry, now_s))
        case Compute(lease):
            return pb.AcquireLeaseResponse(granted=True, fencing_token=lease.token)
        case ComeBack(seconds):
            return pb.AcquireLeaseResponse(retry_after=duration_of(seconds))


def event_to_message(event: Invalidation | Resync) -> pb.WatchInvalidationsResponse:
    """Return one message of the stream of invalidations."""
    if isinstance(event, Resync):
        return pb.WatchInvalidationsResponse(sequence=event.sequence, resync=True)
    return pb.WatchInvalidationsResponse(sequence=event.sequence, keys=event.keys, tags=event.tags)


def stats_to_message(cache: Cache, now: datetime) -> pb.CacheStats:
    """Return all the counters of a cache."""
    counters, shelf, disk = cache.counters, cache.shelf, cache.disk
    memory = pb.TierStats(
        tier=pb.TIER_MEMORY,
        hits=counters.memory_hits,
        misses=counters.memory_misses,
        entries=len(shelf),
        bytes=shelf.bytes,
        evictions=shelf.evictions,
        expirations=shelf.expirations,
    )
    on_disk = pb.TierStats(
        tier=pb.TIER_DISK,
        hits=counters.disk_hits,
        misses=counters.disk_misses,
        entries=disk.entries,
        bytes=disk.bytes,
        evictions=disk.evictions,
        expirations=disk.expirations,
        corruptions=disk.corruptions + disk.quarantines,
    )
    message = pb.CacheStats(
        tiers=[memory, on_disk],
        hits=counters.hits,
        misses=counters.misses,
        coalesced_waits=counters.coalesced_waits,
        leases_granted=cache.leases.granted,
        invalidations=counters.invalidations,
        saved=duration_of(counters.saved_s),
        disk_available=disk.is_available,
    )
    message.snapshot_time.FromDatetime(now)
    return message


def seconds_of(duration: duration_pb2.Duration) -> float:
    """Return a duration in seconds."""
    return duration.seconds + duration.nanos / 1e9


def duration_of(seconds: float) -> duration_pb2.Duration:
    """Return a duration of seconds >= 0, to the nanosecond, at most what the type can say."""
    duration = duration_pb2.Duration()
    duration.FromNanoseconds(round(min(max(seconds, 0.0), DURATION_MAX_S) * 1e9))
    return duration
