"""Points of sets: quasi-random in their boxes, and pushed to their boundaries. Guides only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.cases import Case, cases_of
from lucid_validation.barrier.formula import Formula
from lucid_validation.barrier.methods.enclosing_box import implied_box
from lucid_validation.barrier.methods.numeric import Family, Floats, family_of, halton
from lucid_validation.barrier.polynomial import Ring

_BATCHES = 24
_BISECTIONS = 30
_TOLERANCE = 1e-9
_WIDTH = 3.0

Box = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Piece:
    """One conjunction: `constraints >= 0` (the rows in `equations` are `== 0`) and its own box.

    Bounds are infinite where the conjunction gives none.
    """

    constraints: Family | None
    equations: NDArray[np.bool_]
    lower: Floats
    upper: Floats

    def contains(self, points: Floats) -> NDArray[np.bool_]:
        """Say which points, shape (points, variables), belong to it, up to rounding."""
        if self.constraints is None:
            return np.ones(len(points), dtype=bool)
        values = self.constraints.values(points)
        held = np.where(self.equations, np.abs(values) <= _TOLERANCE, values >= -_TOLERANCE)
        return np.asarray(held.all(axis=1))

    def within(self, box: Box) -> Box:
        """Return its own box, with the sides of `box` where it has none."""
        lower = np.where(np.isfinite(self.lower), self.lower, np.minimum(box[0], self.upper - 1))
        upper = np.where(np.isfinite(self.upper), self.upper, np.maximum(box[1], self.lower + 1))
        return lower, upper


@dataclass(frozen=True, slots=True)
class Region:
    """A union of pieces, looked at inside of a box."""

    pieces: tuple[Piece, ...]
    box: Box

    def contains(self, points: Floats) -> NDArray[np.bool_]:
        """Say which points belong to it."""
        found = np.zeros(len(points), dtype=bool)
        for piece in self.pieces:
            found |= piece.contains(points)
        return found

    def sample(self, count: int, skip: int) -> Floats:
        """Return about `count` points, half of them pushed outwards to the boundary.

        `skip` is the place in the quasi-random sequence. Fewer, or none, where the region is thin.
        """
        share = max(2, count // max(1, len(self.pieces)))
        found = [self._of_piece(piece, share, skip + 7 * i) for i, piece in enumerate(self.pieces)]
        dimensions = len(self.box[0])
        return np.concatenate(found) if found else np.zeros((0, dimensions))

    def _of_piece(self, piece: Piece, count: int, skip: int) -> Floats:
        lower, upper = piece.within(self.box)
        found: list[Floats] = []
        have = 0
        for batch in range(_BATCHES):
            unit = halton(count, len(lower), skip + batch * count)
            points = lower + unit * (upper - lower)
            points = points[piece.contains(points)]
            found.append(points)
            have += len(points)
            if have >= count:
                break
        inside = np.concatenate(found)[:count]
        half = len(inside) // 2
        return np.concatenate([inside[half:], _pushed(piece, inside[:half], (lower, upper), skip)])


def _pushed(piece: Piece, points: Floats, box: Box, skip: int) -> Floats:
    """Return the points moved to where they are about to leave the piece, or its box."""
    if not len(points):
        return points
    lower, upper = box
    width = np.maximum(upper - lower, 1e-12)
    direction = (halton(len(points), points.shape[1], 3 * skip + 11) - 0.5) * width
    # A third of the rays run along one axis: corners and faces of boxes are where bounds bite.
    axis = np.arange(len(points)) % points.shape[1]
    along = np.arange(len(points)) % 3 == 0
    direction[along] = 0.0
    direction[along, axis[along]] = np.where(axis[along] % 2, width[axis[along]], -1) * 1.0
    low, high = np.zeros(len(points)), np.full(len(points), 4.0)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        moved = np.clip(points + middle[:, None] * direction, lower, upper)
        held = piece.contains(moved)
        low, high = np.where(held, middle, low), np.where(held, high, middle)
    return np.asarray(np.clip(points + low[:, None] * direction, lower, upper))


def pieces_of(formulas: Sequence[Formula], ring: Ring) -> tuple[Piece, ...]:
    """Return the pieces of a conjunction of formulas over polynomials."""
    return tuple(_piece(case) for case in cases_of(formulas, ring))


def _piece(case: Case) -> Piece:
    count = len(case.variables)
    atoms = [a for a in case.constraints if not a.polynomial.is_constant()]
    box = implied_box(case)
    lower = [-np.inf if b is None else float(b[0]) for b in box.lower]
    upper = [np.inf if b is None else float(b[0]) for b in box.upper]
    family = family_of([a.polynomial for a in atoms], count) if atoms else None
    equations = np.array([a.sense == "==" for a in atoms], dtype=bool)
    return Piece(family, equations, np.array(lower), np.array(upper))


def working_box(domain: Sequence[Piece], sets: Sequence[Piece]) -> Box:
    """Return the box to look at: the domain's own, else around the sets with as much again."""
    count = len(sets[0].lower) if sets else len(domain[0].lower)
    lower, upper = np.zeros(count), np.zeros(count)
    for k in range(count):
        inner = _hull([float(b[k]) for p in sets for b in (p.lower, p.upper)])
        room = inner[1] - inner[0]
        outer = _hull([float(b[k]) for p in domain for b in (p.lower, p.upper)], inner)
        low = min((float(p.lower[k]) for p in domain), default=-np.inf)
        high = max((float(p.upper[k]) for p in domain), default=np.inf)
        lower[k] = low if np.isfinite(low) else min(outer[0], inner[0]) - room / 2
        upper[k] = high if np.isfinite(high) else max(outer[1], inner[1]) + room / 2
    return lower, upper


def _hull(
    ends: list[float], default: tuple[float, float] = (-_WIDTH, _WIDTH)
) -> tuple[float, float]:
    finite = [end for end in ends if np.isfinite(end)]
    if not finite:
        return default
    low, high = min(finite), max(finite)
    return (low, high) if high > low else (low - 1.0, high + 1.0)
