"""Noise models as channels, each with the range of its parameters and its convention.

Level 0 is the ground state. Every model is a channel in the whole of its range and refused
outside of it.
"""

import math
from collections.abc import Sequence

import numpy as np

from lucid_coherence.channels.channel import Channel, channel_from_kraus, check_dims
from lucid_coherence.channels.representations import choi_from_pauli_transfer
from lucid_coherence.channels.violations import RelaxationUnphysical, StrengthOutOfRange

_QUBIT = (2,)
_SUM_ROUNDING = 4 * float(np.finfo(np.float64).eps)


def depolarizing(probability: float, dims: Sequence[int] = _QUBIT) -> Channel:
    """ρ → (1 − p) ρ + p Tr(ρ) 1/d; 0 <= p <= d²/(d² − 1), any system.

    p = 1 forgets the state; p = d²/(d² − 1) applies every Pauli error but the identity equally.
    """
    d = check_dims(dims)
    _require("probability", probability, 0.0, d * d / (d * d - 1))
    entangled = np.eye(d, dtype=np.complex128).reshape(-1)
    choi = (1 - probability) * np.outer(entangled, entangled)
    return Channel(tuple(dims), choi + probability * np.eye(d * d) / d)


def dephasing(strength: float, dims: Sequence[int] = _QUBIT) -> Channel:
    """Multiply every off-diagonal entry by 1 − λ; 0 <= λ <= 1, any system.

    A qubit dephased by λ is a phase flip with probability λ/2.
    """
    d = check_dims(dims)
    _require("strength", strength, 0.0, 1.0)
    factors = np.full((d, d), 1.0 - strength)
    np.fill_diagonal(factors, 1.0)
    choi = np.zeros((d, d, d, d), dtype=np.complex128)
    levels = np.arange(d)
    choi[levels[:, None], levels[:, None], levels, levels] = factors
    return Channel(tuple(dims), choi.reshape(d * d, d * d))


def bit_flip(probability: float) -> Channel:
    """X with probability p, else nothing; 0 <= p <= 1."""
    return pauli(x=probability, y=0.0, z=0.0)


def phase_flip(probability: float) -> Channel:
    """Z with probability p, else nothing; 0 <= p <= 1; off-diagonals are multiplied by 1 − 2p."""
    return pauli(x=0.0, y=0.0, z=probability)


def bit_phase_flip(probability: float) -> Channel:
    """Y with probability p, else nothing; 0 <= p <= 1."""
    return pauli(x=0.0, y=probability, z=0.0)


def pauli(*, x: float, y: float, z: float) -> Channel:
    """X, Y or Z with the given probabilities, else nothing; their sum is at most 1."""
    for name, probability in (("x", x), ("y", y), ("z", z)):
        _require(name, probability, 0.0, 1.0)
    _require("sum", x + y + z, 0.0, 1.0 + _SUM_ROUNDING)
    rest = max(0.0, 1.0 - x - y - z)
    diagonal = [rest + x + y + z, rest + x - y - z, rest - x + y - z, rest - x - y + z]
    transfer = np.diag(np.array(diagonal, dtype=np.complex128))
    return Channel(_QUBIT, choi_from_pauli_transfer(transfer, _QUBIT))


def amplitude_damping(decay: float) -> Channel:
    """Decay of level 1 to level 0 with probability γ; 0 <= γ <= 1."""
    return generalized_amplitude_damping(decay, 0.0)


def generalized_amplitude_damping(decay: float, excited_population: float) -> Channel:
    """Relaxation by γ towards populations (1 − q, q); 0 <= γ <= 1, 0 <= q <= 1.

    Off-diagonals are multiplied by √(1 − γ). [Nielsen2010, sec. 8.3.5]
    """
    _require("decay", decay, 0.0, 1.0)
    _require("excited_population", excited_population, 0.0, 1.0)
    kept, moved = math.sqrt(1 - decay), math.sqrt(decay)
    down = math.sqrt(1 - excited_population)
    up = math.sqrt(excited_population)
    operators = np.array(
        [
            [[down, 0], [0, down * kept]],
            [[0, down * moved], [0, 0]],
            [[up * kept, 0], [0, up]],
            [[0, 0], [up * moved, 0]],
        ],
        dtype=np.complex128,
    )
    return channel_from_kraus(operators, _QUBIT)


def thermal_relaxation(
    *, t1_s: float, t2_s: float, time_s: float, excited_population: float
) -> Channel:
    """Relaxation for `time_s` with T1 and T2 towards the given population of level 1.

    Off-diagonals are multiplied by exp(−t/T2), the distance of the populations from equilibrium by
    exp(−t/T1). T1 and T2 may be infinite. Completely positive for every population because
    T2 <= 2 T1: the Choi determinant is exp(−t/T1) + q(1 − q)(1 − exp(−t/T1))² − exp(−2t/T2).

    Raises:
        RelaxationUnphysical: T1 or T2 not positive, or T2 > 2 T1.
        StrengthOutOfRange: a negative time, or a population outside [0, 1].
    """
    if not (t1_s > 0 and 0 < t2_s <= 2 * t1_s):
        raise RelaxationUnphysical(
            f"T1 = {t1_s:.6g} s and T2 = {t2_s:.6g} s: both are positive and T2 <= 2 T1.",
            field="thermal_relaxation.t2_s",
            t1_s=t1_s,
            t2_s=t2_s,
        )
    _require("time_s", time_s, 0.0, math.inf)
    _require("excited_population", excited_population, 0.0, 1.0)
    # Infinity over infinity has no value: without relaxation no time changes anything.
    decayed = 0.0 if math.isinf(t1_s) else -math.expm1(-time_s / t1_s)
    coherent = 1.0 if math.isinf(t2_s) else math.exp(-time_s / t2_s)
    raised, lowered = excited_population * decayed, (1 - excited_population) * decayed
    choi = np.diag([1 - raised, raised, lowered, 1 - lowered]).astype(np.complex128)
    choi[0, 3] = choi[3, 0] = coherent
    return Channel(_QUBIT, choi)


def _require(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high or math.isinf(value):
        raise StrengthOutOfRange(
            f"{name} is {value:.6g}; it lies in [{low:.6g}, {high:.6g}] and is finite.",
            field=name,
            parameter=name,
            value=value,
            low=low,
            high=high,
        )
