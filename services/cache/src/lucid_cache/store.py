"""The disk tier: one SQLite file of its own tables, sealed row by row, thrown away when damaged.

Nothing in it is precious. A row whose seal is wrong is dropped; a file that is damaged is renamed
aside and a new one begun; a disk that is full or gone switches the tier off for a while. None of
that is an error to anybody. The one thing that must not fail quietly is dropping an entry: if a
row cannot be deleted, the whole file is.

All methods block and are called by one thread, in the order in which the cache decided them.
"""

import logging
import math
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from lucid_store.engine import open_engine, parse_url, reading, writing
from lucid_store.faults import StoreBusy, StoreCorrupt, StoreFault
from sqlalchemy import Connection, Engine

from lucid_cache.entries.entry import Entry
from lucid_cache.rows import ENTRIES, METADATA, TAGS, entry_of_row, row_of_entry

log = logging.getLogger(__name__)

Result = TypeVar("Result")

FORMAT = 1
"""Stored as the file's `user_version`; a file of another format is begun anew."""

RETRY_S = 30.0
"""How long the tier stays off after a fault."""

QUARANTINED_MAX = 2
"""Damaged files that are kept for a look; older ones are deleted."""

KEPT_SHARE = 0.9
"""Eviction frees a tenth at once, so that it is rare."""

USED_S = 60.0
"""Use is noted by the minute: a read rarely causes a write."""


