"""Problem messages to the JSON problems of the domain, and refusals to errors with field paths."""

import re
from typing import Any, Final

from lucid.validation.v1 import problem_pb2

from lucid_validation.convert_paths import message_path
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
    problem_pb2.CERTIFICATE_KIND_BAND: "band",
    problem_pb2.CERTIFICATE_KIND_ZEROING_CBF: "zeroing_cbf",
    problem_pb2.CERTIFICATE_KIND_FINITE_HORIZON: "finite_horizon",
    problem_pb2.CERTIFICATE_KIND_VECTOR: "vector",
    problem_pb2.CERTIFICATE_KIND_K_INDUCTIVE: "k_inductive",
    problem_pb2.CERTIFICATE_KIND_SUPERMARTINGALE: "supermartingale",
    problem_pb2.CERTIFICATE_KIND_HYBRID: "everywhere",
}
"""The kinds that are decided, by their name in the domain; in the modes of HYBRID see `_MODES`."""

_MODES: Final = {
    problem_pb2.CERTIFICATE_KIND_UNSPECIFIED: "everywhere",
    problem_pb2.CERTIFICATE_KIND_EVERYWHERE: "everywhere",
    problem_pb2.CERTIFICATE_KIND_STRICT_LEVEL_SET: "boundary_strict",
    problem_pb2.CERTIFICATE_KIND_EXPONENTIAL: "exponential",
}
_DISCRETE_ONLY: Final = frozenset({"discrete_decrease", "discrete_inductive", "k_inductive"})


def problem_json(problem: Any) -> Json:
    """Return the problem object of the domain; raises `ProblemMalformed` with the field."""
    system, certificate = problem.system, problem.certificate
    if certificate.kind == problem_pb2.CERTIFICATE_KIND_UNSPECIFIED:
        raise ProblemMalformed("problem.certificate.kind", "a certificate kind is needed")
    return {
        "kind": _TIME[system.time_kind],
        "vars": list(system.variables),
        "parameters": list(system.parameters),
        **_system(problem),
        **_extras(system),
        "certificate": _certificate(certificate),
        "flow_condition": _flow(certificate),
    }


def is_decided_kind(problem: Any) -> bool:
    """Say whether there is a reduction of this certificate kind for this kind of time."""
    kind, time = problem.certificate.kind, _TIME[problem.system.time_kind]
    if time == "hybrid" or kind == problem_pb2.CERTIFICATE_KIND_HYBRID:
        return time == "hybrid" and kind == problem_pb2.CERTIFICATE_KIND_HYBRID
    flow = FLOWS.get(kind)
    if time.startswith("stochastic") or flow == "supermartingale":
        return time.startswith("stochastic") and flow == "supermartingale"
    return flow == "band" or (flow in _DISCRETE_ONLY) == (time == "discrete")


def _flow(certificate: Any) -> str:
    if certificate.kind == problem_pb2.CERTIFICATE_KIND_HYBRID:
        found = _MODES.get(certificate.mode_kind)
        if found is None:
            message = "EVERYWHERE, STRICT_LEVEL_SET or EXPONENTIAL is expected"
            raise ProblemMalformed("problem.certificate.mode_kind", message)
        return found
    if certificate.mode_kind:
        raise ProblemMalformed("problem.certificate.mode_kind", "only HYBRID has it")
    return FLOWS[certificate.kind]


def _system(problem: Any) -> Json:
    """Return dynamics and sets; a hybrid system has them in its modes."""
    system = problem.system
    domain = _formulas(system.domain, "problem.system.domain") or None
    if _TIME[system.time_kind] == "hybrid":
        sets = {key: _given(problem, field) for key, field in _SETS}
        return {"dynamics": dict(system.dynamics) or None, "domain": domain, **sets}
    for _, field in _SETS:
        if not problem.HasField(field):
            raise ProblemMalformed(f"problem.{field}", "a formula is needed")
    if not system.dynamics:
        raise ProblemMalformed("problem.system.dynamics", "an expression is needed for each name")
    sets = {key: _given(problem, field) for key, field in _SETS}
    return {"dynamics": dict(system.dynamics), "domain": domain, **sets}


_SETS: Final = (("init", "initial"), ("unsafe", "unsafe"))


