"""The database of carriers: one transaction per request, and each request once."""

from collections.abc import Callable
from typing import TypeVar

from lucid_store import idempotency, threads
from lucid_store.engine import open_engine, reading, writing
from lucid_store.migrate import upgrade
from sqlalchemy import Connection, Engine

Result = TypeVar("Result")


class _NotAnsweredYet(Exception):
    """The request is new: nothing is kept of having asked."""


class Store:
    """Transactions on the service's tables, run beside the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> "Store":
        """Open the database at `url` and bring its schema to the head.

        Raises:
            DatabaseUrlInvalid, SqliteTooOld, StoreFault, MigrationsBroken, SchemaIsNewer.
        """
        engine = open_engine(url)
        upgrade(engine, "lucid_coherence")
        return cls(engine)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Return `work` of one snapshot."""
        return await threads.run(self._read, work)

    async def once(
        self,
        method: str,
        request_id: str,
        request_hash: bytes,
        work: Callable[[Connection], bytes],
    ) -> bytes:
        """Return `work`, done in one transaction; the same request again gets the first answer.

        Raises:
            RequestIdReused: the id was used for another request.
        """

        def write(connection: Connection) -> bytes:
            return idempotency.once(
                connection, method, request_id, request_hash, lambda: work(connection)
            )

        return await threads.run(self._write, write)

    async def answered(self, method: str, request_id: str, request_hash: bytes) -> bytes | None:
        """Return the first answer to a request, or None if it had none yet.

        Raises:
            RequestIdReused: the id was used for another request.
        """

        def refuse(_connection: Connection) -> bytes:
            raise _NotAnsweredYet

        if not request_id:
            return None
        try:
            return await self.once(method, request_id, request_hash, refuse)
        except _NotAnsweredYet:
            return None

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _read(self, work: Callable[[Connection], Result]) -> Result:
        with reading(self._engine) as connection:
            return work(connection)

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        with writing(self._engine) as connection:
            return work(connection)
