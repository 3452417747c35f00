"""The frozen problem and its strict reader: every refusal names the field that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .canonical import canonical, canonical_text, load_json, sha256_of, sha256_of_text
from .certificate import Barrier, Certificate, Cuts, Modes, Vector, read_certificate
from .errors import ProblemInvalid, Unsupported
from .expression import FUNCTIONS
from .formula import Formula, Or, parse_formula
from .noise import read_noise
from .polynomial import Polynomial, Ring
from .reading import read_conjunction, read_dynamics, read_names
from .system import (
    Extras,
    Inputs,
    check_absent,
    check_affine,
    check_still,
    read_diffusion,
    read_horizon,
    read_inputs,
    read_modes,
    read_transitions,
)

__all__ = [
    "Barrier",
    "Certificate",
    "Cuts",
    "Modes",
    "Problem",
    "Vector",
    "canonical",
    "canonical_text",
    "load_json",
    "parse_problem",
    "sha256_of",
]

KINDS = ("continuous", "discrete", "hybrid", "stochastic_discrete", "stochastic_continuous")
CONTINUOUS_FLOWS = (
    *("everywhere", "boundary_strict", "boundary_weak", "exponential", "invariant"),
    *("band", "zeroing_cbf", "finite_horizon"),
)
DISCRETE_FLOWS = ("discrete_decrease", "discrete_inductive", "band", "k_inductive")
HYBRID_FLOWS = ("everywhere", "boundary_strict", "exponential")
_STOCHASTIC = ("stochastic_discrete", "stochastic_continuous")
_FLOWS: dict[tuple[str, str], tuple[str, ...]] = {
    ("continuous", "barrier"): CONTINUOUS_FLOWS,
    ("continuous", "invariant"): ("invariant",),
    ("continuous", "vector"): ("vector",),
    ("discrete", "barrier"): DISCRETE_FLOWS,
    ("hybrid", "modes"): HYBRID_FLOWS,
    **{(kind, "barrier"): ("supermartingale",) for kind in _STOCHASTIC},
}
# What belongs to which kind and condition beyond the fields of every problem.
_FIELDS = ("inputs", "noise", "diffusion", "time", "horizon", "modes", "transitions")
_REQUIRED = {
    "zeroing_cbf": ("inputs",),
    "finite_horizon": ("time", "horizon"),
    "stochastic_discrete": ("noise",),
    "stochastic_continuous": ("diffusion",),
    "hybrid": ("modes",),
}
_OPTIONAL = {
    "stochastic_discrete": ("horizon",),
    "stochastic_continuous": ("horizon",),
    "hybrid": ("transitions",),
}
_NEEDS_SLOTS = re.compile(r"\w\s*\(|/\s*[A-Za-z_(]|(\*\*|\^)\s*\(?\s*-")
# Without one of these there is nothing to look for: finding them is far faster than the pattern.
_MARKS = (
    *(f"{name}{after}" for name in sorted(FUNCTIONS) for after in "( \\"),
    *("/", "^", "**-", "**(", "** ", "**\\"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One readable problem. `dynamics` maps each variable to its rate or its next state.

    A hybrid system has no dynamics and no sets of its own: they are in `extras.modes`.
    """

    id: str
    kind: str
    ring: Ring
    parameters: frozenset[str]
    dynamics: Mapping[str, Polynomial]
    domain: Formula | None
    domain_conjuncts: tuple[Formula, ...]
    init: Formula
    unsafe: Formula
    certificate: Certificate
    flow_condition: str
    text: str
    sha256: str
    extras: Extras = field(default_factory=Extras)

    @property
    def variables(self) -> tuple[str, ...]:
        """The declared names, in order; exponents follow it."""
        return self.ring.variables


