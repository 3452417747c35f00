"""Reads problem files, JSON objects of the benchmark format, and turns them into messages."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lucid.validation.v1 import problem_pb2

FILE_BYTES_MAX = 64_000_000

_TIME_KIND = {
    "continuous": problem_pb2.TIME_KIND_CONTINUOUS,
    "discrete": problem_pb2.TIME_KIND_DISCRETE,
    "hybrid": problem_pb2.TIME_KIND_HYBRID,
    "stochastic_discrete": problem_pb2.TIME_KIND_STOCHASTIC_DISCRETE,
    "stochastic_continuous": problem_pb2.TIME_KIND_STOCHASTIC_CONTINUOUS,
}
_CERTIFICATE_KIND = {
    "everywhere": problem_pb2.CERTIFICATE_KIND_EVERYWHERE,
    "boundary_strict": problem_pb2.CERTIFICATE_KIND_STRICT_LEVEL_SET,
    "boundary_weak": problem_pb2.CERTIFICATE_KIND_WEAK_LEVEL_SET,
    "exponential": problem_pb2.CERTIFICATE_KIND_EXPONENTIAL,
    "invariant": problem_pb2.CERTIFICATE_KIND_INVARIANT,
    "discrete_decrease": problem_pb2.CERTIFICATE_KIND_DISCRETE_DECREASE,
    "discrete_inductive": problem_pb2.CERTIFICATE_KIND_DISCRETE_INDUCTIVE,
}


class ProblemFileInvalid(ValueError):
    """A problem file cannot be read; the message says where and why."""


class _NotStrict(Exception):
    """JSON that different readers would read differently."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _NotStrict(f"the key {key!r} stands twice in one object")
        found[key] = value
    return found


def _constant(name: str) -> Any:
    raise _NotStrict(f"{name} is not a number of JSON")


def read_json(path: Path) -> Any:
    """Return the JSON value of a file.

    Raises:
        ProblemFileInvalid: if it is missing, too large or not JSON, with the position.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ProblemFileInvalid(f"{path}: larger than {FILE_BYTES_MAX} bytes")
        text = path.read_text(encoding="utf-8")
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except FileNotFoundError:
        raise ProblemFileInvalid(f"{path}: no such file") from None
    except IsADirectoryError:
        raise ProblemFileInvalid(f"{path}: is a folder, not a file") from None
    except UnicodeDecodeError as error:
        raise ProblemFileInvalid(f"{path}: not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise ProblemFileInvalid(f"{path}: not JSON at {where}") from None
    except _NotStrict as error:
        raise ProblemFileInvalid(f"{path}: {error}") from None
    except RecursionError:
        raise ProblemFileInvalid(f"{path}: nested too deeply") from None


def to_formula(value: Any, where: str) -> problem_pb2.Formula:
    """Return the message of a formula: a relation, a list (all), or `{"and"|"or": [...]}`."""
    if isinstance(value, str):
        return problem_pb2.Formula(atom=value)
    if isinstance(value, Sequence):
        value = {"and": value}
    if isinstance(value, Mapping) and len(value) == 1:
        ((connective, children),) = value.items()
        if connective in {"and", "or"} and isinstance(children, Sequence) and children:
            parts = [to_formula(c, f"{where}.{connective}[{i}]") for i, c in enumerate(children)]
            joined = problem_pb2.FormulaList(formulas=parts)
            if connective == "and":
                return problem_pb2.Formula(all=joined)
            return problem_pb2.Formula(any=joined)
    raise ProblemFileInvalid(f'{where}: want a relation, a list, or {{"and"|"or": [...]}}')


def _system(entry: Mapping[str, Any]) -> problem_pb2.System:
    kind = entry.get("kind", "continuous")
    if kind not in _TIME_KIND:
        raise ProblemFileInvalid(f"kind: {kind!r} is none of {', '.join(_TIME_KIND)}")
    dynamics = entry.get("dynamics")
    if not isinstance(dynamics, Mapping):
        raise ProblemFileInvalid("dynamics: want an object with one expression for each variable")
    domain = entry.get("domain") or []
    domain = domain if isinstance(domain, list) else [domain]
    return problem_pb2.System(
        time_kind=_TIME_KIND[kind],
        variables=[str(name) for name in entry.get("vars", [])],
        parameters=[str(name) for name in entry.get("parameters") or []],
        dynamics={str(name): str(text) for name, text in dynamics.items()},
        domain=[to_formula(part, f"domain[{i}]") for i, part in enumerate(domain)],
    )


def _optional(value: Any, where: str) -> problem_pb2.Formula | None:
    return None if value is None else to_formula(value, where)


def _certificate(entry: Mapping[str, Any]) -> problem_pb2.Certificate:
    given = entry.get("certificate")
    if not isinstance(given, Mapping):
        raise ProblemFileInvalid("certificate: missing; there is nothing to decide")
    if given.get("type") == "invariant":
        cuts = given.get("cuts")
        if not isinstance(cuts, list):
            raise ProblemFileInvalid("certificate.cuts: want a list of formulas")
        return problem_pb2.Certificate(
            kind=problem_pb2.CERTIFICATE_KIND_DIFFERENTIAL_CUTS,
            cuts=[to_formula(cut, f"certificate.cuts[{i}]") for i, cut in enumerate(cuts)],
            formula=_optional(given.get("formula"), "certificate.formula"),
        )
    if given.get("type") == "hybrid_barrier":
        return problem_pb2.Certificate(kind=problem_pb2.CERTIFICATE_KIND_HYBRID)
    flow = entry.get("flow_condition")
    if flow not in _CERTIFICATE_KIND:
        raise ProblemFileInvalid(
            f"flow_condition: {flow!r} is none of {', '.join(_CERTIFICATE_KIND)}"
        )
    return problem_pb2.Certificate(
        kind=_CERTIFICATE_KIND[flow],
        barrier=str(given.get("expr", "")),
        rate=str(given["lambda"]) if given.get("lambda") is not None else "",
        original_invariant=[
            to_formula(part, f"certificate.original_invariant[{i}]")
            for i, part in enumerate(given.get("original_invariant") or [])
        ],
    )


def to_message(entry: Any) -> problem_pb2.Problem:
    """Return the message of one problem object; labels are dropped.

    Raises:
        ProblemFileInvalid: with the path of the first field that cannot be read.
    """
    if not isinstance(entry, Mapping):
        raise ProblemFileInvalid("a problem is a JSON object")
    for field in ("init", "unsafe"):
        if entry.get(field) is None:
            raise ProblemFileInvalid(f"{field}: missing")
    return problem_pb2.Problem(
        system=_system(entry),
        initial=to_formula(entry["init"], "init"),
        unsafe=to_formula(entry["unsafe"], "unsafe"),
        certificate=_certificate(entry),
    )
