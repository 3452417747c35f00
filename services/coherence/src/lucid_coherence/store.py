"""The database of carriers: one transaction per request, and each request once."""

from typing import ClassVar

from lucid_store.transactions import Transactions


class Store(Transactions):
    """Transactions on the service's tables."""

    package: ClassVar[str] = "lucid_coherence"
