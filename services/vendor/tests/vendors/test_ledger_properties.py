from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_vendor.vendors.ledger import AMOUNT_MINOR_MAX, Entry, balances, book, reverse_entry
from lucid_vendor.vendors.refusals import EventReused, FieldInvalid

NOW = datetime(2026, 11, 21, tzinfo=UTC)
accounts = st.sampled_from(["clearing", "platform", "vendor"])
bookings = st.tuples(accounts, accounts, st.integers(0, 10**9), st.sampled_from(["EUR", "JPY"]))


def entry_of(number=0, debit="clearing", credit="vendor", amount=100, currency="EUR") -> Entry:
    return Entry("acme", f"event-{number}", f"entry-{number}", debit, credit, amount, currency, NOW)


@given(st.lists(bookings, max_size=20))
def test_the_books_sum_to_zero_in_every_currency(rows):
    entries = [
        book(entry_of(number, *row), None) for number, row in enumerate(rows) if row[0] != row[1]
    ]
    totals = balances(entries)
    for currency in ("EUR", "JPY"):
        assert sum(amount for (_, each), amount in totals.items() if each == currency) == 0


@given(st.lists(bookings, max_size=20))
def test_reversing_everything_leaves_every_account_empty(rows):
    entries = [entry_of(n, *row) for n, row in enumerate(rows) if row[0] != row[1]]
    undone = [reverse_entry(e, entry_id="x", memo="refund", now=NOW) for e in entries]
    assert set(balances(entries + undone).values()) <= {0}
    assert {e.reverses for e in undone} == {e.event_id for e in entries}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"credit_account": "clearing"}, "credit_account"),
        ({"amount_minor": -1}, "amount_minor"),
        ({"amount_minor": AMOUNT_MINOR_MAX + 1}, "amount_minor"),
        ({"event_id": "reversal:event-1"}, "event_id"),
    ],
)
def test_a_malformed_booking_names_its_field(change, field):
    with pytest.raises(FieldInvalid) as refused:
        book(replace(entry_of(), **change), None)
    assert refused.value.field == field


def test_an_event_is_booked_once_and_only_with_the_same_values():
    first = entry_of()
    again = replace(first, entry_id="entry-9", recorded_at=NOW.replace(hour=9))
    assert book(again, first) is first
    with pytest.raises(EventReused):
        book(replace(first, amount_minor=101), first)
