"""The requests of docs/preferences.md as JSON: the gateway before a real coherence service."""

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from lucid_testkit.edge import Gateway, Seen, launch
from lucid_testkit.processes import ServiceProcess

READY_S = 30.0
PAGE = Path(__file__).resolve().parents[2] / "docs/preferences.md"
BLOCK = re.compile(r"^```json (request|answer)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("preferences")
    service = ServiceProcess("coherence", folder)
    try:
        service.wait_until_serving()
        environ = {
            **os.environ,
            "LUCID_COHERENCE_ADDRESS": str(service.address),
            "LUCID_COHERENCE_HEALTH_ADDRESS": str(service.health),
            "LUCID_DATA_DIR": str(folder),
        }
        running = launch(environ, Seen())
        try:
            wait_until_serving(running.url)
            yield running
        finally:
            assert running.stop() == 0
    finally:
        service.stop()


def wait_until_serving(url: str) -> None:
    until = time.monotonic() + READY_S
    while True:
        services = httpx.get(f"{url}/readyz", timeout=5).json()["services"]
        if services["coherence"]["status"] == "SERVING":
            return
        assert time.monotonic() < until, services
        time.sleep(0.1)  # another process: it can only be asked


def assert_same(found: Any, expected: Any, path: str = "answer") -> None:
    """Equal, numbers to six digits; what JSON leaves out at its default counts as written."""
    if isinstance(expected, dict):
        assert set(found) <= set(expected) | {"tied", "commutes"}, path
        for key, value in expected.items():
            assert_same(found.get(key, 0), value, f"{path}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), path
        for index, pair in enumerate(zip(found, expected, strict=True)):
            assert_same(*pair, f"{path}[{index}]")
    elif isinstance(expected, float | int) and not isinstance(expected, bool):
        assert found == pytest.approx(expected, abs=1e-6), path
    else:
        assert found == expected, path


def test_the_requests_of_the_page_get_the_answers_of_the_page(gateway: Gateway) -> None:
    answer: Any = None
    compared = 0
    for kind, where, body in BLOCK.findall(PAGE.read_text()):
        if kind == "request":
            response = httpx.post(f"{gateway.url}/{where}", json=json.loads(body), timeout=30)
            assert response.status_code == 200, response.text
            answer = response.json()
            continue
        assert_same(answer[where] if where else answer, json.loads(body))
        compared += 1
    assert compared == 2


def test_a_page_that_says_something_else_would_be_noticed() -> None:
    assert_same({"a": [0.1]}, {"a": [0.1]})
    for found, expected in (({"a": 1}, {"a": 2}), ({"b": 1}, {"a": 0}), ([1], [1, 2])):
        with pytest.raises(AssertionError):
            assert_same(found, expected)


def test_impossible_feedback_arrives_with_its_reason_and_facts(gateway: Gateway) -> None:
    body = {
        "preferences": {"count": 1, "dims": [2], "values": [1, 0, 0, 0, 0, 0, 0, 0]},
        "seeds": [{"seed": "s", "amplitudes": [0, 0, 1, 0]}],
        "feedbacks": [{"seed": "s", "liked": True}],
    }
    response = httpx.post(f"{gateway.url}/v1/preferences:update", json=body, timeout=30)
    assert response.status_code == 400
    assert response.json()["reason"] == "FEEDBACK_IMPOSSIBLE"
    assert response.json()["metadata"]["seed"] == "s"
