"""States that several files of this folder measure."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from lucid_coherence.states.batch import adjoint, hermitian_part

Matrices = npt.NDArray[np.complex128]
Draw = Callable[..., Matrices]


@pytest.fixture
def random_states() -> Draw:
    """Return a function (seed, count, dimension, rank) -> Hermitian unit-trace states."""

    def draw(seed: int, count: int, dimension: int, rank: int) -> Matrices:
        rng = np.random.default_rng(seed)
        shape = (count, dimension, rank)
        root = rng.normal(size=shape) + 1j * rng.normal(size=shape)
        states = hermitian_part(root @ adjoint(root))
        drawn: Matrices = states / np.trace(states, axis1=1, axis2=2).real[:, None, None]
        return drawn

    return draw


@pytest.fixture
def random_unitaries() -> Draw:
    """Return a function (seed, count, dimension) -> unitaries of the Haar measure."""

    def draw(seed: int, count: int, dimension: int) -> Matrices:
        rng = np.random.default_rng(seed)
        shape = (count, dimension, dimension)
        unitary, upper = np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))
        diagonal = np.diagonal(upper, axis1=1, axis2=2)
        drawn: Matrices = unitary * (diagonal / np.abs(diagonal))[:, None, :]
        return drawn

    return draw
