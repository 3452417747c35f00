"""The gateway as a process, over real sockets, in front of real gRPC servers: streams."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any

import httpx
import psutil
import pytest
from lucid_testkit.edge import TORRENT_EVENTS, Gateway, Services, launch

TELEMETRY = {"sessionTimeS": 1.5, "arousalEstimate": 0.25}


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    running = Services()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def gateway(services: Services) -> Iterator[Gateway]:
    environ = {**services.environment(), "LUCID_HEARTBEAT_SECONDS": "0.2"}
    running = launch(environ, services.seen)
    yield running
    assert running.stop() == 0


@pytest.fixture
def http(gateway: Gateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, timeout=10) as client:
        yield client


def problem(response: httpx.Response, status: int, reason: str) -> dict[str, Any]:
    """Check what every problem has, and return its members."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    members: dict[str, Any] = response.json()
    assert members["status"] == status
    assert members["reason"] == reason
    assert members["detail"].endswith(".")
    assert members["title"]
    assert members["type"].startswith("/docs#")
    assert members["instance"] == f"urn:lucid:trace:{response.headers['x-trace-id']}"
    assert "Traceback" not in response.text
    return members


def events(text: str) -> list[dict[str, str]]:
    """Parse server-sent events; comments are left out."""
    found = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        members = dict(line.split(": ", 1) for line in lines)
        if "data" in members:
            found.append(members)
    return found


# -------------------------------------------------------------------------------------


def test_a_server_stream_is_events_with_ids_and_an_end(http: httpx.Client) -> None:
    response = http.get("/v1/sessions/s1:watch")
    assert response.headers["content-type"] == "text/event-stream"
    assert response.text.startswith("retry: ")
    found = events(response.text)
    assert [one.get("id") for one in found] == ["1", "2", "3", "4", "5", None]
    assert [one.get("event") for one in found] == [None] * 4 + ["terminal", "end"]
    assert json.loads(found[1]["data"])["sequence"] == "2"


def test_a_stream_resumes_after_the_last_event_that_was_seen(http: httpx.Client) -> None:
    resumed = http.get("/v1/sessions/s1:watch", headers={"last-event-id": "3"})
    assert [one.get("id") for one in events(resumed.text)] == ["4", "5", None]
    done = http.get("/v1/sessions/s1:watch", headers={"last-event-id": "5"})
    assert done.status_code == 204
    wrong = http.get("/v1/sessions/s1:watch", headers={"last-event-id": "x"})
    problem(wrong, 400, "RESUME_INVALID")


def test_a_stream_that_fails_at_once_is_a_plain_problem(http: httpx.Client) -> None:
    problem(http.get("/v1/sessions/missing:watch"), 404, "SESSION_NOT_FOUND")


def test_a_stream_that_fails_later_ends_in_an_error_event(http: httpx.Client) -> None:
    found = events(http.get("/v1/sessions/breaks:watch").text)
    assert [one.get("id") for one in found] == ["1", "2", "3", None]
    assert found[-1]["event"] == "error"
    assert json.loads(found[-1]["data"])["reason"] == "SESSION_BUSY"


def test_a_quiet_stream_beats_and_ends_with_its_reader(
    http: httpx.Client, gateway: Gateway
) -> None:
    gateway.seen.cancelled.clear()
    with http.stream("GET", "/v1/sessions/quiet:watch") as response:
        beats = (line for line in response.iter_lines() if line.startswith(":"))
        assert next(beats)
        assert next(beats)
    assert gateway.seen.cancelled.wait(5)


