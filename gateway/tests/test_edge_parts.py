import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from hypothesis import given
from hypothesis import strategies as st
from lucid_gateway import framing
from lucid_gateway.admission import Limits, read_body, timeout_s
from lucid_gateway.exchange import Request
from lucid_gateway.failures import problem_of_call
from lucid_gateway.feeds import BACKLOG_MAX, Feeds
from lucid_gateway.immutable import ImmutableReplies
from lucid_gateway.problem import HTTP_STATUS_OF, Problem
from lucid_gateway.routes import build_table, mesh_services

TABLE = build_table(mesh_services())


def request(path: str = "/", **headers: str) -> Request:
    async def chunks() -> AsyncIterator[bytes]:
        yield b""

    async def never() -> None:
        return None

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("GET", path, "", MappingProxyType(named), chunks, never)


def test_every_grpc_code_has_an_http_status() -> None:
    assert set(HTTP_STATUS_OF) == set(grpc.StatusCode)


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code.value[0]])
def test_the_text_of_grpc_itself_never_leaves(code: grpc.StatusCode) -> None:
    metadata = grpc.aio.Metadata()
    error = grpc.aio.AioRpcError(code, metadata, metadata, details="ipv4:10.0.0.1:7101 secret")
    problem = problem_of_call(error, "dream")
    assert "secret" not in str(problem.document("0"))
    assert problem.status == HTTP_STATUS_OF[code]
    assert problem.metadata == (("service", "dream"),)


@pytest.mark.parametrize(("text", "seconds"), [("2.5", 2.5), ("7s", 7.0), ("9999", 600.0)])
def test_a_timeout_is_seconds_and_has_a_limit(text: str, seconds: float) -> None:
    assert timeout_s(request(x_request_timeout=text), Limits()) == seconds


@pytest.mark.parametrize("text", ["0", "-1", "nan", "1e9", "1m", " ", "٣"])
def test_another_timeout_is_refused(text: str) -> None:
    if not text.strip():
        assert timeout_s(request(), Limits()) == 30.0
        return
    with pytest.raises(Problem):
        timeout_s(request(x_request_timeout=text), Limits())


@given(
    lines=st.lists(st.binary(min_size=1, max_size=9).filter(lambda b: b"\n" not in b), max_size=6),
    cuts=st.lists(st.integers(0, 60), max_size=5),
)
async def test_lines_survive_any_cut_of_the_body(lines: list[bytes], cuts: list[int]) -> None:
    body = b"\n".join(lines)
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]

    async def chunks() -> AsyncIterator[bytes]:
        for start, stop in pairwise(edges):
            yield body[start:stop]

    found = [line async for line in framing.lines_of(chunks(), line_bytes_max=99)]
    assert found == [line for line in lines if line.strip()]


async def test_a_body_must_arrive_whole_and_in_time() -> None:
    short = request(content_length="5")
    with pytest.raises(Problem) as caught:
        await read_body(short, Limits())
    assert caught.value.reason == "BODY_TRUNCATED"

    async def stuck() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    slow = replace(request(content_length="5"), chunks=stuck)
    with pytest.raises(Problem) as caught:
        await read_body(slow, Limits(body_read_s=0.01))
    assert caught.value.reason == "BODY_TIMEOUT"


async def test_a_line_without_end_is_refused() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x"

    with pytest.raises(framing.LineTooLong):
        [line async for line in framing.lines_of(chunks(), line_bytes_max=9)]


def test_data_of_an_event_is_one_line_whatever_it_holds() -> None:
    frame = framing.event("", {"text": "a\n\nevent: end\r\n"}, sequence=4).decode()
    assert frame.startswith("id: 4\ndata: ")
    assert frame.count("\n") == 3
    assert frame.endswith("\n\n")


def test_immutable_answers_are_dropped_oldest_first_within_their_bytes() -> None:
    cache = ImmutableReplies(bytes_max=25)
    found = TABLE.find("GET", "/v1/verdicts/x")
    assert found is not None
    for name in "abc":
        cache.put(request(f"/v1/verdicts/{name}"), b"0123456789")
    assert cache.get(found.route, request("/v1/verdicts/a")) is None
    kept = cache.get(found.route, request("/v1/verdicts/c"))
    assert kept is not None
    assert kept.body == b"0123456789"
    cache.put(request("/v1/verdicts/big"), b"x" * 26)
    assert cache.get(found.route, request("/v1/verdicts/big")) is None
    cache.put(request("/v1/verdicts/c"), b"0123456789")
    assert cache.get(found.route, request("/v1/verdicts/b")) is not None


async def test_a_feed_gives_what_was_sent_in_order_and_has_a_limit() -> None:
    feeds = Feeds()
    key = ("m", (("name", "sessions/s1"),))
    feed = feeds.open(key, Empty())
    with pytest.raises(Problem):
        feeds.open(key, Empty())
    for _ in range(BACKLOG_MAX - 1):
        feeds.of(key).send(Empty())
    with pytest.raises(Problem):
        feed.send(Empty())
    requests = feed.requests()
    for _ in range(BACKLOG_MAX):
        assert isinstance(await anext(requests), Empty)
    feeds.close(key)
    with pytest.raises(Problem):
        feeds.of(key)
