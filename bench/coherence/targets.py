"""What was aimed at, held against what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Line = dict[str, Any]
KERNEL_SHARE = 0.80
CONCURRENCE_ERROR = 1e-14
EVOLUTION_RATIO = 2.0
SWEEP_RATIO, LOOP_RATIO = 2.5, 100.0
ROBUSTNESS_RATIO = 10.0
CORRECTION_SHARE = 0.95
STATE_RATIOS = {
    2: {"qutip": 50.0, "toqito": 30.0, "qiskit": 30.0},
    4: {"qutip": 12.0, "best peer": 8.0},
}
"""Peer's CPU time over ours for a batch, by qubits."""
PEERS = ("qutip", "qutip-defaults", "toqito", "qiskit")


@dataclass(frozen=True, slots=True)
class Check:
    """One target: the work, what was measured and what was aimed at."""

    work: str
    measured: str
    target: str
    met: bool


def ratio(line: Line, peer: str, ours: str = "lucid") -> float:
    """Return the peer's CPU seconds over ours."""
    return float(line["times"][peer]["cpu_s"] / line["times"][ours]["cpu_s"])


def checks(lines: list[Line]) -> list[Check]:
    """Return every target with its figure, in the order of the raw file."""
    found: list[Check] = []
    for line in lines:
        if "refused" in line:
            found.append(Check(line["key"], "not served", "a figure", met=False))
            continue
        found += _BY_KIND[line["kind"]](line)
    return found


def _states(line: Line) -> list[Check]:
    if line["count"] == 1:
        return []  # a single state has no target; it is among the losses if it loses
    found = []
    for peer, wanted in STATE_RATIOS[line["qubits"]].items():
        peers = PEERS if peer == "best peer" else (peer,)
        value = min(ratio(line, name) for name in peers)
        work = f"{line['key']}, over gRPC, against {peer}"
        found.append(Check(work, f"{value:.1f}x", f">= {wanted:.0f}x", value >= wanted))
    share = ratio(line, "lapack", "kernel")
    work = f"{line['key']}: in process, share of the LAPACK bound"
    if line["qubits"] == 2:
        found.append(
            Check(
                work,
                f"{100 * share:.0f} %",
                f">= {100 * KERNEL_SHARE:.0f} %",
                share >= KERNEL_SHARE,
            )
        )
    return found


def _accuracy(line: Line) -> list[Check]:
    ours = line["errors"]["lucid"]
    work = f"error of the concurrence, {line['key']}"
    if line["is_hard_band"]:
        best = min(value for name, value in line["errors"].items() if name != "lucid")
        # Both below the rounding of the closed form itself are equal.
        met = ours <= max(best, CONCURRENCE_ERROR)
        return [Check(work, f"{ours:.1e}", f"<= best peer, {best:.1e}", met)]
    if line["is_target"]:
        return [Check(work, f"{ours:.1e}", f"<= {CONCURRENCE_ERROR:g}", ours <= CONCURRENCE_ERROR)]
    return []


def _evolution(line: Line) -> list[Check]:
    limit, errors = line["error_max"], line["errors"]
    found = []
    for ours, where in (("kernel", "in process"), ("lucid", "over gRPC")):
        value = ratio(line, "qutip", ours)
        met = value >= EVOLUTION_RATIO and max(errors.values()) <= limit
        shown = f"{value:.2f}x, error {errors['lucid']:.0e}"
        work = f"{line['key']}, {where}, against QuTiP's best"
        target = f">= {EVOLUTION_RATIO:.0f}x, error <= {limit:g}"
        found.append(Check(work, shown, target, met))
    return found


def _sweep(line: Line) -> list[Check]:
    accurate = line["errors"]["lucid"] <= line["error_max"]
    found = []
    for ours, where in (("kernel", "in process"), ("lucid", "over gRPC")):
        for peer in ("qutip-propagator", "qutip+numpy"):
            if peer in line["times"]:
                value = ratio(line, peer, ours)
                met = value >= SWEEP_RATIO and accurate
                work = f"{line['key']}, {where}, against {peer}"
                found.append(Check(work, f"{value:.2f}x", f">= {SWEEP_RATIO}x", met))
        loop = line["loop_cpu_s"] / line["times"][ours]["cpu_s"]
        met = loop >= LOOP_RATIO and accurate
        work = f"{line['key']}, {where}, against a loop over mesolve"
        found.append(Check(work, f"{loop:.0f}x", f">= {LOOP_RATIO:.0f}x", met))
    return found


def _robustness(line: Line) -> list[Check]:
    gap = line["largest_gap"]
    target = f">= {ROBUSTNESS_RATIO:.0f}x, gap < {line['wanted_gap']:g}"
    found = []
    for ours, where in (("kernel", "in process"), ("lucid", "over gRPC")):
        value = ratio(line, "cvxpy", ours)
        met = value >= ROBUSTNESS_RATIO and gap < line["wanted_gap"]
        work = f"{line['key']}, {line['count']} states, {where}, against cvxpy + clarabel"
        found.append(Check(work, f"{value:.1f}x, gap {gap:.0e}", target, met))
    return found


def _correction(line: Line) -> list[Check]:
    share = ratio(line, "stim+pymatching")
    work = f"{line['key']}, share of Stim + PyMatching"
    target = f">= {100 * CORRECTION_SHARE:.0f} %"
    return [Check(work, f"{100 * share:.1f} %", target, share >= CORRECTION_SHARE)]


_BY_KIND = {
    "states": _states,
    "accuracy": _accuracy,
    "evolution": _evolution,
    "sweep": _sweep,
    "robustness": _robustness,
    "correction": _correction,
}


def contradictions(lines: list[Line]) -> list[str]:
    """Return where an answer is outside what was stated about it."""
    found = []
    for line in lines:
        for peer, difference in line.get("largest_difference", {}).items():
            if difference > line["agreement"]:
                found.append(f"{line['key']}: {difference:.1e} from {peer}")
        if line.get("beyond_own_uncertainty"):
            found.append(
                f"{line['key']}: {line['beyond_own_uncertainty']} beyond their uncertainty"
            )
        if line["kind"] == "robustness" and line["largest_distance_of_peer"] > 1e-6:
            found.append(f"{line['key']}: the peer's value is outside the interval")
    return found
