"""Reservations and ledger entries as rows, and the count of their effects."""

import sqlalchemy as sa
from sqlalchemy import Connection

from lucid_vendor.records import from_stored, to_stored
from lucid_vendor.tables import EFFECTS, ENTRIES, RESERVATIONS
from lucid_vendor.vendors.ledger import Entry
from lucid_vendor.vendors.reservation import Reservation, ReservationState

RESERVE = "reserve"
RECORD = "record"


def find_reservation(connection: Connection, session: str) -> Reservation | None:
    """Return what a session holds, or None."""
    query = sa.select(RESERVATIONS).where(RESERVATIONS.c.session == session)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    return Reservation(
        session=session,
        seed_name=row["seed_name"],
        version=row["version"],
        state=ReservationState(row["state"]),
        updated_at=from_stored(row["updated_at"]),
        reserve_effects=effects_of(connection, RESERVE, session),
    )


def add_reservation(connection: Connection, reservation: Reservation) -> None:
    """Insert a reservation; one that holds a seed is an effect."""
    connection.execute(
        sa.insert(RESERVATIONS).values(
            session=reservation.session,
            seed_name=reservation.seed_name,
            version=reservation.version,
            state=reservation.state,
            updated_at=to_stored(reservation.updated_at),
        )
    )
    if reservation.state is ReservationState.RESERVED:
        _add_effect(connection, RESERVE, reservation.session)


def change_reservation(connection: Connection, reservation: Reservation) -> None:
    """Write the new state of a reservation."""
    connection.execute(
        sa.update(RESERVATIONS)
        .where(RESERVATIONS.c.session == reservation.session)
        .values(state=reservation.state, updated_at=to_stored(reservation.updated_at))
    )


def find_entry(connection: Connection, event_id: str) -> Entry | None:
    """Return the entry that settles an event, or None."""
    query = sa.select(ENTRIES).where(ENTRIES.c.event_id == event_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _entry(row)


def find_reversal(connection: Connection, event_id: str) -> Entry | None:
    """Return the entry that reverses the one of an event, or None."""
    query = sa.select(ENTRIES).where(ENTRIES.c.reverses == event_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _entry(row)


def add_entry(connection: Connection, entry: Entry) -> None:
    """Append an entry to the ledger, which is an effect."""
    connection.execute(
        sa.insert(ENTRIES).values(
            event_id=entry.event_id,
            entry_id=entry.entry_id,
            vendor_id=entry.vendor_id,
            debit_account=entry.debit_account,
            credit_account=entry.credit_account,
            amount_minor=entry.amount_minor,
            currency=entry.currency,
            recorded_at=to_stored(entry.recorded_at),
            session=entry.session,
            seed=entry.seed,
            memo=entry.memo,
            reverses=entry.reverses or None,
        )
    )
    _add_effect(connection, RECORD, entry.event_id)


def list_entries(connection: Connection) -> list[Entry]:
    """Return the whole ledger, oldest first; for checks of the books."""
    query = sa.select(ENTRIES).order_by(ENTRIES.c.recorded_at, ENTRIES.c.event_id)
    return [_entry(row) for row in connection.execute(query).mappings()]


def list_entries_of(
    connection: Connection, vendor_id: str, after_event: str, limit: int
) -> list[Entry]:
    """Return up to `limit` entries of a vendor, oldest first, after an event's entry."""
    query = sa.select(ENTRIES).where(ENTRIES.c.vendor_id == vendor_id)
    last = find_entry(connection, after_event) if after_event else None
    if last is not None:
        key = sa.tuple_(ENTRIES.c.recorded_at, ENTRIES.c.event_id)
        query = query.where(key > (to_stored(last.recorded_at), last.event_id))
    query = query.order_by(ENTRIES.c.recorded_at, ENTRIES.c.event_id).limit(limit)
    return [_entry(row) for row in connection.execute(query).mappings()]


def effects_of(connection: Connection, step: str, subject: str) -> int:
    """Return how often a step really took effect for a subject; never above 1."""
    query = sa.select(sa.func.count()).where(EFFECTS.c.step == step, EFFECTS.c.subject == subject)
    return int(connection.scalar(query) or 0)


def _add_effect(connection: Connection, step: str, subject: str) -> None:
    connection.execute(sa.insert(EFFECTS).values(step=step, subject=subject))


def _entry(row: sa.RowMapping) -> Entry:
    values = dict(row)
    values["recorded_at"] = from_stored(values["recorded_at"])
    values["reverses"] = values["reverses"] or ""
    return Entry(**values)
