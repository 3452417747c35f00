"""Act four: a consenting user's sessions over all services; one survives the death of dream."""

import asyncio
import datetime as dt
import os
import random
import secrets
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc.aio
import httpx
from lucid.coherence.v1 import coherence_service_pb2 as coherence_api
from lucid.coherence.v1.coherence_service_pb2_grpc import CoherenceServiceStub
from lucid.dream.v1 import consent_pb2, consent_service_pb2, session_pb2
from lucid.dream.v1 import dream_service_pb2 as api
from lucid.dream.v1.consent_service_pb2_grpc import ConsentServiceStub
from lucid.dream.v1.dream_service_pb2_grpc import DreamServiceStub
from lucid.vendor.v1 import commerce_service_pb2, seed_pb2, seed_service_pb2
from lucid.vendor.v1.commerce_service_pb2_grpc import CommerceServiceStub
from lucid.vendor.v1.seed_service_pb2_grpc import SeedServiceStub

from lucid_cli.attend import Attendance, attend
from lucid_cli.story.patience import call, follow, new_request_id, post
from lucid_cli.story.recorder import Recorder

SESSION_S = 1200
COMPRESSION = 240.0
SESSION_TIMEOUT_S = 90
# Steps that leave something behind at another service, or run long enough to be cut.
STEPS_TO_INTERRUPT = ("reserve", "certify", "carrier", "schedule", "run", "settle")
ENDED: set[int] = {
    session_pb2.SESSION_STATE_COMPLETED,
    session_pb2.SESSION_STATE_REJECTED,
    session_pb2.SESSION_STATE_DEFERRED,
    session_pb2.SESSION_STATE_ABORTED_SAFE,
    session_pb2.SESSION_STATE_COMPENSATED,
    session_pb2.SESSION_STATE_FAILED_NEEDS_OPERATOR,
}


@dataclass(frozen=True)
class Services:
    """Channels to the services and the gateway's URL."""

    dream: grpc.aio.Channel
    vendor: grpc.aio.Channel
    coherence: grpc.aio.Channel
    gateway_url: str


def state_name(state: int) -> str:
    """Return COMPLETED, RUNNING, ... for an enum number."""
    return session_pb2.SessionState.Name(state).removeprefix("SESSION_STATE_")


async def register_user(services: Services, recorder: Recorder) -> str:
    """Register an adult who consents to everything; return the name."""
    recorder.act("4  A consenting user takes sessions")
    stub = ConsentServiceStub(services.dream)
    user = await call(
        stub.RegisterUser,
        consent_service_pb2.RegisterUserRequest(
            user_id=f"ada-{secrets.token_hex(3)}",
            request_id=new_request_id(),
            user=consent_pb2.User(
                date_of_birth="1990-12-10",
                attestation=consent_pb2.AGE_ATTESTATION_SELF_DECLARED,
                intensity_cap="0.8",
            ),
        ),
    )
    early = await start_session(services, user.name, None, "SESSION_MODE_BASIC", unattended=True)
    ended = await wait_until_ended(services, early["name"], 30)
    recorder.step(
        "without consent nothing runs, not even platform content",
        ended.state == session_pb2.SESSION_STATE_REJECTED,
        f"{state_name(ended.state)} {ended.outcome_reason}",
    )
    consent = await call(
        stub.GrantConsent,
        consent_service_pb2.GrantConsentRequest(
            parent=user.name,
            request_id=new_request_id(),
            consent=consent_pb2.Consent(
                level=consent_pb2.CONSENT_LEVEL_DREAM_AWARE,
                scope=consent_pb2.CONSENT_SCOPE_GLOBAL,
                vendor_sharing=consent_pb2.VENDOR_SHARING_AGGREGATED_ONLY,
            ),
        ),
    )
    recorder.step("the user consents", bool(consent.name), f"{consent.name}, epoch {consent.epoch}")
    return str(user.name)


