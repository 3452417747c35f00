"""The ledger: double entry, integer minor units, exactly once by event id.

An entry is never changed or removed. A reversal is a second entry with the opposite postings, so
the sum over all accounts is zero at every moment and for every currency.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from lucid_vendor.vendors.refusals import InvalidArgument, LedgerConflict

COMMISSION_PERCENT = 30
AMOUNT_MINOR_MAX = 10**15
EVENT_ID_CHARACTERS_MAX = 128

_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Posting:
    """A movement on one account in minor units: positive is a debit, negative a credit."""

    account: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Balanced postings for one event; `reverses` is the event id that this one undoes."""

    vendor_id: str
    event_id: str
    entry_id: str
    kind: str
    currency: str
    postings: tuple[Posting, ...]
    memo: str
    recorded_at: datetime
    session: str = ""
    reverses: str = ""

    def is_same_booking(self, other: "Entry") -> bool:
        """Whether both say the same, apart from when and under which id it was recorded."""
        return self._said() == other._said()

    def _said(self) -> tuple[object, ...]:
        return (
            self.vendor_id,
            self.event_id,
            self.kind,
            self.currency,
            self.postings,
            self.memo,
            self.session,
            self.reverses,
        )


def require_balanced(entry: Entry) -> Entry:
    """Return the entry if it can be booked.

    Raises:
        InvalidArgument: not balanced, fewer than two postings, a zero or oversized amount, or a
            currency that is not a three-letter code.
    """
    if not 0 < len(entry.event_id) <= EVENT_ID_CHARACTERS_MAX:
        raise InvalidArgument("event_id", f"must have 1 to {EVENT_ID_CHARACTERS_MAX} characters.")
    if not _CURRENCY.fullmatch(entry.currency):
        raise InvalidArgument("currency", "must be a three-letter code such as EUR.")
    if len(entry.postings) < 2:
        raise InvalidArgument("postings", "must hold at least two postings: double entry.")
    for index, posting in enumerate(entry.postings):
        if posting.amount_minor == 0 or abs(posting.amount_minor) > AMOUNT_MINOR_MAX:
            raise InvalidArgument(
                f"postings[{index}].amount_minor",
                f"must be a non-zero number of minor units up to {AMOUNT_MINOR_MAX}.",
            )
        if not posting.account:
            raise InvalidArgument(f"postings[{index}].account", "must name an account.")
    total = sum(posting.amount_minor for posting in entry.postings)
    if total != 0:
        raise InvalidArgument("postings", f"must sum to 0, but sum to {total}.")
    return entry


def reverse_entry(entry: Entry, *, event_id: str, entry_id: str, memo: str, now: datetime) -> Entry:
    """Return the entry that undoes `entry`.

    Raises:
        LedgerConflict: when `entry` is itself a reversal; book it anew instead.
    """
    if entry.reverses:
        raise LedgerConflict(entry.event_id, "is itself a reversal and cannot be reversed.")
    return Entry(
        vendor_id=entry.vendor_id,
        event_id=event_id,
        entry_id=entry_id,
        kind="REVERSAL",
        currency=entry.currency,
        postings=tuple(Posting(p.account, -p.amount_minor) for p in entry.postings),
        memo=memo,
        recorded_at=now,
        session=entry.session,
        reverses=entry.event_id,
    )


def require_same_booking(stored: Entry, again: Entry) -> Entry:
    """Return the stored entry when a repeated event says the same as the first time.

    Raises:
        LedgerConflict: when it says something else.
    """
    if not stored.is_same_booking(again):
        raise LedgerConflict(stored.event_id, "was booked before with other contents.")
    return stored


def split_sale(amount_minor: int) -> tuple[int, int]:
    """Split a sale into (commission, vendor's share), both in minor units.

    The commission is 30 % rounded down, so the two always add up to the sale.

    Raises:
        InvalidArgument: when the amount is negative or above the limit.
    """
    if not 0 <= amount_minor <= AMOUNT_MINOR_MAX:
        raise InvalidArgument("amount_minor", f"must be between 0 and {AMOUNT_MINOR_MAX}.")
    commission = amount_minor * COMMISSION_PERCENT // 100
    return commission, amount_minor - commission


def sale_postings(amount_minor: int, vendor_id: str) -> tuple[Posting, ...]:
    """Book a sale: the clearing account owes, the vendor and the platform are credited."""
    commission, share = split_sale(amount_minor)
    lines = (
        Posting("clearing", amount_minor),
        Posting(f"vendors/{vendor_id}/payable", -share),
        Posting("platform/commission", -commission),
    )
    return tuple(line for line in lines if line.amount_minor != 0)
