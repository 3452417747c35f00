"""What can be done with seeds, each within one transaction that holds the seed.

Every change of state is written together with its event, so a watcher sees all of them or none.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from lucid_vendor import records
from lucid_vendor.vendor_desk import get_vendor
from lucid_vendor.vendors import seed as rules
from lucid_vendor.vendors.content import Content
from lucid_vendor.vendors.refusals import (
    EtagMismatch,
    SeedExists,
    SeedNotFound,
    SeedStateForbids,
)
from lucid_vendor.vendors.seed import Seed, SeedState
from lucid_vendor.vendors.vendor import require_good_standing, require_seed_quota
from lucid_vendor.vendors.verdict import VerdictRecord


def create_seed(
    connection: Connection, vendor_id: str, seed_id: str, content: Content, now: datetime
) -> Seed:
    """Write version 1 of a seed under an id that is free.

    Raises:
        VendorNotFound, VendorNotActive, SeedExists, SeedQuotaExceeded, SeedInvalid.
    """
    # The quota is the vendor's, so the vendor is held, not only the seed.
    records.hold(connection, f"vendors/{vendor_id}")
    vendor = get_vendor(connection, vendor_id)
    require_good_standing(vendor, now)
    if records.find_seed(connection, vendor_id, seed_id) is not None:
        raise SeedExists(f"{vendor.name}/seeds/{seed_id}")
    require_seed_quota(vendor, records.count_seeds(connection, vendor_id))
    seed = rules.draft_seed(
        content, vendor_id=vendor_id, seed_id=seed_id, domains=vendor.domains, now=now
    )
    return _save(connection, seed, "Drafted.", now)


def get_seed(connection: Connection, vendor_id: str, seed_id: str, version: int = 0) -> Seed:
    """Return a version of a seed, 0 meaning the newest. Raises `SeedNotFound`."""
    seed = records.find_seed(connection, vendor_id, seed_id, version)
    if seed is None:
        raise SeedNotFound(f"vendors/{vendor_id}/seeds/{seed_id}", version)
    return seed


def update_seed(
    connection: Connection,
    key: tuple[str, str],
    etag: str,
    change: Callable[[Seed], Content],
    now: datetime,
) -> Seed:
    """Change the newest version, or write the next one; an empty etag guards nothing.

    Raises:
        SeedNotFound, EtagMismatch, VendorNotActive, SeedInvalid, SeedStateForbids.
    """
    seed = _held(connection, key)
    if etag and etag != seed.etag:
        raise EtagMismatch(seed.name, seed.etag)
    vendor = get_vendor(connection, key[0])
    require_good_standing(vendor, now)
    edited = rules.edit_seed(seed, change(seed), domains=vendor.domains, now=now)
    if edited is seed:
        return seed
    message = "A new version is drafted." if edited.version > seed.version else "Edited."
    return _save(connection, edited, message, now)


def submit_seed(connection: Connection, key: tuple[str, str], now: datetime) -> Seed:
    """Hand in the newest version; it is VALIDATING when this returns.

    Raises:
        SeedNotFound, VendorNotActive, SeedInvalid, SeedStateForbids.
    """
    seed = _held(connection, key)
    vendor = get_vendor(connection, key[0])
    require_good_standing(vendor, now)
    submitted = rules.submit_seed(seed, domains=vendor.domains, now=now)
    _save(connection, submitted, "Handed in.", now)
    validating = rules.begin_validation(submitted, now)
    return _save(connection, validating, "Validation is asked.", now)


def conclude(
    connection: Connection, asked: Seed, verdict: VerdictRecord, now: datetime
) -> Seed | None:
    """Write down the verdict about the version that was asked; None if it no longer waits."""
    seed = _held(connection, (asked.vendor_id, asked.seed_id), asked.version)
    if seed.state is not SeedState.VALIDATING:
        return None  # another process was faster, or it was revoked meanwhile
    concluded = rules.conclude_validation(seed, verdict, now)
    return _save(connection, concluded, concluded.reason, now)


def note(connection: Connection, asked: Seed, message: str, now: datetime) -> None:
    """Tell those who watch a version something that changes no state."""
    seed = _held(connection, (asked.vendor_id, asked.seed_id), asked.version)
    if seed.state is asked.state:
        records.add_event(connection, seed, message, now)


def review_seed(
    connection: Connection, key: tuple[str, str], *, approved: bool, reason: str, now: datetime
) -> Seed:
    """Decide the newest version, which waits for a person.

    Raises:
        SeedNotFound, SeedStateForbids, SeedNotCertified.
    """
    seed = _held(connection, key)
    decided = rules.decide_review(seed, approved=approved, comment=reason, now=now)
    word = "Approved" if approved else "Refused"
    return _save(connection, decided, f"{word} by a reviewer: {reason}", now)


def publish_seed(connection: Connection, key: tuple[str, str], version: int, now: datetime) -> Seed:
    """Publish a version (0 = the newest); a version published before is paused.

    Raises:
        SeedNotFound, VendorNotActive, SeedNotCertified, SeedStateForbids.
    """
    seed = _held(connection, key, version)
    require_good_standing(get_vendor(connection, key[0]), now)
    published = rules.publish_seed(seed, now)
    for other in records.versions_of(connection, *key):
        if other.state is SeedState.PUBLISHED and other.version != seed.version:
            message = f"Superseded by version {seed.version}."
            _save(connection, rules.pause_seed(other, message, now), message, now)
    return _save(connection, published, "Published.", now)


def pause_seed(connection: Connection, key: tuple[str, str], now: datetime) -> Seed:
    """Pause the published version. Raises `SeedNotFound`, `SeedStateForbids`."""
    seed = _published(connection, key) or _held(connection, key)
    return _save(connection, rules.pause_seed(seed, "Paused.", now), "Paused.", now)


def revoke_seed(connection: Connection, key: tuple[str, str], reason: str, now: datetime) -> Seed:
    """Withdraw every version of a seed for good; return the newest.

    Raises:
        SeedNotFound: there is none.
        SeedStateForbids: it was revoked before.
    """
    newest = _held(connection, key)
    if newest.state is SeedState.REVOKED:
        rules.revoke_seed(newest, reason, now)  # refuses, and says why
    for seed in records.versions_of(connection, *key):
        if seed.state is not SeedState.REVOKED:
            newest = rules.revoke_seed(seed, reason, now)
            _save(connection, newest, f"Revoked: {reason}", now)
    return newest


def expire_seeds(connection: Connection, now: datetime) -> int:
    """Mark versions whose time is over as EXPIRED; return how many there were."""
    found = records.seeds_past_expiry(connection, now)
    for each in found:
        seed = _held(connection, (each.vendor_id, each.seed_id), each.version)
        expired = rules.expire_seed(seed, now)
        if expired is not seed:
            _save(connection, expired, "Its expiry has passed.", now)
    return len(found)


def seed_to_reserve(connection: Connection, key: tuple[str, str], now: datetime) -> Seed:
    """Return the published version of a seed of a vendor in good standing, held.

    Raises:
        SeedNotFound, VendorNotActive.
        SeedStateForbids: no version is published.
    """
    newest = _held(connection, key)
    require_good_standing(get_vendor(connection, key[0]), now)
    published = _published(connection, key)
    if published is None:
        raise SeedStateForbids(newest.name, newest.state, "RESERVED", SeedState.PUBLISHED)
    return published


def _held(connection: Connection, key: tuple[str, str], version: int = 0) -> Seed:
    records.hold(connection, "vendors/{}/seeds/{}".format(*key))
    return get_seed(connection, *key, version)


def _published(connection: Connection, key: tuple[str, str]) -> Seed | None:
    _held(connection, key)
    versions = records.versions_of(connection, *key)
    return next((each for each in versions if each.state is SeedState.PUBLISHED), None)


def _save(connection: Connection, seed: Seed, message: str, now: datetime) -> Seed:
    records.put_seed(connection, seed)
    records.add_event(connection, seed, message, now)
    return seed
