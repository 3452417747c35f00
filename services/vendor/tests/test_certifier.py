"""A seed that waits for its verdict gets it: after an outage, after a crash, and once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from lucid_testkit.clocks import ManualClock
from lucid_vendor import records, seed_desk, vendor_desk
from lucid_vendor.bell import Bell, rings_within
from lucid_vendor.certifier import Certifier, ValidationUnavailable
from lucid_vendor.store import Store
from lucid_vendor.vendors.seed import SeedState
from lucid_vendor.vendors.tiers import Tier
from lucid_vendor.vendors.vendor import Application
from lucid_vendor.vendors.verdict import VerdictRecord, VerdictStatus

KEY = ("acme", "harbour")


class Scripted:
    """Answers what it is told to, or fails as it is told to."""

    def __init__(self, now):
        self.now = now
        self.failure: Exception | None = None
        self.status = VerdictStatus.PROVED
        self.asked = 0
        self.was_asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def certify(self, seed):
        self.asked += 1
        self.was_asked.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        digest = seed.content.certified_digest
        return VerdictRecord(self.status, True, digest, "0" * 64, self.now)


@pytest.fixture
def clock(now):
    return ManualClock(now)


@pytest.fixture
def validator(now):
    return Scripted(now)


@pytest.fixture
async def store(sqlite_url, domains, content_of, now):
    opened = Store.open(sqlite_url)
    application = Application("Tea", "a@example.com", domains, (), Tier.TRIAL)
    await opened.write(lambda c: vendor_desk.create_vendor(c, "acme", application, now))
    await opened.write(lambda c: seed_desk.create_seed(c, *KEY, content_of(), now))
    await opened.write(lambda c: seed_desk.submit_seed(c, KEY, now))
    yield opened
    opened.close()


def certifier_of(store, validator, clock, bell=None):
    bell = bell or Bell()
    return Certifier(store, validator, clock, bell, certifications_max=2, retry_s=0.01)


async def newest(store):
    return await store.read(lambda c: records.find_seed(c, *KEY))


async def test_a_seed_left_by_a_process_that_died_is_certified_by_the_next(store, validator, clock):
    bell = Bell()
    certifier, ring = certifier_of(store, validator, clock, bell), bell.listen()
    certifier.start()
    assert await rings_within(ring, 5)
    await certifier.stop()
    assert (await newest(store)).state is SeedState.CERTIFIED
    assert validator.asked == 1


async def test_while_validation_is_away_the_seed_waits_and_watchers_hear_it_once(
    store, validator, clock
):
    validator.failure = ValidationUnavailable("UNAVAILABLE")
    certifier = certifier_of(store, validator, clock)
    for _ in range(3):
        await certifier.visit()
    assert (await newest(store)).state is SeedState.VALIDATING
    events = await store.read(lambda c: records.events_after(c, *KEY, 0))
    assert [each.message for each in events if "does not answer" in each.message] == [
        events[-1].message
    ]
    validator.failure = None
    await certifier.visit()
    assert (await newest(store)).state is SeedState.CERTIFIED


async def test_a_defect_in_asking_leaves_the_promise_standing(store, validator, clock, caplog):
    validator.failure = RuntimeError("a defect")
    certifier = certifier_of(store, validator, clock)
    await certifier.visit()
    assert (await newest(store)).state is SeedState.VALIDATING
    assert "could not be certified" in caplog.text


async def test_a_seed_is_asked_about_once_at_a_time(store, validator, clock):
    validator.gate.clear()
    certifier = certifier_of(store, validator, clock)
    seed = await newest(store)
    assert certifier.begin(seed) is certifier.begin(seed)
    visit = asyncio.create_task(certifier.visit())
    await validator.was_asked.wait()
    validator.gate.set()
    await visit
    assert validator.asked == 1


async def test_stopping_leaves_what_waits_for_the_next_process(store, validator, clock):
    validator.gate.clear()
    certifier = certifier_of(store, validator, clock)
    certifier.start()
    await validator.was_asked.wait()
    await certifier.stop()
    assert (await newest(store)).state is SeedState.VALIDATING


async def test_a_verdict_for_contents_that_are_not_stored_is_not_taken(
    store, validator, clock, content_of
):
    seed = await newest(store)
    forged = replace(seed, content=content_of(intensity_cap="0.5"))
    await certifier_of(store, validator, clock).begin(forged)
    assert (await newest(store)).state is SeedState.VALIDATING


async def test_a_revoked_seed_stays_revoked_when_its_verdict_comes(store, validator, clock, now):
    validator.gate.clear()
    task = certifier_of(store, validator, clock).begin(await newest(store))
    await store.write(lambda c: seed_desk.revoke_seed(c, KEY, "complaints", now))
    validator.gate.set()
    await task
    assert (await newest(store)).state is SeedState.REVOKED


async def test_the_visit_expires_what_is_over(store, validator, clock, content_of, now):
    ends = now + timedelta(hours=1)
    await store.write(
        lambda c: seed_desk.update_seed(c, KEY, "", lambda _: content_of(expires_at=ends), now)
    )
    await store.write(lambda c: seed_desk.submit_seed(c, KEY, now))
    certifier = certifier_of(store, validator, clock)
    await certifier.visit()
    clock.advance(3600)
    await certifier.visit()
    assert (await newest(store)).state is SeedState.EXPIRED
