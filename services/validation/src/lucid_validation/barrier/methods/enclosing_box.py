"""The box that a case itself implies: from constraints affine in one variable, and from balls."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from lucid_validation.barrier.conditions import Case
from lucid_validation.barrier.polynomial import Exponents, terms

Bound = tuple[Fraction, int]


@dataclass(frozen=True, slots=True)
class ImpliedBox:
    """Bounds (value, index of the constraint that gives it) per variable; None = unbounded.

    `faces` are the constraints that say nothing beyond the box.
    """

    lower: tuple[Bound | None, ...]
    upper: tuple[Bound | None, ...]
    faces: frozenset[int]

    def is_bounded(self, used: list[int]) -> bool:
        """Say whether every variable in `used` has both bounds."""
        return all(self.lower[k] is not None and self.upper[k] is not None for k in used)

    def range_of(self, variable: int) -> tuple[Fraction | None, Fraction | None]:
        """Return the (lower, upper) values of one variable."""
        low, high = self.lower[variable], self.upper[variable]
        return (low and low[0]), (high and high[0])


def root_above(value: Fraction) -> Fraction:
    """Return a short rational r >= sqrt(value), within 2^-20 relatively; exact for squares."""
    if value == 0:
        return Fraction(0)
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    shift = max(0, 24 - (value.numerator.bit_length() - value.denominator.bit_length()) // 2)
    scaled = value * 4**shift
    return Fraction(isqrt(scaled.numerator // scaled.denominator + 1) + 1, 2**shift)


def implied_box(case: Case) -> ImpliedBox:
    """Return the bounds of a plain case that its single constraints give."""
    count = len(case.variables)
    lower: list[Bound | None] = [None] * count
    upper: list[Bound | None] = [None] * count
    faces: set[int] = set()
    balls: dict[tuple[int, int], tuple[Fraction, Fraction]] = {}

    def tighten(k: int, low: Fraction | None, high: Fraction | None, index: int) -> None:
        known_low, known_high = lower[k], upper[k]
        if low is not None and (known_low is None or low > known_low[0]):
            lower[k] = (low, index)
        if high is not None and (known_high is None or high < known_high[0]):
            upper[k] = (high, index)

    for index, atom in enumerate(case.constraints):
        found = terms(atom.polynomial)
        affine = _affine(found)
        if affine is not None:
            variable, slope, offset = affine
            edge = -offset / slope
            both = atom.sense == "=="
            tighten(
                variable,
                edge if slope > 0 or both else None,
                edge if slope < 0 or both else None,
                index,
            )
            if not both:
                faces.add(index)
        elif atom.sense != "==":
            for variable, middle, radius in _ball(found, count):
                tighten(variable, middle - radius, middle + radius, index)
                balls[variable, index] = (middle - radius, middle + radius)
    for variable in range(count):
        _reconcile(variable, (lower, upper), balls, faces)
    return ImpliedBox(tuple(lower), tuple(upper), frozenset(faces))


def _reconcile(
    variable: int,
    ends: tuple[list[Bound | None], list[Bound | None]],
    balls: dict[tuple[int, int], tuple[Fraction, Fraction]],
    faces: set[int],
) -> None:
    """Where two constraints contradict each other by their bounds, keep the range of one ball.

    An interval with its ends crossed is no box to search; on the ball's the other one is violated.
    """
    low, high = ends[0][variable], ends[1][variable]
    if low is None or high is None or low[0] <= high[0]:
        return
    for kept, other in ((low, high), (high, low)):
        if (variable, kept[1]) in balls:
            first, last = balls[variable, kept[1]]
            ends[0][variable], ends[1][variable] = (first, kept[1]), (last, kept[1])
            faces.discard(other[1])
            return


def _affine(found: dict[Exponents, Fraction]) -> tuple[int, Fraction, Fraction] | None:
    """Return (variable, slope, offset) of an affine polynomial in exactly one variable."""
    linear = [(e, value) for e, value in found.items() if any(e)]
    if len(linear) != 1 or sum(linear[0][0]) != 1:
        return None
    exponents, slope = linear[0]
    offset = found.get((0,) * len(exponents), Fraction(0))
    return exponents.index(1), slope, offset


def _ball(found: dict[Exponents, Fraction], count: int) -> list[tuple[int, Fraction, Fraction]]:
    """Return (variable, middle, radius) for `c - sum a_i (x_i - m_i)^2` with all a_i > 0."""
    square: dict[int, Fraction] = {}
    linear: dict[int, Fraction] = {}
    constant = Fraction(0)
    for exponents, value in found.items():
        support = [k for k, e in enumerate(exponents) if e]
        if not support:
            constant = value
        elif len(support) > 1 or exponents[support[0]] > 2:
            return []
        else:
            (square if exponents[support[0]] == 2 else linear)[support[0]] = value
    if not square or any(v > 0 for v in square.values()) or set(linear) - set(square):
        return []
    constant += sum(
        (linear.get(k, Fraction(0)) ** 2 / (-4 * a) for k, a in square.items()), Fraction(0)
    )
    if constant < 0:
        return []
    return [
        (k, linear.get(k, Fraction(0)) / (-2 * a), root_above(constant / -a))
        for k, a in square.items()
        if k < count
    ]
