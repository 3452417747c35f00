"""How soon tiny violations are found: the engine, sampling and z3, in CPU milliseconds of one run.

    python bench/validation/refutation.py [--seeds 3] [--z3-every 6] [--z3-limit 5] [--raw FILE]

The problems are those of `violations.py`. Part one, height 1e-6: the falsifier alone (from the
compiled obligation to an exactly confirmed witness), the whole engine (from the problem's text to
evidence that the independent checker accepted), uniform sampling of the same obligation and, for
every sixth problem, z3. Part two, heights 1e-1 to 1e-6: evaluations and time of uniform sampling,
adaptive sampling and the portfolio. A time is the smallest of three.
"""

from __future__ import annotations

import os

# As the engine's own processes are: small products do not profit from threads that wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import lucid_checker
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case, obligations
from lucid_validation.barrier.decide import decide_problem
from lucid_validation.barrier.methods import falsifier, sampling
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.verdict import word
from run import ask_peer
from selection import script
from violations import DIMENSIONS, KINDS, Violation, violation

RESULTS = Path(__file__).parent.parent / "results"
HEIGHTS = (1e-1, 1e-2, 1e-3, 1e-6)
_UNIFORM_EVALUATIONS = 1_000_000
_UNIFORM_CPU_S = 1.0
_LIMIT_CPU_S = 10.0

Line = dict[str, Any]


def budget(seconds: float = _LIMIT_CPU_S) -> Budget:
    """Return a budget in CPU seconds."""
    return Budget(time.process_time, time.process_time() + seconds)


def timed(run: Callable[[], Any], repeat: int = 3) -> tuple[Any, float]:
    """Return the result and the smallest CPU time in milliseconds."""
    best, result = math.inf, None
    for _ in range(repeat):
        start = time.process_time()
        result = run()
        best = min(best, (time.process_time() - start) * 1e3)
        if best > 300:
            break
    return result, round(best, 3)


def cases_of(problem: Violation) -> tuple[Case, ...]:
    """Return the cases of the obligation that fails."""
    found = obligations(parse_problem(problem.problem))
    return next(o for o in found if o.name == problem.obligation).cases  # type: ignore[union-attr]


def refute(cases: tuple[Case, ...]) -> bool:
    """Say whether the falsifier finds and confirms a witness, small effort first."""
    return any(
        falsifier.attempt(case, effort, budget(), 0) is not None
        for effort in (1, 2)
        for case in cases
    )


def decide(problem: Violation) -> bool:
    """Say whether the whole engine refutes the obligation, from text to checked evidence."""
    decision = decide_problem(
        parse_problem(json.loads(json.dumps(problem.problem))),
        budget=budget(),
        check=lucid_checker.check,
        only={problem.obligation},
    )
    return word(decision.obligations[problem.obligation].verdict) == "REFUTED"


def sample(cases: tuple[Case, ...], *, adaptive: bool) -> tuple[bool, int] | None:
    """Return (found, evaluations); None where this sampler is not for the case."""
    draw = sampling.adaptive if adaptive else sampling.uniform
    evaluations = 0
    for case in cases:
        found = draw(case, _UNIFORM_EVALUATIONS, budget(_UNIFORM_CPU_S), 1)
        if found is None:
            return None
        evaluations += found.evaluations
        if found.witness is not None:
            return True, evaluations
    return False, evaluations


def measure(problem: Violation, z3_limit: float | None) -> Line:
    """Return one raw line."""
    cases = cases_of(problem)
    found, falsifier_ms = timed(lambda: refute(cases))
    decided, engine_ms = timed(lambda: decide(problem))
    line: Line = {
        "id": problem.problem["id"],
        "kind": problem.kind,
        "dimension": problem.dimension,
        "height": problem.height,
        "falsifier": {"found": found, "ms": falsifier_ms},
        "engine": {"found": decided, "ms": engine_ms},
    }
    for name in ("uniform", "adaptive"):
        result, ms = timed(lambda name=name: sample(cases, adaptive=name == "adaptive"))
        if result is not None:
            line[name] = {"found": result[0], "ms": ms, "evaluations": result[1]}
    if z3_limit is not None:
        answer = ask_peer("z3", script(cases), z3_limit)
        line["z3"] = {"found": answer["answer"] == "sat", "ms": answer["seconds"] * 1e3}
    return line


