"""Three servers in a row: deadlines shrink, traces join, cancellation arrives at the end."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import grpc
import pytest
from lucid_rpc.authorization import OPERATOR, Policy, service_role
from lucid_rpc.breaker import Breakers
from lucid_rpc.channel import connect
from lucid_rpc.errors import ErrorTable
from lucid_rpc.server import ServerDefinition
from lucid_runtime.clock import SystemClock
from lucid_telemetry import setup, span
from lucid_testkit.echo import METHODS, SERVICE, Echo, EchoServicer, EchoStub, add_echo_to_server
from lucid_testkit.otlp import OtlpReceiver, otlp_receiver
from lucid_testkit.servers import NEVER_OPEN, Served, serving

CHAIN = ("dream", "validation", "cache")
ROLES = frozenset({OPERATOR, *(service_role(noun) for noun in CHAIN)})


class Link(EchoServicer):
    """Asks the next link, if there is one, in the same way as it was asked."""

    def __init__(self, following: EchoStub | None) -> None:
        self.following = following
        self.remaining_s: float | None = None
        self.cancelled = asyncio.Event()
        self.started = asyncio.Event()

    async def Say(self, request: Any, context: Any) -> Any:
        self.remaining_s = context.time_remaining()
        if self.following is not None:
            return await self.following.Say(request)
        if request.text == "wait":
            await self._wait()
        return request

    async def Count(self, request: Any, context: Any) -> Any:
        if self.following is None:
            with span("lucid.cache.lookup"):
                yield Echo(count=1)
            return
        async for one in self.following.Count(request):
            yield one

    async def Sum(self, requests: Any, context: Any) -> Any:
        if self.following is not None:
            return await self.following.Sum(requests)
        return Echo(count=sum([one.count async for one in requests]))

    async def Chat(self, requests: Any, context: Any) -> Any:
        replies = requests if self.following is None else self.following.Chat(requests)
        async for one in replies:
            yield one

    async def _wait(self) -> None:
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


def define(noun: str, link: Link) -> ServerDefinition:
    return ServerDefinition(
        name=noun,
        servicers=[(add_echo_to_server, link)],
        service_names=[SERVICE],
        errors=ErrorTable(f"{noun}.lucid"),
        policy=Policy(dict.fromkeys(METHODS, ROLES)),
    )


@asynccontextmanager
async def chain(environ: dict[str, str]) -> AsyncIterator[tuple[Served, list[Link]]]:
    """Serve the three links; yield the first and all the servicers."""
    links: list[Link] = []
    async with AsyncExitStack() as stack:
        following: EchoStub | None = None
        for index, noun in reversed(list(enumerate(CHAIN))):
            telemetry = setup(noun, environ, log=False, as_process=False)
            stack.callback(telemetry.shutdown, 0.1)
            link = Link(following)
            links.insert(0, link)
            served = await stack.enter_async_context(
                serving(define(noun, link), telemetry=telemetry, config="{}")
            )
            caller = CHAIN[index - 1] if index else None
            if caller is not None:
                breakers = Breakers(SystemClock().monotonic, NEVER_OPEN)
                channel = connect(
                    served.address, service=noun, caller=caller, config="{}", breakers=breakers
                )
                await stack.enter_async_context(channel)
                following = EchoStub(channel)
        yield served, links


async def test_a_deadline_shrinks_at_every_hop() -> None:
    async with chain({}) as (first, links):
        await EchoStub(first.channel).Say(Echo(), timeout=1.0)
    one, two, three = (link.remaining_s or 0 for link in links)
    assert 1.02 >= one > two > three > 0.5


async def test_a_client_that_goes_away_stops_the_whole_chain() -> None:
    async with chain({}) as (first, links):
        call = EchoStub(first.channel).Say(Echo(text="wait"))
        await asyncio.wait_for(links[-1].started.wait(), 5)
        call.cancel()
        await asyncio.wait_for(links[-1].cancelled.wait(), 5)


async def test_the_deadline_of_the_first_stops_the_last() -> None:
    async with chain({}) as (first, links):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await EchoStub(first.channel).Say(Echo(text="wait"), timeout=0.5)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        await asyncio.wait_for(links[-1].cancelled.wait(), 5)


async def call(stub: EchoStub, method: str) -> None:
    """Make one call of any kind and read all that it answers."""

    async def requests() -> AsyncIterator[Any]:
        yield Echo(count=1)
        yield Echo(count=2)

    argument = requests() if method in {"Sum", "Chat"} else Echo(text="x")
    reply = getattr(stub, method)(argument)
    if method in {"Say", "Sum"}:
        await reply
    else:
        assert [one async for one in reply]


def expected_edges(method: str) -> set[tuple[str, str]]:
    """Return server → client → server … along the chain."""
    name = f"{SERVICE}/{method}"
    return {
        (f"{caller}:{name}", f"{callee}:{name}")
        for caller, callee in [
            *((one, one) for one in CHAIN[:-1]),
            *itertools.pairwise(CHAIN),
        ]
    }


@pytest.mark.parametrize("method", ["Say", "Count", "Sum", "Chat"])
async def test_the_spans_of_a_chain_are_one_trace_in_every_kind_of_call(method: str) -> None:
    name = f"{SERVICE}/{method}"
    async with otlp_receiver() as receiver:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "20",
        }
        async with chain(environ) as (first, _):
            await call(EchoStub(first.channel), method)
            await receiver.wait_until(lambda got: len(got.named(name)) == 5)
    spans = receiver.named(name)
    assert len({one.trace_id for one in spans}) == 1
    assert receiver.edges() >= expected_edges(method)
    by_id = {one.span_id: one for one in receiver.spans}
    for one in spans:
        assert one.attributes["rpc.system.name"] == "grpc"
        assert one.attributes["rpc.method"] == name
        assert one.attributes["rpc.response.status_code"] == "OK"
        assert "error.type" not in one.attributes
        if one.kind == 3:
            assert isinstance(one.attributes["server.port"], int)
        if one.parent_id in by_id:  # server and client spans alternate
            assert {one.kind, by_id[one.parent_id].kind} == {2, 3}


async def test_a_span_inside_a_stream_belongs_to_its_call() -> None:
    async with otlp_receiver() as receiver:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "20",
        }
        async with chain(environ) as (first, _):
            await call(EchoStub(first.channel), "Count")
            await receiver.wait_until(_has_lookup)
    assert (f"cache:{SERVICE}/Count", "cache:lucid.cache.lookup") in receiver.edges()


def _has_lookup(receiver: OtlpReceiver) -> bool:
    return (
        bool(receiver.named("lucid.cache.lookup")) and len(receiver.named(f"{SERVICE}/Count")) == 5
    )


async def test_a_trace_that_its_caller_did_not_sample_is_not_recorded() -> None:
    unsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    sampled = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with otlp_receiver() as receiver:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "20",
            "LUCID_TRACE_RATIO": "0",
        }
        async with (
            chain(environ) as (first, _),
            grpc.aio.insecure_channel(str(first.address)) as bare,
        ):
            for header in (unsampled, sampled):
                await EchoStub(bare).Say(Echo(), metadata=(("traceparent", header),))
            await receiver.wait_until(lambda got: len(got.spans) == 5)
    assert {one.trace_id for one in receiver.spans} == {"1af7651916cd43dd8448eb211c80319c"}


async def test_a_failure_is_an_error_where_the_conventions_say_so() -> None:
    async with otlp_receiver() as receiver:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "20",
        }
        async with chain(environ) as (first, _):
            with pytest.raises(grpc.aio.AioRpcError):
                await first.channel.unary_unary("/no.Such/Method")(b"")
            await receiver.wait_until(lambda got: len(got.spans) == 1)
    (one,) = receiver.spans
    assert (one.name, one.status) == ("_OTHER", 2)
    assert one.attributes["rpc.method_original"] == "no.Such/Method"
    assert one.attributes["error.type"] == "UNIMPLEMENTED"
