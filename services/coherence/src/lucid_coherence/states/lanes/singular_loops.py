"""Singular values of square matrices, `LANES` at a time.

One-sided Jacobi rotations make the columns orthogonal; their lengths are the singular values. Small
ones keep more accuracy than a bidiagonal form would leave them [Demmel1992].

Column j of the matrix in lane l has its entry i at w[(j d + i) LANES + l], the imaginary part
d² LANES later.
"""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LANES = 32
SWEEPS_MAX = 30
"""Sweeps over all pairs of columns; five or six are usual."""
_ORTHOGONAL = 1e-30
"""Squared cosine of two columns that count as orthogonal: a few units of rounding, squared."""
_NOTHING = 1e-200
"""Added to squared lengths, so that a zero column is orthogonal to every other."""
_ROWS = 7
"""Numbers of scratch for each lane beside the matrix; the lengths take d."""


def workspace_size(d: int) -> int:
    """Return how many numbers the workspace has."""
    return (2 * d * d + _ROWS + d) * LANES


def singular_values(data: Floats, count: int, d: int, w: Floats, result: Floats) -> int:
    """Write the singular values of `count` matrices to `result`, (count, d), in no order.

    `data` holds (d, d, count) complex numbers as pairs. Returns how many groups of lanes did not
    converge.
    """
    scratch = 2 * d * d * LANES
    lengths = scratch + _ROWS * LANES
    failed = 0
    for base in range(0, count, LANES):
        load(data, base, count, d, w)
        failed += orthogonalise(w, d, scratch)
        measure(w, d, lengths)
        for lane in range(min(LANES, count - base)):
            for j in range(d):
                result[(base + lane) * d + j] = w[lengths + j * LANES + lane]
    return failed


def load(data: Floats, base: int, count: int, d: int, w: Floats) -> None:
    """Bring one group of matrices into the lanes; the last group repeats its last matrix."""
    imag = d * d * LANES
    for i in range(d):
        for j in range(d):
            start, entry = (i * d + j) * count, (j * d + i) * LANES
            for lane in range(LANES):
                number = 2 * (start + min(base + lane, count - 1))
                w[entry + lane] = data[number]
                w[imag + entry + lane] = data[number + 1]


def orthogonalise(w: Floats, d: int, scratch: int) -> int:
    """Rotate pairs of columns until all are orthogonal; return 0, or 1 where that did not come."""
    turned = scratch + 6 * LANES
    for _sweep in range(SWEEPS_MAX):
        for lane in range(LANES):
            w[turned + lane] = 0.0
        for first in range(d - 1):
            for second in range(first + 1, d):
                products(w, d, scratch, first, second)
                angles(w, scratch)
                rotate(w, d, scratch, first, second)
        left = 0.0
        for lane in range(LANES):
            left += w[turned + lane]
        if left == 0.0:
            return 0
    return 1


def products(w: Floats, d: int, scratch: int, first: int, second: int) -> None:
    """Write ‖a‖², ‖b‖² and a†b of two columns."""
    a, b = scratch, scratch + LANES
    real, imag = scratch + 2 * LANES, scratch + 3 * LANES
    for lane in range(LANES):
        w[a + lane] = _NOTHING
        w[b + lane] = _NOTHING
        w[real + lane] = 0.0
        w[imag + lane] = 0.0
    for i in range(d):
        ar, br = (first * d + i) * LANES, (second * d + i) * LANES
        ai, bi = ar + d * d * LANES, br + d * d * LANES
        for lane in range(LANES):
            w[a + lane] += w[ar + lane] * w[ar + lane] + w[ai + lane] * w[ai + lane]
            w[b + lane] += w[br + lane] * w[br + lane] + w[bi + lane] * w[bi + lane]
        for lane in range(LANES):
            w[real + lane] += w[ar + lane] * w[br + lane] + w[ai + lane] * w[bi + lane]
            w[imag + lane] += w[ar + lane] * w[bi + lane] - w[ai + lane] * w[br + lane]


def angles(w: Floats, scratch: int) -> None:
    """Turn the products into the cosine c and s a†b/|a†b| of the rotation, or into none."""
    a, b = scratch, scratch + LANES
    real, imag = scratch + 2 * LANES, scratch + 3 * LANES
    cosine, turned = scratch + 4 * LANES, scratch + 6 * LANES
    for lane in range(LANES):
        square = w[real + lane] * w[real + lane] + w[imag + lane] * w[imag + lane]
        turns = square > _ORTHOGONAL * w[a + lane] * w[b + lane]
        square = square if turns else 1.0
        overlap = math.sqrt(square)
        half = 0.5 * (w[b + lane] - w[a + lane])
        tangent = overlap / (abs(half) + math.sqrt(half * half + square))
        tangent = tangent if half >= 0.0 else -tangent
        c = 1.0 / math.sqrt(1.0 + tangent * tangent)
        s = c * tangent / overlap
        w[cosine + lane] = c if turns else 1.0
        w[real + lane] = s * w[real + lane] if turns else 0.0
        w[imag + lane] = s * w[imag + lane] if turns else 0.0
        w[turned + lane] += 1.0 if turns else 0.0


def rotate(w: Floats, d: int, scratch: int, first: int, second: int) -> None:
    """Rotate two columns: a' = c a − conj(g) b and b' = c b + g a, g the turned product."""
    real, imag, cosine = scratch + 2 * LANES, scratch + 3 * LANES, scratch + 4 * LANES
    for i in range(d):
        ar, br = (first * d + i) * LANES, (second * d + i) * LANES
        ai, bi = ar + d * d * LANES, br + d * d * LANES
        for lane in range(LANES):
            x, y, u, v = w[ar + lane], w[ai + lane], w[br + lane], w[bi + lane]
            c, p, q = w[cosine + lane], w[real + lane], w[imag + lane]
            w[ar + lane] = c * x - (p * u + q * v)
            w[ai + lane] = c * y - (p * v - q * u)
            w[br + lane] = c * u + (p * x - q * y)
            w[bi + lane] = c * v + (p * y + q * x)


def measure(w: Floats, d: int, lengths: int) -> None:
    """Write the lengths of the columns."""
    for j in range(d):
        length = lengths + j * LANES
        for lane in range(LANES):
            w[length + lane] = 0.0
        for i in range(d):
            real, imag = (j * d + i) * LANES, (d * d + j * d + i) * LANES
            for lane in range(LANES):
                w[length + lane] += (
                    w[real + lane] * w[real + lane] + w[imag + lane] * w[imag + lane]
                )
        for lane in range(LANES):
            w[length + lane] = math.sqrt(w[length + lane])
