"""What is claimed: one barrier, cuts, a vector of barriers, or one barrier for each mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .errors import ProblemInvalid
from .expression import parse_relation
from .formula import Atom, Formula, atom_of, guarded, parse_formula
from .polynomial import Polynomial, Ring
from .reading import read_expression, read_list, read_object, read_rational

FUNCTIONS_MAX = 16
STEPS_MAX = 8
TYPES = ("barrier", "invariant", "vector", "modes")
_OF_FLOW = {
    "band": ("band",),
    "k_inductive": ("k",),
    "supermartingale": ("gamma", "drift"),
    "vector": ("exprs", "matrix"),
}
_OPTIONAL = frozenset({"drift"})


@dataclass(frozen=True, slots=True)
class Barrier:
    """A function B with {B <= 0} claimed to hold all trajectories from init, none from unsafe.

    `rate` is lambda; `band` the width above 0 where B may not grow; `steps` the k of k-induction;
    `gamma` and `drift` bound a supermartingale at the start and in each step or unit of time.
    """

    polynomial: Polynomial
    rate: Polynomial | None
    strict: bool
    band: Fraction = Fraction(0)
    steps: int = 1
    gamma: Fraction = Fraction(0)
    drift: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Cuts:
    """Differential cuts: each invariant within the domain and the earlier ones."""

    formulas: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Vector:
    """Functions B1..Bm with dB/dt <= A B; off its diagonal A has no negative entry."""

    polynomials: tuple[Polynomial, ...]
    matrix: tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True, slots=True)
class Modes:
    """One function for each mode, in the order of the modes; `rate` is lambda, the same for all."""

    polynomials: tuple[Polynomial, ...]
    rate: Polynomial | None


Certificate = Barrier | Cuts | Vector | Modes


def read_certificate(value: Any, flow: str, ring: Ring, modes: tuple[str, ...] = ()) -> Certificate:
    """Return the certificate; raises `ProblemInvalid` with the field's path."""
    raw = read_object(value, "certificate")
    _check_fields(raw, flow)
    match raw.get("type"):
        case "barrier":
            return _barrier(raw, flow, ring)
        case "vector":
            return _vector(raw, ring)
        case "modes":
            return Modes(_of_modes(raw, ring, modes), read_rate(raw.get("lambda"), ring))
        case _:
            return _cuts(raw, ring)


def _check_fields(raw: Mapping[str, Any], flow: str) -> None:
    wanted = ("exprs",) if raw.get("type") == "modes" else _OF_FLOW.get(flow, ())
    for name in ("exprs", "matrix", "band", "k", "gamma", "drift"):
        field = f"certificate.{name}"
        if raw.get(name) is None:
            if name in wanted and name not in _OPTIONAL:
                raise ProblemInvalid(field, "MISSING", f"the condition {flow} needs it")
        elif name not in wanted:
            raise ProblemInvalid(field, "FIELD_DOES_NOT_BELONG", f"{flow} does not read it")
    if flow in {"exponential", "zeroing_cbf"} and raw.get("lambda") is None:
        raise ProblemInvalid("certificate.lambda", "MISSING", f"the {flow} condition needs it")


def _barrier(raw: Mapping[str, Any], flow: str, ring: Ring) -> Barrier:
    polynomial = read_expression(raw.get("expr"), "certificate.expr", ring)
    rate = read_rate(raw.get("lambda"), ring)
    strict = _is_strict(raw.get("original_invariant"), ring)
    match flow:
        case "band":
            band = read_rational(raw["band"], "certificate.band", ring)
            if band <= 0:
                raise ProblemInvalid("certificate.band", "NOT_POSITIVE", "a band is positive")
            return Barrier(polynomial, rate, strict, band=band)
        case "k_inductive":
            return Barrier(polynomial, rate, strict, steps=_steps(raw["k"]))
        case "supermartingale":
            bounds = [
                _not_negative(raw.get(name), f"certificate.{name}", ring)
                for name in ("gamma", "drift")
            ]
            return Barrier(polynomial, rate, strict, gamma=bounds[0], drift=bounds[1])
        case _:
            return Barrier(polynomial, rate, strict)


def _steps(value: Any) -> int:
    field = "certificate.k"
    if isinstance(value, bool) or not isinstance(value, int):
        raise ProblemInvalid(field, "INTEGER_EXPECTED", "an integer is expected")
    if not 1 <= value <= STEPS_MAX:
        raise ProblemInvalid(field, "OUT_OF_RANGE", f"an integer from 1 to {STEPS_MAX} is expected")
    return value


def _not_negative(value: Any, field: str, ring: Ring) -> Fraction:
    found = Fraction(0) if value is None else read_rational(value, field, ring)
    if found < 0:
        raise ProblemInvalid(field, "NEGATIVE", "a number of at least 0 is expected")
    return found


def read_rate(value: Any, ring: Ring) -> Polynomial | None:
    """Return lambda: a JSON number or an expression in text; None where there is none."""
    field = "certificate.lambda"
    if isinstance(value, bool):
        raise ProblemInvalid(field, "TEXT_EXPECTED", "a number in text is expected")
    if isinstance(value, int | float):
        # The shortest text that reads back as this number: what the sender wrote.
        return ring.constant(Fraction(repr(value)))
    return None if value is None else read_expression(value, field, ring)


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


def _cuts(raw: Mapping[str, Any], ring: Ring) -> Cuts:
    cuts = raw.get("cuts")
    if not isinstance(cuts, list) or not cuts:
        raise ProblemInvalid("certificate.cuts", "LIST_EXPECTED", "a list of cuts is expected")
    return Cuts(tuple(parse_formula(c, f"certificate.cuts[{i}]", ring) for i, c in enumerate(cuts)))


def _vector(raw: Mapping[str, Any], ring: Ring) -> Vector:
    texts = read_list(raw["exprs"], "certificate.exprs", 1, FUNCTIONS_MAX)
    found = [read_expression(t, f"certificate.exprs[{i}]", ring) for i, t in enumerate(texts)]
    field, size = "certificate.matrix", len(found)
    rows = read_list(raw["matrix"], field, 1, FUNCTIONS_MAX)
    if len(rows) != size:
        raise ProblemInvalid(field, "WRONG_LENGTH", f"{size} rows are expected")
    matrix = []
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != size:
            raise ProblemInvalid(f"{field}[{i}]", "WRONG_LENGTH", f"{size} entries are expected")
        entries = [read_rational(q, f"{field}[{i}][{j}]", ring) for j, q in enumerate(row)]
        for j, entry in enumerate(entries):
            if i != j and entry < 0:
                raise ProblemInvalid(
                    f"{field}[{i}][{j}]", "NOT_METZLER", "only the diagonal may be negative"
                )
        matrix.append(tuple(entries))
    return Vector(tuple(found), tuple(matrix))


def _of_modes(raw: Mapping[str, Any], ring: Ring, modes: tuple[str, ...]) -> tuple[Polynomial, ...]:
    field = "certificate.exprs"
    given = read_object(raw["exprs"], field)
    for name in given:
        if name not in modes:
            raise ProblemInvalid(
                f"{field}.{str(name)[:60]}", "UNKNOWN_NAME", "there is no such mode"
            )
    for name in modes:
        if name not in given:
            raise ProblemInvalid(f"{field}.{name}", "MISSING", "no function for this mode")
    return tuple(read_expression(given[name], f"{field}.{name}", ring) for name in modes)
