"""The vendor portal's API: every RPC that is served, and every reason for which it says no."""

import asyncio
import re
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import field_mask_pb2, json_format
from lucid.vendor.v1 import (
    analytics_service_pb2,
    analytics_service_pb2_grpc,
    commerce_service_pb2,
    commerce_service_pb2_grpc,
    error_reason_pb2,
    seed_pb2,
    seed_service_pb2,
    seed_service_pb2_grpc,
    vendor_pb2,
    vendor_service_pb2,
    vendor_service_pb2_grpc,
)
from lucid_rpc.status import failure_of
from lucid_runtime.identifiers import system_random
from lucid_store.faults import StoreBusy, StoreFull, StoreUnavailable
from lucid_testkit.clocks import ManualClock
from lucid_testkit.databases import sqlite_url
from lucid_testkit.servers import serving
from lucid_vendor import records, seed_desk
from lucid_vendor.certifier import ValidationUnavailable
from lucid_vendor.errors import DOMAIN, ERRORS
from lucid_vendor.examples import load
from lucid_vendor.server import Portal
from lucid_vendor.settings import Settings
from lucid_vendor.store import Store
from lucid_vendor.vendors.api_keys import is_presented_key, parse_key
from lucid_vendor.vendors.seed import SeedState
from lucid_vendor.vendors.vendor import VendorState, move_vendor
from lucid_vendor.vendors.verdict import Counterexample, VerdictRecord, VerdictStatus

__all__ = ["sqlite_url"]

PEPPER = b"p" * 32
NAME = "vendors/acme/seeds/harbour"
SESSION = "sessions/s1"
V, S, C = vendor_service_pb2, seed_service_pb2, commerce_service_pb2


@dataclass
class Verdicts:
    """Stands where validation is: the contract is about the portal's own answers."""

    status: VerdictStatus = VerdictStatus.PROVED
    implies_safety: bool = True
    unavailable: bool = False
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def certify(self, seed: Any) -> VerdictRecord:
        if self.unavailable:
            raise ValidationUnavailable("UNAVAILABLE")
        await self.hold.wait()
        refuted = self.status is VerdictStatus.REFUTED
        return VerdictRecord(
            status=self.status,
            implies_safety=self.implies_safety and not refuted,
            certified_digest=seed.content.certified_digest,
            problem_sha256="ab" * 32,
            decided_at=datetime(2026, 1, 1, tzinfo=UTC),
            verdict_name="verdicts/00ff",
            evidence_name="evidence/00ff",
            counterexample=Counterexample("flow", (("a", "4/5"), ("h", "0"))) if refuted else None,
        )


@dataclass
class Client:
    """The stubs, and the parts behind them that a test may turn."""

    vendors: Any
    seeds: Any
    commerce: Any
    analytics: Any
    verdicts: Verdicts
    clock: ManualClock
    store: Store

    async def vendor(self, vendor_id: str = "acme", **changes: Any) -> Any:
        vendor = vendor_pb2.Vendor(
            legal_name="Nocturne Audio Ltd",
            contact_email="ops@nocturne.example",
            domains=["nocturne.example"],
        )
        vendor.MergeFrom(vendor_pb2.Vendor(**changes))
        request = V.CreateVendorRequest(vendor_id=vendor_id, vendor=vendor)
        return await self.vendors.CreateVendor(request)

    async def seed(self, seed_id: str = "harbour", **changes: Any) -> Any:
        seed = json_format.ParseDict(load()[0], seed_pb2.Seed())
        for name, value in changes.items():
            setattr(seed, name, value)
        return await self.seeds.CreateSeed(
            S.CreateSeedRequest(parent="vendors/acme", seed_id=seed_id, seed=seed)
        )

    async def submit(self) -> Any:
        return await self.seeds.SubmitSeed(S.SubmitSeedRequest(name=NAME))

    async def publish(self, version: int = 0) -> Any:
        return await self.seeds.PublishSeed(S.PublishSeedRequest(name=NAME, version=version))

    async def published(self) -> Any:
        await self.vendor()
        await self.seed()
        await self.submit()
        return await self.publish()

    async def reserve(self, name: str = NAME, session: str = SESSION) -> Any:
        return await self.seeds.ReserveSeed(S.ReserveSeedRequest(name=name, session=session))

    async def release(self, name: str = NAME, session: str = SESSION) -> Any:
        return await self.seeds.ReleaseSeed(S.ReleaseSeedRequest(name=name, session=session))

    async def record(self, **changes: Any) -> Any:
        values = {
            "vendor": "vendors/acme",
            "event_id": "e1",
            "session": SESSION,
            "seed": NAME,
            "debit_account": "clearing",
            "credit_account": "vendors/acme/payable",
            "amount_minor": 1290,
            "currency": "EUR",
        }
        return await self.commerce.RecordEntry(C.RecordEntryRequest(**(values | changes)))


