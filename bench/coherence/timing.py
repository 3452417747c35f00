"""Clocks and processes: CPU seconds of client and server together, several times, interleaved."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.experimental
import psutil
from lucid.coherence.v1 import coherence_service_pb2_grpc
from lucid_testkit.ports import free_address

READY_WITHIN_S = 60.0
# As `lucid up` and the image start a service.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
HEAP = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "MALLOC_TRIM_THRESHOLD_": "33554432",
}
# The client too has its fastest setting: by default grpcio reads a stream in another thread.
CHANNEL = [
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    (grpc.experimental.ChannelOptions.SingleThreadedUnaryStream, 1),
]


@dataclass(frozen=True, slots=True)
class Service:
    """A coherence service in a process of its own, and a stub for it in this one."""

    stub: Any
    pid: int

    def cpu_s(self) -> float:
        """Return the CPU seconds that the server and its children have used.

        psutil counts in ticks of 10 ms; the kernel's clock of a process is the same figure to the
        nanosecond. Only for children that have ended are there ticks and nothing better.
        """
        process = psutil.Process(self.pid)
        ended = process.cpu_times()
        living = [self.pid, *(child.pid for child in process.children(recursive=True))]
        return ended.children_user + ended.children_system + sum(map(_clock_s, living))


def _clock_s(pid: int) -> float:
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:  # it ended in between: its parent's ticks have it from now on
        return 0.0


@contextmanager
def service() -> Iterator[Service]:
    """Start the coherence service with one BLAS thread and nothing else beside it."""
    address, health = free_address(), free_address()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "LUCID_"))}
    with tempfile.TemporaryDirectory() as folder:
        environment = kept | ONE_THREAD | HEAP
        environment["LUCID_DATA_DIR"] = folder
        environment["LUCID_LISTEN"] = str(address)
        environment["LUCID_HEALTH_LISTEN"] = str(health)
        log = Path(folder, "log").open("w")  # noqa: SIM115  # closed with the process
        command = [sys.executable, "-m", "lucid_coherence"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            with grpc.insecure_channel(str(address), options=CHANNEL) as channel:
                grpc.channel_ready_future(channel).result(timeout=READY_WITHIN_S)
                stub = coherence_service_pb2_grpc.CoherenceServiceStub(channel)
                yield Service(stub, process.pid)
        finally:
            process.terminate()
            process.wait(30)
            log.close()


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: CPU seconds of everything that took part, and seconds on the wall."""

    cpu_s: float
    wall_s: float


def once(work: Callable[[], Any], server: Service | None = None) -> Sample:
    """Run once; the server's CPU counts where there is one.

    Looking for the server's children costs this process a millisecond: it stays outside the clocks.
    """
    other = server.cpu_s() if server else 0.0
    wall, own = time.perf_counter(), time.process_time()
    work()
    own_s, wall_s = time.process_time() - own, time.perf_counter() - wall
    other_s = server.cpu_s() - other if server else 0.0
    return Sample(own_s + other_s, wall_s)


def compare(
    contestants: Mapping[str, Callable[[], Any]],
    runs: int,
    servers: Mapping[str, Service],
    warm: Mapping[str, Callable[[], Any]] | None = None,
) -> dict[str, dict[str, Any]]:
    """Run all contestants in turn, `runs` times, so that a busy minute hits all of them.

    Every contestant has run once before, or what `warm` names for it: a loop over thousands of
    states is as warm after some. `servers` names those that talk to a server.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in contestants}
    for name, work in contestants.items():
        (warm or {}).get(name, work)()
    for _ in range(runs):
        for name, work in contestants.items():
            samples[name].append(once(work, servers.get(name)))
    return {name: summary(found) for name, found in samples.items()}


def summary(samples: list[Sample]) -> dict[str, Any]:
    """Return medians and all samples, s."""
    return {
        "cpu_s": statistics.median(sample.cpu_s for sample in samples),
        "wall_s": statistics.median(sample.wall_s for sample in samples),
        "all_cpu_s": [round(sample.cpu_s, 7) for sample in samples],
        "all_wall_s": [round(sample.wall_s, 7) for sample in samples],
    }
