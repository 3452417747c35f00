"""Warming compiles every entry that the engine links."""

from lucid_validation import warm
from lucid_validation.barrier.methods import kernel_native


def test_warming_leaves_a_kernel_that_can_be_loaded() -> None:
    assert warm.main() == 0
    found = kernel_native.KERNEL.find()
    assert found is not None
    assert set(found) == {"explore", "explore_powers", "explore_many"}
