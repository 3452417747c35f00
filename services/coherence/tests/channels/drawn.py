"""Channels that hypothesis draws: isometries of the environment give every channel there is."""

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from lucid_coherence.channels.channel import Channel, channel_from_kraus

Matrix = npt.NDArray[np.complex128]
SYSTEMS = [(2,), (3,), (2, 2)]
QUBITS = [(2,), (2, 2)]


def random_kraus(rng: np.random.Generator, d: int, rank: int) -> Matrix:
    """Return `rank` Kraus operators of a channel on d levels."""
    g = rng.normal(size=(rank * d, d)) + 1j * rng.normal(size=(rank * d, d))
    isometry, _ = np.linalg.qr(g)
    return np.asarray(isometry.reshape(rank, d, d), dtype=np.complex128)


def random_state(rng: np.random.Generator, d: int) -> Matrix:
    """Return a density matrix of full rank."""
    g = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    rho = g @ g.conj().T
    return np.asarray(rho / np.trace(rho), dtype=np.complex128)


@st.composite
def channels(draw: st.DrawFn, systems: list[tuple[int, ...]] = SYSTEMS) -> Channel:
    """Draw a channel of any rank."""
    dims = draw(st.sampled_from(systems))
    d = int(np.prod(dims))
    rank = draw(st.integers(1, d * d))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return channel_from_kraus(random_kraus(rng, d, rank), dims)


@st.composite
def pairs(
    draw: st.DrawFn, systems: list[tuple[int, ...]] = SYSTEMS, size: int = 2
) -> list[Channel]:
    """Draw several channels of one system."""
    dims = draw(st.sampled_from(systems))
    return [draw(channels([dims])) for _ in range(size)]


@st.composite
def linear_maps(draw: st.DrawFn, systems: list[tuple[int, ...]] = SYSTEMS) -> Channel:
    """Draw any linear map, with no structure at all."""
    dims = draw(st.sampled_from(systems))
    size = int(np.prod(dims)) ** 2
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return Channel(dims, rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))
