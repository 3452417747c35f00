"""What can be done with vendors and their keys, each within one transaction."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from lucid_vendor import records
from lucid_vendor.vendors import api_keys
from lucid_vendor.vendors.api_keys import ApiKey
from lucid_vendor.vendors.refusals import (
    ApiKeyNotFound,
    EtagMismatch,
    VendorExists,
    VendorNotFound,
)
from lucid_vendor.vendors.vendor import (
    Application,
    Vendor,
    amend_vendor,
    register_vendor,
    require_good_standing,
)


def create_vendor(
    connection: Connection, vendor_id: str, application: Application, now: datetime
) -> Vendor:
    """Register a vendor under an id that is free.

    Raises:
        VendorExists: it is not free.
        FieldInvalid: the application has a hole.
    """
    records.hold(connection, f"vendors/{vendor_id}")
    if records.find_vendor(connection, vendor_id) is not None:
        raise VendorExists(f"vendors/{vendor_id}")
    vendor = register_vendor(application, vendor_id=vendor_id, now=now)
    records.put_vendor(connection, vendor)
    return vendor


def get_vendor(connection: Connection, vendor_id: str) -> Vendor:
    """Return a vendor. Raises `VendorNotFound`."""
    vendor = records.find_vendor(connection, vendor_id)
    if vendor is None:
        raise VendorNotFound(f"vendors/{vendor_id}")
    return vendor


def update_vendor(
    connection: Connection,
    vendor_id: str,
    etag: str,
    change: Callable[[Vendor], Application],
    now: datetime,
) -> Vendor:
    """Change what a vendor states about itself; an empty etag guards nothing.

    Raises:
        VendorNotFound, EtagMismatch, FieldInvalid.
    """
    records.hold(connection, f"vendors/{vendor_id}")
    vendor = get_vendor(connection, vendor_id)
    if etag and etag != vendor.etag:
        raise EtagMismatch(vendor.name, vendor.etag)
    amended = amend_vendor(vendor, change(vendor), now)
    records.put_vendor(connection, amended)
    return amended


def create_key(connection: Connection, vendor_id: str, key: ApiKey, now: datetime) -> ApiKey:
    """Store a new key beside the live ones.

    Raises:
        VendorNotFound, VendorNotActive, TooManyLiveKeys.
    """
    records.hold(connection, f"vendors/{vendor_id}")
    require_good_standing(get_vendor(connection, vendor_id), now)
    issued = api_keys.issue_key(
        records.list_keys(connection, vendor_id),
        vendor_id=vendor_id,
        key_id=key.key_id,
        digest=key.digest,
        display_name=key.display_name,
        now=now,
    )
    records.put_key(connection, issued)
    return issued


def revoke_key(connection: Connection, vendor_id: str, key_id: str, now: datetime) -> ApiKey:
    """Revoke a key; again changes nothing. Raises `ApiKeyNotFound`."""
    records.hold(connection, f"vendors/{vendor_id}")
    for key in records.list_keys(connection, vendor_id):
        if key.key_id == key_id:
            revoked = api_keys.revoke_key(key, now)
            records.put_key(connection, revoked)
            return revoked
    raise ApiKeyNotFound(f"vendors/{vendor_id}/apiKeys/{key_id}")


def list_keys(connection: Connection, vendor_id: str, after: str, limit: int) -> list[ApiKey]:
    """Return up to `limit` keys of a vendor after an id. Raises `VendorNotFound`."""
    get_vendor(connection, vendor_id)
    return records.list_keys(connection, vendor_id, after, limit)
