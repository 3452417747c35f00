"""How close two states are: fidelity, trace distance, Bures distance and angle."""

import math
from dataclasses import dataclass

import numpy as np

from lucid_coherence.states.batch import ComplexArray, RealArray, StateBatch, adjoint
from lucid_coherence.states.enclosure import frobenius
from lucid_coherence.states.factor import ROUNDING, batch_first, factor, root_shift
from lucid_coherence.states.physicality import Inspection, Tolerances, inspect, require_valid
from lucid_coherence.states.spectra import hermitian_eigenvalues
from lucid_coherence.states.violations import BatchMalformed


@dataclass(frozen=True, slots=True)
class Comparison:
    """Pairs compared; every array has shape (count,).

    `fidelities` are squared, in [0, 1]; `trace_distances` in [0, 1]; `bures_distances` in [0, √2];
    `bures_angles` in rad, in [0, π/2]. `fidelity_uncertainties` and `trace_distance_uncertainty`
    bound what rounding of the states and of the computation can do.
    """

    fidelities: RealArray
    trace_distances: RealArray
    bures_distances: RealArray
    bures_angles: RealArray
    fidelity_uncertainties: RealArray
    trace_distance_uncertainty: float


def compare(left: StateBatch, right: StateBatch, tolerances: Tolerances) -> Comparison:
    """Compare state k with state k, or one reference with all when a batch has one state.

    F = (Tr |√ρ √σ|)² [Jozsa1994], the squared convention. With ρ = A A† and σ = B B† it is the
    squared trace norm of B†A. A and B are pivoted Cholesky factors, so noise in the place of lost
    rank enters no square root. The Bures distance √(2 − 2√F) is |A − B U| with U the polar factor
    of B†A [Bures1969]: it keeps its accuracy where F is near 1.

    Raises:
        BatchMalformed: the batches have different dims, or counts that are neither equal nor 1.
        StateUnphysical: a state is not physical.
    """
    _require_alike(left, right)
    inspections = inspect(left, tolerances), inspect(right, tolerances)
    for name, inspection in zip(("left", "right"), inspections, strict=True):
        require_valid(inspection, field=name)
    first, second = (_unit_factor(inspection.hermitian) for inspection in inspections)
    fidelities, bures = _uhlmann(first, second)
    difference = inspections[0].hermitian - inspections[1].hermitian
    distances = np.minimum(0.5 * np.abs(hermitian_eigenvalues(difference)).sum(axis=-1), 1.0)
    return Comparison(
        fidelities=fidelities,
        trace_distances=distances,
        bures_distances=bures,
        bures_angles=2.0 * np.arcsin(np.minimum(0.5 * bures, math.sqrt(0.5))),
        fidelity_uncertainties=np.broadcast_to(_uncertainties(*inspections), bures.shape),
        trace_distance_uncertainty=4 * left.dimension**1.5 * ROUNDING,
    )


def _require_alike(left: StateBatch, right: StateBatch) -> None:
    if left.dims != right.dims:
        raise BatchMalformed(
            f"States of dims {left.dims} and {right.dims} cannot be compared.",
            field="right.dims",
            check="DIMS_EQUAL",
            expected="x".join(map(str, left.dims)),
            actual="x".join(map(str, right.dims)),
        )
    if left.count != right.count and 1 not in (left.count, right.count):
        raise BatchMalformed(
            f"{left.count} states cannot be compared with {right.count}, only with as many or one.",
            field="right.count",
            check="COUNTS_MATCH",
            expected=left.count,
            actual=right.count,
        )


def _unit_factor(matrices: ComplexArray) -> ComplexArray:
    """Return W with W W† the state divided by its trace, (count, d, d)."""
    factors = batch_first(factor(matrices))
    scaled: ComplexArray = factors / frobenius(factors)[:, None, None]
    return scaled


def _uhlmann(first: ComplexArray, second: ComplexArray) -> tuple[RealArray, RealArray]:
    """Return fidelities and Bures distances of the states with these factors."""
    left, singular, right = np.linalg.svd(adjoint(second) @ first)
    roots = np.minimum(singular.sum(axis=-1), 1.0)
    bures = np.minimum(frobenius(first - second @ (left @ right)), math.sqrt(2.0))
    near = bures < 0.5
    fidelities = np.where(near, (1.0 - 0.5 * bures**2) ** 2, roots**2)
    return fidelities, np.where(near, bures, np.sqrt(2.0 - 2.0 * roots))


def _uncertainties(left: Inspection, right: Inspection) -> RealArray:
    """Bound what rounding and the distance from a physical state can do to a fidelity.

    √F moves by at most √2 times the Bures distance that a state moves, F by twice that.
    """
    dimension = left.hermitian.shape[-1]
    moved = [
        root_shift(
            side.eigenvalues[:, 0],
            math.sqrt(dimension) * (8 * dimension * ROUNDING + side.departures),
        )
        for side in (left, right)
    ]
    bound: RealArray = 2 * math.sqrt(2.0) * (moved[0] + moved[1]) + 32 * dimension * ROUNDING
    return np.minimum(bound, 1.0)
