"""Act three: a vendor submits a good and a bad seed; only the good one is published."""

import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from google.protobuf import json_format
from lucid.vendor.v1 import seed_pb2, vendor_pb2, vendor_service_pb2
from lucid.vendor.v1 import seed_service_pb2 as api
from lucid.vendor.v1.seed_service_pb2_grpc import SeedServiceStub
from lucid.vendor.v1.vendor_service_pb2_grpc import VendorServiceStub
from lucid_rpc.status import failure_of
from lucid_vendor import examples

from lucid_cli.problem_file import ProblemFileInvalid, read_json
from lucid_cli.story.patience import call, follow, new_request_id
from lucid_cli.story.recorder import Recorder
from lucid_cli.verdict_view import point_text, status_name, witness_of

DECIDE_TIMEOUT_S = 60


@dataclass(frozen=True)
class SeedEntry:
    """One seed of a seeds file; `expected` is CERTIFIED, REJECTED or empty for a user's own."""

    seed_id: str
    seed: seed_pb2.Seed
    expected: str


def read_seeds(path: Path) -> list[SeedEntry]:
    """Return the seeds of a user's file, an array of seeds as their JSON objects.

    Raises:
        ProblemFileInvalid: with the index and field of the first entry that cannot be read.
    """
    entries = read_json(path)
    if not isinstance(entries, list) or not entries:
        raise ProblemFileInvalid(f"{path}: want an array with at least one seed")
    return [_entry(f"{path}[{index}]", entry) for index, entry in enumerate(entries)]


def example_seeds() -> list[SeedEntry]:
    """Return the seeds that come with the vendor portal: two good ones and a bad one."""
    good, bad = examples.load(examples.SEEDS)
    gentle = examples.load(examples.GENTLE)[0]
    return [
        _entry("gentle", gentle, expected="CERTIFIED"),
        _entry("good", good, expected="CERTIFIED"),
        _entry("bad", bad, expected="REJECTED"),
    ]


def _entry(where: str, entry: Any, expected: str = "") -> SeedEntry:
    if not isinstance(entry, dict):
        raise ProblemFileInvalid(f"{where}: want a seed as a JSON object")
    try:
        seed = json_format.ParseDict(entry, seed_pb2.Seed())
    except json_format.ParseError as error:
        raise ProblemFileInvalid(_what_is_wrong(where, str(error))) from None
    return SeedEntry(_id_of(seed.title), seed, expected)


def _what_is_wrong(where: str, said: str) -> str:
    """Return the place that a JSON reader complains of, in our own words."""
    places = "".join(f".{name}" for name in re.findall(r"Failed to parse (\w+) field", said))
    unknown = re.search(r'no field named "([^"]*)"', said)
    if unknown:
        return f"{where}{places}: there is no field {unknown[1]!r} in a seed"
    return f"{where}{places}: this is not a value of that field (see lucid.vendor.v1.Seed)"


def _id_of(title: str) -> str:
    words = re.findall(r"[a-z0-9]+", title.lower())
    return f"s-{'-'.join(words)[:40].rstrip('-')}-{secrets.token_hex(2)}"


async def register_vendor(channel: grpc.aio.Channel, recorder: Recorder) -> str:
    """Register a vendor and make it a key; return its name."""
    recorder.act("3  A vendor publishes what is proved, and only that")
    stub = VendorServiceStub(channel)
    vendor_id = f"nocturne-{secrets.token_hex(3)}"
    vendor = await call(
        stub.CreateVendor,
        vendor_service_pb2.CreateVendorRequest(
            vendor_id=vendor_id,
            request_id=new_request_id(),
            vendor=vendor_pb2.Vendor(
                legal_name="Nocturne Audio Ltd",
                contact_email="certificates@nocturne.example",
                domains=["nocturne.example"],
                categories=["sound"],
            ),
        ),
    )
    tier = vendor_pb2.Tier.Name(vendor.tier).removeprefix("TIER_")
    recorder.step(
        "a vendor is registered",
        vendor.name == f"vendors/{vendor_id}",
        f"{vendor.name}, tier {tier}",
    )
    key = await call(
        stub.CreateApiKey,
        vendor_service_pb2.CreateApiKeyRequest(
            parent=vendor.name,
            api_key=vendor_pb2.ApiKey(display_name="story"),
            request_id=new_request_id(),
        ),
    )
    recorder.step("its key shows its secret once", key.secret.startswith("lk_"), key.name)
    return str(vendor.name)


async def certify_seeds(
    channel: grpc.aio.Channel, vendor: str, entries: list[SeedEntry], recorder: Recorder
) -> list[seed_pb2.Seed]:
    """Submit every seed, publish what is certified; return the published seeds."""
    stub = SeedServiceStub(channel)
    published = []
    for entry in entries:
        seed = await _submit(stub, vendor, entry)
        state = seed_pb2.SeedState.Name(seed.state).removeprefix("SEED_STATE_")
        decision = seed.certification
        detail = f"{state}, certificate {status_name(decision.status)}"
        if decision.HasField("counterexample"):
            witness = witness_of(decision.counterexample)
            detail += f"; {decision.counterexample.obligation} fails {point_text(witness)}"
        expected = entry.expected or state
        recorder.step(f"seed {entry.seed_id} is {expected.lower()}", state == expected, detail)
        refused = await _publish(stub, seed)
        if state == "CERTIFIED":
            recorder.step(
                f"seed {entry.seed_id} is published", refused is None, f"version {seed.version}"
            )
            published.append(await call(stub.GetSeed, api.GetSeedRequest(name=seed.name)))
        else:
            recorder.step(
                f"publishing {entry.seed_id} is refused", refused is not None, refused or ""
            )
    return published


async def _submit(stub: SeedServiceStub, vendor: str, entry: SeedEntry) -> seed_pb2.Seed:
    create = api.CreateSeedRequest(
        parent=vendor, seed_id=entry.seed_id, seed=entry.seed, request_id=new_request_id()
    )
    name = (await call(stub.CreateSeed, create)).name
    submit = api.SubmitSeedRequest(name=name, request_id=new_request_id())
    seed: seed_pb2.Seed = await call(stub.SubmitSeed, submit, DECIDE_TIMEOUT_S)
    undecided = {seed_pb2.SEED_STATE_SUBMITTED, seed_pb2.SEED_STATE_VALIDATING}
    if seed.state not in undecided:
        return seed

    def watch(after: int) -> AsyncIterator[api.WatchSeedResponse]:
        request = api.WatchSeedRequest(name=name, after_sequence=after)
        events: AsyncIterator[api.WatchSeedResponse] = stub.WatchSeed(
            request, timeout=DECIDE_TIMEOUT_S
        )
        return events

    async for event in follow(watch):
        if not event.heartbeat and event.state not in undecided | {seed_pb2.SEED_STATE_DRAFT}:
            break
    decided: seed_pb2.Seed = await call(stub.GetSeed, api.GetSeedRequest(name=name))
    return decided


async def _publish(stub: SeedServiceStub, seed: seed_pb2.Seed) -> str | None:
    """Try to publish; return the reason of the refusal, or None."""
    try:
        await call(
            stub.PublishSeed, api.PublishSeedRequest(name=seed.name, request_id=new_request_id())
        )
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
            raise
        return failure_of(error).reason
    return None
