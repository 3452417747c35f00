"""What a channel adds to a call, against real servers over loopback."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from lucid_rpc import deadline
from lucid_rpc.breaker import Breakers, BreakerSettings
from lucid_rpc.channel import connect, service_config
from lucid_rpc.server import ServerDefinition
from lucid_rpc.status import failure_of
from lucid_runtime.addresses import NOUNS
from lucid_telemetry import use
from lucid_testkit.clocks import ManualClock
from lucid_testkit.echo import SERVICE, Echo, EchoServicer, EchoStub
from lucid_testkit.faults import faulty_proxy
from lucid_testkit.ports import free_address
from lucid_testkit.servers import serving, silent_telemetry

Define = Callable[..., ServerDefinition]
C = grpc.StatusCode
FRAGILE = BreakerSettings(failures_max=2, open_s=10.0, successes_min=1)

RETRIES = json.dumps(
    {
        "methodConfig": [
            {
                "name": [{"service": SERVICE, "method": "Say"}],
                "retryPolicy": {
                    "maxAttempts": 3,
                    "initialBackoff": "0.01s",
                    "maxBackoff": "0.02s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ]
    }
)


class Flaky(EchoServicer):
    """Fails with UNAVAILABLE as often as told, and remembers what it saw."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.calls = 0
        self.remaining_s: list[float | None] = []

    async def Say(self, request: Any, context: Any) -> Any:
        self._see(context)
        await self._fail(context)
        return request

    async def Change(self, request: Any, context: Any) -> Any:
        self._see(context)
        await self._fail(context)
        return request

    async def Count(self, request: Any, context: Any) -> Any:
        self._see(context)
        await self._fail(context)
        for number in range(request.count):
            yield Echo(count=number)

    def _see(self, context: Any) -> None:
        self.calls += 1
        self.remaining_s.append(context.time_remaining())

    async def _fail(self, context: Any) -> None:
        if self.failures:
            self.failures -= 1
            await context.abort(C.UNAVAILABLE, "not now")


@pytest.mark.parametrize("noun", NOUNS)
def test_every_service_has_a_config_that_grpc_can_read(noun: str) -> None:
    for method in json.loads(service_config(noun))["methodConfig"]:
        assert "timeout" not in method, "fires early in Python"
        assert method["retryPolicy"]["maxAttempts"] <= 4
        assert method["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE"]


async def test_a_safe_method_is_retried_and_counts_as_one_call(define: Define) -> None:
    servicer = Flaky(failures=2)
    telemetry = silent_telemetry("dream")
    async with serving(define(servicer), config=RETRIES) as served:
        with use(telemetry):
            assert (await EchoStub(served.channel).Say(Echo(text="a"))).text == "a"
    assert servicer.calls == 3
    (sample,) = telemetry.instruments.snapshot()
    assert (sample.name, sample.count) == ("rpc.client.call.duration", 1)
    assert ("rpc.response.status_code", "OK") in sample.attributes


async def test_a_method_that_is_not_safe_is_sent_once(define: Define) -> None:
    servicer = Flaky(failures=1)
    async with serving(define(servicer), config=RETRIES) as served:
        with pytest.raises(grpc.aio.AioRpcError):
            await EchoStub(served.channel).Change(Echo())
    assert servicer.calls == 1


async def test_every_call_has_a_deadline_even_a_stream(define: Define) -> None:
    servicer = Flaky()
    async with serving(define(servicer), config="{}") as served:
        stub = EchoStub(served.channel)
        await stub.Say(Echo())
        await stub.Say(Echo(), timeout=2.0)
        assert [one async for one in stub.Count(Echo(count=1))]
        with deadline.budget(1.0):
            await stub.Say(Echo(), timeout=5.0)
            assert [one async for one in stub.Count(Echo(count=1))]
    own, given, stream, shrunk, shrunk_stream = servicer.remaining_s
    # On the wire gRPC rounds a timeout up, by at most two per cent.
    for seen_s, limit_s in ((own, 10), (given, 2), (stream, 3600), (shrunk, 1), (shrunk_stream, 1)):
        assert 0.5 * limit_s < (seen_s or 0) <= 1.02 * limit_s


