"""Eigenvalues of Hermitian matrices, `LANES` at a time.

Householder reflections make each matrix tridiagonal [Golub2013], the rational QL iteration
makes that diagonal [Parlett1998], as LAPACK's zhetd2 and dsterf do: backward stable, so that
every eigenvalue is within a few d units of rounding of ‖A‖.

`w` is the workspace, its parts at the places of `Places`. Entry (i, j), j <= i, of the matrix in
lane l is w[real + (i d + j) LANES + lane] and the same from `imag`; the upper triangle is not used.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

LANES = 32
_SCRATCH_ROWS = 9
SWEEPS_MAX = 40
"""QL steps for one eigenvalue; two or three are usual, and thirty are what LAPACK allows."""
_NEGLIGIBLE = 2.0**-104
"""Square of an off-diagonal entry beside the product of its neighbours: rounding, squared."""
_ROUNDING_OF_NORM = 2.0**-116
"""The same beside ‖A‖², far enough below rounding to be lost in it."""
_NOTHING = 1e-300
"""Sums of squares that count as 0. The steps themselves make such between the blocks of a nearly
diagonal matrix; a denormal number has few digits, and its inverse may be infinite."""
_SMALLEST_NORM = 1e-140
"""Sums of entries that may be lost with squares that count as 0."""
_CONTRADICTION = 64 * 2.0**-52
"""Relative to the norm, for each level: far above the errors of a backward stable method."""


class Places(NamedTuple):
    """Where the parts of the workspace begin; `d` is the dimension."""

    d: int
    real: int
    imag: int
    vector_real: int
    vector_imag: int
    image_real: int
    image_imag: int
    diagonal: int
    squares: int
    scratch: int


def workspace_size(d: int) -> int:
    """Return how many numbers the workspace has."""
    return (2 * d * d + 6 * d + _SCRATCH_ROWS) * LANES


def places(d: int) -> Places:
    """Return the places for a dimension."""
    matrix, rows = d * d * LANES, d * LANES
    after = 2 * matrix
    return Places(
        d,
        0,
        matrix,
        after,
        after + rows,
        after + 2 * rows,
        after + 3 * rows,
        after + 4 * rows,
        after + 5 * rows,
        after + 6 * rows,
    )


def eigenvalues(
    data: Floats, order: Integers, count: int, d: int, w: Floats, result: Floats
) -> int:
    """Write the ascending eigenvalues of `count` matrices to `result`, (count, d).

    `data` holds (count, d, d) complex numbers as pairs; entry (i, j) of what is decomposed is
    number order[i d + j] of a matrix. Returns in how many groups of lanes one did not converge or
    contradicts the trace or the norm of its matrix.
    """
    at = places(d)
    failed = 0
    for base in range(0, count, LANES):
        load(data, order, base, count, w, at)
        moments(w, at)
        tridiagonal(w, at)
        failed += rational_ql(w, at) + contradicted(w, at)
        ascending(w, at)
        for lane in range(min(LANES, count - base)):
            for i in range(d):
                result[(base + lane) * d + i] = w[at.diagonal + i * LANES + lane]
    return failed


def load(data: Floats, order: Integers, base: int, count: int, w: Floats, at: Places) -> None:
    """Bring one group of matrices into the lanes; the last group repeats its last matrix."""
    d = at.d
    for lane in range(LANES):
        start = 2 * d * d * min(base + lane, count - 1)
        for i in range(d):
            for j in range(i + 1):
                number = start + 2 * order[i * d + j]
                entry = (i * d + j) * LANES + lane
                w[at.real + entry] = data[number]
                w[at.imag + entry] = data[number + 1]


def moments(w: Floats, at: Places) -> None:
    """Keep Tr A and ‖A‖², which the eigenvalues must give again."""
    trace, square = at.scratch + 7 * LANES, at.scratch + 8 * LANES
    for lane in range(LANES):
        w[trace + lane] = 0.0
        w[square + lane] = 0.0
    for i in range(at.d):
        for j in range(i + 1):
            entry = (i * at.d + j) * LANES
            weight = 1.0 if i == j else 2.0
            for lane in range(LANES):
                x, y = w[at.real + entry + lane], w[at.imag + entry + lane]
                w[square + lane] += weight * (x * x + (0.0 if i == j else y * y))
        entry = (i * at.d + i) * LANES
        for lane in range(LANES):
            w[trace + lane] += w[at.real + entry + lane]


def contradicted(w: Floats, at: Places) -> int:
    """Return 0 if all eigenvalues add up to the trace and their squares to ‖A‖², or 1.

    An error far above rounding, or a NaN, breaks one of the two.
    """
    trace, square = at.scratch + 7 * LANES, at.scratch + 8 * LANES
    total, squares = at.scratch, at.scratch + LANES
    for lane in range(LANES):
        w[total + lane] = -w[trace + lane]
        w[squares + lane] = -w[square + lane]
    for i in range(at.d):
        row = at.diagonal + i * LANES
        for lane in range(LANES):
            w[total + lane] += w[row + lane]
            w[squares + lane] += w[row + lane] * w[row + lane]
    allowed, wrong = at.d * _CONTRADICTION, 0.0
    for lane in range(LANES):
        norm = math.sqrt(w[square + lane])
        agrees = abs(w[total + lane]) <= allowed * norm + _SMALLEST_NORM
        agrees = agrees and abs(w[squares + lane]) <= allowed * w[square + lane] + _NOTHING
        wrong += 0.0 if agrees else 1.0
    return 0 if wrong == 0.0 else 1


def tridiagonal(w: Floats, at: Places) -> None:
    """Reduce to tridiagonal form: the diagonal and the squares of the entries beside it.

    The squares suffice for eigenvalues, so that no phase is kept.
    """
    d, scratch = at.d, at.scratch
    for k in range(d - 1):
        column(w, at, k)
        for lane in range(LANES):
            w[at.diagonal + k * LANES + lane] = w[at.real + (k * d + k) * LANES + lane]
            w[at.squares + k * LANES + lane] = w[scratch + lane]
        if k < d - 2:
            reflector(w, at, k + 1)
            image(w, at, k + 1)
            shorten(w, at, k + 1)
            update(w, at, k + 1)
    for lane in range(LANES):
        w[at.diagonal + (d - 1) * LANES + lane] = w[at.real + (d * d - 1) * LANES + lane]


def column(w: Floats, at: Places, k: int) -> None:
    """Copy column k below the diagonal to the vector; its squared length goes to the scratch."""
    d, square = at.d, at.scratch
    for lane in range(LANES):
        w[square + lane] = 0.0
    for i in range(k + 1, d):
        entry, row = (i * d + k) * LANES, i * LANES
        for lane in range(LANES):
            w[at.vector_real + row + lane] = w[at.real + entry + lane]
            w[at.vector_imag + row + lane] = w[at.imag + entry + lane]
        for lane in range(LANES):
            w[square + lane] += w[at.real + entry + lane] * w[at.real + entry + lane]
            w[square + lane] += w[at.imag + entry + lane] * w[at.imag + entry + lane]


def reflector(w: Floats, at: Places, first: int) -> None:
    """Make the vector v of the reflection 1 − τ v v† that leaves only the first entry.

    v is x/‖x‖ + e^{i arg x₁} e₁: a sum of like signs, of length near 1 whatever the scale of the
    matrix. The scratch has ‖x‖² and receives τ.
    """
    real, imag, tau = at.vector_real + first * LANES, at.vector_imag + first * LANES, at.scratch
    inverse = at.scratch + LANES
    for lane in range(LANES):
        norm = math.sqrt(w[tau + lane])
        w[inverse + lane] = 1.0 / norm if w[tau + lane] > _NOTHING else 0.0
    for row in range(0, (at.d - first) * LANES, LANES):
        for lane in range(LANES):
            w[real + row + lane] *= w[inverse + lane]
            w[imag + row + lane] *= w[inverse + lane]
    for lane in range(LANES):
        x, y = w[real + lane], w[imag + lane]
        square = x * x + y * y
        head = math.sqrt(square) if square > _NOTHING else 0.0
        scale = 1.0 / (head if head > 0.0 else 1.0)
        w[real + lane] = x + x * scale if head > 0.0 else 1.0
        w[imag + lane] = y + y * scale
        w[tau + lane] = 1.0 / (1.0 + head) if w[inverse + lane] > 0.0 else 0.0


def image(w: Floats, at: Places, first: int) -> None:
    """Multiply the rest of the matrix by the vector, from its lower triangle."""
    d, real, imag = at.d, at.real, at.imag
    vr, vi, pr, pi = at.vector_real, at.vector_imag, at.image_real, at.image_imag
    for i in range(first, d):
        entry, row = (i * d + i) * LANES, i * LANES
        for lane in range(LANES):
            w[pr + row + lane] = w[real + entry + lane] * w[vr + row + lane]
            w[pi + row + lane] = w[real + entry + lane] * w[vi + row + lane]
    for i in range(first, d):
        x = i * LANES
        for j in range(first, i):
            a, y = (i * d + j) * LANES, j * LANES
            for lane in range(LANES):
                w[pr + x + lane] += (
                    w[real + a + lane] * w[vr + y + lane] - w[imag + a + lane] * w[vi + y + lane]
                )
                w[pi + x + lane] += (
                    w[real + a + lane] * w[vi + y + lane] + w[imag + a + lane] * w[vr + y + lane]
                )
            for lane in range(LANES):
                w[pr + y + lane] += (
                    w[real + a + lane] * w[vr + x + lane] + w[imag + a + lane] * w[vi + x + lane]
                )
                w[pi + y + lane] += (
                    w[real + a + lane] * w[vi + x + lane] - w[imag + a + lane] * w[vr + x + lane]
                )


def shorten(w: Floats, at: Places, first: int) -> None:
    """Turn the image p into τ (p − (τ/2) (v†p) v), which makes the update one of rank two."""
    tau, half = at.scratch, at.scratch + LANES
    vr, vi, pr, pi = at.vector_real, at.vector_imag, at.image_real, at.image_imag
    for lane in range(LANES):
        w[half + lane] = 0.0
    for i in range(first, at.d):
        row = i * LANES
        for lane in range(LANES):
            w[half + lane] += (
                w[vr + row + lane] * w[pr + row + lane] + w[vi + row + lane] * w[pi + row + lane]
            )
    for lane in range(LANES):
        w[half + lane] *= 0.5 * w[tau + lane]
    for i in range(first, at.d):
        row = i * LANES
        for lane in range(LANES):
            w[pr + row + lane] = w[tau + lane] * (
                w[pr + row + lane] - w[half + lane] * w[vr + row + lane]
            )
            w[pi + row + lane] = w[tau + lane] * (
                w[pi + row + lane] - w[half + lane] * w[vi + row + lane]
            )


def update(w: Floats, at: Places, first: int) -> None:
    """Subtract v p† + p v† from the lower triangle of the rest."""
    vr, vi, pr, pi = at.vector_real, at.vector_imag, at.image_real, at.image_imag
    for i in range(first, at.d):
        x = i * LANES
        for j in range(first, i + 1):
            y = j * LANES
            real, imag = at.real + (i * at.d + j) * LANES, at.imag + (i * at.d + j) * LANES
            for lane in range(LANES):
                w[real + lane] -= (
                    w[vr + x + lane] * w[pr + y + lane]
                    + w[vi + x + lane] * w[pi + y + lane]
                    + w[pr + x + lane] * w[vr + y + lane]
                    + w[pi + x + lane] * w[vi + y + lane]
                )
            for lane in range(LANES):
                w[imag + lane] -= (
                    w[vi + x + lane] * w[pr + y + lane]
                    - w[vr + x + lane] * w[pi + y + lane]
                    + w[pi + x + lane] * w[vr + y + lane]
                    - w[pr + x + lane] * w[vi + y + lane]
                )


def rational_ql(w: Floats, at: Places) -> int:
    """Turn the diagonal into the eigenvalues; return 0, or 1 where a lane did not converge.

    All lanes step together; one that has converged keeps its numbers. An entry of 0 in the middle
    needs no splitting: the rotations pass it as they pass the end.
    """
    floor = at.scratch + 6 * LANES
    squared_norm(w, at, floor)
    for first in range(at.d - 1):
        for _sweep in range(SWEEPS_MAX):
            if converged(w, at, first, floor):
                break
            sweep(w, at, first)
        else:
            if not converged(w, at, first, floor):
                return 1
    return 0


def squared_norm(w: Floats, at: Places, floor: int) -> None:
    """Write the squares of off-diagonal entries that are lost in the rounding of ‖A‖."""
    for lane in range(LANES):
        w[floor + lane] = 0.0
    for i in range(at.d):
        row = i * LANES
        for lane in range(LANES):
            w[floor + lane] += w[at.diagonal + row + lane] * w[at.diagonal + row + lane]
    for i in range(at.d - 1):
        row = i * LANES
        for lane in range(LANES):
            w[floor + lane] += 2.0 * w[at.squares + row + lane]
    for lane in range(LANES):
        w[floor + lane] *= _ROUNDING_OF_NORM


def converged(w: Floats, at: Places, first: int, floor: int) -> bool:
    """Mark the lanes whose entry beside `first` is not negligible; return whether none is."""
    active, diagonal = at.scratch, at.diagonal + first * LANES
    left = 0.0
    for lane in range(LANES):
        small = _NEGLIGIBLE * abs(w[diagonal + lane] * w[diagonal + LANES + lane]) + w[floor + lane]
        w[active + lane] = 1.0 if w[at.squares + first * LANES + lane] > small else 0.0
        left += w[active + lane]
    return left == 0.0


def sweep(w: Floats, at: Places, first: int) -> None:
    """Do one QL step with Wilkinson's shift from the end up to `first`, in the active lanes."""
    active, shift = at.scratch, at.scratch + LANES
    cosine, sine = at.scratch + 2 * LANES, at.scratch + 3 * LANES
    gamma, pivot = at.scratch + 4 * LANES, at.scratch + 5 * LANES
    wilkinson(w, at, first)
    last = at.diagonal + (at.d - 1) * LANES
    for lane in range(LANES):
        w[cosine + lane] = 1.0
        w[sine + lane] = 0.0
        w[gamma + lane] = w[last + lane] - w[shift + lane]
        w[pivot + lane] = w[gamma + lane] * w[gamma + lane]
    for i in range(at.d - 2, first - 1, -1):
        rotate(w, at, i)
    diagonal, square = at.diagonal + first * LANES, at.squares + first * LANES
    for lane in range(LANES):
        moves = w[active + lane] > 0.0
        w[square + lane] = w[sine + lane] * w[pivot + lane] if moves else 0.0
        w[diagonal + lane] = w[shift + lane] + w[gamma + lane] if moves else w[diagonal + lane]


