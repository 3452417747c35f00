"""The coherence service beside QuTiP, toqito, qiskit and cvxpy, in one run.

    python bench/coherence/run.py [--only PART ...] [--runs 5] [--seed 1] [--small] [--raw FILE]

Parts: states, evolution, sweep, robustness, correction. The service runs in a process of its own
and is asked over gRPC; its times are CPU seconds of client and server together, with its checks.
Peers run in this process on the same random states. One BLAS thread everywhere; medians; every
contestant takes its turn in every round. `--only` keeps the other parts of an older raw file out:
a raw file is one run. `report.py` makes the report of it.
"""

from __future__ import annotations

import os

# Before numpy: one core for everybody.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import importlib
import json
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from timing import HEAP, service

RESULTS = Path(__file__).parent.parent / "results"
PARTS = ("states", "evolution", "sweep", "robustness", "correction")
PACKAGES = (
    "numpy",
    "scipy",
    "qutip",
    "toqito",
    "qiskit",
    "cvxpy",
    "clarabel",
    "stim",
    "pymatching",
    "grpcio",
    "protobuf",
)


def header(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "versions": {name: version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "machine": f"{_processor()}, {psutil.cpu_count()} cores, shared",
        "commit": _commit(),
        "parts": arguments.only,
        "runs": arguments.runs,
        "seed": arguments.seed,
        "small": arguments.small,
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _commit() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--abbrev=12"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def main() -> int:
    """Run and write the raw file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="a twentieth of the work, to try it")
    parser.add_argument("--raw", type=Path, default=RESULTS / "coherence.jsonl")
    arguments = parser.parse_args()
    _with_the_same_heap()
    with service() as server, arguments.raw.open("w") as raw:
        raw.write(json.dumps(header(arguments)) + "\n")
        for part in arguments.only:
            begun = time.perf_counter()
            lines = importlib.import_module(part).lines(
                server, runs=arguments.runs, seed=arguments.seed, small=arguments.small
            )
            for found in lines:
                line = {"part": part, "load": round(os.getloadavg()[0], 2), **found}
                raw.write(json.dumps(line) + "\n")
                raw.flush()
                print(json.dumps({k: v for k, v in line.items() if k != "times"}))
                for name, times in line.get("times", {}).items():
                    print(f"    {name:12s} {1e3 * times['cpu_s']:12.3f} ms CPU", flush=True)
            print(f"{part}: {time.perf_counter() - begun:.0f} s", flush=True)
    return 0


def _with_the_same_heap() -> None:
    """Begin again with the heap of the service, which is read when a process starts."""
    if os.environ | HEAP != dict(os.environ):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | HEAP)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
