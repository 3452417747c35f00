"""Encoded qubits: every bound is on the safe side, and close."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.open_systems.encoded_qubit import (
    SIZES,
    EncodedQubit,
    exp_below,
    logical_flip,
    minus_log_above,
)
from lucid_coherence.open_systems.logical_decay import logical_survival
from lucid_coherence.open_systems.violations import NumberUnreadable, RatesUnphysical

TIGHT = 1e-12
"""Bounds are short numbers of 9 digits or better; the doubles here are good to 1e-15."""


@given(st.fractions(min_value=0, max_value=60))
@settings(max_examples=40, deadline=None)
def test_the_exponential_is_bounded_from_below(x: Fraction) -> None:
    found = exp_below(x)
    assert found <= Fraction(math.exp(-float(x))) * (1 + Fraction(1, 10**13))
    assert float(found) == pytest.approx(math.exp(-float(x)), rel=TIGHT)
    # Its reciprocal is above the Taylor polynomial of e^x.
    upwards = sum(x**k / math.factorial(k) for k in range(40))
    assert found * upwards <= 1


@given(st.fractions(min_value=Fraction(1, 10**9), max_value=1))
@settings(max_examples=40, deadline=None)
def test_the_logarithm_is_bounded_from_above(u: Fraction) -> None:
    found = minus_log_above(u)
    assert float(found) == pytest.approx(-math.log(float(u)), rel=1e-9, abs=1e-13)
    # e^(−found) is at most u.
    assert exp_below(found) <= u


def test_the_logical_flip_is_the_binomial_tail() -> None:
    tenth = Fraction(1, 10)
    assert logical_flip(3, tenth) == Fraction(28, 1000)
    assert logical_flip(5, tenth) == Fraction(856, 100000)
    assert logical_flip(7, tenth) == Fraction(2728, 1000000)
    for qubits in SIZES:
        assert logical_flip(qubits, Fraction(1, 2)) == Fraction(1, 2)
        rising = [logical_flip(qubits, Fraction(k, 40)) for k in range(21)]
        assert rising == sorted(rising)


@given(
    st.sampled_from(SIZES),
    st.fractions(min_value=Fraction(1, 100), max_value=2),
    st.fractions(min_value=Fraction(1, 100), max_value=2),
    st.floats(0, 30),
)
@settings(max_examples=60, deadline=None)
def test_the_damped_qubit_is_below_the_logical_one(
    qubits: int, rate: Fraction, period: Fraction, elapsed: float
) -> None:
    encoded = EncodedQubit(qubits, rate, period)
    bound = encoded.bound()
    exact = logical_survival(qubits, float(rate), float(period), elapsed)
    below = float(encoded.round_factor_below) * math.exp(-float(bound.decay_rate_high) * elapsed)
    assert below <= exact * (1 + 1e-12)
    # A qubit that dephases less is covered as well.
    assert below <= logical_survival(qubits, 0.9 * float(rate), float(period), elapsed)


def test_the_bound_is_close_at_the_end_of_a_round() -> None:
    encoded = EncodedQubit(5, Fraction(1, 20), Fraction(1))
    bound = encoded.bound()
    exact = logical_survival(5, 0.05, 1.0, 10.0)
    assert math.exp(-10 * float(bound.decay_rate_high)) == pytest.approx(exact, rel=1e-7)
    assert encoded.bare_horizon_s(Fraction(9, 10), Fraction(1, 2)) == pytest.approx(
        20 * math.log(1.8)
    )


def test_a_round_that_leaves_next_to_nothing_still_has_a_bound() -> None:
    encoded = EncodedQubit(3, Fraction(1), Fraction(199))
    # 1 − 2 p_L is (3 q − q³)/2 of q = e^(−199) here.
    assert float(encoded.round_factor_below) == pytest.approx(1.5 * math.exp(-199), rel=1e-8)
    assert 0.9 < float(encoded.bound().decay_rate_high) < 1


@pytest.mark.parametrize(
    ("qubits", "rate", "period", "field"),
    [
        (4, 1, 1, "physical_qubits"),
        (13, 1, 1, "physical_qubits"),
        (3, 1, 0, "correction_period_s"),
        (3, 1, 201, "correction_period_s"),
        (3, Fraction(10**16), Fraction(1, 10**15), "dephasing_rate_high_per_s"),
    ],
)
def test_numbers_out_of_range_are_refused(
    qubits: int, rate: Fraction, period: Fraction, field: str
) -> None:
    with pytest.raises(NumberUnreadable) as caught:
        EncodedQubit(qubits, Fraction(rate), Fraction(period))
    assert caught.value.field == f"system.encoded_qubit.{field}"


def test_a_rate_that_is_not_positive_is_refused() -> None:
    with pytest.raises(RatesUnphysical):
        EncodedQubit(3, Fraction(0), Fraction(1))
