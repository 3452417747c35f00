"""The vendor portal and validation as two real processes: proofs, counterexamples, outages."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from grpc_health.v1 import health_pb2, health_pb2_grpc
from lucid.validation.v1 import (
    validation_service_pb2,
    validation_service_pb2_grpc,
    verdict_pb2,
)
from lucid.vendor.v1 import (
    seed_pb2,
    seed_service_pb2,
    seed_service_pb2_grpc,
    vendor_pb2,
    vendor_service_pb2,
    vendor_service_pb2_grpc,
)
from lucid_testkit.ports import free_address
from lucid_vendor.convert_model import document_from_problem, problem_from_document
from lucid_vendor.examples import GENTLE, load
from lucid_vendor.vendors.model import compose, parse_model, problem_sha256

READY_S = 30.0
S = seed_service_pb2


class Process:
    """A service as a process of its own, on ports that stay the same over restarts."""

    def __init__(self, noun: str, folder: Path, **environ: str) -> None:
        self.noun = noun
        self.address, self.health = str(free_address()), str(free_address())
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("LUCID_", "OTEL_"))}
        self._environ = {
            **inherited,
            "LUCID_LISTEN": self.address,
            "LUCID_HEALTH_LISTEN": self.health,
            "LUCID_DATA_DIR": str(folder),
            "LUCID_DATABASE_URL": f"sqlite:///{folder}/{noun}.sqlite",
            **environ,
        }
        self._log = folder / f"{noun}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", f"lucid_{self.noun}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environ, stderr=log)
        with grpc.insecure_channel(self.health) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            deadline = time.monotonic() + READY_S
            while not self._serves(health):
                assert self._process.poll() is None, self._log.read_text()[-2000:]
                assert time.monotonic() < deadline, self._log.read_text()[-2000:]

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)

    @staticmethod
    def _serves(health: Any) -> bool:
        try:
            reply = health.Check(health_pb2.HealthCheckRequest(), timeout=0.5, wait_for_ready=True)
        except grpc.RpcError:
            return False
        return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="module")
def validation(folder: Path) -> Iterator[Process]:
    # Cache and metrics are not there: a cache fault is a miss.
    absent = {
        "LUCID_CACHE_ADDRESS": str(free_address()),
        "LUCID_METRICS_ADDRESS": str(free_address()),
    }
    process = Process("validation", folder, **absent)
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def vendor(folder: Path, validation: Process) -> Iterator[Process]:
    process = Process(
        "vendor",
        folder,
        LUCID_VALIDATION_ADDRESS=validation.address,
        LUCID_METRICS_ADDRESS=str(free_address()),
        LUCID_VENDOR_RETRY="0.2",
        LUCID_VENDOR_SUBMIT_WAIT="8",
    )
    process.start()
    with grpc.insecure_channel(process.address) as channel:
        vendors = vendor_service_pb2_grpc.VendorServiceStub(channel)
        vendors.CreateVendor(
            vendor_service_pb2.CreateVendorRequest(
                vendor_id="tea",
                vendor=vendor_pb2.Vendor(
                    legal_name="Nocturne Audio Ltd",
                    contact_email="ops@nocturne.example",
                    domains=["nocturne.example"],
                ),
            )
        )
    yield process
    process.stop()


@pytest.fixture
def seeds(vendor: Process) -> Iterator[Any]:
    with grpc.insecure_channel(vendor.address) as channel:
        yield seed_service_pb2_grpc.SeedServiceStub(channel)


def create(seeds: Any, example: dict[str, Any], seed_id: str) -> str:
    request = S.CreateSeedRequest(
        parent="vendors/tea",
        seed_id=seed_id,
        seed=json_format.ParseDict(example, seed_pb2.Seed()),
    )
    return str(seeds.CreateSeed(request).name)


def wait_until(seeds: Any, name: str, state: Any) -> Any:
    """Follow the seed until it is in a state, and return it."""
    for event in seeds.WatchSeed(S.WatchSeedRequest(name=name), timeout=30):
        if event.state == state and not event.heartbeat:
            return seeds.GetSeed(S.GetSeedRequest(name=name))
    raise AssertionError("the stream ended")


def test_the_good_example_is_proved_and_published(seeds: Any) -> None:
    name = create(seeds, load()[0], "good")
    seeds.SubmitSeed(S.SubmitSeedRequest(name=name), timeout=20)
    seed = wait_until(seeds, name, seed_pb2.SEED_STATE_CERTIFIED)
    assert seed.certification.status == verdict_pb2.VERDICT_STATUS_PROVED
    assert seed.certification.implies_safety
    assert seed.certification.evidence.startswith("evidence/")
    published = seeds.PublishSeed(S.PublishSeedRequest(name=name))
    assert published.state == seed_pb2.SEED_STATE_PUBLISHED


def test_the_hash_of_the_verdict_is_that_of_exactly_this_model(seeds: Any) -> None:
    seed = seeds.GetSeed(S.GetSeedRequest(name="vendors/tea/seeds/good"))
    model = parse_model(document_from_problem(seed.model))
    composed = problem_sha256(compose(model, seed.intensity_cap))
    assert seed.certification.model_sha256 == composed


def test_the_bad_example_is_refused_with_its_exact_counterexample(seeds: Any) -> None:
    name = create(seeds, load()[1], "bad")
    seeds.SubmitSeed(S.SubmitSeedRequest(name=name), timeout=20)
    seed = wait_until(seeds, name, seed_pb2.SEED_STATE_REJECTED)
    assert seed.certification.status == verdict_pb2.VERDICT_STATUS_REFUTED
    assert seed.certification.counterexample.obligation == "flow"
    witness = seed.certification.counterexample
    form = witness.WhichOneof("form")
    values = witness.point.values if form == "point" else witness.segment.to
    assert set(values) == {"a", "h", "la", "g", "d"}
    with pytest.raises(grpc.RpcError) as refused:
        seeds.PublishSeed(S.PublishSeedRequest(name=name))
    assert refused.value.code() == grpc.StatusCode.FAILED_PRECONDITION


def test_a_proof_about_no_session_at_all_is_not_taken(seeds: Any) -> None:
    example = load()[1]
    formulas = example["model"]["initial"]["all"]["formulas"]
    # Everything is safe that never starts: a >= 1/2 and a <= 3/10.
    formulas.append({"atom": "a >= 1/2"})
    example["model"]["certificate"] = {"kind": "CERTIFICATE_KIND_EVERYWHERE", "barrier": "1"}
    name = create(seeds, example, "vacuous")
    seeds.SubmitSeed(S.SubmitSeedRequest(name=name), timeout=20)
    seed = wait_until(seeds, name, seed_pb2.SEED_STATE_REJECTED)
    assert not seed.certification.implies_safety
    assert "START" in seed.certification.reasons[0]


def test_a_model_that_cannot_be_read_is_rejected_with_the_place(seeds: Any) -> None:
    example = load()[0]
    example["model"]["system"]["dynamics"]["h"] = "0.1*(a - unknown)"
    name = create(seeds, example, "unreadable")
    seeds.SubmitSeed(S.SubmitSeedRequest(name=name), timeout=20)
    seed = wait_until(seeds, name, seed_pb2.SEED_STATE_REJECTED)
    assert "dynamics" in seed.certification.reasons[0]


@pytest.mark.parametrize(
    ("file", "cap", "proved"),
    [
        ("seeds.json", "1", True),
        ("seeds.json", "0.75", True),
        ("seeds.json", "0.7", True),
        ("seeds.json", "0.65", True),
        ("seeds.json", "0.6", False),
        (GENTLE, "0.8", True),
        (GENTLE, "0.3", True),
        (GENTLE, "0.2", True),
        (GENTLE, "0.1", False),
    ],
)
def test_the_examples_hold_at_the_caps_that_their_readme_names(
    validation: Process, file: str, cap: str, proved: bool
) -> None:
    message = json_format.ParseDict(load(file)[0], seed_pb2.Seed())
    problem = compose(parse_model(document_from_problem(message.model)), cap)
    with grpc.insecure_channel(validation.address) as channel:
        stub = validation_service_pb2_grpc.ValidationServiceStub(channel)
        reply = stub.ValidateCertificate(
            validation_service_pb2.ValidateCertificateRequest(
                problem=problem_from_document(problem)
            ),
            timeout=20,
        )
    status = verdict_pb2.VERDICT_STATUS_PROVED if proved else verdict_pb2.VERDICT_STATUS_REFUTED
    assert reply.verdict.status == status
    assert reply.verdict.safety.implies_safety is proved


def test_a_seed_waits_while_validation_is_away_and_the_portal_dies_and_still_gets_its_verdict(
    seeds: Any, vendor: Process, validation: Process
) -> None:
    name = create(seeds, load(GENTLE)[0], "patient")
    validation.kill()
    waiting = seeds.SubmitSeed(S.SubmitSeedRequest(name=name), timeout=3)
    assert waiting.state == seed_pb2.SEED_STATE_VALIDATING
    vendor.kill()
    vendor.start()
    with grpc.insecure_channel(vendor.address) as channel:
        again = seed_service_pb2_grpc.SeedServiceStub(channel)
        seed = again.GetSeed(S.GetSeedRequest(name=name), timeout=5, wait_for_ready=True)
        assert seed.state == seed_pb2.SEED_STATE_VALIDATING
        validation.start()
        seed = wait_until(again, name, seed_pb2.SEED_STATE_CERTIFIED)
        assert seed.certification.implies_safety
