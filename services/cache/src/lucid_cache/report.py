"""The cache's own counters as samples for telemetry, from the same numbers that GetStats shows."""

from lucid_telemetry.instruments import Sample

from lucid_cache.tiers import Cache


def samples_of(cache: Cache) -> list[Sample]:
    """Return the counters and gauges as they stand."""
    counters = cache.counters
    evictions = cache.shelf.evictions + cache.disk.evictions
    return [
        Sample("lucid.cache.lookups", "counter", (("lucid.cache.result", "hit"),), counters.hits),
        Sample(
            "lucid.cache.lookups", "counter", (("lucid.cache.result", "miss"),), counters.misses
        ),
        Sample("lucid.cache.coalesced_waits", "counter", (), counters.coalesced_waits),
        Sample("lucid.cache.evictions", "counter", (), evictions),
        Sample("lucid.cache.saved", "counter", (), round(counters.saved_s * 1000)),
        Sample("lucid.cache.entries", "gauge", (), len(cache.shelf)),
        Sample("lucid.cache.size", "gauge", (), cache.shelf.bytes),
    ]
