"""Vendors, keys, reservations and entries as messages, both ways, and nothing else."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf import field_mask_pb2, timestamp_pb2
from lucid.vendor.v1 import commerce_service_pb2, seed_pb2, vendor_pb2, vendor_service_pb2
from lucid_rpc.resource_name import ResourceName

from lucid_vendor.book_desk import BookedEntry
from lucid_vendor.vendors.api_keys import ApiKey
from lucid_vendor.vendors.ledger import Entry
from lucid_vendor.vendors.refusals import UpdateMaskInvalid
from lucid_vendor.vendors.reservation import Reservation, ReservationState
from lucid_vendor.vendors.tiers import Tier
from lucid_vendor.vendors.vendor import Application, Vendor

VENDOR: Final = ResourceName("vendors/{vendor}")
SEED: Final = ResourceName("vendors/{vendor}/seeds/{seed}")
API_KEY: Final = ResourceName("vendors/{vendor}/apiKeys/{key}", ids={"key": "[a-z0-9]{12}"})

VENDOR_FIELDS: Final = ("legal_name", "contact_email", "domains", "categories")
"""What an update may change."""


def vendor_id_of(name: str, field: str = "name") -> str:
    """Return the id in `vendors/{vendor}`. Raises `ResourceNameInvalid`."""
    return VENDOR.parse(name, field)["vendor"]


def seed_key_of(name: str, field: str = "name") -> tuple[str, str]:
    """Return the ids in `vendors/{vendor}/seeds/{seed}`. Raises `ResourceNameInvalid`."""
    ids = SEED.parse(name, field)
    return ids["vendor"], ids["seed"]


def parent_of_seeds(parent: str) -> str | None:
    """Return the vendor whose seeds are listed; None for `vendors/-`, which is all of them."""
    return None if parent == "vendors/-" else vendor_id_of(parent, "parent")


def key_ids_of(name: str) -> tuple[str, str]:
    """Return the ids in `vendors/{vendor}/apiKeys/{key}`. Raises `ResourceNameInvalid`."""
    ids = API_KEY.parse(name)
    return ids["vendor"], ids["key"]


def timestamp_of(time: datetime | None) -> timestamp_pb2.Timestamp | None:
    """Return a time as a message; None stays unset."""
    if time is None:
        return None
    message = timestamp_pb2.Timestamp()
    message.FromDatetime(time)
    return message


def time_of(message: timestamp_pb2.Timestamp) -> datetime:
    """Return a message as a time, aware, in UTC."""
    return message.ToDatetime(tzinfo=UTC)


def merge(current: Any, wanted: Any, mask: field_mask_pb2.FieldMask, fields: Iterable[str]) -> Any:
    """Return `current` with the masked fields of `wanted`; `fields` are those that may change.

    An empty mask means the fields that are set in `wanted`, `*` all of them.

    Raises:
        UpdateMaskInvalid: the mask names another field.
    """
    writable = tuple(fields)
    if not mask.paths:
        present = {field.name for field, _ in wanted.ListFields()}
        chosen = [name for name in writable if name in present]
    elif list(mask.paths) == ["*"]:
        chosen = list(writable)
    else:
        chosen = list(mask.paths)
    merged = type(current)()
    merged.CopyFrom(current)
    for name in chosen:
        if name not in writable:
            raise UpdateMaskInvalid(name)
        merged.ClearField(name)
    picked = type(wanted)()
    picked.CopyFrom(wanted)
    for field, _ in wanted.ListFields():
        if field.name not in chosen:
            picked.ClearField(field.name)
    merged.MergeFrom(picked)
    return merged


def application_from_message(message: vendor_pb2.Vendor) -> Application:
    """Return what a vendor states about itself. A new vendor is on trial."""
    return Application(
        legal_name=message.legal_name,
        contact_email=message.contact_email,
        domains=tuple(message.domains),
        categories=tuple(message.categories),
        tier=Tier.TRIAL,
    )


def vendor_change(
    request: vendor_service_pb2.UpdateVendorRequest,
) -> Callable[[Vendor], Application]:
    """Return what an update makes of a vendor. Raises `UpdateMaskInvalid` when it is applied."""

    def change(vendor: Vendor) -> Application:
        current = vendor_to_message(vendor)
        merged = merge(current, request.vendor, request.update_mask, VENDOR_FIELDS)
        return application_from_message(merged)

    return change


def vendor_to_message(vendor: Vendor) -> vendor_pb2.Vendor:
    """Return a vendor as its resource."""
    return vendor_pb2.Vendor(
        name=vendor.name,
        legal_name=vendor.legal_name,
        contact_email=vendor.contact_email,
        domains=vendor.domains,
        categories=vendor.categories,
        tier=f"TIER_{vendor.tier}",
        state=f"VENDOR_STATE_{vendor.state}",
        create_time=timestamp_of(vendor.created_at),
        update_time=timestamp_of(vendor.updated_at),
        etag=vendor.etag,
    )


def key_to_message(key: ApiKey) -> vendor_pb2.ApiKey:
    """Return a key without its secret."""
    return vendor_pb2.ApiKey(
        name=key.name,
        display_name=key.display_name,
        is_revoked=not key.is_live,
        create_time=timestamp_of(key.created_at),
        revoke_time=timestamp_of(key.revoked_at),
    )


def reservation_to_message(reservation: Reservation) -> seed_pb2.Reservation:
    """Return what a session holds."""
    return seed_pb2.Reservation(
        session=reservation.session,
        seed=reservation.seed_name,
        version=reservation.version,
        released=reservation.state is ReservationState.RELEASED,
        effect_count=reservation.reserve_effects,
    )


def entry_from_request(
    request: commerce_service_pb2.RecordEntryRequest, *, entry_id: str, now: datetime
) -> Entry:
    """Return the entry that a request wants to book."""
    return Entry(
        vendor_id=vendor_id_of(request.vendor, "vendor"),
        event_id=request.event_id,
        entry_id=entry_id,
        debit_account=request.debit_account,
        credit_account=request.credit_account,
        amount_minor=request.amount_minor,
        currency=request.currency,
        recorded_at=now,
        session=request.session,
        seed=request.seed,
        memo=request.memo,
    )


def entry_to_message(booked: BookedEntry) -> commerce_service_pb2.LedgerEntry:
    """Return an entry as its resource."""
    entry = booked.entry
    return commerce_service_pb2.LedgerEntry(
        name=entry.name,
        event_id=entry.event_id,
        session=entry.session,
        seed=entry.seed,
        debit_account=entry.debit_account,
        credit_account=entry.credit_account,
        amount_minor=entry.amount_minor,
        currency=entry.currency,
        memo=entry.memo,
        reversed_by=booked.reversed_by,
        reverses=booked.reverses,
        create_time=timestamp_of(entry.recorded_at),
        effect_count=booked.effects,
    )
