"""Write the fact and the promise to tell others in one transaction; keep the promise afterwards.

Delivery is at least once: a process may die between telling and noting that it told. So every
consumer acts once per event id (`first_time`, in the transaction of its own effect). Events of one
subject arrive in the order in which they were written; subjects do not wait for one another.
"""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite

from lucid_store.engine import writing
from lucid_store.faults import StoreFault
from lucid_store.tables import INBOX, OUTBOX
from lucid_store.threads import run

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to `subject`, for whoever listens to `topic`."""

    event_id: str
    """Unique for ever; the consumer's key."""

    topic: str
    subject: str
    """Resource name; the order of its events is kept."""

    payload: bytes
    attempts: int = 0
    """How often delivery has failed before."""


@dataclass(frozen=True, slots=True)
class DeliveryLimits:
    """How hard delivery tries."""

    batch_max: int = 64
    attempt_s: float = 10.0
    """One delivery may take this long; then it has failed."""

    claim_s: float = 30.0
    """A claimed event is left alone this long; should its deliverer die, it is due again after."""

    backoff_first_s: float = 0.5
    backoff_max_s: float = 60.0
    poll_s: float = 1.0
    """Events written by another process are found after this long at most."""


def enqueue(connection: Connection, owner: str, event: Event, now: datetime) -> None:
    """Promise to deliver `event`; it becomes visible with the transaction's commit.

    Args:
        connection: The writing transaction of the fact that the event tells.
        owner: The service that delivers, `lucid_vendor`; services may share a database.
        event: Its id must be new.
        now: Aware UTC time.
    """
    connection.execute(
        sa.insert(OUTBOX).values(
            owner=owner,
            event_id=event.event_id,
            topic=event.topic,
            subject=event.subject,
            payload=event.payload,
            attempts=0,
            due_at=_naive(now),
        )
    )


def first_time(connection: Connection, consumer: str, event_id: str) -> bool:
    """Return whether `consumer` sees this event for the first time, and remember that it did.

    Called in the transaction of the consumer's effect: if that fails, the event is new again.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(INBOX)
        .values(consumer=consumer, event_id=event_id)
        .on_conflict_do_nothing()
        .returning(INBOX.c.event_id)
    )
    return connection.execute(statement).one_or_none() is not None


def pending(connection: Connection, owner: str) -> int:
    """Return how many events of `owner` are not delivered yet."""
    query = sa.select(sa.func.count()).select_from(OUTBOX).where(_is_pending(owner))
    return connection.scalar(query) or 0


def forget_delivered(connection: Connection, owner: str, before: datetime) -> int:
    """Delete events delivered before `before` (aware, UTC) and return how many there were."""
    is_old = sa.and_(OUTBOX.c.owner == owner, OUTBOX.c.delivered_at < _naive(before))
    return connection.execute(sa.delete(OUTBOX).where(is_old)).rowcount


class Delivery:
    """Delivers the events of one owner until it is told to stop. Several may run at once."""

    def __init__(
        self,
        engine: Engine,
        owner: str,
        deliver: Callable[[Event], Awaitable[None]],
        now: Callable[[], datetime],
        limits: DeliveryLimits | None = None,
    ) -> None:
        self._engine = engine
        self._owner = owner
        self._deliver = deliver
        self._now = now
        self._limits = limits or DeliveryLimits()
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look for due events at once; call it after a transaction that enqueued."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; the delivery in progress is finished first."""
        while not stop.is_set():
            self._wake.clear()
            try:
                delivered = await self.deliver_due()
            except StoreFault:
                log.warning("The outbox of %s cannot be read; trying again.", self._owner)
                delivered = 0
            if not delivered:
                await self._wait(stop)

    async def deliver_due(self) -> int:
        """Deliver what is due now, once, and return how many deliveries succeeded."""
        now = self._now()
        events = await run(_claim, self._engine, self._owner, now, self._limits)
        succeeded = 0
        failed_subjects: set[str] = set()
        for event in events:
            if event.subject in failed_subjects:
                await run(_put_back, self._engine, event, self._now())
            elif await self._attempt(event):
                await run(_note_delivered, self._engine, event, self._now())
                succeeded += 1
            else:
                failed_subjects.add(event.subject)
                await run(_note_failed, self._engine, event, self._now(), self._limits)
        return succeeded

    async def _attempt(self, event: Event) -> bool:
        try:
            async with asyncio.timeout(self._limits.attempt_s):
                await self._deliver(event)
        except Exception as error:  # noqa: BLE001 - whatever fails, the event stays promised
            log.warning("Event %s was not delivered: %s.", event.event_id, type(error).__name__)
            return False
        return True

    async def _wait(self, stop: asyncio.Event) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (stop, self._wake)]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait(
                waits, timeout=self._limits.poll_s, return_when=asyncio.FIRST_COMPLETED
            )
        for wait in waits:
            wait.cancel()