def test_a_client_that_does_not_read_stops_the_source_and_costs_no_memory(
    gateway: Gateway,
) -> None:
    gateway.seen.cancelled.clear()
    host, _, port = gateway.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port))) as idle:
        idle.send(b"GET /v1/sessions/torrent:watch HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
        before = -1
        while gateway.seen.torrent != before:  # until nothing more is asked of the service
            before = gateway.seen.torrent
            time.sleep(0.3)
        assert 0 < before < TORRENT_EVENTS / 4
        memory = psutil.Process(gateway.process.pid).memory_info().rss
        assert memory < 160 * 2**20
    assert gateway.seen.cancelled.wait(5)


def test_many_open_streams_leave_room_for_requests(gateway: Gateway) -> None:
    host, _, port = gateway.url.removeprefix("http://").rpartition(":")
    with ExitStack() as opened:
        for _ in range(160):  # more than the 128 connections that granian takes by default
            stream = opened.enter_context(socket.create_connection((host, int(port))))
            stream.send(b"GET /v1/sessions/quiet:watch HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert httpx.get(f"{gateway.url}/livez", timeout=5).status_code == 200
        assert httpx.get(f"{gateway.url}/v1/sessions/s1", timeout=5).status_code == 200


def test_several_workers_share_the_port_and_stop_together(services: Services) -> None:
    environ = {**services.environment(), "LUCID_GATEWAY_WORKERS": "2"}
    running = launch(environ, services.seen)
    children = psutil.Process(running.process.pid).children()
    assert len(children) == 2
    for _ in range(8):
        assert httpx.get(f"{running.url}/v1/sessions/s1", timeout=10).status_code == 200
    assert running.stop() == 0
    assert not any(child.is_running() for child in children)


def test_a_server_stream_with_a_body_is_asked_for_by_post(http: httpx.Client) -> None:
    refused = http.post("/v1/coherence:certify", json={"bogus": 1})
    problem(refused, 400, "REQUEST_INVALID")
    invalid = http.post("/v1/coherence:certify", json={})
    problem(invalid, 400, "FIELDS_INVALID")


ITEM = {
    "problem": {
        "system": {"variables": ["x"], "dynamics": {"x": "-x"}},
        "initial": {"atom": "x <= 1"},
        "unsafe": {"atom": "x >= 2"},
        "certificate": {"kind": "CERTIFICATE_KIND_EVERYWHERE", "barrier": "x - 1"},
    }
}


def lines(*messages: Any) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


NDJSON = {"content-type": "application/x-ndjson"}


def test_a_bidi_stream_is_lines_in_and_lines_out(http: httpx.Client) -> None:
    body = lines(*({"item": {"itemId": name, **ITEM}} for name in "abc"))
    response = http.post("/v1/certificates:stream", content=body, headers=NDJSON)
    assert response.headers["content-type"] == "application/x-ndjson"
    answers = [json.loads(line) for line in response.text.splitlines() if line]
    assert [one["result"]["result"]["itemId"] for one in answers] == ["a", "b", "c"]


def test_a_bad_line_ends_the_stream_and_is_named(http: httpx.Client) -> None:
    body = lines({"item": {"itemId": "a", **ITEM}}, {"item": {"bogus": 1}})
    response = http.post("/v1/certificates:stream", content=body, headers=NDJSON)
    text = response.text if response.status_code == 200 else json.dumps({"error": response.json()})
    last = json.loads(text.splitlines()[-1])["error"]
    assert last["reason"] == "REQUEST_INVALID"
    assert last["metadata"]["line"] == "2"
    assert last["violations"][0]["field"] == "item.bogus"


def test_answers_come_while_the_client_still_sends(gateway: Gateway) -> None:
    answered = threading.Event()

    def sending() -> Iterator[bytes]:
        yield lines({"name": "sessions/s1", "telemetry": TELEMETRY})
        assert answered.wait(5), "no answer to the first line"
        yield lines({"telemetry": TELEMETRY})

    heard = duplex(gateway.url, "/v1/sessions:run", sending(), answered)
    assert heard == ["sessions/s1 0.25", " 0.25"]


def duplex(url: str, path: str, body: Iterator[bytes], answered: threading.Event) -> list[str]:
    """Post in chunks and read meanwhile, on a bare socket: httpx reads only after it has sent."""
    host = url.removeprefix("http://")
    connection = HTTPConnection(host, timeout=10)
    connection.putrequest("POST", path)
    connection.putheader("content-type", "application/x-ndjson")
    connection.putheader("transfer-encoding", "chunked")
    connection.endheaders()
    chunk = next(body)
    connection.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
    response = connection.getresponse()
    heard = [json.loads(response.readline())["result"]["message"]]
    answered.set()
    for chunk in body:
        connection.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
    connection.send(b"0\r\n\r\n")
    heard += [json.loads(text)["result"]["message"] for text in response if text.strip()]
    connection.close()
    return heard


def test_a_client_stream_is_lines_in_and_one_answer_out(http: httpx.Client) -> None:
    event = {"seed": "vendors/v/seeds/s", "action": "view"}
    body = lines(*({"eventId": f"e{number}", **event} for number in range(3)))
    response = http.post("/v1/events", content=body, headers=NDJSON)
    assert response.status_code == 200, response.text
    assert response.json()["accepted"] == "3"
    bad = http.post("/v1/events", content=body + b"{]\n", headers=NDJSON)
    assert problem(bad, 400, "BODY_NOT_JSON")["metadata"]["line"] == "4"


def test_a_browser_opens_the_session_with_get_and_posts_telemetry(
    http: httpx.Client, gateway: Gateway
) -> None:
    early = http.post("/v1/sessions/s9:telemetry", json=TELEMETRY)
    problem(early, 409, "STREAM_NOT_OPEN")
    with http.stream("GET", "/v1/sessions/s9:run") as response:
        data = (line[6:] for line in response.iter_lines() if line.startswith("data: "))
        assert json.loads(next(data))["message"] == "sessions/s9 0"
        with httpx.Client(base_url=gateway.url) as other:
            problem(other.get("/v1/sessions/s9:run"), 409, "STREAM_ALREADY_OPEN")
            sent = other.post("/v1/sessions/s9:telemetry", json=TELEMETRY)
            assert sent.status_code == 202
            invalid = other.post("/v1/sessions/s9:telemetry", json={"bogus": 1})
            problem(invalid, 400, "REQUEST_INVALID")
        assert json.loads(next(data))["message"] == "sessions/s9 0.25"


def test_sigterm_ends_streams_and_finishes_requests(services: Services) -> None:
    running = launch({**services.environment(), "LUCID_DRAIN_GRACE": "5"}, services.seen)
    with httpx.stream("GET", f"{running.url}/v1/sessions/quiet:watch", timeout=10) as response:
        text = response.iter_text()
        assert next(text).startswith("retry: ")
        running.process.terminate()
        last = events("".join(text))[-1]
    assert last["event"] == "error"
    assert json.loads(last["data"])["reason"] == "DRAINING"
    assert running.process.wait(10) == 0  # a second signal would end it at once
