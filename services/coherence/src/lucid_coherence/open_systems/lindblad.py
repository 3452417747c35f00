"""A general Markovian generator on a small system, written as one matrix on vectorised states."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lucid_coherence.open_systems.violations import (
    ModelUnsupported,
    OperatorMalformed,
    RatesUnphysical,
)
from lucid_coherence.states.batch import ComplexArray, adjoint

DIMENSION_MAX = 4
"""Dense exponentials of d² x d² matrices; larger systems need sparse methods."""
HERMITICITY_TOLERANCE = 1e-9
"""Largest |H − H†| relative to the largest |H|."""


@dataclass(frozen=True, slots=True)
class Jump:
    """A Lindblad operator, (d, d) complex128, with its rate in 1/s, known within [low, high]."""

    operator: ComplexArray
    rate_low: float
    rate_high: float


@dataclass(frozen=True, slots=True)
class Lindbladian:
    """A generator with ħ = 1: H in rad/s, (d, d), Hermitian; d = product of dims, at most 4.

    Raises:
        ModelUnsupported: d over the limit, or rates that are only known in an interval.
        OperatorMalformed: H is not Hermitian.
        RatesUnphysical: a negative or infinite rate.
    """

    dims: tuple[int, ...]
    hamiltonian: ComplexArray
    jumps: tuple[Jump, ...]

    def __post_init__(self) -> None:
        require_small(self.dims)
        difference = float(np.abs(self.hamiltonian - adjoint(self.hamiltonian)).max())
        scale = max(float(np.abs(self.hamiltonian).max()), 1e-300)
        if difference > HERMITICITY_TOLERANCE * scale:
            raise OperatorMalformed(
                f"The Hamiltonian differs from its adjoint by {difference:.6g} rad/s.",
                field="system.lindbladian.hamiltonian",
                check="hermiticity_error",
                value=difference,
                tolerance=HERMITICITY_TOLERANCE * scale,
            )
        for index, jump in enumerate(self.jumps):
            _require_rate(index, jump)

    def matrix(self) -> ComplexArray:
        """Return the (d², d²) matrix of the generator on states flattened row by row, in 1/s."""
        jumps = [np.sqrt(jump.rate_low) * jump.operator for jump in self.jumps]
        return superoperator(self.hamiltonian, jumps)


def require_small(dims: Sequence[int]) -> int:
    """Return the dimension d, or refuse a system that dense exponentials cannot serve."""
    dimension = 1
    for dim in dims:
        dimension *= dim
    if not 2 <= dimension <= DIMENSION_MAX or min(dims) < 2:
        raise ModelUnsupported(
            f"Evolution is served for dimensions 2 to {DIMENSION_MAX}; dims are {list(dims)}.",
            field="system.lindbladian.dims",
            model="lindbladian",
            dimension=dimension,
            maximum=DIMENSION_MAX,
        )
    return dimension


def lindblad_rate(
    state: ComplexArray, hamiltonian: ComplexArray, jumps: Sequence[ComplexArray]
) -> ComplexArray:
    """Return dρ/dt = −i[H, ρ] + Σ (L ρ L† − {L†L, ρ}/2), with ħ = 1 [Lindblad1976, eq. 2].

    All matrices are (d, d) complex128. Rates are folded into the jumps: L = √γ σ₋, γ in 1/s.
    """
    rate = -1j * (hamiltonian @ state - state @ hamiltonian)
    for jump in jumps:
        weight = jump.conj().T @ jump
        rate = rate + jump @ state @ jump.conj().T - 0.5 * (weight @ state + state @ weight)
    return rate


def superoperator(hamiltonian: ComplexArray, jumps: Sequence[ComplexArray]) -> ComplexArray:
    """Return the (d², d²) matrix of `lindblad_rate` on states flattened row by row, in 1/s.

    Row by row, A ρ B becomes (A ⊗ Bᵀ) vec ρ.
    """
    identity = np.eye(len(hamiltonian))
    total = -1j * (np.kron(hamiltonian, identity) - np.kron(identity, hamiltonian.T))
    for jump in jumps:
        weight = jump.conj().T @ jump
        total = total + np.kron(jump, jump.conj())
        total = total - 0.5 * (np.kron(weight, identity) + np.kron(identity, weight.T))
    return np.asarray(total, dtype=np.complex128)


def _require_rate(index: int, jump: Jump) -> None:
    field = f"system.lindbladian.jumps[{index}]"
    low, high = jump.rate_low, jump.rate_high
    if not (np.isfinite(low) and np.isfinite(high) and 0 <= low <= high):
        raise RatesUnphysical(
            f"The rate of jump {index} lies in [{low:.6g}, {high:.6g}]/s; rates are finite, not "
            "negative and low <= high.",
            field=field,
            rate_low_per_s=low,
            rate_high_per_s=high,
        )
    if low != high:
        raise ModelUnsupported(
            f"The rate of jump {index} is only known in an interval; evolution needs one number.",
            field=field,
            model="lindbladian",
            rate_low_per_s=low,
            rate_high_per_s=high,
        )
