"""What some kinds of systems have beyond dynamics and sets: inputs, noise, time, modes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .errors import ProblemInvalid
from .formula import Atom, Formula, parse_formula
from .noise import Distribution
from .polynomial import Polynomial, Ring, terms
from .reading import (
    check_variable,
    only_fields,
    read_conjunction,
    read_dynamics,
    read_expression,
    read_list,
    read_names,
    read_object,
    read_rational,
)

VERTICES_MAX = 64
MODES_MAX = 32
TRANSITIONS_MAX = 256
PROCESSES_MAX = 64


@dataclass(frozen=True, slots=True)
class Inputs:
    """Names of inputs and the vertices of their polytope, one value for each name."""

    names: tuple[str, ...]
    vertices: tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True, slots=True)
class Mode:
    """One mode of a hybrid system. `init` and `unsafe` are None where it has none."""

    name: str
    dynamics: Mapping[str, Polynomial]
    domain: tuple[Formula, ...]
    init: Formula | None
    unsafe: Formula | None


@dataclass(frozen=True, slots=True)
class Transition:
    """A jump between the modes numbered `source` and `target`; `reset` has every variable."""

    source: int
    target: int
    guard: tuple[Formula, ...]
    reset: Mapping[str, Polynomial]


@dataclass(frozen=True, slots=True)
class Extras:
    """The parts of a problem that only some kinds have."""

    inputs: Inputs = Inputs((), ())
    noise: Mapping[str, Distribution] = field(default_factory=dict)
    diffusion: tuple[Mapping[str, Polynomial], ...] = ()
    time: str | None = None
    horizon: Fraction | None = None
    modes: tuple[Mode, ...] = ()
    transitions: tuple[Transition, ...] = ()


def read_inputs(value: Any, ring: Ring, parameters: frozenset[str]) -> Inputs:
    """Return the inputs; each is a variable and no parameter."""
    raw = read_object(value, "inputs")
    only_fields(raw, "inputs", ("names", "vertices"))
    names = read_names(raw.get("names"), "inputs.names")
    if not names:
        raise ProblemInvalid("inputs.names", "EMPTY", "at least one input is expected")
    for i, name in enumerate(names):
        check_variable(name, f"inputs.names[{i}]", ring, parameters)
    vertices = []
    for i, vertex in enumerate(read_list(raw.get("vertices"), "inputs.vertices", 1, VERTICES_MAX)):
        where = f"inputs.vertices[{i}]"
        if not isinstance(vertex, list) or len(vertex) != len(names):
            raise ProblemInvalid(where, "WRONG_LENGTH", f"{len(names)} values are expected")
        vertices.append(
            tuple(read_rational(q, f"{where}[{j}]", ring) for j, q in enumerate(vertex))
        )
    return Inputs(tuple(names), tuple(vertices))


def read_diffusion(value: Any, ring: Ring, parameters: frozenset[str]) -> tuple[Any, ...]:
    """Return one mapping variable -> expression for each Wiener process."""
    found = []
    for j, column in enumerate(read_list(value, "diffusion", 1, PROCESSES_MAX)):
        where = f"diffusion[{j}]"
        entries = {}
        for name, text in read_object(column, where).items():
            check_variable(name, f"{where}.{str(name)[:60]}", ring, parameters)
            entries[name] = read_expression(text, f"{where}.{name}", ring)
        found.append(entries)
    return tuple(found)


def read_horizon(value: Any, ring: Ring, *, steps: bool) -> Fraction:
    """Return a positive horizon; with `steps` a whole number of them, in text or as a number."""
    if steps and isinstance(value, int) and not isinstance(value, bool):
        found = Fraction(value)
    else:
        found = read_rational(value, "horizon", ring)
    if steps and found.denominator != 1:
        raise ProblemInvalid("horizon", "INTEGER_EXPECTED", "a number of steps is expected")
    if found <= 0:
        raise ProblemInvalid("horizon", "NOT_POSITIVE", "a horizon is positive")
    return found


def read_modes(value: Any, ring: Ring, parameters: frozenset[str]) -> tuple[Mode, ...]:
    """Return the modes; domain, init and unsafe may be left out."""
    found: list[Mode] = []
    for i, entry in enumerate(read_list(value, "modes", 1, MODES_MAX)):
        where = f"modes[{i}]"
        raw = read_object(entry, where)
        only_fields(raw, where, ("name", "dynamics", "domain", "init", "unsafe"))
        (name,) = read_names([raw.get("name")], f"{where}.name")
        if name in [mode.name for mode in found]:
            raise ProblemInvalid(f"{where}.name", "DUPLICATE_NAME", f"{name} is listed twice")
        dynamics = read_dynamics(raw.get("dynamics"), f"{where}.dynamics", ring, parameters)
        _, domain = read_conjunction(raw.get("domain"), f"{where}.domain", ring)
        sets = [
            None if raw.get(key) is None else parse_formula(raw[key], f"{where}.{key}", ring)
            for key in ("init", "unsafe")
        ]
        found.append(Mode(name, dynamics, domain, *sets))
    return tuple(found)


def read_transitions(
    value: Any, modes: tuple[str, ...], ring: Ring, parameters: frozenset[str]
) -> tuple[Transition, ...]:
    """Return the jumps; a variable without an entry in `reset` keeps its value."""
    found = []
    for i, entry in enumerate(read_list(value, "transitions", 0, TRANSITIONS_MAX)):
        where = f"transitions[{i}]"
        raw = read_object(entry, where)
        only_fields(raw, where, ("from", "to", "guard", "reset"))
        ends = []
        for key in ("from", "to"):
            if raw.get(key) not in modes:
                raise ProblemInvalid(f"{where}.{key}", "UNKNOWN_NAME", "there is no such mode")
            ends.append(modes.index(raw[key]))
        guard = raw.get("guard")
        if isinstance(guard, list):
            _, parts = read_conjunction(guard, f"{where}.guard", ring)
        else:
            parts = (parse_formula(guard, f"{where}.guard", ring),)
        reset = _reset(raw.get("reset"), f"{where}.reset", ring, parameters)
        found.append(Transition(ends[0], ends[1], parts, reset))
    return tuple(found)


def _reset(value: Any, where: str, ring: Ring, parameters: frozenset[str]) -> dict[str, Polynomial]:
    found = dict(zip(ring.variables, ring.generators, strict=False))
    for name, text in read_object({} if value is None else value, where).items():
        check_variable(name, f"{where}.{str(name)[:60]}", ring, parameters)
        found[name] = read_expression(text, f"{where}.{name}", ring)
    return found


def check_absent(
    names: Iterable[str], parts: Iterable[tuple[str, Formula | Polynomial | None]], ring: Ring
) -> None:
    """Refuse inputs or noise outside of the dynamics: there they have no value."""
    slots = [ring.variables.index(name) for name in names]
    for where, part in parts:
        for polynomial in _polynomials(part):
            if ring.mentions(polynomial, slots):
                raise ProblemInvalid(where, "ONLY_IN_DYNAMICS", f"{', '.join(names)} occurs here")


def _polynomials(part: Any) -> Iterable[Polynomial]:
    if part is None:
        return
    if isinstance(part, Atom):
        yield part.polynomial
    elif hasattr(part, "children"):
        for child in part.children:
            yield from _polynomials(child)
    else:
        yield part


def check_still(names: Iterable[str], dynamics: Mapping[str, Polynomial]) -> None:
    """Refuse an input or a noise variable that has dynamics of its own."""
    for name in names:
        if len(dynamics[name]):
            raise ProblemInvalid(f"dynamics.{name}", "NOT_ZERO", 'this variable has "0" here')


def check_affine(names: tuple[str, ...], dynamics: Mapping[str, Polynomial], ring: Ring) -> None:
    """Refuse dynamics of a degree above 1 in the inputs together, or an input in a function."""
    slots = [ring.variables.index(name) for name in names]
    for name, rate in dynamics.items():
        degree = max((sum(e[k] for k in slots) for e in terms(rate)), default=0)
        inside = any(ring.mentions(a, slots) for a in ring.arguments_of(rate))
        if degree > 1 or inside:
            raise ProblemInvalid(
                f"dynamics.{name}", "NOT_AFFINE_IN_INPUTS", "degree 1 at most in the inputs"
            )
