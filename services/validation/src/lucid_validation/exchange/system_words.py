"""A problem object in marked text: dynamics, sets and certificate of every kind of the format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
_KINDS = {
    "continuous": "Continuous time, ordinary differential equations",
    "discrete": "Discrete time, a map from state to next state",
    "hybrid": "Hybrid: modes with flows, and jumps between them",
    "stochastic_discrete": "Discrete time with independent noise in each step",
    "stochastic_continuous": "Continuous time, stochastic differential equations",
}
_FLOWS = {
    "everywhere": "dB/dt is at most 0 on the whole domain",
    "boundary_strict": "dB/dt is negative where B = 0",
    "boundary_weak": "dB/dt is at most 0 where B = 0",
    "exponential": "dB/dt is at most lambda*B",
    "invariant": "the set is positively invariant within the domain",
    "discrete_decrease": "B does not grow in a step",
    "discrete_inductive": "a step from where B is at most 0 ends where B is at most 0",
    "band": "B does not grow where it is between 0 and the band's width",
    "zeroing_cbf": "at every state some input keeps dB/dt at most lambda*B",
    "finite_horizon": "dB/dt is at most 0 up to the horizon",
    "vector": "each dB_i/dt is at most row i of A times the vector of functions",
    "k_inductive": "after k states with B at most 0 comes another one",
    "supermartingale": "the expectation of B grows by the drift at most",
}


def system_words(raw: Json) -> Iterator[str]:
    """Yield the kind, the names and the dynamics."""
    parameters = list(raw.get("parameters") or [])
    variables = [name for name in raw["vars"] if name not in parameters]
    yield f"{_KINDS[raw['kind']]}; variables {', '.join(f'`{name}`' for name in variables)}."
    if parameters:
        yield f"Parameters, constant in time: {', '.join(f'`{name}`' for name in parameters)}."
    yield from _further(raw)
    if raw["kind"] == "hybrid":
        yield from _modes(raw)
        return
    still = {*parameters, *(raw.get("inputs") or {}).get("names", []), *(raw.get("noise") or {})}
    yield from _dynamics(raw["dynamics"], [n for n in variables if n not in still], raw["kind"])


def _dynamics(dynamics: Json, names: list[str], kind: str) -> Iterator[str]:
    mark = "+" if kind.endswith("discrete") else "'"
    for name in names:
        yield f"`{name}{mark} = {dynamics[name]}`"


def _further(raw: Json) -> Iterator[str]:
    inputs = raw.get("inputs")
    if inputs is not None:
        names = ", ".join(f"`{name}`" for name in inputs["names"])
        corners = ", ".join(f"({', '.join(map(str, vertex))})" for vertex in inputs["vertices"])
        yield f"Inputs {names} in the convex hull of {corners}."
    for name, law in (raw.get("noise") or {}).items():
        yield f"Noise `{name}`: {_law(law)}."
    for number, column in enumerate(raw.get("diffusion") or [], start=1):
        parts = ", ".join(f"`{text}` on `{name}`" for name, text in column.items())
        yield f"Wiener process {number} acts with {parts}."
    if raw.get("time") is not None:
        yield f"Time is `{raw['time']}`, up to the horizon {raw['horizon']}."
    elif raw.get("horizon") is not None:
        yield f"Horizon: {raw['horizon']}."


def _law(law: Json) -> str:
    match law["distribution"]:
        case "normal":
            return f"normal with mean {law['mean']} and variance {law['variance']}"
        case "uniform":
            return f"uniform on [{law['low']}, {law['high']}]"
        case _:
            return "values " + ", ".join(f"{v} with probability {p}" for v, p in law["values"])


def _modes(raw: Json) -> Iterator[str]:
    for mode in raw["modes"]:
        yield f"Mode {mode['name']}:"
        moving = [n for n in raw["vars"] if n not in (raw.get("parameters") or [])]
        yield from _dynamics(mode["dynamics"], moving, "continuous")
        for key in ("domain", "init", "unsafe"):
            if mode.get(key) is not None:
                yield f"{key} of {mode['name']}: {formula_words(mode[key])}."
    for number, jump in enumerate(raw.get("transitions") or [], start=1):
        reset = ", ".join(f"`{n}+ = {text}`" for n, text in (jump.get("reset") or {}).items())
        yield (
            f"Jump {number} from {jump['from']} to {jump['to']} where "
            f"{formula_words(jump['guard'])}{'; ' if reset else ''}{reset}."
        )


def set_words(raw: Json) -> Iterator[str]:
    """Yield domain, init and unsafe."""
    if raw["kind"] == "hybrid":
        yield "Each mode has its own."
        return
    domain = raw.get("domain")
    yield f"Domain: {formula_words(domain) if domain else 'all space'}."
    yield f"Init: {formula_words(raw['init'])}."
    yield f"Unsafe: {formula_words(raw['unsafe'])}."


def formula_words(value: Any, nested: bool = False) -> str:
    """Return a formula of a problem file with its connectives in words."""
    if isinstance(value, str):
        return f"`{value}`"
    if isinstance(value, list):
        value = {"and": value}
    ((kind, children),) = value.items()
    if not children:
        return "always" if kind == "and" else "never"
    text = f" {kind} ".join(formula_words(child, nested=True) for child in children)
    return f"({text})" if nested and len(children) > 1 else text


def certificate_words(raw: Json) -> Iterator[str]:
    """Yield what is claimed to separate init from unsafe, and by which condition."""
    certificate = raw["certificate"]
    match certificate["type"]:
        case "invariant":
            for number, cut in enumerate(certificate["cuts"], start=1):
                yield f"Cut {number}: {formula_words(cut)}."
        case "vector":
            for number, text in enumerate(certificate["exprs"], start=1):
                yield f"`B{number} = {text}`"
            rows = "; ".join(", ".join(map(str, row)) for row in certificate["matrix"])
            yield f"A has the rows {rows}."
        case "modes":
            for name, text in certificate["exprs"].items():
                yield f"In mode {name}: `B = {text}`"
        case _:
            yield f"`B = {certificate['expr']}`"
    if certificate.get("lambda") is not None:
        yield f"lambda is `{certificate['lambda']}`."
    for key in ("band", "k", "gamma", "drift"):
        if certificate.get(key) is not None:
            yield f"{key} is {certificate[key]}."
    flow = str(raw.get("flow_condition"))
    if certificate["type"] != "invariant" and flow in _FLOWS:
        yield f"Condition: {flow}; {_FLOWS[flow]}."
