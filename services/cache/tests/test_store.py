import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from lucid_cache.entries.entry import OVERHEAD_BYTES, Entry
from lucid_cache.rows import ENTRIES, entry_of_row, row_of_entry
from lucid_cache.store import QUARANTINED_MAX, RETRY_S, DiskTier
from lucid_store.engine import open_engine, writing
from lucid_testkit.clocks import ManualClock


@pytest.fixture(autouse=True)
def _closed(disk: DiskTier) -> Iterator[None]:
    yield
    disk.close()


def damaged(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.damaged-*"))


def reopened(path: Path, clock: ManualClock) -> DiskTier:
    return DiskTier(f"sqlite:///{path}", 100_000, clock.monotonic)


@pytest.fixture
def filled(disk: DiskTier, entry_of: Callable[..., Entry], path: Path) -> DiskTier:
    """A closed tier whose file holds thirty entries, all of them in the main file."""
    for number in range(30):
        disk.put(entry_of(f"k{number}", os.urandom(1000), ("t",)), 0.0)
    disk.close()
    assert path.stat().st_size > 30_000
    return disk


def test_an_entry_comes_back_after_a_restart(
    disk: DiskTier, entry_of: Callable[..., Entry], path: Path, clock: ManualClock
):
    entry = entry_of("k", b"\x00\xff" * 100, ("a", "b"), expires_at_s=10.0)
    assert disk.put(entry, 0.0)
    disk.close()
    again = reopened(path, clock)
    again.open(0.0)
    assert again.entries == 1
    assert again.bytes == entry.size_bytes
    assert again.get("k", 0.0) == entry
    again.close()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[: len(data) // 2], id="truncated"),
        pytest.param(lambda data: bytes(len(data)), id="zeroed"),
        pytest.param(lambda data: b"GIF89a" + data[6:], id="another format"),
        pytest.param(lambda data: data[:4096] + bytes(len(data) - 4096), id="pages zeroed"),
    ],
)
def test_a_damaged_file_is_put_aside_and_the_tier_starts_empty(
    filled: DiskTier,
    damage: Callable[[bytes], bytes],
    path: Path,
    clock: ManualClock,
    entry_of: Callable[..., Entry],
):
    path.write_bytes(damage(path.read_bytes()))
    disk = reopened(path, clock)
    disk.open(0.0)
    found = [disk.get(f"k{number}", 0.0) for number in range(30)]
    assert found == [None] * 30
    assert disk.quarantines == 1
    assert len(damaged(path)) == 1
    assert disk.put(entry_of("new"), 0.0)
    assert disk.get("new", 0.0) == entry_of("new")
    assert disk.entries == 1
    disk.close()


def test_a_file_that_is_damaged_while_in_use_is_put_aside(
    disk: DiskTier, entry_of: Callable[..., Entry], path: Path
):
    disk.put(entry_of("a"), 0.0)
    with writing(disk._opened()) as connection:
        connection.exec_driver_sql("DROP TABLE entries")
    assert disk.get("a", 0.0) is None
    assert disk.quarantines == 1
    assert disk.put(entry_of("b"), 0.0)
    assert disk.get("b", 0.0) is not None


def test_damaged_files_do_not_pile_up(path: Path, clock: ManualClock):
    for number in range(QUARANTINED_MAX + 3):
        path.write_bytes(b"not a database" * 100 + bytes([number]))
        disk = reopened(path, clock)
        disk.open(0.0)
        disk.close()
    kept = damaged(path)
    assert len(kept) == QUARANTINED_MAX
    assert kept[-1].read_bytes().endswith(bytes([QUARANTINED_MAX + 2]))


@pytest.mark.parametrize("column", ["value", "value_sha256", "schema", "expires_at_s", "tags"])
def test_a_row_that_was_changed_is_never_served_and_counted(
    disk: DiskTier, entry_of: Callable[..., Entry], column: str
):
    disk.put(entry_of("a", b"value", ("t",), expires_at_s=10.0), 0.0)
    wrong = {"expires_at_s": 1e12, "tags": "[]", "schema": "x"}.get(column, b"other")
    with writing(disk._opened()) as connection:
        connection.execute(sa.update(ENTRIES).values({column: wrong}))
    assert disk.get("a", 0.0) is None
    assert disk.corruptions == 1
    assert disk.entries == 0


def test_a_file_of_another_format_is_put_aside(path: Path, clock: ManualClock):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    disk = reopened(path, clock)
    disk.open(0.0)
    disk.open(0.0)
    assert disk.is_available
    assert len(damaged(path)) == 1
    disk.close()


