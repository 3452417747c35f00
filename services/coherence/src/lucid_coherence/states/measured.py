"""What a measure over a batch consists of."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from lucid_coherence.states.batch import RealArray


class Separability(Enum):
    """What a test of separability says about one state."""

    SEPARABLE = 1
    ENTANGLED = 2
    INCONCLUSIVE = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure over a batch: raw values, values in [0, 1], and what the numbers rest on.

    `values` and `normalised` have shape (count,); `uncertainties` too, or (1,) where one bound
    holds for all. An uncertainty bounds how far rounding of the input and of the computation can
    have moved the raw value. `basis` names the basis or the cut; `note` says what else a reader
    must know, empty if nothing. `low` and `high`, (count,), are the certified ends of intervals
    whose middle is the value. `coefficients` is (count, m). `conclusions` is (count,), the
    numbers of Separability.
    """

    values: RealArray
    normalised: RealArray
    uncertainties: RealArray
    unit: str
    basis: str
    method: str
    note: str = ""
    low: RealArray | None = None
    high: RealArray | None = None
    coefficients: RealArray | None = None
    conclusions: npt.NDArray[np.int64] | None = None
