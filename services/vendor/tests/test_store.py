"""The same promises on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from lucid_store.engine import open_engine
from lucid_store.migrate import fingerprint, upgrade
from lucid_vendor import book_desk, books, records, seed_desk, vendor_desk
from lucid_vendor.store import Store
from lucid_vendor.tables import METADATA
from lucid_vendor.vendors.api_keys import ApiKey
from lucid_vendor.vendors.ethics import Finding, Severity
from lucid_vendor.vendors.ledger import Entry, balances
from lucid_vendor.vendors.refusals import (
    EtagMismatch,
    EventReused,
    SeedNotCertified,
    SeedQuotaExceeded,
    SeedStateForbids,
    TooManyLiveKeys,
)
from lucid_vendor.vendors.seed import SeedState
from lucid_vendor.vendors.tiers import Tier
from lucid_vendor.vendors.vendor import Application
from lucid_vendor.vendors.verdict import Counterexample, VerdictRecord, VerdictStatus

KEY = ("acme", "harbour")
SESSION = "sessions/s1"


@pytest.fixture
def store(database_url):
    opened = Store.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def application(domains):
    return Application("Harbour Tea", "ops@example.com", domains, ("tea",), Tier.TRIAL)


@pytest.fixture
def verdict_of(now):
    def build(seed, status=VerdictStatus.PROVED, implies_safety=True):
        digest = seed.content.certified_digest
        return VerdictRecord(status, implies_safety, digest, "0" * 64, now, reason="because")

    return build


@pytest.fixture
async def drafted(store, application, content_of, now):
    await store.write(lambda c: vendor_desk.create_vendor(c, "acme", application, now))
    return await store.write(lambda c: seed_desk.create_seed(c, *KEY, content_of(), now))


@pytest.fixture
async def published(store, drafted, verdict_of, now):
    asked = await store.write(lambda c: seed_desk.submit_seed(c, KEY, now))
    await store.write(lambda c: seed_desk.conclude(c, asked, verdict_of(asked), now))
    return await store.write(lambda c: seed_desk.publish_seed(c, KEY, 0, now))


def test_the_migrations_make_what_the_tables_say(database_url, tmp_path):
    engine = open_engine(database_url)
    upgrade(engine, "lucid_vendor")
    assert not upgrade(engine, "lucid_vendor")
    made = fingerprint(engine)
    METADATA.drop_all(engine)
    METADATA.create_all(engine)
    assert fingerprint(engine) == made
    engine.dispose()


async def test_a_vendor_is_stored_whole(store, application, now):
    made = await store.write(lambda c: vendor_desk.create_vendor(c, "acme", application, now))
    assert await store.read(lambda c: records.find_vendor(c, "acme")) == made
    changed = await store.write(
        lambda c: vendor_desk.update_vendor(
            c, "acme", made.etag, lambda _: replace(application, legal_name="Tea"), now
        )
    )
    assert await store.read(lambda c: records.find_vendor(c, "acme")) == changed
    with pytest.raises(EtagMismatch):
        await store.write(
            lambda c: vendor_desk.update_vendor(c, "acme", made.etag, lambda _: application, now)
        )


async def test_vendors_are_listed_by_id_page_by_page(store, application, now):
    for name in ("c", "a", "b"):
        await store.write(lambda c, n=name: vendor_desk.create_vendor(c, n, application, now))
    first = await store.read(lambda c: records.list_vendors(c, "", 2))
    rest = await store.read(lambda c: records.list_vendors(c, first[-1].vendor_id, 2))
    assert [each.vendor_id for each in first + rest] == ["a", "b", "c"]


async def test_a_seed_is_stored_whole(store, drafted, verdict_of, now):
    point = Counterexample("flow", (("a", "4/5"),))
    full = replace(
        drafted,
        state=SeedState.REJECTED,
        findings=(Finding("PRESSURE_PHRASE", Severity.NEEDS_REVIEW, "seed.title", "hurry"),),
        verdict=replace(verdict_of(drafted), counterexample=point),
        reason="refuted",
        published_at=now,
    )
    await store.write(lambda c: records.put_seed(c, full))
    assert await store.read(lambda c: records.find_seed(c, *KEY)) == full


async def test_every_version_stays_and_the_highest_is_the_newest(
    store, published, content_of, verdict_of, now
):
    edited = await store.write(
        lambda c: seed_desk.update_seed(
            c, KEY, published.etag, lambda _: content_of(intensity_cap="0.75"), now
        )
    )
    assert (edited.version, edited.state) == (2, SeedState.DRAFT)
    assert (await store.read(lambda c: records.find_seed(c, *KEY))).version == 2
    assert await store.read(lambda c: records.find_seed(c, *KEY, 1)) == published

    async def listed(state):
        return await store.read(
            lambda c: records.list_seeds(c, vendor_id=None, state=state, after=("", ""), limit=10)
        )

    assert await listed(None) == [edited]
    assert await listed(SeedState.PUBLISHED) == [published]
    assert await listed(SeedState.REVOKED) == []


async def test_publishing_the_next_version_pauses_the_one_before(
    store, published, content_of, verdict_of, now
):
    await store.write(
        lambda c: seed_desk.update_seed(c, KEY, "", lambda _: content_of(title="Two"), now)
    )
    with pytest.raises(SeedNotCertified):
        await store.write(lambda c: seed_desk.publish_seed(c, KEY, 2, now))
    asked = await store.write(lambda c: seed_desk.submit_seed(c, KEY, now))
    await store.write(lambda c: seed_desk.conclude(c, asked, verdict_of(asked), now))
    await store.write(lambda c: seed_desk.publish_seed(c, KEY, 0, now))
    versions = await store.read(lambda c: records.versions_of(c, *KEY))
    assert [each.state for each in versions] == [SeedState.PAUSED, SeedState.PUBLISHED]


async def test_revoking_withdraws_every_version(store, published, content_of, now):
    await store.write(
        lambda c: seed_desk.update_seed(c, KEY, "", lambda _: content_of(title="Two"), now)
    )
    newest = await store.write(lambda c: seed_desk.revoke_seed(c, KEY, "complaints", now))
    assert newest.version == 2
    versions = await store.read(lambda c: records.versions_of(c, *KEY))
    assert {each.state for each in versions} == {SeedState.REVOKED}
    with pytest.raises(SeedStateForbids):
        await store.write(lambda c: seed_desk.revoke_seed(c, KEY, "again", now))


async def test_events_are_numbered_without_a_gap_and_resume_from_any_number(store, published):
    events = await store.read(lambda c: records.events_after(c, *KEY, 0))
    assert [each.sequence for each in events] == list(range(1, len(events) + 1))
    states = [each.state for each in events]
    assert states == ["DRAFT", "SUBMITTED", "VALIDATING", "CERTIFIED", "PUBLISHED"]
    assert await store.read(lambda c: records.events_after(c, *KEY, 3)) == events[3:]


async def test_the_second_verdict_about_a_version_changes_nothing(store, drafted, verdict_of, now):
    asked = await store.write(lambda c: seed_desk.submit_seed(c, KEY, now))
    first = await store.write(lambda c: seed_desk.conclude(c, asked, verdict_of(asked), now))
    late = verdict_of(asked, VerdictStatus.REFUTED, implies_safety=False)
    assert await store.write(lambda c: seed_desk.conclude(c, asked, late, now)) is None
    assert await store.read(lambda c: records.find_seed(c, *KEY)) == first


async def test_seeds_whose_time_is_over_expire(store, published, content_of, verdict_of, now):
    ends = now + timedelta(days=1)
    await store.write(
        lambda c: seed_desk.update_seed(c, KEY, "", lambda _: content_of(expires_at=ends), now)
    )
    asked = await store.write(lambda c: seed_desk.submit_seed(c, KEY, now))
    await store.write(lambda c: seed_desk.conclude(c, asked, verdict_of(asked), now))
    assert await store.write(lambda c: seed_desk.expire_seeds(c, now)) == 0
    assert await store.write(lambda c: seed_desk.expire_seeds(c, ends)) == 1
    versions = await store.read(lambda c: records.versions_of(c, *KEY))
    assert [each.state for each in versions] == [SeedState.PUBLISHED, SeedState.EXPIRED]


async def test_many_reserves_of_one_session_have_one_effect(store, published, now):
    def reserve(connection):
        return book_desk.reserve_seed(connection, KEY, SESSION, now)

    held = await asyncio.gather(*(store.write(reserve) for _ in range(12)))
    assert {each.reserve_effects for each, _ in held} == {1}
    released = await asyncio.gather(
        *(store.write(lambda c: book_desk.release_seed(c, KEY, SESSION, now)) for _ in range(6))
    )
    assert {each.state for each in released} == {"RELEASED"}
    with pytest.raises(SeedStateForbids):
        await store.write(reserve)
    assert await store.read(lambda c: books.effects_of(c, books.RESERVE, SESSION)) == 1


async def test_a_reservation_returns_the_version_that_was_reserved(
    store, published, content_of, verdict_of, now
):
    await store.write(lambda c: book_desk.reserve_seed(c, KEY, SESSION, now))
    await store.write(
        lambda c: seed_desk.update_seed(c, KEY, "", lambda _: content_of(title="Two"), now)
    )
    asked = await store.write(lambda c: seed_desk.submit_seed(c, KEY, now))
    await store.write(lambda c: seed_desk.conclude(c, asked, verdict_of(asked), now))
    await store.write(lambda c: seed_desk.publish_seed(c, KEY, 0, now))
    held, seed = await store.write(lambda c: book_desk.reserve_seed(c, KEY, SESSION, now))
    assert (held.version, seed.version) == (1, 1)
    other, _ = await store.write(lambda c: book_desk.reserve_seed(c, KEY, "sessions/s2", now))
    assert other.version == 2


async def test_an_event_is_booked_once_whoever_repeats_it(store, drafted, now):
    def record(number, amount=100):
        entry = Entry("acme", "e1", f"x{number}", "clearing", "vendor", amount, "EUR", now)
        return store.write(lambda c: book_desk.record_entry(c, entry))

    booked = await asyncio.gather(*(record(number) for number in range(8)))
    assert len({each.entry.entry_id for each in booked}) == 1
    assert {each.effects for each in booked} == {1}
    with pytest.raises(EventReused):
        await record(99, amount=101)

    def reverse(number):
        return store.write(
            lambda c: book_desk.reverse_entry(
                c, vendor_id="acme", event_id="e1", entry_id=f"r{number}", memo="no", now=now
            )
        )

    undone = await asyncio.gather(*(reverse(number) for number in range(8)))
    assert len({each.entry.entry_id for each in undone}) == 1
    assert {each.effects for each in undone} == {1}
    assert (await record(0)).reversed_by == undone[0].entry.name
    entries = await store.read(books.list_entries)
    assert len(entries) == 2
    assert set(balances(entries).values()) == {0}


async def test_the_quota_holds_when_many_seeds_are_written_at_once(
    store, application, content_of, now
):
    await store.write(lambda c: vendor_desk.create_vendor(c, "acme", application, now))

    async def write(number):
        try:
            await store.write(
                lambda c: seed_desk.create_seed(c, "acme", f"s{number}", content_of(), now)
            )
        except SeedQuotaExceeded:
            return 0
        return 1

    assert sum(await asyncio.gather(*(write(number) for number in range(14)))) == 10


async def test_two_keys_live_at_a_time_also_under_a_race(store, drafted, now):
    async def issue(number):
        key = ApiKey("acme", f"{number:012d}", b"d" * 32, "", now)
        try:
            await store.write(lambda c: vendor_desk.create_key(c, "acme", key, now))
        except TooManyLiveKeys:
            return 0
        return 1

    assert sum(await asyncio.gather(*(issue(number) for number in range(6)))) == 2
    keys = await store.read(lambda c: vendor_desk.list_keys(c, "acme", "", 10))
    revoked = await store.write(lambda c: vendor_desk.revoke_key(c, "acme", keys[0].key_id, now))
    assert not revoked.is_live
    assert await issue(77) == 1