def wilkinson(w: Floats, at: Places, first: int) -> None:
    """Write the eigenvalue of the leading 2x2 block that is nearer to its first entry."""
    shift, diagonal = at.scratch + LANES, at.diagonal + first * LANES
    for lane in range(LANES):
        root = math.sqrt(w[at.squares + first * LANES + lane])
        root = root if root > 0.0 else 1.0
        x = 0.5 * (w[diagonal + LANES + lane] - w[diagonal + lane]) / root
        r = math.sqrt(x * x + 1.0)
        w[shift + lane] = w[diagonal + lane] - root / (x + (r if x >= 0.0 else -r))


def rotate(w: Floats, at: Places, i: int) -> None:
    """Do one rotation of a QL step, on rows i and i + 1, with squares of sine and cosine."""
    active, shift = at.scratch, at.scratch + LANES
    cosine, sine = at.scratch + 2 * LANES, at.scratch + 3 * LANES
    gamma, pivot = at.scratch + 4 * LANES, at.scratch + 5 * LANES
    diagonal, square = at.diagonal + i * LANES, at.squares + i * LANES
    # Beside the last row there is no entry: what is written there is scratch.
    for lane in range(LANES):
        moves = w[active + lane] > 0.0
        b, p = w[square + lane], w[pivot + lane]
        r = p + b
        inverse = 1.0 / (r if r > _NOTHING else 1.0)
        w[square + LANES + lane] = w[sine + lane] * r if moves else w[square + LANES + lane]
        before, c = w[cosine + lane], p * inverse if r > _NOTHING else 1.0
        s = b * inverse
        old, a = w[gamma + lane], w[diagonal + lane]
        new = c * (a - w[shift + lane]) - s * old
        w[diagonal + LANES + lane] = old + (a - new) if moves else w[diagonal + LANES + lane]
        w[pivot + lane] = new * new / c if c > 0.0 else before * b
        w[cosine + lane] = c
        w[sine + lane] = s
        w[gamma + lane] = new


def ascending(w: Floats, at: Places) -> None:
    """Sort the diagonal of every lane: exchanges without branches."""
    for end in range(at.d - 1, 0, -1):
        for i in range(end):
            lower, upper = at.diagonal + i * LANES, at.diagonal + (i + 1) * LANES
            for lane in range(LANES):
                x, y = w[lower + lane], w[upper + lane]
                w[lower + lane] = min(x, y)
                w[upper + lane] = max(x, y)