def parse_problem(raw: Any) -> Problem:
    """Return the problem of a JSON object.

    Raises `ProblemInvalid` with the field's path, or `Unsupported` for a hybrid or stochastic
    system whose certificate is none of those that are decided for it.
    """
    if not isinstance(raw, Mapping):
        raise ProblemInvalid("$", "OBJECT_EXPECTED", "a JSON object is expected")
    kind = raw.get("kind")
    if kind not in KINDS:
        raise ProblemInvalid("kind", "UNKNOWN_VALUE", f"one of {', '.join(KINDS)} is expected")
    variables = read_names(raw.get("vars"), "vars")
    if not variables:
        raise ProblemInvalid("vars", "EMPTY", "at least one variable is expected")
    parameters = frozenset(read_names(raw.get("parameters") or [], "parameters"))
    for index, name in enumerate(raw.get("parameters") or []):
        if name not in variables:
            raise ProblemInvalid(f"parameters[{index}]", "UNKNOWN_NAME", "not listed in vars")
    mathematics = canonical(raw)
    if mathematics["certificate"] is None:
        raise ProblemInvalid("certificate", "MISSING", "there is no certificate to decide")
    flow = _flow_condition(mathematics, str(kind))
    _check_fields(mathematics, str(kind), flow)
    text = canonical_text(raw)
    ring = Ring(variables, opaque=_needs_slots(text))
    name = raw["id"] if isinstance(raw.get("id"), str) else ""
    parts = _hybrid if kind == "hybrid" else _plain
    return Problem(
        id=name,
        kind=str(kind),
        ring=ring,
        parameters=parameters,
        flow_condition=flow,
        text=text,
        sha256=sha256_of_text(text),
        **parts(mathematics, ring, parameters, flow),
    )


def _needs_slots(text: str) -> bool:
    """Say whether any text may need slots for opaque terms (a superset is harmless)."""
    return any(mark in text for mark in _MARKS) and bool(_NEEDS_SLOTS.search(text))


def _flow_condition(mathematics: Mapping[str, Any], kind: str) -> str:
    value, certificate = mathematics["flow_condition"], mathematics["certificate"]
    if not isinstance(certificate, Mapping):
        raise ProblemInvalid("certificate", "OBJECT_EXPECTED", "an object is expected")
    wanted = sorted({kind_type[1] for kind_type in _FLOWS if kind_type[0] == kind})
    allowed = _FLOWS.get((kind, str(certificate["type"])))
    if kind == "hybrid" and allowed is None:
        raise Unsupported("hybrid systems are decided with a certificate of type modes")
    if kind in _STOCHASTIC and (allowed is None or value not in allowed):
        raise Unsupported(f"{kind} systems are decided with a barrier that is a supermartingale")
    if allowed is None:
        if certificate["type"] in ("invariant", "vector"):
            raise ProblemInvalid(
                "flow_condition", "UNKNOWN_VALUE", "cuts and vectors are for continuous time only"
            )
        raise ProblemInvalid(
            "certificate.type", "UNSUPPORTED_TYPE", f"{' or '.join(wanted)} is expected"
        )
    if value not in allowed:
        raise ProblemInvalid(
            "flow_condition", "UNKNOWN_VALUE", f"one of {', '.join(allowed)} is expected"
        )
    return str(value)


def _check_fields(mathematics: Mapping[str, Any], kind: str, flow: str) -> None:
    """Refuse a field that this kind and condition do not read, and miss one that they do."""
    required = (*_REQUIRED.get(kind, ()), *_REQUIRED.get(flow, ()))
    for name in _FIELDS:
        given = name in mathematics
        if given and name not in (*required, *_OPTIONAL.get(kind, ())):
            raise ProblemInvalid(name, "FIELD_DOES_NOT_BELONG", f"{kind} {flow} does not read it")
        if not given and name in required:
            raise ProblemInvalid(name, "MISSING", f"{kind} {flow} needs it")
    if kind == "hybrid":
        for name in ("dynamics", "domain", "init", "unsafe"):
            if mathematics[name] is not None:
                raise ProblemInvalid(name, "FIELD_DOES_NOT_BELONG", "it stands in each mode")


