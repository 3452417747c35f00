"""The report of one comparison run: losses first, tables, a cactus plot and a scatter per peer.

    python bench/validation/report.py [--raw bench/results/validation.jsonl] [--out bench/results]

Reads the raw file of `run.py`; writes `validation.md` (or
`validation-hard.md`) and the pictures, and prints the text.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import plots

RESULTS = Path(__file__).parent.parent / "results"
PEERS = ("z3", "cvc5")
WORD = {"unsat": "PROVED", "sat": "REFUTED"}
SETS = {
    "corpus": "the polynomial ones of the public corpus",
    "hard": "the harder set (hard_set.py)",
}
# Below this a peer's time is mostly reading its input; the comparison there is absolute.
SMALL_S = 0.010

Line = dict[str, Any]


def name_of(header: Line) -> str:
    """Return what the report's files are called."""
    return "validation" if header["set"] == "corpus" else f"validation-{header['set']}"


def decided(line: Line, who: str) -> bool:
    """Say whether this tool gave an answer."""
    return line[who]["answer"] in WORD


def best_peer(line: Line) -> float | None:
    """Return the smallest time of a peer that decided the obligation, None if none did."""
    # The clock has steps of a microsecond: a time of 0 is one below that.
    times = [max(line[peer]["seconds"], 1e-6) for peer in PEERS if decided(line, peer)]
    return min(times) if times else None


def disagreements(lines: Iterable[Line]) -> list[str]:
    """Return every pair of different answers, and every answer against a known status."""
    found = []
    for line in lines:
        words = {who: WORD[line[who]["answer"]] for who in ("lucid", *PEERS) if decided(line, who)}
        if line["known"]:
            words["known"] = line["known"]
        if len(set(words.values())) > 1:
            found.append(f"{line['key']}: {words}")
    return found


def geometric_mean(values: list[float]) -> float:
    """Return the geometric mean; nan of nothing."""
    if not values:
        return math.nan
    return math.exp(sum(math.log(v) for v in values) / len(values))


def ratios(lines: list[Line], least: float, *, checked: bool) -> list[float]:
    """Return best peer / Lucid where both decided and the peer needed at least `least` seconds."""
    found = []
    for line in lines:
        peer = best_peer(line)
        if peer is not None and peer >= least and decided(line, "lucid"):
            found.append(peer / own_seconds(line, checked=checked))
    return found


def own_seconds(line: Line, *, checked: bool) -> float:
    """Return Lucid's seconds: all of them, or without reading the problem and without the check."""
    own = line["lucid"]
    seconds = float(own["seconds"])
    if not checked:
        seconds -= own["reading_seconds"] + own["checker_seconds"]
    return max(seconds, 1e-6)


def losses(lines: list[Line]) -> list[tuple[float, Line, float]]:
    """Return (ratio, line, best peer) where a peer was faster or alone in deciding, worst first."""
    found = []
    for line in lines:
        peer = best_peer(line)
        if peer is None:
            continue
        own = own_seconds(line, checked=True) if decided(line, "lucid") else math.inf
        if own > peer:
            found.append((own / peer, line, peer))
    return sorted(found, key=lambda entry: -entry[0])


def broken_bounds(lines: list[Line]) -> list[str]:
    """Return where Lucid is more than twice as slow as a peer that needs 10 ms, or above 10 ms."""
    found = []
    for ratio, line, peer in losses(lines):
        own = line["lucid"]["seconds"]
        if (peer >= SMALL_S and ratio > 2) or (peer < SMALL_S and own > SMALL_S):
            found.append(f"{line['key']}: {_ms(own)} against {_ms(peer)}")
    return found


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def _share(lines: list[Line], who: str, within: float) -> str:
    count = sum(decided(line, who) and line[who]["seconds"] <= within for line in lines)
    return f"{count} ({100 * count / len(lines):.1f} %)"


def text(header: Line, lines: list[Line]) -> str:
    """Return the report in Markdown."""
    names = ("lucid", *PEERS)
    parts = [
        "# Lucid beside z3 and cvc5\n",
        "CPU seconds, one obligation at a time, "
        f"{header['limit_s']:.0f} s each; {len(lines)} obligations drawn with seed "
        f"{header['seed']} from {SETS[header['set']]}; {header['date']}, "
        f"{header['machine']}, Python {header['python']}, "
        + ", ".join(f"{k} {v}" for k, v in header["versions"].items())
        + ". Lucid's times begin at the problem's text and end after the independent check of "
        "the evidence; a peer's begin at the ready-made formula and end with its word.\n",
        "## Losses\n",
        *_loss_table(lines),
        "## Against known answers and each other\n",
        *([f"* {entry}" for entry in disagreements(lines)] or ["No disagreement."]),
        "\n## Decided\n",
        "| within | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
        *(
            f"| {limit:g} s | " + " | ".join(_share(lines, who, limit) for who in names) + " |"
            for limit in (0.01, 0.1, 1.0, header["limit_s"])
        ),
        "\n## Ratios, best peer over Lucid, where both decided\n",
        "| | count | geometric mean | smallest |",
        "|---|---|---|---|",
        *_ratio_rows(lines),
        f"\n![decided over time]({name_of(header)}-cactus.svg)",
        *(f"![against {peer}]({name_of(header)}-{peer}.svg)" for peer in PEERS),
    ]
    return "\n".join(parts) + "\n"


def _ratio_rows(lines: list[Line]) -> list[str]:
    rows = []
    for what, checked in (("all of Lucid's work", True), ("without reading and check", False)):
        for least, where in ((0.0, "everywhere"), (SMALL_S, "peer needs 10 ms or more")):
            found = ratios(lines, least, checked=checked)
            rows.append(
                f"| {what}, {where} | {len(found)} | {geometric_mean(found):.1f} | "
                f"{min(found, default=math.nan):.2f} |"
            )
    return rows


def _loss_table(lines: list[Line]) -> list[str]:
    found = losses(lines)
    small = [entry for entry in found if entry[2] < SMALL_S and entry[0] < math.inf]
    large = [entry for entry in found if entry not in small]
    bad = broken_bounds(lines)
    rows = ["| obligation | Lucid | best peer |", "|---|---|---|"]
    for _, line, peer in large:
        own = line["lucid"]
        shown = _ms(own["seconds"]) if decided(line, "lucid") else own["answer"]
        rows.append(f"| {line['key']} | {shown} | {_ms(peer)} |")
    return [
        f"A peer was faster on {len(found)} obligations; {len(small)} of these took the peer less "
        f"than 10 ms (Lucid: median {_ms(_median([e[1]['lucid']['seconds'] for e in small]))}). "
        "The others, and those that only a peer decided:\n",
        *rows,
        f"\nMore than twice as slow where the peer needs 10 ms, or above 10 ms where it needs "
        f"less: {len(bad)}.\n",
        *(f"* {entry}" for entry in bad),
        "",
    ]


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] if values else math.nan


def main() -> int:
    """Write and print the report; exit status 1 if an answer contradicts another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, default=RESULTS / "validation.jsonl")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    first, *rest = arguments.raw.read_text().splitlines()
    header, lines = json.loads(first), [json.loads(entry) for entry in rest]
    report = text(header, lines)
    name = name_of(header)
    (arguments.out / f"{name}.md").write_text(report)
    plots.cactus(lines, ("lucid", *PEERS), arguments.out / f"{name}-cactus.svg")
    for peer in PEERS:
        plots.scatter(lines, peer, header["limit_s"], arguments.out / f"{name}-{peer}.svg")
    print(report)
    return 1 if disagreements(lines) else 0


if __name__ == "__main__":
    sys.exit(main())
