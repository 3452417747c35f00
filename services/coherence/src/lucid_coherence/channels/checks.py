"""Is a map a channel, and by how much not; its Kraus operators if it is completely positive."""

import math
from dataclasses import dataclass

import numpy as np

from lucid_coherence.channels.channel import Channel, Form, apply
from lucid_coherence.channels.representations import (
    pauli_transfer_from_choi,
    superoperator_from_choi,
)
from lucid_coherence.channels.violations import ChannelUnphysical, StrengthOutOfRange
from lucid_coherence.states.batch import ComplexArray, RealArray, hermitian_part

TOLERANCE_DEFAULT = 1e-9
TOLERANCE_MAX = 1e-6
"""Beyond this the Kraus operators of the map no longer describe what was sent."""
ROUNDING = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Checks:
    """What was measured of a map; every number is absolute and compared with `tolerance`.

    Attributes:
        tolerance: in [0, 1e-6].
        hermiticity_error: largest |C − C†|: does the map keep Hermitian matrices Hermitian?
        choi_eigenvalues: (d²,), ascending, of the Hermitian part of the Choi matrix.
        eigenvalue_rounding: how far rounding can have moved each of them.
        trace_preservation_error: spectral norm of Tr_out C − 1.
        unitality_error: spectral norm of E(1) − 1.
    """

    tolerance: float
    hermiticity_error: float
    choi_eigenvalues: RealArray
    eigenvalue_rounding: float
    trace_preservation_error: float
    unitality_error: float

    @property
    def smallest_choi_eigenvalue(self) -> float:
        """At least 0 exactly if the map is completely positive [Choi1975]."""
        return float(self.choi_eigenvalues[0])

    @property
    def is_completely_positive(self) -> bool:
        """True if the Choi matrix is Hermitian and positive within the tolerance."""
        return (
            self.hermiticity_error <= self.tolerance
            and self.smallest_choi_eigenvalue >= -self.tolerance
        )

    @property
    def is_trace_preserving(self) -> bool:
        """True within the tolerance."""
        return self.trace_preservation_error <= self.tolerance

    @property
    def is_unital(self) -> bool:
        """True if the identity is kept within the tolerance."""
        return self.unitality_error <= self.tolerance

    @property
    def is_channel(self) -> bool:
        """True if completely positive and trace preserving."""
        return self.is_completely_positive and self.is_trace_preserving

    @property
    def rank(self) -> int:
        """The number of Choi eigenvalues above the cut for rounding: the Kraus rank."""
        return int((self.choi_eigenvalues > rank_cut(self.choi_eigenvalues)).sum())


def inspect(channel: Channel, tolerance: float = TOLERANCE_DEFAULT) -> Checks:
    """Measure how far a map is from a channel. Costs O(d⁶).

    Raises:
        StrengthOutOfRange: the tolerance is outside [0, 1e-6].
    """
    if not (math.isfinite(tolerance) and 0 <= tolerance <= TOLERANCE_MAX):
        raise StrengthOutOfRange(
            f"The tolerance is {tolerance:.6g}; it lies in [0, {TOLERANCE_MAX:g}].",
            field="tolerance_abs",
            parameter="tolerance_abs",
            value=tolerance,
            low=0.0,
            high=TOLERANCE_MAX,
        )
    d, choi = channel.dimension, channel.choi
    identity = np.eye(d, dtype=np.complex128)
    kept = np.trace(choi.reshape(d, d, d, d), axis1=1, axis2=3)
    image = apply(channel, identity[None])[0]
    return Checks(
        tolerance=tolerance,
        hermiticity_error=float(np.abs(choi - choi.conj().T).max()),
        choi_eigenvalues=np.linalg.eigvalsh(hermitian_part(choi)).astype(np.float64),
        eigenvalue_rounding=eigenvalue_rounding(choi),
        trace_preservation_error=float(np.linalg.norm(kept - identity, 2)),
        unitality_error=float(np.linalg.norm(image - identity, 2)),
    )


def eigenvalue_rounding(matrix: ComplexArray) -> float:
    """Bound what rounding of the entries and of `eigvalsh` moves an eigenvalue by.

    Both are backward stable: the computed eigenvalues are those of a matrix within a small
    multiple of n · eps · ‖A‖ [Higham2002]; 8 is that multiple, the norm is Frobenius's.
    """
    return float(8 * len(matrix) * ROUNDING * np.linalg.norm(matrix))


