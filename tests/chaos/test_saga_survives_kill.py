"""A session whose orchestrator is killed with kill -9 completes, and no effect happens twice.

Real processes on real ports: vendor, validation, coherence and cache stay up, dream dies at a named
failpoint drawn at random (the seed is printed) and is started again, on SQLite and on PostgreSQL.
"""

import asyncio
import os
import random
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from lucid.coherence.v1 import coherence_service_pb2
from lucid.coherence.v1.coherence_service_pb2_grpc import CoherenceServiceStub
from lucid.dream.v1 import consent_pb2, dream_service_pb2, session_pb2
from lucid.dream.v1 import consent_service_pb2 as consents
from lucid.dream.v1.consent_service_pb2_grpc import ConsentServiceStub
from lucid.dream.v1.dream_service_pb2_grpc import DreamServiceStub
from lucid.vendor.v1 import commerce_service_pb2, seed_pb2, vendor_pb2, vendor_service_pb2
from lucid.vendor.v1 import seed_service_pb2 as seeds
from lucid.vendor.v1.commerce_service_pb2_grpc import CommerceServiceStub
from lucid.vendor.v1.seed_service_pb2_grpc import SeedServiceStub
from lucid.vendor.v1.vendor_service_pb2_grpc import VendorServiceStub
from lucid_rpc.breaker import Breakers, BreakerSettings
from lucid_rpc.channel import connect
from lucid_runtime.addresses import Address
from lucid_testkit.databases import database_url, postgres_url, sqlite_url
from lucid_testkit.ports import free_address
from lucid_vendor import examples

__all__ = ["database_url", "postgres_url", "sqlite_url"]

ENDED = frozenset({10, 11, 12, 13, 14, 15, 16}) - {session_pb2.SESSION_STATE_COMPENSATING}
EDGES = ("before", "after", "recorded")
STEPS = ("reserve", "certify", "carrier", "schedule", "run", "settle")
PEERS = ("cache", "validation", "coherence", "vendor")
START_S = 40.0
SESSION_S = 60.0


@dataclass
class Process:
    """One service as a process of its own."""

    noun: str
    address: Address
    environ: dict[str, str]
    log: Path
    child: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> None:
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", f"lucid_{self.noun}"],
                env=self.environ | more,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.kill()
            self.child.wait(10)


@dataclass
class Mesh:
    """The processes, and a channel to each."""

    processes: dict[str, Process]
    channels: dict[str, Any] = field(default_factory=dict)

    def channel(self, noun: str) -> Any:
        if noun not in self.channels:
            never_open = Breakers(time.monotonic, BreakerSettings(failures_max=1_000_000))
            self.channels[noun] = connect(
                self.processes[noun].address, service=noun, caller=None, breakers=never_open
            )
        return self.channels[noun]

    async def ready(self, noun: str) -> None:
        async with asyncio.timeout(START_S):
            await self.channel(noun).channel_ready()


def _processes(folder: Path, dream_database: str) -> dict[str, Process]:
    nouns = (*PEERS, "dream", "metrics")
    addresses = {noun: free_address() for noun in nouns}
    shared = {f"LUCID_{noun.upper()}_ADDRESS": str(addresses[noun]) for noun in nouns}
    made = {}
    for noun in (*PEERS, "dream"):
        environ = os.environ | shared
        environ["LUCID_DATA_DIR"] = str(folder / noun)
        environ["LUCID_LISTEN"] = str(addresses[noun])
        environ["LUCID_HEALTH_LISTEN"] = str(free_address())
        environ.pop("LUCID_DATABASE_URL", None)
        made[noun] = Process(noun, addresses[noun], environ, folder / f"{noun}.log")
    made["dream"].environ["LUCID_DATABASE_URL"] = dream_database
    return made


@pytest.fixture
def mesh(tmp_path: Path, database_url: str) -> Iterator[Mesh]:
    mesh = Mesh(_processes(tmp_path, database_url))
    for noun in PEERS:
        mesh.processes[noun].start()
    yield mesh
    for process in mesh.processes.values():
        process.stop()


