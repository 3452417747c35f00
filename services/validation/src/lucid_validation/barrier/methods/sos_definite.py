"""Is a symmetric rational matrix positive semidefinite? By floats where they are sure.

Cholesky's method in floats succeeds on a matrix whose smallest eigenvalue is above a bound that the
size gives, and fails on one below minus that bound; exact elimination is left for what lies
between, that is for singular matrices. [Rump2006]
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lucid_validation.barrier.polynomial import rational

Matrix = list[list[Fraction]]

_UNIT = 2.0**-53
_BITS_MAX = 900


def is_positive_semidefinite(matrix: Matrix) -> bool:
    """Decide it exactly."""
    if any(matrix[i][i] < 0 for i in range(len(matrix))):
        return False
    sure = _by_floats(matrix) if len(matrix) > 2 else None
    return _by_elimination(matrix) if sure is None else sure


def _by_floats(matrix: Matrix) -> bool | None:
    """Return the answer where rounding cannot change it, after scaling the diagonal to about 1."""
    size = len(matrix)
    shifts = []
    for i in range(size):
        value = matrix[i][i]
        if value == 0:
            return None
        shifts.append((value.denominator.bit_length() - value.numerator.bit_length()) // 2)
    if max(map(abs, shifts)) > _BITS_MAX // 2:
        return None
    try:
        scaled = np.array(
            [
                [np.ldexp(float(q), shifts[i] + shifts[j]) if q else 0.0 for j, q in enumerate(row)]
                for i, row in enumerate(matrix)
            ]
        )
    except OverflowError:
        return None
    largest = float(np.abs(scaled).max())
    if not np.isfinite(largest):
        return None
    # Rounding of the entries, of the shift and of the elimination, each at least twice over.
    room = 8.0 * (size + 3) ** 2 * _UNIT * max(1.0, largest)
    if _is_definite(scaled - room * np.eye(size)):
        return True
    return None if _is_definite(scaled + room * np.eye(size)) else False


def _is_definite(matrix: NDArray[np.float64]) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def _by_elimination(matrix: Matrix) -> bool:
    """Decide it by symmetric elimination (LDL^T) in rationals."""
    rows = [[rational(value) for value in row] for row in matrix]
    size = len(rows)
    for i in range(size):
        pivot = rows[i][i]
        if pivot < 0:
            return False
        if pivot == 0:
            if any(rows[i][j] != 0 for j in range(i + 1, size)):
                return False
            continue
        for r in range(i + 1, size):
            if rows[r][i] != 0:
                factor = rows[r][i] / pivot
                for c in range(r, size):
                    rows[r][c] -= factor * rows[i][c]
                    rows[c][r] = rows[r][c]
    return True