async def start_session(
    services: Services, user: str, seed: str | None, mode: str, *, unattended: bool
) -> dict[str, Any]:
    """Start a session through the gateway's REST edge; return the session as JSON."""
    session: dict[str, Any] = {
        "user": user,
        "sessionType": "SESSION_TYPE_GUIDED",
        "duration": f"{SESSION_S}s",
        "timeCompression": COMPRESSION,
        "unattended": unattended,
        "mode": mode,
        "readinessInputs": {
            "stress": 0.15,
            "attention": 0.6,
            "valence": 0.6,
            "arousal": 0.3,
            "dominance": 0.6,
            "calm": 0.8,
            "joy": 0.6,
            "longing": 0.2,
            "focus": 0.6,
            "stability": 0.8,
            "dreamResidue": 0.1,
            "measureTime": dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z"),
        },
    }
    if seed is not None:
        session["seed"] = seed
    async with httpx.AsyncClient(base_url=services.gateway_url, timeout=30) as client:
        answer: dict[str, Any] = await post(client, "/v1/sessions", session, new_request_id())
        return answer


async def take_session(
    services: Services, user: str, seed: seed_pb2.Seed, recorder: Recorder
) -> str:
    """Take one attended session and show its steps, degradations and monitor; return its trace."""
    started = await start_session(services, user, seed.name, "SESSION_MODE_FULL", unattended=False)
    name = str(started["name"])
    recorder.say(f"[dim]  {name} started through {services.gateway_url}/v1/sessions[/]")
    watching = asyncio.create_task(_watch(services, name, recorder))
    stub = DreamServiceStub(services.dream)
    await _wait_until(
        services,
        name,
        {session_pb2.SESSION_STATE_SCHEDULED, session_pb2.SESSION_STATE_RUNNING} | ENDED,
    )
    seen = await attend(stub, name, COMPRESSION, SESSION_TIMEOUT_S, _shower(recorder))
    ended = await wait_until_ended(services, name, SESSION_TIMEOUT_S)
    await watching
    _judge(ended, seen, recorder)
    return str(ended.trace_id)


def _shower(recorder: Recorder) -> Any:
    shown = {"tenth": -1}

    def show(response: Any) -> None:
        tenth = int(10 * response.session_time_s / SESSION_S)
        if tenth == shown["tenth"] and not response.terminal:
            return
        shown["tenth"] = tenth
        bar = "█" * round(20 * response.intensity)
        recorder.say(
            f"[dim]  {response.session_time_s:6.0f} s  {response.phase:12.12} intensity "
            f"{response.intensity:.2f} [cyan]{bar:20}[/] B = {response.barrier_value:+.3f}"
            f"{'  ramp-down' if response.ramping_down else ''}[/]"
        )

    return show


def _judge(ended: session_pb2.Session, seen: Attendance, recorder: Recorder) -> None:
    recorder.step(
        "the session completes",
        ended.state == session_pb2.SESSION_STATE_COMPLETED,
        f"{state_name(ended.state)} {ended.outcome_reason}; "
        f"certified for cap {ended.effective_cap}, {ended.verdict}",
    )
    recorder.step(
        "the monitor kept B below 0 and the intensity within the cap",
        ended.monitor.ticks > 0
        and ended.monitor.max_barrier < 0
        and ended.monitor.max_intensity <= float(ended.effective_cap or 0),
        f"{ended.monitor.ticks} ticks, max B {ended.monitor.max_barrier:+.3f}, "
        f"max intensity {ended.monitor.max_intensity:.2f}, {seen.responses} messages seen",
    )
    degradations = ", ".join(f"{d.capability} ({d.reason})" for d in ended.degradations)
    recorder.say(f"[dim]  degradations: {degradations or 'none'}[/]")


