"""The exponential of a Markovian generator at many times, with a bound on its error.

Scaling and squaring with a Taylor polynomial [Higham2008, ch. 10]. scipy would do it too, but its
import alone costs more memory than the rest of the service, and it returns no bound.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_coherence.states.batch import RealArray

Matrices = npt.NDArray[Any]

DEGREE = 14
SCALED_NORM = 0.5
SQUARINGS_MAX = 60
_UNIT = float(np.finfo(np.float64).eps) / 2


def propagators(
    generator: Matrices, times_s: RealArray, *, norm_max: float
) -> tuple[Matrices, RealArray]:
    """Return exp(G t) for every time, shape (times, n, n), and bounds on the 2-norm errors.

    `generator` is (n, n), real or complex, in 1/s. `norm_max` bounds ‖exp(G t)‖₂ for all t >= 0:
    √d for a completely positive trace-preserving evolution in an orthonormal operator basis.

    The bound: one scaled step is wrong by at most its Taylor remainder and its rounding; s
    squarings multiply that by 2^s · norm_max², because every factor of the telescoped
    product is bounded by norm_max; the rounding of squaring j enters 2^(s−j) times. Doubled for
    the terms of second order. The rounding of the generator itself counts too: 4 t ‖G‖ units.
    A bound of inf means that too many squarings would be needed.
    """
    size = generator.shape[0]
    norms = np.abs(times_s) * float(np.linalg.norm(generator))
    squarings = np.maximum(np.ceil(np.log2(np.maximum(norms, 1e-300) / SCALED_NORM)), 0)
    feasible = squarings <= SQUARINGS_MAX
    squarings = np.where(feasible, squarings, 0).astype(np.int64)
    steps = np.where(feasible, times_s, 0.0) / 2.0**squarings
    result = _taylor(steps[:, None, None] * generator)
    for done in range(int(squarings.max(initial=0))):
        active = squarings > done
        result[active] = result[active] @ result[active]
    bounds = _error_bounds(size, squarings, norm_max) + 4 * norms * _UNIT * norm_max**2
    return result, np.where(feasible, bounds, np.inf)


def _taylor(scaled: Matrices) -> Matrices:
    """Return the Taylor polynomial of the exponential by Horner's rule."""
    identity = np.eye(scaled.shape[-1], dtype=scaled.dtype)
    total = np.broadcast_to(identity, scaled.shape).copy()
    for k in range(DEGREE, 0, -1):
        total = identity + (scaled @ total) / k
    return total


def _error_bounds(size: int, squarings: npt.NDArray[np.int64], norm_max: float) -> RealArray:
    remainder = SCALED_NORM ** (DEGREE + 1) / math.factorial(DEGREE + 1) * 2
    rounding = 4 * (size + 2) * _UNIT
    step = remainder + rounding * math.exp(SCALED_NORM) * math.sqrt(size)
    product = rounding * size * norm_max**2
    doublings = 2.0**squarings
    bounds: RealArray = 2 * norm_max**2 * (doublings * step + (doublings - 1) * product)
    return bounds
