"""The frozen problem, its strict reader, and the canonical form that evidence is bound to.

The reader keeps only the mathematics: labels, sources and notes are dropped here, so nothing
behind this line can see them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .errors import ProblemInvalid, Unsupported
from .expression import FUNCTIONS, parse_expression, parse_relation
from .formula import And, Atom, Formula, atom_of, guarded, parse_formula
from .limits import LIMITS
from .polynomial import Polynomial, Ring
from .quick_expression import read_expression

KINDS = ("continuous", "discrete", "hybrid", "stochastic_discrete", "stochastic_continuous")
CONTINUOUS_FLOWS = ("everywhere", "boundary_strict", "boundary_weak", "exponential", "invariant")
DISCRETE_FLOWS = ("discrete_decrease", "discrete_inductive")
CERTIFICATE_FIELDS = ("type", "expr", "lambda", "cuts", "formula", "original_invariant")
PROBLEM_FIELDS = (
    "kind",
    "vars",
    "parameters",
    "dynamics",
    "domain",
    "init",
    "unsafe",
    "certificate",
    "flow_condition",
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]{0,63}")
_NEEDS_SLOTS = re.compile(r"[A-Za-z_]\w*\s*\(|/\s*[A-Za-z_(]|(\*\*|\^)\s*\(?\s*-")


@dataclass(frozen=True, slots=True)
class Barrier:
    """A function B with {B <= 0} claimed to hold all trajectories from init, none from unsafe."""

    polynomial: Polynomial
    rate: Polynomial | None
    strict: bool


@dataclass(frozen=True, slots=True)
class Cuts:
    """Differential cuts: each invariant within the domain and the earlier ones."""

    formulas: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One readable problem. `dynamics` maps each variable to its rate or its next state."""

    id: str
    kind: str
    ring: Ring
    parameters: frozenset[str]
    dynamics: Mapping[str, Polynomial]
    domain: Formula | None
    domain_conjuncts: tuple[Formula, ...]
    init: Formula
    unsafe: Formula
    certificate: Barrier | Cuts
    flow_condition: str
    text: str
    sha256: str

    @property
    def variables(self) -> tuple[str, ...]:
        """The declared names, in order; exponents follow it."""
        return self.ring.variables


def load_json(text: str) -> Any:
    """Return parsed JSON, refusing duplicate keys, NaN, infinities and excessive nesting."""
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, _BadJson):
            raise ProblemInvalid("$", error.code, str(error)) from error
        raise ProblemInvalid("$", "NOT_JSON", "this is not a JSON document") from error


