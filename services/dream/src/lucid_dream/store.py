"""The orchestrator's own database; the durable engine keeps another one."""

from typing import ClassVar, Self

from lucid_store import threads
from lucid_store.engine import open_engine
from lucid_store.migrate import upgrade
from lucid_store.transactions import Transactions


class Store(Transactions):
    """Transactions on users, consents, sessions and the audit chain.

    Opening and preparing are two steps, because the engine starts beside the second one.
    """

    package: ClassVar[str] = "lucid_dream"

    @classmethod
    def connect(cls, url: str) -> Self:
        """Open the database at `url` as it is; raises DatabaseUrlInvalid or StoreFault."""
        return cls(open_engine(url))

    async def prepare(self) -> None:
        """Bring the schema to its head."""
        await threads.run(upgrade, self._engine, self.package)
