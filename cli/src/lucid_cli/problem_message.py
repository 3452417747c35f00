"""Problem objects as messages: the same mathematics, so that its hash is the same everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from lucid.validation.v1 import problem_pb2

from lucid_cli.problem_file import ProblemFileInvalid

Entry = Mapping[str, Any]

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
    "band": problem_pb2.CERTIFICATE_KIND_BAND,
    "zeroing_cbf": problem_pb2.CERTIFICATE_KIND_ZEROING_CBF,
    "finite_horizon": problem_pb2.CERTIFICATE_KIND_FINITE_HORIZON,
    "vector": problem_pb2.CERTIFICATE_KIND_VECTOR,
    "k_inductive": problem_pb2.CERTIFICATE_KIND_K_INDUCTIVE,
    "supermartingale": problem_pb2.CERTIFICATE_KIND_SUPERMARTINGALE,
}


def to_message(entry: Any) -> problem_pb2.Problem:
    """Return the message of one problem object; labels are dropped.

    Raises:
        ProblemFileInvalid: with the path of the first field that cannot be read.
    """
    if not isinstance(entry, Mapping):
        raise ProblemFileInvalid("a problem is a JSON object")
    found = problem_pb2.Problem(system=_system(entry), certificate=_certificate(entry))
    for field, formula in (("init", found.initial), ("unsafe", found.unsafe)):
        if entry.get(field) is not None:
            formula.CopyFrom(to_formula(entry[field], field))
        elif entry.get("kind") != "hybrid":
            raise ProblemFileInvalid(f"{field}: missing")
    return found


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


def _formulas(value: Any, where: str) -> list[problem_pb2.Formula]:
    parts = value if isinstance(value, list) else [] if value is None else [value]
    return [to_formula(part, f"{where}[{i}]") for i, part in enumerate(parts)]


def _optional(value: Any, where: str) -> problem_pb2.Formula | None:
    return None if value is None else to_formula(value, where)


def _texts(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ProblemFileInvalid(f"{where}: want an object with one expression for each variable")
    return {str(name): str(text) for name, text in value.items()}


def _system(entry: Entry) -> problem_pb2.System:
    kind = entry.get("kind", "continuous")
    if kind not in _TIME_KIND:
        raise ProblemFileInvalid(f"kind: {kind!r} is none of {', '.join(_TIME_KIND)}")
    own = entry.get("dynamics")
    dynamics = {} if kind == "hybrid" and own is None else _texts(own, "dynamics")
    system = problem_pb2.System(
        time_kind=_TIME_KIND[kind],
        variables=[str(name) for name in entry.get("vars", [])],
        parameters=[str(name) for name in entry.get("parameters") or []],
        dynamics=dynamics,
        domain=_formulas(entry.get("domain") or None, "domain"),
        time=_text(entry.get("time")),
        horizon=_text(entry.get("horizon")),
        modes=[_mode(mode, f"modes[{i}]") for i, mode in _items(entry, "modes")],
        transitions=[_jump(jump, f"transitions[{i}]") for i, jump in _items(entry, "transitions")],
        diffusion=[
            problem_pb2.WienerProcess(coefficients=_texts(column, f"diffusion[{i}]"))
            for i, column in _items(entry, "diffusion")
        ],
    )
    inputs, noise = entry.get("inputs"), entry.get("noise")
    if inputs is not None:
        system.inputs.CopyFrom(_inputs(inputs))
    if noise is not None:
        if not isinstance(noise, Mapping):
            raise ProblemFileInvalid("noise: want an object with a distribution for each variable")
        for name, law in noise.items():
            system.noise[str(name)].CopyFrom(_law(law, f"noise.{name}"))
    return system


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _items(entry: Entry, field: str) -> list[tuple[int, Any]]:
    value = entry.get(field)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ProblemFileInvalid(f"{field}: want a list")
    return list(enumerate(value))


def _object(value: Any, where: str, *needed: str) -> Entry:
    if not isinstance(value, Mapping):
        raise ProblemFileInvalid(f"{where}: want an object")
    for name in needed:
        if value.get(name) is None:
            raise ProblemFileInvalid(f"{where}.{name}: missing")
    return value


def _inputs(value: Any) -> problem_pb2.Inputs:
    given = _object(value, "inputs", "names", "vertices")
    vertices = [problem_pb2.Vertex(values=list(map(str, v))) for v in given["vertices"]]
    return problem_pb2.Inputs(names=list(map(str, given["names"])), vertices=vertices)


def _law(value: Any, where: str) -> problem_pb2.Distribution:
    given = _object(value, where, "distribution")
    match given["distribution"]:
        case "normal":
            _object(value, where, "mean", "variance")
            normal = problem_pb2.NormalDistribution(
                mean=str(given["mean"]), variance=str(given["variance"])
            )
            return problem_pb2.Distribution(normal=normal)
        case "uniform":
            _object(value, where, "low", "high")
            uniform = problem_pb2.UniformDistribution(
                low=str(given["low"]), high=str(given["high"])
            )
            return problem_pb2.Distribution(uniform=uniform)
        case "finite":
            _object(value, where, "values")
            values = [
                problem_pb2.WeightedValue(value=str(v), probability=str(p))
                for v, p in given["values"]
            ]
            return problem_pb2.Distribution(finite=problem_pb2.FiniteDistribution(values=values))
        case other:
            raise ProblemFileInvalid(
                f"{where}.distribution: {other!r} is none of normal, uniform, finite"
            )


def _mode(value: Any, where: str) -> problem_pb2.Mode:
    given = _object(value, where, "name", "dynamics")
    return problem_pb2.Mode(
        name=str(given["name"]),
        dynamics=_texts(given["dynamics"], f"{where}.dynamics"),
        domain=_formulas(given.get("domain"), f"{where}.domain"),
        initial=_optional(given.get("init"), f"{where}.init"),
        unsafe=_optional(given.get("unsafe"), f"{where}.unsafe"),
    )


def _jump(value: Any, where: str) -> problem_pb2.Transition:
    given = _object(value, where, "from", "to", "guard")
    return problem_pb2.Transition(
        source=str(given["from"]),
        target=str(given["to"]),
        guard=to_formula(given["guard"], f"{where}.guard"),
        reset=_texts(given.get("reset") or {}, f"{where}.reset"),
    )


def _certificate(entry: Entry) -> problem_pb2.Certificate:
    given = entry.get("certificate")
    if not isinstance(given, Mapping):
        raise ProblemFileInvalid("certificate: missing; there is nothing to decide")
    if given.get("type") == "invariant":
        cuts = given.get("cuts")
        if not isinstance(cuts, list):
            raise ProblemFileInvalid("certificate.cuts: want a list of formulas")
        return problem_pb2.Certificate(
            kind=problem_pb2.CERTIFICATE_KIND_DIFFERENTIAL_CUTS,
            cuts=_formulas(cuts, "certificate.cuts"),
            formula=_optional(given.get("formula"), "certificate.formula"),
        )
    if given.get("type") == "hybrid_barrier":
        return problem_pb2.Certificate(kind=problem_pb2.CERTIFICATE_KIND_HYBRID)
    kind = _kind(entry.get("flow_condition"))
    found = problem_pb2.Certificate(kind=kind, barrier=_text(given.get("expr")))
    if given.get("type") == "modes":
        found.kind, found.mode_kind = problem_pb2.CERTIFICATE_KIND_HYBRID, kind
    _add_functions(found, given.get("exprs"))
    found.rate = _text(given.get("lambda"))
    for name in ("band", "gamma", "drift"):
        setattr(found, name, _text(given.get(name)))
    found.steps = _steps(given.get("k"))
    found.matrix.extend(
        problem_pb2.MatrixRow(entries=list(map(str, row))) for row in given.get("matrix") or []
    )
    origin = given.get("original_invariant")
    found.original_invariant.extend(_formulas(origin, "certificate.original_invariant"))
    return found


def _kind(flow: Any) -> Any:
    if flow not in _CERTIFICATE_KIND:
        raise ProblemFileInvalid(
            f"flow_condition: {flow!r} is none of {', '.join(_CERTIFICATE_KIND)}"
        )
    return _CERTIFICATE_KIND[flow]


def _add_functions(certificate: problem_pb2.Certificate, exprs: Any) -> None:
    if isinstance(exprs, Mapping):
        for name, text in exprs.items():
            certificate.mode_barriers[str(name)] = str(text)
    elif exprs is not None:
        certificate.barriers.extend(map(str, exprs))


def _steps(value: Any) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 1000:
        raise ProblemFileInvalid("certificate.k: want a whole number from 1")
    return value
