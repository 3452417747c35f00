"""Random states, and families of two-qubit states whose concurrence is known in closed form."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

States = NDArray[np.complex128]
Values = NDArray[np.float64]
Family = tuple[States, Values]

_PHI = np.zeros((4, 4), dtype=np.complex128)
_PHI[np.ix_([0, 3], [0, 3])] = 0.5
_SINGLET = np.zeros((4, 4), dtype=np.complex128)
_SINGLET[1:3, 1:3] = [[0.5, -0.5], [-0.5, 0.5]]


def random_states(count: int, dimension: int, rng: np.random.Generator) -> States:
    """Return full-rank states G G†/Tr of complex Gaussian G, shape (count, d, d)."""
    shape = (count, dimension, dimension)
    g = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    rho = g @ np.conj(np.swapaxes(g, 1, 2))
    return np.asarray(rho / np.trace(rho, axis1=1, axis2=2)[:, None, None])


def pure(count: int, rng: np.random.Generator) -> Family:
    """Return cos t |00> + sin t |11>: C = |sin 2t|."""
    t = rng.uniform(0, np.pi, count)
    return _pure_states(t), np.abs(np.sin(2 * t))


def weak_pure(count: int, rng: np.random.Generator) -> Family:
    """The same for t between 1e-8 and 1e-3."""
    t = 10 ** rng.uniform(-8, -3, count)
    return _pure_states(t), np.abs(np.sin(2 * t))


def _pure_states(t: Values) -> States:
    vectors = np.zeros((len(t), 4))
    vectors[:, 0], vectors[:, 3] = np.cos(t), np.sin(t)
    return np.asarray(vectors[:, :, None] * vectors[:, None, :], dtype=np.complex128)


def werner(count: int, rng: np.random.Generator) -> Family:
    """Return p singlet + (1 - p)/4: C = max(0, (3p - 1)/2)."""
    p = rng.uniform(0, 1, count)
    states = p[:, None, None] * _SINGLET + (1 - p)[:, None, None] * np.eye(4) / 4
    return states, np.maximum(0.0, (3 * p - 1) / 2)


def rank_two(count: int, rng: np.random.Generator) -> Family:
    """Return r |psi><psi| + (1 - r) |01><01|, psi = pure(t): C = r |sin 2t|."""
    t, r = rng.uniform(0, np.pi, count), rng.uniform(0, 1, count)
    states = r[:, None, None] * _pure_states(t)
    states[:, 1, 1] += 1 - r
    return states, r * np.abs(np.sin(2 * t))


def rank_three_x(count: int, rng: np.random.Generator) -> Family:
    """Return q phi+ with a |01> and b |10>: C = max(0, q - 2 sqrt(a b))."""
    weights = rng.dirichlet([2, 1, 1], count)
    return _x_states(*weights.T)


def _x_states(q: Values, a: Values, b: Values) -> Family:
    states = np.asarray(q[:, None, None] * _PHI)
    states[:, 1, 1], states[:, 2, 2] = a, b
    return states, np.maximum(0.0, q - 2 * np.sqrt(a * b))


def thin_x(low: float, high: float) -> Callable[[int, np.random.Generator], Family]:
    """Return rank-three X states whose smallest eigenvalue b lies between the given powers of 10.

    Every entry is exactly what the closed form is evaluated at, so that it is the truth about the
    numbers sent however small b is.
    """

    def family(count: int, rng: np.random.Generator) -> Family:
        q, b = rng.uniform(0.1, 0.9, count), 10 ** rng.uniform(low, high, count)
        return _x_states(q, 1 - q - b, b)

    return family


def thin_x_of_two(count: int, rng: np.random.Generator) -> Family:
    """Return X states with coherence in both blocks and one population of 1e-17 to 1e-15.

    C = 2 max(0, |z| - sqrt(a b), |w| - sqrt(p r)), of the very numbers that are sent.
    """
    b = 10 ** rng.uniform(-17, -15, count)
    p, r, a = rng.dirichlet([2, 2, 2], count).T
    z = rng.uniform(0.3, 0.9, count) * np.sqrt(p * r)
    w = rng.uniform(0.3, 0.9, count) * np.sqrt(a * b)
    states = np.zeros((count, 4, 4), dtype=np.complex128)
    for level, weight in enumerate((p, a, b, r)):
        states[:, level, level] = weight
    states[:, 0, 3] = states[:, 3, 0] = z
    states[:, 1, 2] = states[:, 2, 1] = w
    exact = 2 * np.maximum(np.maximum(z - np.sqrt(a * b), w - np.sqrt(p * r)), 0.0)
    return states, exact


def rotated(
    family: Callable[[int, np.random.Generator], Family],
) -> Callable[[int, np.random.Generator], Family]:
    """Return the family under random local unitaries, which keep the concurrence."""

    def turned(count: int, rng: np.random.Generator) -> Family:
        states, values = family(count, rng)
        first, second = _unitaries(count, rng), _unitaries(count, rng)
        u = np.einsum("nij,nkl->nikjl", first, second).reshape(-1, 4, 4)
        states = u @ states @ np.conj(np.swapaxes(u, 1, 2))
        return 0.5 * (states + np.conj(np.swapaxes(states, 1, 2))), values

    return turned


def _unitaries(count: int, rng: np.random.Generator) -> States:
    g = rng.normal(size=(count, 2, 2)) + 1j * rng.normal(size=(count, 2, 2))
    return np.asarray(np.linalg.qr(g)[0])


TARGET_FAMILIES = {
    "pure": pure,
    "weakly entangled pure": weak_pure,
    "Werner": werner,
    "rank 2": rank_two,
    "rank-3 X": rank_three_x,
    "pure, rotated": rotated(pure),
    "Werner, rotated": rotated(werner),
    "rank 2, rotated": rotated(rank_two),
    "rank-3 X, rotated": rotated(rank_three_x),
}
THIN_FAMILIES = {
    "X, eigenvalue 1e-10..1e-6": thin_x(-10, -6),
    "X, eigenvalue 1e-14..1e-12": thin_x(-14, -12),
    "X, eigenvalue 1e-17..1e-15": thin_x(-17, -15),
    "X, two coherences, population 1e-17..1e-15": thin_x_of_two,
    "X, eigenvalue 1e-17..1e-15, rotated": rotated(thin_x(-17, -15)),
}
HARD_FAMILIES = tuple(name for name in THIN_FAMILIES if "1e-17" in name)
