"""Error correction through the real gateway and a real coherence service, both processes."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from lucid_testkit.edge import Gateway, Seen, launch
from lucid_testkit.ports import free_address

READY_S = 30.0
SURFACE = {"code": "surface_3", "noise": "CODE_NOISE_CIRCUIT_LEVEL", "errorRate": 0.01}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    address, health = str(free_address()), str(free_address())
    environ = {
        **os.environ,
        "LUCID_COHERENCE_ADDRESS": address,
        "LUCID_COHERENCE_HEALTH_ADDRESS": health,
        "LUCID_DATA_DIR": str(tmp_path_factory.mktemp("rest")),
    }
    own = {**environ, "LUCID_LISTEN": address, "LUCID_HEALTH_LISTEN": health}
    service = subprocess.Popen([sys.executable, "-m", "lucid_coherence"], env=own)
    try:
        running = launch(environ, Seen())
        try:
            wait_until_serving(running.url)
            yield running
        finally:
            assert running.stop() == 0
    finally:
        service.terminate()
        assert service.wait(15) == 0


def wait_until_serving(url: str) -> None:
    until = time.monotonic() + READY_S
    while True:
        services = httpx.get(f"{url}/readyz", timeout=5).json()["services"]
        if services["coherence"]["status"] == "SERVING":
            return
        assert time.monotonic() < until, services
        time.sleep(0.1)  # other processes: they can only be asked


def post(gateway: Gateway, path: str, **how: Any) -> httpx.Response:
    return httpx.post(f"{gateway.url}{path}", timeout=30, **how)


def test_codes_are_listed(gateway: Gateway) -> None:
    codes = httpx.get(f"{gateway.url}/v1/codes", timeout=30).json()["codes"]
    steane = next(code for code in codes if code["code"] == "steane")
    assert (steane["physicalQubits"], steane["syndromeBits"]) == (7, 6)


def test_an_estimate_comes_as_events_and_ends_with_its_reason(gateway: Gateway) -> None:
    body = {"problem": {"experiment": SURFACE}, "stop": {"maxErrors": "50"}, "seed": "1"}
    events = post(gateway, "/v1/codes:estimate", json=body).text.split("\n\n")
    data = [line[6:] for event in events for line in event.splitlines() if line[:6] == "data: "]
    last = [found for entry in data if "shots" in (found := json.loads(entry))][-1]
    assert (last["errors"], last["stopReason"]) == ("50", "SAMPLING_STOP_MAX_ERRORS")
    assert last["low"] < last["rate"] < last["high"]


def test_a_circuit_that_cannot_be_read_is_a_problem_with_its_line(gateway: Gateway) -> None:
    body = {"problem": {"circuit": "H 0\nFOO 1"}}
    response = post(gateway, "/v1/codes:estimate", json=body)
    assert response.status_code == 400
    assert response.json()["reason"] == "CIRCUIT_INVALID"
    assert response.json()["metadata"] == {"check": "PARSE", "line": "2"}


def test_syndromes_are_decoded_line_by_line(gateway: Gateway) -> None:
    packed = base64.b64encode(bytes([0, 8])).decode()
    lines = [
        {"problem": {"experiment": {"code": "steane", "noise": "CODE_NOISE_BIT_FLIP"}}},
        {"chunkId": "5", "chunk": {"rows": 2, "syndromes": packed}},
    ]
    content = "\n".join(map(json.dumps, lines))
    headers = {"content-type": "application/x-ndjson"}
    response = post(gateway, "/v1/codes:decode", content=content, headers=headers)
    ready, answer = (json.loads(line)["result"] for line in response.text.split())
    assert ready["ready"]["correctionBits"] == 14
    # Bit 3 of the syndrome is ZZZZ on the last four qubits; the other Z checks single out qubit 3.
    assert answer["chunkId"] == "5"
    assert base64.b64decode(answer["decoded"]["corrections"]) == bytes([0, 0, 8, 0])