async def survive_a_kill(
    services: Services,
    dream_pid: Any,
    user: str,
    seed: seed_pb2.Seed,
    seed_of_draw: int,
    recorder: Recorder,
) -> str:
    """Kill the orchestrator at a drawn step of a session; check that nothing is lost or twice."""
    # Not a secret: the same seed draws the same step again.
    step = random.Random(seed_of_draw).choice(STEPS_TO_INTERRUPT)  # noqa: S311
    recorder.say(
        f"a session is interrupted by kill -9 of dream at step [bold]{step}[/] "
        f"(drawn with seed {seed_of_draw})"
    )
    started = await start_session(services, user, seed.name, "SESSION_MODE_FULL", unattended=True)
    name = str(started["name"])
    pid = dream_pid()
    reached = await _wait_for_step(services, name, step)
    os.kill(pid, signal.SIGKILL)
    recorder.say(f"[dim]  killed process {pid} when step {reached} was seen[/]")
    ended = await wait_until_ended(services, name, SESSION_TIMEOUT_S)
    recorder.step(
        "the interrupted session completes after the restart",
        ended.state == session_pb2.SESSION_STATE_COMPLETED,
        f"{name} {state_name(ended.state)} {ended.outcome_reason}",
    )
    await _count_effects(services, ended, seed, recorder)
    return str(ended.trace_id)


async def _count_effects(
    services: Services, ended: session_pb2.Session, seed: seed_pb2.Seed, recorder: Recorder
) -> None:
    reservation = await call(
        SeedServiceStub(services.vendor).ReserveSeed,
        seed_service_pb2.ReserveSeedRequest(name=seed.name, session=ended.name),
    )
    counts = {"vendor reservation": int(reservation.reservation.effect_count)}
    if ended.carrier:
        carrier = await call(
            CoherenceServiceStub(services.coherence).GetCarrier,
            coherence_api.GetCarrierRequest(name=ended.carrier),
        )
        counts["coherence carrier"] = int(carrier.effect_count)
    entries = await call(
        CommerceServiceStub(services.vendor).ListEntries,
        commerce_service_pb2.ListEntriesRequest(parent="/".join(seed.name.split("/")[:2])),
    )
    settled = [entry for entry in entries.entries if entry.session == ended.name]
    counts["ledger entries"] = len(settled)
    shown = ", ".join(f"{what} {count}" for what, count in counts.items())
    recorder.step("every effect happened exactly once", set(counts.values()) == {1}, shown)


def _events(services: Services, name: str) -> AsyncIterator[api.WatchSessionResponse]:
    """Return a session's events; they go on after a restart of dream."""
    stub = DreamServiceStub(services.dream)
    return follow(
        lambda after: stub.WatchSession(
            api.WatchSessionRequest(name=name, after_sequence=after), timeout=SESSION_TIMEOUT_S
        )
    )


async def _watch(services: Services, name: str, recorder: Recorder) -> None:
    """Show the saga's steps as they happen."""
    async for event in _events(services, name):
        if event.step.step and event.step.status != "started":
            recorder.say(
                f"[dim]  step {event.step.step:12} {event.step.status:8} {event.step.detail}[/]"
            )
        if event.terminal:
            return


async def _wait_for_step(services: Services, name: str, step: str) -> str:
    async for event in _events(services, name):
        if event.step.step == step or event.terminal:
            return str(event.step.step or state_name(event.state))
    return "end"


async def _get(services: Services, name: str) -> session_pb2.Session | None:
    try:
        found: session_pb2.Session = await DreamServiceStub(services.dream).GetSession(
            api.GetSessionRequest(name=name), timeout=5
        )
    except grpc.aio.AioRpcError as error:
        if error.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}:
            return None
        raise
    return found


async def _wait_until(
    services: Services, name: str, states: set[int], timeout_s: float = SESSION_TIMEOUT_S
) -> session_pb2.Session:
    # Asking again survives the death of the service that is asked; a stream would not.
    async with asyncio.timeout(timeout_s):
        while True:
            session = await _get(services, name)
            if session is not None and session.state in states:
                return session
            await asyncio.sleep(0.1)


async def wait_until_ended(services: Services, name: str, timeout_s: float) -> session_pb2.Session:
    """Return the session once it has ended; asks again while dream is down."""
    return await _wait_until(services, name, ENDED, timeout_s)
