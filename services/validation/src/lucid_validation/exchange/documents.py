"""Problem files and bundles as JSON objects: validated, canonical; errors name the field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lucid_validation.barrier.canonical import canonical
from lucid_validation.barrier.errors import ProblemInvalid, Unsupported
from lucid_validation.barrier.problem import Problem, parse_problem

from .errors import ExchangeInvalid

Json = dict[str, Any]
_ANY: Json = {"type": "barrier", "expr": "1"}


def parsed(raw: Any) -> Problem:
    """Return the problem of an object; raise `ExchangeInvalid` with the field's path."""
    try:
        return parse_problem(raw)
    except ProblemInvalid as error:
        raise ExchangeInvalid(f"{error} ({error.code})") from error
    except Unsupported as error:
        raise ExchangeInvalid(str(error)) from error


def read_document(raw: Any) -> tuple[Json, Json | None]:
    """Return the problem and the evidence, if any, of a problem object or a bundle."""
    if not isinstance(raw, Mapping):
        raise ExchangeInvalid(
            "a JSON object is expected",
            advice='give a problem, or a bundle {"problem": …, "evidence": …}',
        )
    if "problem" not in raw:
        return dict(raw), None
    problem, evidence = raw["problem"], raw.get("evidence")
    if not isinstance(problem, Mapping) or not (evidence is None or isinstance(evidence, Mapping)):
        raise ExchangeInvalid('a bundle is {"problem": {…}, "evidence": {…}}')
    return dict(problem), None if evidence is None else dict(evidence)


def canonical_problem(raw: Mapping[str, Any]) -> Json:
    """Return the object with its identity, its source and its mathematics alone, validated.

    Of a problem without a certificate the system and the sets are validated. Labels, notes
    and measurements are gone; the texts of expressions are untouched.
    """
    parsed(raw if raw.get("certificate") is not None else {**raw, **_stand_in(raw)})
    found: Json = {key: raw[key] for key in ("id", "source") if raw.get(key) is not None}
    mathematics = canonical(raw)
    if isinstance(mathematics["certificate"], Mapping):
        certificate = mathematics["certificate"]
        mathematics["certificate"] = {k: v for k, v in certificate.items() if v is not None}
    return found | mathematics


def _stand_in(raw: Mapping[str, Any]) -> Json:
    """Return a certificate of the problem's kind, so that the rest of it can be read."""
    match raw.get("kind"):
        case "discrete":
            return {"certificate": _ANY, "flow_condition": "discrete_decrease"}
        case "hybrid":
            modes = [mode.get("name") for mode in raw.get("modes") or [] if isinstance(mode, dict)]
            certificate = {"type": "modes", "exprs": dict.fromkeys(modes, "1")}
            return {"certificate": certificate, "flow_condition": "everywhere"}
        case "stochastic_discrete" | "stochastic_continuous":
            certificate = {**_ANY, "gamma": "1"}
            return {"certificate": certificate, "flow_condition": "supermartingale"}
        case _:
            return {"certificate": _ANY, "flow_condition": "everywhere"}


def bundle(problem: Mapping[str, Any], evidence: Mapping[str, Any]) -> Json:
    """Return the object that `lucid check-evidence` and the checker read."""
    return {"problem": dict(problem), "evidence": dict(evidence)}


def pretty(value: Any) -> str:
    """Return JSON text for a file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
