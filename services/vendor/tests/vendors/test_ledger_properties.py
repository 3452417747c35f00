from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_vendor.vendors.ledger import (
    AMOUNT_MINOR_MAX,
    Entry,
    Posting,
    require_balanced,
    require_same_booking,
    reverse_entry,
    sale_postings,
    split_sale,
)
from lucid_vendor.vendors.refusals import InvalidArgument, LedgerConflict

NOW = datetime(2026, 11, 21, tzinfo=UTC)
amounts = st.integers(1, AMOUNT_MINOR_MAX)


def sale(amount: int) -> Entry:
    return Entry(
        "acme", "event-1", "entry-1", "SALE", "EUR", sale_postings(amount, "acme"), "tea", NOW
    )


@given(st.integers(0, AMOUNT_MINOR_MAX))
def test_no_minor_unit_is_lost_or_made_by_the_split(amount):
    commission, share = split_sale(amount)
    assert commission + share == amount
    assert 0 <= 30 * amount - 100 * commission < 100


@given(amounts)
def test_a_sale_balances_and_its_reversal_undoes_every_account(amount):
    entry = require_balanced(sale(amount))
    undo = require_balanced(
        reverse_entry(entry, event_id="event-2", entry_id="entry-2", memo="refund", now=NOW)
    )
    totals: dict[str, int] = {}
    for posting in (*entry.postings, *undo.postings):
        totals[posting.account] = totals.get(posting.account, 0) + posting.amount_minor
    assert set(totals.values()) == {0}
    assert undo.reverses == "event-1"


@given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=6))
def test_exactly_the_balanced_postings_are_booked(parts):
    entry = replace(
        sale(100), postings=tuple(Posting(f"account-{i}", part) for i, part in enumerate(parts))
    )
    if sum(parts) == 0 and 0 not in parts:
        assert require_balanced(entry) is entry
    else:
        with pytest.raises(InvalidArgument):
            require_balanced(entry)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"currency": "euro"}, "currency"),
        ({"event_id": ""}, "event_id"),
        ({"postings": (Posting("x", 1),)}, "postings"),
        ({"postings": (Posting("", 1), Posting("b", -1))}, "postings[0].account"),
    ],
)
def test_a_malformed_booking_names_its_field(change, field):
    with pytest.raises(InvalidArgument) as refused:
        require_balanced(replace(sale(100), **change))
    assert refused.value.field == field


def test_an_event_is_the_same_booking_only_if_it_says_the_same():
    first = sale(100)
    again = replace(sale(100), entry_id="entry-9", recorded_at=NOW.replace(hour=9))
    assert require_same_booking(first, again) is first
    with pytest.raises(LedgerConflict, match="other contents"):
        require_same_booking(first, sale(101))


def test_a_reversal_cannot_be_reversed():
    undo = reverse_entry(sale(5), event_id="e2", entry_id="x2", memo="", now=NOW)
    with pytest.raises(LedgerConflict, match="itself a reversal"):
        reverse_entry(undo, event_id="e3", entry_id="x3", memo="", now=NOW)


def test_a_negative_sale_is_refused():
    with pytest.raises(InvalidArgument):
        split_sale(-1)
