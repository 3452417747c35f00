"""What surrounds a call, seen by a real client over loopback."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest
from lucid.metrics.v1 import metrics_service_pb2 as metrics_pb
from lucid.metrics.v1 import metrics_service_pb2_grpc as metrics_grpc
from lucid_rpc import deadline
from lucid_rpc.authorization import Policy, current_principal
from lucid_rpc.interceptors.pipeline import CallLimits
from lucid_rpc.server import MESSAGE_BYTES_MAX, METADATA_BYTES_ABSOLUTE_MAX, ServerDefinition
from lucid_rpc.status import Failure, failure_of
from lucid_testkit.echo import SERVICE, Echo, EchoServicer, EchoStub
from lucid_testkit.servers import serving

Define = Callable[..., ServerDefinition]
C = grpc.StatusCode


async def failure(call: Any) -> Failure:
    """Return why a call failed; fail the test when it does not."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await (_consume(call) if hasattr(call, "__aiter__") else call)
    return failure_of(caught.value)


async def _consume(call: Any) -> None:
    async for _ in call:
        pass


async def several(*messages: Any) -> AsyncIterator[Any]:
    for message in messages:
        yield message


async def test_every_kind_of_call_passes(define: Define) -> None:
    async with serving(define(), config="{}") as served:
        stub = EchoStub(served.channel)
        assert (await stub.Say(Echo(text="λ"))).text == "λ"
        counted = [one.count async for one in stub.Count(Echo(count=3))]
        assert counted == [1, 2, 3]
        total = await stub.Sum(several(Echo(count=2), Echo(count=3)))
        assert total.count == 5
        said = [one.text async for one in stub.Chat(several(Echo(text="a"), Echo(text="b")))]
        assert said == ["a", "b"]


async def test_readers_and_writers_deal_in_messages(define: Define) -> None:
    class Servicer(EchoServicer):
        async def Chat(self, requests: Any, context: Any) -> None:  # type: ignore[override]
            while (request := await context.read()) is not grpc.aio.EOF:
                await context.write(Echo(text=request.text * 2))

    async with serving(define(Servicer()), config="{}") as served:
        call = EchoStub(served.channel).Chat()
        await call.write(Echo(text="a"))
        assert (await call.read()).text == "aa"
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF


class Failing(EchoServicer):
    def __init__(self, error: Exception) -> None:
        self._error = error

    async def Say(self, request: Any, context: Any) -> Any:
        raise self._error

    async def Count(self, request: Any, context: Any) -> Any:
        yield Echo(count=1)
        raise self._error

    async def Sum(self, requests: Any, context: Any) -> Any:
        async for _ in requests:
            raise self._error

    async def Chat(self, requests: Any, context: Any) -> Any:
        async for request in requests:
            yield request
            raise self._error


@pytest.mark.parametrize("method", ["Say", "Count", "Sum", "Chat"])
async def test_a_domain_exception_becomes_its_status_in_every_kind_of_call(
    define: Define, refused: type[Exception], method: str
) -> None:
    async with serving(define(Failing(refused("not now"))), config="{}") as served:
        request = several(Echo()) if method in {"Sum", "Chat"} else Echo()
        got = await failure(getattr(EchoStub(served.channel), method)(request))
    assert got == Failure(
        code=C.FAILED_PRECONDITION,
        reason="REFUSED",
        domain="test.lucid",
        message="not now",
        metadata={"why": "test"},
    )


async def test_messages_before_a_failure_arrive(define: Define, refused: type[Exception]) -> None:
    async with serving(define(Failing(refused("x"))), config="{}") as served:
        call = EchoStub(served.channel).Count(Echo())
        assert (await call.read()).count == 1
        assert (await failure(call.read())).reason == "REFUSED"


