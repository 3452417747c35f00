"""A composed problem gives the monitor its barrier, rates and boxes, or a sentence why not."""

import math
from fractions import Fraction

import pytest
from lucid_dream.saga.compose import compose
from lucid_dream.saga.guard import ModelNotMonitorable, guard_of
from lucid_dream.saga.monitor import begin, nominal_start, predict

BOUNDS = ["0.1 <= la", "la <= 0.3", "0.8 <= g", "g <= 6/5", "-0.05 <= d", "d <= 0.05"]
PROBLEM = {
    "kind": "continuous",
    "vars": ["a", "h", "la", "g", "d"],
    "parameters": ["la", "g", "d"],
    "dynamics": {
        "a": "-la*a + g*1.2*(cap/2 - a)*(1 - a) - 0.3*h*a + d",
        "h": "0.1*(a - h)",
        "la": "0",
        "g": "0",
        "d": "0",
    },
    "domain": ["0 <= a", "a <= 1", "0 <= h", "h <= cap", *BOUNDS],
    "init": {"and": ["0 <= a", "a <= 0.3*cap", "h >= 0", "h <= 0.3*cap", *BOUNDS]},
    "unsafe": "a >= cap",
    "certificate": {"type": "barrier", "expr": "a**2 + h**2/4 - (0.99*cap)**2"},
    "flow_condition": "boundary_strict",
}


def test_bounds_come_from_the_domain_and_the_initial_set() -> None:
    guard = guard_of(compose(PROBLEM, Fraction(8, 10)), cap=0.8, horizon_s=660.0)
    assert guard.box["a"] == (pytest.approx(0.0), pytest.approx(0.24))
    assert guard.box["g"] == (pytest.approx(0.8), pytest.approx(1.2))
    assert set(guard.dynamics) == {"a", "h"}
    assert begin(guard).barrier_upper < 0.0


def test_the_nominal_state_settles_below_the_cap() -> None:
    guard = guard_of(compose(PROBLEM, Fraction(8, 10)), cap=0.8, horizon_s=660.0)
    state = predict(guard, nominal_start(guard), 1200.0)
    assert 0.2 < state["a"] < 0.8
    assert predict(guard, state, 60.0)["a"] == pytest.approx(state["a"], abs=0.02)


def test_what_nothing_bounds_is_unbounded_so_that_the_monitor_stops() -> None:
    problem = {**PROBLEM, "domain": None, "init": {"or": ["a <= 0", "h <= 0"]}}
    guard = guard_of(compose(problem, Fraction(8, 10)), cap=0.8, horizon_s=660.0)
    assert guard.box["a"] == (-math.inf, math.inf)
    assert not begin(guard).barrier_upper < 0.0


@pytest.mark.parametrize(
    "change",
    [
        {"certificate": {"type": "invariant", "expr": None}},
        {"certificate": {"type": "barrier", "expr": "a + zz"}},
        {"certificate": {"type": "barrier", "expr": "__import__('os')"}},
        {"dynamics": {"h": "0"}},
    ],
)
def test_a_model_that_cannot_be_watched_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ModelNotMonitorable):
        guard_of({**PROBLEM, **change}, cap=0.8, horizon_s=660.0)
