"""The ledger: double entry, integer minor units, exactly once by event id.

Every entry takes an amount from one account and gives it to another, so the sum over all accounts
is zero at every moment and in every currency. An entry is never changed or removed: a reversal is
a second entry in the opposite direction, at most one per event.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lucid_vendor.vendors.refusals import EventReused, FieldInvalid

AMOUNT_MINOR_MAX = 10**15
REVERSAL = "reversal:"


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking for one event. `reverses` is the event id whose entry this one undoes."""

    vendor_id: str
    event_id: str
    entry_id: str
    debit_account: str
    credit_account: str
    amount_minor: int
    currency: str
    recorded_at: datetime
    session: str = ""
    seed: str = ""
    memo: str = ""
    reverses: str = ""

    @property
    def name(self) -> str:
        """The resource name."""
        return f"vendors/{self.vendor_id}/entries/{self.entry_id}"

    def is_same_booking(self, other: "Entry") -> bool:
        """Whether both say the same, apart from when and under which id it was recorded."""
        return self._said() == other._said()

    def _said(self) -> tuple[object, ...]:
        return (
            self.vendor_id,
            self.event_id,
            self.debit_account,
            self.credit_account,
            self.amount_minor,
            self.currency,
            self.session,
            self.seed,
            self.memo,
            self.reverses,
        )


def book(entry: Entry, booked: Entry | None) -> Entry:
    """Return what stands in the books for the event: the stored entry, or the new one.

    Raises:
        EventReused: the event was settled with other values before.
        FieldInvalid: the accounts are the same, the amount is out of range, or the event id has
            the form that reversals have.
    """
    if entry.debit_account == entry.credit_account:
        raise FieldInvalid("credit_account", "must differ from the account that pays.")
    if not 0 <= entry.amount_minor <= AMOUNT_MINOR_MAX:
        raise FieldInvalid("amount_minor", f"must be between 0 and {AMOUNT_MINOR_MAX}.")
    if entry.event_id.startswith(REVERSAL):
        raise FieldInvalid("event_id", f"must not begin with {REVERSAL!r}; reverse an entry.")
    if booked is None:
        return entry
    if not booked.is_same_booking(entry):
        raise EventReused(entry.event_id)
    return booked


def reverse_entry(entry: Entry, *, entry_id: str, memo: str, now: datetime) -> Entry:
    """Return the entry that undoes `entry`: the same amount, the other way round."""
    return Entry(
        vendor_id=entry.vendor_id,
        event_id=f"{REVERSAL}{entry.event_id}",
        entry_id=entry_id,
        debit_account=entry.credit_account,
        credit_account=entry.debit_account,
        amount_minor=entry.amount_minor,
        currency=entry.currency,
        recorded_at=now,
        session=entry.session,
        seed=entry.seed,
        memo=memo,
        reverses=entry.event_id,
    )


def balances(entries: Iterable[Entry]) -> dict[tuple[str, str], int]:
    """Return the balance of each (account, currency) in minor units; debits are positive."""
    totals: dict[tuple[str, str], int] = {}
    for entry in entries:
        for account, amount in (
            (entry.debit_account, entry.amount_minor),
            (entry.credit_account, -entry.amount_minor),
        ):
            key = (account, entry.currency)
            totals[key] = totals.get(key, 0) + amount
    return totals