@pytest.mark.parametrize("method", ["Say", "Count"])
async def test_a_defect_shows_nothing_of_itself(
    define: Define, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(define(Failing(RuntimeError("secret"))), config="{}") as served:
        got = await failure(getattr(EchoStub(served.channel), method)(Echo()))
    assert (got.code, got.reason) == (C.INTERNAL, "INTERNAL")
    assert "secret" not in str(got)
    assert got.metadata["incident"] in {vars(record).get("incident") for record in caplog.records}


@pytest.mark.parametrize("kind", ["unary_unary", "unary_stream", "stream_unary", "stream_stream"])
async def test_garbage_is_an_invalid_argument(define: Define, kind: str) -> None:
    name = {
        "unary_unary": "Say",
        "unary_stream": "Count",
        "stream_unary": "Sum",
        "stream_stream": "Chat",
    }
    raw = b"\xff\xff\xff\xff"
    async with serving(define(), config="{}") as served:
        call = getattr(served.channel, kind)(f"/{SERVICE}/{name[kind]}")
        got = await failure(call(several(raw) if kind.startswith("stream") else raw))
    assert (got.code, got.reason) == (C.INVALID_ARGUMENT, "MALFORMED_REQUEST")
    assert got.metadata == {"message_type": "lucid.testkit.v1.Echo"}


async def test_a_deeply_nested_message_is_an_invalid_argument(define: Define) -> None:
    raw = b"\x0b" * 3000  # 3000 opened groups of an unknown field
    async with serving(define(), config="{}") as served:
        got = await failure(served.channel.unary_unary(f"/{SERVICE}/Say")(raw))
    assert got.reason == "MALFORMED_REQUEST"


async def test_a_message_above_the_limit_is_refused(define: Define) -> None:
    async with serving(define(), config="{}") as served:
        stub = EchoStub(served.channel)
        await stub.Sum(several(Echo(text="x" * (MESSAGE_BYTES_MAX - 100))))
        got = await failure(stub.Sum(several(Echo(text="x" * MESSAGE_BYTES_MAX))))
        assert got.code is C.RESOURCE_EXHAUSTED
        assert (await stub.Say(Echo(text="still here"))).text == "still here"


@pytest.mark.parametrize(
    "metadata",
    [
        [("x-long", "a" * METADATA_BYTES_ABSOLUTE_MAX)],
        [(f"x-many-{number}", "a") for number in range(2000)],
    ],
)
async def test_metadata_above_the_limit_is_refused(
    define: Define, metadata: list[tuple[str, str]]
) -> None:
    async with serving(define(), config="{}") as served:
        stub = EchoStub(served.channel)
        got = await failure(stub.Say(Echo(), metadata=metadata))
        assert got.code is C.RESOURCE_EXHAUSTED
        assert (await stub.Say(Echo(text="still here"))).text == "still here"


class Metrics(metrics_grpc.MetricsServiceServicer):  # type: ignore[misc]
    async def ReportSamples(self, request_iterator: Any, context: Any) -> Any:
        async for _ in request_iterator:
            pass
        return metrics_pb.ReportSamplesResponse()


async def test_field_rules_name_the_path_of_every_field(define: Define) -> None:
    name = "lucid.metrics.v1.MetricsService"
    definition = define(
        servicers=[(metrics_grpc.add_MetricsServiceServicer_to_server, Metrics())],
        policy=Policy({f"{name}/ReportSamples": frozenset({"operator"})}),
    )
    bad = metrics_pb.ReportSamplesRequest(
        reporter="x" * 65,
        counters=[metrics_pb.Counter(metric="ok"), metrics_pb.Counter(metric="")],
    )
    async with serving(definition, config="{}") as served:
        stub = metrics_grpc.MetricsServiceStub(served.channel)
        got = await failure(stub.ReportSamples(several(bad)))
    assert (got.code, got.reason) == (C.INVALID_ARGUMENT, "FIELDS_INVALID")
    rules = {one.field: one.rule for one in got.field_violations}
    assert rules == {"reporter": "string.max_len", "counters[1].metric": "required"}


async def test_what_is_not_served_yet_says_so(define: Define) -> None:
    name = "lucid.metrics.v1.MetricsService"
    definition = define(
        servicers=[(metrics_grpc.add_MetricsServiceServicer_to_server, Metrics())],
        policy=Policy(
            dict.fromkeys((f"{name}/GetScorecard", f"{name}/WatchAlerts"), frozenset({"operator"}))
        ),
    )
    async with serving(definition, config="{}") as served:
        stub = metrics_grpc.MetricsServiceStub(served.channel)
        unary = await failure(stub.GetScorecard(metrics_pb.GetScorecardRequest()))
        stream = await failure(stub.WatchAlerts(metrics_pb.WatchAlertsRequest()))
        denied = await failure(stub.GetForecast(metrics_pb.GetForecastRequest()))
        unknown = await failure(served.channel.unary_unary("/no.Such/Method")(b""))
    assert (unary.code, unary.reason) == (C.UNIMPLEMENTED, "NOT_YET_SERVED")
    assert (stream.code, stream.reason) == (C.UNIMPLEMENTED, "NOT_YET_SERVED")
    assert (denied.code, denied.reason) == (C.PERMISSION_DENIED, "NOT_PERMITTED")
    assert (unknown.code, unknown.reason) == (C.UNIMPLEMENTED, "METHOD_UNKNOWN")


async def test_a_not_implemented_error_of_our_own_is_a_defect(
    define: Define, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(define(Failing(NotImplementedError())), config="{}") as served:
        assert (await failure(EchoStub(served.channel).Say(Echo()))).reason == "INTERNAL"


class Waiting(EchoServicer):
    """Waits until it is cancelled, and tells."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.caller = ""
        self.budget_s: float | None = None

    async def _wait(self) -> None:
        self.caller = current_principal().name
        self.budget_s = deadline.remaining_s()
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    async def Say(self, request: Any, context: Any) -> Any:
        await self._wait()

    async def Count(self, request: Any, context: Any) -> Any:
        yield Echo(count=1)
        await self._wait()


@pytest.mark.parametrize("method", ["Say", "Count"])
async def test_a_client_that_goes_away_stops_the_work(define: Define, method: str) -> None:
    servicer = Waiting()
    async with serving(define(servicer), config="{}") as served:
        call = getattr(EchoStub(served.channel), method)(Echo())
        await asyncio.wait_for(servicer.started.wait(), 5)
        call.cancel()
        await asyncio.wait_for(servicer.cancelled.wait(), 5)
        assert served.server.pipeline.admission.in_progress == {"calls": 0, "streams": 0}


async def test_the_callers_deadline_stops_the_work(define: Define) -> None:
    servicer = Waiting()
    async with serving(define(servicer), config="{}") as served:
        got = await failure(EchoStub(served.channel).Say(Echo(), timeout=0.2))
        await asyncio.wait_for(servicer.cancelled.wait(), 5)
    assert got.code is C.DEADLINE_EXCEEDED
    assert servicer.budget_s is not None
    assert servicer.budget_s <= 0.2


@pytest.mark.parametrize("method", ["Say", "Count"])
async def test_a_call_without_a_deadline_gets_the_default(define: Define, method: str) -> None:
    servicer = Waiting()
    limits = CallLimits(unary_default_s=0.2, stream_default_s=0.2)
    async with serving(define(servicer, limits=limits), config="{}") as served:
        # A bare channel: ours would set a deadline.
        async with grpc.aio.insecure_channel(str(served.address)) as bare:
            got = await failure(getattr(EchoStub(bare), method)(Echo()))
        await asyncio.wait_for(servicer.cancelled.wait(), 5)
    assert (got.code, got.reason) == (C.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
    assert got.metadata == {"limit_s": "0.200"}


async def test_beyond_the_limit_calls_are_told_when_to_come_back(define: Define) -> None:
    servicer = Waiting()
    limits = CallLimits(calls_max=1, streams_max=1)
    async with serving(define(servicer, limits=limits), config="{}") as served:
        stub = EchoStub(served.channel)
        first = stub.Say(Echo())
        await asyncio.wait_for(servicer.started.wait(), 5)
        got = await failure(stub.Say(Echo()))
        assert (got.code, got.reason) == (C.RESOURCE_EXHAUSTED, "OVERLOADED")
        assert (got.retry_after_s or 0) > 0
        assert got.quota is not None
        # Streams have places of their own.
        assert [one.count async for one in _first(stub.Count(Echo()))] == [1]
        first.cancel()
        await asyncio.wait_for(servicer.cancelled.wait(), 5)


async def _first(call: Any) -> AsyncIterator[Any]:
    yield await call.read()
    call.cancel()


async def test_a_servicer_knows_who_calls(define: Define) -> None:
    servicer = Waiting()
    async with serving(define(servicer), caller="dream", config="{}") as served:
        call = EchoStub(served.channel).Say(Echo())
        await asyncio.wait_for(servicer.started.wait(), 5)
        call.cancel()
    assert servicer.caller == "service dream"


async def test_a_stranger_is_denied_before_its_message_is_read(define: Define) -> None:
    async with serving(define(), caller="cache", config="{}") as served:
        got = await failure(served.channel.unary_unary(f"/{SERVICE}/Say")(b"\xff\xff"))
    assert (got.code, got.reason) == (C.PERMISSION_DENIED, "NOT_PERMITTED")


async def test_an_error_line_is_logged_for_defects_only(
    define: Define, refused: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        async with serving(define(Failing(refused("x"))), config="{}") as served:
            await failure(EchoStub(served.channel).Say(Echo()))
    assert caplog.records == []