def rank_cut(eigenvalues: RealArray) -> float:
    """Return the size below which a Choi eigenvalue is rounding noise."""
    return float(16 * len(eigenvalues) * ROUNDING * np.abs(eigenvalues).max())


def require_channel(checks: Checks, *, field: str) -> None:
    """Refuse a map that is not completely positive or not trace preserving."""
    require_completely_positive(checks, field=field)
    if not checks.is_trace_preserving:
        raise _unphysical(
            "trace_preservation_error", checks.trace_preservation_error, checks.tolerance, field
        )


def require_completely_positive(checks: Checks, *, field: str) -> None:
    """Refuse a map without Kraus operators."""
    if checks.hermiticity_error > checks.tolerance:
        raise _unphysical("hermiticity_error", checks.hermiticity_error, checks.tolerance, field)
    if not checks.is_completely_positive:
        raise _unphysical(
            "min_choi_eigenvalue", checks.smallest_choi_eigenvalue, checks.tolerance, field
        )


def _unphysical(check: str, value: float, tolerance: float, field: str) -> ChannelUnphysical:
    return ChannelUnphysical(
        f"The map fails the check {check}: the value is {value:.6g}, "
        f"the tolerance {tolerance:.6g}.",
        field=field,
        check=check,
        value=value,
        tolerance=tolerance,
    )


@dataclass(frozen=True, slots=True)
class CanonicalKraus:
    """Orthogonal Kraus operators, (rank, d, d), heaviest first, and what writing them lost.

    `error` is the spectral norm of the difference between the Choi matrix and the one of the
    operators: the largest eigenvalue that was dropped as negative or as rounding noise.
    """

    operators: ComplexArray
    error: float


def canonical_kraus(channel: Channel, checks: Checks) -> CanonicalKraus:
    """Return Kraus operators with Tr(K_a† K_b) = λ_a δ_ab, λ the Choi eigenvalues [Choi1975].

    The largest entry of each is real and positive. Operators of equal λ are only unique up to a
    unitary of their span. The zero map has one operator, 0.

    Raises:
        ChannelUnphysical: the map is not completely positive within the tolerance.
    """
    require_completely_positive(checks, field="channel")
    d = channel.dimension
    eigenvalues, vectors = np.linalg.eigh(hermitian_part(channel.choi))
    kept = eigenvalues > rank_cut(eigenvalues)
    if not kept.any():
        # The zero map: one operator of zeros, for no operators could not be read back.
        nothing = np.zeros((1, d, d), dtype=np.complex128)
        return CanonicalKraus(nothing, float(np.abs(eigenvalues).max()))
    weights = np.sqrt(eigenvalues[kept])[::-1]
    columns = vectors[:, kept][:, ::-1] * weights
    operators = np.swapaxes(columns.T.reshape(-1, d, d), -1, -2)
    dropped = np.abs(eigenvalues[~kept])
    return CanonicalKraus(_phased(operators), float(dropped.max(initial=0.0)))


def _phased(operators: ComplexArray) -> ComplexArray:
    """Make the largest entry of each operator real and positive; near ties go to the first."""
    flat = operators.reshape(len(operators), -1)
    sizes = np.abs(flat)
    near = sizes >= sizes.max(axis=1, keepdims=True) * (1 - 1e-6)
    pivots = flat[np.arange(len(flat)), near.argmax(axis=1)]
    phased: ComplexArray = operators * (pivots.conj() / np.abs(pivots))[:, None, None]
    return np.ascontiguousarray(phased)


def write(channel: Channel, form: Form, checks: Checks) -> tuple[ComplexArray, float]:
    """Return the numbers of `channel` in `form` and the spectral norm of what that lost.

    Raises:
        FormUndefined: a Pauli transfer matrix of a system that is not made of qubits.
        ChannelUnphysical: Kraus operators of a map that is not completely positive.
    """
    match form:
        case Form.KRAUS:
            found = canonical_kraus(channel, checks)
            return found.operators, found.error
        case Form.CHOI:
            return channel.choi, 0.0
        case Form.SUPEROPERATOR:
            return superoperator_from_choi(channel.choi), 0.0
        case Form.PAULI_TRANSFER:
            return pauli_transfer_from_choi(channel.choi, channel.dims), 0.0
