"""Problem messages to the JSON problems of the domain, and field paths back again."""

import re
from typing import Any, Final

from lucid.validation.v1 import problem_pb2

from lucid_validation.errors import (
    ExpressionUnreadable,
    FieldError,
    LimitExceeded,
    ProblemMalformed,
)

Json = dict[str, Any]

_TIME: Final = {
    problem_pb2.TIME_KIND_UNSPECIFIED: "continuous",
    problem_pb2.TIME_KIND_CONTINUOUS: "continuous",
    problem_pb2.TIME_KIND_DISCRETE: "discrete",
    problem_pb2.TIME_KIND_HYBRID: "hybrid",
    problem_pb2.TIME_KIND_STOCHASTIC_DISCRETE: "stochastic_discrete",
    problem_pb2.TIME_KIND_STOCHASTIC_CONTINUOUS: "stochastic_continuous",
}
FLOWS: Final = {
    problem_pb2.CERTIFICATE_KIND_EVERYWHERE: "everywhere",
    problem_pb2.CERTIFICATE_KIND_STRICT_LEVEL_SET: "boundary_strict",
    problem_pb2.CERTIFICATE_KIND_WEAK_LEVEL_SET: "boundary_weak",
    problem_pb2.CERTIFICATE_KIND_EXPONENTIAL: "exponential",
    problem_pb2.CERTIFICATE_KIND_DISCRETE_DECREASE: "discrete_decrease",
    problem_pb2.CERTIFICATE_KIND_DISCRETE_INDUCTIVE: "discrete_inductive",
    problem_pb2.CERTIFICATE_KIND_INVARIANT: "invariant",
    problem_pb2.CERTIFICATE_KIND_DIFFERENTIAL_CUTS: "invariant",
}
"""The kinds that are decided today, by their name in the domain."""

_CONTINUOUS_ONLY: Final = frozenset(
    {"everywhere", "boundary_strict", "boundary_weak", "exponential", "invariant"}
)


def problem_json(problem: Any) -> Json:
    """Return the problem object of the domain; raises `ProblemMalformed` with the field."""
    system, certificate = problem.system, problem.certificate
    if certificate.kind == problem_pb2.CERTIFICATE_KIND_UNSPECIFIED:
        raise ProblemMalformed("problem.certificate.kind", "a certificate kind is needed")
    kind_name = problem_pb2.CertificateKind.Name(certificate.kind)
    found: Json = {
        "kind": _TIME[system.time_kind],
        "vars": list(system.variables),
        "parameters": list(system.parameters),
        "dynamics": dict(system.dynamics),
        "domain": _formulas(system.domain, "problem.system.domain") or None,
        "init": formula_json(problem.initial, "problem.initial"),
        "unsafe": formula_json(problem.unsafe, "problem.unsafe"),
        "certificate": _certificate(certificate),
        "flow_condition": FLOWS.get(certificate.kind)
        or kind_name.removeprefix("CERTIFICATE_KIND_").lower(),
    }
    return found


def is_decided_kind(problem: Any) -> bool:
    """Say whether there is a reduction of this certificate kind for this kind of time."""
    flow = FLOWS.get(problem.certificate.kind)
    time = _TIME[problem.system.time_kind]
    if flow is None or time not in ("continuous", "discrete"):
        return False
    return (flow in _CONTINUOUS_ONLY) == (time == "continuous")


def _certificate(certificate: Any) -> Json:
    if certificate.kind == problem_pb2.CERTIFICATE_KIND_DIFFERENTIAL_CUTS:
        cuts = _formulas(certificate.cuts, "problem.certificate.cuts")
        found: Json = {"type": "invariant", "cuts": cuts}
        if certificate.HasField("formula"):
            found["formula"] = formula_json(certificate.formula, "problem.certificate.formula")
        return found
    if not certificate.barrier:
        raise ProblemMalformed("problem.certificate.barrier", "this kind needs a barrier")
    found = {"type": "barrier", "expr": certificate.barrier}
    if certificate.rate:
        found["lambda"] = certificate.rate
    if certificate.original_invariant:
        path = "problem.certificate.original_invariant"
        found["original_invariant"] = _formulas(certificate.original_invariant, path)
    return found


def _formulas(formulas: Any, path: str) -> list[Any]:
    return [formula_json(formula, f"{path}[{i}]") for i, formula in enumerate(formulas)]


def formula_json(formula: Any, path: str, depth: int = 0) -> Any:
    """Return a text, {"and": […]} or {"or": […]}."""
    form = formula.WhichOneof("form")
    if depth > 32:
        raise LimitExceeded(path, "nested too deeply", "formula_depth", "32", str(depth))
    if form == "atom":
        return formula.atom
    if form is None:
        raise ProblemMalformed(path, "a formula is an atom, all or any")
    inner = getattr(formula, form).formulas
    key = "and" if form == "all" else "or"
    return {
        key: [
            formula_json(f, f"{path}.{form}.formulas[{i}]", depth + 1) for i, f in enumerate(inner)
        ]
    }


_ROOTS: Final = (
    ("certificate.expr", "problem.certificate.barrier"),
    ("certificate.lambda", "problem.certificate.rate"),
    ("certificate.type", "problem.certificate.kind"),
    ("certificate", "problem.certificate"),
    ("flow_condition", "problem.certificate.kind"),
    ("kind", "problem.system.time_kind"),
    ("vars", "problem.system.variables"),
    ("parameters", "problem.system.parameters"),
    ("dynamics", "problem.system.dynamics"),
    ("domain", "problem.system.domain"),
    ("init", "problem.initial"),
    ("unsafe", "problem.unsafe"),
)


def message_path(field: str) -> str:
    """Return the path in the request of a path in the JSON problem."""
    for old, new in _ROOTS:
        if field == old or field.startswith((old + ".", old + "[")):
            rest = field[len(old) :]
            if old == "dynamics" and rest:
                return f'{new}["{rest[1:]}"]'
            rest = rest.replace(".and[", ".all.formulas[").replace(".or[", ".any.formulas[")
            return new + rest
    return "problem"


_POSITION: Final = re.compile(r"^at character (\d+): ")
_LIMIT: Final = re.compile(r"limit (\d+), found (\d+)")
_LIMIT_CODES: Final = re.compile(r"TOO_|LIMIT")


def refusal_of(answer: Json, root: str = "problem") -> FieldError:
    """Return the error that answers an INVALID_INPUT of the domain.

    `root` is where the problem lies in the request.
    """
    field = message_path(str(answer.get("field", ""))).replace("problem", root, 1)
    message, code = str(answer.get("message", "")), str(answer.get("reason", ""))
    limit = _LIMIT.search(message)
    if limit is not None and _LIMIT_CODES.search(code):
        return LimitExceeded(field, message, code.lower(), limit[1], limit[2])
    position = _POSITION.match(message)
    if position is not None:
        return ExpressionUnreadable(field, message, code, position[1])
    return ProblemMalformed(field, message)
