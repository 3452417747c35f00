"""A conjunction as floats: functions with values and gradients, and bounds. Guides only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .numeric import Floats

_BAD = 1e300
_ON_SURFACE = 1e-7


class Model(Protocol):
    """Values and gradients of several functions at many points."""

    def values(self, points: Floats) -> Floats:
        """Return the values, shape (points, functions)."""
        ...

    def both(self, points: Floats) -> tuple[Floats, Floats]:
        """Return values and gradients, (points, functions) and (points, functions, variables)."""
        ...


@dataclass(frozen=True, slots=True)
class Region:
    """The first `inequalities` functions of the model are slacks, the others equations.

    `lower` and `upper` have one entry per variable, infinite where there is no bound; where both
    are equal the variable is fixed. Everything is in multiples of `sizes` (powers of two, so that
    changing to them is exact): boxes of very different sides become alike.
    """

    model: Model
    inequalities: int
    equations: int
    lower: Floats
    upper: Floats
    sizes: Floats

    def smallest(self, values: Floats) -> Floats:
        """Return the smallest slack of known values, zero where there is none."""
        m = self.inequalities
        worst = values[:, :m].min(axis=1) if m else np.zeros(len(values))
        return np.asarray(np.nan_to_num(worst, nan=-_BAD, posinf=_BAD, neginf=-_BAD))

    def merit(self, points: Floats) -> Floats:
        """Return the smallest slack, less the values of the equations."""
        with np.errstate(all="ignore"):
            return self.roughly(self.model.values(points))

    def roughly(self, values: Floats) -> Floats:
        """Return the same from known values of the model."""
        off = np.abs(values[:, self.inequalities :]).sum(axis=1)
        return np.asarray(np.nan_to_num(self.smallest(values) - off, nan=-_BAD, neginf=-_BAD))

    def height(self, points: Floats, values: Floats, slopes: Floats) -> Floats:
        """Return the smallest slack of points on all surfaces; the others rank below, by distance.

        The distance is that of first order, relative to the size of the point.
        """
        m, slack = self.inequalities, self.smallest(values)
        if not self.equations:
            return slack
        reach = np.sqrt((slopes[:, m:] ** 2).sum(axis=2)) + 1e-300
        size = 1.0 + np.sqrt((points * points).sum(axis=1))
        off = (np.abs(values[:, m:]) / reach).sum(axis=1) / size
        off = np.nan_to_num(off, nan=1.0, posinf=1.0)
        far = -_BAD * np.minimum(off, 1.0)
        return np.asarray(np.where(off < _ON_SURFACE, slack, far))

    def clip(self, points: Floats) -> Floats:
        """Return the points moved into the bounds; what is not finite becomes finite."""
        bounded = np.clip(points, self.lower, self.upper)
        return np.nan_to_num(bounded, nan=0.0, posinf=1e12, neginf=-1e12)