class _BadJson(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _BadJson("DUPLICATE_KEY", f"the key {key[:60]!r} occurs twice")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise _BadJson("NOT_A_NUMBER", f"{name} is not a number")


def canonical(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mathematics of a problem object, strings untouched, absent = None."""
    found: dict[str, Any] = {field: raw.get(field) for field in PROBLEM_FIELDS}
    certificate = raw.get("certificate")
    if isinstance(certificate, Mapping):
        found["certificate"] = {field: certificate.get(field) for field in CERTIFICATE_FIELDS}
    return found


def canonical_text(raw: Mapping[str, Any]) -> str:
    """Return the canonical form as the text that is hashed."""
    return json.dumps(canonical(raw), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def sha256_of(raw: Mapping[str, Any]) -> str:
    """Return the hex SHA-256 of the canonical form."""
    return hashlib.sha256(canonical_text(raw).encode()).hexdigest()


def parse_problem(raw: Any) -> Problem:
    """Return the problem of a JSON object.

    Raises `ProblemInvalid` with the field's path, or `Unsupported` for hybrid and stochastic kinds.
    """
    if not isinstance(raw, Mapping):
        raise ProblemInvalid("$", "OBJECT_EXPECTED", "a JSON object is expected")
    kind = raw.get("kind")
    if kind not in KINDS:
        raise ProblemInvalid("kind", "UNKNOWN_VALUE", f"one of {', '.join(KINDS)} is expected")
    variables = _names(raw.get("vars"), "vars")
    if not variables:
        raise ProblemInvalid("vars", "EMPTY", "at least one variable is expected")
    parameters = frozenset(_names(raw.get("parameters") or [], "parameters"))
    for index, name in enumerate(raw.get("parameters") or []):
        if name not in variables:
            raise ProblemInvalid(f"parameters[{index}]", "UNKNOWN_NAME", "not listed in vars")
    mathematics = canonical(raw)
    if mathematics["certificate"] is None:
        raise ProblemInvalid("certificate", "MISSING", "there is no certificate to decide")
    if kind not in {"continuous", "discrete"}:
        raise Unsupported(f"no sound reduction of {kind} systems is implemented")
    ring = Ring(variables, opaque=_has_functions(mathematics))
    dynamics = _dynamics(mathematics["dynamics"], ring)
    for name in sorted(parameters):
        # A parameter does not change: its next state is itself, whatever its entry says.
        if kind == "discrete":
            dynamics[name] = ring.generators[ring.variables.index(name)]
        elif len(dynamics[name]):
            raise ProblemInvalid(f"dynamics.{name}", "PARAMETER_MOVES", 'a parameter has "0" here')
    domain, conjuncts = _domain(mathematics["domain"], ring)
    return Problem(
        id=raw["id"] if isinstance(raw.get("id"), str) else "",
        kind=kind,
        ring=ring,
        parameters=parameters,
        dynamics=dynamics,
        domain=domain,
        domain_conjuncts=conjuncts,
        init=parse_formula(mathematics["init"], "init", ring),
        unsafe=parse_formula(mathematics["unsafe"], "unsafe", ring),
        certificate=_certificate(mathematics["certificate"], ring),
        flow_condition=_flow_condition(mathematics, kind),
        text=canonical_text(raw),
        sha256=sha256_of(raw),
    )


def _names(value: Any, field: str) -> list[str]:
    if not isinstance(value, list):
        raise ProblemInvalid(field, "LIST_EXPECTED", "a list of names is expected")
    if len(value) > LIMITS.variables:
        raise ProblemInvalid(
            field, "TOO_MANY_VARIABLES", f"limit {LIMITS.variables}, found {len(value)}"
        )
    for index, name in enumerate(value):
        where = f"{field}[{index}]"
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ProblemInvalid(where, "BAD_NAME", "a name of letters, digits and _ is expected")
        if name in FUNCTIONS:
            raise ProblemInvalid(where, "BAD_NAME", f"{name} is a function")
        if name in value[:index]:
            raise ProblemInvalid(where, "DUPLICATE_NAME", f"{name} is listed twice")
    return list(value)


def _has_functions(mathematics: Mapping[str, Any]) -> bool:
    """Say whether any text may need slots for opaque terms (a superset is harmless)."""
    return bool(_NEEDS_SLOTS.search(json.dumps(mathematics)))


def _dynamics(value: Any, ring: Ring) -> dict[str, Polynomial]:
    if not isinstance(value, Mapping):
        raise ProblemInvalid("dynamics", "OBJECT_EXPECTED", "an object variable -> expression")
    for name in value:
        if name not in ring.variables:
            raise ProblemInvalid(f"dynamics.{name}", "UNKNOWN_NAME", "not listed in vars")
    found = {}
    for name in ring.variables:
        if name not in value:
            raise ProblemInvalid(f"dynamics.{name}", "MISSING", "no expression for this variable")
        found[name] = _expression(value[name], f"dynamics.{name}", ring)
    return found


def _expression(value: Any, field: str, ring: Ring) -> Polynomial:
    if not isinstance(value, str):
        raise ProblemInvalid(field, "TEXT_EXPECTED", "an expression in text is expected")
    quick = read_expression(value, ring.by_name)
    if quick is not None:
        return ring.lift(quick)
    names = frozenset(ring.variables)
    return guarded(field, lambda: ring.expand(parse_expression(value, names)))


def _domain(value: Any, ring: Ring) -> tuple[Formula | None, tuple[Formula, ...]]:
    if value is None:
        return None, ()
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list):
        raise ProblemInvalid("domain", "LIST_EXPECTED", "a list of relations or null is expected")
    children = tuple(parse_formula(v, f"domain[{i}]", ring) for i, v in enumerate(value))
    return And(children), children


def _certificate(value: Any, ring: Ring) -> Barrier | Cuts:
    if not isinstance(value, Mapping):
        raise ProblemInvalid("certificate", "OBJECT_EXPECTED", "an object is expected")
    if value.get("type") == "barrier":
        return _barrier(value, ring)
    if value.get("type") == "invariant":
        cuts = value.get("cuts")
        if not isinstance(cuts, list) or not cuts:
            raise ProblemInvalid("certificate.cuts", "LIST_EXPECTED", "a list of cuts is expected")
        return Cuts(
            tuple(parse_formula(c, f"certificate.cuts[{i}]", ring) for i, c in enumerate(cuts))
        )
    raise ProblemInvalid("certificate.type", "UNSUPPORTED_TYPE", "barrier or invariant is expected")


def _barrier(value: Mapping[str, Any], ring: Ring) -> Barrier:
    polynomial = _expression(value.get("expr"), "certificate.expr", ring)
    rate = value.get("lambda")
    field = "certificate.lambda"
    if isinstance(rate, bool):
        raise ProblemInvalid(field, "TEXT_EXPECTED", "a number in text is expected")
    if isinstance(rate, int | float):
        # The shortest text that reads back as this number: what the sender wrote.
        parsed: Polynomial | None = ring.constant(Fraction(repr(rate)))
    else:
        parsed = None if rate is None else _expression(rate, field, ring)
    return Barrier(polynomial, parsed, _is_strict(value.get("original_invariant"), ring))


def _is_strict(value: Any, ring: Ring) -> bool:
    """Say whether the set is {B < 0}: the original invariant is one strict inequality."""
    if value is None:
        return False
    field = "certificate.original_invariant"
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ProblemInvalid(field, "LIST_EXPECTED", "a list of relations is expected")
    if len(value) != 1:
        return False
    names = frozenset(ring.variables)
    atom: Atom = guarded(f"{field}[0]", lambda: atom_of(ring, parse_relation(value[0], names)))
    return atom.sense == ">"


def _flow_condition(mathematics: Mapping[str, Any], kind: str) -> str:
    value = mathematics["flow_condition"]
    if mathematics["certificate"]["type"] == "invariant":
        if kind != "continuous" or value != "invariant":
            raise ProblemInvalid(
                "flow_condition", "UNKNOWN_VALUE", "cuts are read as invariant, continuous only"
            )
        return "invariant"
    allowed = CONTINUOUS_FLOWS if kind == "continuous" else DISCRETE_FLOWS
    if value not in allowed:
        raise ProblemInvalid(
            "flow_condition", "UNKNOWN_VALUE", f"one of {', '.join(allowed)} is expected"
        )
    if value == "exponential" and mathematics["certificate"]["lambda"] is None:
        raise ProblemInvalid("certificate.lambda", "MISSING", "the exponential condition needs it")
    return str(value)