def _plain(
    mathematics: Mapping[str, Any], ring: Ring, parameters: frozenset[str], flow: str
) -> dict[str, Any]:
    """Return the parts of a system with one set of dynamics."""
    kind = mathematics["kind"]
    discrete = kind in ("discrete", "stochastic_discrete")
    dynamics = read_dynamics(
        mathematics["dynamics"], "dynamics", ring, parameters, discrete=discrete
    )
    extras = _extras(mathematics, ring, parameters)
    domain, conjuncts = read_conjunction(mathematics["domain"], "domain", ring)
    certificate = read_certificate(mathematics["certificate"], flow, ring)
    found = {
        "dynamics": dynamics,
        "domain": domain,
        "domain_conjuncts": conjuncts,
        "init": parse_formula(mathematics["init"], "init", ring),
        "unsafe": parse_formula(mathematics["unsafe"], "unsafe", ring),
        "certificate": certificate,
        "extras": extras,
    }
    _check_extras(found, extras, ring, flow)
    return found


def _extras(mathematics: Mapping[str, Any], ring: Ring, parameters: frozenset[str]) -> Extras:
    given = mathematics.get
    steps = mathematics["kind"] == "stochastic_discrete"
    inputs, noise, diffusion = given("inputs"), given("noise"), given("diffusion")
    horizon = given("horizon")
    return Extras(
        inputs=Inputs((), ()) if inputs is None else read_inputs(inputs, ring, parameters),
        noise={} if noise is None else read_noise(noise, ring, parameters),
        diffusion=() if diffusion is None else read_diffusion(diffusion, ring, parameters),
        time=given("time"),
        horizon=None if horizon is None else read_horizon(horizon, ring, steps=steps),
    )


def _check_extras(parts: Mapping[str, Any], extras: Extras, ring: Ring, flow: str) -> None:
    """Check what inputs, noise, time and horizon ask of the other parts."""
    dynamics, certificate = parts["dynamics"], parts["certificate"]
    names = extras.inputs.names or tuple(extras.noise)
    if names:
        check_still(names, dynamics)
        sets = [(key, parts[key]) for key in ("domain", "init", "unsafe")]
        functions = (("expr", certificate.polynomial), ("lambda", certificate.rate))
        claimed = [(f"certificate.{key}", value) for key, value in functions]
        check_absent(names, [*sets, *claimed], ring)
    check_affine(extras.inputs.names, dynamics, ring)
    if extras.time is not None:
        _check_time(extras.time, dynamics, ring)
    if flow == "supermartingale" and extras.horizon is None and certificate.drift > Fraction(0):
        raise ProblemInvalid("certificate.drift", "NEEDS_HORIZON", "without a horizon it is 0")


def _check_time(time: Any, dynamics: Mapping[str, Polynomial], ring: Ring) -> None:
    if not isinstance(time, str) or time not in ring.variables:
        raise ProblemInvalid("time", "UNKNOWN_NAME", "not listed in vars")
    if dynamics[time] != ring.constant(1):
        raise ProblemInvalid(f"dynamics.{time}", "NOT_ONE", 'time has "1" here')


def _hybrid(
    mathematics: Mapping[str, Any], ring: Ring, parameters: frozenset[str], flow: str
) -> dict[str, Any]:
    """Return the parts of a hybrid system: everything is in its modes."""
    modes = read_modes(mathematics["modes"], ring, parameters)
    names = tuple(mode.name for mode in modes)
    given = mathematics.get("transitions", [])
    extras = Extras(modes=modes, transitions=read_transitions(given, names, ring, parameters))
    never = Or(())
    return {
        "dynamics": {},
        "domain": None,
        "domain_conjuncts": (),
        "init": never,
        "unsafe": never,
        "certificate": read_certificate(mathematics["certificate"], flow, ring, names),
        "extras": extras,
    }
