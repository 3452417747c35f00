"""Decide the whole public corpus and re-check every verdict: counts, errors and times.

    python bench/corpus.py [--timeout 10] [--every 1] [--offset 0] [--raw FILE] [--summary FILE]

Every problem is decided by `lucid_validation.local.decide` on one core under a hard deadline; its
evidence is then checked again, outside of the timing, by the independent checker. An answer that
differs from a known one is counted as wrong and listed. Exit status 1 if there is any.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import lucid_checker
from lucid_validation import local

PROBLEMS = Path(__file__).parent.parent / "tests" / "conformance" / "problems"
EXPECTED = {"valid": "PROVED", "invalid": "REFUTED"}


def load() -> tuple[list[dict[str, Any]], dict[tuple[str, str], str]]:
    """Return the problems and the known status of (problem id, obligation)."""
    problems = [
        *json.loads((PROBLEMS / "barrier.json").read_text()),
        *json.loads((PROBLEMS / "quantum_barrier.json").read_text()),
    ]
    known = {
        (problem, obligation): EXPECTED[status]
        for problem, obligation, status in json.loads(
            (PROBLEMS / "known_obligations.json").read_text()
        )
    }
    return problems, known


def by_obligation(line: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return obligation -> (verdict, method); the cuts of one problem count as its flow."""
    found = {}
    cuts = []
    for name, entry in line["obligations"].items():
        answer = (entry["verdict"], entry.get("method") or "")
        if name.startswith("cut"):
            cuts.append(answer)
        else:
            found[name] = answer
    if cuts:
        words = [word for word, _ in cuts]
        worst = next((w for w in ("REFUTED", "UNDECIDED") if w in words), "PROVED")
        found["flow"] = (worst, "+".join(sorted({m for _, m in cuts if m})))
    return found


def accepted(problem: dict[str, Any], line: dict[str, Any]) -> bool:
    """Check the evidence of a line again; a line that decides nothing needs none."""
    decided = [n for n, o in line["obligations"].items() if o["verdict"] != "UNDECIDED"]
    if not decided:
        return True
    report = lucid_checker.check(json.dumps(problem), json.dumps(line.get("evidence")))
    claimed = {n: line["obligations"][n]["verdict"] for n in decided}
    return report.accepted and report.obligations == claimed


def main() -> int:
    """Run and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds per problem")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--raw", type=Path, help="write one JSON line per problem here")
    parser.add_argument("--summary", type=Path, help="write the summary as JSON here")
    parser.add_argument("--no-check", action="store_true", help="skip the second check")
    arguments = parser.parse_args()
    problems, known = load()
    chosen = problems[arguments.offset :: arguments.every]
    warm = {**problems[0], "id": "warm-up"}
    local.decide(warm, 10.0)
    summary = run(chosen, known, arguments)
    print(json.dumps(summary, indent=1))
    if arguments.summary:
        arguments.summary.write_text(json.dumps(summary, indent=1) + "\n")
    return 1 if summary["wrong"] or summary["refused_by_second_check"] else 0


def run(
    chosen: list[dict[str, Any]], known: dict[tuple[str, str], str], arguments: argparse.Namespace
) -> dict[str, Any]:
    """Decide the problems and return the counts."""
    words: Counter[str] = Counter()
    obligations: Counter[str] = Counter()
    methods: Counter[str] = Counter()
    wrong, undecided, refused, seconds = [], [], [], []
    total = right = 0
    raw = arguments.raw.open("w") if arguments.raw else None
    started = time.monotonic()
    for problem in chosen:
        line = local.decide(problem, arguments.timeout, remember=False)
        words[line["verdict"]] += 1
        if line["verdict"] != "INVALID_INPUT":
            seconds.append(line["seconds"])
        if not arguments.no_check and not accepted(problem, line):
            refused.append(problem["id"])
        for name, (word, method) in by_obligation(line).items():
            obligations[word] += 1
            if word != "UNDECIDED":
                methods[method] += 1
            expected = known.get((problem["id"], name))
            if expected is None:
                continue
            total += 1
            if word == expected:
                right += 1
            elif word == "UNDECIDED":
                undecided.append(f"{problem['id']} {name} {expected}")
            else:
                wrong.append(f"{problem['id']} {name}: {word}, known {expected}")
        if raw:
            raw.write(json.dumps({k: v for k, v in line.items() if k != "evidence"}) + "\n")
    if raw:
        raw.close()
    seconds.sort()
    return {
        "problems": len(chosen),
        "timeout_s": arguments.timeout,
        "verdicts": dict(words),
        "obligations": dict(obligations),
        "known_obligations": total,
        "known_decided": right,
        "known_decided_percent": round(100 * right / max(1, total), 2),
        "wrong": wrong,
        "refused_by_second_check": refused,
        "known_undecided": undecided,
        "methods": dict(methods.most_common()),
        "seconds": {
            "wall": round(time.monotonic() - started, 1),
            "median": seconds[len(seconds) // 2] if seconds else None,
            "p90": seconds[int(len(seconds) * 0.9)] if seconds else None,
            "maximum": seconds[-1] if seconds else None,
        },
    }


if __name__ == "__main__":
    sys.exit(main())
