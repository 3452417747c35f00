"""Answers of the solvers to verdict messages, and the names that their content gives them."""

import hashlib
import json
import re
from datetime import datetime
from typing import Any, Final

from google.protobuf import duration_pb2, timestamp_pb2
from lucid.validation.v1 import problem_pb2, verdict_pb2
from lucid_checker.derive import canonical_problem

from lucid_validation.readings import reading_of, statement_of

Json = dict[str, Any]

_FUNCTION: Final = re.compile(r"\b(sin|cos|tan|exp|log|sqrt|tanh|abs)\s*\(")
_STATUS: Final = {
    "PROVED": verdict_pb2.VERDICT_STATUS_PROVED,
    "REFUTED": verdict_pb2.VERDICT_STATUS_REFUTED,
    "UNDECIDED": verdict_pb2.VERDICT_STATUS_UNDECIDED,
    "ERROR": verdict_pb2.VERDICT_STATUS_ERROR,
}
_MISSING: Final = {
    "DOMAIN_CAN_BE_LEFT": "it is not proved that trajectories stay in the domain",
    "REGULARITY": "it is not proved that the level set is regular",
    "INIT_OUTSIDE_DOMAIN": "it is not proved that every start is inside the domain",
    "OBLIGATION_NOT_PROVED": "not every obligation is proved",
    "BAND_IN_DISCRETE_TIME": "in discrete time a step may jump over the band",
    "CONTROLLER": "it is not proved that a continuous controller chooses the inputs",
    "STRICTNESS": "a strict inequality is needed where there is a weak one, or the other way round",
}


def canonical_of(problem: Json) -> tuple[str, str]:
    """Return the canonical document of a problem and its SHA-256."""
    canonical, digest = canonical_problem(problem)
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text, digest


def duration(seconds: float) -> duration_pb2.Duration:
    """Return a Duration."""
    result = duration_pb2.Duration()
    result.FromMicroseconds(max(0, round(seconds * 1e6)))
    return result


def timestamp(at: datetime) -> timestamp_pb2.Timestamp:
    """Return a Timestamp."""
    result = timestamp_pb2.Timestamp()
    result.FromDatetime(at)
    return result


def kind_name(problem: Any) -> str:
    """Return the certificate kind without its prefix."""
    name = problem_pb2.CertificateKind.Name(problem.certificate.kind)
    return str(name).removeprefix("CERTIFICATE_KIND_")


def undecided_reason(name: str) -> Any:
    """Return the enum value; reasons that the API does not know are UNSUPPORTED."""
    full = f"UNDECIDED_REASON_{name}"
    known = dict(verdict_pb2.UndecidedReason.items())
    return known.get(full, verdict_pb2.UNDECIDED_REASON_UNSUPPORTED)


def obligation_message(entry: Json, kind: str) -> Any:
    """Return one obligation's result."""
    result = verdict_pb2.ObligationResult(
        obligation=entry["name"],
        status=_STATUS[entry["verdict"]],
        statement=statement_of(kind, entry["name"]),
        method=entry.get("method") or "",
        solve_duration=duration(float(entry.get("seconds", 0.0))),
    )
    if entry["verdict"] == "UNDECIDED":
        result.undecided_reason = undecided_reason(entry.get("reason", "NUMERIC"))
        if entry.get("reason") == "SOLVER_CLAIM":
            solver, _, claim = str(entry.get("detail", "")).partition(": ")
            result.claims.add(solver="z3" if solver == "smt" else solver, claim=claim)
    if entry["verdict"] == "REFUTED":
        _fill_witness(result.witness, entry)
    return result


def _fill_witness(witness: Any, entry: Json) -> None:
    found = entry["witness"]
    witness.obligation = entry["name"]
    if found["type"] == "point":
        witness.point.values.update(found["values"])
        at = ", ".join(f"{name} = {value}" for name, value in found["values"].items())
        witness.explanation = f"At {at} the obligation {entry['name']} fails; checked exactly."
        return
    getattr(witness.segment, "from").update(found["from"])
    witness.segment.to.update(found["to"])
    witness.explanation = (
        f"B changes sign between the two points, and the obligation {entry['name']} fails where "
        "it is zero; checked exactly."
    )


def evidence_of(done: Json, problem_sha256: str) -> Json | None:
    """Return the evidence document of an answer, None when nothing was decided."""
    if done.get("evidence"):
        return dict(done["evidence"])
    if not done.get("entries"):
        return None
    return {
        "format": "lucid-evidence/1",
        "problem_sha256": problem_sha256,
        "obligations": done["entries"],
    }