def test_the_tier_keeps_within_its_quota_and_drops_the_longest_unused(
    clock: ManualClock, path: Path, entry_of: Callable[..., Entry]
):
    room = 10 * (1000 + OVERHEAD_BYTES + 3)
    disk = DiskTier(f"sqlite:///{path}", room, clock.monotonic)
    for number in range(10):
        disk.put(entry_of(f"k{number:02}", bytes(1000)), float(number))
    disk.get("k00", 1000.0)
    disk.put(entry_of("k10", bytes(1000)), 1000.0)
    assert disk.bytes <= 0.9 * room
    assert disk.evictions == 2
    assert disk.get("k00", 1000.0) is not None
    assert disk.get("k01", 1000.0) is None
    disk.close()


def test_an_entry_above_the_quota_is_not_kept_and_its_older_one_is_dropped(
    disk: DiskTier, entry_of: Callable[..., Entry]
):
    disk.put(entry_of("a"), 0.0)
    assert not disk.put(entry_of("a", bytes(200_000)), 0.0)
    assert disk.get("a", 0.0) is None


def test_expired_entries_are_dropped_when_opened_and_when_read(
    disk: DiskTier, entry_of: Callable[..., Entry], path: Path, clock: ManualClock
):
    disk.put(entry_of("a", expires_at_s=10.0), 0.0)
    disk.put(entry_of("b", expires_at_s=20.0), 0.0)
    disk.close()
    disk = reopened(path, clock)
    disk.open(10.0)
    assert disk.entries == 1
    assert disk.get("b", 20.0) is None
    assert disk.expirations == 2
    assert disk.entries == 0
    disk.close()


def test_entries_are_dropped_by_tag(disk: DiskTier, entry_of: Callable[..., Entry]):
    for number in range(1200):
        disk.put(entry_of(f"k{number}", b"", ("odd",) if number % 2 else ("even", "all")), 0.0)
    kept = disk.entries
    dropped = disk.delete_tagged(["odd", "unknown"])
    assert all(int(key[1:]) % 2 for key in dropped)
    assert disk.entries == kept - len(dropped)
    assert disk.delete_tagged(["odd"]) == set()


def test_a_full_disk_switches_the_tier_off_for_a_while(
    disk: DiskTier, entry_of: Callable[..., Entry], clock: ManualClock, path: Path
):
    disk.put(entry_of("a"), 0.0)
    with writing(disk._opened()) as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 8")
    assert not disk.put(entry_of("b", bytes(80_000)), 0.0)
    assert not disk.is_available
    assert disk.get("a", 0.0) is None
    clock.advance(RETRY_S)
    assert disk.put(entry_of("c"), 0.0)
    assert disk.is_available


def test_what_cannot_be_deleted_is_gone_with_its_file(
    disk: DiskTier, entry_of: Callable[..., Entry], clock: ManualClock, path: Path
):
    """A dropped entry must not come back when the disk does."""
    disk.put(entry_of("secret"), 0.0)
    disk.put(entry_of("other"), 0.0)
    with writing(disk._opened()) as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 8")
    disk.put(entry_of("b", bytes(80_000)), 0.0)
    disk.delete(["secret"])
    clock.advance(RETRY_S)
    disk.open(0.0)
    assert disk.is_available
    assert disk.get("secret", 0.0) is None


def test_a_folder_that_cannot_be_made_leaves_the_tier_off(
    tmp_path: Path, clock: ManualClock, entry_of: Callable[..., Entry]
):
    (tmp_path / "file").write_text("")
    disk = DiskTier(f"sqlite:///{tmp_path}/file/cache.sqlite", 1000, clock.monotonic)
    disk.open(0.0)
    assert not disk.is_available
    assert not disk.put(entry_of("a"), 0.0)
    assert disk.get("a", 0.0) is None


def test_the_file_is_its_owners(disk: DiskTier, path: Path):
    disk.open(0.0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(
    st.binary(max_size=50),
    st.frozensets(st.text(max_size=5), max_size=3),
    st.none() | st.floats(0, 1e10),
)
def test_an_entry_survives_its_row(
    entry_of: Callable[..., Entry], value: bytes, tags: frozenset[str], expires_at_s: float | None
):
    entry = entry_of("k", value, tuple(tags), expires_at_s)

    class Row:
        def __init__(self, columns: dict) -> None:
            self.__dict__.update(columns)

    assert entry_of_row(Row(row_of_entry(entry, 0.0))) == entry


def test_the_engine_of_the_tier_does_not_flush_each_commit(path: Path):
    """NORMAL: a power loss may lose the newest entries, which are computed again."""
    engine = open_engine(f"sqlite:///{path}", synchronous="NORMAL")
    with writing(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
    engine.dispose()
