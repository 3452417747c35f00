"""Quantiles and the exact interval of a binomial share."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from lucid_coherence.states.batch import RealArray

CONFIDENCE: Final = 0.95
NORMAL: Final = float(special.ndtri(0.5 + CONFIDENCE / 2))
"""Half the width of a two-sided interval, in standard errors."""


def student(degrees: int) -> float:
    """Return the same for a scatter that was estimated with so many degrees of freedom."""
    return float(special.stdtrit(degrees, 0.5 + CONFIDENCE / 2))


def share_interval(
    successes: npt.NDArray[np.int64], trials: npt.NDArray[np.int64]
) -> tuple[RealArray, RealArray]:
    """Return the exact 95 % interval of each share; it covers at least so often [Clopper1934].

    Any shapes that broadcast; 0 <= successes <= trials, trials >= 1.
    """
    tail = (1 - CONFIDENCE) / 2
    k, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    inner_low, inner_high = np.maximum(k, 1), np.minimum(k, n - 1)
    low = np.where(k > 0, special.betaincinv(inner_low, n - inner_low + 1, tail), 0.0)
    high = np.where(k < n, special.betaincinv(inner_high + 1, n - inner_high, 1 - tail), 1.0)
    return low, high


def chance_of_more(chi_squared: float, degrees: int) -> float:
    """Return the probability that a fit of a true model has a larger χ²."""
    return float(special.gammaincc(degrees / 2, chi_squared / 2))
