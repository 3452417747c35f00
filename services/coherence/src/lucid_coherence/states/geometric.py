"""Geometric coherence C_g = 1 − max F(ρ, σ) over incoherent σ, as a certified interval.

With ρ = W W† and σ = diag p, √F is the trace norm of √σ W: a concave function of p. Every p gives
a lower bound of the largest fidelity; every positive B gives the upper bound
max_i (W B⁻¹ W†)_ii · Tr B, by Alberti's form of the fidelity [Alberti1983]. A primal-dual
interior-point method in p finds both; the interval rests on p and B alone.
"""

import math

import numpy as np

from lucid_coherence.states.batch import ComplexArray, RealArray, adjoint, cache_blocks
from lucid_coherence.states.enclosure import (
    Check,
    frobenius,
    frobenius_squared,
    no_check,
    outward,
    product_error,
)
from lucid_coherence.states.factor import ROUNDING, batch_first, factor, ranks, root_shift
from lucid_coherence.states.measured import Measured
from lucid_coherence.states.measures import BASIS
from lucid_coherence.states.violations import BatchTooLarge

DIMENSION_MAX = 16
"""Levels of one state: one step costs O(d⁴)."""
GAP_WANTED = 3e-10
STEPS_MAX = 60
_CENTRING = 0.05
_BOUNDARY_SHARE = 0.97


def geometric_coherence(
    matrices: ComplexArray, eigenvalues: RealArray, check: Check = no_check
) -> Measured:
    """C_g in [0, 1 − 1/d], normalised by that, with `low` and `high` [Streltsov2015].

    The interval belongs to W W† / Tr, W the computed factor: the state that the numbers stand for
    when noise in the place of lost rank is taken as 0. The uncertainty bounds what the distance to
    the numbers themselves, and their rounding, can do: a square root of it near a loss of rank.

    Raises:
        BatchTooLarge: d is above 16.
    """
    dimension = matrices.shape[-1]
    require_dimension(dimension)
    low, high = np.empty(len(matrices)), np.empty(len(matrices))
    distances = np.empty(len(matrices))
    for part in cache_blocks(len(matrices), dimension):
        factors = batch_first(factor(matrices[part]))
        low[part], high[part] = _enclose(factors, check)
        distances[part] = frobenius(matrices[part] - factors @ adjoint(factors))
    low, high = outward(np.maximum(low, 0.0), high)
    low = np.maximum(low, 0.0)
    values = 0.5 * (low + high)
    disturbance = math.sqrt(dimension) * (distances + 4 * dimension * ROUNDING)
    shift = root_shift(eigenvalues[:, 0], disturbance)
    bound = 1.0 - 1.0 / dimension
    return Measured(
        values=values,
        normalised=np.clip(values / bound, 0.0, 1.0),
        uncertainties=np.minimum(0.5 * (high - low) + 2 * math.sqrt(2) * shift, bound),
        unit="1",
        basis=BASIS,
        method="closed form of qubits and pure states; else a point p and a multiplier B",
        note="1 − largest fidelity, fidelity squared; low and high hold for the factored state, "
        "the uncertainty adds what its distance from the numbers sent can do",
        low=low,
        high=high,
    )


def require_dimension(dimension: int) -> None:
    """Refuse states of more levels than this measure is computed for."""
    if dimension > DIMENSION_MAX:
        raise BatchTooLarge(
            f"The geometric coherence is computed up to d = {DIMENSION_MAX}; d is {dimension}.",
            field="measures",
            limit="geometric_dimension_max",
            value=dimension,
            maximum=DIMENSION_MAX,
            unit="levels",
        )


def _enclose(factors: ComplexArray, check: Check) -> tuple[RealArray, RealArray]:
    """Return the interval of every factored state, by rank: each needs its own shapes."""
    count, dimension, _ = factors.shape
    low, high = np.empty(count), np.empty(count)
    found = ranks(factors)
    for rank in np.unique(found):
        rows = np.flatnonzero(found == rank)
        members = np.ascontiguousarray(factors[rows][:, :, :rank])
        members /= frobenius(members)[:, None, None]
        if rank == 1:
            low[rows], high[rows] = _pure(members)
        elif dimension == 2:
            low[rows], high[rows] = _qubit(members)
        else:
            points = _interior_point(members, check)
            low[rows], high[rows] = _certified(members, points)
    return low, high


