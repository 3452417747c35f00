"""The quick check by Cholesky factors says yes only where the eigenvalues do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.physicality import (
    Tolerances,
    inspect,
    require_physical,
    surely_physical,
)
from lucid_coherence.states.violations import StateUnphysical


@given(
    d=st.integers(2, 6),
    rank=st.integers(1, 6),
    shift=st.sampled_from([0.0, 1e-12, 4e-10, 9e-10, 1.1e-9, 1e-6, 0.1]),
    tolerance=st.sampled_from([1e-12, 1e-9, 1e-6]),
    seed=st.integers(0, 10**6),
)
@settings(deadline=None, max_examples=80)
def test_yes_means_that_the_full_check_says_yes(
    d: int, rank: int, shift: float, tolerance: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(3, d, rank)) + 1j * rng.normal(size=(3, d, rank))
    rho = root @ root.conj().swapaxes(1, 2)
    rho /= np.trace(rho, axis1=1, axis2=2)[:, None, None]
    # One eigenvalue goes down by `shift`, another up.
    _, vectors = np.linalg.eigh(rho[1])
    low, high = vectors[:, 0], vectors[:, -1]
    rho[1] += shift * (np.outer(high, high.conj()) - np.outer(low, low.conj()))
    batch = StateBatch((d,), rho)
    tolerances = Tolerances(tolerance, tolerance, tolerance)
    if surely_physical(batch, tolerances):
        assert inspect(batch, tolerances).valid.all()
    elif tolerance >= 1e-9 and shift <= 1e-12:
        pytest.fail("a state well within the tolerance was left to the eigenvalues")


def test_what_is_refused_is_refused_with_its_eigenvalue() -> None:
    batch = StateBatch((2,), np.diag([1.2, -0.2]).astype(complex)[None])
    with pytest.raises(StateUnphysical) as refused:
        require_physical(batch, Tolerances(), field="states")
    assert refused.value.metadata["check"] == "min_eigenvalue"
    skew = StateBatch((2,), np.array([[[0.5, 0.1], [0.3, 0.5]]], complex))
    assert not surely_physical(skew, Tolerances())
    heavy = StateBatch((2,), np.diag([0.5, 0.6]).astype(complex)[None])
    assert not surely_physical(heavy, Tolerances())