@pytest.fixture
async def client(sqlite_url: str) -> Any:
    clock, verdicts = ManualClock(), Verdicts()
    verdicts.hold.set()
    store = Store.open(sqlite_url)
    portal = Portal(
        Settings(heartbeat_s=0.05, retry_s=3600.0, submit_wait_s=0.2),
        store,
        verdicts,
        pepper=PEPPER,
        clock=clock,
        random_bytes=system_random,
    )
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving(portal.definition()))
        channel = served.channel
        yield Client(
            vendor_service_pb2_grpc.VendorServiceStub(channel),
            seed_service_pb2_grpc.SeedServiceStub(channel),
            commerce_service_pb2_grpc.CommerceServiceStub(channel),
            analytics_service_pb2_grpc.AnalyticsServiceStub(channel),
            verdicts,
            clock,
            store,
        )


async def refused(call: Any, code: grpc.StatusCode, reason: str, domain: str = DOMAIN) -> Any:
    """Return the failure of a call that must fail for this reason."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    failure = failure_of(caught.value)
    assert (failure.code, failure.reason, failure.domain) == (code, reason, domain)
    assert failure.message
    return failure


def a_uuid() -> str:
    return str(uuid.uuid4())


# Vendors


async def test_a_vendor_is_registered_on_trial_and_read_back(client: Client) -> None:
    made = await client.vendor()
    assert made.name == "vendors/acme"
    assert (made.tier, made.state) == (vendor_pb2.TIER_TRIAL, vendor_pb2.VENDOR_STATE_TRIAL)
    assert await client.vendors.GetVendor(V.GetVendorRequest(name="vendors/acme")) == made


async def test_an_unset_vendor_id_is_chosen(client: Client) -> None:
    assert (await client.vendor("")).name.startswith("vendors/v-")


async def test_output_only_fields_of_a_new_vendor_are_not_taken(client: Client) -> None:
    made = await client.vendor(
        tier=vendor_pb2.TIER_ENTERPRISE, state=vendor_pb2.VENDOR_STATE_ACTIVE
    )
    assert (made.tier, made.state) == (vendor_pb2.TIER_TRIAL, vendor_pb2.VENDOR_STATE_TRIAL)


async def test_vendors_are_listed_in_pages(client: Client) -> None:
    for name in ("c", "a", "b"):
        await client.vendor(name)
    first = await client.vendors.ListVendors(V.ListVendorsRequest(page_size=2))
    assert [each.name for each in first.vendors] == ["vendors/a", "vendors/b"]
    rest = await client.vendors.ListVendors(
        V.ListVendorsRequest(page_size=2, page_token=first.next_page_token)
    )
    assert [each.name for each in rest.vendors] == ["vendors/c"]
    assert rest.next_page_token == ""


async def test_a_vendor_is_changed_under_the_guard_of_its_etag(client: Client) -> None:
    made = await client.vendor()
    wanted = vendor_pb2.Vendor()
    wanted.CopyFrom(made)
    wanted.legal_name = "Nocturne Audio"
    mask = field_mask_pb2.FieldMask(paths=["legal_name"])
    changed = await client.vendors.UpdateVendor(
        V.UpdateVendorRequest(vendor=wanted, update_mask=mask)
    )
    assert changed.legal_name == "Nocturne Audio"
    assert changed.etag != made.etag
    failure = await refused(
        client.vendors.UpdateVendor(V.UpdateVendorRequest(vendor=wanted, update_mask=mask)),
        grpc.StatusCode.ABORTED,
        "ETAG_MISMATCH",
    )
    assert failure.metadata["name"] == "vendors/acme"


async def test_a_mask_that_names_what_nobody_may_write_is_refused(client: Client) -> None:
    made = await client.vendor()
    failure = await refused(
        client.vendors.UpdateVendor(
            V.UpdateVendorRequest(
                vendor=made, update_mask=field_mask_pb2.FieldMask(paths=["state"])
            )
        ),
        grpc.StatusCode.INVALID_ARGUMENT,
        "UPDATE_MASK_INVALID",
    )
    assert failure.metadata == {"path": "state"}
    assert failure.field_violations[0].field == "update_mask"


async def test_a_vendor_that_is_not_there_is_not_found(client: Client) -> None:
    failure = await refused(
        client.vendors.GetVendor(V.GetVendorRequest(name="vendors/nobody")),
        grpc.StatusCode.NOT_FOUND,
        "VENDOR_NOT_FOUND",
    )
    assert failure.metadata == {"name": "vendors/nobody"}
    assert failure.resource is not None


async def test_a_taken_vendor_id_is_refused(client: Client) -> None:
    await client.vendor()
    await refused(client.vendor(), grpc.StatusCode.ALREADY_EXISTS, "VENDOR_ALREADY_EXISTS")


async def test_a_domain_that_is_none_is_told_by_its_path(client: Client) -> None:
    failure = await refused(
        client.vendor(domains=["not a domain"]),
        grpc.StatusCode.INVALID_ARGUMENT,
        "FIELDS_INVALID",
        "rpc.lucid",
    )
    assert failure.field_violations[0].field == "vendor.domains[1]"


# Requests


async def test_a_repeated_request_takes_effect_once_and_gets_the_first_answer(
    client: Client,
) -> None:
    request = V.CreateVendorRequest(
        vendor=vendor_pb2.Vendor(legal_name="A", contact_email="a@example.com"),
        request_id=a_uuid(),
    )
    first = await client.vendors.CreateVendor(request)
    assert await client.vendors.CreateVendor(request) == first
    listed = await client.vendors.ListVendors(V.ListVendorsRequest())
    assert len(listed.vendors) == 1
    request.vendor.legal_name = "B"
    failure = await refused(
        client.vendors.CreateVendor(request),
        grpc.StatusCode.ALREADY_EXISTS,
        "REQUEST_ID_REUSED",
    )
    assert failure.metadata == {"request_id": request.request_id}


async def test_a_page_token_of_another_request_is_refused(client: Client) -> None:
    for name in ("a", "b"):
        await client.vendor(name)
    page = await client.vendors.ListVendors(V.ListVendorsRequest(page_size=1))
    failure = await refused(
        client.seeds.ListSeeds(
            S.ListSeedsRequest(parent="vendors/-", page_token=page.next_page_token)
        ),
        grpc.StatusCode.INVALID_ARGUMENT,
        "PAGE_TOKEN_INVALID",
    )
    assert failure.field_violations[0].field == "page_token"


# Keys


async def test_a_secret_is_shown_once_and_opens_what_is_stored(client: Client) -> None:
    await client.vendor()
    request = V.CreateApiKeyRequest(parent="vendors/acme", request_id=a_uuid())
    made = await client.vendors.CreateApiKey(request)
    key_id, secret = parse_key(made.secret)
    assert made.name == f"vendors/acme/apiKeys/{key_id}"
    stored = (await client.store.read(lambda c: records.list_keys(c, "acme")))[0]
    assert is_presented_key(stored, secret, PEPPER)

    again = await client.vendors.CreateApiKey(request)
    assert (again.name, again.secret) == (made.name, "")
    listed = await client.vendors.ListApiKeys(V.ListApiKeysRequest(parent="vendors/acme"))
    assert [(each.name, each.secret) for each in listed.api_keys] == [(made.name, "")]


async def test_the_secret_is_nowhere_in_the_database(client: Client, sqlite_url: str) -> None:
    await client.vendor()
    made = await client.vendors.CreateApiKey(
        V.CreateApiKeyRequest(parent="vendors/acme", request_id=a_uuid())
    )
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    stored = b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    text = made.secret.split("_", 2)[2]
    assert made.name.rpartition("/")[2].encode() in stored
    assert text.encode() not in stored
    assert parse_key(made.secret)[1] not in stored


async def test_two_keys_may_live_and_a_revoked_one_makes_room(client: Client) -> None:
    await client.vendor()
    request = V.CreateApiKeyRequest(parent="vendors/acme")
    first = await client.vendors.CreateApiKey(request)
    await client.vendors.CreateApiKey(request)
    failure = await refused(
        client.vendors.CreateApiKey(request),
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "TOO_MANY_LIVE_KEYS",
    )
    assert (failure.metadata["live"], failure.metadata["maximum"]) == ("2", "2")
    revoked = await client.vendors.RevokeApiKey(V.RevokeApiKeyRequest(name=first.name))
    assert revoked.is_revoked
    assert (await client.vendors.CreateApiKey(request)).secret
    pages = await client.vendors.ListApiKeys(
        V.ListApiKeysRequest(parent="vendors/acme", page_size=2)
    )
    assert len(pages.api_keys) == 2
    assert pages.next_page_token


async def test_a_key_that_is_not_there_is_not_found(client: Client) -> None:
    await client.vendor()
    await refused(
        client.vendors.RevokeApiKey(V.RevokeApiKeyRequest(name=f"vendors/acme/apiKeys/{'0' * 12}")),
        grpc.StatusCode.NOT_FOUND,
        "API_KEY_NOT_FOUND",
    )


# Seeds


async def test_a_seed_goes_from_draft_to_published(client: Client) -> None:
    await client.vendor()
    drafted = await client.seed()
    assert (drafted.name, drafted.version) == (NAME, 1)
    assert drafted.state == seed_pb2.SEED_STATE_DRAFT
    submitted = await client.submit()
    assert submitted.state == seed_pb2.SEED_STATE_CERTIFIED
    assert submitted.certification.implies_safety
    assert submitted.certification.evidence == "evidence/00ff"
    published = await client.publish()
    assert published.state == seed_pb2.SEED_STATE_PUBLISHED
    assert await client.seeds.GetSeed(S.GetSeedRequest(name=NAME)) == published
    paused = await client.seeds.PauseSeed(S.PauseSeedRequest(name=NAME))
    assert paused.state == seed_pb2.SEED_STATE_PAUSED
    assert (await client.publish(1)).state == seed_pb2.SEED_STATE_PUBLISHED
    revoked = await client.seeds.RevokeSeed(S.RevokeSeedRequest(name=NAME, reason="complaints"))
    assert revoked.state == seed_pb2.SEED_STATE_REVOKED


async def test_a_refuted_seed_carries_the_exact_point(client: Client) -> None:
    client.verdicts.status = VerdictStatus.REFUTED
    await client.vendor()
    await client.seed()
    rejected = await client.submit()
    assert rejected.state == seed_pb2.SEED_STATE_REJECTED
    assert dict(rejected.certification.counterexample.point.values) == {"a": "4/5", "h": "0"}
    assert "a = 4/5" in rejected.certification.reasons[0]
    failure = await refused(
        client.publish(), grpc.StatusCode.FAILED_PRECONDITION, "SEED_NOT_CERTIFIED"
    )
    assert (failure.metadata["version"], failure.metadata["status"]) == ("1", "REFUTED")


async def test_a_draft_is_not_published(client: Client) -> None:
    await client.vendor()
    await client.seed()
    failure = await refused(
        client.publish(), grpc.StatusCode.FAILED_PRECONDITION, "SEED_NOT_CERTIFIED"
    )
    assert failure.metadata["status"] == "NONE"


async def test_an_edit_of_a_published_seed_is_a_new_draft_that_needs_its_own_proof(
    client: Client,
) -> None:
    published = await client.published()
    wanted = seed_pb2.Seed()
    wanted.CopyFrom(published)
    wanted.intensity_cap = "0.75"
    mask = field_mask_pb2.FieldMask(paths=["intensity_cap"])
    request = S.UpdateSeedRequest(seed=wanted, update_mask=mask)
    edited = await client.seeds.UpdateSeed(request)
    assert (edited.version, edited.state) == (2, seed_pb2.SEED_STATE_DRAFT)
    assert not edited.HasField("certification")
    await refused(client.publish(), grpc.StatusCode.FAILED_PRECONDITION, "SEED_NOT_CERTIFIED")
    await refused(client.seeds.UpdateSeed(request), grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
    held = await client.reserve()
    assert held.seed.version == 1


async def test_a_model_edit_of_a_draft_is_a_new_version_and_a_word_is_not(client: Client) -> None:
    await client.vendor()
    seed = await client.seed()
    seed.title, seed.etag = "Harbour at dawn", ""
    update = S.UpdateSeedRequest(seed=seed, update_mask=field_mask_pb2.FieldMask(paths=["title"]))
    assert (await client.seeds.UpdateSeed(update)).version == 1
    seed.model.system.dynamics["h"] = "0.2*(a - h)"
    update = S.UpdateSeedRequest(seed=seed, update_mask=field_mask_pb2.FieldMask(paths=["model"]))
    assert (await client.seeds.UpdateSeed(update)).version == 2


async def test_an_open_verdict_asks_a_person_who_cannot_waive_the_proof(client: Client) -> None:
    client.verdicts.status = VerdictStatus.UNDECIDED
    await client.vendor()
    await client.seed()
    assert (await client.submit()).state == seed_pb2.SEED_STATE_NEEDS_REVIEW
    approve = S.ReviewSeedRequest(
        name=NAME, decision=S.REVIEW_DECISION_APPROVE, reason="looks fine"
    )
    await refused(
        client.seeds.ReviewSeed(approve),
        grpc.StatusCode.FAILED_PRECONDITION,
        "SEED_NOT_CERTIFIED",
    )
    client.verdicts.status = VerdictStatus.PROVED
    assert (await client.submit()).state == seed_pb2.SEED_STATE_CERTIFIED


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (S.REVIEW_DECISION_APPROVE, seed_pb2.SEED_STATE_CERTIFIED),
        (S.REVIEW_DECISION_REJECT, seed_pb2.SEED_STATE_REJECTED),
    ],
)
async def test_a_person_decides_what_the_policy_flags(
    client: Client, decision: Any, state: Any
) -> None:
    await client.vendor()
    await client.seed(narrative="Hurry, the ferry leaves.")
    flagged = await client.submit()
    assert flagged.state == seed_pb2.SEED_STATE_NEEDS_REVIEW
    assert "hurry" in flagged.certification.reasons[0]
    decided = await client.seeds.ReviewSeed(
        S.ReviewSeedRequest(name=NAME, decision=decision, reason="read it")
    )
    assert decided.state == state


async def test_while_validation_is_away_the_seed_waits(client: Client) -> None:
    client.verdicts.unavailable = True
    await client.vendor()
    await client.seed()
    waiting = await client.submit()
    assert waiting.state == seed_pb2.SEED_STATE_VALIDATING
    failure = await refused(
        client.submit(), grpc.StatusCode.FAILED_PRECONDITION, "SEED_STATE_FORBIDS"
    )
    assert (failure.metadata["state"], failure.metadata["wanted"]) == ("VALIDATING", "SUBMITTED")


async def test_a_repeated_submit_tells_how_far_the_seed_is_now(client: Client) -> None:
    client.verdicts.hold.clear()
    await client.vendor()
    await client.seed()
    request = S.SubmitSeedRequest(name=NAME, request_id=a_uuid())
    assert (await client.seeds.SubmitSeed(request)).state == seed_pb2.SEED_STATE_VALIDATING
    client.verdicts.hold.set()
    assert (await client.seeds.SubmitSeed(request)).state == seed_pb2.SEED_STATE_CERTIFIED


async def test_seeds_are_listed_by_vendor_and_state_in_pages(client: Client) -> None:
    await client.vendor()
    await client.vendor("zeta")
    for name in ("c", "a", "b"):
        await client.seed(name)
    everything = S.ListSeedsRequest(parent="vendors/-", page_size=2)
    first = await client.seeds.ListSeeds(everything)
    everything.page_token = first.next_page_token
    rest = await client.seeds.ListSeeds(everything)
    names = [each.name.rpartition("/")[2] for each in [*first.seeds, *rest.seeds]]
    assert (names, rest.next_page_token) == (["a", "b", "c"], "")
    published = S.ListSeedsRequest(parent="vendors/acme", state=seed_pb2.SEED_STATE_PUBLISHED)
    assert not (await client.seeds.ListSeeds(published)).seeds
    other = S.ListSeedsRequest(parent="vendors/zeta")
    assert not (await client.seeds.ListSeeds(other)).seeds


@pytest.mark.parametrize(
    ("change", "rule", "path"),
    [
        ({"intensity_cap": "1.5"}, "DECIMAL_IN_UNIT_INTERVAL", "seed.intensity_cap"),
        ({"intensity_cap": "four"}, "DECIMAL_IN_UNIT_INTERVAL", "seed.intensity_cap"),
        ({"disclosure": "   "}, "DISCLOSURE_REQUIRED", "seed.disclosure"),
    ],
)
async def test_a_seed_that_breaks_a_rule_is_refused_by_field_and_rule(
    client: Client, change: Any, rule: str, path: str
) -> None:
    await client.vendor()
    failure = await refused(client.seed(**change), grpc.StatusCode.INVALID_ARGUMENT, "SEED_INVALID")
    assert failure.metadata == {"field": path, "rule": rule}
    assert failure.field_violations[0].field == path


async def test_a_model_that_protects_less_than_the_cap_is_refused(client: Client) -> None:
    await client.vendor()
    seed = json_format.ParseDict(load()[0], seed_pb2.Seed())
    seed.model.unsafe.atom = "a >= cap + 1"
    request = S.CreateSeedRequest(parent="vendors/acme", seed=seed)
    failure = await refused(
        client.seeds.CreateSeed(request), grpc.StatusCode.INVALID_ARGUMENT, "SEED_INVALID"
    )
    assert failure.metadata["rule"] == "CAP_NOT_PROTECTED"


async def test_an_offer_on_a_foreign_domain_is_refused(client: Client) -> None:
    await client.vendor()
    seed = json_format.ParseDict(load()[0], seed_pb2.Seed())
    seed.offer.url = "https://nocturne.example.evil.org/"
    request = S.CreateSeedRequest(parent="vendors/acme", seed=seed)
    failure = await refused(
        client.seeds.CreateSeed(request), grpc.StatusCode.INVALID_ARGUMENT, "SEED_INVALID"
    )
    assert failure.metadata == {"field": "seed.offer.url", "rule": "OFFER_DOMAIN_NOT_OWN"}


@pytest.mark.parametrize(
    ("change", "path"),
    [({"min_age": 17}, "seed.min_age"), ({"disclosure": ""}, "seed.disclosure")],
)
async def test_rules_of_single_fields_are_told_by_their_paths(
    client: Client, change: Any, path: str
) -> None:
    await client.vendor()
    failure = await refused(
        client.seed(**change),
        grpc.StatusCode.INVALID_ARGUMENT,
        "FIELDS_INVALID",
        "rpc.lucid",
    )
    assert failure.field_violations[0].field == path


async def test_a_seed_that_is_not_there_is_not_found(client: Client) -> None:
    await client.vendor()
    for call in (
        client.seeds.GetSeed(S.GetSeedRequest(name=NAME)),
        client.submit(),
        client.publish(3),
        client.reserve(),
        client.release(),
    ):
        await refused(call, grpc.StatusCode.NOT_FOUND, "SEED_NOT_FOUND")


async def test_a_taken_seed_id_is_refused(client: Client) -> None:
    await client.vendor()
    await client.seed()
    await refused(client.seed(), grpc.StatusCode.ALREADY_EXISTS, "SEED_ALREADY_EXISTS")


async def test_the_quota_of_the_tier_ends_at_its_last_seed(client: Client) -> None:
    await client.vendor()
    for number in range(10):
        await client.seed(f"s{number}")
    failure = await refused(
        client.seed(), grpc.StatusCode.RESOURCE_EXHAUSTED, "SEED_QUOTA_EXCEEDED"
    )
    assert (failure.metadata["tier"], failure.metadata["maximum"]) == ("TRIAL", "10")
    await client.seeds.RevokeSeed(
        S.RevokeSeedRequest(name="vendors/acme/seeds/s0", reason="replaced")
    )
    assert (await client.seed()).name == NAME


async def test_a_vendor_past_its_trial_or_suspended_starts_nothing(client: Client) -> None:
    await client.published()

    def suspend(connection: Any) -> None:
        vendor = records.find_vendor(connection, "acme")
        assert vendor is not None
        records.put_vendor(
            connection, move_vendor(vendor, VendorState.SUSPENDED, client.clock.now())
        )

    await client.store.write(suspend)
    for call in (client.seed("other"), client.reserve()):
        failure = await refused(call, grpc.StatusCode.FAILED_PRECONDITION, "VENDOR_NOT_ACTIVE")
        assert failure.metadata["state"] == "SUSPENDED"


async def test_a_trial_ends_by_itself(client: Client) -> None:
    await client.vendor()
    client.clock.advance(30 * 86_400)
    failure = await refused(client.seed(), grpc.StatusCode.FAILED_PRECONDITION, "VENDOR_NOT_ACTIVE")
    assert failure.metadata["state"] == "past its trial"


# Watching


async def test_a_watcher_sees_every_state_once_and_the_end(client: Client) -> None:
    await client.published()
    call = client.seeds.WatchSeed(S.WatchSeedRequest(name=NAME))
    events = []
    async for event in call:
        events.append(event)
        if event.sequence == 5:
            await client.seeds.RevokeSeed(S.RevokeSeedRequest(name=NAME, reason="complaints"))
    told = [each for each in events if not each.heartbeat]
    assert [each.sequence for each in told] == [1, 2, 3, 4, 5, 6]
    assert told[-1].state == seed_pb2.SEED_STATE_REVOKED
    again = client.seeds.WatchSeed(S.WatchSeedRequest(name=NAME, after_sequence=4))
    assert [event.sequence async for event in again] == [5, 6]


async def test_a_quiet_stream_shows_that_it_is_alive(client: Client) -> None:
    await client.vendor()
    await client.seed()
    call = client.seeds.WatchSeed(S.WatchSeedRequest(name=NAME, after_sequence=1))
    pending = asyncio.ensure_future(call.read())
    while not pending.done():
        client.clock.advance(0.05)
        await asyncio.wait({pending}, timeout=0.02)
    assert (await pending).heartbeat
    assert (await pending).sequence == 0
    call.cancel()


async def test_watching_what_is_not_there_is_not_found(client: Client) -> None:
    await client.vendor()
    call = client.seeds.WatchSeed(S.WatchSeedRequest(name=NAME))
    await refused(call.read(), grpc.StatusCode.NOT_FOUND, "SEED_NOT_FOUND")


# Saga steps


async def test_a_step_and_its_compensation_have_one_effect_however_often_they_come(
    client: Client,
) -> None:
    await client.published()
    held = [await client.reserve() for _ in range(3)]
    assert held[0] == held[1] == held[2]
    assert held[0].reservation.effect_count == 1
    assert held[0].seed.state == seed_pb2.SEED_STATE_PUBLISHED
    gone = [await client.release() for _ in range(3)]
    assert gone[0] == gone[1] == gone[2]
    assert gone[0].reservation.released
    assert gone[0].reservation.effect_count == 1
    failure = await refused(
        client.reserve(), grpc.StatusCode.FAILED_PRECONDITION, "SEED_STATE_FORBIDS"
    )
    assert failure.metadata["state"] == "RELEASED"


async def test_a_release_that_overtakes_its_reserve_shuts_the_door(client: Client) -> None:
    await client.published()
    early = await client.release()
    assert (early.reservation.released, early.reservation.effect_count) == (True, 0)
    await refused(client.reserve(), grpc.StatusCode.FAILED_PRECONDITION, "SEED_STATE_FORBIDS")


async def test_only_a_published_seed_is_reserved(client: Client) -> None:
    await client.published()
    await client.seeds.PauseSeed(S.PauseSeedRequest(name=NAME))
    failure = await refused(
        client.reserve(), grpc.StatusCode.FAILED_PRECONDITION, "SEED_STATE_FORBIDS"
    )
    assert failure.metadata["state"] == "PAUSED"


async def test_a_session_releases_only_what_it_holds(client: Client) -> None:
    await client.published()
    await client.seed("other")
    await client.reserve()
    failure = await refused(
        client.release("vendors/acme/seeds/other"),
        grpc.StatusCode.NOT_FOUND,
        "RESERVATION_NOT_FOUND",
    )
    assert failure.metadata["session"] == SESSION


async def test_a_settlement_is_booked_once_and_reversed_once(client: Client) -> None:
    await client.vendor()
    booked = await client.record()
    assert await client.record() == booked
    assert (booked.amount_minor, booked.effect_count) == (1290, 1)
    reverse = C.ReverseEntryRequest(vendor="vendors/acme", event_id="e1", reason="refund")
    undone = await client.commerce.ReverseEntry(reverse)
    assert await client.commerce.ReverseEntry(reverse) == undone
    assert undone.reverses == booked.name
    assert (undone.debit_account, undone.credit_account) == (
        booked.credit_account,
        booked.debit_account,
    )
    assert undone.effect_count == 1
    assert (await client.record()).reversed_by == undone.name


async def test_an_event_with_other_values_is_refused(client: Client) -> None:
    await client.vendor()
    await client.record()
    failure = await refused(
        client.record(amount_minor=1), grpc.StatusCode.ALREADY_EXISTS, "EVENT_REUSED"
    )
    assert failure.metadata == {"event_id": "e1"}


async def test_what_was_not_booked_is_not_reversed(client: Client) -> None:
    await client.vendor()
    await client.vendor("zeta")
    await client.record()
    for vendor, event in (("vendors/acme", "e9"), ("vendors/zeta", "e1")):
        request = C.ReverseEntryRequest(vendor=vendor, event_id=event, reason="refund")
        await refused(
            client.commerce.ReverseEntry(request),
            grpc.StatusCode.NOT_FOUND,
            "ENTRY_NOT_FOUND",
        )


async def test_an_entry_between_one_account_and_itself_is_refused(client: Client) -> None:
    await client.vendor()
    failure = await refused(
        client.record(credit_account="clearing"),
        grpc.StatusCode.INVALID_ARGUMENT,
        "FIELDS_INVALID",
        "rpc.lucid",
    )
    assert failure.field_violations[0].field == "credit_account"


async def test_entries_are_listed_oldest_first_page_by_page(client: Client) -> None:
    await client.vendor()
    for event in ("e1", "e2", "e3"):
        await client.record(event_id=event)
    await client.commerce.ReverseEntry(
        C.ReverseEntryRequest(vendor="vendors/acme", event_id="e2", reason="wrong")
    )
    seen, token = [], ""
    while True:
        asked = C.ListEntriesRequest(parent="vendors/acme", page_size=2, page_token=token)
        page = await client.commerce.ListEntries(asked)
        seen += page.entries
        token = page.next_page_token
        if not token:
            break
    assert len(seen) == 4
    assert {entry.event_id for entry in seen} >= {"e1", "e2", "e3"}
    assert sum(bool(entry.reverses) for entry in seen) == 1
    assert {entry.effect_count for entry in seen} == {1}


async def test_the_entries_of_an_unknown_vendor_are_not_found(client: Client) -> None:
    await refused(
        client.commerce.ListEntries(C.ListEntriesRequest(parent="vendors/nobody")),
        grpc.StatusCode.NOT_FOUND,
        "VENDOR_NOT_FOUND",
        "vendor.lucid",
    )


# What is not served, who may call, and what is left


NOT_YET: list[tuple[str, str, Any]] = [
    ("vendors", "VerifyDomain", V.VerifyDomainRequest(name="vendors/a", domain="a.example")),
    ("vendors", "SetTier", V.SetTierRequest(name="vendors/a", tier=vendor_pb2.TIER_BASIC)),
    ("vendors", "SuspendVendor", V.SuspendVendorRequest(name="vendors/a", reason="x")),
    ("vendors", "ReinstateVendor", V.ReinstateVendorRequest(name="vendors/a")),
    ("vendors", "OffboardVendor", V.OffboardVendorRequest(name="vendors/a")),
    ("commerce", "GetStatement", C.GetStatementRequest(name="vendors/a/statements/1")),
    ("commerce", "RedeemOffer", C.RedeemOfferRequest(token="x")),
    (
        "analytics",
        "QueryAnalytics",
        analytics_service_pb2.QueryAnalyticsRequest(parent="vendors/a"),
    ),
    ("analytics", "GetSla", analytics_service_pb2.GetSlaRequest(name="vendors/a/sla")),
]


@pytest.mark.parametrize(("stub", "method", "request_"), NOT_YET, ids=lambda each: str(each)[:20])
async def test_what_is_not_served_yet_says_so(
    client: Client, stub: str, method: str, request_: Any
) -> None:
    call = getattr(getattr(client, stub), method)(request_)
    await refused(call, grpc.StatusCode.UNIMPLEMENTED, "NOT_YET_SERVED", "rpc.lucid")


async def test_the_saga_steps_are_not_for_the_edge(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    portal = Portal(
        Settings(),
        store,
        Verdicts(),
        pepper=PEPPER,
        clock=ManualClock(),
        random_bytes=system_random,
    )
    async with serving(portal.definition(), caller="gateway") as served:
        seeds = seed_service_pb2_grpc.SeedServiceStub(served.channel)
        commerce = commerce_service_pb2_grpc.CommerceServiceStub(served.channel)
        for call in (
            seeds.ReserveSeed(S.ReserveSeedRequest(name=NAME, session=SESSION)),
            seeds.ReleaseSeed(S.ReleaseSeedRequest(name=NAME, session=SESSION)),
            commerce.ReverseEntry(C.ReverseEntryRequest(vendor="vendors/acme", event_id="e")),
        ):
            await refused(call, grpc.StatusCode.PERMISSION_DENIED, "NOT_PERMITTED", "rpc.lucid")
        listed = await seeds.ListSeeds(S.ListSeedsRequest(parent="vendors/-"))
        assert not listed.seeds


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        (StoreBusy, grpc.StatusCode.UNAVAILABLE, "STORE_BUSY"),
        (StoreFull, grpc.StatusCode.RESOURCE_EXHAUSTED, "STORE_FULL"),
        (StoreUnavailable, grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE"),
    ],
)
async def test_a_fault_of_the_store_says_when_to_try_again(
    client: Client, monkeypatch: pytest.MonkeyPatch, fault: Any, code: Any, reason: str
) -> None:
    await client.vendor()

    def broken(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(seed_desk, "create_seed", broken)
    failure = await refused(client.seed(), code, reason)
    assert failure.retry_after_s is not None


def test_the_table_and_the_protos_name_the_same_reasons() -> None:
    declared = {
        name.removeprefix("ERROR_REASON_")
        for name in error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name
    } - {"UNSPECIFIED"}
    assert {entry.reason for entry in ERRORS.entries.values()} == declared


def test_every_reason_is_provoked_in_this_file() -> None:
    provoked = set(re.findall(r'"([A-Z_]+)",?\n?\s*\)', Path(__file__).read_text()))
    assert {entry.reason for entry in ERRORS.entries.values()} <= provoked


def test_the_states_of_the_api_are_those_of_the_domain() -> None:
    for domain, enum, prefix in (
        (SeedState, seed_pb2.SeedState, "SEED_STATE_"),
        (VendorState, vendor_pb2.VendorState, "VENDOR_STATE_"),
    ):
        declared = {name.removeprefix(prefix) for name in enum.DESCRIPTOR.values_by_name} - {
            "UNSPECIFIED"
        }
        assert set(domain.__members__) == declared
