"""What happened, in order: events that watchers follow, and the audit chain that nobody edits."""

import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from lucid_dream.tables import AUDIT, EVENTS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AUDIT_LOCK = 0x6C75636964  # "lucid": one writer of the chain at a time on PostgreSQL
GENESIS = "0" * 64


def to_us(moment: datetime) -> int:
    """Return microseconds since 1970 of an aware instant."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_us(us: int) -> datetime:
    """Return the aware instant of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=us)


def append_event(connection: Connection, topic: str, key: str, payload: bytes) -> int:
    """Append an event and return its sequence number; a key that is there changes nothing.

    `payload` is stored as it is; the reader is told the sequence beside it.
    """
    found = connection.scalar(
        sa.select(EVENTS.c.sequence).where(EVENTS.c.topic == topic, EVENTS.c.key == key)
    )
    if found is not None:
        return int(found)
    last = connection.scalar(
        sa.select(sa.func.max(EVENTS.c.sequence)).where(EVENTS.c.topic == topic)
    )
    sequence = (last or 0) + 1
    connection.execute(
        sa.insert(EVENTS).values(topic=topic, sequence=sequence, key=key, payload=payload)
    )
    return int(sequence)


def events_after(
    connection: Connection, topic: str, sequence: int, limit: int = 200
) -> list[tuple[int, bytes]]:
    """Return (sequence, payload) of the events after `sequence`, in order, at most `limit`."""
    rows = connection.execute(
        sa.select(EVENTS.c.sequence, EVENTS.c.payload)
        .where(EVENTS.c.topic == topic, EVENTS.c.sequence > sequence)
        .order_by(EVENTS.c.sequence)
        .limit(limit)
    )
    return [(int(row.sequence), bytes(row.payload)) for row in rows]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One link of the audit chain."""

    sequence: int
    at_us: int
    actor: str
    action: str
    object: str
    result: str
    previous_hash: str

    def hash(self) -> str:
        """Return the hex SHA-256 of this row and of the hash before it."""
        fields = [getattr(self, name) for name in self.__dataclass_fields__]
        return hashlib.sha256(json.dumps(fields, separators=(",", ":")).encode()).hexdigest()


def append_audit(
    connection: Connection, *, at: datetime, actor: str, action: str, object_: str, result: str
) -> None:
    """Append a row to the chain, in the transaction of what it tells."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_AUDIT_LOCK)))
    last = connection.execute(
        sa.select(AUDIT.c.sequence, AUDIT.c.hash).order_by(AUDIT.c.sequence.desc()).limit(1)
    ).one_or_none()
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, GENESIS)
    row = AuditRow(sequence, to_us(at), actor, action, object_, result, previous)
    values = {name: getattr(row, name) for name in row.__dataclass_fields__}
    connection.execute(sa.insert(AUDIT).values(**values, hash=row.hash()))


def broken_links(connection: Connection) -> Iterator[int]:
    """Yield the sequence numbers of rows whose hash, or whose place in the chain, is wrong."""
    previous, expected = GENESIS, 1
    for found in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.sequence)):
        values = {name: getattr(found, name) for name in AuditRow.__dataclass_fields__}
        row = AuditRow(**values)
        if row.sequence != expected or row.previous_hash != previous or row.hash() != found.hash:
            yield row.sequence
        previous, expected = found.hash, row.sequence + 1


class Bell:
    """Wakes whoever waits for news of a topic in this process; others find them by polling."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def ring(self, topic: str) -> None:
        """Wake everybody who waits for this topic."""
        for event in self._waiting.get(topic, ()):
            event.set()

    def listen(self, topic: str) -> "Listener":
        """Return a listener, to be closed; a ring after this call is never missed."""
        event = asyncio.Event()
        self._waiting[topic].add(event)
        return Listener(event, lambda: self._leave(topic, event))

    def _leave(self, topic: str, event: asyncio.Event) -> None:
        self._waiting[topic].discard(event)
        if not self._waiting[topic]:
            del self._waiting[topic]


class Listener:
    """One waiter of a Bell."""

    def __init__(self, event: asyncio.Event, leave: "object") -> None:
        self._event = event
        self._leave = leave

    async def wait(self, timeout_s: float) -> bool:
        """Wait for a ring; return whether there was one before the timeout."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout_s)
        except TimeoutError:
            return False
        self._event.clear()
        return True

    def close(self) -> None:
        """Stop listening."""
        if callable(self._leave):
            self._leave()
