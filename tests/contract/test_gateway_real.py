"""The gateway before the real validation, cache and metrics services, each a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import pytest
from lucid_testkit.edge import Gateway, Seen, launch
from lucid_testkit.ports import free_address

NOUNS = ("validation", "cache", "metrics")
EXAMPLES: dict[str, Any] = json.loads(
    resources.files("lucid_gateway").joinpath("examples.json").read_text("utf-8")
)
VALIDATE = EXAMPLES["lucid.validation.v1.ValidationService/ValidateCertificate"]
READY_S = 30.0


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("mesh")
    addresses = {noun: (str(free_address()), str(free_address())) for noun in NOUNS}
    peers = {f"LUCID_{noun.upper()}_ADDRESS": where[0] for noun, where in addresses.items()}
    health = {f"LUCID_{noun.upper()}_HEALTH_ADDRESS": where[1] for noun, where in addresses.items()}
    environ = {**os.environ, **peers, **health, "LUCID_DATA_DIR": str(folder)}
    started = [start(noun, addresses[noun], environ, folder) for noun in NOUNS]
    try:
        running = launch(environ, Seen())
        try:
            wait_until_serving(running.url)
            yield running
        finally:
            assert running.stop() == 0
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(15)


def start(
    noun: str, where: tuple[str, str], environ: dict[str, str], folder: Path
) -> "subprocess.Popen[bytes]":
    own = {
        **environ,
        "LUCID_LISTEN": where[0],
        "LUCID_HEALTH_LISTEN": where[1],
        "LUCID_DATABASE_URL": f"sqlite:///{folder / noun}.sqlite",
    }
    return subprocess.Popen([sys.executable, "-m", f"lucid_{noun}"], env=own)


def wait_until_serving(url: str) -> None:
    until = time.monotonic() + READY_S
    while True:
        services = httpx.get(f"{url}/readyz", timeout=5).json()["services"]
        if all(services[noun]["status"] == "SERVING" for noun in NOUNS):
            return
        assert time.monotonic() < until, services
        time.sleep(0.1)  # other processes: they can only be asked


@pytest.fixture(scope="module")
def verdict(gateway: Gateway) -> dict[str, Any]:
    response = httpx.post(f"{gateway.url}/v1/certificates:validate", json=VALIDATE, timeout=30)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()["verdict"]
    return found


def test_the_documented_example_is_proved_and_safe(verdict: dict[str, Any]) -> None:
    assert verdict["status"] == "VERDICT_STATUS_PROVED"
    assert verdict["safety"]["impliesSafety"] is True
    assert verdict["assurance"] == "ASSURANCE_EXACT"


def test_its_verdict_and_evidence_are_there_by_name_and_never_change(
    gateway: Gateway, verdict: dict[str, Any]
) -> None:
    with httpx.Client(base_url=gateway.url, timeout=30) as http:
        kept = http.get(f"/v1/{verdict['name']}")
        assert kept.json()["evidence"] == verdict["evidence"]
        assert "immutable" in kept.headers["cache-control"]
        tag = {"if-none-match": kept.headers["etag"]}
        assert http.get(f"/v1/{verdict['name']}", headers=tag).status_code == 304
        evidence = http.get(f"/v1/{verdict['evidence']}").json()
        assert evidence["problemSha256"] == verdict["problemSha256"]


def test_the_evidence_is_accepted_for_its_problem_and_for_no_other(
    gateway: Gateway, verdict: dict[str, Any]
) -> None:
    with httpx.Client(base_url=gateway.url, timeout=30) as http:
        document = http.get(f"/v1/{verdict['evidence']}").json()["problemDocument"]
        body = {"problemDocument": document, "evidenceName": verdict["evidence"]}
        assert http.post("/v1/evidence:check", json=body).json()["accepted"] is True
        moved = body | {"problemDocument": document.replace("/4", "/3", 1)}
        assert moved != body
        assert http.post("/v1/evidence:check", json=moved).json()["accepted"] is False


def test_a_bad_certificate_is_refuted_at_an_exact_point(gateway: Gateway) -> None:
    problem = VALIDATE["problem"] | {"initial": {"atom": "x**2 + y**2 <= 9/4"}}
    response = httpx.post(
        f"{gateway.url}/v1/certificates:validate", json={"problem": problem}, timeout=30
    )
    refuted = response.json()["verdict"]
    assert refuted["status"] == "VERDICT_STATUS_REFUTED"
    witnesses = [one["witness"] for one in refuted["obligations"] if "witness" in one]
    assert witnesses[0]["point"]["values"].keys() == {"x", "y"}


def test_an_operation_is_followed_to_its_end(gateway: Gateway) -> None:
    with httpx.Client(base_url=gateway.url, timeout=30) as http:
        started = http.post(
            "/v1/validations",
            params={"validationId": "edge-1"},
            json={"problem": VALIDATE["problem"]},
        ).json()
        text = http.get("/v1/validations/edge-1:watch").text
        assert "event: terminal" in text
        assert text.endswith("event: end\ndata: {}\n\n")
        done = http.get(f"/v1/{started['name']}").json()
        assert done["done"] is True
        assert done["response"]["verdict"]["status"] == "VERDICT_STATUS_PROVED"
        waited = http.post(f"/v1/{started['name']}:wait", json={"timeout": "1s"})
        assert waited.json()["done"] is True


def test_what_the_gateway_does_is_reported_to_metrics(gateway: Gateway) -> None:
    until = time.monotonic() + 10
    reporters: set[str] = set()
    while "gateway" not in reporters:
        assert time.monotonic() < until, reporters
        snapshot = httpx.get(f"{gateway.url}/v1/metrics/snapshot", timeout=10).json()
        reporters = {one["reporter"] for one in snapshot["services"]}
        time.sleep(0.1)  # reports come once a second


def test_old_addresses_lead_to_the_same_answer(gateway: Gateway) -> None:
    with httpx.Client(base_url=gateway.url, timeout=30, follow_redirects=True) as http:
        old = http.get("/api/metrics/cache")
        assert old.status_code == 200
        assert old.json().keys() == http.get("/v1/metrics/cache").json().keys()
        posted = http.post("/validate", json=VALIDATE)
        assert posted.json()["verdict"]["status"] == "VERDICT_STATUS_PROVED"
