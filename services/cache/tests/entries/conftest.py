"""Entries for tests."""

from collections.abc import Callable

import pytest
from lucid_cache.entries.entry import Entry, EntryClass, fingerprint


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
