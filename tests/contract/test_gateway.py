"""The gateway as a process, over real sockets, in front of real gRPC servers: single calls."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from lucid_testkit.edge import Gateway, Services, launch

HASH = "ab" * 32


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


# --- unary ---------------------------------------------------------------------------------------


def test_a_get_calls_the_method_with_the_name_from_the_path(http: httpx.Client) -> None:
    response = http.get("/v1/sessions/s1")
    assert response.status_code == 200
    assert response.json()["name"] == "sessions/s1"
    assert response.json()["user"] == "users/u1"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in response.headers


def test_a_post_takes_its_body_into_the_field_that_the_route_names(http: httpx.Client) -> None:
    body = {
        "user": "users/u1",
        "sessionType": "SESSION_TYPE_LUCID",
        "duration": "600s",
        "intensityCap": "0.8",
        "readinessInputs": {"stress": 0.1, "measureTime": "2026-11-21T04:00:00Z"},
    }
    response = http.post("/v1/sessions", params={"sessionId": "s1"}, json=body)
    assert response.status_code == 200, response.text
    assert {key: response.json()[key] for key in body if key != "readinessInputs"} == {
        key: value for key, value in body.items() if key != "readinessInputs"
    }


def test_the_caller_is_the_gateway_whatever_the_client_claims(
    http: httpx.Client, gateway: Gateway
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    response = http.get(
        "/v1/sessions/s1",
        headers={
            "x-lucid-caller": "dream",
            "x-lucid-anything": "1",
            "traceparent": f"00-{trace}-00f067aa0ba902b7-01",
            "x-request-id": "mine-1",
            "x-request-timeout": "2.5",
        },
    )
    metadata = gateway.seen.metadata
    assert metadata["x-lucid-caller"] == "gateway"
    assert "x-lucid-anything" not in metadata
    assert metadata["traceparent"].split("-")[1] == trace
    assert 0 < gateway.seen.remaining_s < 2.6  # gRPC rounds a deadline up
    assert response.headers["x-request-id"] == "mine-1"
    assert response.headers["x-trace-id"] == trace


def test_head_has_the_headers_of_get_and_no_body(http: httpx.Client) -> None:
    response = http.head("/v1/sessions/s1")
    assert response.status_code == 200
    assert response.content == b""
    assert int(response.headers["content-length"]) > 10


def test_a_content_addressed_answer_is_read_once_and_revalidated(
    http: httpx.Client, gateway: Gateway
) -> None:
    first = http.get(f"/v1/verdicts/{HASH}")
    again = http.get(f"/v1/verdicts/{HASH}")
    assert first.json()["name"] == f"verdicts/{HASH}"
    assert again.content == first.content
    assert gateway.seen.verdict_reads == 1
    assert "immutable" in again.headers["cache-control"]
    known = http.get(f"/v1/verdicts/{HASH}", headers={"if-none-match": again.headers["etag"]})
    assert known.status_code == 304
    assert known.content == b""


# --- bad requests --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b'{"problem":', "line 1, column 12"),
        (b'{"problem": {}, "problem": {}}', "twice"),
        (b'{"budget": NaN}', "NaN"),
        (b"[" * 50_000, "deeper than 32"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_what_is_not_json_is_refused(http: httpx.Client, body: bytes, part: str) -> None:
    headers = {"content-type": "application/json"}
    response = http.post("/v1/certificates:validate", content=body, headers=headers)
    assert part in problem(response, 400, "BODY_NOT_JSON")["detail"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"problem": {"system": {"bogus": 1}}}, "problem.system.bogus"),
        ({"problem": {"system": {"variables": "x"}}}, "problem.system.variables"),
        ({"problem": {"system": {"variables": ["x", 3]}}}, "problem.system.variables[1]"),
        ({"problem": {"system": {"timeKind": "SOMETIMES"}}}, "problem.system.time_kind"),
        ({"problem": {"system": {"dynamics": {"x": 3}}}}, "problem.system.dynamics['x']"),
        ({"budget": "soon"}, "budget"),
        ({"skipCache": "yes"}, "skip_cache"),
        ({"skipCache": True, "skip_cache": True}, "skip_cache"),
        ([1], ""),
    ],
)
def test_a_field_that_does_not_fit_is_named(http: httpx.Client, body: Any, path: str) -> None:
    members = problem(http.post("/v1/certificates:validate", json=body), 400, "REQUEST_INVALID")
    assert members["violations"][0]["field"] == path
    assert members["code"] == "INVALID_ARGUMENT"


def test_the_rules_of_the_protos_hold_behind_the_edge(http: httpx.Client) -> None:
    response = http.post("/v1/sessions", json={"user": "nobody"})
    members = problem(response, 400, "FIELDS_INVALID")
    assert "session.user" in {item["field"] for item in members["violations"]}
    assert members["domain"] == "rpc.lucid"


def test_queries_are_strict(http: httpx.Client) -> None:
    unknown = http.get("/v1/sessions/s1", params={"colour": "red"})
    assert problem(unknown, 400, "REQUEST_INVALID")["violations"][0]["field"] == "colour"
    twice = http.get("/v1/sessions/s1:watch?afterSequence=1&afterSequence=2")
    assert problem(twice, 400, "REQUEST_INVALID")["violations"][0]["field"] == "after_sequence"
    wrong = http.get("/v1/sessions/s1:watch?afterSequence=-x")
    assert problem(wrong, 400, "REQUEST_INVALID")["violations"][0]["field"] == "after_sequence"


def test_large_bodies_and_headers_are_refused(http: httpx.Client, gateway: Gateway) -> None:
    headers = {"content-type": "application/json"}
    body = b" " * (4 * 1024 * 1024 + 1)
    response = http.post("/v1/certificates:validate", content=body, headers=headers)
    problem(response, 413, "BODY_TOO_LARGE")

    def chunks() -> Iterator[bytes]:
        for _ in range(5):
            yield b" " * (1024 * 1024)

    with httpx.Client(base_url=gateway.url) as other:
        streamed = other.post("/v1/certificates:validate", content=chunks(), headers=headers)
        problem(streamed, 413, "BODY_TOO_LARGE")
    problem(http.get("/livez", headers={"x-pad": "a" * 17_000}), 431, "HEADERS_TOO_LARGE")


def test_paths_methods_and_types_are_exact(http: httpx.Client) -> None:
    problem(http.get("/v1/nothing"), 404, "ROUTE_NOT_FOUND")
    response = http.put("/v1/sessions/s1")
    problem(response, 405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "GET"
    problem(http.options("/v1/sessions"), 405, "METHOD_NOT_ALLOWED")
    problem(http.post("/livez"), 405, "METHOD_NOT_ALLOWED")
    assert http.head("/v1/sessions/s1:watch").status_code == 405
    text = {"content-type": "text/plain"}
    posted = http.post("/v1/certificates:validate", content=b"{}", headers=text)
    problem(posted, 415, "MEDIA_TYPE_UNSUPPORTED")
    problem(
        http.get("/v1/sessions/s1", headers={"x-request-timeout": "soon"}), 400, "TIMEOUT_INVALID"
    )


@pytest.mark.parametrize(
    ("headers", "status", "reason"),
    [
        ({"host": "evil.example"}, 421, "HOST_REFUSED"),
        ({"origin": "https://evil.example"}, 403, "ORIGIN_REFUSED"),
        ({"origin": "null"}, 403, "ORIGIN_REFUSED"),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403, "ORIGIN_REFUSED"),
    ],
)
def test_pages_of_other_origins_are_refused(
    http: httpx.Client, headers: dict[str, str], status: int, reason: str
) -> None:
    problem(http.get("/v1/sessions/s1", headers=headers), status, reason)


def test_a_link_elsewhere_may_lead_to_reading_but_not_to_doing(http: httpx.Client) -> None:
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert http.get("/v1/sessions/s1", headers=followed).status_code == 200
    assert http.get("/docs", headers=followed).status_code == 200
    problem(http.get("/v1/sessions/s1:run", headers=followed), 403, "ORIGIN_REFUSED")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/validate", "/v1/certificates:validate"),
        ("/status/v1", "/v1/validations/v1"),
        ("/api/metrics/cache", "/v1/metrics/cache"),
        ("/api/metrics/comprehensive", "/v1/metrics/comprehensive"),
        ("/api/test/circuit-breaker/status", "/v1/breakers"),
        ("/api/test/circuit-breaker/reset/x-read", "/admin/v1/breakers/x-read:reset"),
        ("/api/test/circuit-breaker/trigger-failure/x", "/admin/v1/breakers/x:trip"),
    ],
)
def test_addresses_of_older_plans_move_for_good(http: httpx.Client, old: str, new: str) -> None:
    response = http.post(old, params={"a": "1"}, content=b"")
    assert response.status_code == 308
    assert response.headers["location"] == f"{new}?a=1"


# --- failures of services ------------------------------------------------------------------------


def test_a_failure_keeps_its_reason_metadata_and_code(http: httpx.Client) -> None:
    members = problem(http.get("/v1/sessions/missing"), 404, "SESSION_NOT_FOUND")
    assert members["domain"] == "dream.lucid"
    assert members["metadata"] == {"name": "sessions/missing"}
    assert members["detail"] == "There is no session sessions/missing."
    assert members["type"] == "/docs#dream-SESSION_NOT_FOUND"


def test_when_waiting_helps_the_answer_says_how_long(http: httpx.Client) -> None:
    response = http.get("/v1/sessions/busy")
    assert problem(response, 429, "SESSION_BUSY")["retryAfterSeconds"] == 2.5
    assert response.headers["retry-after"] == "3"


def test_a_defect_of_a_service_says_nothing_of_itself(http: httpx.Client) -> None:
    response = http.get("/v1/sessions/defect")
    assert problem(response, 500, "INTERNAL")["metadata"]["incident"]
    assert "shadow" not in response.text
    assert "RuntimeError" not in response.text


def test_a_method_without_code_is_not_served_yet(http: httpx.Client) -> None:
    members = problem(http.get("/v1/degradation"), 501, "NOT_YET_SERVED")
    assert members["metadata"]["method"] == "lucid.dream.v1.DreamService/GetDegradation"


def test_the_time_that_the_client_gives_is_kept(http: httpx.Client, gateway: Gateway) -> None:
    gateway.seen.cancelled.clear()
    started = time.monotonic()
    response = http.get("/v1/sessions/slow", headers={"x-request-timeout": "0.3"})
    problem(response, 504, "DEADLINE_EXCEEDED")
    assert time.monotonic() - started < 3
    assert gateway.seen.cancelled.wait(5)


def test_the_call_ends_when_the_client_leaves(http: httpx.Client, gateway: Gateway) -> None:
    gateway.seen.cancelled.clear()
    with pytest.raises(httpx.ReadTimeout):
        http.get("/v1/sessions/slow", timeout=0.3)
    assert gateway.seen.cancelled.wait(5)


def test_a_service_that_is_away_is_named(http: httpx.Client) -> None:
    members = problem(http.get("/v1/metrics/snapshot"), 503, "PEER_UNAVAILABLE")
    assert members["metadata"] == {"service": "metrics"}


# --- the gateway's own pages, and its life -------------------------------------------------------


def test_readiness_shows_every_service(http: httpx.Client) -> None:
    response = http.get("/readyz")
    assert response.status_code == 503
    states = {noun: one["status"] for noun, one in response.json()["services"].items()}
    away = dict.fromkeys(("cache", "metrics"), "UNREACHABLE")
    well = dict.fromkeys(("gateway", "validation", "coherence", "vendor", "dream"), "SERVING")
    assert states == {**well, **away}


def test_pages_stand_alone(http: httpx.Client) -> None:
    for path in ("/", "/docs"):
        response = http.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        for outside in ("<script", "src=", "https://", "@import"):
            assert outside not in response.text
    assert 'id="dream-SESSION_NOT_FOUND"' in http.get("/docs").text
    assert http.get("/openapi.json").json()["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    ("environ", "part"),
    [
        ({"LUCID_LISTEN": "nowhere"}, "LUCID_LISTEN"),
        ({"LUCID_LISTEN": "0.0.0.0:18080"}, "LUCID_ALLOW_REMOTE"),
        ({"LUCID_DREAM_ADDRESS": "x"}, "LUCID_DREAM_ADDRESS"),
        ({"LUCID_TRACE_RATIO": "2"}, "LUCID_TRACE_RATIO"),
    ],
)
def test_a_wrong_setting_is_one_line_and_status_2(environ: dict[str, str], part: str) -> None:
    own = {**os.environ, **environ}
    command = [sys.executable, "-m", "lucid_gateway"]
    done = subprocess.run(command, env=own, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert part in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_taken_port_is_refused_with_status_3(gateway: Gateway) -> None:
    own = {**os.environ, "LUCID_LISTEN": gateway.url.removeprefix("http://")}
    command = [sys.executable, "-m", "lucid_gateway"]
    done = subprocess.run(command, env=own, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 3
    assert "taken" in done.stderr
