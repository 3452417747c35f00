"""Adults only, and only with consent that is live, specific and revocable."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_dream.saga.consent import (
    Consent,
    ConsentInvalid,
    Level,
    Scope,
    age_reason,
    age_years,
    check_consent,
    check_grant,
    need_for,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
GLOBAL = Consent("g", Level.ENHANCED, Scope.GLOBAL, NOW - timedelta(days=1), epoch=1)
levels = st.sampled_from(Level)
moments = st.integers(-300, 300).map(lambda days: NOW + timedelta(days=days))
consents = st.builds(
    Consent,
    id=st.sampled_from("abcdef"),
    level=levels,
    scope=st.sampled_from(Scope),
    granted_at=moments,
    subject=st.sampled_from(["", "vendors/v1", "vendors/v2"]),
    epoch=st.integers(1, 9),
    expires_at=st.none() | moments,
    revoked_at=st.none() | moments,
)


@given(held=st.lists(consents), vendor=st.sampled_from([None, "vendors/v1"]))
def test_nothing_is_allowed_without_a_live_global_consent(
    held: list[Consent], vendor: str | None
) -> None:
    decision = check_consent(held, need_for(vendor), NOW)
    live = [c for c in held if c.is_live(NOW) and c.scope is Scope.GLOBAL and c.level > Level.NONE]
    if decision.allowed:
        assert live
        assert set(decision.consent_ids) <= {c.id for c in held if c.is_live(NOW)}
    else:
        assert decision.reason


@given(held=st.lists(consents), vendor=st.sampled_from([None, "vendors/v1"]))
def test_revoking_everything_never_allows(held: list[Consent], vendor: str | None) -> None:
    revoked = [replace(c, revoked_at=NOW) for c in held]
    assert not check_consent(revoked, need_for(vendor), NOW).allowed


def test_vendor_content_needs_the_level_enhanced() -> None:
    basic = replace(GLOBAL, level=Level.BASIC)
    assert check_consent([GLOBAL], need_for("vendors/v1"), NOW).allowed
    assert check_consent([basic], need_for(None), NOW).allowed
    decision = check_consent([basic], need_for("vendors/v1"), NOW)
    assert decision.reason == "VENDOR_NOT_CONSENTED"


def test_a_consent_about_one_vendor_beats_the_general_one_both_ways() -> None:
    forbids = Consent("v", Level.NONE, Scope.VENDOR, NOW, subject="vendors/v1", epoch=2)
    assert not check_consent([GLOBAL, forbids], need_for("vendors/v1"), NOW).allowed
    assert check_consent([GLOBAL, forbids], need_for("vendors/v2"), NOW).allowed
    allows = replace(forbids, level=Level.ENHANCED, epoch=3)
    basic = replace(GLOBAL, level=Level.BASIC)
    assert check_consent([basic, allows], need_for("vendors/v1"), NOW).allowed


def test_consent_ends_at_its_expiry_and_begins_at_its_grant() -> None:
    until = replace(GLOBAL, expires_at=NOW)
    assert not until.is_live(NOW)
    assert until.is_live(NOW - timedelta(seconds=1))
    assert not GLOBAL.is_live(NOW - timedelta(days=2))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"subject": "vendors/v1"}, "SUBJECT_NOT_ALLOWED"),
        ({"scope": Scope.CONTENT_TYPE}, "SUBJECT_REQUIRED"),
        ({"scope": Scope.VENDOR, "subject": "acme"}, "SUBJECT_NOT_A_VENDOR"),
        ({"data_sources": ("dreams",)}, "DATA_SOURCE_UNKNOWN"),
        ({"expires_at": NOW}, "EXPIRY_IN_THE_PAST"),
    ],
)
def test_a_grant_that_breaks_a_rule_is_refused_by_name(
    change: dict[str, object], rule: str
) -> None:
    with pytest.raises(ConsentInvalid) as caught:
        check_grant(replace(GLOBAL, **change), NOW)  # type: ignore[arg-type]
    assert caught.value.rule == rule


def test_somebody_born_on_29_february_comes_of_age_on_1_march() -> None:
    born = date(2008, 2, 29)
    assert age_years(born, date(2026, 2, 28)) == 17
    assert age_years(born, date(2026, 3, 1)) == 18


@given(born=st.dates(date(1880, 1, 1), date(2030, 1, 1)), attested=st.booleans())
def test_only_attested_adults_pass(born: date, attested: bool) -> None:
    today = NOW.date()
    allowed = age_reason(born, attested, today) is None
    assert allowed == (attested and 18 <= age_years(born, today) <= 130)


def test_a_missing_date_of_birth_is_a_no() -> None:
    assert age_reason(None, True, NOW.date()) == "DATE_OF_BIRTH_MISSING"