def evidence_message(document: Json, problem_document: str, problem_sha256: str) -> Any:
    """Return evidence named by the SHA-256 of its text."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return verdict_pb2.Evidence(
        name=f"evidence/{hashlib.sha256(text.encode()).hexdigest()}",
        problem_sha256=problem_sha256,
        problem_document=problem_document,
        document=text,
        size_bytes=len(text.encode()),
    )


def obligation_names(problem: Any) -> list[str]:
    """Return the names of the obligations of a problem, in the order of the evidence format."""
    certificate, system = problem.certificate, problem.system
    match kind_name(problem):
        case "DIFFERENTIAL_CUTS":
            return ["init", "unsafe", *(f"cut{i + 1}" for i in range(len(certificate.cuts)))]
        case "VECTOR":
            return ["init", "unsafe", *(f"flow{i + 1}" for i in range(len(certificate.barriers)))]
        case "SUPERMARTINGALE":
            return ["init", "unsafe", "nonnegative", "flow"]
        case "HYBRID":
            names = []
            for mode in system.modes:
                parts = [("init", mode.HasField("initial")), ("unsafe", mode.HasField("unsafe"))]
                names += [f"{part}.{mode.name}" for part, given in parts if given]
                names.append(f"flow.{mode.name}")
            return [*names, *(f"jump{i + 1}" for i in range(len(system.transitions)))]
        case _:
            return ["init", "unsafe", "flow"]


def complete(problem: Any, decided: list[Json], reason: str) -> list[Json]:
    """Return all obligations in their order; those that nobody came to are undecided."""
    names = obligation_names(problem)
    known = {entry["name"]: entry for entry in decided}
    blank = {"verdict": "UNDECIDED", "reason": reason}
    return [known.get(name, {"name": name, **blank}) for name in names]


def verdict_message(
    problem: Any, digest: str, done: Json, decided: list[Json], evidence: Any | None
) -> Any:
    """Return the verdict without the facts of this run (time, cached), named by its content."""
    kind = kind_name(problem)
    status = done["verdict"]
    obligations = complete(problem, decided, done.get("reason") or "TIMEOUT")
    verdict = verdict_pb2.Verdict(
        status=_STATUS[status],
        obligations=[obligation_message(entry, kind) for entry in obligations],
        evidence=evidence.name if evidence is not None else "",
        problem_sha256=digest,
        method_set_version=done.get("method_set_version", ""),
        reading=reading_of(kind),
    )
    if evidence is not None:
        # Enclosures are needed exactly where a function is: everything else is a polynomial.
        exact = not _FUNCTION.search(evidence.problem_document)
        verdict.assurance = verdict_pb2.ASSURANCE_EXACT if exact else verdict_pb2.ASSURANCE_INTERVAL
    _fill_safety(verdict.safety, done)
    _fill_reason(verdict, done, obligations)
    bare = verdict_pb2.Verdict()
    bare.CopyFrom(verdict)
    for result in bare.obligations:
        result.ClearField("solve_duration")
    content = bare.SerializeToString(deterministic=True)
    verdict.name = f"verdicts/{hashlib.sha256(content).hexdigest()}"
    return verdict


def _fill_safety(safety: Any, done: Json) -> None:
    found = done.get("safety") or {}
    safety.implies_safety = bool(done.get("implies_safety")) and done["verdict"] == "PROVED"
    if safety.implies_safety:
        safety.theorem = str(found.get("theorem", ""))
        safety.explanation = f"No run reaches the unsafe set, by the theorem {safety.theorem}."
        return
    missing = str(found.get("missing") or "OBLIGATION_NOT_PROVED")
    safety.missing.append(missing)
    bound = found.get("probability_bound")
    if bound is not None and done["verdict"] == "PROVED":
        safety.theorem, safety.probability_bound = str(found.get("theorem", "")), str(bound)
        safety.explanation = (
            f"A run that stays in the domain is unsafe within the horizon with a probability of at "
            f"most {bound}, by the theorem {safety.theorem}."
        )
        return
    safety.explanation = f"Safety does not follow: {_MISSING.get(missing, missing)}."


def _fill_reason(verdict: Any, done: Json, obligations: list[Json]) -> None:
    status = done["verdict"]
    if status == "UNDECIDED":
        named = done.get("reason") or next(
            (o["reason"] for o in obligations if o.get("reason")), ""
        )
        verdict.undecided_reason = undecided_reason(named or "NUMERIC")
        verdict.reason = f"Undecided: {named or 'NUMERIC'}. {done.get('message', '')}".strip()
    elif status == "REFUTED":
        broken = [o["name"] for o in obligations if o["verdict"] == "REFUTED"]
        verdict.reason = f"Refuted: {', '.join(broken)} fails; a counterexample is attached."
    elif status == "PROVED":
        verdict.reason = (
            "Every obligation is proved; the independent checker accepted the evidence."
        )
    else:
        verdict.reason = "The validation failed on its own account; nothing is claimed."
