"""What every declaration of jumps has in common: which rates are physical, which are known."""

import numpy as np
import numpy.typing as npt

from lucid_coherence.open_systems.violations import (
    ModelUnsupported,
    OperatorMalformed,
    RatesUnphysical,
)

MAGNITUDE_MAX = 1e30
"""Rates in 1/s and entries of operators: their products and squares stay finite numbers."""


def require_rate(index: int, low: float, high: float, *, field: str) -> None:
    """Refuse a rate in 1/s outside of [0, 1e30], or an empty interval (RatesUnphysical)."""
    if not 0 <= low <= high <= MAGNITUDE_MAX:
        raise RatesUnphysical(
            f"The rate of jump {index} lies in [{low:.6g}, {high:.6g}]/s; rates are at most "
            f"{MAGNITUDE_MAX:g}/s, not negative and low <= high.",
            field=field,
            rate_low_per_s=low,
            rate_high_per_s=high,
        )


def require_magnitude(numbers: npt.NDArray[np.generic], *, field: str) -> None:
    """Refuse entries or weights that are not finite or over 1e30 (OperatorMalformed)."""
    if not (np.abs(numbers) <= MAGNITUDE_MAX).all():
        raise OperatorMalformed(
            f"An operator holds a number that is not finite or over {MAGNITUDE_MAX:g}.",
            field=field,
            check="MAGNITUDE",
            maximum=MAGNITUDE_MAX,
        )


def require_known(index: int, low: float, high: float, *, field: str, model: str) -> None:
    """Refuse to evolve with a rate that is only known in an interval (ModelUnsupported)."""
    if low != high:
        raise ModelUnsupported(
            f"The rate of jump {index} is only known in an interval; evolution needs one number.",
            field=field,
            model=model,
            rate_low_per_s=low,
            rate_high_per_s=high,
        )
