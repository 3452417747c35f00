"""Write bench/results/coherence.md and its pictures from the raw file of one run.

    python bench/coherence/report.py [--raw FILE] [--out FOLDER]

Losses and missed targets come first. Every ratio is of CPU seconds, medians of one run, a peer's
over ours: client and server together where the service is asked over gRPC. Exit status 1 if an
answer contradicts a peer's or a closed form beyond the stated bounds.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import plots
from targets import Check, checks, contradictions, ratio

RESULTS = Path(__file__).parent.parent / "results"
Line = dict[str, Any]
NOT_MEASURED = (
    "other machines, more than one core, GPUs",
    "toqito 1.3, which needs Python 3.12",
    "the time that a peer takes to be imported, and the first call of any contestant",
    "QuTiP's `diag` beyond four qubits, and its Krylov solver, which needs a Hermitian generator",
    "concurrent clients: one client waits for one answer at a time",
)


def text(header: Line, lines: list[Line]) -> str:
    """Return the report in Markdown."""
    found = checks(lines)
    parts = [
        "# The coherence service beside QuTiP, toqito, qiskit and cvxpy\n",
        _preamble(header),
        "## Losses and missed targets\n",
        *_losses(found, lines),
        "\n## All targets\n",
        "| work | measured | target | |",
        "|---|---|---|---|",
        *(
            f"| {c.work} | {c.measured} | {c.target} | {'met' if c.met else 'missed'} |"
            for c in found
        ),
        "\n![ratios](coherence-ratios.svg)\n",
        *_states(lines),
        *_accuracy(lines),
        *_evolution(lines),
        *_sweeps(lines),
        *_robustness(lines),
        *_correction(lines),
        "\n## Not measured\n",
        *(f"* {entry}" for entry in NOT_MEASURED),
    ]
    return "\n".join(parts) + "\n"


def _preamble(header: Line) -> str:
    small = " A small run, to try the script: no figure counts." if header["small"] else ""
    versions = ", ".join(f"{name} {number}" for name, number in header["versions"].items())
    return (
        f"{header['date']}, commit {header['commit']}, {header['machine']}, load "
        f"{header['load_before'][0]} when it began, Python {header['python']}; {versions}. "
        f"One BLAS thread everywhere. CPU seconds, medians of {header['runs']} rounds or more in "
        "which every contestant takes its turn; seed "
        f"{header['seed']}. The service is a process of its own without caches, asked over gRPC "
        "on loopback; its times are those of client and server together and include its checks of "
        "every state. The client reads streams without a thread of their own and has the heap of "
        "the service. Peers run in the client's process on the same states, in loops where they "
        "take one state at a time, with the fastest setting that was found for each, objects made "
        f"without copies or checks where they allow it.{small}\n"
    )


def _losses(found: list[Check], lines: list[Line]) -> list[str]:
    rows = [
        f"* target missed: {c.work}: {c.measured}, target {c.target}" for c in found if not c.met
    ]
    for line in lines:
        if "refused" in line:
            rows.append(f"* not measured: {line['key']}: {line['refused']}")
        elif line["kind"] != "correction":
            rows += [
                f"* slower than {peer}: {line['key']}, {where}: {share:.2f} times its CPU time"
                for peer, where, share in _slower(line)
            ]
    if _of(lines, "correction"):
        rows.append("* no gain in error correction: Stim and PyMatching do the work, see below")
    for line in _of(lines, "accuracy"):
        ours = line["errors"]["lucid"]
        better = [p for p, e in line["errors"].items() if e < ours and ours > 1e-14]
        if better:
            rows.append(f"* less accurate than {', '.join(better)}: {line['key']}: {ours:.1e}")
    rows += [f"* contradiction: {entry}" for entry in contradictions(lines)]
    return rows or ["None in this run."]


def _slower(line: Line) -> list[tuple[str, str, float]]:
    """Return every peer that took less CPU time than a way of asking the service, and the ratio."""
    times = line.get("times", {})
    places = {"lucid": "over gRPC", "lucid-one-by-one": "one state a call", "kernel": "in process"}
    return [
        (peer, place, times[ours]["cpu_s"] / times[peer]["cpu_s"])
        for ours, place in places.items()
        if ours in times
        for peer in times
        if _is_peer(peer) and times[peer]["cpu_s"] < times[ours]["cpu_s"]
    ]


def _is_peer(name: str) -> bool:
    return name not in ("lucid", "kernel", "lapack") and not name.startswith("lucid")


def _of(lines: list[Line], kind: str) -> list[Line]:
    return [line for line in lines if line["kind"] == kind and "refused" not in line]


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.3g}"


def _states(lines: list[Line]) -> list[str]:
    rows = [
        "\n## Batches of states\n",
        "C_l1, relative entropy of coherence, negativity over the middle cut, and for two qubits "
        "the concurrence. `kernel` is the service's domain call in process, checks included; "
        "`lapack` the eigenvalue and singular value decompositions that these measures rest on, of "
        "every state, batched by numpy, and nothing else. Microseconds of CPU for one state; in "
        "parentheses wall.\n",
    ]
    found = _of(lines, "states")
    if not found:
        return [*rows, "Not in this run."]
    names = list(found[0]["times"])
    rows += ["| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for line in found:
        cells = [
            f"{1e6 * line['times'][n]['cpu_s'] / line['count']:.3g} "
            f"({1e6 * line['times'][n]['wall_s'] / line['count']:.3g})"
            for n in names
        ]
        rows.append(f"| {line['key']} | " + " | ".join(cells) + " |")
    return rows


def _accuracy(lines: list[Line]) -> list[str]:
    found = _of(lines, "accuracy")
    rows = ["\n## Error of the concurrence\n", "Largest |value - closed form| over the family.\n"]
    if not found:
        return [*rows, "Not in this run."]
    names = list(found[0]["errors"])
    rows += [
        "| family | states | " + " | ".join(names) + " | ours, as stated |",
        "|---|---|" + "---|" * (len(names) + 1),
    ]
    for line in found:
        cells = " | ".join(f"{line['errors'][name]:.1e}" for name in names)
        rows.append(
            f"| {line['key']} | {line['count']} | {cells} | {line['own_uncertainty']:.1e} |"
        )
    return [
        *rows,
        "\nRotated: under random local unitaries, which round the entries at 1e-16; near a loss of "
        "rank that moves a concurrence by up to 1e-8, whatever the method. Ours, as stated: the "
        "largest uncertainty that the service returned with the values.",
        "\n![errors](coherence-accuracy.svg)",
    ]


def _evolution(lines: list[Line]) -> list[str]:
    rows = [
        "\n## Lindblad evolution\n",
        "A line of qubits with T1, T2, drive and ZZ coupling, 101 times, from the description of "
        "the system to all states; both within 1e-8 of scipy's exponentials. QuTiP's setting is "
        "the fastest of those tried within that error (all are in the raw file). CPU ms.\n",
        "| qubits | service | in process | QuTiP | its setting | our error | its error | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for line in _of(lines, "evolution"):
        spent = {name: _ms(times["cpu_s"]) for name, times in line["times"].items()}
        rows.append(
            f"| {line['qubits']} | {spent['lucid']} | {spent['kernel']} | {spent['qutip']} "
            f"| {_setting(line['setting'])} "
            f"| {line['errors']['lucid']:.1e} | {line['errors']['qutip']:.1e} "
            f"| {ratio(line, 'qutip'):.2f} (in process {ratio(line, 'qutip', 'kernel'):.2f}) |"
        )
    return rows


def _setting(setting: Line) -> str:
    parts = [setting["method"]]
    parts += [f"{setting['rtol']:g}"] if "rtol" in setting else []
    parts += [setting["format"]] if "format" in setting else []
    return " ".join(parts)


def _sweeps(lines: list[Line]) -> list[str]:
    rows = [
        "\n## Sweeps\n",
        "1 000 sets of rates from one state, and 1 000 states at one set of rates, 11 times. "
        "`qutip+numpy` takes generators from QuTiP once, batched exponentials of one step from "
        "scipy, and products from numpy, which only equal steps allow; `qutip-propagator` is "
        "QuTiP's `propagator` at all times, applied by numpy; the loop is `mesolve` in the fastest "
        "setting within 1e-8, extrapolated from ten. The peers check nothing. CPU ms.\n",
        "| | service | in process | qutip-propagator | qutip+numpy | loop | our error |",
        "|---|---|---|---|---|---|---|",
    ]
    for line in _of(lines, "sweep"):
        spent = {name: _ms(times["cpu_s"]) for name, times in line["times"].items()}
        rows.append(
            f"| {line['key']} | {spent['lucid']} | {spent['kernel']} | "
            f"{spent.get('qutip-propagator', '')} | {spent['qutip+numpy']} | "
            f"{_ms(line['loop_cpu_s'])} | {line['errors']['lucid']:.1e} |"
        )
    return rows


def _robustness(lines: list[Line]) -> list[str]:
    rows = [
        "\n## Robustness of coherence\n",
        "The service returns an interval; the peer is a semidefinite program compiled once, with "
        "the state as a parameter, solved by Clarabel through cvxpy at its own gap of 1e-8. CPU "
        "milliseconds for one state, of a batch over gRPC and of calls with one state each.\n",
        "| d | batch | one by one | in process | cvxpy | batch x | single x | widest | cvxpy |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for line in _of(lines, "robustness"):
        per = {name: times["cpu_s"] / line["count"] for name, times in line["times"].items()}
        rows.append(
            f"| {line['dimension']} | {_ms(per['lucid'])} | {_ms(per['lucid-one-by-one'])} | "
            f"{_ms(per['kernel'])} | {_ms(per['cvxpy'])} | {ratio(line, 'cvxpy'):.1f} | "
            f"{ratio(line, 'cvxpy', 'lucid-one-by-one'):.1f} | {line['largest_gap']:.1e} | "
            f"{line['inaccurate_by_peer']} of {line['count']} inaccurate, "
            f"{line['largest_distance_of_peer']:.0e} outside |"
        )
    return rows


def _correction(lines: list[Line]) -> list[str]:
    rows = [
        "\n## Error correction\n",
        "Sampling and decoding beside Stim and PyMatching used directly: they do the work in both "
        "cases. Shots for one CPU second.\n",
        "| | service | in process | Stim + PyMatching | service's share |",
        "|---|---|---|---|---|",
    ]
    for line in _of(lines, "correction"):
        rate = {name: line["shots"] / times["cpu_s"] for name, times in line["times"].items()}
        inside = f"{rate['kernel']:.3g}" if "kernel" in rate else ""
        rows.append(
            f"| {line['key']} | {rate['lucid']:.3g} | {inside} | {rate['stim+pymatching']:.3g} | "
            f"{100 * rate['lucid'] / rate['stim+pymatching']:.1f} % |"
        )
    return rows


def main() -> int:
    """Write and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, default=RESULTS / "coherence.jsonl")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    first, *rest = arguments.raw.read_text().splitlines()
    header, lines = json.loads(first), [json.loads(entry) for entry in rest]
    report = text(header, lines)
    (arguments.out / "coherence.md").write_text(report)
    plots.ratios(lines, arguments.out / "coherence-ratios.svg")
    plots.accuracy(_of(lines, "accuracy"), arguments.out / "coherence-accuracy.svg")
    print(report)
    return 1 if contradictions(lines) else 0


if __name__ == "__main__":
    sys.exit(main())
