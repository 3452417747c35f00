"""The service's store: one engine, blocking work in threads, transactions by name."""

from collections.abc import Callable
from typing import TypeVar

from lucid_store import threads
from lucid_store.engine import open_engine, reading, writing
from lucid_store.migrate import upgrade
from sqlalchemy import Connection

Result = TypeVar("Result")


class Store:
    """Runs functions of a connection in a transaction, beside the event loop."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    async def prepare(self) -> None:
        """Bring the schema to its head."""
        await threads.run(upgrade, self._engine, "lucid_dream")

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Return `work(connection)` of one snapshot."""

        def transaction() -> Result:
            with reading(self._engine) as connection:
                return work(connection)

        return await threads.run(transaction)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Return `work(connection)`, committed as a whole or not at all."""

        def transaction() -> Result:
            with writing(self._engine) as connection:
                return work(connection)

        return await threads.run(transaction)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
