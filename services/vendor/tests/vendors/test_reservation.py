from dataclasses import replace

import pytest
from lucid_vendor.vendors.refusals import (
    ReservationNotFound,
    SeedNotCertified,
    SeedStateForbids,
)
from lucid_vendor.vendors.reservation import ReservationState, release, reserve
from lucid_vendor.vendors.seed import SeedState, draft_seed
from lucid_vendor.vendors.verdict import VerdictRecord, VerdictStatus


@pytest.fixture
def published(content_of, domains, now):
    seed = draft_seed(content_of(), vendor_id="acme", seed_id="harbour", domains=domains, now=now)
    digest = seed.content.certified_digest
    verdict = VerdictRecord(VerdictStatus.PROVED, True, digest, "0" * 64, now)
    return replace(seed, state=SeedState.PUBLISHED, verdict=verdict)


def test_reserving_again_for_the_session_has_one_effect(published, now):
    first = reserve(None, published, "sessions/s1", now)
    assert reserve(first, published, "sessions/s1", now) == first


def test_a_reservation_survives_that_the_seed_is_paused_later(published, now):
    first = reserve(None, published, "sessions/s1", now)
    paused = replace(published, state=SeedState.PAUSED)
    assert reserve(first, paused, "sessions/s1", now) == first


@pytest.mark.parametrize("state", sorted(set(SeedState) - {SeedState.PUBLISHED}))
def test_only_a_published_version_is_reserved(published, now, state):
    with pytest.raises(SeedStateForbids, match=state):
        reserve(None, replace(published, state=state), "sessions/s1", now)


def test_an_expired_seed_is_not_reserved_even_before_anybody_noticed(published, content_of, now):
    content = content_of(expires_at=now)
    digest = content.certified_digest
    seed = replace(
        published, content=content, verdict=replace(published.verdict, certified_digest=digest)
    )
    with pytest.raises(SeedStateForbids, match="EXPIRED"):
        reserve(None, seed, "sessions/s1", now)


def test_a_published_seed_whose_proof_is_about_other_contents_is_not_reserved(published, now):
    forged = replace(published, verdict=replace(published.verdict, certified_digest="f" * 64))
    with pytest.raises(SeedNotCertified):
        reserve(None, forged, "sessions/s1", now)


def test_releasing_is_idempotent_and_final(published, now):
    held = reserve(None, published, "sessions/s1", now)
    gone = release(held, seed_name=published.name, session="sessions/s1", now=now)
    again = release(gone, seed_name=published.name, session="sessions/s1", now=now)
    assert gone == again
    assert gone.state is ReservationState.RELEASED
    with pytest.raises(SeedStateForbids, match="RELEASED"):
        reserve(gone, published, "sessions/s1", now)


def test_a_release_that_comes_first_shuts_the_door_for_the_late_reserve(published, now):
    mark = release(None, seed_name=published.name, session="sessions/s1", now=now)
    assert mark.state is ReservationState.RELEASED
    assert mark.version == 0
    with pytest.raises(SeedStateForbids):
        reserve(mark, published, "sessions/s1", now)


def test_a_session_holds_one_seed(published, now):
    held = reserve(None, published, "sessions/s1", now)
    with pytest.raises(SeedStateForbids, match="holding vendors/acme/seeds/harbour"):
        reserve(held, replace(published, seed_id="other"), "sessions/s1", now)
    with pytest.raises(ReservationNotFound, match="no reservation of vendors/acme/seeds/other"):
        release(held, seed_name="vendors/acme/seeds/other", session="sessions/s1", now=now)
