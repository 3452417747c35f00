"""Lucid's engine beside z3 and cvc5, obligation by obligation, in CPU seconds of one run.

    python bench/validation/run.py [--set corpus|hard] [--count 150] [--seed 1] [--limit 20]
                                   [--raw FILE] [--skip-limits RAW]

For every obligation, in random order and one after the other: Lucid from the problem's text to
checked evidence, then each peer on the same obligation as SMT-LIB text. A time is the smallest of
three where it is below one second. `--skip-limits` takes an older raw file and does not repeat
peers that reached the limit there (copied, marked "from"). `report.py` makes the report of it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import engine
import psutil
from selection import Instance, corpus, hard_set, sample

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results"
PEERS = ("z3", "cvc5")
_REPEAT_BELOW_S = 1.0
_WALL_GUARD = 8.0

Answer = dict[str, Any]


def ask_peer(name: str, script: str, limit: float) -> Answer:
    """Return the answer of one peer in a process of its own."""
    command = [sys.executable, str(HERE / "peer.py"), name, str(limit)]
    try:
        done = subprocess.run(
            command,
            check=False,
            input=script,
            capture_output=True,
            text=True,
            timeout=limit * _WALL_GUARD,
        )
    except subprocess.TimeoutExpired:
        return {"answer": "wall guard", "seconds": limit}
    if done.returncode or not done.stdout.strip():
        return {"answer": "limit", "seconds": limit}
    found: Answer = json.loads(done.stdout)
    return found


def smallest(ask: Callable[[], Answer]) -> Answer:
    """Ask up to three times while it is quick; return the answer with the smallest time."""
    found = ask()
    for _ in range(2):
        if found["seconds"] >= _REPEAT_BELOW_S:
            break
        again = ask()
        if again["answer"] != found["answer"]:
            return {**again, "answer": f"{found['answer']} then {again['answer']}"}
        found = min(found, again, key=lambda entry: float(entry["seconds"]))
    return found


def measure(instance: Instance, limit: float, old: dict[str, Any]) -> dict[str, Any]:
    """Return one raw line: ours and the peers' answers."""
    line: dict[str, Any] = {
        "key": instance.key,
        "known": instance.known,
        "dimension": instance.dimension,
        "degree": instance.degree,
        "load": round(os.getloadavg()[0], 2),
        "lucid": smallest(lambda: engine.decide(instance.problem, instance.obligation, limit)),
    }
    for peer in PEERS:
        before = old.get(peer, {})
        if before.get("answer") in ("limit", "wall guard"):
            line[peer] = {**before, "from": "earlier run"}
        else:
            line[peer] = smallest(lambda peer=peer: ask_peer(peer, instance.script, limit))
    return line


def header(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "versions": {n: version(n) for n in ("z3-solver", "cvc5", "python-flint", "clarabel")},
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {psutil.cpu_count()} cores",
        "set": arguments.set,
        "count": arguments.count,
        "seed": arguments.seed,
        "limit_s": arguments.limit,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def main() -> int:
    """Run and write the raw file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=("corpus", "hard"), default="corpus")
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=20.0, help="CPU seconds for each")
    parser.add_argument("--raw", type=Path, default=RESULTS / "validation.jsonl")
    parser.add_argument("--skip-limits", type=Path)
    arguments = parser.parse_args()
    old: dict[str, dict[str, Any]] = {}
    if arguments.skip_limits:
        lines = arguments.skip_limits.read_text().splitlines()[1:]
        old = {entry["key"]: entry for entry in map(json.loads, lines)}
    everything = hard_set() if arguments.set == "hard" else corpus()
    instances = sample(everything, arguments.count, arguments.seed)
    engine.warm_up()
    with arguments.raw.open("w") as raw:
        raw.write(json.dumps(header(arguments)) + "\n")
        for number, instance in enumerate(instances, 1):
            line = measure(instance, arguments.limit, old.get(instance.key, {}))
            raw.write(json.dumps(line) + "\n")
            raw.flush()
            answers = "  ".join(
                f"{who} {line[who]['answer']} {line[who]['seconds']:.4f}"
                for who in ("lucid", *PEERS)
            )
            print(f"{number}/{len(instances)} {instance.key}: {answers}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
