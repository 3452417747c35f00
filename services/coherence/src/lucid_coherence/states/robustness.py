"""Robustness of coherence as a certified interval.

RoC is the optimum of two programs [Napoli2016, Piani2016]:
    least s with ρ <= (1 + s) δ, δ diagonal of trace 1;    largest Tr ρW − 1, W >= 0 with W_ii = 1.
Any feasible point of either bounds it. A primal-dual interior-point method [Helmberg1996] finds a
pair with a gap of about 1e-10; the interval rests on the pair alone, not on the method.
"""

import numpy as np

from lucid_coherence.states.batch import (
    ComplexArray,
    RealArray,
    adjoint,
    cache_blocks,
    hermitian_part,
)
from lucid_coherence.states.enclosure import (
    Check,
    definite_shift,
    frobenius,
    no_check,
    outward,
    product_error,
)
from lucid_coherence.states.factor import ROUNDING
from lucid_coherence.states.measured import Measured
from lucid_coherence.states.measures import BASIS, magnitudes
from lucid_coherence.states.violations import BatchTooLarge

DIMENSION_MAX = 32
"""Levels of one state: one step costs O(d³) and about twelve are needed."""
GAP_WANTED = 3e-10
STEPS_MAX = 40
_BOUNDARY_SHARE = 0.97
"""Share of the way to the boundary of the cone that a step may go."""
_PURE_EXCESS = 1e-11
"""How wide the closed form of a pure state may be made by what is left of the state beside it."""


def robustness_of_coherence(matrices: ComplexArray, check: Check = no_check) -> Measured:
    """RoC in [0, d − 1], normalised by d − 1, with `low` and `high` rounded outward.

    Qubits and pure states have the closed form Σ_{i≠j} |ρ_ij|. `matrices` is (count, d, d),
    Hermitian; the interval belongs to exactly these numbers.

    Raises:
        BatchTooLarge: d is above 32.
    """
    dimension = matrices.shape[-1]
    require_dimension(dimension)
    low, high = np.empty(len(matrices)), np.empty(len(matrices))
    for part in cache_blocks(len(matrices), dimension):
        low[part], high[part] = _enclose(matrices[part], check)
    values = 0.5 * (low + high)
    return Measured(
        values=values,
        normalised=np.clip(values / (dimension - 1), 0.0, 1.0),
        uncertainties=0.5 * (high - low) + 4 * dimension * dimension * ROUNDING,
        unit="1",
        basis=BASIS,
        method="feasible points of the primal and of the dual semidefinite program",
        note="low and high are rounded outward and hold for exactly the numbers sent",
        low=low,
        high=high,
    )


def require_dimension(dimension: int) -> None:
    """Refuse states of more levels than this measure is computed for."""
    if dimension > DIMENSION_MAX:
        raise BatchTooLarge(
            f"The robustness of coherence is computed up to d = {DIMENSION_MAX}; d is {dimension}.",
            field="measures",
            limit="robustness_dimension_max",
            value=dimension,
            maximum=DIMENSION_MAX,
            unit="levels",
        )


def _enclose(matrices: ComplexArray, check: Check) -> tuple[RealArray, RealArray]:
    sums, excess = _closed_form(matrices)
    error = excess + product_error(matrices.shape[-1] ** 2) * (1.0 + sums)
    low, high = np.maximum(sums - error, 0.0), sums + error
    hard = excess > _PURE_EXCESS
    if hard.any():
        slack, weights = _interior_point(matrices[hard], check)
        low[hard] = np.maximum(_lower(matrices[hard], weights), 0.0)
        high[hard] = _upper(slack)
    low, high = outward(low, high)
    return np.maximum(low, 0.0), high


def _closed_form(matrices: ComplexArray) -> tuple[RealArray, RealArray]:
    """Return C_l1 of the pure state in the largest column, and how far the rest can move RoC.

    |RoC(ρ) − RoC(ψ)| <= (d − 1) |ρ − ψψ†|_1, as W <= d. For a qubit C_l1 is exact: nothing is left.
    """
    count, dimension, _ = matrices.shape
    entries = magnitudes(matrices)
    entries[:, :: dimension + 1] = 0.0
    if dimension == 2:
        return entries.sum(axis=-1), np.zeros(count)
    diagonal = np.einsum("nii->ni", matrices).real
    chosen = diagonal.argmax(axis=-1)
    rows = np.arange(count)
    vectors = matrices[rows, :, chosen] / np.sqrt(diagonal[rows, chosen])[:, None]
    rest = matrices - vectors[:, :, None] * vectors[:, None, :].conj()
    lengths = np.abs(vectors)
    sums = lengths.sum(axis=-1) ** 2 - (lengths**2).sum(axis=-1)
    rounding = product_error(1)
    excess: RealArray = (dimension - 1) * np.sqrt(dimension) * (frobenius(rest) + rounding)
    return sums, excess


def _lower(matrices: ComplexArray, weights: ComplexArray) -> RealArray:
    """Bound RoC from below by Σ_{i≠j} ρ_ij W_ji with W the correlation matrix of float vectors.

    Whatever the vectors are, their correlations are an exactly feasible W; only the sum is rounded.
    """
    dimension = matrices.shape[-1]
    eigenvalues, vectors = np.linalg.eigh(weights)
    rows = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))[:, None, :]
    products = rows @ adjoint(rows)
    lengths = np.sqrt(np.einsum("nii->ni", products).real)
    off = matrices / (lengths[:, :, None] * lengths[:, None, :])
    np.einsum("nii->ni", off)[:] = 0.0
    found = np.einsum("nij,nji->n", off, products).real
    entries = magnitudes(matrices)
    entries[:, :: dimension + 1] = 0.0
    error = 3 * product_error(dimension) + product_error(dimension**2) + 8 * ROUNDING
    lower: RealArray = found - 1.01 * error * entries.sum(axis=-1)
    return lower


