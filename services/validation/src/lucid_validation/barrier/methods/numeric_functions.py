"""Float values and gradients of expanded forms with function terms, by the chain rule. Guides only.

Each opaque term f(a) is one more variable: its value follows from the value of `a`, its gradient
from f'(a) and the gradient of `a`. Arguments use earlier terms only: one pass in order is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lucid_validation.barrier.polynomial import Polynomial, Ring

from .numeric import Family, Floats, family_of

_FUNCTIONS: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats, Floats], Floats]]] = {
    # function -> (value from the argument, derivative from argument and value)
    "sin": (np.sin, lambda a, _: np.cos(a)),
    "cos": (np.cos, lambda a, _: -np.sin(a)),
    "tan": (np.tan, lambda _, f: 1 + f * f),
    "exp": (np.exp, lambda _, f: f),
    "log": (np.log, lambda a, _: 1 / a),
    "sqrt": (np.sqrt, lambda _, f: 0.5 / f),
    "tanh": (np.tanh, lambda _, f: 1 - f * f),
    "abs": (np.abs, lambda a, _: np.sign(a)),
    "inverse": (lambda a: 1 / a, lambda _, f: -f * f),
}


@dataclass(frozen=True, slots=True)
class FunctionFamily:
    """`rows` expanded forms in `variables` variables; the interface of `Family`."""

    rows: int
    variables: int
    outer: Family
    inner: tuple[tuple[int, str, Family], ...]

    def values(self, points: Floats) -> Floats:
        """Return the values, shape (points, rows); not a number where a term has no value."""
        with np.errstate(all="ignore"):
            extended = self._extended(points)
            for slot, function, argument in self.inner:
                a = argument.values(extended[:, : argument.variables])[:, 0]
                extended[:, self.variables + slot] = _FUNCTIONS[function][0](a)
            return self.outer.values(extended)

    def gradients(self, points: Floats) -> Floats:
        """Return the gradients, shape (points, rows, variables)."""
        return self.both(points)[1]

    def both(self, points: Floats) -> tuple[Floats, Floats]:
        """Return values and gradients."""
        with np.errstate(all="ignore"):
            extended = self._extended(points)
            slopes = np.zeros((*extended.shape, self.variables))
            slopes[:, range(self.variables), range(self.variables)] = 1.0
            for slot, function, argument in self.inner:
                width = argument.variables
                value, partial = argument.both(extended[:, :width])
                apply, derivative = _FUNCTIONS[function]
                result = apply(value[:, 0])
                outer = derivative(value[:, 0], result)
                chained = (partial @ slopes[:, :width])[:, 0]
                extended[:, self.variables + slot] = result
                slopes[:, self.variables + slot] = outer[:, None] * chained
            values, partials = self.outer.both(extended)
            return values, partials @ slopes

    def _extended(self, points: Floats) -> Floats:
        found = np.zeros((len(points), self.outer.variables))
        found[:, : self.variables] = points
        return found


def function_family_of(
    polynomials: Sequence[Polynomial], ring: Ring, sizes: Floats
) -> FunctionFamily:
    """Return the float family of expanded forms of `ring` that have function terms.

    Points are given in multiples of `sizes`, one for each variable.
    """
    count = len(ring.variables)
    used: set[int] = set()
    for polynomial in polynomials:
        _collect(polynomial, ring, used)
    inner = tuple(
        (slot, function, _family([argument], count + slot, sizes, scaled=False))
        for slot in sorted(used)
        for function, argument in [ring.opaque_terms[slot]]
    )
    width = count + max(used, default=-1) + 1
    outer = _family(polynomials, width, sizes, scaled=True)
    return FunctionFamily(len(polynomials), count, outer, inner)


def _family(
    polynomials: Sequence[Polynomial], width: int, sizes: Floats, *, scaled: bool
) -> Family:
    padded = np.concatenate([sizes, np.ones(width - len(sizes))])
    return family_of(polynomials, width, scaled=scaled, sizes=padded)


def _collect(polynomial: Polynomial, ring: Ring, used: set[int]) -> None:
    for slot, degree in enumerate(polynomial.degrees()[len(ring.variables) :]):
        if degree > 0 and slot not in used:
            used.add(slot)
            _collect(ring.opaque_terms[slot][1], ring, used)
