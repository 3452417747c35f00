"""Runs the search kernel in slices and keeps what it says: one `Exploration` is one search.

Two kernels do the same operations in the same order: compiled code (`kernel_native`) where it was
made, else NumPy (`kernel_arrays`). Linking the compiled one costs more than a few boxes, so a
process starts with NumPy and changes over in the middle of the first search that goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from . import kernel_arrays, kernel_native
from . import kernel_loops as k
from .kernel_loops import Search

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mode = Literal["auto", "arrays", "native"]
Dyadic = tuple[tuple[int, int], ...]

SENSES = {">=": k.AT_LEAST, ">": k.ABOVE, "==": k.EQUAL}
_FIRST_BOXES = 24
_SLICE_OPERATIONS = 4_000_000
_SLICE_MAX = 2_048
_ASKS = 24


@dataclass(frozen=True, slots=True)
class Root:
    """The constraints on the whole box.

    `tensor` (m, d_1 + 1, ..., d_n + 1): coefficients, each row scaled by a power of two to at most
    1; `errors` (m): bounds on the distance to the exact ones; `senses` (m) of `SENSES`.
    """

    tensor: Floats
    errors: Floats
    senses: tuple[int, ...]

    @property
    def degrees(self) -> tuple[int, ...]:
        """The degree along each axis."""
        return tuple(count - 1 for count in self.tensor.shape[1:])


@dataclass(slots=True)
class Exploration:
    """One search. `codes` and `weights` hold the tree so far in preorder, slice by slice."""

    search: Search
    root: Root
    mode: Mode = "auto"
    done: int = 0
    codes: list[NDArray[np.int32]] = field(default_factory=list)
    weights: list[Floats] = field(default_factory=list)
    abandoned: list[Dyadic] = field(default_factory=list)
    linked: Callable[[int], int] | None = None

    def advance(self, limit: int) -> int:
        """Work on at most `limit` boxes and no longer than some milliseconds; return why it ended.

        The status is one of `kernel_loops`: `PAUSED` may go on, questions wait on the top box.
        """
        slice_max = len(self.search.code)
        if self.linked is None and self._wants_native():
            native = kernel_native.load()
            self.linked = native.explorer(self.search) if native else None
        if self.linked is not None:
            status = self.linked(min(limit, slice_max))
        else:
            status = kernel_arrays.explore(self.search, min(limit, slice_max, _FIRST_BOXES))
        nodes, rows = int(self.search.info[k.NODES]), len(self.root.senses)
        if nodes:
            self.codes.append(self.search.code[:nodes].copy())
            self.weights.append(self.search.weights[: nodes * rows].reshape(nodes, rows).copy())
        self.done += nodes
        return status

    def _wants_native(self) -> bool:
        if self.mode != "auto":
            return self.mode == "native"
        return self.done >= _FIRST_BOXES or kernel_native.is_loaded()

    def close_top(self, constraint: int) -> None:
        """Close the box on top by one constraint, which the caller has checked exactly."""
        row = np.zeros((1, len(self.root.senses)))
        row[0, constraint] = 1.0
        self.codes.append(np.array([k.LEAF], dtype=np.int32))
        self.weights.append(row)
        self.search.info[k.TOP] -= 1
        self.search.info[k.SKIPS] = 0

    def abandon_top(self) -> None:
        """Leave the box on top open and go on: nothing is proved any more, but points are found.

        From now on the search is shallow: it looks everywhere, and no longer closely.
        """
        self.abandoned.append(self.top())
        axes = len(self.root.degrees)
        self.search.info[k.DEPTH_MAX] = min(self.search.info[k.DEPTH_MAX], 12 + 4 * axes)
        self.search.info[k.TOP] -= 1
        self.search.info[k.SKIPS] = 0

    def decline(self, question: int) -> None:
        """Answer a question by no: the box on top is not asked about again."""
        bit = k.SKIP_CORNER if question == k.CORNER else k.SKIP_TOUCH
        self.search.info[k.SKIPS] |= bit

    def box(self, slot: int) -> Dyadic:
        """Return (place, level) per axis of the box in a slot."""
        axes = int(self.search.info[k.AXES])
        places = self.search.place[slot * axes : (slot + 1) * axes]
        levels = self.search.level[slot * axes : (slot + 1) * axes]
        return tuple((int(p), int(e)) for p, e in zip(places, levels, strict=True))

    def top(self) -> Dyadic:
        """Return the box on top."""
        return self.box(int(self.search.info[k.TOP]) - 1)

    def pending(self) -> list[Dyadic]:
        """Return the boxes that are still open."""
        return self.abandoned + [
            self.box(slot) for slot in reversed(range(int(self.search.info[k.TOP])))
        ]

    def corner(self) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
        """Return the corner that the kernel asks about, and the middle of its box, in [0, 1]^n."""
        sides = np.unravel_index(
            int(self.search.info[k.WHICH]), [min(d, 1) + 1 for d in self.root.degrees]
        )
        box = self.top()
        corner = tuple(
            Fraction(p + int(side), 2**e) for (p, e), side in zip(box, sides, strict=True)
        )
        return corner, tuple(Fraction(2 * p + 1, 2 ** (e + 1)) for p, e in box)


def prepare(
    root: Root, *, cancel: NDArray[np.uint8] | None = None, nodes: int | None = None
) -> Search:
    """Return the arrays of a new search; `cancel` (1) may be shared with other searches.

    One call of the kernel works on at most `nodes` boxes: by default as many as take milliseconds.
    """
    rows, axes = len(root.senses), len(root.degrees)
    size = prod(d + 1 for d in root.degrees)
    depth = 40 + 10 * axes
    slots = depth + 2
    operations = rows * size * (axes + 4)
    nodes = nodes or max(8, min(_SLICE_MAX, _SLICE_OPERATIONS // operations))
    info = np.zeros(k.INFO_SIZE, dtype=np.int64)
    corners = _corners(root.degrees)
    info[[k.TOP, k.ASKS, k.ROWS, k.SIZE]] = 1, _ASKS, rows, size
    info[[k.AXES, k.CORNERS, k.DEPTH_MAX]] = axes, len(corners), depth
    coef, err = np.empty(slots * rows * size), np.zeros(slots * rows)
    coef[: rows * size], err[:rows] = root.tensor.ravel(), root.errors
    return Search(
        coef=coef,
        err=err,
        level=np.zeros(slots * axes, dtype=np.int64),
        place=np.zeros(slots * axes, dtype=np.int64),
        senses=np.array(root.senses, dtype=np.int64),
        degrees=np.array(root.degrees, dtype=np.int64),
        strides=_strides(root.degrees),
        corners=corners,
        scratch=np.zeros(8 * rows + 2 * (max(root.degrees) + 1) ** 2),
        info=info,
        code=np.zeros(nodes, dtype=np.int32),
        weights=np.zeros(nodes * rows),
        cancel=np.zeros(1, dtype=np.uint8) if cancel is None else cancel,
    )


def begin(
    root: Root, *, mode: Mode = "auto", cancel: NDArray[np.uint8] | None = None
) -> Exploration:
    """Return a search that has not begun yet."""
    return Exploration(prepare(root, cancel=cancel), root, mode)


def _strides(degrees: Sequence[int]) -> Integers:
    return np.array(
        [prod(d + 1 for d in degrees[axis + 1 :]) for axis in range(len(degrees))], dtype=np.int64
    )


def _corners(degrees: Sequence[int]) -> Integers:
    """Return the offsets of the corner coefficients, in order of `unravel_index`."""
    places = np.zeros(1, dtype=np.int64)
    for degree, stride in zip(degrees, _strides(degrees), strict=True):
        ends = np.array([0, degree * stride] if degree else [0], dtype=np.int64)
        places = (places[:, None] + ends).ravel()
    return places
