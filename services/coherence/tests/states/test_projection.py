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


def test_a_projection_beyond_the_accepted_distance_is_refused() -> None:
    projection = project(OVERFULL)
    require_near(projection, 0.3)
    with pytest.raises(ProjectionTooFar) as refused:
        require_near(projection, 0.1)
    assert refused.value.metadata == {"index": "0", "distance": "0.282843", "maximum": "0.1"}
