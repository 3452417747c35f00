"""The portal's database: one transaction per request, and each request once."""

from typing import ClassVar

from lucid_store.transactions import Transactions


class Store(Transactions):
    """Transactions on the portal's tables."""

    package: ClassVar[str] = "lucid_vendor"
