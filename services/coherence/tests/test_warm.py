"""Warming compiles every entry that the spectra link."""

from lucid_coherence import warm
from lucid_coherence.states.lanes import native


def test_warming_leaves_loops_that_can_be_loaded() -> None:
    assert warm.main() == 0
    found = native.KERNEL.find()
    assert found is not None
    assert set(found) == {"eigenvalues", "singular_values"}