def _pure(factors: ComplexArray) -> tuple[RealArray, RealArray]:
    """1 − max |ψ_i|² of a vector ψ."""
    values = 1.0 - frobenius_squared_rows(factors).max(axis=-1)
    error = product_error(factors.shape[-2])
    return values - error, values + error


def _qubit(factors: ComplexArray) -> tuple[RealArray, RealArray]:
    """(1 − q)/2 with q² = 1 − 4|ρ_01|² = (ρ_00 − ρ_11)² + 4 |det W|², falling in q.

    The second form of q² has no cancellation near the maximally coherent state, where q is 0.
    """
    rows = frobenius_squared_rows(factors)
    difference = np.abs(rows[:, 0] - rows[:, 1])
    crossed = factors[:, 0, 0] * factors[:, 1, 1], factors[:, 0, 1] * factors[:, 1, 0]
    determinant = np.abs(crossed[0] - crossed[1])
    error = product_error(2)
    doubt = error * (np.abs(crossed[0]) + np.abs(crossed[1]))
    coherence = np.abs(np.einsum("nk,nk->n", factors[:, 0], factors[:, 1].conj()))

    def value(sign: int) -> RealArray:
        apart = np.maximum(difference + sign * error, 0.0)
        root = np.hypot(apart, 2.0 * np.maximum(determinant + sign * doubt, 0.0))
        edge: RealArray = 2.0 * (coherence * (1 - sign * error)) ** 2 / (1.0 + root)
        return edge

    return value(1), value(-1)


def frobenius_squared_rows(factors: ComplexArray) -> RealArray:
    """Return Σ_k |w_ik|² as (count, d): the diagonal of W W†."""
    squares: RealArray = (factors.real**2 + factors.imag**2).sum(axis=-1)
    return squares


def _interior_point(factors: ComplexArray, check: Check) -> RealArray:
    """Return p, (count, d), positive, whose fidelity is within 3e-10 of the largest.

    Newton steps on the optimality conditions ∇√F + z = ν·1, p z = μ, Σ p = 1, with μ lowered to a
    twentieth in each step. A state that is done, or stops being finite, keeps its last p.
    """
    count, dimension, _ = factors.shape
    points: RealArray = 0.5 * (frobenius_squared_rows(factors) + 1.0 / dimension)
    found: RealArray = points.copy()
    active = np.arange(count)
    duals: RealArray | None = None
    with np.errstate(all="ignore"):
        for _ in range(STEPS_MAX):
            check()
            roots, turned = _spectrum(factors, points)
            slopes = 0.5 * (np.abs(turned) ** 2 / roots[:, None, :]).sum(axis=-1)
            values = roots.sum(axis=-1)
            sound = np.isfinite(slopes).all(axis=-1)
            found[active[sound]] = points[sound]
            going = sound & (2 * slopes.max(axis=-1) * values - values**2 > GAP_WANTED)
            if not going.any():
                break
            if duals is None:
                duals = 0.1 * values[:, None] / (dimension * points)
            active, factors, duals = active[going], factors[going], duals[going]
            try:
                points, duals = _step(
                    points[going], duals, roots[going], turned[going], slopes[going]
                )
            except np.linalg.LinAlgError:  # a system became singular: the last points still bound
                break
    return found


def _spectrum(factors: ComplexArray, points: RealArray) -> tuple[RealArray, ComplexArray]:
    """Return √λ of W† diag(p) W, (count, r), and W turned to its eigenvectors, (count, d, r)."""
    eigenvalues, vectors = np.linalg.eigh(adjoint(factors) @ (points[:, :, None] * factors))
    return np.sqrt(np.maximum(eigenvalues, 1e-300)), factors @ vectors


