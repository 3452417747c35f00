import numpy as np
import pytest
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.projection import project, require_near
from lucid_coherence.states.violations import ProjectionTooFar

OVERFULL = StateBatch((2,), np.diag([1.2, -0.2]).astype(complex)[None])


def test_the_distance_and_the_clipped_eigenvalues_are_reported() -> None:
    projection = project(OVERFULL)
    np.testing.assert_allclose(projection.batch.matrices[0], np.diag([1, 0]), atol=1e-15)
    assert projection.distances[0] == pytest.approx(np.sqrt(0.08))
    assert projection.clipped_counts[0] == 1
    assert projection.smallest_before[0] == pytest.approx(-0.2)


def test_the_distance_includes_what_is_not_hermitian() -> None:
    skew = StateBatch((2,), np.array([[[0.5, 0.1], [-0.1, 0.5]]], dtype=complex))
    assert project(skew).distances[0] == pytest.approx(np.sqrt(0.02))


@pytest.mark.parametrize("scale", [1e4, 1e16, 1e60, 1e100, -1e4, -1e16, -1e100])
def test_what_is_far_too_large_or_negative_becomes_a_state_too(scale: float) -> None:
    data = scale * np.array([[1.0, 0.5j, 0.0], [-0.5j, 1.0, 0.0], [0.0, 0.0, 1.0]])[None]
    state = project(StateBatch((3,), data)).batch.matrices[0]
    assert np.trace(state).real == pytest.approx(1.0, abs=1e-14)
    assert np.linalg.eigvalsh(state)[0] >= -1e-15
    # The levels of the largest eigenvalue take all.
    top = np.array([1.0, -1j if scale > 0 else 1j, 0.0]) / np.sqrt(2)
    np.testing.assert_allclose(state, np.outer(top, top.conj()), atol=1e-14)


def test_a_projection_beyond_the_accepted_distance_is_refused() -> None:
    projection = project(OVERFULL)
    require_near(projection, 0.3)
    with pytest.raises(ProjectionTooFar) as refused:
        require_near(projection, 0.1)
    assert refused.value.metadata == {"index": "0", "distance": "0.282843", "maximum": "0.1"}