async def test_with_no_time_left_nothing_is_sent(define: Define) -> None:
    servicer = Flaky()
    async with serving(define(servicer), config="{}") as served:
        with deadline.budget(0.0), pytest.raises(grpc.aio.AioRpcError) as caught:
            await EchoStub(served.channel).Say(Echo())
    assert failure_of(caught.value).reason == "DEADLINE_EXCEEDED"
    assert servicer.calls == 0


async def test_an_open_breaker_sends_nothing_until_a_probe_succeeds(define: Define) -> None:
    clock = ManualClock()
    servicer = Flaky(failures=2)
    breakers = Breakers(clock.monotonic, FRAGILE)
    async with serving(define(servicer), config="{}", breakers=breakers) as served:
        stub = EchoStub(served.channel)
        for _ in range(2):
            with pytest.raises(grpc.aio.AioRpcError):
                await stub.Say(Echo())
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Say(Echo())
        assert failure_of(caught.value).reason == "BREAKER_OPEN"
        assert servicer.calls == 2
        await stub.Change(Echo())  # another class of methods has another breaker
        clock.advance(FRAGILE.open_s)
        await stub.Say(Echo())
    assert breakers.of("validation", "read").state == "closed"


async def test_a_stream_probes_a_half_open_breaker_by_its_first_message(define: Define) -> None:
    clock = ManualClock()
    servicer = Flaky(failures=2)
    breakers = Breakers(clock.monotonic, FRAGILE)
    breaker = breakers.of("validation", "stream")
    async with serving(define(servicer), config="{}", breakers=breakers) as served:
        stub = EchoStub(served.channel)
        for _ in range(2):
            with pytest.raises(grpc.aio.AioRpcError):
                await stub.Count(Echo(count=1)).read()
        assert breaker.state == "open"
        clock.advance(FRAGILE.open_s)
        probe = stub.Count(Echo(count=100))
        assert breaker.state == "half-open"
        async for _ in probe:
            break
        assert breaker.state == "closed"
        probe.cancel()


async def test_a_cancelled_call_says_nothing_about_the_peer(define: Define) -> None:
    breakers = Breakers(ManualClock().monotonic, FRAGILE)
    release = asyncio.Event()

    class Slow(EchoServicer):
        async def Say(self, request: Any, context: Any) -> Any:
            await release.wait()
            return request

    async with serving(define(Slow()), config="{}", breakers=breakers) as served:
        for _ in range(4):
            call = EchoStub(served.channel).Say(Echo())
            await asyncio.sleep(0.01)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        release.set()
        await EchoStub(served.channel).Say(Echo())
    assert breakers.snapshot()[0].consecutive_failures == 0


async def test_a_peer_that_is_away_fails_at_once() -> None:
    channel = connect(free_address(), service="cache", caller="dream", config="{}")
    started = time.perf_counter()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await EchoStub(channel).Say(Echo())
    await channel.close()
    failure = failure_of(caught.value)
    assert (failure.code, failure.domain) == (C.UNAVAILABLE, "grpc")
    assert time.perf_counter() - started < 2


async def test_a_black_hole_ends_with_the_deadline_and_a_reset_with_unavailable(
    define: Define,
) -> None:
    async with (
        serving(define(), config="{}") as served,
        faulty_proxy(served.address) as proxy,
        connect(proxy.address, service="validation", caller=None, config="{}") as channel,
    ):
        stub = EchoStub(channel)
        await stub.Say(Echo())
        proxy.is_black_hole = True
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Say(Echo(), timeout=0.3)
        assert caught.value.code() is C.DEADLINE_EXCEEDED
        waiting = stub.Say(Echo(), timeout=5)
        await asyncio.sleep(0.05)
        proxy.reset_connections()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await waiting
        assert caught.value.code() is C.UNAVAILABLE
        proxy.is_black_hole = False
        assert (await stub.Say(Echo(text="again"), wait_for_ready=True)).text == "again"


async def test_a_closed_channel_leaves_no_permit_behind(define: Define) -> None:
    breakers = Breakers(ManualClock().monotonic, FRAGILE)
    async with serving(define(), config="{}", breakers=breakers) as served:
        stub = EchoStub(served.channel)
        await served.channel.close()
        for _ in range(5):
            with pytest.raises(grpc.aio.UsageError):
                await stub.Say(Echo())
    assert breakers.of("validation", "read").state == "closed"
