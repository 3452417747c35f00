"""From a composed problem to what the monitor needs: barrier, rates, and boxes."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lucid_dream.saga.expression import (
    Expression,
    ExpressionInvalid,
    Interval,
    Symbol,
    enclose,
    names_of,
    parse_expression,
)
from lucid_dream.saga.monitor import Guard, names_needed

MEASURED = "a"
"""The name of modelled arousal in every seed's model."""

_RELATION = re.compile(r"<=|>=|==|<|>")


class ModelNotMonitorable(Exception):
    """The model has no barrier over names that a monitor could know."""


def guard_of(
    problem: Mapping[str, Any], *, cap: float, horizon_s: float, silence_s: float = 30.0
) -> Guard:
    """Return the guard of a composed problem (the JSON object of the evidence format).

    Parameters and disturbances get the box that the domain gives them; states start in the box
    of `init`. Where neither gives a bound there is none, and the monitor then stops at once.

    Raises:
        ModelNotMonitorable: There is no single barrier, no state `a`, or text out of the grammar.
    """
    try:
        barrier = parse_expression(str(problem["certificate"]["expr"]))
        rates = {name: parse_expression(text) for name, text in problem["dynamics"].items()}
        box = _box(problem)
    except (ExpressionInvalid, KeyError, TypeError) as error:
        raise ModelNotMonitorable(f"the model cannot be watched: {error}") from error
    parameters = set(problem.get("parameters") or ())
    dynamics = {name: rate for name, rate in rates.items() if name not in parameters}
    if MEASURED not in dynamics:
        raise ModelNotMonitorable(f"the model has no state {MEASURED}")
    guard = Guard(
        barrier=barrier,
        dynamics=dynamics,
        box=box,
        measured=MEASURED,
        cap=cap,
        horizon_s=horizon_s,
        silence_s=silence_s,
    )
    if names_needed(guard):
        raise ModelNotMonitorable("the barrier has names that nothing bounds")
    return guard


def _box(problem: Mapping[str, Any]) -> dict[str, Interval]:
    box: dict[str, Interval] = dict.fromkeys(problem["vars"], (-math.inf, math.inf))
    for entry in (*(problem.get("domain") or ()), problem["init"]):
        for name, low, high in _bounds(entry):
            if name in box:
                box[name] = (max(box[name][0], low), min(box[name][1], high))
    return box


def _bounds(formula: Any) -> Iterator[tuple[str, float, float]]:
    """Yield (name, low, high) of the atoms of a conjunction that bound one name by a constant."""
    if isinstance(formula, Mapping):
        for each in formula.get("and", ()):
            yield from _bounds(each)
        return
    parts = _RELATION.split(formula)
    relation = _RELATION.search(formula)
    if relation is None or len(parts) != 2:
        return
    left, right = (parse_expression(part) for part in parts)
    op = relation.group().rstrip("=") or "=="
    if isinstance(left, Symbol) and not names_of(right):
        yield _bound(left.name, op, right)
    elif isinstance(right, Symbol) and not names_of(left):
        yield _bound(right.name, {"<": ">", ">": "<"}.get(op, op), left)


def _bound(name: str, op: str, constant: Expression) -> tuple[str, float, float]:
    low, high = enclose(constant, {})
    if op == "<":
        return name, -math.inf, high
    if op == ">":
        return name, low, math.inf
    return name, low, high
