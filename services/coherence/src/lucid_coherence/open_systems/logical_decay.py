"""How much coherence a logical qubit keeps in a repetition code under active correction.

Each of n physical qubits has flipped its phase within a time t with probability
p(t) = (1 − e^(−g t))/2, independently. A majority of flips is decoded wrongly, which flips the
phase of the logical qubit: its coherence is multiplied by 1 − 2 p_L [Nielsen2010, 10.1].
"""

import math


def logical_survival(
    qubits: int, dephasing_rate: float, correction_period: float, elapsed: float
) -> float:
    """Return C(t)/C(0) of the logical qubit, as it is once corrected at t = `elapsed`, in [0, 1].

    qubits: n, odd. dephasing_rate: g in 1/s. correction_period: time between two corrections, s.
    elapsed: in s, >= 0. The basis is that of the product of all physical Z.
    """
    rounds, rest = divmod(elapsed, correction_period)
    whole = math.pow(_round(qubits, dephasing_rate * correction_period), rounds)
    return whole * _round(qubits, dephasing_rate * rest)


def _round(qubits: int, exponent: float) -> float:
    """Return 1 − 2 p_L after a time of g t = `exponent`."""
    flip = -math.expm1(-exponent) / 2
    wrong = sum(
        math.comb(qubits, k) * flip**k * (1 - flip) ** (qubits - k)
        for k in range((qubits + 1) // 2, qubits + 1)
    )
    return 1 - 2 * wrong
