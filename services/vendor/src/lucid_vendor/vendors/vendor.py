"""A vendor and its life: who may author seeds, and from when on not any more."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from lucid_vendor.vendors.refusals import (
    FieldInvalid,
    SeedQuotaExceeded,
    VendorNotActive,
)
from lucid_vendor.vendors.tiers import ALLOWANCES, Tier

_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


class VendorState(StrEnum):
    """Where a vendor is in its life."""

    APPLIED = "APPLIED"
    DOMAIN_VERIFYING = "DOMAIN_VERIFYING"
    TRIAL = "TRIAL"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    OFFBOARDED = "OFFBOARDED"


NEXT_STATES: dict[VendorState, frozenset[VendorState]] = {
    VendorState.APPLIED: frozenset(
        {
            VendorState.DOMAIN_VERIFYING,
            VendorState.TRIAL,
            VendorState.ACTIVE,
            VendorState.OFFBOARDED,
        }
    ),
    VendorState.DOMAIN_VERIFYING: frozenset(
        {VendorState.TRIAL, VendorState.ACTIVE, VendorState.OFFBOARDED}
    ),
    VendorState.TRIAL: frozenset(
        {VendorState.ACTIVE, VendorState.SUSPENDED, VendorState.OFFBOARDED}
    ),
    VendorState.ACTIVE: frozenset({VendorState.SUSPENDED, VendorState.OFFBOARDED}),
    VendorState.SUSPENDED: frozenset({VendorState.ACTIVE, VendorState.OFFBOARDED}),
    VendorState.OFFBOARDED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor as stored. `version` counts changes and is the etag.

    `verified_domains` is the part of `domains` whose ownership was shown; offer links are issued
    for those only.
    """

    vendor_id: str
    legal_name: str
    contact_email: str
    domains: tuple[str, ...]
    categories: tuple[str, ...]
    tier: Tier
    state: VendorState
    created_at: datetime
    updated_at: datetime
    trial_ends_at: datetime | None = None
    verified_domains: tuple[str, ...] = ()
    version: int = 1

    @property
    def etag(self) -> str:
        """Changes with every change."""
        return str(self.version)

    @property
    def name(self) -> str:
        """The resource name."""
        return f"vendors/{self.vendor_id}"


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody who wants to be a vendor states."""

    legal_name: str
    contact_email: str
    domains: tuple[str, ...]
    categories: tuple[str, ...]
    tier: Tier


def register_vendor(application: Application, *, vendor_id: str, now: datetime) -> Vendor:
    """Take in a vendor: the trial tier runs 30 days in TRIAL, a paid tier is ACTIVE at once.

    Raises:
        FieldInvalid: naming the field that is missing or malformed.
    """
    _check_application(application)
    days = ALLOWANCES[application.tier].trial_days
    return Vendor(
        vendor_id=vendor_id,
        legal_name=application.legal_name.strip(),
        contact_email=application.contact_email,
        domains=application.domains,
        categories=application.categories,
        tier=application.tier,
        state=VendorState.ACTIVE if days is None else VendorState.TRIAL,
        created_at=now,
        updated_at=now,
        trial_ends_at=None if days is None else now + timedelta(days=days),
    )


def amend_vendor(vendor: Vendor, application: Application, now: datetime) -> Vendor:
    """Change what the vendor states about itself; tier and state are not among it.

    A domain that is dropped loses its verification.
    """
    _check_application(application)
    kept = tuple(domain for domain in vendor.verified_domains if domain in application.domains)
    return replace(
        vendor,
        legal_name=application.legal_name.strip(),
        contact_email=application.contact_email,
        domains=application.domains,
        categories=application.categories,
        verified_domains=kept,
        updated_at=now,
        version=vendor.version + 1,
    )


def move_vendor(vendor: Vendor, to: VendorState, now: datetime) -> Vendor:
    """Return the vendor in its next state.

    Raises:
        VendorNotActive: when that step does not exist.
    """
    if to not in NEXT_STATES[vendor.state]:
        raise VendorNotActive(vendor.name, vendor.state)
    return replace(vendor, state=to, updated_at=now, version=vendor.version + 1)


def require_good_standing(vendor: Vendor, now: datetime) -> None:
    """Refuse authoring, publishing and new sessions for a vendor that may not.

    Raises:
        VendorNotActive: suspended, off-boarded, not yet verified, or trial over.
    """
    if vendor.state not in {VendorState.TRIAL, VendorState.ACTIVE}:
        raise VendorNotActive(vendor.name, vendor.state)
    over = vendor.trial_ends_at is not None and now >= vendor.trial_ends_at
    if vendor.state is VendorState.TRIAL and over:
        raise VendorNotActive(vendor.name, "past its trial")


def require_seed_quota(vendor: Vendor, seeds: int) -> None:
    """Refuse one more seed than the tier allows; `seeds` counts those not revoked.

    Raises:
        SeedQuotaExceeded: at the limit of the tier.
    """
    limit = ALLOWANCES[vendor.tier].seeds_max
    if seeds >= limit:
        raise SeedQuotaExceeded(vendor.name, vendor.tier, limit)


def _check_application(application: Application) -> None:
    if not application.legal_name.strip():
        raise FieldInvalid("vendor.legal_name", "must not be blank.")
    for index, domain in enumerate(application.domains):
        if not _DOMAIN.fullmatch(domain):
            raise FieldInvalid(
                f"vendor.domains[{index}]",
                f"must be a lower-case domain name such as example.com, not {domain[:80]!r}.",
            )
