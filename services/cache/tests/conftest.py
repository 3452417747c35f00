"""A cache on a real file, and entries for it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from lucid_cache.entries.entry import Entry, EntryClass, fingerprint
from lucid_cache.entries.eviction import Shelf
from lucid_cache.store import DiskTier
from lucid_cache.tiers import Cache
from lucid_testkit.clocks import ManualClock


@pytest.fixture(scope="session")
def entry_of() -> Callable[..., Entry]:
    """Make an entry from what a test cares about."""

    def make(
        key: str = "k",
        value: bytes = b"v",
        tags: tuple[str, ...] = (),
        expires_at_s: float | None = None,
    ) -> Entry:
        return Entry(
            key=key,
            value=value,
            value_sha256=fingerprint(value),
            entry_class=EntryClass.IMMUTABLE if expires_at_s is None else EntryClass.TTL,
            tags=frozenset(tags),
            schema="",
            cost_s=1.0,
            created_at_s=0.0,
            expires_at_s=expires_at_s,
        )

    return make


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite"


@pytest.fixture
def disk(path: Path, clock: ManualClock) -> DiskTier:
    return DiskTier(f"sqlite:///{path}", 100_000, clock.monotonic)


@pytest.fixture
async def cache(disk: DiskTier, clock: ManualClock) -> AsyncIterator[Cache]:
    cache = Cache(Shelf(100_000), disk, clock)
    await cache.open()
    yield cache
    await cache.close()