def _step(
    points: RealArray, duals: RealArray, roots: RealArray, turned: ComplexArray, slopes: RealArray
) -> tuple[RealArray, RealArray]:
    """Make one step in the relative changes ξ = Δp/p.

    The Hessian of Tr √(W† diag(p) W) is −Σ_kl φ_kl Re(c_ik* c_il c_jk c_jl*), with the divided
    difference φ_kl = 1/(2 √λ_k √λ_l (√λ_k + √λ_l)): a Gram matrix, so that it is built as one.
    """
    count, dimension, rank = turned.shape
    left, right = roots[:, :, None], roots[:, None, :]
    weights = np.sqrt(0.5 / (left * right * (left + right)))
    pairs = turned.conj()[:, :, :, None] * turned[:, :, None, :] * weights[:, None]
    pairs *= points[:, :, None, None]
    stacked = np.ascontiguousarray(pairs.reshape(count, dimension, rank * rank)).view(np.float64)
    system = stacked @ np.swapaxes(stacked, -1, -2)
    np.einsum("nii->ni", system)[:] += points * duals
    centre = _CENTRING * (points * duals).sum(axis=-1, keepdims=True) / dimension
    solved = np.linalg.solve(system, np.stack([points * slopes + centre, points], axis=-1))
    missing = 1.0 - points.sum(axis=-1)
    price = ((points * solved[:, :, 0]).sum(axis=-1) - missing) / (points * solved[:, :, 1]).sum(
        axis=-1
    )
    relative = solved[:, :, 0] - price[:, None] * solved[:, :, 1]
    duals_change = centre / points - duals - duals * relative
    points = points * (1.0 + _room(relative) * relative)
    duals = duals + _room(duals_change / duals) * duals_change
    points /= points.sum(axis=-1, keepdims=True)
    return points, duals


def _room(relative: RealArray) -> RealArray:
    room: RealArray = np.minimum(1.0, _BOUNDARY_SHARE / np.maximum(-relative.min(axis=-1), 1e-300))
    return room[:, None]


def _certified(factors: ComplexArray, points: RealArray) -> tuple[RealArray, RealArray]:
    """Return the interval that p, and B from the singular values of √p W, prove."""
    amplitudes = np.sqrt(points)
    left, roots, right = np.linalg.svd(amplitudes[:, :, None] * factors, full_matrices=False)
    norm = frobenius_squared(factors)
    with np.errstate(all="ignore"):
        best = _largest_fidelity(factors, roots, right) / norm
        high = 1.0 - _reached_fidelity(factors, amplitudes, left @ right) / norm
    slack = product_error(factors[0].size)
    best = np.where(np.isfinite(best), np.minimum(best * (1.0 + slack), 1.0), 1.0)
    return 1.0 - best, high + slack


def _reached_fidelity(
    factors: ComplexArray, amplitudes: RealArray, isometries: ComplexArray
) -> RealArray:
    """Bound F(W W†, a²/Σa²) from below by Re Tr U†(a W) / |U|, true for every U.

    |U|² <= 1 + |U†U − 1|.
    """
    _, dimension, rank = factors.shape
    weighted = amplitudes[:, :, None] * isometries.conj()
    overlap = np.einsum("nik,nik->n", weighted, factors).real
    total = np.einsum("nik,nik->n", np.abs(weighted), np.abs(factors))
    overlap = np.maximum(overlap - product_error(dimension * rank) * total, 0.0)
    excess = frobenius(adjoint(isometries) @ isometries - np.eye(rank))
    excess += product_error(dimension) * 1.01 * frobenius_squared(isometries)
    reached: RealArray = overlap**2 / ((1.0 + excess) * (amplitudes**2).sum(axis=-1))
    return reached


def _largest_fidelity(factors: ComplexArray, roots: RealArray, right: ComplexArray) -> RealArray:
    """Bound the largest fidelity by max_i |w_i T|² · |T⁻¹|², true for every invertible T.

    T T† is B⁻¹. Of T⁻¹ only an approximation R is known: |T⁻¹| <= |R|/(1 − |1 − R T|). Where that
    says nothing the result is infinite.
    """
    rank = factors.shape[-1]
    halves = np.sqrt(roots)
    forward = adjoint(right) / halves[:, None, :]
    backward = halves[:, :, None] * right
    error = product_error(rank)
    flaw = frobenius(backward @ forward - np.eye(rank))
    flaw += 1.01 * error * frobenius(np.abs(backward) @ np.abs(forward) + 0j)
    rows = np.sqrt(frobenius_squared_rows(factors @ forward))
    rows += 1.01 * error * np.sqrt(frobenius_squared_rows(np.abs(factors) @ np.abs(forward) + 0j))
    inverse = np.where(flaw < 0.5, frobenius(backward) / (1.0 - flaw), np.inf)
    largest: RealArray = (rows.max(axis=-1) * inverse) ** 2
    return largest
