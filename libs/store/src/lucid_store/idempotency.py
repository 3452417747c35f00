"""A request that arrives twice takes effect once, and is answered the same both times.

The answer of the first success is stored in the transaction of the effect, so there is no moment
in which one exists without the other. A failure stores nothing: the caller may try again.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from lucid_store.tables import EFFECTS, REQUESTS


class RequestIdReused(Exception):
    """The request id was already used for another request of the same method."""

    def __init__(self, method: str, request_id: str) -> None:
        super().__init__(f"The request id {request_id} was already used with other content.")
        self.method = method
        self.request_id = request_id


def hash_of(*parts: bytes | str) -> bytes:
    """Return the SHA-256 of the parts, each with its length: ("ab", "c") differs from ("a", "bc").

    Serialize a message with `SerializeToString(deterministic=True)`.
    """
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


def once(
    connection: Connection,
    method: str,
    request_id: str,
    request_hash: bytes,
    produce: Callable[[], bytes],
) -> bytes:
    """Return `produce()` the first time, and the first success's bytes every other time.

    Args:
        connection: A writing transaction; `produce` makes its effect in the same one. A second
            caller with the same id waits here until the first one's transaction has ended.
        method: The full name of the RPC, `lucid.vendor.v1.VendorService/CreateVendor`.
        request_id: The caller's id; empty means that the caller asked for no such promise.
        request_hash: What must be equal for two requests to be the same one (see `hash_of`);
            include whoever is asking, so that nobody is shown another's answer.
        produce: Makes the effect and returns the serialized answer.

    Raises:
        RequestIdReused: The id was used for a request with another hash.
    """
    if not request_id:
        return produce()
    if not _claim(connection, method, request_id, request_hash):
        return _first_answer(connection, method, request_id, request_hash)
    response = produce()
    connection.execute(sa.update(REQUESTS).where(_is(method, request_id)).values(response=response))
    connection.execute(sa.insert(EFFECTS).values(method=method, request_id=request_id))
    return response


def effects_by_request(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many effects each (method, request_id) really had. Every count must be 1."""
    query = sa.select(EFFECTS.c.method, EFFECTS.c.request_id, sa.func.count()).group_by(
        EFFECTS.c.method, EFFECTS.c.request_id
    )
    return {(method, request_id): count for method, request_id, count in connection.execute(query)}


def calls_by_request(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how often each (method, request_id) was asked for, the duplicates included."""
    query = sa.select(REQUESTS.c.method, REQUESTS.c.request_id, REQUESTS.c.calls)
    return {(method, request_id): calls for method, request_id, calls in connection.execute(query)}


def forget_requests(connection: Connection, before: datetime) -> int:
    """Delete answers stored before `before` (aware, UTC) and return how many there were.

    A request that is repeated later takes effect again: keep a day at least.
    """
    expired = REQUESTS.c.created_at < before.replace(tzinfo=None)
    return connection.execute(sa.delete(REQUESTS).where(expired)).rowcount


def _claim(connection: Connection, method: str, request_id: str, request_hash: bytes) -> bool:
    """Return whether this transaction is the first with this id."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(REQUESTS)
        .values(method=method, request_id=request_id, request_hash=request_hash, calls=1)
        .on_conflict_do_nothing()
        .returning(REQUESTS.c.calls)
    )
    return connection.execute(statement).one_or_none() is not None


def _first_answer(
    connection: Connection, method: str, request_id: str, request_hash: bytes
) -> bytes:
    row = connection.execute(
        sa.update(REQUESTS)
        .where(_is(method, request_id), REQUESTS.c.request_hash == request_hash)
        .values(calls=REQUESTS.c.calls + 1)
        .returning(REQUESTS.c.response)
    ).one_or_none()
    if row is None:
        raise RequestIdReused(method, request_id)
    return bytes(row.response)


def _is(method: str, request_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(REQUESTS.c.method == method, REQUESTS.c.request_id == request_id)
