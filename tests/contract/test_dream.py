"""The dream service over real loopback gRPC: every RPC that it serves, every reason it may give.

The durable engine is the real one, on a file of its own. Its peers are not there, which is a
state that the service has to live with: BASIC sessions need none of them.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from lucid.dream.v1 import consent_pb2, dream_service_pb2, error_reason_pb2, session_pb2
from lucid.dream.v1 import consent_service_pb2 as consents
from lucid.dream.v1.audit_service_pb2 import ListEntriesRequest
from lucid.dream.v1.audit_service_pb2_grpc import AuditServiceStub
from lucid.dream.v1.consent_service_pb2_grpc import ConsentServiceStub
from lucid.dream.v1.dream_service_pb2_grpc import DreamServiceStub
from lucid_dream.errors import ERRORS
from lucid_dream.journal import broken_links
from lucid_dream.server import DreamApplication
from lucid_dream.settings import Settings
from lucid_rpc.status import Failure, failure_of
from lucid_store.faults import StoreFull
from lucid_testkit.ports import free_address
from lucid_testkit.servers import serving, silent_telemetry

S = dream_service_pb2
P = session_pb2


class Client:
    """The stubs, and the few requests that most tests begin with."""

    def __init__(self, application: DreamApplication, channel: Any) -> None:
        self.application = application
        self.channel = channel
        self.consent = ConsentServiceStub(channel)
        self.dream = DreamServiceStub(channel)

    async def user(self, *, consent: bool = True, **fields: Any) -> str:
        asked = {"date_of_birth": "1990-02-28", "attestation": 1, "time_zone": ""} | fields
        user = await self.consent.RegisterUser(
            consents.RegisterUserRequest(user=consent_pb2.User(**asked))
        )
        if consent:
            await self.grant(user.name)
        return str(user.name)

    async def grant(self, user: str, level: int = 2, **fields: Any) -> consent_pb2.Consent:
        asked = consent_pb2.Consent(level=level, scope=1, **fields)
        granted: consent_pb2.Consent = await self.consent.GrantConsent(
            consents.GrantConsentRequest(parent=user, consent=asked)
        )
        return granted

    async def start(self, user: str, request_id: str = "", **fields: Any) -> session_pb2.Session:
        request = S.StartSessionRequest(session=session_of(user, **fields), request_id=request_id)
        started: session_pb2.Session = await self.dream.StartSession(request)
        return started

    async def until(self, name: str, *states: int) -> session_pb2.Session:
        async with asyncio.timeout(20):
            async for event in self.dream.WatchSession(S.WatchSessionRequest(name=name)):
                if event.state in states or event.terminal:
                    break
        found: session_pb2.Session = await self.dream.GetSession(S.GetSessionRequest(name=name))
        return found


def session_of(user: str, **fields: Any) -> session_pb2.Session:
    now = Timestamp()
    now.GetCurrentTime()
    inputs = P.ReadinessInputs(stress=0.1, measure_time=now)
    asked: dict[str, Any] = {
        "user": user,
        "session_type": P.SESSION_TYPE_FREE,
        "time_compression": 2000.0,
        "unattended": True,
        "readiness_inputs": inputs,
    } | fields
    session = P.Session(**asked)
    session.duration.FromSeconds(600)
    return session


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    nobody = free_address()
    settings = Settings(
        data_dir=str(tmp_path),
        executor_id="contract",
        peer_timeout_s=1.0,
        validation=nobody,
        coherence=nobody,
        vendor=nobody,
        cache=nobody,
    )
    application = DreamApplication(settings, silent_telemetry("dream"))
    async with serving(application.definition()) as served:
        yield Client(application, served.channel)


async def refusal(call: Any) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return failure_of(caught.value)


async def test_a_user_registers_and_is_found(client: Client) -> None:
    request = consents.RegisterUserRequest(
        user_id="ada",
        user=consent_pb2.User(date_of_birth="1990-02-28", attestation=1, intensity_cap="0.50"),
        request_id=str(uuid.uuid4()),
    )
    user = await client.consent.RegisterUser(request)
    assert (user.name, user.intensity_cap, user.consent_epoch) == ("users/ada", "0.5", 0)
    assert await client.consent.RegisterUser(request) == user
    found = await client.consent.GetUser(consents.GetUserRequest(name="users/ada"))
    assert found == user


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"date_of_birth": "2020-01-01"}, "USER_NOT_ADULT"),
        ({"date_of_birth": "1990-02-30"}, "DATE_OF_BIRTH_INVALID"),
        ({"date_of_birth": "1800-01-01"}, "DATE_OF_BIRTH_INVALID"),
        ({"date_of_birth": "2999-01-01"}, "DATE_OF_BIRTH_INVALID"),
        ({"time_zone": "Mars/Base"}, "TIME_ZONE_UNKNOWN"),
        ({"intensity_cap": "1.5"}, "CAP_INVALID"),
        ({"intensity_cap": "1/3"}, "CAP_INVALID"),
        ({"intensity_cap": "nan"}, "CAP_INVALID"),
        ({"attestation": 0}, "FIELDS_INVALID"),
        ({"date_of_birth": "yesterday"}, "FIELDS_INVALID"),
    ],
)
async def test_who_may_not_register_is_told_why(
    client: Client, fields: dict[str, Any], reason: str
) -> None:
    failure = await refusal(client.user(**fields))
    assert failure.reason == reason


async def test_names_that_are_taken_or_unknown_are_refused_by_reason(client: Client) -> None:
    user = consent_pb2.User(date_of_birth="1990-01-01", attestation=1)
    taken = consents.RegisterUserRequest(user_id="taken", user=user)
    await client.consent.RegisterUser(taken)
    assert (await refusal(client.consent.RegisterUser(taken))).reason == "USER_ALREADY_EXISTS"
    nobody = consents.GetUserRequest(name="users/nobody")
    assert (await refusal(client.consent.GetUser(nobody))).reason == "USER_NOT_FOUND"
    failure = await refusal(
        client.consent.RevokeConsent(
            consents.RevokeConsentRequest(name="users/taken/consents/none")
        )
    )
    assert failure.reason == "CONSENT_NOT_FOUND"
    unknown = S.GetSessionRequest(name="sessions/none")
    assert (await refusal(client.dream.GetSession(unknown))).reason == "SESSION_NOT_FOUND"
    assert (await refusal(client.start("users/nobody"))).reason == "USER_NOT_FOUND"


async def test_a_request_id_with_other_content_is_refused(client: Client) -> None:
    request_id = str(uuid.uuid4())
    user = await client.user()
    first = await client.start(user, request_id)
    assert (await client.start(user, request_id, **_same(first))).name == first.name
    failure = await refusal(client.start(user, request_id, session_type=1))
    assert failure.reason == "REQUEST_ID_REUSED"


def _same(session: session_pb2.Session) -> dict[str, Any]:
    return {"readiness_inputs": session.readiness_inputs}


async def test_consents_are_granted_listed_revoked_and_followed(client: Client) -> None:
    user = await client.user(consent=False)
    first = await client.grant(user)
    second = await client.grant(user, level=3)
    revoked = await client.consent.RevokeConsent(consents.RevokeConsentRequest(name=first.name))
    again = await client.consent.RevokeConsent(consents.RevokeConsentRequest(name=first.name))
    assert revoked.is_revoked
    assert again == revoked
    assert [first.epoch, second.epoch, revoked.epoch] == [1, 2, 3]
    page = await client.consent.ListConsents(consents.ListConsentsRequest(parent=user, page_size=1))
    assert [c.name for c in page.consents] == [first.name]
    rest = await client.consent.ListConsents(
        consents.ListConsentsRequest(parent=user, page_token=page.next_page_token)
    )
    assert [c.name for c in rest.consents] == [second.name]
    watch = client.consent.WatchConsents(consents.WatchConsentsRequest(parent=user, after_epoch=1))
    seen = [await watch.read(), await watch.read()]
    assert [event.epoch for event in seen] == [2, 3]
    await client.grant(user)
    assert (await asyncio.wait_for(watch.read(), 5)).epoch == 4
    watch.cancel()


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"subject": "vendors/v1"}, "SUBJECT_NOT_ALLOWED"),
        ({"data_sources": ["dreams"]}, "DATA_SOURCE_UNKNOWN"),
        ({"expire_time": Timestamp(seconds=1)}, "EXPIRY_IN_THE_PAST"),
    ],
)
async def test_a_consent_that_breaks_a_rule_is_refused_with_field_and_rule(
    client: Client, fields: dict[str, Any], rule: str
) -> None:
    user = await client.user(consent=False)
    failure = await refusal(client.grant(user, **fields))
    assert (failure.reason, failure.metadata["rule"]) == ("CONSENT_INVALID", rule)
    assert failure.field_violations


async def test_a_page_token_of_another_request_is_refused(client: Client) -> None:
    user = await client.user()
    request = consents.ListConsentsRequest(parent=user, page_token="AAAA")
    assert (await refusal(client.consent.ListConsents(request))).reason == "PAGE_TOKEN_INVALID"
    listing = S.ListSessionsRequest(page_token="AAAA")
    assert (await refusal(client.dream.ListSessions(listing))).reason == "PAGE_TOKEN_INVALID"


async def test_a_basic_session_runs_to_its_end_without_any_peer(client: Client) -> None:
    user = await client.user(time_zone=_by_day())
    started = await client.start(user)
    assert started.state == P.SESSION_STATE_REQUESTED
    ended = await client.until(started.name)
    assert ended.state == P.SESSION_STATE_COMPLETED, ended
    assert [s.step for s in ended.steps] == [
        "open", "consent", "readiness", "certify", "schedule", "run",
    ]  # fmt: skip
    assert 0 < ended.monitor.max_intensity <= float(ended.effective_cap)
    assert ended.monitor.max_barrier < 0
    listed = await client.dream.ListSessions(S.ListSessionsRequest(user=user))
    assert [s.name for s in listed.sessions] == [started.name]
    broken = await client.application.store.read(lambda c: list(broken_links(c)))
    assert broken == []


async def test_a_watch_resumes_after_the_last_event_seen(client: Client) -> None:
    user = await client.user()
    started = await client.start(user)
    await client.until(started.name)
    whole = [e async for e in client.dream.WatchSession(S.WatchSessionRequest(name=started.name))]
    assert [e.sequence for e in whole] == list(range(1, len(whole) + 1))
    assert [e.terminal for e in whole].count(True) == 1
    rest = client.dream.WatchSession(
        S.WatchSessionRequest(name=started.name, after_sequence=whole[2].sequence)
    )
    assert [e.sequence async for e in rest] == [e.sequence for e in whole[3:]]


@pytest.mark.parametrize(
    ("level", "fields", "state", "reason"),
    [
        (0, {}, P.SESSION_STATE_REJECTED, "CONSENT_MISSING"),
        (1, {}, P.SESSION_STATE_REJECTED, "CONSENT_LEVEL_TOO_LOW"),
        (
            2,
            {"readiness_inputs": P.ReadinessInputs(stress=0.95, measure_time=Timestamp())},
            P.SESSION_STATE_DEFERRED,
            "INPUTS_STALE",
        ),
    ],
)
async def test_what_forbids_a_session_is_its_typed_outcome(
    client: Client, level: int, fields: dict[str, Any], state: int, reason: str
) -> None:
    user = await client.user(consent=False)
    if level:
        await client.grant(user, level=level)
    ended = await client.until((await client.start(user, **fields)).name)
    assert (ended.state, ended.outcome_reason) == (state, reason)
    assert ended.HasField("retry_time") == (state == P.SESSION_STATE_DEFERRED)


async def test_an_unreachable_vendor_leaves_a_basic_session(client: Client) -> None:
    user = await client.user(consent=False, time_zone=_by_day())
    await client.grant(user, level=3)
    started = await client.start(user, seed="vendors/v1/seeds/s1", mode=P.SESSION_MODE_FULL)
    ended = await client.until(started.name)
    assert ended.state == P.SESSION_STATE_COMPLETED, ended
    assert ended.mode == P.SESSION_MODE_BASIC
    noted = [(d.capability, d.reason) for d in ended.degradations]
    assert noted == [("vendor_content", "VENDOR_UNAVAILABLE")]


async def test_one_session_per_user_at_a_time(client: Client) -> None:
    user = await client.user(time_zone=_by_day())
    first = await client.start(user, unattended=False, time_compression=1.0)
    failure = await refusal(client.start(user))
    assert failure.reason == "SESSION_ALREADY_RUNNING"
    assert failure.metadata == {"name": first.name}
    stopped = await client.dream.StopSession(S.StopSessionRequest(name=first.name))
    assert stopped.name == first.name
    assert (await client.until(first.name)).state == P.SESSION_STATE_COMPENSATED
    request = S.StartSessionRequest(
        session_id=first.name.removeprefix("sessions/"), session=session_of(user)
    )
    assert (await refusal(client.dream.StartSession(request))).reason == "SESSION_ALREADY_EXISTS"
    again = await client.dream.StopSession(S.StopSessionRequest(name=first.name))
    assert again.state == P.SESSION_STATE_COMPENSATED


@pytest.mark.parametrize("cap", ["1.5", "0", "-1", "1e-1", "a"])
async def test_a_cap_that_is_none_is_refused(client: Client, cap: str) -> None:
    user = await client.user()
    failure = await refusal(client.start(user, intensity_cap=cap))
    assert failure.reason == "CAP_INVALID"
    assert failure.field_violations[0].field == "session.intensity_cap"


class Attendance:
    """A client that takes part in a run."""

    def __init__(self, client: Client, name: str) -> None:
        self.name = name
        self.call = client.dream.RunSession()

    async def report(self, arousal: float, name: str | None = None) -> None:
        telemetry = S.Telemetry(session_time_s=1.0, arousal_estimate=arousal)
        request = S.RunSessionRequest(name=self.name if name is None else name, telemetry=telemetry)
        await self.call.write(request)

    async def take(self, until: Any) -> dream_service_pb2.RunSessionResponse:
        async with asyncio.timeout(20):
            while True:
                response: dream_service_pb2.RunSessionResponse = await self.call.read()
                assert response is not grpc.aio.EOF
                assert 0.0 <= response.intensity <= 0.8
                if until(response):
                    return response


async def running(client: Client, **fields: Any) -> tuple[str, str, Attendance]:
    user = await client.user(consent=False, time_zone=_by_day())
    await client.grant(user, level=2)
    asked = {"unattended": False, "time_compression": 20.0} | fields
    started = await client.start(user, **asked)
    await client.until(started.name, P.SESSION_STATE_SCHEDULED)
    attendance = Attendance(client, started.name)
    await attendance.report(0.1)
    await attendance.take(lambda r: r.state == P.SESSION_STATE_RUNNING)
    return user, started.name, attendance


async def test_a_measured_excess_starts_the_ramp_down(client: Client) -> None:
    _, name, attendance = await running(client)
    await attendance.report(0.95)
    alarmed = await attendance.take(lambda r: r.ramping_down)
    assert alarmed.barrier_value >= 0 > alarmed.margin
    last = await attendance.take(lambda r: r.terminal)
    assert last.state == P.SESSION_STATE_ABORTED_SAFE
    ended = await client.dream.GetSession(S.GetSessionRequest(name=name))
    assert ended.outcome_reason == ended.monitor.reason == "BARRIER_REACHED"
    assert ended.monitor.intervened


async def test_a_session_pauses_resumes_and_stops(client: Client) -> None:
    _, name, attendance = await running(client)
    await client.dream.PauseSession(S.PauseSessionRequest(name=name))
    await attendance.report(0.1)
    await attendance.take(lambda r: r.intensity == 0.0)
    await client.dream.ResumeSession(S.ResumeSessionRequest(name=name))
    await client.dream.StopSession(S.StopSessionRequest(name=name))
    await attendance.take(lambda r: r.ramping_down)
    assert (await client.until(name)).outcome_reason == "STOPPED_BY_USER"
    late = S.PauseSessionRequest(name=name)
    assert (await refusal(client.dream.PauseSession(late))).reason == "SESSION_STATE_FORBIDS"
    over = S.ResumeSessionRequest(name=name)
    assert (await refusal(client.dream.ResumeSession(over))).reason == "SESSION_STATE_FORBIDS"


async def test_revoking_consent_stops_a_running_session_within_two_seconds(
    client: Client,
) -> None:
    user, _, attendance = await running(client)
    held = await client.consent.ListConsents(consents.ListConsentsRequest(parent=user))
    await client.consent.RevokeConsent(consents.RevokeConsentRequest(name=held.consents[0].name))
    began = asyncio.get_running_loop().time()
    stopped = await attendance.take(lambda r: r.ramping_down)
    assert asyncio.get_running_loop().time() - began < 2.0
    assert stopped.message == "CONSENT_REVOKED"


async def test_a_stream_that_names_no_session_is_refused(client: Client) -> None:
    call = client.dream.RunSession()
    await call.write(S.RunSessionRequest())
    assert (await refusal(call.read())).reason == "TELEMETRY_INVALID"


async def test_a_stream_belongs_to_one_session(client: Client) -> None:
    _, _, attendance = await running(client)
    await attendance.report(0.1, name="sessions/another")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await attendance.take(lambda r: r.terminal)
    assert failure_of(caught.value).reason == "TELEMETRY_INVALID"


async def test_readiness_says_what_it_would_allow(client: Client) -> None:
    user = await client.user(time_zone=_by_day())
    now = Timestamp()
    now.GetCurrentTime()
    inputs = P.ReadinessInputs(stress=0.5, measure_time=now)
    readiness = await client.dream.GetReadiness(
        S.GetReadinessRequest(user=user, inputs=inputs, intensity_cap="0.7")
    )
    assert readiness.decision == P.READINESS_DECISION_TRANSFORM
    assert (readiness.intensity_cap, list(readiness.reasons)) == ("0.6", ["STRESS_MODERATE"])


async def test_what_is_not_served_yet_says_so(client: Client) -> None:
    journey = S.GetJourneyRequest(name="users/u")
    assert (await refusal(client.dream.GetJourney(journey))).reason == "NOT_YET_SERVED"
    audit = AuditServiceStub(client.channel)
    assert (await refusal(audit.ListEntries(ListEntriesRequest()))).reason == "NOT_YET_SERVED"


async def test_a_full_store_starts_nothing(client: Client) -> None:
    user = await client.user()

    async def full(_work: Any) -> Any:
        raise StoreFull

    whole, client.application.store.write = client.application.store.write, full  # type: ignore[method-assign]
    try:
        failure = await refusal(client.start(user))
    finally:
        client.application.store.write = whole  # type: ignore[method-assign]
    assert failure.reason == "STORE_FULL"
    assert failure.retry_after_s


def test_every_reason_of_the_protos_is_in_the_table() -> None:
    declared = {
        name.removeprefix("ERROR_REASON_") for name in error_reason_pb2.ErrorReason.keys()[1:]
    }
    assert {entry.reason for entry in ERRORS.entries.values()} == declared


def _by_day() -> str:
    """Return a time zone in which it is day now: the filter lowers the cap by night."""
    from datetime import UTC, datetime

    hour = datetime.now(UTC).hour
    offset = 12 - hour
    # The sign of Etc zones is that of POSIX: Etc/GMT-3 lies three hours east of Greenwich.
    return "Etc/GMT" if offset == 0 else f"Etc/GMT{'-' if offset > 0 else '+'}{abs(offset)}"
