"""Verdicts, evidence and durable validations in SQL. Every function is one transaction.

Blocking: call them through `lucid_store.threads`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from lucid.validation.v1 import validation_service_pb2 as pb2
from lucid_store.engine import open_engine, reading, writing
from lucid_store.idempotency import once
from lucid_store.migrate import upgrade
from sqlalchemy import Connection, Engine, Row
from sqlalchemy.dialects import postgresql, sqlite

from lucid_validation.errors import QueueFull, ValidationAlreadyExists
from lucid_validation.tables import EVENTS, EVIDENCE, JOBS, VERDICTS

QUEUED: Final = pb2.VALIDATION_STATE_QUEUED
RUNNING: Final = pb2.VALIDATION_STATE_RUNNING
ENDED: Final = frozenset(
    {
        pb2.VALIDATION_STATE_SUCCEEDED,
        pb2.VALIDATION_STATE_FAILED,
        pb2.VALIDATION_STATE_CANCELLED,
    }
)


@dataclass(frozen=True, slots=True)
class NewJob:
    """A validation to accept. `carrier` is the trace that asked for it, as JSON text.

    `search` is the request of a search for a certificate; empty otherwise.
    """

    validation_id: str
    problem: bytes
    budget_ms: int
    total_obligations: int
    carrier: str
    now: datetime
    search: bytes = b""


@dataclass(frozen=True, slots=True)
class Change:
    """What an event changes in its job; empty fields stay as they are."""

    state: int
    verdict_hash: str = ""
    failure: str = ""
    decided: int = 0
    problem: bytes = b""
    synthesis: bytes = b""


class Store:
    """The tables of one database."""

    def __init__(self, engine: Engine) -> None:
        """Use an engine whose schema is up to date."""
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> "Store":
        """Open the database and bring it to the newest schema."""
        engine = open_engine(url)
        upgrade(engine, "lucid_validation")
        return cls(engine)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def save_verdict(self, verdict: Any, evidence: Any | None, now: datetime) -> bytes:
        """Store both unless they are there; return the content that was stored first."""
        digest = verdict.name.removeprefix("verdicts/")
        with writing(self._engine) as connection:
            if evidence is not None:
                _insert_once(
                    connection,
                    EVIDENCE,
                    hash=evidence.name.removeprefix("evidence/"),
                    problem_sha256=evidence.problem_sha256,
                    problem_document=evidence.problem_document,
                    document=evidence.document,
                )
            _insert_once(
                connection,
                VERDICTS,
                hash=digest,
                problem_sha256=verdict.problem_sha256,
                content=verdict.SerializeToString(deterministic=True),
                decided_at=now.replace(tzinfo=None),
            )
            found = sa.select(VERDICTS.c.content).where(VERDICTS.c.hash == digest)
            return bytes(connection.execute(found).scalar_one())

    def verdict(self, digest: str) -> bytes | None:
        """Return the stored verdict of this hash."""
        with reading(self._engine) as connection:
            found = connection.scalar(
                sa.select(VERDICTS.c.content).where(VERDICTS.c.hash == digest)
            )
        return None if found is None else bytes(found)

    def evidence(self, digest: str) -> Row[Any] | None:
        """Return the row of the evidence of this hash."""
        with reading(self._engine) as connection:
            return connection.execute(
                sa.select(EVIDENCE).where(EVIDENCE.c.hash == digest)
            ).one_or_none()

    def accept(
        self, job: NewJob, method: str, request_id: str, request_hash: bytes, queue_max: int
    ) -> str:
        """Accept a validation once per request id; return the id of the one that was accepted.

        Raises:
            RequestIdReused: the request id came with another request.
            ValidationAlreadyExists: the id is taken.
            QueueFull: as many wait as may.
        """

        def produce() -> bytes:
            self._insert(connection, job, queue_max)
            return job.validation_id.encode()

        with writing(self._engine) as connection:
            return once(connection, method, request_id, request_hash, produce).decode()

    def _insert(self, connection: Connection, job: NewJob, queue_max: int) -> None:
        waiting = sa.select(sa.func.count()).select_from(JOBS).where(JOBS.c.state == QUEUED)
        queued = connection.scalar(waiting) or 0
        if queued >= queue_max:
            raise QueueFull(queued, queue_max)
        taken = sa.select(JOBS.c.ordinal).where(JOBS.c.validation_id == job.validation_id)
        if connection.scalar(taken) is not None:
            raise ValidationAlreadyExists(f"validations/{job.validation_id}")
        moment = job.now.replace(tzinfo=None)
        connection.execute(
            sa.insert(JOBS).values(
                validation_id=job.validation_id,
                state=QUEUED,
                problem=job.problem,
                budget_ms=job.budget_ms,
                verdict_hash="",
                failure="",
                total_obligations=job.total_obligations,
                decided_obligations=0,
                last_sequence=0,
                operation_deleted=False,
                carrier=job.carrier,
                created_at=moment,
                updated_at=moment,
                search=job.search,
                synthesis=b"",
            )
        )
        event = pb2.WatchValidationResponse(state=QUEUED, message="Accepted.")
        _append(connection, job.validation_id, event, Change(QUEUED), job.now)

    def advance(self, validation_id: str, event: Any, change: Change, now: datetime) -> bool:
        """Append an event and change the job with it; False (and nothing) if it has ended."""
        with writing(self._engine) as connection:
            row = connection.execute(
                sa.select(JOBS.c.state)
                .where(JOBS.c.validation_id == validation_id)
                .with_for_update()
            ).one()
            if row.state in ENDED:
                return False
            _append(connection, validation_id, event, change, now)
            return True

    def job(self, validation_id: str) -> Row[Any] | None:
        """Return a job's row."""
        with reading(self._engine) as connection:
            return connection.execute(
                sa.select(JOBS).where(JOBS.c.validation_id == validation_id)
            ).one_or_none()

    def newest_jobs(self, before: int | None, limit: int) -> list[Row[Any]]:
        """Return up to `limit` jobs, newest first, older than ordinal `before`."""
        query = sa.select(JOBS).order_by(JOBS.c.ordinal.desc()).limit(limit)
        if before is not None:
            query = query.where(JOBS.c.ordinal < before)
        with reading(self._engine) as connection:
            return list(connection.execute(query))

    def operations(self, after: str, limit: int) -> list[Row[Any]]:
        """Return up to `limit` jobs with a living operation, by id, greater than `after`."""
        query = (
            sa.select(JOBS)
            .where(JOBS.c.validation_id > after, JOBS.c.operation_deleted.is_(False))
            .order_by(JOBS.c.validation_id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return list(connection.execute(query))

    def unfinished(self) -> list[str]:
        """Return the ids of the jobs that have not ended, oldest first."""
        query = (
            sa.select(JOBS.c.validation_id)
            .where(JOBS.c.state.in_((QUEUED, RUNNING)))
            .order_by(JOBS.c.ordinal)
        )
        with reading(self._engine) as connection:
            return list(connection.scalars(query))

    def delete_operation(self, validation_id: str) -> None:
        """Forget the operation; the validation itself stays."""
        with writing(self._engine) as connection:
            connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.validation_id == validation_id)
                .values(operation_deleted=True)
            )

    def events(self, validation_id: str, after: int, limit: int = 256) -> list[bytes]:
        """Return up to `limit` events with a sequence greater than `after`, in order."""
        query = (
            sa.select(EVENTS.c.content)
            .where(EVENTS.c.validation_id == validation_id, EVENTS.c.sequence > after)
            .order_by(EVENTS.c.sequence)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [bytes(content) for content in connection.scalars(query)]


def _insert_once(connection: Connection, table: sa.Table, **values: Any) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(table).values(**values).on_conflict_do_nothing())


def _append(
    connection: Connection, validation_id: str, event: Any, change: Change, now: datetime
) -> None:
    where = JOBS.c.validation_id == validation_id
    values: dict[str, Any] = {"state": change.state, "updated_at": now.replace(tzinfo=None)}
    values["last_sequence"] = JOBS.c.last_sequence + 1
    news = {
        "verdict_hash": change.verdict_hash,
        "failure": change.failure,
        "decided_obligations": change.decided,
        "problem": change.problem,
        "synthesis": change.synthesis,
    }
    values |= {column: value for column, value in news.items() if value}
    updated = sa.update(JOBS).where(where).values(**values).returning(JOBS.c.last_sequence)
    event.sequence = connection.execute(updated).scalar_one()
    event.event_time.FromDatetime(now)
    connection.execute(
        sa.insert(EVENTS).values(
            validation_id=validation_id,
            sequence=event.sequence,
            content=event.SerializeToString(deterministic=True),
        )
    )
