"""More of the compiled kernel's source: from powers to Bernstein coefficients, and many searches.

The same rules as in `kernel_loops`: flat arrays, nothing allocated, nothing raised.
"""

from __future__ import annotations

from typing import Any

from .kernel_loops import (
    ASKS,
    AXES,
    CORNER,
    CORNERS,
    EQUAL,
    NODES,
    PAUSED,
    ROUNDING,
    ROWS,
    SIZE,
    SKIP_CORNER,
    SKIPS,
    TOP,
    WHICH,
    Search,
    explore,
)

# A corner where every constraint holds by its value and error bound, and not only perhaps.
SURE_CORNER = 6
# The conversion lost too many digits to cancellation.
COARSE = 7
COARSE_ERROR = 1e-9


def magnitude(s: Search, row: int, box: Any) -> float:
    """Return sum |a_e| r^e over the power coefficients of a row, r the largest |x| on the box."""
    axes = s.info[AXES]
    total = 0.0
    for i in range(s.info[SIZE]):
        value = abs(s.coef[row * s.info[SIZE] + i])
        if value == 0.0:
            continue
        for k in range(axes):
            radius = max(abs(box[k]), abs(box[axes + k]))
            for _ in range(i // s.strides[k] % (s.degrees[k] + 1)):
                value *= radius
        total += value
    return total


def conversion(s: Search, degree: int, low: float, high: float) -> int:
    """Write the matrix from powers of x to Bernstein coefficients to scratch; return its offset.

    Entry (i, k) is the mean of the products of k among i times `high` and degree - i times `low`
    (the blossom of x^k): no differences are taken that the polynomial does not have. [Farouki2012]
    """
    at: int = 8 * s.info[ROWS]
    count = degree + 1
    for i in range(count):
        row = at + i * count
        s.scratch[row] = 1.0
        for k in range(1, count):
            s.scratch[row + k] = 0.0
        for r in range(degree):
            value = low
            if r < i:
                value = high
            for k in range(r + 1, 0, -1):
                s.scratch[row + k] += value * s.scratch[row + k - 1]
        chosen = 1.0
        for k in range(1, count):
            chosen = chosen * (degree - k + 1) / k
            s.scratch[row + k] /= chosen
    return at


def convert_axis(s: Search, axis: int, low: float, high: float) -> None:
    """Multiply every line of slot 0 along an axis by its conversion; slot 1 is overwritten."""
    matrix = conversion(s, s.degrees[axis], low, high)
    count, stride = s.degrees[axis] + 1, s.strides[axis]
    total = s.info[ROWS] * s.info[SIZE]
    for start in range(0, total, stride * count):
        for line in range(start, start + stride):
            for i in range(count):
                value = 0.0
                for k in range(count):
                    value += s.scratch[matrix + i * count + k] * s.coef[line + k * stride]
                s.coef[total + line + i * stride] = value
    for i in range(total):
        s.coef[i] = s.coef[total + i]


def from_powers(s: Search, box: Any) -> bool:
    """Turn the power coefficients in slot 0 into the root on a box; False where digits are lost.

    `box`: n lower ends, then n upper ends. The factor of each row, a power of two, goes to
    scratch[7*m + j], its error bound to err[j]. [Higham2002]
    """
    rows, size, axes = s.info[ROWS], s.info[SIZE], s.info[AXES]
    operations = 8.0
    for k in range(axes):
        operations += 3.0 * s.degrees[k] + 8.0
    for j in range(rows):
        s.err[j] = 1.05 * operations * ROUNDING * magnitude(s, j, box) + 1e-300
    for k in range(axes):
        convert_axis(s, k, box[k], box[axes + k])
    good = True
    for j in range(rows):
        largest = 0.0
        for i in range(j * size, (j + 1) * size):
            largest = max(largest, abs(s.coef[i]))
        good = good and largest < 1e200 and s.err[j] <= COARSE_ERROR * largest
        factor = scale_of(largest)
        s.scratch[7 * rows + j] = factor
        s.err[j] *= factor
        for i in range(j * size, (j + 1) * size):
            s.coef[i] *= factor
    return good


def scale_of(largest: float) -> float:
    """Return the power of two that brings a size into (1/2, 1]; 1 where it is out of range."""
    factor = 1.0
    if 1e-200 < largest < 1e200:
        while largest * factor > 1.0:
            factor *= 0.5
        while largest * factor <= 0.5:
            factor *= 2.0
    return factor


def restart(s: Search, asks: int) -> None:
    """Begin a search with the root that lies in slot 0."""
    for k in range(s.info[AXES]):
        s.level[k] = 0
        s.place[k] = 0
    s.info[TOP] = 1
    s.info[SKIPS] = 0
    s.info[ASKS] = asks


def sure_corner(s: Search) -> int:
    """Return a corner of the box on top where every inequality surely holds, else -1."""
    rows, size = s.info[ROWS], s.info[SIZE]
    at = (s.info[TOP] - 1) * rows
    for c in range(s.info[CORNERS]):
        good = True
        for j in range(rows):
            value = s.coef[(at + j) * size + s.corners[c]]
            good = good and s.senses[j] != EQUAL and value > s.err[at + j]
        if good:
            return c
    return -1


def explore_powers(s: Search, box: Any, limit: int) -> int:
    """Run one search whose power coefficients lie in slot 0; a first question ends it."""
    if not from_powers(s, box):
        return COARSE
    restart(s, 1)
    return explore(s, limit)


def explore_surely(s: Search, limit: int) -> int:
    """Explore at most `limit` boxes; a corner ends it only where no constraint is in doubt."""
    left = limit
    while True:
        status = explore(s, left)
        left -= s.info[NODES]
        if status != CORNER:
            return status
        corner = sure_corner(s)
        if corner >= 0:
            s.info[WHICH] = corner
            return SURE_CORNER
        s.info[SKIPS] |= SKIP_CORNER
        if left <= 0:
            return PAUSED


def explore_many(s: Search, roots: Any, answers: Any, both: int) -> int:
    """Run one search of at most `both mod 2^32` boxes for each of `both div 2^32` members.

    `roots` has m*N coefficients and m error bounds for each member; `answers` gets the status and
    the corner, then `level` and `place` of the box that was on top when it ended (2 + 2n each).
    """
    count, limit = both >> 32, both & 0xFFFFFFFF
    rows, size, axes = s.info[ROWS], s.info[SIZE], s.info[AXES]
    for member in range(count):
        at = member * (rows * size + rows)
        for i in range(rows * size):
            s.coef[i] = roots[at + i]
        for j in range(rows):
            s.err[j] = roots[at + rows * size + j]
        restart(s, 1)
        status = explore_surely(s, limit)
        out = member * (2 + 2 * axes)
        answers[out] = status
        answers[out + 1] = s.info[WHICH]
        slot = max(0, s.info[TOP] - 1)
        for k in range(axes):
            answers[out + 2 + k] = s.level[slot * axes + k]
            answers[out + 2 + axes + k] = s.place[slot * axes + k]
    return count