class DiskTier:
    """Entries in a file of at most `bytes_max` bytes of values, keys and tags."""

    def __init__(self, url: str, bytes_max: int, monotonic: Callable[[], float]) -> None:
        self._url = url
        self._path = Path(str(parse_url(url).database))
        self._bytes_max = bytes_max
        self._monotonic = monotonic
        self._engine: Engine | None = None
        self._off_until_s = -math.inf
        self.entries = 0
        self.bytes = 0
        self.evictions = 0
        self.expirations = 0
        self.corruptions = 0
        self.quarantines = 0

    @property
    def is_available(self) -> bool:
        """Whether the tier is on."""
        return self._engine is not None

    def open(self, now_s: float) -> None:
        """Switch the tier on if it can be; drop what has expired."""
        self._use(lambda engine: self._drop_expired(engine, now_s), None)

    def close(self) -> None:
        """Give the file back."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def get(self, key: str, now_s: float) -> Entry | None:
        """Return a sound, unexpired entry, or None."""
        return self._use(lambda engine: self._get(engine, key, now_s), None)

    def put(self, entry: Entry, now_s: float) -> bool:
        """Keep an entry, dropping others for it, and return whether it is kept."""
        if entry.size_bytes > KEPT_SHARE * self._bytes_max:
            self.delete([entry.key])
            return False
        is_kept = self._use(lambda engine: self._put(engine, entry, now_s), None)
        if is_kept is None:
            self.delete([entry.key])  # an older value must not outlive the one that failed
        return bool(is_kept)

    def delete(self, keys: Collection[str]) -> set[str]:
        """Drop entries for certain and return the keys that were there."""
        return self._drop(lambda _connection: set(keys))

    def delete_tagged(self, tags: Collection[str]) -> set[str]:
        """Drop the entries that carry one of the tags, for certain, and return their keys."""
        query = sa.select(TAGS.c.key).where(TAGS.c.tag.in_(list(tags)))
        return self._drop(lambda connection: set(connection.scalars(query)))

    def _drop(self, choose: Callable[[Connection], set[str]]) -> set[str]:
        def work(engine: Engine) -> set[str]:
            with writing(engine) as connection:
                return self._delete(connection, choose(connection))

        dropped = self._use(work, None)
        if dropped is None:
            self._discard()
        return dropped or set()

    def _use(self, work: Callable[[Engine], Result], otherwise: Result) -> Result:
        """Do some work on the open file; on any fault act on it and return `otherwise`."""
        try:
            engine = self._opened()
            return otherwise if engine is None else work(engine)
        except (StoreCorrupt, sa.exc.DatabaseError) as fault:
            self._quarantine(fault)
        except StoreBusy:
            log.warning("The disk tier is busy; going on without it this once.")
        except (StoreFault, sa.exc.SQLAlchemyError, OSError) as fault:
            self._switch_off(fault)
        return otherwise

    def _opened(self) -> Engine | None:
        if self._engine is None and self._monotonic() >= self._off_until_s:
            engine = open_engine(self._url, synchronous="NORMAL")
            try:
                self._prepare(engine)
            except BaseException:
                engine.dispose()
                raise
            self._engine = engine
        return self._engine

    def _prepare(self, engine: Engine) -> None:
        """Make the tables, or refuse a file of another format as damaged."""
        with writing(engine) as connection:
            found = connection.exec_driver_sql("PRAGMA user_version").scalar()
            if found not in (0, FORMAT):
                raise StoreCorrupt
            METADATA.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")
            self._count(connection)

    def _get(self, engine: Engine, key: str, now_s: float) -> Entry | None:
        with reading(engine) as connection:
            row = connection.execute(sa.select(ENTRIES).where(ENTRIES.c.key == key)).one_or_none()
        if row is None:
            return None
        entry = entry_of_row(row)
        if entry is None or entry.is_expired(now_s):
            self.corruptions += entry is None
            self.expirations += entry is not None
            self.delete([key])
            return None
        if now_s - row.used_at_s > USED_S:
            with writing(engine) as connection:
                used = sa.update(ENTRIES).where(ENTRIES.c.key == key).values(used_at_s=now_s)
                connection.execute(used)
        return entry

    def _put(self, engine: Engine, entry: Entry, now_s: float) -> bool:
        with writing(engine) as connection:
            self._delete(connection, {entry.key})
            connection.execute(sa.insert(ENTRIES).values(**row_of_entry(entry, now_s)))
            if entry.tags:
                rows = [{"tag": tag, "key": entry.key} for tag in entry.tags]
                connection.execute(sa.insert(TAGS), rows)
            entries, size = self.entries + 1, self.bytes + entry.size_bytes
        self.entries, self.bytes = entries, size
        if self.bytes > self._bytes_max:
            self._evict(engine, now_s)
        return True

    def _evict(self, engine: Engine, now_s: float) -> None:
        """Drop the expired, then the longest unused, until a tenth is free."""
        self._drop_expired(engine, now_s)
        excess = self.bytes - KEPT_SHARE * self._bytes_max
        with writing(engine) as connection:
            chosen, freed = set(), 0
            query = sa.select(ENTRIES.c.key, ENTRIES.c.size_bytes).order_by(ENTRIES.c.used_at_s)
            for key, size in connection.execute(query):
                if freed >= excess:
                    break
                chosen.add(key)
                freed += size
            self.evictions += len(self._delete(connection, chosen))

    def _drop_expired(self, engine: Engine, now_s: float) -> None:
        with writing(engine) as connection:
            query = sa.select(ENTRIES.c.key).where(ENTRIES.c.expires_at_s <= now_s)
            expired = set(connection.scalars(query))
            self.expirations += len(self._delete(connection, expired))

    def _delete(self, connection: Connection, keys: Collection[str]) -> set[str]:
        """Delete rows in parts (SQLite bounds the variables of a statement); tags follow."""
        ordered, deleted = sorted(keys), set()
        for start in range(0, len(ordered), 500):
            part = ordered[start : start + 500]
            statement = (
                sa.delete(ENTRIES)
                .where(ENTRIES.c.key.in_(part))
                .returning(ENTRIES.c.key, ENTRIES.c.size_bytes)
            )
            for key, size in connection.execute(statement):
                deleted.add(key)
                self.bytes -= size
        self.entries -= len(deleted)
        return deleted

    def _count(self, connection: Connection) -> None:
        total = sa.func.coalesce(sa.func.sum(ENTRIES.c.size_bytes), 0)
        row = connection.execute(sa.select(sa.func.count(), total).select_from(ENTRIES)).one()
        self.entries, self.bytes = int(row[0]), int(row[1])

    def _quarantine(self, fault: Exception) -> None:
        """Rename the damaged file aside; the next call begins a new one."""
        log.warning("The disk tier's file is damaged (%s); begun anew.", type(fault).__name__)
        self.close()
        self.quarantines += 1
        self.entries = self.bytes = 0
        try:
            kept = sorted(self._path.parent.glob(f"{self._path.name}.damaged-*"))
            for old in kept[: max(len(kept) - QUARANTINED_MAX + 1, 0)]:
                old.unlink(missing_ok=True)
            number = 1 + (int(kept[-1].suffix.rpartition("-")[2]) if kept else 0)
            aside = self._path.with_name(f"{self._path.name}.damaged-{number:06}")
            self._path.replace(aside)
            self._unlink("-wal", "-shm")
        except (OSError, ValueError) as error:
            self._switch_off(error)

    def _discard(self) -> None:
        """Delete the file: what it holds can no longer be trusted to be wanted."""
        self.close()
        self.entries = self.bytes = 0
        try:
            self._unlink("-wal", "-shm", "")
        except OSError:
            log.exception("The disk tier's file cannot be deleted; it stays off.")
            self._off_until_s = math.inf

    def _unlink(self, *suffixes: str) -> None:
        for suffix in suffixes:
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _switch_off(self, fault: Exception) -> None:
        log.warning("The disk tier is off for %g s: %s.", RETRY_S, type(fault).__name__)
        self.close()
        self._off_until_s = self._monotonic() + RETRY_S