def table(title: str, lines: list[Line], who: Iterable[str]) -> None:
    """Print share found, median and p90 for each."""
    print(f"\n{title}")
    for name in who:
        entries = [line[name] for line in lines if name in line]
        if not entries:
            continue
        times = sorted(e["ms"] for e in entries)
        print(
            f"  {name:10s} found {sum(e['found'] for e in entries):3d} of {len(entries):3d}"
            f"   median {statistics.median(times):9.2f} ms"
            f"   p90 {times[int(0.9 * (len(times) - 1))]:9.2f} ms"
        )


def sampling_table(lines: list[Line]) -> None:
    """Print evaluations at equal detection, and the portfolio beside the uniform sampler."""
    print("\nuniform and adaptive sampling, inequalities only (a surface has no volume)")
    for height in HEIGHTS:
        rows = [x for x in lines if x["height"] == height and "uniform" in x]
        both = [x for x in rows if x["uniform"]["found"] and x["adaptive"]["found"]]
        ratio = _mean(x["adaptive"]["evaluations"] / x["uniform"]["evaluations"] for x in both)
        total = [sum(x[n]["evaluations"] for x in both) for n in ("adaptive", "uniform")]
        print(
            f"  height {height:g}: found by uniform {_found(rows, 'uniform')},"
            f" adaptive {_found(rows, 'adaptive')}, of {len(rows)};"
            f" evaluations where both find it: {total[0]} to {total[1]},"
            f" geometric mean of the ratios {ratio:.4f}"
        )
    rows = [x for x in lines if "uniform" in x]
    both = [x for x in rows if x["uniform"]["found"] and x["engine"]["found"]]
    print("\nthe whole engine and uniform sampling, all heights")
    print(f"  found: engine {_found(rows, 'engine')}, uniform {_found(rows, 'uniform')}")
    for name, among in (("those that both find", both), ("all", rows)):
        for ours in ("engine", "falsifier"):
            spent = [sum(x[n]["ms"] for x in among) for n in ("uniform", ours)]
            each = [
                s / max(1, _found(among, n)) for s, n in zip(spent, ("uniform", ours), strict=True)
            ]
            ratio = _mean(x["uniform"]["ms"] / x[ours]["ms"] for x in among)
            print(
                f"  {name} ({len(among)}): uniform {spent[0]:.0f} ms, {ours} {spent[1]:.0f} ms;"
                f" geometric mean of the ratios {ratio:.2f}x;"
                f" for each violation found {each[0]:.2f} and {each[1]:.2f} ms,"
                f" {each[0] / each[1]:.1f}x"
            )


def _found(rows: list[Line], name: str) -> int:
    return sum(x[name]["found"] for x in rows)


def _mean(ratios: Iterable[float]) -> float:
    logs = [math.log(r) for r in ratios]
    return math.exp(statistics.fmean(logs)) if logs else math.nan


def main() -> int:
    """Run, write the raw lines and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--z3-every", type=int, default=6)
    parser.add_argument("--z3-limit", type=float, default=5.0, help="CPU seconds for each")
    parser.add_argument("--raw", type=Path, default=RESULTS / "refutation.jsonl")
    arguments = parser.parse_args()
    import scipy.optimize  # noqa: F401

    measure(violation("init", 2, 1e-3, 99), None)
    grid = [
        (height, kind, n, seed)
        for height in HEIGHTS
        for kind in KINDS
        for n in DIMENSIONS
        for seed in range(arguments.seeds if height == HEIGHTS[-1] else 1)
    ]
    lines = []
    with arguments.raw.open("w") as raw:
        for number, (height, kind, n, seed) in enumerate(grid):
            asked = height == HEIGHTS[-1] and number % arguments.z3_every == 0
            line = measure(violation(kind, n, height, seed), arguments.z3_limit if asked else None)
            lines.append(line)
            raw.write(json.dumps(line) + "\n")
            raw.flush()
    thin = [x for x in lines if x["height"] == HEIGHTS[-1]]
    who = ("falsifier", "engine", "adaptive", "uniform", "z3")
    table(f"violations of relative height {HEIGHTS[-1]:g}, {len(thin)} problems", thin, who)
    for kind in KINDS:
        table(f"  {kind}", [x for x in thin if x["kind"] == kind], who)
    sampling_table(lines)
    missed = [x["id"] for x in lines if not x["engine"]["found"]]
    print(f"\nmissed by the engine: {missed or 'none'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
