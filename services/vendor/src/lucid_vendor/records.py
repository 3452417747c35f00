"""Vendors, keys and seeds as rows: reading, writing and locking, inside a given transaction."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from lucid_vendor.tables import API_KEYS, SEED_EVENTS, SEEDS, VENDORS
from lucid_vendor.vendors.api_keys import ApiKey
from lucid_vendor.vendors.documents import (
    content_from_document,
    content_to_document,
    findings_from_document,
    findings_to_document,
    verdict_from_document,
    verdict_to_document,
)
from lucid_vendor.vendors.seed import Seed, SeedEvent, SeedState
from lucid_vendor.vendors.tiers import Tier
from lucid_vendor.vendors.vendor import Vendor, VendorState


def hold(connection: Connection, subject: str) -> None:
    """Let one transaction at a time work on a subject. On SQLite every writer is alone anyway."""
    if connection.dialect.name == "postgresql":
        key = hashlib.sha256(f"lucid.vendor.{subject}".encode()).digest()[:8]
        connection.execute(
            sa.select(sa.func.pg_advisory_xact_lock(int.from_bytes(key, "big", signed=True)))
        )


def to_stored(time: datetime) -> datetime:
    """Return a time as it is stored: UTC without a zone."""
    return time.astimezone(UTC).replace(tzinfo=None)


def from_stored(time: datetime) -> datetime:
    """Return a stored time, aware."""
    return time.replace(tzinfo=UTC)


def put_vendor(connection: Connection, vendor: Vendor) -> None:
    """Insert a vendor, or replace what is stored of it."""
    values = {
        "legal_name": vendor.legal_name,
        "contact_email": vendor.contact_email,
        "domains": json.dumps(vendor.domains),
        "verified_domains": json.dumps(vendor.verified_domains),
        "categories": json.dumps(vendor.categories),
        "tier": vendor.tier,
        "state": vendor.state,
        "created_at": to_stored(vendor.created_at),
        "updated_at": to_stored(vendor.updated_at),
        "trial_ends_at": vendor.trial_ends_at and to_stored(vendor.trial_ends_at),
        "version": vendor.version,
    }
    _put(connection, VENDORS, {"vendor_id": vendor.vendor_id}, values)


def find_vendor(connection: Connection, vendor_id: str) -> Vendor | None:
    """Return a vendor, or None."""
    found = connection.execute(sa.select(VENDORS).where(VENDORS.c.vendor_id == vendor_id))
    row = found.mappings().one_or_none()
    return None if row is None else _vendor(row)


def list_vendors(connection: Connection, after: str, limit: int) -> list[Vendor]:
    """Return up to `limit` vendors whose ids follow `after`, by id."""
    query = sa.select(VENDORS).where(VENDORS.c.vendor_id > after).order_by(VENDORS.c.vendor_id)
    return [_vendor(row) for row in connection.execute(query.limit(limit)).mappings()]


def put_key(connection: Connection, key: ApiKey) -> None:
    """Insert a key, or replace what is stored of it."""
    values = {
        "vendor_id": key.vendor_id,
        "digest": key.digest,
        "display_name": key.display_name,
        "created_at": to_stored(key.created_at),
        "revoked_at": key.revoked_at and to_stored(key.revoked_at),
    }
    _put(connection, API_KEYS, {"key_id": key.key_id}, values)


def list_keys(
    connection: Connection, vendor_id: str, after: str = "", limit: int = 1_000_000
) -> list[ApiKey]:
    """Return up to `limit` keys of a vendor whose ids follow `after`, revoked ones included."""
    query = (
        sa.select(API_KEYS)
        .where(API_KEYS.c.vendor_id == vendor_id, API_KEYS.c.key_id > after)
        .order_by(API_KEYS.c.key_id)
        .limit(limit)
    )
    return [_key(row) for row in connection.execute(query).mappings()]


def put_seed(connection: Connection, seed: Seed) -> None:
    """Insert a version, or replace what is stored of it; a higher version is the newest."""
    where = {"vendor_id": seed.vendor_id, "seed_id": seed.seed_id}
    higher = sa.select(sa.func.max(SEEDS.c.version)).where(*_equal(SEEDS, where))
    newest = connection.scalar(higher) or 0
    if seed.version > newest:
        connection.execute(sa.update(SEEDS).where(*_equal(SEEDS, where)).values(is_newest=False))
    values = {
        "is_newest": seed.version >= newest,
        "state": seed.state,
        "content": json.dumps(content_to_document(seed.content)),
        "findings": json.dumps(findings_to_document(seed.findings)),
        "verdict": json.dumps(verdict_to_document(seed.verdict)),
        "reason": seed.reason,
        "created_at": to_stored(seed.created_at),
        "updated_at": to_stored(seed.updated_at),
        "published_at": seed.published_at and to_stored(seed.published_at),
        "expires_at": seed.content.expires_at and to_stored(seed.content.expires_at),
        "revision": seed.revision,
    }
    _put(connection, SEEDS, {**where, "version": seed.version}, values)


def find_seed(
    connection: Connection, vendor_id: str, seed_id: str, version: int = 0
) -> Seed | None:
    """Return a version of a seed, 0 meaning the newest; None when there is none."""
    query = sa.select(SEEDS).where(SEEDS.c.vendor_id == vendor_id, SEEDS.c.seed_id == seed_id)
    which = SEEDS.c.version == version if version else SEEDS.c.is_newest.is_(sa.true())
    row = connection.execute(query.where(which)).mappings().one_or_none()
    return None if row is None else _seed(row)


def versions_of(connection: Connection, vendor_id: str, seed_id: str) -> list[Seed]:
    """Return every version of a seed, oldest first."""
    query = sa.select(SEEDS).where(SEEDS.c.vendor_id == vendor_id, SEEDS.c.seed_id == seed_id)
    rows = connection.execute(query.order_by(SEEDS.c.version)).mappings()
    return [_seed(row) for row in rows]


def list_seeds(
    connection: Connection,
    *,
    vendor_id: str | None,
    state: SeedState | None,
    after: tuple[str, str],
    limit: int,
) -> list[Seed]:
    """Return up to `limit` seeds after a (vendor id, seed id), by vendor and seed id.

    Without a state the newest versions; with one, the highest version that is in it.
    """
    highest = sa.func.max(SEEDS.c.version).label("version")
    keys = sa.select(SEEDS.c.vendor_id, SEEDS.c.seed_id, highest)
    keys = keys.where(sa.tuple_(SEEDS.c.vendor_id, SEEDS.c.seed_id) > sa.tuple_(*after))
    if vendor_id is not None:
        keys = keys.where(SEEDS.c.vendor_id == vendor_id)
    if state is not None:
        keys = keys.where(SEEDS.c.state == state)
    keys = keys.group_by(SEEDS.c.vendor_id, SEEDS.c.seed_id)
    wanted = keys.order_by(SEEDS.c.vendor_id, SEEDS.c.seed_id).limit(limit).subquery()
    columns = ("vendor_id", "seed_id", "version")
    on = sa.and_(*(SEEDS.c[name] == wanted.c[name] for name in columns))
    query = sa.select(SEEDS).join(wanted, on).order_by(SEEDS.c.vendor_id, SEEDS.c.seed_id)
    return [_seed(row) for row in connection.execute(query).mappings()]


def seeds_in(connection: Connection, state: SeedState, limit: int = 100) -> list[Seed]:
    """Return versions in a state, those that wait longest first."""
    query = sa.select(SEEDS).where(SEEDS.c.state == state).order_by(SEEDS.c.updated_at)
    return [_seed(row) for row in connection.execute(query.limit(limit)).mappings()]


def seeds_past_expiry(connection: Connection, now: datetime, limit: int = 100) -> list[Seed]:
    """Return versions whose expiry has passed although their state does not say so yet."""
    states = [SeedState.CERTIFIED, SeedState.PUBLISHED, SeedState.PAUSED]
    query = sa.select(SEEDS).where(SEEDS.c.state.in_(states), SEEDS.c.expires_at <= to_stored(now))
    return [_seed(row) for row in connection.execute(query.limit(limit)).mappings()]


def count_seeds(connection: Connection, vendor_id: str) -> int:
    """Return how many seeds of a vendor count against its quota: those not revoked."""
    query = sa.select(sa.func.count()).where(
        SEEDS.c.vendor_id == vendor_id,
        SEEDS.c.is_newest.is_(sa.true()),
        SEEDS.c.state != SeedState.REVOKED,
    )
    return int(connection.scalar(query) or 0)


def add_event(connection: Connection, seed: Seed, message: str, now: datetime) -> None:
    """Append an event to a seed, numbered one above the last; the seed must be held."""
    where = {"vendor_id": seed.vendor_id, "seed_id": seed.seed_id}
    last = sa.select(sa.func.max(SEED_EVENTS.c.sequence)).where(*_equal(SEED_EVENTS, where))
    connection.execute(
        sa.insert(SEED_EVENTS).values(
            **where,
            sequence=(connection.scalar(last) or 0) + 1,
            version=seed.version,
            state=seed.state,
            reason=message,
            occurred_at=to_stored(now),
        )
    )


def events_after(
    connection: Connection, vendor_id: str, seed_id: str, sequence: int, limit: int = 100
) -> list[SeedEvent]:
    """Return up to `limit` events of a seed that follow a sequence number, in order."""
    where = {"vendor_id": vendor_id, "seed_id": seed_id}
    query = (
        sa.select(SEED_EVENTS)
        .where(*_equal(SEED_EVENTS, where), SEED_EVENTS.c.sequence > sequence)
        .order_by(SEED_EVENTS.c.sequence)
        .limit(limit)
    )
    return [
        SeedEvent(
            sequence=row["sequence"],
            version=row["version"],
            state=SeedState(row["state"]),
            message=row["reason"],
            occurred_at=from_stored(row["occurred_at"]),
        )
        for row in connection.execute(query).mappings()
    ]


def _put(
    connection: Connection, table: sa.Table, key: dict[str, Any], values: dict[str, Any]
) -> None:
    """Update the row with this key, or insert it; the subject must be held."""
    changed = connection.execute(sa.update(table).where(*_equal(table, key)).values(**values))
    if changed.rowcount == 0:
        connection.execute(sa.insert(table).values(**key, **values))


def _equal(table: sa.Table, values: dict[str, Any]) -> Sequence[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in values.items()]


def _vendor(row: sa.RowMapping) -> Vendor:
    ends = row["trial_ends_at"]
    return Vendor(
        vendor_id=row["vendor_id"],
        legal_name=row["legal_name"],
        contact_email=row["contact_email"],
        domains=tuple(json.loads(row["domains"])),
        categories=tuple(json.loads(row["categories"])),
        tier=Tier(row["tier"]),
        state=VendorState(row["state"]),
        created_at=from_stored(row["created_at"]),
        updated_at=from_stored(row["updated_at"]),
        trial_ends_at=None if ends is None else from_stored(ends),
        verified_domains=tuple(json.loads(row["verified_domains"])),
        version=row["version"],
    )


def _key(row: sa.RowMapping) -> ApiKey:
    revoked = row["revoked_at"]
    return ApiKey(
        vendor_id=row["vendor_id"],
        key_id=row["key_id"],
        digest=bytes(row["digest"]),
        display_name=row["display_name"],
        created_at=from_stored(row["created_at"]),
        revoked_at=None if revoked is None else from_stored(revoked),
    )


def _seed(row: sa.RowMapping) -> Seed:
    published = row["published_at"]
    return Seed(
        vendor_id=row["vendor_id"],
        seed_id=row["seed_id"],
        version=row["version"],
        state=SeedState(row["state"]),
        content=content_from_document(json.loads(row["content"])),
        created_at=from_stored(row["created_at"]),
        updated_at=from_stored(row["updated_at"]),
        revision=row["revision"],
        findings=findings_from_document(json.loads(row["findings"])),
        verdict=verdict_from_document(json.loads(row["verdict"])),
        reason=row["reason"],
        published_at=None if published is None else from_stored(published),
    )
