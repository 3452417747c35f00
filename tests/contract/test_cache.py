"""The cache over real gRPC: every RPC, every reason of its errors, cancel and resume."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import duration_pb2
from lucid.cache.v1 import cache_service_pb2 as pb
from lucid.cache.v1 import cache_service_pb2_grpc as pb_grpc
from lucid.cache.v1 import error_reason_pb2
from lucid_cache.errors import ERRORS
from lucid_cache.server import METHODS, build
from lucid_cache.settings import Settings
from lucid_rpc.status import Failure, failure_of
from lucid_testkit.servers import serving, silent_telemetry

LIMIT_S = 10


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        database_url=f"sqlite:///{tmp_path / 'cache.sqlite'}",
        entry_bytes_max=1_000_000,
        watchers_max=2,
    )


@asynccontextmanager
async def cache_at(settings: Settings, caller: str | None = "validation") -> AsyncIterator[Any]:
    definition = await build(settings, silent_telemetry("cache"))
    async with serving(definition, caller=caller) as served:
        yield pb_grpc.CacheServiceStub(served.channel)


@pytest.fixture
async def stub(settings: Settings) -> AsyncIterator[Any]:
    async with cache_at(settings) as stub:
        yield stub


def seconds(value: float) -> duration_pb2.Duration:
    duration = duration_pb2.Duration()
    duration.FromNanoseconds(round(value * 1e9))
    return duration


def verdict(key: str = "verdict/00ff", **fields: Any) -> pb.Entry:
    fields = {"value": b"\x00\xffproved", "entry_class": pb.ENTRY_CLASS_IMMUTABLE, **fields}
    return pb.Entry(key=key, **fields)


async def refusal(call: Any) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return failure_of(caught.value)


async def first(stream: Any) -> Any:
    async with asyncio.timeout(LIMIT_S):
        return await stream.read()


async def test_a_value_that_was_put_is_got_with_its_fingerprint(stub: Any):
    entry = verdict(tags=["problem/1"], schema="v1", cost=seconds(2.5))
    assert (await stub.Put(pb.PutRequest(entry=entry))).stored
    found = await stub.Get(pb.GetRequest(key=entry.key, schema="v1"))
    assert found.hit
    assert found.tier == pb.TIER_MEMORY
    assert found.entry.value == entry.value
    assert found.entry.value_sha256 == hashlib.sha256(entry.value).hexdigest()
    assert found.entry.cost == seconds(2.5)
    assert not found.entry.HasField("expire_time")


async def test_an_unknown_key_and_another_schema_are_misses(stub: Any):
    await stub.Put(pb.PutRequest(entry=verdict(schema="v1")))
    assert await stub.Get(pb.GetRequest(key="unknown")) == pb.GetResponse(hit=False)
    assert not (await stub.Get(pb.GetRequest(key="verdict/00ff", schema="v2"))).hit


async def test_a_value_outlives_the_process(settings: Settings):
    async with cache_at(settings) as stub:
        await stub.Put(pb.PutRequest(entry=verdict()))
    async with cache_at(settings) as stub:
        found = await stub.Get(pb.GetRequest(key="verdict/00ff"))
        assert found.hit
        assert found.tier == pb.TIER_DISK


async def test_a_damaged_file_is_a_miss_and_the_cache_goes_on(settings: Settings, tmp_path: Path):
    async with cache_at(settings) as stub:
        await stub.Put(pb.PutRequest(entry=verdict()))
    path = tmp_path / "cache.sqlite"
    path.write_bytes(bytes(path.stat().st_size))
    async with cache_at(settings) as stub:
        assert not (await stub.Get(pb.GetRequest(key="verdict/00ff"))).hit
        assert (await stub.Put(pb.PutRequest(entry=verdict()))).stored
        stats = await stub.GetStats(pb.GetStatsRequest())
        assert stats.disk_available
        assert [tier.corruptions for tier in stats.tiers] == [0, 1]


async def test_without_a_disk_the_memory_serves(settings: Settings, tmp_path: Path):
    (tmp_path / "file").write_text("")
    settings = replace(settings, database_url=f"sqlite:///{tmp_path}/file/cache.sqlite")
    async with cache_at(settings) as stub:
        assert (await stub.Put(pb.PutRequest(entry=verdict()))).stored
        assert (await stub.Get(pb.GetRequest(key="verdict/00ff"))).hit
        assert not (await stub.GetStats(pb.GetStatsRequest())).disk_available


async def test_a_ttl_entry_names_when_it_expires_and_is_gone_then(stub: Any):
    entry = verdict("a", entry_class=pb.ENTRY_CLASS_TTL, time_to_live=seconds(3600))
    await stub.Put(pb.PutRequest(entry=entry))
    found = (await stub.Get(pb.GetRequest(key="a"))).entry
    assert 3200 < found.time_to_live.seconds < 4000
    assert found.HasField("expire_time")
    entry = verdict("b", entry_class=pb.ENTRY_CLASS_TTL, time_to_live=seconds(0.001))
    await stub.Put(pb.PutRequest(entry=entry))
    await asyncio.sleep(0.005)
    assert not (await stub.Get(pb.GetRequest(key="b"))).hit


async def test_a_batch_answers_in_the_order_of_its_keys(stub: Any):
    for key in ("a", "b"):
        await stub.Put(pb.PutRequest(entry=verdict(key, value=key.encode())))
    reply = await stub.BatchGet(pb.BatchGetRequest(keys=["b", "x", "a"]))
    assert [result.entry.value for result in reply.results] == [b"b", b"", b"a"]
    assert [result.hit for result in reply.results] == [True, False, True]


async def test_a_batch_larger_than_a_message_leaves_some_to_be_asked_for_alone(stub: Any):
    keys = [f"k{number}" for number in range(6)]
    for key in keys:
        await stub.Put(pb.PutRequest(entry=verdict(key, value=bytes(1_000_000))))
    reply = await stub.BatchGet(pb.BatchGetRequest(keys=keys))
    assert [result.hit for result in reply.results] == [True] * 4 + [False] * 2


async def test_many_callers_of_a_missing_value_compute_it_once(stub: Any):
    computed = 0

    async def caller() -> bytes:
        nonlocal computed
        while True:
            reply = await stub.AcquireLease(
                pb.AcquireLeaseRequest(key="k", lease_duration=seconds(30), wait=seconds(10))
            )
            if reply.HasField("entry"):
                return reply.entry.value
            if reply.granted:
                computed += 1
                entry = verdict("k", value=b"answer")
                request = pb.PutLeasedRequest(entry=entry, fencing_token=reply.fencing_token)
                assert (await stub.PutLeased(request)).stored
                return b"answer"

    async with asyncio.timeout(LIMIT_S):
        assert set(await asyncio.gather(*(caller() for _ in range(20)))) == {b"answer"}
    assert computed == 1
    stats = await stub.GetStats(pb.GetStatsRequest())
    assert stats.leases_granted == 1
    assert stats.hits == 19


async def test_a_second_caller_is_told_when_to_come_back_and_a_stale_token_is_refused(stub: Any):
    request = pb.AcquireLeaseRequest(key="k")
    granted = await stub.AcquireLease(request)
    assert granted.granted
    other = await stub.AcquireLease(request)
    assert not other.granted
    assert 0 < other.retry_after.ToMilliseconds() <= 30_000
    wrong = pb.PutLeasedRequest(entry=verdict("k"), fencing_token=granted.fencing_token - 1)
    assert not (await stub.PutLeased(wrong)).stored
    release = pb.ReleaseLeaseRequest(key="k", fencing_token=granted.fencing_token)
    assert (await stub.ReleaseLease(release)).released
    assert not (await stub.ReleaseLease(release)).released
    assert (await stub.AcquireLease(request)).fencing_token > granted.fencing_token


async def test_a_waiter_that_cancels_leaves_the_cache_as_it_was(stub: Any):
    await stub.AcquireLease(pb.AcquireLeaseRequest(key="k", lease_duration=seconds(60)))
    waiting = stub.AcquireLease(pb.AcquireLeaseRequest(key="k", wait=seconds(30)))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not (await stub.Get(pb.GetRequest(key="k"))).hit


async def test_entries_are_dropped_by_key_and_by_tag(stub: Any):
    for key in ("a", "b", "c"):
        await stub.Put(pb.PutRequest(entry=verdict(key, tags=["t"] if key != "c" else [])))
    reply = await stub.InvalidateKeys(pb.InvalidateKeysRequest(keys=["a", "unknown"]))
    assert reply.invalidated == 1
    reply = await stub.InvalidateTags(pb.InvalidateTagsRequest(tags=["t"]))
    assert reply.invalidated == 1
    hits = await stub.BatchGet(pb.BatchGetRequest(keys=["a", "b", "c"]))
    assert [result.hit for result in hits.results] == [False, False, True]


async def test_a_watcher_sees_drops_in_order_and_resumes_after_the_last_it_saw(stub: Any):
    await stub.Put(pb.PutRequest(entry=verdict("a", tags=["t"])))
    stream = stub.WatchInvalidations(pb.WatchInvalidationsRequest())
    assert (await first(stream)).heartbeat
    await stub.InvalidateTags(pb.InvalidateTagsRequest(tags=["t"]))
    seen = await first(stream)
    stream.cancel()
    assert list(seen.tags) == ["t"]
    await stub.InvalidateKeys(pb.InvalidateKeysRequest(keys=["b"]))
    await stub.InvalidateKeys(pb.InvalidateKeysRequest(keys=["c"]))
    stream = stub.WatchInvalidations(pb.WatchInvalidationsRequest(after_sequence=seen.sequence))
    assert (await first(stream)).heartbeat
    events = [await first(stream) for _ in range(2)]
    assert [event.sequence for event in events] == [seen.sequence + 1, seen.sequence + 2]
    assert [list(event.keys) for event in events] == [["b"], ["c"]]
    stream.cancel()


async def test_a_watcher_of_an_earlier_process_is_told_to_drop_everything(stub: Any):
    stream = stub.WatchInvalidations(pb.WatchInvalidationsRequest(after_sequence=17))
    assert (await first(stream)).heartbeat
    event = await first(stream)
    assert event.resync
    assert event.sequence > 17
    stream.cancel()


async def test_a_quiet_stream_has_a_heartbeat(stub: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lucid_cache.server.HEARTBEAT_S", 0.01)
    stream = stub.WatchInvalidations(pb.WatchInvalidationsRequest())
    for _ in range(3):
        event = await first(stream)
        assert event.heartbeat
        assert event.sequence == 0
    stream.cancel()


async def test_the_counters_say_what_happened_and_what_was_saved(stub: Any):
    await stub.Put(pb.PutRequest(entry=verdict(cost=seconds(1.5))))
    for key in ("verdict/00ff", "verdict/00ff", "unknown"):
        await stub.Get(pb.GetRequest(key=key))
    stats = await stub.GetStats(pb.GetStatsRequest())
    assert (stats.hits, stats.misses) == (2, 1)
    assert stats.saved == seconds(3.0)
    assert [tier.entries for tier in stats.tiers] == [1, 1]
    assert [tier.tier for tier in stats.tiers] == [pb.TIER_MEMORY, pb.TIER_DISK]


async def test_the_counters_can_be_followed(stub: Any):
    stream = stub.WatchStats(pb.WatchStatsRequest(interval=seconds(0.1)))
    one, other = await first(stream), await first(stream)
    assert one.snapshot_time.ToNanoseconds() < other.snapshot_time.ToNanoseconds()
    stream.cancel()


async def test_a_value_above_the_limit_is_refused(stub: Any):
    request = pb.PutRequest(entry=verdict(value=bytes(1_000_001)))
    failure = await refusal(stub.Put(request))
    assert (failure.code, failure.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "ENTRY_TOO_LARGE",
    )
    assert failure.metadata["maximum"] == "1000000"
    assert failure.field_violations[0].field == "entry.value"


@pytest.mark.parametrize("lease_s", [0.0, 601.0, -1.0])
async def test_a_lease_out_of_range_is_refused(stub: Any, lease_s: float):
    request = pb.AcquireLeaseRequest(key="k", lease_duration=seconds(lease_s))
    failure = await refusal(stub.AcquireLease(request))
    assert failure.reason == "LEASE_DURATION_INVALID"
    assert failure.domain == "cache.lucid"
    assert failure.field_violations[0].field == "lease_duration"


@pytest.mark.parametrize("method", ["Put", "PutLeased"])
async def test_a_time_to_live_out_of_range_is_refused(stub: Any, method: str):
    entry = verdict(entry_class=pb.ENTRY_CLASS_TTL, time_to_live=seconds(-1))
    request = (
        pb.PutRequest(entry=entry)
        if method == "Put"
        else pb.PutLeasedRequest(entry=entry, fencing_token=1)
    )
    failure = await refusal(getattr(stub, method)(request))
    assert failure.reason == "TIME_TO_LIVE_INVALID"
    assert failure.metadata == {"time_to_live_s": "-1"}


@pytest.mark.parametrize("kind", ["invalidations", "stats"])
async def test_one_watcher_too_many_is_refused_and_told_when_to_try_again(stub: Any, kind: str):
    streams = [stub.WatchStats(pb.WatchStatsRequest()) for _ in range(2)]
    for stream in streams:
        await first(stream)
    if kind == "stats":
        late = stub.WatchStats(pb.WatchStatsRequest())
    else:
        late = stub.WatchInvalidations(pb.WatchInvalidationsRequest())
    failure = await refusal(first(late))
    assert (failure.code, failure.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "TOO_MANY_WATCHERS",
    )
    assert failure.retry_after_s
    for stream in streams:
        stream.cancel()


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("Get", pb.GetRequest()),
        ("BatchGet", pb.BatchGetRequest()),
        ("Put", pb.PutRequest()),
        ("Put", pb.PutRequest(entry=pb.Entry(key="k" * 257))),
        ("AcquireLease", pb.AcquireLeaseRequest()),
        ("PutLeased", pb.PutLeasedRequest(entry=pb.Entry(key="k"))),
        ("ReleaseLease", pb.ReleaseLeaseRequest(key="k")),
        ("InvalidateKeys", pb.InvalidateKeysRequest()),
        ("InvalidateTags", pb.InvalidateTagsRequest()),
    ],
)
async def test_a_request_that_breaks_the_field_rules_is_refused(
    stub: Any, method: str, request_: Any
):
    failure = await refusal(getattr(stub, method)(request_))
    assert failure.code == grpc.StatusCode.INVALID_ARGUMENT
    assert failure.reason == "FIELDS_INVALID"
    assert failure.field_violations


async def test_a_stranger_is_refused(settings: Settings):
    async with cache_at(settings, caller="stranger") as stub:
        failure = await refusal(stub.Get(pb.GetRequest(key="k")))
        assert failure.code == grpc.StatusCode.PERMISSION_DENIED


def test_every_method_is_served_and_every_reason_is_used():
    names = set(error_reason_pb2.ErrorReason.keys()) - {"ERROR_REASON_UNSPECIFIED"}
    assert {f"ERROR_REASON_{entry.reason}" for entry in ERRORS.entries.values()} == names
    assert len(METHODS) == 11
