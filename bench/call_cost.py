"""What one small call costs beside its computation: CPU of client and server together.

    python bench/call_cost.py [--rounds 15] [--calls 100]

One unary call (AnalyzeStates of one two-qubit state) and one streamed answer (EvolveStates of one
qubit at two times) go, with the same messages, to four servers in processes of their own:

    bare      grpc.aio and a handler that returns a kept answer
    shell     the same handler behind everything that surrounds a call in a Lucid service
    coherence the coherence service
    traced    the coherence service, exporting a span of each call to a collector

By default grpcio reads a stream in a thread of its own; its channel option
SingleThreadedUnaryStream spares that thread.

Calls are made back to back, and also alone, each after a pause in which the client reads more
memory than the caches hold: so a call comes to a service that has other things to do.
"""

from __future__ import annotations

import os

# Before numpy: one core for everybody.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import asyncio
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import grpc
import grpc.experimental
import numpy as np
from coherence.timing import HEAP, ONE_THREAD, READY_WITHIN_S, Service, once
from lucid.coherence.v1 import coherence_service_pb2 as service_pb2
from lucid.coherence.v1 import coherence_service_pb2_grpc, evolution_pb2, state_pb2
from lucid_coherence.answers.evolution import evolve_states
from lucid_coherence.answers.states import analyze_states
from lucid_coherence.server import policy
from lucid_local.traces import serve_traces
from lucid_rpc.errors import ErrorTable
from lucid_rpc.process import run
from lucid_rpc.server import ServerDefinition, ServerSettings
from lucid_telemetry import Telemetry
from lucid_testkit.ports import free_address

REPORT = Path(__file__).parent / "results" / "call_cost.md"
SERVERS = ("bare", "shell", "coherence", "traced")
PAUSE_S = 0.005
CACHE_BYTES = 64 * 1024 * 1024
ONE_CLIENT_THREAD = (grpc.experimental.ChannelOptions.SingleThreadedUnaryStream, 1)
MEASURES = ("C_L1", "RELATIVE_ENTROPY_OF_COHERENCE", "NEGATIVITY", "CONCURRENCE")


def unary_request() -> Any:
    """Return the question about one two-qubit state."""
    matrix = np.diag([0.4, 0.3, 0.2, 0.1]).astype(np.complex128)
    batch = state_pb2.StateBatch(count=1, dims=[2, 2], data=matrix.tobytes())
    measures = [f"MEASURE_{name}" for name in MEASURES]
    return service_pb2.AnalyzeStatesRequest(states=batch, measures=measures)


def stream_request() -> Any:
    """Return the question about one damped qubit at two times; the answer is one message."""
    jump = evolution_pb2.PauliJump(
        terms=[evolution_pb2.WeightedPauli(pauli="Z", real=1.0)], rate_low_per_s=0.1
    )
    model = evolution_pb2.PauliLindbladian(qubits=1, jumps=[jump])
    states = state_pb2.StateBatch(count=1, dims=[2], data=np.full(4, 0.5 + 0j).tobytes())
    system = evolution_pb2.OpenSystem(pauli_lindbladian=model)
    return service_pb2.EvolveStatesRequest(states=states, system=system, times_s=[0.0, 1.0])


class Kept(coherence_service_pb2_grpc.CoherenceServiceServicer):
    """Answers with what the service answered to the same question."""

    def __init__(self) -> None:
        self._analysis = analyze_states(unary_request())
        self._evolution = list(evolve_states(stream_request(), lambda: True))

    async def AnalyzeStates(self, _request: Any, _context: Any) -> Any:
        """Return the kept answer."""
        return self._analysis

    async def EvolveStates(self, _request: Any, _context: Any) -> Any:
        """Yield the kept answers."""
        for message in self._evolution:
            yield message


async def _bare() -> None:
    server = grpc.aio.server()
    coherence_service_pb2_grpc.add_CoherenceServiceServicer_to_server(Kept(), server)
    server.add_insecure_port(os.environ["LUCID_LISTEN"])
    await server.start()
    await server.wait_for_termination()


async def _collector() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server, address = await serve_traces(Path(folder, "traces"))
        print(address, flush=True)
        await server.wait_for_termination()


async def _shell(_settings: ServerSettings, _telemetry: Telemetry) -> ServerDefinition:
    add = coherence_service_pb2_grpc.add_CoherenceServiceServicer_to_server
    name = "lucid.coherence.v1.CoherenceService"
    errors = ErrorTable("coherence.lucid", {})
    return ServerDefinition(
        name="coherence",
        servicers=[(add, Kept())],
        service_names=[name],
        errors=errors,
        policy=policy(),
    )


def serve(name: str) -> int:
    """Be the server `name` until told to stop."""
    if name == "shell":
        return run("coherence", ServerSettings, _shell)
    asyncio.run(_bare() if name == "bare" else _collector())
    return 0


