"""Randomised benchmarking: the error per Clifford from how fast survival decays with length."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lucid_coherence.noise.decay import POINTS_MAX, counts_from, require_points
from lucid_coherence.noise.decay_profile import DecayFit, Shape, fit
from lucid_coherence.noise.intervals import student
from lucid_coherence.noise.violations import DataMalformed

DIMENSION_MAX: Final = 1024
METHOD: Final = (
    "weighted least squares of A alpha^m + B, linear parameters eliminated; weights from the "
    "binomial variance of the fitted probability; 95 % interval from the profile of chi squared "
    "with the threshold of Student's t, times the reduced chi squared where that exceeds 1, since "
    "random sequences of one length differ by more than their shots"
)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The decay per Clifford α and the error r = (1 − α)(d − 1)/d, each with its 95 % interval."""

    fit: DecayFit
    decay: float
    decay_low: float
    decay_high: float
    error: float
    error_low: float
    error_high: float


def estimate_error_per_clifford(
    lengths: Sequence[int],
    successes: Sequence[int],
    shots: Sequence[int],
    *,
    dimension: int,
    fixed_offset: float | None = None,
) -> Benchmark:
    """Fit A αᵐ + B to survival counts, 0 < α < 1 [Magesan2011].

    One entry for every random sequence: a length may come as often as sequences of it were run.
    The offset B, 1/d for a perfect twirl, is fitted unless it is given.

    Raises:
        DataMalformed: lengths of lists, counts over shots, or too few different lengths.
        DataTooLarge: over a named limit.
        NotIdentified: the data cannot tell α; `cause` says why.
    """
    if not 2 <= dimension <= DIMENSION_MAX:
        raise DataMalformed(
            f"The dimension is {dimension}; it lies in [2, {DIMENSION_MAX}].",
            field="randomized_benchmarking.dimension",
            check="DIMENSION_RANGE",
            value=dimension,
        )
    field = "randomized_benchmarking"
    counts = counts_from(
        lengths, successes, shots, points_max=POINTS_MAX, x_field=f"{field}.lengths"
    )
    shape = Shape(fixed_offset)
    require_points(len(np.unique(counts.x)), shape, field=f"{field}.lengths")
    degrees = len(counts.x) - shape.parameter_count
    found = fit(
        counts,
        shape,
        field=field,
        quantile=student(degrees),
        scatter=lambda reduced: max(1.0, reduced),
    )
    share = (dimension - 1) / dimension
    # α = exp(−1/T): expm1 keeps the digits of a small error, which 1 − α would lose.
    return Benchmark(
        fit=found,
        decay=math.exp(-1 / found.time),
        decay_low=math.exp(-1 / found.low),
        decay_high=math.exp(-1 / found.high),
        error=-math.expm1(-1 / found.time) * share,
        error_low=-math.expm1(-1 / found.high) * share,
        error_high=-math.expm1(-1 / found.low) * share,
    )