def _upper(slack: ComplexArray) -> RealArray:
    """Bound RoC from above: D = diag(S + ρ) + t·1 >= ρ has Tr D − Tr ρ = Tr S + d t."""
    dimension = slack.shape[-1]
    diagonal = np.einsum("nii->ni", slack).real
    upper: RealArray = diagonal.sum(axis=-1) + dimension * definite_shift(slack)
    upper += product_error(dimension) * np.abs(diagonal).sum(axis=-1)
    return upper


def _interior_point(matrices: ComplexArray, check: Check) -> tuple[ComplexArray, ComplexArray]:
    """Return the slack S = D − ρ and the weights W of every state, gap Tr SW below 3e-10.

    Starts from D_ii = Σ_j |ρ_ij| + 0.1/d, which dominates ρ by its rows, and W = 1. A state that is
    done, or whose numbers stop being finite, keeps its last pair. Only the diagonal of S changes.
    """
    count, dimension, _ = matrices.shape
    slack = -matrices
    sums = magnitudes(matrices).reshape(matrices.shape).sum(axis=-1)
    np.einsum("nii->ni", slack)[:] += sums + 0.1 / dimension
    weights = np.broadcast_to(np.eye(dimension, dtype=np.complex128), matrices.shape).copy()
    found = slack.copy(), weights.copy()
    active = np.arange(count)
    with np.errstate(all="ignore"):
        for _ in range(STEPS_MAX):
            check()
            gaps = _gap(slack, weights)
            going = gaps >= GAP_WANTED
            found[0][active], found[1][active] = slack, weights
            if not going.any():
                break
            active, gaps = active[going], gaps[going]
            try:
                slack, weights = _step(slack[going], weights[going], gaps)
            except np.linalg.LinAlgError:  # a system became singular: the last pairs still bound
                break
            sound = np.isfinite(_gap(slack, weights))
            active, slack, weights = active[sound], slack[sound], weights[sound]
    return found


def _gap(slack: ComplexArray, weights: ComplexArray) -> RealArray:
    gaps: RealArray = np.einsum("nij,nji->n", slack, weights).real
    return gaps


def _step(
    slack: ComplexArray, weights: ComplexArray, gaps: RealArray
) -> tuple[ComplexArray, ComplexArray]:
    """Make one predictor-corrector step; W is scaled back to a unit diagonal, which keeps it >= 0.

    Linearised: W + ΔW = σμ S⁻¹ − W ΔS S⁻¹, its Hermitian part; ΔS diagonal, (W + ΔW)_ii = 1. The d
    equations for ΔS have the matrix Re(W ∘ conj S⁻¹).
    """
    dimension = slack.shape[-1]
    slack_root, weights_root = _whitening(slack), _whitening(weights)
    inverse = adjoint(slack_root) @ slack_root
    solve = np.linalg.inv((weights * inverse.conj()).real)

    affine = -solve.sum(axis=-1)
    affine_weights = -weights - hermitian_part((weights * affine[:, None, :]) @ inverse)
    ahead = _gap(
        slack + _diagonal(affine, _room(slack_root, _diagonal(affine), 1.0)),
        weights + _room(weights_root, affine_weights, 1.0)[:, None, None] * affine_weights,
    )
    centre = np.clip(ahead / gaps, 1e-6, 1.0) ** 2 * gaps / dimension

    second = (affine_weights * affine[:, None, :]) @ inverse
    right = centre[:, None] * np.einsum("nii->ni", inverse).real - 1.0
    right = right - np.einsum("nii->ni", second).real
    change = (solve @ right[:, :, None])[:, :, 0]
    moved = hermitian_part((weights * change[:, None, :]) @ inverse + second)
    weights_change = centre[:, None, None] * inverse - weights - moved

    slack = slack + _diagonal(change, _room(slack_root, _diagonal(change), _BOUNDARY_SHARE))
    room = _room(weights_root, weights_change, _BOUNDARY_SHARE)
    weights = weights + room[:, None, None] * weights_change
    scale = 1.0 / np.sqrt(np.einsum("nii->ni", weights).real)
    return slack, weights * (scale[:, :, None] * scale[:, None, :])


def _diagonal(entries: RealArray, factors: RealArray | float = 1.0) -> ComplexArray:
    count, dimension = entries.shape
    matrices = np.zeros((count, dimension, dimension), dtype=np.complex128)
    np.einsum("nii->ni", matrices)[:] = entries * np.broadcast_to(factors, (count,))[:, None]
    return matrices


def _whitening(matrices: ComplexArray) -> ComplexArray:
    """Return K with K A K† = 1 for every A > 0; eigenvalues lost to rounding are lifted."""
    try:
        return np.linalg.inv(np.linalg.cholesky(matrices)).astype(np.complex128, copy=False)
    except np.linalg.LinAlgError:
        eigenvalues, vectors = np.linalg.eigh(matrices)
        floor = np.maximum(eigenvalues, 1e-17 * eigenvalues[:, -1:])
        columns: ComplexArray = (vectors / np.sqrt(floor)[:, None, :]).astype(np.complex128)
        return adjoint(columns)


def _room(whitening: ComplexArray, change: ComplexArray, share: float) -> RealArray:
    """Return the step in (0, 1] that goes at most `share` of the way to the cone's boundary."""
    smallest = np.linalg.eigvalsh(whitening @ change @ adjoint(whitening))[:, 0]
    room: RealArray = np.minimum(1.0, share / np.maximum(-smallest, 1e-300))
    return room
