"""Small readers that the parts of a problem share; each names the path of what it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from .errors import ProblemInvalid
from .expression import FUNCTIONS, parse_expression
from .formula import And, Formula, guarded, parse_formula
from .limits import LIMITS
from .polynomial import Polynomial, Ring, constant_value
from .quick_expression import read_expression as read_quickly

_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]{0,63}")


def read_names(value: Any, field: str) -> list[str]:
    """Return a list of distinct names, none of them a function."""
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


def read_list(value: Any, field: str, least: int, most: int) -> list[Any]:
    """Return a list of `least` to `most` entries."""
    if not isinstance(value, list) or len(value) < least:
        raise ProblemInvalid(field, "LIST_EXPECTED", f"a list of {least} or more is expected")
    if len(value) > most:
        raise ProblemInvalid(field, "TOO_MANY", f"limit {most}, found {len(value)}")
    return value


def read_object(value: Any, field: str) -> Mapping[str, Any]:
    """Return a JSON object."""
    if not isinstance(value, Mapping):
        raise ProblemInvalid(field, "OBJECT_EXPECTED", "an object is expected")
    return value


def only_fields(value: Mapping[str, Any], field: str, allowed: tuple[str, ...]) -> None:
    """Refuse a key that means nothing here: it would be hashed and never read."""
    for key in value:
        if key not in allowed:
            where = f"{field}.{str(key)[:60]}"
            raise ProblemInvalid(where, "UNKNOWN_FIELD", f"one of {', '.join(allowed)} is expected")


def read_expression(value: Any, field: str, ring: Ring) -> Polynomial:
    """Return the expanded form of an expression's text."""
    if not isinstance(value, str):
        raise ProblemInvalid(field, "TEXT_EXPECTED", "an expression in text is expected")
    quick = read_quickly(value, ring.by_name)
    if quick is not None:
        return ring.lift(quick)
    names = frozenset(ring.variables)
    return guarded(field, lambda: ring.expand(parse_expression(value, names)))


def read_rational(value: Any, field: str, ring: Ring) -> Fraction:
    """Return a constant in text: a decimal or a fraction, exactly."""
    found = constant_value(read_expression(value, field, ring))
    if found is None:
        raise ProblemInvalid(field, "NUMBER_EXPECTED", "a number in text is expected")
    return found


def read_dynamics(
    value: Any, field: str, ring: Ring, parameters: frozenset[str], *, discrete: bool = False
) -> dict[str, Polynomial]:
    """Return one expression for every variable; a parameter does not move.

    A discrete parameter has itself as its next state, whatever its entry says.
    """
    found = {
        name: read_expression(text, f"{field}.{name}", ring)
        for name, text in _entries(value, field, ring)
    }
    for name in sorted(parameters):
        if discrete:
            found[name] = ring.generators[ring.variables.index(name)]
        elif len(found[name]):
            raise ProblemInvalid(f"{field}.{name}", "PARAMETER_MOVES", 'a parameter has "0" here')
    return found


def _entries(value: Any, field: str, ring: Ring) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        raise ProblemInvalid(field, "OBJECT_EXPECTED", "an object variable -> expression")
    for name in value:
        if name not in ring.variables:
            raise ProblemInvalid(f"{field}.{name}", "UNKNOWN_NAME", "not listed in vars")
    for name in ring.variables:
        if name not in value:
            raise ProblemInvalid(f"{field}.{name}", "MISSING", "no expression for this variable")
    return [(name, value[name]) for name in ring.variables]


def read_conjunction(
    value: Any, field: str, ring: Ring
) -> tuple[Formula | None, tuple[Formula, ...]]:
    """Return a conjunction and its children; (None, ()) where there is none."""
    if value is None:
        return None, ()
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list):
        raise ProblemInvalid(field, "LIST_EXPECTED", "a list of relations or null is expected")
    children = tuple(parse_formula(v, f"{field}[{i}]", ring) for i, v in enumerate(value))
    return And(children), children


def check_variable(name: Any, where: str, ring: Ring, parameters: frozenset[str]) -> None:
    """Refuse a name that is no variable, or that is a parameter."""
    if name not in ring.variables:
        raise ProblemInvalid(where, "UNKNOWN_NAME", "not listed in vars")
    if name in parameters:
        raise ProblemInvalid(where, "IS_PARAMETER", "a parameter does not change")
