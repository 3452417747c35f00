"""A verdict message as the stable JSON line and as lines for a person."""

import re
from typing import Any

from lucid.validation.v1 import verdict_pb2

from lucid_cli.presentation import coloured


def status_name(status: int) -> str:
    """Return PROVED, REFUTED, ... for an enum number."""
    return verdict_pb2.VerdictStatus.Name(status).removeprefix("VERDICT_STATUS_")


def witness_of(witness: verdict_pb2.Witness) -> dict[str, Any]:
    """Return a counterexample as JSON: a point's values, or a segment's two ends."""
    if witness.WhichOneof("form") == "segment":
        segment = witness.segment
        return {"type": "segment", "from": dict(getattr(segment, "from")), "to": dict(segment.to)}
    return {"type": "point", "values": dict(witness.point.values)}


def _obligation(result: verdict_pb2.ObligationResult) -> dict[str, Any]:
    seconds = result.solve_duration.ToMilliseconds() / 1000
    line: dict[str, Any] = {
        "verdict": status_name(result.status),
        "method": result.method,
        "seconds": seconds,
    }
    if result.HasField("witness"):
        line["witness"] = witness_of(result.witness)
    return line


def to_line(problem_id: str, verdict: verdict_pb2.Verdict) -> dict[str, Any]:
    """Return the stable JSON object of a verdict."""
    line: dict[str, Any] = {
        "id": problem_id,
        "verdict": status_name(verdict.status),
        "implies_safety": verdict.safety.implies_safety,
        "obligations": {r.obligation: _obligation(r) for r in verdict.obligations},
        "seconds": verdict.solve_duration.ToMilliseconds() / 1000,
    }
    if verdict.evidence:
        line["evidence"] = verdict.evidence
    if verdict.reason:
        line["reason"] = verdict.reason
    line["safety"] = {"theorem": verdict.safety.theorem, "missing": list(verdict.safety.missing)}
    if verdict.safety.probability_bound:
        line["safety"]["probability_bound"] = verdict.safety.probability_bound
    return line


def point_text(witness: dict[str, Any]) -> str:
    """Return a counterexample for a person."""
    if "from" in witness:
        return f"between {_coordinates(witness['from'])} and {_coordinates(witness['to'])}"
    return f"at {_coordinates(witness['values'])}"


def _coordinates(values: dict[str, str]) -> str:
    """Return coordinates in the order of their names, x2 before x10."""
    natural = sorted(values, key=lambda name: [int(p) if p.isdigit() else p for p in _split(name)])
    return "(" + ", ".join(f"{name}={values[name]}" for name in natural) + ")"


def _split(name: str) -> list[str]:
    return re.split(r"(\d+)", name)


def lines_for_person(line: dict[str, Any]) -> list[str]:
    """Return a verdict line as a few lines of text."""
    safety = line.get("safety") or {}
    missing = ", ".join(safety.get("missing") or [])
    theorem = safety.get("theorem") or ""
    said = [f"{coloured(line['verdict'])}  {line['id']}  ({line['seconds']:.3f} s)"]
    for name, result in line["obligations"].items():
        shown = f"  {name:8} {coloured(result['verdict'])}"
        shown += f" by {result['method']}" if result.get("method") else ""
        if result.get("witness"):
            shown += f": fails {point_text(result['witness'])}"
        said.append(shown)
    safe = f"yes: {theorem}" if line["implies_safety"] else f"no{': ' + missing if missing else ''}"
    said.append(f"  implies safety: {safe}")
    if safety.get("probability_bound"):
        said.append(f"  probability of an unsafe run: at most {safety['probability_bound']}")
    if line.get("evidence"):
        said.append(f"  evidence: {line['evidence']}")
    if line.get("reason"):
        parts = [line["reason"], line.get("field"), line.get("message")]
        said.append("  " + ": ".join(str(part) for part in parts if part))
    return said
