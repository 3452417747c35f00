"""Exact rational points on surfaces and on intersections of surfaces, near a float point.

All variables but one per equation are rounded; the equations are then solved exactly for the rest
where that is possible in rationals: linear ones always, others by their rational roots. On a
quadric one rational point gives rational points everywhere, by the lines through it [Mordell1969].
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, islice
from typing import Any

from flint import fmpq_poly

from lucid_validation.barrier.polynomial import Polynomial, fraction, rational

from .elimination import Reduced
from .evidence import evaluate
from .falsifier_confirm import Bounds
from .numeric import Floats

_COARSE = (1, 2, 10, 8)
_FINE = (2**6, 2**10, 2**20, 2**33)
_CHOICES = 24


def easy_points(
    reduced: Reduced, equations: Sequence[Polynomial], candidate: Floats, bounds: Bounds
) -> Iterator[list[Fraction]]:
    """Yield points, as values of the free variables, that linear variables of one equation give."""
    if len(equations) != 1:
        return
    (equation,) = equations
    degrees = equation.degrees()
    for k in (k for k in reduced.free if degrees[k] == 1):
        for denominator in (*_COARSE, *_FINE):
            full = _rounded(candidate, denominator, bounds)
            if _solve(equation, full, k, float(candidate[k])):
                yield [full[i] for i in reduced.free]


def other_points(
    reduced: Reduced,
    equations: Sequence[Polynomial],
    candidate: Floats,
    bounds: Bounds,
    *,
    thorough: bool,
) -> Iterator[list[Fraction]]:
    """Yield points, as values of the free variables, where all equations vanish by good luck."""
    free = reduced.free
    if len(equations) == 1:
        found = _by_roots(equations[0], candidate, free, bounds, thorough=thorough)
    else:
        found = _on_several(equations, candidate, free, bounds)
    for full in found:
        yield [full[k] for k in free]


def _rounded(candidate: Floats, denominator: int, bounds: Bounds) -> list[Fraction]:
    values = [Fraction(round(v * denominator), denominator) for v in candidate.tolist()]
    return bounds.clip(values)


def _by_roots(
    equation: Polynomial, candidate: Floats, free: Sequence[int], bounds: Bounds, *, thorough: bool
) -> Iterator[list[Fraction]]:
    degrees = equation.degrees()
    curved = [k for k in free if degrees[k] > 1]
    base: list[Fraction] | None = None
    for denominator in _COARSE if thorough else _COARSE[:2]:
        for k in curved:
            full = _rounded(candidate, denominator, bounds)
            if _solve(equation, full, k, float(candidate[k])):
                base = full
                yield full
    if base is not None and int(equation.total_degree()) == 2:
        yield from _through(equation, base, candidate)


def _through(
    quadric: Polynomial, base: list[Fraction], candidate: Floats
) -> Iterator[list[Fraction]]:
    """Yield points of the quadric near a float point, on lines through one of its points."""
    for denominator in (2**4, 2**10, 2**20, 2**33):
        direction = [
            Fraction(round((v - float(b)) * denominator), denominator)
            for v, b in zip(candidate.tolist(), base, strict=True)
        ]
        ahead = [b + d for b, d in zip(base, direction, strict=True)]
        behind = [b - d for b, d in zip(base, direction, strict=True)]
        # q(base + s d) = a s^2 + b s with a, b from its values at s = 1 and s = -1.
        plus, minus = evaluate(quadric, ahead), evaluate(quadric, behind)
        square, linear = (plus + minus) / 2, (plus - minus) / 2
        if square:
            s = -linear / square
            yield [b + s * d for b, d in zip(base, direction, strict=True)]


def _on_several(
    equations: Sequence[Polynomial], candidate: Floats, free: Sequence[int], bounds: Bounds
) -> Iterator[list[Fraction]]:
    occurs = [k for k in free if any(p.degrees()[k] > 0 for p in equations)]
    for denominator in (*_COARSE, *_FINE):
        full = _rounded(candidate, denominator, bounds)
        if all(evaluate(p, full) == 0 for p in equations):
            yield full
        for unknowns in islice(combinations(occurs, len(equations)), _CHOICES):
            found = _solve_all(list(equations), list(full), set(unknowns), candidate)
            if found is not None:
                yield found


def _solve_all(
    equations: list[Polynomial], full: list[Fraction], unknowns: set[int], candidate: Floats
) -> list[Fraction] | None:
    """Solve for the unknowns one after the other, each from an equation with no other unknown."""
    while equations:
        for place, equation in enumerate(equations):
            inside = [k for k in unknowns if equation.degrees()[k] > 0]
            if len(inside) > 1:
                continue
            if not inside:
                if evaluate(equation, full) != 0:
                    return None
            else:
                k = inside[0]
                if not _solve(equation, full, k, float(candidate[k])):
                    return None
                unknowns.discard(k)
            del equations[place]
            break
        else:
            return None
    return full


def _solve(equation: Polynomial, full: list[Fraction], k: int, near: float) -> bool:
    """Set variable number k to the rational root next to `near`; say whether there is one."""
    along = _along(equation, full, k)
    if along.degree() < 1:
        return bool(along.degree() < 0 or along[0] == 0)
    roots = rational_roots(along)
    if not roots:
        return False
    full[k] = min(roots, key=lambda root: abs(float(root) - near))
    return True


def _along(equation: Polynomial, full: Sequence[Fraction], k: int) -> Any:
    """Return the univariate polynomial in variable number k with the others as in `full`."""
    values = [rational(v) for v in full]
    count = len(values)
    found: dict[int, Any] = {}
    for exponents, coefficient in equation.to_dict().items():
        product = coefficient
        for i in range(count):
            power = exponents[i]
            if power and i != k:
                product *= values[i] ** int(power)
        degree = int(exponents[k])
        found[degree] = found.get(degree, 0) + product
    return fmpq_poly([found.get(d, 0) for d in range(max(found, default=0) + 1)])


def rational_roots(along: Any) -> list[Fraction]:
    """Return the distinct rational roots of a polynomial that is not constant."""
    if along.degree() == 1:
        return [fraction(-along[0] / along[1])]
    _, factors = along.factor()
    return [fraction(-f[0] / f[1]) for f, _ in factors if f.degree() == 1]