def _given(message: Any, field: str, root: str = "problem") -> Any:
    if not message.HasField(field):
        return None
    return formula_json(getattr(message, field), f"{root}.{field}")


def _extras(system: Any) -> Json:
    """Return the fields of the further kinds, those that are given."""
    found: Json = {}
    if system.HasField("inputs"):
        vertices = [list(vertex.values) for vertex in system.inputs.vertices]
        found["inputs"] = {"names": list(system.inputs.names), "vertices": vertices}
    if system.noise:
        found["noise"] = {name: _law(name, law) for name, law in sorted(system.noise.items())}
    if system.diffusion:
        found["diffusion"] = [dict(process.coefficients) for process in system.diffusion]
    if system.time:
        found["time"] = system.time
    if system.horizon:
        found["horizon"] = system.horizon
    if system.modes:
        found["modes"] = [
            _mode(m, f"problem.system.modes[{i}]") for i, m in enumerate(system.modes)
        ]
    if system.transitions:
        found["transitions"] = [
            _transition(t, f"problem.system.transitions[{i}]")
            for i, t in enumerate(system.transitions)
        ]
    return found


def _law(name: str, law: Any) -> Json:
    form = law.WhichOneof("form")
    if form == "normal":
        return {"distribution": form, "mean": law.normal.mean, "variance": law.normal.variance}
    if form == "uniform":
        return {"distribution": form, "low": law.uniform.low, "high": law.uniform.high}
    if form == "finite":
        values = [[entry.value, entry.probability] for entry in law.finite.values]
        return {"distribution": form, "values": values}
    raise ProblemMalformed(f'problem.system.noise["{name}"]', "normal, uniform or finite is needed")


def _mode(mode: Any, path: str) -> Json:
    found: Json = {"name": mode.name, "dynamics": dict(mode.dynamics)}
    if mode.domain:
        found["domain"] = _formulas(mode.domain, f"{path}.domain")
    for key, field in _SETS:
        formula = _given(mode, field, path)
        if formula is not None:
            found[key] = formula
    return found


def _transition(transition: Any, path: str) -> Json:
    found: Json = {
        "from": transition.source,
        "to": transition.target,
        "guard": formula_json(transition.guard, f"{path}.guard"),
    }
    if transition.reset:
        found["reset"] = dict(transition.reset)
    return found


def _certificate(certificate: Any) -> Json:
    if certificate.kind == problem_pb2.CERTIFICATE_KIND_DIFFERENTIAL_CUTS:
        cuts = _formulas(certificate.cuts, "problem.certificate.cuts")
        found: Json = {"type": "invariant", "cuts": cuts}
        if certificate.HasField("formula"):
            found["formula"] = formula_json(certificate.formula, "problem.certificate.formula")
    elif certificate.kind == problem_pb2.CERTIFICATE_KIND_VECTOR:
        found = {"type": "vector"}
    elif certificate.kind == problem_pb2.CERTIFICATE_KIND_HYBRID:
        found = {"type": "modes"}
    elif not certificate.barrier:
        raise ProblemMalformed("problem.certificate.barrier", "this kind needs a barrier")
    else:
        found = {"type": "barrier", "expr": certificate.barrier}
    if found["type"] != "invariant":
        found.update(_rate_and_origin(certificate))
    return {**found, **_certificate_extras(certificate)}


def _rate_and_origin(certificate: Any) -> Json:
    found: Json = {}
    if certificate.rate:
        found["lambda"] = certificate.rate
    if certificate.original_invariant:
        path = "problem.certificate.original_invariant"
        found["original_invariant"] = _formulas(certificate.original_invariant, path)
    return found


def _certificate_extras(certificate: Any) -> Json:
    """Return the fields that only some kinds have, those that are given."""
    found: Json = {}
    if certificate.barriers:
        found["exprs"] = list(certificate.barriers)
    elif certificate.mode_barriers:
        found["exprs"] = dict(certificate.mode_barriers)
    if certificate.matrix:
        found["matrix"] = [list(row.entries) for row in certificate.matrix]
    if certificate.steps:
        found["k"] = certificate.steps
    for name in ("band", "gamma", "drift"):
        if getattr(certificate, name):
            found[name] = getattr(certificate, name)
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
