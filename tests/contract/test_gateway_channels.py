"""Channels and measured noise as JSON: the gateway before a real coherence service."""

import base64
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from lucid_testkit.edge import Gateway, Seen, launch
from lucid_testkit.ports import free_address

READY_S = 30.0


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("coherence")
    listen, health = str(free_address()), str(free_address())
    environ = {
        **os.environ,
        "LUCID_COHERENCE_ADDRESS": listen,
        "LUCID_COHERENCE_HEALTH_ADDRESS": health,
        "LUCID_DATA_DIR": str(folder),
    }
    own = {
        "LUCID_LISTEN": listen,
        "LUCID_HEALTH_LISTEN": health,
        "LUCID_DATABASE_URL": f"sqlite:///{folder}/coherence.sqlite",
    }
    process = subprocess.Popen([sys.executable, "-m", "lucid_coherence"], env=environ | own)
    try:
        running = launch(environ, Seen())
        try:
            wait_until_serving(running.url)
            yield running
        finally:
            running.stop()
    finally:
        process.terminate()
        process.wait(15)


def wait_until_serving(url: str) -> None:
    until = time.monotonic() + READY_S
    while True:
        services = httpx.get(f"{url}/readyz", timeout=5).json()["services"]
        if services["coherence"]["status"] == "SERVING":
            return
        assert time.monotonic() < until, services
        time.sleep(0.1)  # another process: it can only be asked


def post(gateway: Gateway, path: str, body: dict[str, Any]) -> httpx.Response:
    return httpx.post(f"{gateway.url}/v1/{path}", json=body, timeout=30)


def test_a_channel_goes_round_by_its_numbers(gateway: Gateway) -> None:
    body = {
        "channel": {"model": {"amplitudeDamping": {"decay": 0.36}}},
        "representation": "CHANNEL_REPRESENTATION_CHOI",
    }
    choi = post(gateway, "channels:convert", body).json()["channel"]
    again = {"channel": {"channel": choi}, "representation": "CHANNEL_REPRESENTATION_KRAUS"}
    kraus = post(gateway, "channels:convert", again).json()
    numbers = np.frombuffer(base64.b64decode(kraus["channel"]["data"]), dtype="<c16")
    np.testing.assert_allclose(numbers.reshape(2, 2, 2)[0], np.diag([1, 0.8]), atol=1e-15)
    assert kraus["checks"]["isTracePreserving"] is True


def test_refusals_arrive_with_reason_and_facts(gateway: Gateway) -> None:
    thermal = {"t1S": 1, "t2S": 3, "timeS": 1}
    body = {
        "channel": {"model": {"thermalRelaxation": thermal}},
        "representation": "CHANNEL_REPRESENTATION_CHOI",
    }
    refused = post(gateway, "channels:convert", body)
    assert refused.status_code == 400
    assert refused.json()["reason"] == "RATES_NOT_PHYSICAL"
    assert refused.json()["metadata"] == {"t1_s": "1", "t2_s": "3"}


def test_counts_become_a_decay_time_and_values_are_mitigated(gateway: Gateway) -> None:
    decay = {
        "model": "DECAY_MODEL_EXPONENTIAL",
        "timesS": [0, 1, 2, 3, 4, 5],
        "successes": [950, 390, 165, 90, 60, 55],
        "shots": [1000],
    }
    found = post(gateway, "noise:estimate", {"decay": decay}).json()["decay"]["decayTimeS"]
    assert found["low"] < 1 < found["high"]
    body = {
        "scales": [1, 2, 3],
        "values": [0.8, 0.7, 0.6],
        "standardErrors": [0.01, 0.01, 0.01],
        "method": "EXTRAPOLATION_METHOD_LINEAR",
    }
    assert post(gateway, "noise:mitigate", body).json()["value"] == pytest.approx(0.9)
