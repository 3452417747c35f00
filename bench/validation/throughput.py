"""Certificates per second on one core: from problem text, from parsed problems, and one family.

    python bench/validation/throughput.py [--members 20000] [--problems 400] [--summary FILE]

All are 2-D barriers of degree 4 with the exponential condition over a box, init and unsafe discs,
half of them wrong. From text and parsed, every problem has dynamics, sets and a barrier of its own;
in the family only the 15 coefficients differ. Times are CPU seconds of one process, best of five
runs over all problems; the compiled kernel is linked before. Evidence is made on demand: here for
1 % of the family (at least 20) and for 5 % of the problems, and checked by the independent checker
outside of the timing. Exit status 1 if any piece is refused, or an expected answer differs.
"""

from __future__ import annotations

import os

# One core: a product of matrices must not borrow the others.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lucid_checker
import numpy as np
from lucid_validation.barrier.family import PROVED, REFUTED, Family
from lucid_validation.barrier.methods import kernel_native
from lucid_validation.barrier.problem import load_json, parse_problem
from lucid_validation.barrier.quick import Lane

MONOMIALS = [(i, j) for i in range(5) for j in range(5) if i + j <= 4]
RUNS = 5
# B = x^2 + 0.9 y^2 + 0.2 xy - c separates for c = 1, fails on init for 0.2 and on unsafe for 8.
GOOD, BAD = 1.0, (0.2, 8.0)


def texts(count: int, seed: int) -> tuple[list[str], list[bool]]:
    """Return problem texts, and which of them are valid."""
    rng = np.random.default_rng(seed)
    found, valid = [], []
    for number in range(count):
        is_valid = number % 2 == 0
        level = GOOD if is_valid else float(rng.choice(BAD))
        small = 0.001 * rng.uniform(-1, 1, len(MONOMIALS))
        shift = rng.uniform(-0.05, 0.05, 4)
        terms = "+".join(
            f"({c:.7f})*x**{i}*y**{j}" for c, (i, j) in zip(small, MONOMIALS, strict=True)
        )
        raw = {
            "id": f"throughput-{number}",
            "kind": "continuous",
            "vars": ["x", "y"],
            "parameters": [],
            "dynamics": {
                "x": f"-x+y-{0.1 + shift[0]:.4f}*x**3",
                "y": f"-x-y-{0.1 + shift[1]:.4f}*y**3",
            },
            "domain": ["x>=-2.5", "x<=2.5", "y>=-2.5", "y<=2.5"],
            "init": {"and": [f"(x-{0.2 + shift[2]:.4f})**2+(y-0.1)**2<=0.16"]},
            "unsafe": {"and": [f"(x-{1.7 + shift[3]:.4f})**2+(y-1.6)**2<=0.09"]},
            "certificate": {
                "type": "barrier",
                "expr": f"{rng.uniform(0.95, 1.05):.4f}*x**2+0.9*y**2+0.2*x*y-{level}+{terms}",
                "lambda": "-1",
            },
            "flow_condition": "exponential",
        }
        found.append(json.dumps(raw))
        valid.append(is_valid)
    return found, valid


def best(work: Callable[[], Any]) -> float:
    """Return the least CPU seconds of some runs."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def accepted(text: str, obligations: dict[str, Any]) -> bool:
    """Check the evidence of one problem."""
    document = {
        "format": "lucid-evidence/1",
        "problem_sha256": parse_problem(load_json(text)).sha256,
        "obligations": obligations,
    }
    return bool(lucid_checker.check(text, json.dumps(document)).accepted)


def single(count: int, seed: int) -> dict[str, Any]:
    """Measure problems that have nothing in common."""
    given, valid = texts(count, seed)
    problems = [parse_problem(load_json(text)) for text in given]
    lane = Lane()
    from_text = best(lambda: [lane.decide(parse_problem(load_json(text))) for text in given])
    from_ir = best(lambda: [lane.decide(problem) for problem in problems])
    answers = [lane.decide(problem) for problem in problems]
    wrong = 0
    for found, is_valid in zip(answers, valid, strict=True):
        words = [answer.verdict for answer in found.values()]
        wrong += words != ["PROVED"] * 3 if is_valid else "REFUTED" not in words
    sample = range(0, count, 20)
    refused = sum(
        not accepted(given[k], {name: answer.entry() for name, answer in answers[k].items()})
        for k in sample
    )
    return {
        "problems": count,
        "from_text_per_s": round(count / from_text),
        "from_ir_per_s": round(count / from_ir),
        "unexpected": wrong,
        "evidence_checked": len(sample),
        "evidence_refused": refused,
    }


def family(members: int, seed: int) -> dict[str, Any]:
    """Measure one family of certificates."""
    rng = np.random.default_rng(seed)
    raw = json.loads(texts(1, seed)[0][0])
    start = time.process_time()
    found = Family(parse_problem(raw), MONOMIALS)
    setup = time.process_time() - start
    base = {(2, 0): 1.0, (0, 2): 0.9, (1, 1): 0.2}
    rows = np.array([base.get(m, 0.0) for m in MONOMIALS])
    coefficients = rows * rng.uniform(0.97, 1.03, (members, len(rows)))
    coefficients += rng.uniform(-1e-3, 1e-3, coefficients.shape)
    valid = np.arange(members) % 2 == 0
    coefficients[:, 0] -= np.where(valid, GOOD, rng.choice(BAD, members))
    seconds = best(lambda: found.decide(coefficients))
    words = found.decide(coefficients).words
    right = np.where(valid, (words == PROVED).all(axis=1), (words == REFUTED).any(axis=1))
    sample = rng.choice(members, max(20, members // 100), replace=False)
    refused = 0
    for k in sample:
        text = {**raw["certificate"], "expr": found.expression(coefficients[k])}
        problem = json.dumps({**raw, "certificate": text})
        entries = found.evidence(coefficients[k])
        named = dict(zip(found.names, words[k], strict=True))
        same = all(
            entries[name]["verdict"] == ("PROVED" if word == PROVED else "REFUTED")
            for name, word in named.items()
            if word
        )
        refused += not (same and accepted(problem, entries))
    return {
        "members": members,
        "per_s": round(members / seconds),
        "setup_s": round(setup, 4),
        "undecided_or_unexpected": int((~right).sum()),
        "evidence_checked": len(sample),
        "evidence_refused": refused,
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--problems", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--summary", type=Path, help="write the figures as JSON here")
    arguments = parser.parse_args()
    if kernel_native.load() is None:
        print("no compiled kernel: run python -m lucid_validation.warm", file=sys.stderr)
        return 1
    figures = {
        "single": single(arguments.problems, arguments.seed),
        "family": family(arguments.members, arguments.seed),
    }
    print(json.dumps(figures, indent=1))
    if arguments.summary:
        arguments.summary.write_text(json.dumps(figures, indent=1) + "\n")
    bad = [
        figures["single"]["unexpected"],
        figures["single"]["evidence_refused"],
        figures["family"]["undecided_or_unexpected"],
        figures["family"]["evidence_refused"],
    ]
    return 1 if any(bad) else 0


if __name__ == "__main__":
    sys.exit(main())
