"""Counterexamples to cases with function terms: float search, rigorous confirmation by balls.

A point counts only if ball arithmetic shows every constraint strictly; an equation never passes.
[Johansson2017]
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Polynomial, Ring, constant_value, rational, terms

from .enclosing_box import implied_box
from .enclosure import Enclosures
from .evidence import Witness, values_json
from .falsifier import roundings
from .numeric import halton

_STARTS = 4_000
_BITS = 160

Floats = NDArray[np.float64]


def attempt(case: Case, budget: Budget, seed: int) -> Witness | None:
    """Return a confirmed point, or None. Not applicable where an equation is left."""
    if any(a.sense == "==" and constant_value(a.polynomial) != 0 for a in case.constraints):
        return None
    points = _starts(case, seed)
    worst = _merit(case, points)
    for row in np.argsort(-worst, kind="stable")[:4]:
        for candidate in (points[row], _climb(case, points[row])):
            for values in roundings([float(v) for v in candidate]):
                if _holds(case, values):
                    return Witness({"type": "point", "values": values_json(case, values)})
            if budget.remaining() <= 0:
                return None
    return None


def _starts(case: Case, seed: int) -> Floats:
    ring = case.ring
    plain = tuple(a for a in case.constraints if ring.is_plain(a.polynomial))
    box = implied_box(Case(plain, ring, plain=True))
    unit = halton(_STARTS, len(ring.variables), 17 + 1000 * seed)
    wide = np.tan(np.pi * (unit - 0.5) * 0.97) * 2.0
    for k in range(len(ring.variables)):
        low, high = box.range_of(k)
        if low is not None and high is not None:
            wide[:, k] = float(low) + unit[:, k] * float(high - low)
        elif low is not None:
            wide[:, k] = float(low) + np.abs(wide[:, k])
        elif high is not None:
            wide[:, k] = float(high) - np.abs(wide[:, k])
    return wide


def _merit(case: Case, points: Floats) -> Floats:
    """Return the smallest constraint value at each point; undefined counts as very bad."""
    here = Enclosures(case.ring, points, points)
    values = np.stack([here.of(a.polynomial).lower for a in case.constraints])
    return np.asarray(np.nan_to_num(values.min(axis=0), nan=-1e300, neginf=-1e300, posinf=1e300))


def _climb(case: Case, start: Floats) -> Floats:
    """Maximise the smallest constraint value from a start, without derivatives."""
    from scipy.optimize import minimize

    solved = minimize(
        lambda x: -float(_merit(case, x[None])[0]),
        start,
        method="Nelder-Mead",
        options={"maxiter": 200, "maxfev": 300},
    )
    return np.asarray(solved.x)


def _holds(case: Case, values: Sequence[Fraction]) -> bool:
    before = ctx.prec
    ctx.prec = _BITS
    try:
        for atom in case.constraints:
            value = _ball(case.ring, atom.polynomial, values)
            if not (value > 0 or (atom.sense != ">" and value == 0)):
                return False
        return True
    finally:
        ctx.prec = before


def _ball(ring: Ring, polynomial: Polynomial, values: Sequence[Fraction]) -> Any:
    total = arb(0)
    count = len(ring.variables)
    for exponents, coefficient in terms(polynomial).items():
        product = arb(rational(coefficient))
        for generator, power in enumerate(exponents):
            if not power:
                continue
            if generator < count:
                factor = arb(rational(values[generator]))
            else:
                function, argument = ring.opaque_terms[generator - count]
                factor = _function(function, _ball(ring, argument, values))
            product *= factor**power
        total += product
    return total


def _function(function: str, value: Any) -> Any:
    if function == "inverse":
        return 1 / value
    if function == "abs":
        return abs(value)
    return getattr(value, function)()
