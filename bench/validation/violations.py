"""Seeded problems whose certificate fails by a chosen tiny height, in 2 to 9 variables.

A Lyapunov-like polynomial V over coupled cubic dynamics; one obligation is violated by `height`
times the range of its left-hand side over its set, so that the violating region is a thin lens
round one tangency. The largest value is found in floats by many starts of SLSQP, which shares
nothing with the engine's search. Kinds:

    init        max of B over the initial set (ball or box) is height * range
    exponential max of L - lambda*B over a box is height * range
    everywhere  max of L over a shell is height * range, by a destabilising multiple of x
    surface     max of L over B = 0 is height * range (boundary_strict), in the same way
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

KINDS = ("init", "exponential", "everywhere", "surface")
DIMENSIONS = tuple(range(2, 10))
_OBLIGATION = {"init": "init", "exponential": "flow", "everywhere": "flow", "surface": "flow"}

Floats = NDArray[np.float64]
Terms = dict[tuple[int, ...], Fraction]


@dataclass(frozen=True, slots=True)
class Violation:
    """A problem object, the obligation that fails, and by how much relative to its range."""

    problem: dict[str, Any]
    obligation: str
    kind: str
    dimension: int
    height: float


def violation(kind: str, dimension: int, height: float, seed: int) -> Violation:
    """Return one problem; the same arguments give the same problem."""
    rng = random.Random(f"{kind}/{dimension}/{seed}")
    n = dimension
    v, field = _lyapunov(rng, n, quartic=seed % 2 == 1), _field(rng, n)
    build = {"init": _init, "exponential": _exponential, "everywhere": _shell, "surface": _surface}
    problem = build[kind](rng, v, field, n, height)
    problem["id"] = f"violation-{kind}-{n}d-{height:g}-{seed}"
    return Violation(problem, _OBLIGATION[kind], kind, n, height)


def _grid(rng: random.Random, low: float, high: float) -> Fraction:
    return Fraction(rng.randint(round(low * 64), round(high * 64)), 64)


def _unit(n: int, **powers: int) -> tuple[int, ...]:
    found = [0] * n
    for name, power in powers.items():
        found[int(name[1:])] += power
    return tuple(found)


def _lyapunov(rng: random.Random, n: int, *, quartic: bool) -> Terms:
    found: Terms = {}
    for i in range(n):
        found[_unit(n, **{f"x{i}": 2})] = _grid(rng, 0.75, 1.5)
        for j in range(i + 1, n):
            found[_unit(n, **{f"x{i}": 1, f"x{j}": 1})] = _grid(rng, -0.5, 0.5) / (n - 1)
        if quartic:
            found[_unit(n, **{f"x{i}": 4})] = _grid(rng, 0.1, 0.4)
            j = (i + 1) % n
            if j != i:
                found[_unit(n, **{f"x{i}": 2, f"x{j}": 2})] = _grid(rng, 0, 0.3)
    return {e: q for e, q in found.items() if q}


def _field(rng: random.Random, n: int) -> list[Terms]:
    """Return coupled cubic spirals: damping, rotation in a ring, cubic damping and coupling."""
    turn = [_grid(rng, -1, 1) for _ in range(n)]
    found: list[Terms] = []
    for i in range(n):
        after, before = (i + 1) % n, (i - 1) % n
        rate: Terms = {
            _unit(n, **{f"x{i}": 1}): -_grid(rng, 0.5, 1.5),
            _unit(n, **{f"x{i}": 3}): -_grid(rng, 0.25, 1),
        }
        _add(rate, _unit(n, **{f"x{after}": 1}), turn[i])
        _add(rate, _unit(n, **{f"x{before}": 1}), -turn[before])
        if n > 2:
            mixed = [0] * n
            mixed[i] += 1
            mixed[after] += 2
            _add(rate, tuple(mixed), _grid(rng, -0.3, 0.3))
        found.append(rate)
    return found


def _add(terms: Terms, exponents: tuple[int, ...], value: Fraction) -> None:
    terms[exponents] = terms.get(exponents, Fraction(0)) + value
    if not terms[exponents]:
        del terms[exponents]


def _derivative(terms: Terms, k: int) -> Terms:
    found: Terms = {}
    for e, q in terms.items():
        if e[k]:
            _add(found, (*e[:k], e[k] - 1, *e[k + 1 :]), q * e[k])
    return found


def _product(a: Terms, b: Terms) -> Terms:
    found: Terms = {}
    for e, p in a.items():
        for f, q in b.items():
            _add(found, tuple(i + j for i, j in zip(e, f, strict=True)), p * q)
    return found


def _lie(v: Terms, field: list[Terms]) -> Terms:
    found: Terms = {}
    for k, rate in enumerate(field):
        for e, q in _product(_derivative(v, k), rate).items():
            _add(found, e, q)
    return found


def _text(terms: Terms) -> str:
    parts = [
        "*".join([f"({q})", *(f"x{i + 1}**{power}" for i, power in enumerate(exponents) if power)])
        for exponents, q in terms.items()
    ]
    return " + ".join(parts) or "0"


class _Function:
    """Float values and gradients of a polynomial, for one point."""

    def __init__(self, terms: Terms, n: int) -> None:
        self._parts = [_arrays(terms, n), *(_arrays(_derivative(terms, k), n) for k in range(n))]

    def value(self, x: Floats) -> float:
        return _evaluate(self._parts[0], x)

    def gradient(self, x: Floats) -> Floats:
        return np.array([_evaluate(part, x) for part in self._parts[1:]])


def _arrays(terms: Terms, n: int) -> tuple[Floats, Floats]:
    exponents = np.array(list(terms), dtype=float).reshape(-1, n)
    return exponents, np.array([float(q) for q in terms.values()])


def _evaluate(part: tuple[Floats, Floats], x: Floats) -> float:
    exponents, values = part
    return float(values @ np.prod(x**exponents, axis=1)) if len(values) else 0.0


def _largest(
    value: Callable[[Floats], float],
    slope: Callable[[Floats], Floats],
    starts: list[Floats],
    constraints: list[dict[str, Any]],
    bounds: list[tuple[float, float]] | None,
) -> float:
    """Return the largest value found; where none is found, minus infinity."""
    best = -np.inf
    for start in starts:
        solved = minimize(
            lambda x: -value(x),
            start,
            jac=lambda x: -slope(x),
            method="SLSQP",
            bounds=bounds,
            constraints=constraints,
            options={"ftol": 1e-15, "maxiter": 200},
        )
        tight = all(
            abs(c["fun"](solved.x)) < 1e-9 if c["type"] == "eq" else c["fun"](solved.x) > -1e-9
            for c in constraints
        )
        if tight and np.isfinite(solved.fun):
            best = max(best, -float(solved.fun))
    if not np.isfinite(best):
        raise ArithmeticError("no start reached the set")
    return best


def _starts(rng: random.Random, n: int, count: int = 24) -> list[Floats]:
    return [np.array([rng.gauss(0, 1) for _ in range(n)]) for _ in range(count)]


def _level(top: float, spread: float, height: float) -> Fraction:
    return Fraction(round((top - height * spread) * 10**15), 10**15)


def _frame(n: int, barrier: str, field: list[Terms], flow: str) -> dict[str, Any]:
    names = [f"x{i + 1}" for i in range(n)]
    return {
        "kind": "continuous",
        "vars": names,
        "parameters": [],
        "dynamics": {name: _text(rate) for name, rate in zip(names, field, strict=True)},
        "domain": None,
        "init": {"and": [f"{name} == 0" for name in names]},
        "unsafe": {"and": [f"{names[0]} >= 100"]},
        "certificate": {"type": "barrier", "expr": barrier},
        "flow_condition": flow,
    }


def _init(
    rng: random.Random, v: Terms, field: list[Terms], n: int, height: float
) -> dict[str, Any]:
    centre = [_grid(rng, -0.5, 0.5) for _ in range(n)]
    radius = Fraction(rng.randint(20, 45), 64)
    middle = np.array([float(c) for c in centre])
    reach = float(radius)
    function = _Function(v, n)
    names = [f"x{i + 1}" for i in range(n)]
    starts = [middle + reach * s / max(1.0, float(np.linalg.norm(s))) for s in _starts(rng, n)]
    if rng.random() < 0.5:
        constraints: list[dict[str, Any]] = [
            {
                "type": "ineq",
                "fun": lambda x: reach**2 - float((x - middle) @ (x - middle)),
                "jac": lambda x: -2 * (x - middle),
            }
        ]
        bounds = None
        squares = " + ".join(f"({x} - ({c}))**2" for x, c in zip(names, centre, strict=True))
        init = [f"{squares} <= {radius**2}"]
    else:
        constraints, bounds = [], [(c - reach, c + reach) for c in middle]
        init = [
            text
            for x, c in zip(names, centre, strict=True)
            for text in (f"{x} >= {c - radius}", f"{x} <= {c + radius}")
        ]
    top = _largest(function.value, function.gradient, starts, constraints, bounds)
    bottom = -_largest(
        lambda x: -function.value(x), lambda x: -function.gradient(x), starts, constraints, bounds
    )
    level = _level(top, top - bottom, height)
    problem = _frame(n, f"{_text(v)} - ({level})", field, "everywhere")
    problem["init"] = {"and": init}
    return problem


def _exponential(
    rng: random.Random, v: Terms, field: list[Terms], n: int, height: float
) -> dict[str, Any]:
    rate = Fraction(rng.randint(10, 14), 4)
    excess = _lie(v, field)
    for e, q in v.items():
        _add(excess, e, rate * q)
    function, side = _Function(excess, n), 1.5
    bounds = [(-side, side)] * n
    starts = [np.clip(s, -side, side) for s in _starts(rng, n)]
    top = _largest(function.value, function.gradient, starts, [], bounds)
    bottom = -_largest(
        lambda x: -function.value(x), lambda x: -function.gradient(x), starts, [], bounds
    )
    level = _level(top, top - bottom, height) / rate
    problem = _frame(n, f"{_text(v)} - ({level})", field, "exponential")
    problem["certificate"]["lambda"] = f"-({rate})"
    names = problem["vars"]
    problem["domain"] = [text for x in names for text in (f"{x} >= -3/2", f"{x} <= 3/2")]
    return problem


def _push(
    rng: random.Random,
    v: Terms,
    field: list[Terms],
    n: int,
    height: float,
    constraints: list[dict[str, Any]],
) -> list[Terms]:
    """Return the field plus m*x, with m such that the largest L on the set is the height."""
    spin = _lie(v, [{_unit(n, **{f"x{i}": 1}): Fraction(1)} for i in range(n)])
    top_of, below = _Function(_lie(v, field), n), _Function(spin, n)

    def ratio(x: Floats) -> float:
        return top_of.value(x) / below.value(x)

    def slope(x: Floats) -> Floats:
        return np.asarray((top_of.gradient(x) - ratio(x) * below.gradient(x)) / below.value(x))

    starts = _starts(rng, n)
    top = _largest(ratio, slope, starts, constraints, None)
    bottom = -_largest(lambda x: -ratio(x), lambda x: -slope(x), starts, constraints, None)
    push = -_level(top, top - bottom, height)
    found = [dict(rate) for rate in field]
    for i, rate in enumerate(found):
        _add(rate, _unit(n, **{f"x{i}": 1}), push)
    return found


def _shell(
    rng: random.Random, v: Terms, field: list[Terms], n: int, height: float
) -> dict[str, Any]:
    inner, outer = Fraction(1, 4), Fraction(9, 4)
    constraints: list[dict[str, Any]] = [
        {"type": "ineq", "fun": lambda x: float(x @ x) - 0.25, "jac": lambda x: 2 * x},
        {"type": "ineq", "fun": lambda x: 2.25 - float(x @ x), "jac": lambda x: -2 * x},
    ]
    moved = _push(rng, v, field, n, height, constraints)
    problem = _frame(n, f"{_text(v)} - 1", moved, "everywhere")
    size = " + ".join(f"{x}**2" for x in problem["vars"])
    problem["domain"] = [f"{size} >= {inner}", f"{size} <= {outer}"]
    return problem


def _surface(
    rng: random.Random, v: Terms, field: list[Terms], n: int, height: float
) -> dict[str, Any]:
    function = _Function(v, n)
    constraints: list[dict[str, Any]] = [
        {"type": "eq", "fun": lambda x: function.value(x) - 1.0, "jac": function.gradient}
    ]
    moved = _push(rng, v, field, n, height, constraints)
    problem = _frame(n, f"{_text(v)} - 1", moved, "boundary_strict")
    if rng.random() < 0.5:
        # The surface lies inside; some searches need a bounded box.
        names = problem["vars"]
        problem["domain"] = [text for x in names for text in (f"{x} >= -2", f"{x} <= 2")]
    return problem
