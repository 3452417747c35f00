"""The real process: killed with SIGKILL while it works, it loses nothing that it accepted."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from lucid.validation.v1 import problem_pb2 as problems
from lucid.validation.v1 import validation_service_pb2 as pb2
from lucid.validation.v1 import validation_service_pb2_grpc
from lucid_testkit.ports import free_address

START_S = 30.0


class Process:
    """`python -m lucid_validation` on ports and a database that stay the same over restarts."""

    def __init__(self, folder: Path) -> None:
        self.address = str(free_address())
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("LUCID_", "OTEL_"))}
        self._environ = {
            **inherited,
            "LUCID_LISTEN": self.address,
            "LUCID_HEALTH_LISTEN": str(free_address()),
            "LUCID_DATA_DIR": str(folder),
            "LUCID_CACHE_ADDRESS": str(free_address()),
            "LUCID_METRICS_ADDRESS": str(free_address()),
            "LUCID_VALIDATION_WORKERS": "1",
        }

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lucid_validation"],
            env=self._environ,
            stderr=subprocess.DEVNULL,
        )

    def end(self, how: signal.Signals) -> int:
        self._process.send_signal(how)
        return self._process.wait(timeout=START_S)

    @property
    def pid(self) -> int:
        return self._process.pid


@pytest.fixture
def process(tmp_path):
    found = Process(tmp_path)
    found.start()
    yield found
    found.end(signal.SIGKILL)


def atom(text):
    return problems.Formula(atom=text)


def decay(start):
    return problems.Problem(
        system=problems.System(variables=["x"], dynamics={"x": "-x"}),
        initial=atom(f"x**2 <= {start}"),
        unsafe=atom("x >= 9"),
        certificate=problems.Certificate(
            kind=problems.CERTIFICATE_KIND_EVERYWHERE, barrier="x**2 - 4"
        ),
    )


async def with_stub(process, work):
    async with grpc.aio.insecure_channel(process.address) as channel:
        await asyncio.wait_for(channel.channel_ready(), START_S)
        return await work(validation_service_pb2_grpc.ValidationServiceStub(channel))


async def test_every_accepted_validation_is_finished_after_a_kill(process):
    async def accept(stub):
        for i in range(8):
            validation = pb2.Validation(problem=decay(1 + i % 3))
            request = pb2.CreateValidationRequest(validation_id=f"v{i}", validation=validation)
            await stub.CreateValidation(request)
        watch = stub.WatchValidation(pb2.WatchValidationRequest(name="validations/v0"))
        while (await watch.read()).state == pb2.VALIDATION_STATE_QUEUED:
            pass

    async def finish(stub):
        for i in range(8):
            name = f"validations/v{i}"
            watch = stub.WatchValidation(pb2.WatchValidationRequest(name=name))
            events = [event async for event in watch if not event.heartbeat]
            assert [event.sequence for event in events] == list(range(1, len(events) + 1))
            assert [event.terminal for event in events].count(True) == 1
            found = await stub.GetValidation(pb2.GetValidationRequest(name=name))
            assert found.state == pb2.VALIDATION_STATE_SUCCEEDED
            assert found.verdict.safety.implies_safety

    await with_stub(process, accept)
    process.end(signal.SIGKILL)
    process.start()
    await with_stub(process, finish)


async def test_the_process_is_small_knows_no_solver_and_drains_on_sigterm(process):
    async def look(stub):
        await stub.ValidateCertificate(pb2.ValidateCertificateRequest(problem=decay(1)))
        mapped = Path(f"/proc/{process.pid}/maps").read_text()  # noqa: ASYNC240
        for library in ("z3", "scipy", "clarabel", "flint", "numpy"):
            assert f"/{library}" not in mapped

    await with_stub(process, look)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()  # noqa: ASYNC240
    assert process.end(signal.SIGTERM) == 0
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]  # noqa: ASYNC240
    process.start()
