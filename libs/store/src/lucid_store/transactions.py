"""A service's database as its shell sees it: whole transactions, run beside the event loop."""

from collections.abc import Callable
from typing import ClassVar, Self, TypeVar

from sqlalchemy import Connection, Engine

from lucid_store import idempotency, threads
from lucid_store.engine import open_engine, reading, writing
from lucid_store.migrate import upgrade

Result = TypeVar("Result")


class _NotAnsweredYet(Exception):
    """The request is new: nothing is kept of having asked."""


class Transactions:
    """Reads and writes of one service's tables; a subclass names the `package` that owns them."""

    package: ClassVar[str]

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the database at `url` and bring its schema to the head.

        Raises:
            DatabaseUrlInvalid, SqliteTooOld, StoreFault, MigrationsBroken, SchemaIsNewer.
        """
        engine = open_engine(url)
        upgrade(engine, cls.package)
        return cls(engine)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Return `work` of one snapshot."""
        return await threads.run(self._read, work)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Return `work`, committed as a whole or not at all."""
        return await threads.run(self._write, work)

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

        def in_transaction(connection: Connection) -> bytes:
            return idempotency.once(
                connection, method, request_id, request_hash, lambda: work(connection)
            )

        return await self.write(in_transaction)

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
        """Close every connection."""
        self._engine.dispose()

    def _read(self, work: Callable[[Connection], Result]) -> Result:
        with reading(self._engine) as connection:
            return work(connection)

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        with writing(self._engine) as connection:
            return work(connection)
