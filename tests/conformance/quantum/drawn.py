"""Random states, channels and generators for the differential tests, from written seeds."""

import math
from functools import cache

import numpy as np
from lucid_coherence.states.analysis import Measure, analyze
from lucid_coherence.states.batch import ComplexArray, StateBatch
from lucid_coherence.states.measured import Measured
from lucid_coherence.states.physicality import Tolerances

KINDS = ("full rank", "rank deficient", "pure", "nearly pure")
NEARLY = 1e-9
"""Weight of the maximally mixed part of a nearly pure state."""
SYSTEMS: list[tuple[int, ...]] = [(2,), (3,), (2, 2), (2, 3), (2, 2, 2), (2, 2, 2, 2)]
"""d = 2, 3, 4, 6, 8 and 16."""
SEED = 20261121


def gaussian(rng: np.random.Generator, *shape: int) -> ComplexArray:
    """Return complex Gaussian numbers."""
    return np.asarray(rng.normal(size=shape) + 1j * rng.normal(size=shape))


@cache
def drawn(dims: tuple[int, ...], kind: str, count: int = 4, salt: int = 0) -> StateBatch:
    """Return random states of one kind; not to be written to."""
    d = math.prod(dims)
    rank = {"full rank": d, "rank deficient": max(1, d // 2)}.get(kind, 1)
    rng = np.random.default_rng([SEED, salt, d, KINDS.index(kind)])
    factors = gaussian(rng, count, d, rank)
    rho = factors @ np.conj(np.swapaxes(factors, 1, 2))
    rho /= np.trace(rho, axis1=1, axis2=2)[:, None, None]
    if kind == "nearly pure":
        rho = (1 - NEARLY) * rho + NEARLY * np.eye(d) / d
    rho.setflags(write=False)
    return StateBatch(dims, rho)


def measured(
    batch: StateBatch, measure: Measure, cut: tuple[int, ...] = (), order: float | None = None
) -> Measured:
    """Return one measure of a batch."""
    ((_, found),) = analyze(batch, [measure], Tolerances(), cut, renyi_order=order).measured
    return found


def random_kraus(rng: np.random.Generator, dimension: int, count: int) -> ComplexArray:
    """Return Kraus operators of a channel: the blocks of a random isometry."""
    columns = np.linalg.qr(gaussian(rng, dimension * count, dimension))[0]
    return np.asarray(columns.reshape(count, dimension, dimension))
