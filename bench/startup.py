"""How long the mesh takes from `lucid up` to ready, and what it weighs when idle.

Three situations: spans taken by the mesh's own receiver, no collector behind the configured
address, and a collector that accepts connections and never answers. Each is run several times;
the median counts. Memory is the proportional set size (PSS) of the seven processes ten seconds
after they are ready; solver workers are counted apart.

    python bench/startup.py [--runs N]
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

import psutil

LUCID = Path(sys.executable).with_name("lucid")
TARGET_SECONDS = 5.0
TARGET_MEGABYTES = 512.0
SETTLE_S = 10.0


def start(data_dir: Path, collector: str | None) -> tuple[subprocess.Popen[str], float]:
    """Start a mesh; return its process and the seconds until it said that all serve."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "LUCID_"))}
    if collector:
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector
    command = [LUCID, "up", "--json", "--ports", "auto", "--data", str(data_dir)]
    started = time.monotonic()
    mesh = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    for line in mesh.stdout or ():
        if line.startswith("{"):
            answer = json.loads(line)
            if not answer["ready"]:
                break
            return mesh, time.monotonic() - started
    mesh.send_signal(signal.SIGTERM)
    raise SystemExit("the mesh did not come up; see the logs below " + str(data_dir))


def pss_megabytes(pid: int) -> float:
    """Return the proportional set size of one process in MB."""
    return float(psutil.Process(pid).memory_full_info().pss) / 1e6


def weigh(data_dir: Path) -> tuple[dict[str, float], float]:
    """Return the PSS of each process and of all solver workers, MB."""
    pids = json.loads((data_dir / "mesh.json").read_text())["pids"]
    own = {name: pss_megabytes(pid) for name, pid in pids.items()}
    for child in psutil.Process(pids["gateway"]).children(recursive=True):
        own["gateway"] += pss_megabytes(child.pid)
    workers = psutil.Process(pids["validation"]).children(recursive=True)
    return own, sum(pss_megabytes(worker.pid) for worker in workers)


def silent_collector() -> tuple[socket.socket, str]:
    """Listen on a loopback port, accept into the backlog and never answer."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


def measure(title: str, collector: str | None, runs: int) -> tuple[float, float]:
    """Start the mesh `runs` times; print and return the median seconds and megabytes."""
    seconds, megabytes = [], []
    for run in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            mesh, took = start(Path(folder), collector)
            time.sleep(SETTLE_S)
            own, workers = weigh(Path(folder))
            mesh.send_signal(signal.SIGTERM)
            mesh.wait(30)
        seconds.append(took)
        megabytes.append(sum(own.values()))
        parts = " ".join(f"{name} {size:.0f}" for name, size in own.items())
        print(
            f"{title}, run {run + 1}: {took:.2f} s, {sum(own.values()):.0f} MB ({parts};"
            f" solver workers {workers:.0f})",
            flush=True,
        )
    return statistics.median(seconds), statistics.median(megabytes)


def main() -> int:
    """Measure all three situations; exit 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    listener, silent = silent_collector()
    situations: list[tuple[str, str | None, AbstractContextManager[object]]] = [
        ("own receiver", None, nullcontext()),
        ("no collector", "http://127.0.0.1:9", nullcontext()),
        ("silent collector", silent, closing(listener)),
    ]
    missed = False
    for title, collector, context in situations:
        with context:
            seconds, megabytes = measure(title, collector, runs)
        missed |= seconds > TARGET_SECONDS or megabytes > TARGET_MEGABYTES
        print(
            f"{title}: median {seconds:.2f} s (target {TARGET_SECONDS:.0f}),"
            f" {megabytes:.0f} MB PSS (target {TARGET_MEGABYTES:.0f})"
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
