from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import lucid_checker
import pytest
from lucid_validation.barrier.budget import Budget
from lucid_validation.barrier.decide import decide_problem
from lucid_validation.barrier.obligation_work import Resources
from lucid_validation.barrier.problem import parse_problem
from lucid_validation.barrier.verdict import Decision

# A decaying spiral: B = x^2 + y^2 - 1 separates a small disc from everything beyond x = 2.
SPIRAL: dict[str, Any] = {
    "id": "spiral",
    "kind": "continuous",
    "vars": ["x", "y"],
    "parameters": [],
    "dynamics": {"x": "-x + y", "y": "-x - y"},
    "domain": None,
    "init": {"and": ["x**2 + y**2 <= 0.25"]},
    "unsafe": {"or": ["x >= 2", "y >= 2"]},
    "certificate": {"type": "barrier", "expr": "x**2 + y**2 - 1"},
    "flow_condition": "everywhere",
}

Decide = Callable[..., Decision]


@pytest.fixture
def spiral() -> Callable[..., dict[str, Any]]:
    """Return the valid problem with some of its fields replaced."""
    return lambda **changes: {**SPIRAL, **changes}


@pytest.fixture
def budget() -> Budget:
    return Budget(time.monotonic, time.monotonic() + 20)


@pytest.fixture
def decide() -> Decide:
    """Decide a raw problem with the real checker and no outside solver."""

    def run(raw: dict[str, Any], **options: Any) -> Decision:
        seconds = options.pop("seconds", 20.0)
        lent = {key: options.pop(key) for key in ("solver", "race", "remembered") if key in options}
        given = {"check": lucid_checker.check, "resources": Resources(**lent), **options}
        return decide_problem(
            parse_problem(raw), budget=Budget(time.monotonic, time.monotonic() + seconds), **given
        )

    return run