@contextmanager
def _process(command: list[str], environment: Mapping[str, str]) -> Iterator[Any]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "LUCID_"))}
    process = subprocess.Popen(
        [sys.executable, *command],
        env=kept | ONE_THREAD | HEAP | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextmanager
def servers(*options: tuple[str, int]) -> Iterator[dict[str, Service]]:
    """Start the four servers, and a collector for the one that exports; connect with `options`."""
    found = {}
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        collector = stack.enter_context(_process([__file__, "--serve", "collector"], {}))
        endpoint = "http://" + collector.stdout.readline().strip()
        for name in SERVERS:
            address = free_address()
            environment = {
                "LUCID_LISTEN": str(address),
                "LUCID_HEALTH_LISTEN": str(free_address()),
                "LUCID_DATA_DIR": f"{folder}/{name}",
            }
            if name == "traced":
                environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint
            own = [__file__, "--serve", name]
            command = own if name in ("bare", "shell") else ["-m", "lucid_coherence"]
            process = stack.enter_context(_process(command, environment))
            channel = stack.enter_context(grpc.insecure_channel(str(address), options=options))
            grpc.channel_ready_future(channel).result(timeout=READY_WITHIN_S)
            stub = coherence_service_pb2_grpc.CoherenceServiceStub(channel)
            found[name] = Service(stub, process.pid)
        yield found


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way to get an answer, and the server that works on it."""

    name: str
    call: Callable[[], Any]
    server: Service | None


def contestants(running: Mapping[str, Service], *, streams: bool) -> list[Contestant]:
    """Return the computation alone, and the call to each server."""
    request = stream_request() if streams else unary_request()

    def compute() -> Any:
        return list(evolve_states(request, lambda: True)) if streams else analyze_states(request)

    def caller(stub: Any) -> Callable[[], Any]:
        if streams:
            return lambda: list(stub.EvolveStates(request, timeout=60))
        return lambda: stub.AnalyzeStates(request, timeout=60)

    calls = [Contestant(name, caller(one.stub), one) for name, one in running.items()]
    return [Contestant("computation", compute, None), *calls]


def back_to_back(each: list[Contestant], rounds: int, calls: int) -> dict[str, float]:
    """Return CPU ms of a call among `calls`, the median of the rounds."""
    samples: dict[str, list[float]] = {one.name: [] for one in each}
    for _ in range(rounds + 1):
        for one in each:
            work = one.call
            spent = once(lambda: [work() for _ in range(calls)], one.server)  # noqa: B023
            samples[one.name].append(1e3 * spent.cpu_s / calls)
    return {name: median(found[1:]) for name, found in samples.items()}


def alone(each: list[Contestant], rounds: int) -> dict[str, float]:
    """Return CPU ms of a call that nothing was warm for, the median of the rounds."""
    samples: dict[str, list[float]] = {one.name: [] for one in each}
    memory = np.zeros(CACHE_BYTES // 8)
    for _ in range(rounds + 1):
        for one in each:
            memory += 1.0
            time.sleep(PAUSE_S)
            samples[one.name].append(1e3 * once(one.call, one.server).cpu_s)
    return {name: median(found[1:]) for name, found in samples.items()}


def report(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return the tables."""
    names = ("computation", *SERVERS)
    lines = [
        "# What one small call costs",
        "",
        f"{time.strftime('%Y-%m-%d', time.gmtime())}, Python {platform.python_version()}, grpcio "
        f"{version('grpcio')}, {os.cpu_count()} cores, shared; `make bench-calls`.",
        "",
        (__doc__ or "").partition("\n\n")[2].partition("\n\n")[2].strip(),
        "",
        "CPU ms of client and server together, medians; `computation` is in the client's process.",
        "",
        f"| | {' | '.join(names)} | coherence, fixed | traced, fixed |",
        "|---|" + "---:|" * (len(names) + 2),
    ]
    for title, row in rows.items():
        fixed = [row[name] - row["computation"] for name in ("coherence", "traced")]
        cells = [f"{value:.2f}" for value in (*(row[name] for name in names), *fixed)]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure and write the report, or be one of the servers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--serve", choices=("bare", "shell", "collector"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return serve(arguments.serve)
    rows = {}
    for title, streams, options in (
        ("unary call", False, ()),
        ("streamed answer", True, ()),
        ("streamed answer, one client thread", True, (ONE_CLIENT_THREAD,)),
    ):
        with servers(*options) as running:
            each = contestants(running, streams=streams)
            rows[f"{title}, back to back"] = back_to_back(each, arguments.rounds, arguments.calls)
            rows[f"{title}, alone"] = alone(each, 10 * arguments.rounds)
    text = report(rows)
    REPORT.write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