@pytest.fixture
async def published(mesh: Mesh) -> AsyncIterator[seed_pb2.Seed]:
    for noun in PEERS:
        await mesh.ready(noun)
    vendor = await VendorServiceStub(mesh.channel("vendor")).CreateVendor(
        vendor_service_pb2.CreateVendorRequest(
            vendor_id=f"chaos-{secrets.token_hex(3)}",
            vendor=vendor_pb2.Vendor(
                legal_name="Chaos Ltd", contact_email="a@chaos.example", domains=["chaos.example"]
            ),
        )
    )
    document = {**examples.load(examples.GENTLE)[0]}
    document.pop("offer", None)
    stub = SeedServiceStub(mesh.channel("vendor"))
    seed = await stub.CreateSeed(
        seeds.CreateSeedRequest(
            parent=vendor.name, seed=json_format.ParseDict(document, seed_pb2.Seed())
        )
    )
    await stub.SubmitSeed(seeds.SubmitSeedRequest(name=seed.name), timeout=60)
    async with asyncio.timeout(60):
        while seed.state != seed_pb2.SEED_STATE_CERTIFIED:
            seed = await stub.GetSeed(seeds.GetSeedRequest(name=seed.name))
            assert seed.state != seed_pb2.SEED_STATE_REJECTED, seed.certification
            await asyncio.sleep(0.1)
    yield await stub.PublishSeed(seeds.PublishSeedRequest(name=seed.name))
    for channel in mesh.channels.values():
        await channel.close()


async def start_session(mesh: Mesh, seed: str) -> str:
    consent = ConsentServiceStub(mesh.channel("dream"))
    user = await consent.RegisterUser(
        consents.RegisterUserRequest(
            user=consent_pb2.User(
                date_of_birth="1990-12-10", attestation=consent_pb2.AGE_ATTESTATION_SELF_DECLARED
            )
        )
    )
    await consent.GrantConsent(
        consents.GrantConsentRequest(
            parent=user.name,
            consent=consent_pb2.Consent(
                level=consent_pb2.CONSENT_LEVEL_ENHANCED, scope=consent_pb2.CONSENT_SCOPE_GLOBAL
            ),
        )
    )
    session = session_pb2.Session(
        user=user.name,
        seed=seed,
        session_type=session_pb2.SESSION_TYPE_GUIDED,
        unattended=True,
        time_compression=600,
    )
    session.duration.FromSeconds(600)
    session.readiness_inputs.measure_time.GetCurrentTime()
    stub = DreamServiceStub(mesh.channel("dream"))
    started = await stub.StartSession(dream_service_pb2.StartSessionRequest(session=session))
    return str(started.name)


async def end_of(mesh: Mesh, name: str) -> session_pb2.Session:
    stub = DreamServiceStub(mesh.channel("dream"))
    async with asyncio.timeout(SESSION_S):
        while True:
            try:
                session = await stub.GetSession(
                    dream_service_pb2.GetSessionRequest(name=name), timeout=5
                )
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.NOT_FOUND:
                    pytest.fail("an accepted id was lost")
            else:
                if session.state in ENDED:
                    return session
            await asyncio.sleep(0.1)


async def effects_of(mesh: Mesh, session: session_pb2.Session, seed: seed_pb2.Seed) -> list[int]:
    """Count, at the callees, how often reserving, preparing and settling took effect."""
    held = await SeedServiceStub(mesh.channel("vendor")).ReserveSeed(
        seeds.ReserveSeedRequest(name=seed.name, session=session.name)
    )
    entries = await CommerceServiceStub(mesh.channel("vendor")).ListEntries(
        commerce_service_pb2.ListEntriesRequest(parent="/".join(seed.name.split("/")[:2]))
    )
    ours = [entry for entry in entries.entries if entry.session == session.name]
    carrier = await CoherenceServiceStub(mesh.channel("coherence")).GetCarrier(
        coherence_service_pb2.GetCarrierRequest(name=session.carrier)
    )
    return [
        carrier.effect_count,
        held.reservation.effect_count,
        len(ours),
        *(entry.effect_count for entry in ours),
    ]


async def test_a_killed_session_completes_and_every_effect_happens_once(
    mesh: Mesh, published: seed_pb2.Seed
) -> None:
    drawn = int(os.environ.get("LUCID_CHAOS_SEED", secrets.randbelow(2**32)))
    chance = random.Random(drawn)
    failpoint = f"saga.{chance.choice(EDGES)}_{chance.choice(STEPS)}"
    print(f"LUCID_CHAOS_SEED={drawn}: kill -9 at {failpoint}")
    dream = mesh.processes["dream"]
    dream.start(LUCID_FAILPOINT=f"{failpoint}:kill")
    await mesh.ready("dream")
    name = await start_session(mesh, published.name)
    assert dream.child is not None
    died = await asyncio.to_thread(dream.child.wait, SESSION_S)
    assert died == -9
    dream.start()
    session = await end_of(mesh, name)
    state = session_pb2.SessionState.Name(session.state)
    assert state == "SESSION_STATE_COMPLETED", f"{session.outcome_reason}: {session.steps}"
    assert await effects_of(mesh, session, published) == [1, 1, 1, 1]
    assert session.verdict.startswith("verdicts/")
    assert 0 < session.monitor.max_intensity <= float(session.effective_cap)
    assert [step.step for step in session.steps] == [
        "open", "consent", "readiness", "reserve", "certify", "carrier", "schedule", "run",
        "settle",
    ]  # fmt: skip
    assert not session.degradations
