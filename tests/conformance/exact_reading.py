"""A second reading of problems, for tests alone: what an obligation says at one rational point.

Nothing is shared with the engine or the checker. Expressions are read by Python's own grammar and
computed with truncated power series, so that a derivative along a direction is a coefficient:
B(x + s f) = B + s dB/dt + ..., and the s^2 coefficient of B(x + s g) is half of g' B'' g.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

ORDER = 3
Series = tuple[Fraction, ...]
Point = Mapping[str, Fraction]
COMPARE: dict[type, Callable[[Fraction, Fraction], bool]] = {
    ast.LtE: operator.le,
    ast.Lt: operator.lt,
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
    ast.Eq: operator.eq,
}


def number(value: Fraction | int) -> Series:
    return (Fraction(value), *[Fraction(0)] * (ORDER - 1))


def times(a: Series, b: Series) -> Series:
    return tuple(sum((a[i] * b[k - i] for i in range(k + 1)), Fraction(0)) for k in range(ORDER))


def series(text: str | ast.expr, at: Mapping[str, Series]) -> Series:
    """Return the value of a polynomial text with the names replaced by series."""
    node = ast.parse(text, mode="eval").body if isinstance(text, str) else text
    if isinstance(node, ast.Constant):
        return number(Fraction(repr(node.value)))
    if isinstance(node, ast.Name):
        return at[node.id]
    if isinstance(node, ast.UnaryOp):
        inner = series(node.operand, at)
        return tuple(-c for c in inner) if isinstance(node.op, ast.USub) else inner
    assert isinstance(node, ast.BinOp)
    left, right = series(node.left, at), series(node.right, at)
    if isinstance(node.op, ast.Add):
        return tuple(a + b for a, b in zip(left, right, strict=True))
    if isinstance(node.op, ast.Sub):
        return tuple(a - b for a, b in zip(left, right, strict=True))
    if isinstance(node.op, ast.Mult):
        return times(left, right)
    if isinstance(node.op, ast.Div):
        assert not any(right[1:])
        return tuple(c / right[0] for c in left)
    assert isinstance(node.op, ast.Pow)
    result = number(1)
    for _ in range(int(right[0])):
        result = times(result, left)
    return result


def value(text: str, at: Point) -> Fraction:
    return series(text, {name: number(x) for name, x in at.items()})[0]


def along(text: str, at: Point, direction: Point, order: int = 1) -> Fraction:
    """Return the coefficient of s^order of the text at x + s * direction."""
    line = {
        name: (x, direction.get(name, Fraction(0)), *[Fraction(0)] * (ORDER - 2))
        for name, x in at.items()
    }
    return series(text, line)[order]


def holds(formula: Any, at: Point) -> bool:
    if formula is None:
        return True
    if isinstance(formula, list):
        return all(holds(part, at) for part in formula)
    if isinstance(formula, dict):
        parts = [holds(part, at) for part in formula.get("and", formula.get("or"))]
        return all(parts) if "and" in formula else any(parts)
    node = ast.parse(formula, mode="eval").body
    assert isinstance(node, ast.Compare)
    numbers = {name: number(x) for name, x in at.items()}
    left, right = series(node.left, numbers)[0], series(node.comparators[0], numbers)[0]
    return COMPARE[type(node.ops[0])](left, right)


def image(dynamics: Mapping[str, str], at: Point) -> dict[str, Fraction]:
    return {name: value(text, at) for name, text in dynamics.items()}


def is_bad(problem: Mapping[str, Any], obligation: str, at: Point) -> bool:
    """Say whether the point shows that the obligation fails."""
    reading = {
        "band": _band,
        "zeroing_cbf": _zeroing,
        "finite_horizon": _finite_horizon,
        "k_inductive": _k_inductive,
        "supermartingale": _supermartingale,
        "invariant": _invariant,
    }
    certificate = problem["certificate"]
    if problem["kind"] == "hybrid":
        return _hybrid(problem, obligation, at)
    if certificate["type"] == "vector":
        return _vector(problem, obligation, at)
    return reading.get(problem["flow_condition"], _plain)(problem, obligation, at)


def _rate(problem: Mapping[str, Any], text: str, at: Point) -> Fraction:
    return along(text, at, image(problem["dynamics"], at))


def _ends(problem: Mapping[str, Any], obligation: str, at: Point) -> bool | None:
    b = value(problem["certificate"]["expr"], at)
    if obligation == "init":
        return holds(problem["init"], at) and b > 0
    if obligation == "unsafe":
        return holds(problem["unsafe"], at) and b <= 0
    return None


def _plain(problem: Mapping[str, Any], obligation: str, at: Point) -> bool:
    ends = _ends(problem, obligation, at)
    if ends is not None:
        return ends
    if not holds(problem["domain"], at):
        return False
    certificate, flow = problem["certificate"], problem["flow_condition"]
    b = value(certificate["expr"], at)
    if flow.startswith("discrete"):
        after = value(certificate["expr"], image(problem["dynamics"], at))
        return after > b if flow == "discrete_decrease" else b <= 0 < after
    rate = _rate(problem, certificate["expr"], at)
    if flow == "everywhere":
        return rate > 0
    if flow == "exponential":
        return rate > value(certificate["lambda"], at) * b
    return b == 0 and (rate >= 0 if flow == "boundary_strict" else rate > 0)


def _band(problem: Mapping[str, Any], obligation: str, at: Point) -> bool:
    ends = _ends(problem, obligation, at)
    if ends is not None:
        return ends
    text = problem["certificate"]["expr"]
    b = value(text, at)
    if not holds(problem["domain"], at) or not 0 <= b <= Fraction(problem["certificate"]["band"]):
        return False
    if problem["kind"] == "discrete":
        return value(text, image(problem["dynamics"], at)) > b
    return _rate(problem, text, at) > 0


def _zeroing(problem: Mapping[str, Any], obligation: str, at: Point) -> bool:
    ends = _ends(problem, obligation, at)
    if ends is not None:
        return ends
    certificate, inputs = problem["certificate"], problem["inputs"]
    bound = value(certificate["lambda"], at) * value(certificate["expr"], at)
    rates = [
        _rate(
            problem,
            certificate["expr"],
            {**at, **dict(zip(inputs["names"], map(Fraction, vertex), strict=True))},
        )
        for vertex in inputs["vertices"]
    ]
    return holds(problem["domain"], at) and all(rate > bound for rate in rates)


def _finite_horizon(problem: Mapping[str, Any], obligation: str, at: Point) -> bool:
    text, t = problem["certificate"]["expr"], at[problem["time"]]
    b = value(text, at)
    if obligation == "init":
        return holds(problem["init"], at) and t == 0 and b > 0
    if not 0 <= t <= Fraction(problem["horizon"]):
        return False
    if obligation == "unsafe":
        return holds(problem["unsafe"], at) and b <= 0
    return holds(problem["domain"], at) and _rate(problem, text, at) > 0


def _vector(problem: Mapping[str, Any], obligation: str, at: Point) -> bool:
    texts = problem["certificate"]["exprs"]
    values = [value(text, at) for text in texts]
    if obligation == "init":
        return holds(problem["init"], at) and any(b > 0 for b in values)
    if obligation == "unsafe":
        return holds(problem["unsafe"], at) and all(b <= 0 for b in values)
    row = int(obligation.removeprefix("flow")) - 1
    weights = map(Fraction, problem["certificate"]["matrix"][row])
    bound = sum(a * b for a, b in zip(weights, values, strict=True))
    return holds(problem["domain"], at) and _rate(problem, texts[row], at) > bound


def _k_inductive(problem: Mapping[str, Any], obligation: str, at: Point) -> bool:
    text, steps = problem["certificate"]["expr"], problem["certificate"]["k"]
    states = [dict(at)]
    for _ in range(steps):
        states.append(image(problem["dynamics"], states[-1]))
    values = [value(text, state) for state in states]
    if obligation == "init":
        return holds(problem["init"], at) and any(b > 0 for b in values[:steps])
    if obligation == "unsafe":
        return holds(problem["unsafe"], at) and values[0] <= 0
    kept = all(holds(problem["domain"], state) for state in states[:steps])
    return kept and all(b <= 0 for b in values[:steps]) and values[steps] > 0


def _supermartingale(problem: Mapping[str, Any], obligation: str, at: Point) -> bool:
    certificate = problem["certificate"]
    text = certificate["expr"]
    b = value(text, at)
    if obligation == "init":
        return holds(problem["init"], at) and b > Fraction(certificate.get("gamma", "0"))
    if obligation == "unsafe":
        return holds(problem["unsafe"], at) and b < 1
    if not holds(problem["domain"], at):
        return False
    if obligation == "nonnegative":
        return b < 0
    drift = Fraction(certificate.get("drift", "0"))
    if problem["kind"] == "stochastic_continuous":
        rate = _rate(problem, text, at)
        for column in problem["diffusion"]:
            rate += along(text, at, image(column, at), order=2)
        return rate > drift
    return _expected(problem, text, at) - b > drift


def _expected(problem: Mapping[str, Any], text: str, at: Point) -> Fraction:
    """Return E[B(f(x, w))] for noises with finitely many values."""
    names = list(problem["noise"])
    total = Fraction(0)
    for draw in product(*(problem["noise"][name]["values"] for name in names)):
        weight, state = Fraction(1), dict(at)
        for name, (outcome, chance) in zip(names, draw, strict=True):
            weight *= Fraction(chance)
            state[name] = Fraction(outcome)
        total += weight * value(text, {**state, **image(problem["dynamics"], state)})
    return total


def _invariant(problem: Mapping[str, Any], obligation: str, at: Point) -> bool:
    """Say whether the trajectory leaves {B <= 0} here at once, in the inner of the domain."""
    ends = _ends(problem, obligation, at)
    if ends is not None:
        return ends
    text = problem["certificate"]["expr"]
    inner = [part.replace("<=", "<").replace(">=", ">") for part in problem["domain"] or []]
    return holds(inner, at) and value(text, at) == 0 and _rate(problem, text, at) > 0


def _hybrid(problem: Mapping[str, Any], obligation: str, at: Point) -> bool:
    modes = {mode["name"]: mode for mode in problem["modes"]}
    texts = problem["certificate"]["exprs"]
    if obligation.startswith("jump"):
        jump = problem["transitions"][int(obligation.removeprefix("jump")) - 1]
        after = {**at, **image(jump["reset"], at)}
        left = holds(modes[jump["from"]]["domain"], at) and value(texts[jump["from"]], at) <= 0
        return left and holds(jump["guard"], at) and value(texts[jump["to"]], after) > 0
    part, _, name = obligation.partition(".")
    flow = {"flow_condition": problem["flow_condition"], "certificate": {"expr": texts[name]}}
    if part != "flow" and modes[name].get(part) is None:
        return False
    return _plain({**modes[name], **flow}, part, at)
