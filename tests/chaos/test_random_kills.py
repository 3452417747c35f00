"""Processes die at random while sessions run: nothing accepted is lost, nothing happens twice."""

import asyncio
import os
import random
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from lucid.dream.v1 import session_pb2
from lucid.vendor.v1 import commerce_service_pb2
from lucid.vendor.v1.commerce_service_pb2_grpc import CommerceServiceStub
from lucid_cli.mesh_client import channel_to
from lucid_cli.story import sessions, vendors
from lucid_cli.story.recorder import Recorder
from lucid_local.layout import SERVICES, MeshLayout, free_ports
from lucid_local.readiness import wait_until_serving
from lucid_local.supervisor import Supervisor
from rich.console import Console

SESSIONS = 3
KILLS = 5
KILL_INTERVAL_S = (0.3, 1.5)
HEAL_TIMEOUT_S = 120
READY_TIMEOUT_S = 60


async def one_user_one_session(services: sessions.Services, seed: str) -> str:
    """Register a consenting user and start a session; return its name once acknowledged."""
    user = await sessions.register_user(services, Recorder(Console(quiet=True)))
    started = await sessions.start_session(
        services, user, seed, "SESSION_MODE_FULL", unattended=True
    )
    return str(started["name"])


@pytest.mark.slow
async def test_sessions_survive_the_death_of_any_process(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"drawn with seed {seed}")
    rng = random.Random(seed)
    layout = MeshLayout(tmp_path, free_ports(rng))
    supervisor = Supervisor(layout, os.environ)
    await supervisor.start()
    try:
        assert not await wait_until_serving(layout, READY_TIMEOUT_S)
        async with (
            channel_to(layout, "dream") as dream,
            channel_to(layout, "vendor") as vendor,
            channel_to(layout, "coherence") as coherence,
        ):
            services = sessions.Services(dream, vendor, coherence, layout.gateway_url)
            recorder = Recorder(Console(quiet=True))
            name = await vendors.register_vendor(vendor, recorder)
            published = await vendors.certify_seeds(
                vendor, name, vendors.example_seeds()[:1], recorder
            )
            started = [
                await one_user_one_session(services, published[0].name) for _ in range(SESSIONS)
            ]
            await _kill(supervisor, rng)
            await _assert_whole(services, name, started)
    finally:
        await supervisor.stop()


async def _kill(supervisor: Supervisor, rng: random.Random) -> None:
    for _ in range(KILLS):
        victim = rng.choice(SERVICES)
        print(f"kill -9 {victim}")
        # It may be dead already, waiting for its restart.
        with suppress(ProcessLookupError):
            os.kill(supervisor.pid(victim), signal.SIGKILL)
        await asyncio.sleep(rng.uniform(*KILL_INTERVAL_S))
    assert not await wait_until_serving(supervisor.layout, READY_TIMEOUT_S)


async def _assert_whole(services: sessions.Services, vendor: str, started: list[str]) -> None:
    ended = [await sessions.wait_until_ended(services, each, HEAL_TIMEOUT_S) for each in started]
    outcomes = {each.name: sessions.state_name(each.state) for each in ended}
    print(outcomes)
    # A session whose peer was down may be refused or undone; it must never be lost or half done.
    assert set(outcomes.values()) <= {"COMPLETED", "COMPENSATED", "REJECTED", "ABORTED_SAFE"}
    request = commerce_service_pb2.ListEntriesRequest(parent=vendor)
    page = await CommerceServiceStub(services.vendor).ListEntries(request, timeout=10)
    for session in ended:
        standing = [e for e in page.entries if e.session == session.name and not e.reverses]
        assert len(standing) <= 1, session
        # A vendor that was away leaves platform content: nothing of the vendor's to settle.
        is_basic = session.mode == session_pb2.SESSION_MODE_BASIC
        assert not is_basic or any(d.capability for d in session.degradations), session
        if outcomes[session.name] == "COMPLETED" and not is_basic:
            assert [entry.effect_count for entry in standing] == [1], session
