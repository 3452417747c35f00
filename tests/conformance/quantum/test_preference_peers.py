"""Preferences against QuTiP's measurements, which share no line with ours."""

import numpy as np
import pytest
import qutip
from lucid_coherence.preferences.feedback import Feedback, update
from lucid_coherence.preferences.ranking import born_probabilities
from lucid_coherence.preferences.seed_features import SeedFeatures
from lucid_coherence.states.batch import StateBatch


@pytest.mark.parametrize("dimension", [2, 3, 5, 8])
@pytest.mark.parametrize("sharpness", [1.0, 0.7, 0.1])
def test_answers_are_those_of_qutip(dimension: int, sharpness: float) -> None:
    rng = np.random.default_rng(dimension)
    for rank in (1, dimension):
        rho = qutip.rand_dm(dimension, rank=rank, seed=int(rng.integers(2**31)))
        ket = qutip.rand_ket(dimension, seed=int(rng.integers(2**31)))
        vector = ket.full().ravel()
        seeds = SeedFeatures(("seed",), vector[None])
        batch = StateBatch((dimension,), rho.full()[None])
        expected = qutip.expect(ket.proj(), rho)
        assert born_probabilities(batch.matrices, seeds)[0, 0] == pytest.approx(expected, abs=1e-13)
        one, projector = qutip.qeye(dimension), ket.proj()
        yes, no = np.sqrt((1 + sharpness) / 2), np.sqrt((1 - sharpness) / 2)
        operators = [
            yes * projector + no * (one - projector),
            no * projector + yes * (one - projector),
        ]
        collapsed, probabilities = qutip.measurement.measurement_statistics_povm(rho, operators)
        for liked, state, probability in zip((True, False), collapsed, probabilities, strict=True):
            found = update(batch, seeds, [Feedback(0, liked, sharpness)])
            assert found.probabilities[0, 0] == pytest.approx(probability, abs=1e-13)
            np.testing.assert_allclose(found.batch.matrices[0], state.full(), atol=1e-12)
