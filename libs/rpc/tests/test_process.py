"""The life of a real process: start, drain on SIGTERM, exit statuses."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from lucid_rpc.status import failure_of
from lucid_runtime.addresses import Address
from lucid_testkit.echo import SERVICE, Echo, EchoStub
from lucid_testkit.faults import mute_server
from lucid_testkit.ports import free_address

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

PROGRAM = """
import asyncio, sys
from lucid_rpc.authorization import Policy
from lucid_rpc.errors import ErrorTable
from lucid_rpc.process import run
from lucid_rpc.server import ServerDefinition, ServerSettings
from lucid_testkit.echo import METHODS, SERVICE, Echo, EchoServicer, add_echo_to_server

class Slow(EchoServicer):
    async def Say(self, request, context):
        await asyncio.sleep(request.count / 1000)
        return request
    async def Count(self, request, context):
        yield Echo(count=1)
        await asyncio.Event().wait()

async def build(settings, telemetry):
    return ServerDefinition(
        name="validation", servicers=[(add_echo_to_server, Slow())], service_names=[SERVICE],
        errors=ErrorTable("test.lucid"),
        policy=Policy(dict.fromkeys(METHODS, frozenset({"operator"}))))

sys.exit(run("validation", ServerSettings, build))
"""


@asynccontextmanager
async def program(
    listen: Address, health: Address, **environ: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        env={
            "PATH": os.environ["PATH"],
            "LUCID_LISTEN": str(listen),
            "LUCID_HEALTH_LISTEN": str(health),
            "LUCID_METRICS_ADDRESS": str(free_address()),
            **environ,
        },
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def logged(process: asyncio.subprocess.Process, event: str) -> dict[str, Any]:
    """Return the log line of an event; every line before it is JSON too."""
    assert process.stderr is not None
    async with asyncio.timeout(20):
        while line := await process.stderr.readline():
            parsed: dict[str, Any] = json.loads(line)
            if parsed["event"] == event:
                return parsed
    pytest.fail(f"the process ended without {event}")


async def test_sigterm_says_not_serving_ends_streams_and_lets_calls_finish() -> None:
    listen, health = free_address(), free_address()
    async with (
        program(listen, health) as process,
        grpc.aio.insecure_channel(str(listen)) as channel,
        grpc.aio.insecure_channel(str(health)) as health_channel,
    ):
        await logged(process, "serving")
        stub = EchoStub(channel)
        watch = health_pb2_grpc.HealthStub(health_channel).Watch(
            health_pb2.HealthCheckRequest(service=SERVICE)
        )
        assert (await watch.read()).status == SERVING
        stream = stub.Count(Echo())
        assert (await stream.read()).count == 1
        call = stub.Say(Echo(text="finishes", count=500))
        await call.wait_for_connection()
        await asyncio.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert (await watch.read()).status == NOT_SERVING
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stream.read()
        assert failure_of(caught.value).reason == "SERVER_STOPPING"
        assert (await call).text == "finishes"
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_health_and_reflection_answer() -> None:
    listen, health = free_address(), free_address()
    async with (
        program(listen, health) as process,
        grpc.aio.insecure_channel(str(listen)) as channel,
        grpc.aio.insecure_channel(str(health)) as health_channel,
    ):
        await logged(process, "serving")
        for name in ("", SERVICE):
            request = health_pb2.HealthCheckRequest(service=name)
            reply = await health_pb2_grpc.HealthStub(health_channel).Check(request)
            assert reply.status == SERVING
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        info = stub.ServerReflectionInfo()
        await info.write(reflection_pb2.ServerReflectionRequest(list_services=""))
        listed = await info.read()
        assert SERVICE in {one.name for one in listed.list_services_response.service}
        info.cancel()


async def test_a_second_server_does_not_share_the_port() -> None:
    listen, health = free_address(), free_address()
    async with program(listen, health) as first:
        await logged(first, "serving")
        async with program(listen, free_address()) as second:
            assert second.stderr is not None
            _, errors = await asyncio.wait_for(second.communicate(), 20)
            assert second.returncode == 3
            assert str(listen).encode() in errors
            assert b"Traceback" not in errors


async def test_a_malformed_setting_is_one_line_and_status_2() -> None:
    listen = free_address()
    async with program(listen, listen, LUCID_LISTEN="nowhere") as process:
        _, errors = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert errors.count(b"\n") == 1
    assert b"LUCID_LISTEN" in errors


@pytest.mark.parametrize("collector", ["none", "absent", "mute"])
async def test_start_and_end_wait_for_no_collector(collector: str) -> None:
    listen, health = free_address(), free_address()
    async with mute_server() as mute:
        endpoint = {"none": "", "absent": f"http://{free_address()}", "mute": f"http://{mute}"}
        started = time.perf_counter()
        async with (
            program(listen, health, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint[collector]) as process,
            grpc.aio.insecure_channel(str(listen)) as channel,
        ):
            await logged(process, "serving")
            # Generous for a busy machine; an exporter that is waited for costs its 10 s timeout.
            assert time.perf_counter() - started < 5
            answered = time.perf_counter()
            await EchoStub(channel).Say(Echo())
            assert time.perf_counter() - answered < 1
            stopping = time.perf_counter()
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 10) == 0
            assert time.perf_counter() - stopping < 2
