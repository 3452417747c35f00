"""Reservations and ledger entries, each step within one transaction and at most once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from lucid_vendor import books, records
from lucid_vendor.seed_desk import get_seed, seed_to_reserve
from lucid_vendor.vendor_desk import get_vendor
from lucid_vendor.vendors import ledger, reservation
from lucid_vendor.vendors.ledger import Entry
from lucid_vendor.vendors.refusals import EntryNotFound
from lucid_vendor.vendors.reservation import Reservation
from lucid_vendor.vendors.seed import Seed


@dataclass(frozen=True, slots=True)
class BookedEntry:
    """An entry, the names of the entries that it reverses and that reverses it, its effects."""

    entry: Entry
    reverses: str
    reversed_by: str
    effects: int


def reserve_seed(
    connection: Connection, key: tuple[str, str], session: str, now: datetime
) -> tuple[Reservation, Seed]:
    """Hold the published version for a session; asking again returns the same version.

    Raises:
        SeedNotFound, VendorNotActive, SeedStateForbids, SeedNotCertified.
    """
    records.hold(connection, session)
    existing = books.find_reservation(connection, session)
    if existing is None:
        seed = seed_to_reserve(connection, key, now)
        books.add_reservation(connection, reservation.reserve(None, seed, session, now))
    else:
        seed = get_seed(connection, *key, version=_version_held(existing, key))
        reservation.reserve(existing, seed, session, now)
    found = books.find_reservation(connection, session)
    assert found is not None  # noqa: S101  # it was found or added above
    return found, seed


def release_seed(
    connection: Connection, key: tuple[str, str], session: str, now: datetime
) -> Reservation:
    """Let go of a seed; again, or without a reservation, changes nothing that is held.

    Raises:
        SeedNotFound: there is no such seed.
        ReservationNotFound: the session holds another seed.
    """
    records.hold(connection, session)
    seed = get_seed(connection, *key)
    existing = books.find_reservation(connection, session)
    released = reservation.release(existing, seed_name=seed.name, session=session, now=now)
    if existing is None:
        books.add_reservation(connection, released)
    elif released is not existing:
        books.change_reservation(connection, released)
    return released


def record_entry(connection: Connection, entry: Entry) -> BookedEntry:
    """Book an entry; the same event again returns what is booked.

    Raises:
        VendorNotFound, FieldInvalid, EventReused.
    """
    records.hold(connection, f"events/{entry.event_id}")
    get_vendor(connection, entry.vendor_id)
    booked = books.find_entry(connection, entry.event_id)
    standing = ledger.book(entry, booked)
    if booked is None:
        books.add_entry(connection, standing)
    return _with_books(connection, standing)


def reverse_entry(
    connection: Connection,
    *,
    vendor_id: str,
    event_id: str,
    entry_id: str,
    memo: str,
    now: datetime,
) -> BookedEntry:
    """Book the opposite of an event's entry, once; return the reversal.

    Raises:
        EntryNotFound: no entry of this vendor settles the event.
    """
    records.hold(connection, f"events/{event_id}")
    entry = books.find_entry(connection, event_id)
    if entry is None or entry.vendor_id != vendor_id or entry.reverses:
        raise EntryNotFound(event_id)
    reversal = books.find_reversal(connection, event_id)
    if reversal is None:
        reversal = ledger.reverse_entry(entry, entry_id=entry_id, memo=memo, now=now)
        books.add_entry(connection, reversal)
    return _with_books(connection, reversal)


def list_entries(
    connection: Connection, vendor_id: str, after_event: str, limit: int
) -> list[BookedEntry]:
    """Return up to `limit` entries of a vendor, oldest first. Raises `VendorNotFound`."""
    get_vendor(connection, vendor_id)
    found = books.list_entries_of(connection, vendor_id, after_event, limit)
    return [_with_books(connection, entry) for entry in found]


def _version_held(existing: Reservation, key: tuple[str, str]) -> int:
    is_same = existing.seed_name == "vendors/{}/seeds/{}".format(*key)
    return existing.version if is_same else 0


def _with_books(connection: Connection, entry: Entry) -> BookedEntry:
    reversal = books.find_reversal(connection, entry.event_id)
    original = books.find_entry(connection, entry.reverses) if entry.reverses else None
    return BookedEntry(
        entry=entry,
        reverses="" if original is None else original.name,
        reversed_by="" if reversal is None else reversal.name,
        effects=books.effects_of(connection, books.RECORD, entry.event_id),
    )
