"""A general Markovian generator on a system of up to 64 levels, given by dense operators."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lucid_coherence.open_systems.rates import require_magnitude, require_rate
from lucid_coherence.open_systems.violations import ModelUnsupported, OperatorMalformed
from lucid_coherence.states.batch import ComplexArray, RealArray, adjoint

DIMENSION_MAX = 64
"""Operators of 64 levels take 64 KiB each; six qubits."""
HERMITICITY_TOLERANCE = 1e-9
"""Largest |H − H†| relative to the largest |H|."""
FIELD = "system.lindbladian"


@dataclass(frozen=True, slots=True)
class Jump:
    """A Lindblad operator, (d, d) complex128, with its rate in 1/s, known within [low, high]."""

    operator: ComplexArray
    rate_low: float
    rate_high: float


@dataclass(frozen=True, slots=True)
class Lindbladian:
    """A generator with ħ = 1: H in rad/s, (d, d), Hermitian; d = product of dims, at most 64.

    dρ/dt = −i[H, ρ] + Σ γ (L ρ L† − {L†L, ρ}/2) [Lindblad1976, eq. 2]; nothing in it depends on
    time.

    Raises:
        ModelUnsupported: d over the limit.
        OperatorMalformed: H is not Hermitian, or a number is not finite or over 1e30.
        RatesUnphysical: a rate outside of [0, 1e30].
    """

    dims: tuple[int, ...]
    hamiltonian: ComplexArray
    jumps: tuple[Jump, ...]

    def __post_init__(self) -> None:
        require_small(self.dims)
        require_hermitian(self.hamiltonian, field=f"{FIELD}.hamiltonian")
        for index, jump in enumerate(self.jumps):
            require_magnitude(jump.operator, field=f"{FIELD}.jumps[{index}].operator")
            require_rate(index, jump.rate_low, jump.rate_high, field=f"{FIELD}.jumps[{index}]")

    @property
    def dimension(self) -> int:
        """The dimension d."""
        return len(self.hamiltonian)

    def rates(self) -> RealArray:
        """Return the low rates, (jumps,), 1/s."""
        return np.array([jump.rate_low for jump in self.jumps])

    def operators(self) -> ComplexArray:
        """Return the jumps' operators, (jumps, d, d), without their rates."""
        operators = np.zeros((len(self.jumps), *self.hamiltonian.shape), dtype=np.complex128)
        for index, jump in enumerate(self.jumps):
            operators[index] = jump.operator
        return operators


def require_hermitian(operator: ComplexArray, *, field: str) -> None:
    """Refuse a Hamiltonian in rad/s that differs from its adjoint or is too large."""
    require_magnitude(operator, field=field)
    difference = float(np.abs(operator - adjoint(operator)).max())
    scale = max(float(np.abs(operator).max()), 1e-300)
    if difference > HERMITICITY_TOLERANCE * scale:
        raise OperatorMalformed(
            f"The Hamiltonian differs from its adjoint by {difference:.6g} rad/s.",
            field=field,
            check="hermiticity_error",
            value=difference,
            tolerance=HERMITICITY_TOLERANCE * scale,
        )


def require_small(dims: Sequence[int]) -> int:
    """Return the dimension d, or refuse a system with too many levels (ModelUnsupported)."""
    dimension = 1
    for dim in dims:
        dimension *= dim
    if not 2 <= dimension <= DIMENSION_MAX or min(dims) < 2:
        raise ModelUnsupported(
            f"Evolution is served for dimensions 2 to {DIMENSION_MAX}; dims are {list(dims)}.",
            field=f"{FIELD}.dims",
            model="lindbladian",
            dimension=dimension,
            maximum=DIMENSION_MAX,
        )
    return dimension