def backoff_s(attempts: int, limits: DeliveryLimits) -> float:
    """Return how long to wait after the `attempts`-th failure in a row: doubling, bounded."""
    doublings = min(attempts - 1, 30)
    return min(limits.backoff_max_s, limits.backoff_first_s * float(2**doublings))


def _claim(engine: Engine, owner: str, now: datetime, limits: DeliveryLimits) -> list[Event]:
    """Take the due events, in order, that no earlier event of their subject holds back."""
    earlier = OUTBOX.alias()
    is_held_back = sa.exists().where(
        earlier.c.owner == owner,
        earlier.c.delivered_at.is_(None),
        earlier.c.subject == OUTBOX.c.subject,
        earlier.c.seq < OUTBOX.c.seq,
        earlier.c.due_at > _naive(now),
    )
    query = (
        sa.select(OUTBOX)
        .where(_is_pending(owner), OUTBOX.c.due_at <= _naive(now), ~is_held_back)
        .order_by(OUTBOX.c.seq)
        .limit(limits.batch_max)
    )
    with writing(engine) as connection:
        _lock(connection, owner)
        rows = connection.execute(query).all()
        due_again = _naive(now) + timedelta(seconds=limits.claim_s)
        connection.execute(
            sa.update(OUTBOX)
            .where(OUTBOX.c.seq.in_([row.seq for row in rows]))
            .values(due_at=due_again)
        )
    return [
        Event(row.event_id, row.topic, row.subject, bytes(row.payload), row.attempts)
        for row in rows
    ]


def _lock(connection: Connection, owner: str) -> None:
    """Claim one at a time. On SQLite the writing transaction itself is the lock."""
    if connection.dialect.name == "postgresql":
        key = int.from_bytes(hashlib.sha256(owner.encode()).digest()[:8], "big", signed=True)
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _note_delivered(engine: Engine, event: Event, now: datetime) -> None:
    _change(engine, event, delivered_at=_naive(now))


def _note_failed(engine: Engine, event: Event, now: datetime, limits: DeliveryLimits) -> None:
    attempts = event.attempts + 1
    due_at = _naive(now) + timedelta(seconds=backoff_s(attempts, limits))
    _change(engine, event, attempts=attempts, due_at=due_at)


def _put_back(engine: Engine, event: Event, now: datetime) -> None:
    _change(engine, event, due_at=_naive(now))


def _change(engine: Engine, event: Event, **values: object) -> None:
    with writing(engine) as connection:
        connection.execute(
            sa.update(OUTBOX).where(OUTBOX.c.event_id == event.event_id).values(**values)
        )


def _is_pending(owner: str) -> sa.ColumnElement[bool]:
    return sa.and_(OUTBOX.c.owner == owner, OUTBOX.c.delivered_at.is_(None))


def _naive(when: datetime) -> datetime:
    """Return the UTC time without its zone, as both databases keep it."""
    return when.astimezone(UTC).replace(tzinfo=None)
