"""Functions with poles: what cancels in a condition does not cancel in the world."""

from collections.abc import Callable
from typing import Any

from lucid_validation.barrier.verdict import Decision

Spiral = Callable[..., dict[str, Any]]
Decide = Callable[..., Decision]


def test_a_barrier_that_jumps_over_its_pole_is_proved_but_not_safe(
    spiral: Spiral, decide: Decide
) -> None:
    """x' = 1 goes from -1 to 1: B = 1/x changes its sign although dB/dt = lambda*B."""
    decision = decide(
        spiral(
            vars=["x"],
            dynamics={"x": "1"},
            init="x == -1",
            unsafe={"and": ["x >= 1", "x <= 2"]},
            certificate={"type": "barrier", "expr": "1/x", "lambda": "-1/x"},
            flow_condition="exponential",
        )
    )
    assert decision.verdict == "PROVED"
    assert not decision.safety.implies_safety
    assert decision.safety.missing == "REGULARITY"


def test_a_lambda_without_poles_still_implies_safety(spiral: Spiral, decide: Decide) -> None:
    decision = decide(
        spiral(
            vars=["x"],
            dynamics={"x": "x*exp(x)"},
            init="x <= -1",
            unsafe="x >= 1",
            certificate={"type": "barrier", "expr": "x", "lambda": "exp(x)"},
            flow_condition="exponential",
        )
    )
    assert decision.verdict == "PROVED"
    assert decision.safety.implies_safety
