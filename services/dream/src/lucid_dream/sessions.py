"""Sessions in the store. Every function works in the caller's transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from lucid.dream.v1 import session_pb2
from lucid.vendor.v1 import seed_pb2
from sqlalchemy import Connection

from lucid_dream.convert import (
    is_terminal,
    state_from_message,
    state_to_message,
    watch_event,
)
from lucid_dream.journal import append_audit, append_event, to_us
from lucid_dream.refusals import SessionAlreadyExists, SessionAlreadyRunning, SessionNotFound
from lucid_dream.saga.states import SessionState, may_follow
from lucid_dream.tables import SESSIONS


@dataclass(slots=True)
class Stored:
    """One session as stored: what users see (`message`) and what only the saga needs (`facts`)."""

    id: str
    user_id: str
    message: session_pb2.Session
    seed: seed_pb2.Seed = field(default_factory=seed_pb2.Seed)
    facts: dict[str, Any] = field(default_factory=dict)
    stop_reason: str = ""
    paused: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The resource name."""
        return f"sessions/{self.id}"

    @property
    def state(self) -> SessionState:
        """Where the session stands."""
        return state_from_message(self.message.state)

    @property
    def is_over(self) -> bool:
        """Whether the session has ended."""
        return is_terminal(self.state)

    def move(self, state: SessionState) -> None:
        """Go to this state, where it may follow; a repeated or late move changes nothing."""
        if may_follow(self.state, state):
            self.message.state = state_to_message(state)


def topic_of(session_id: str) -> str:
    """Return the topic of a session's events."""
    return f"sessions/{session_id}"


def insert(connection: Connection, stored: Stored, now: datetime) -> None:
    """Store a new session and its first event.

    Raises:
        SessionAlreadyExists: The id is taken.
        SessionAlreadyRunning: The user has a session that has not ended.
    """
    taken = sa.select(SESSIONS.c.session_id).where(SESSIONS.c.session_id == stored.id)
    if connection.scalar(taken):
        raise SessionAlreadyExists(stored.name)
    running = connection.scalar(
        sa.select(SESSIONS.c.session_id).where(
            SESSIONS.c.user_id == stored.user_id, SESSIONS.c.active
        )
    )
    if running:
        raise SessionAlreadyRunning(f"sessions/{running}")
    stored.message.name = stored.name
    stored.message.create_time.FromDatetime(now)
    values = _values(stored, now)
    connection.execute(
        sa.insert(SESSIONS).values(
            session_id=stored.id,
            user_id=stored.user_id,
            headers=json.dumps(dict(stored.headers)),
            created_us=to_us(now),
            **values,
        )
    )
    tell(connection, stored, "accepted", now, message="the session is accepted")


def get(connection: Connection, session_id: str, *, lock: bool = False) -> Stored:
    """Return one session; `lock` holds its row. Raises SessionNotFound."""
    query = sa.select(SESSIONS).where(SESSIONS.c.session_id == session_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise SessionNotFound(f"sessions/{session_id}")
    return _stored(row)


def save(connection: Connection, stored: Stored, now: datetime) -> None:
    """Write a session back."""
    connection.execute(
        sa.update(SESSIONS).where(SESSIONS.c.session_id == stored.id).values(**_values(stored, now))
    )


def tell(
    connection: Connection,
    stored: Stored,
    key: str,
    now: datetime,
    *,
    step: session_pb2.StepRecord | None = None,
    message: str = "",
) -> int:
    """Append an event (once per key) about a session as it is now; return its sequence."""
    payload = watch_event(stored.message, step, to_us(now), message)
    return append_event(connection, topic_of(stored.id), key, payload)


def stop(connection: Connection, session_id: str, reason: str, actor: str, now: datetime) -> Stored:
    """Ask a session to stop; the first reason stays, and one that is over is left as it is."""
    stored = get(connection, session_id, lock=True)
    if stored.is_over or stored.stop_reason:
        return stored
    stored.stop_reason = reason
    save(connection, stored, now)
    tell(connection, stored, "stop", now, message=f"stop asked for: {reason}")
    append_audit(
        connection, at=now, actor=actor, action="StopSession", object_=stored.name, result=reason
    )
    return stored


def active_of(connection: Connection, user_id: str | None = None) -> Sequence[Stored]:
    """Return the sessions that have not ended, of one user or of all."""
    query = sa.select(SESSIONS).where(SESSIONS.c.active)
    if user_id is not None:
        query = query.where(SESSIONS.c.user_id == user_id)
    return [_stored(row) for row in connection.execute(query)]


def newest(
    connection: Connection, *, user_id: str | None, after: str, size: int
) -> Sequence[tuple[str, Stored]]:
    """Return (position, session), the newest first, after a position of an earlier page."""
    query = sa.select(SESSIONS).order_by(SESSIONS.c.created_us.desc(), SESSIONS.c.session_id.desc())
    if user_id is not None:
        query = query.where(SESSIONS.c.user_id == user_id)
    if after:
        created, _, session_id = after.partition("/")
        query = query.where(
            sa.or_(
                SESSIONS.c.created_us < int(created),
                sa.and_(SESSIONS.c.created_us == int(created), SESSIONS.c.session_id < session_id),
            )
        )
    rows = connection.execute(query.limit(size)).all()
    return [(f"{row.created_us}/{row.session_id}", _stored(row)) for row in rows]


def _values(stored: Stored, now: datetime) -> dict[str, Any]:
    stored.message.update_time.FromDatetime(now)
    return {
        "active": not stored.is_over,
        "state": stored.state.value,
        "stop_reason": stored.stop_reason,
        "paused": stored.paused,
        "message": stored.message.SerializeToString(),
        "seed": stored.seed.SerializeToString(),
        "facts": json.dumps(stored.facts),
        "updated_us": to_us(now),
    }


def _stored(row: Any) -> Stored:
    return Stored(
        id=row.session_id,
        user_id=row.user_id,
        message=session_pb2.Session.FromString(bytes(row.message)),
        seed=seed_pb2.Seed.FromString(bytes(row.seed)),
        facts=json.loads(row.facts),
        stop_reason=row.stop_reason,
        paused=bool(row.paused),
        headers=json.loads(row.headers),
    )
