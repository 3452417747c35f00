"""Linear lower bounds of C_l1 in Pauli coordinates.

C_l1 = Σ |z_k| over the pairs of levels, with z_k = 2 ρ_jl = (U_k + i V_k) r. For u_k = a + ib with
a² + b² <= 1, |z_k| >= Re(conj(u_k) z_k), so C_l1 >= w·r with w = Σ a_k U_k + b_k V_k.
The u_k are rational and a² + b² <= 1 is checked without rounding.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from lucid_coherence.open_systems.certificates.exact_generator import ExactArray, strings
from lucid_coherence.states.batch import RealArray

_PHASE_BITS = 24
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Pairs:
    """U and V, (pairs, N) arrays of fractions, and the same as float64."""

    real: ExactArray
    imaginary: ExactArray
    real_floats: RealArray
    imaginary_floats: RealArray

    @staticmethod
    @lru_cache(maxsize=4)
    def of(qubits: int) -> "Pairs":
        """Return the pairs of levels of 1 or 2 qubits."""
        dimension = 2**qubits
        places = [(j, k) for j in range(dimension) for k in range(j + 1, dimension)]
        basis = strings(qubits)[1:]
        scale = Fraction(2, dimension)
        real = np.array([[scale * int(p.real[at]) for p in basis] for at in places], dtype=object)
        imaginary = np.array(
            [[scale * int(p.imaginary[at]) for p in basis] for at in places], dtype=object
        )
        return Pairs(real, imaginary, real.astype(np.float64), imaginary.astype(np.float64))

    def coherence(self, r: RealArray) -> tuple[float, RealArray]:
        """Return C_l1 of (N,) coordinates and a unit-disc gradient of it, (N,)."""
        values, gradients = self.coherences(r[None])
        return float(values[0]), gradients[0]

    def coherences(self, r: RealArray) -> tuple[RealArray, RealArray]:
        """Return C_l1 of (count, N) coordinates, (count,), and the gradients, (count, N)."""
        a, b = r @ self.real_floats.T, r @ self.imaginary_floats.T
        sizes = np.hypot(a, b)
        used = sizes > _TINY
        safe = np.where(used, sizes, 1.0)
        gradients = (a / safe * used) @ self.real_floats + (b / safe * used) @ self.imaginary_floats
        return sizes.sum(axis=-1), gradients


def witness_at(pairs: Pairs, r: RealArray) -> ExactArray:
    """Return w, (N,) fractions, of the phases at the coordinates `r`; C_l1 >= w·r' for every r'.

    Raises:
        ArithmeticError: never, unless a phase left the unit disc.
    """
    a, b = pairs.real_floats @ r, pairs.imaginary_floats @ r
    sizes = np.hypot(a, b)
    weights: ExactArray = np.zeros(pairs.real.shape[1], dtype=object) + Fraction(0)
    for k, size in enumerate(sizes):
        if size <= _TINY:
            continue
        u, v = _phase(float(a[k] / size)), _phase(float(b[k] / size))
        if u * u + v * v > 1:
            raise ArithmeticError("a phase of the witness left the unit disc")
        weights = weights + u * pairs.real[k] + v * pairs.imaginary[k]
    return weights


def _phase(value: float) -> Fraction:
    """Return `value` in [−1, 1] rounded towards zero, and a little further."""
    scale = 2**_PHASE_BITS
    return Fraction(int(value * (scale - 2)), scale)
