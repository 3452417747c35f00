from dataclasses import replace
from datetime import timedelta

import pytest
from lucid_vendor.vendors.refusals import (
    FieldInvalid,
    SeedQuotaExceeded,
    VendorNotActive,
)
from lucid_vendor.vendors.tiers import ALLOWANCES, Tier
from lucid_vendor.vendors.vendor import (
    NEXT_STATES,
    Application,
    VendorState,
    amend_vendor,
    move_vendor,
    register_vendor,
    require_good_standing,
    require_seed_quota,
)


@pytest.fixture
def application():
    return Application("Harbour Tea", "ops@example.com", ("example.com",), ("tea",), Tier.TRIAL)


def test_a_trial_runs_thirty_days_and_then_stops(application, now):
    vendor = register_vendor(application, vendor_id="acme", now=now)
    assert vendor.state is VendorState.TRIAL
    require_good_standing(vendor, now + timedelta(days=29))
    with pytest.raises(VendorNotActive, match="past its trial"):
        require_good_standing(vendor, now + timedelta(days=30))


def test_a_paid_tier_is_active_at_once(application, now):
    vendor = register_vendor(replace(application, tier=Tier.BASIC), vendor_id="acme", now=now)
    assert vendor.state is VendorState.ACTIVE
    assert vendor.trial_ends_at is None
    require_good_standing(vendor, now + timedelta(days=4000))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"legal_name": "  "}, "vendor.legal_name"),
        ({"domains": ("example.com", "not a domain")}, "vendor.domains[1]"),
        ({"domains": ("EXAMPLE.com",)}, "vendor.domains[0]"),
    ],
)
def test_an_application_with_a_hole_names_the_field(application, now, change, field):
    with pytest.raises(FieldInvalid) as refused:
        register_vendor(replace(application, **change), vendor_id="acme", now=now)
    assert refused.value.field == field


@pytest.mark.parametrize("state", list(VendorState))
@pytest.mark.parametrize("to", list(VendorState))
def test_a_vendor_moves_only_along_the_drawn_arrows(application, now, state, to):
    vendor = replace(register_vendor(application, vendor_id="acme", now=now), state=state)
    if to in NEXT_STATES[state]:
        moved = move_vendor(vendor, to, now)
        assert (moved.state, moved.version) == (to, vendor.version + 1)
    else:
        with pytest.raises(VendorNotActive):
            move_vendor(vendor, to, now)


@pytest.mark.parametrize("state", [VendorState.SUSPENDED, VendorState.OFFBOARDED])
def test_a_suspended_or_offboarded_vendor_may_do_nothing(application, now, state):
    vendor = replace(register_vendor(application, vendor_id="acme", now=now), state=state)
    with pytest.raises(VendorNotActive):
        require_good_standing(vendor, now)


@pytest.mark.parametrize("tier", list(Tier))
def test_the_quota_of_every_tier_is_its_last_seed(application, now, tier):
    vendor = register_vendor(replace(application, tier=tier), vendor_id="acme", now=now)
    limit = ALLOWANCES[tier].seeds_max
    require_seed_quota(vendor, limit - 1)
    with pytest.raises(SeedQuotaExceeded):
        require_seed_quota(vendor, limit)


def test_a_dropped_domain_loses_its_verification(application, now):
    vendor = register_vendor(application, vendor_id="acme", now=now)
    vendor = replace(vendor, verified_domains=("example.com",))
    amended = amend_vendor(vendor, replace(application, domains=("example.org",)), now)
    assert amended.verified_domains == ()
    assert amended.version == 2
