import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.open_systems.barrier_problem import barrier_problem
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.horizon import (
    DEGREES,
    HorizonQuestion,
    attempts,
    claim_for,
    taylor,
)
from lucid_coherence.open_systems.violations import (
    DegreeExhausted,
    ModelUnsupported,
    NumberUnreadable,
    RatesUnphysical,
    ThresholdNotBelowStart,
)

QUBIT = DampedQubit(Fraction(1, 50), Fraction(1, 40), Fraction(1, 40), Fraction(1, 10))
QUESTION = HorizonQuestion(QUBIT, Fraction(1, 2), Fraction(9, 10))


@given(st.fractions(0, 20), st.sampled_from(DEGREES))
def test_odd_taylor_polynomials_stay_below_the_exponential(at: Fraction, degree: int) -> None:
    assert float(taylor(degree, at)) <= math.exp(-at) * (1 + 1e-12) + 1e-300


@given(st.fractions(0, 20), st.sampled_from(DEGREES))
@settings(max_examples=50)
def test_the_flow_condition_is_an_identity(at: Fraction, degree: int) -> None:
    """ℓ' = −ℓ_(K−1), so ℓ_K' + ℓ_K = −s^K/K! exactly."""
    derivative = -taylor(degree - 1, at)
    assert derivative + taylor(degree, at) == -(at**degree) / math.factorial(degree)


thresholds = st.fractions(Fraction(1, 10), Fraction(99, 100), max_denominator=1000)


@given(theta=thresholds, share=st.fractions(Fraction(1, 50), 1, max_denominator=100))
@settings(deadline=None, max_examples=40)
def test_a_claim_is_below_the_exact_horizon_and_within_the_gap(
    theta: Fraction, share: Fraction
) -> None:
    start = theta + (1 - theta) * share
    question = HorizonQuestion(QUBIT, theta, start)
    *_, claim = attempts(question, 0.5)
    assert 0 < claim.gap_percent <= 0.5
    assert question.bound_holds(claim.degree, claim.scaled)
    assert float(start) * math.exp(-float(claim.horizon_s) / 40) > float(theta)


@pytest.mark.parametrize("digits", [20, 30, 60])
def test_a_threshold_all_but_at_the_start_has_a_short_horizon(digits: int) -> None:
    question = HorizonQuestion(QUBIT, Fraction(9, 10), Fraction(9, 10) + Fraction(1, 10**digits))
    *_, claim = attempts(question, 1)
    assert claim.scaled > 0
    assert 0 < claim.gap_percent <= 1
    assert question.bound_holds(claim.degree, claim.scaled)


def test_the_degree_rises_until_the_gap_is_small_enough() -> None:
    rough, fine = list(attempts(QUESTION, 30)), list(attempts(QUESTION, 1e-4))
    assert [claim.degree for claim in fine] == [3, 5, 7, 9, 11, 13][: len(fine)]
    assert len(rough) < len(fine)
    assert fine[-1].gap_percent <= 1e-4


def test_a_wanted_horizon_is_claimed_exactly() -> None:
    claim = claim_for(QUESTION, Fraction(20))
    assert claim.horizon_s == 20
    assert QUESTION.bound_holds(claim.degree, claim.scaled)
    assert not QUESTION.bound_holds(claim.degree - 2, claim.scaled) or claim.degree == DEGREES[0]


def test_a_horizon_beyond_the_exact_one_is_claimed_for_refutation() -> None:
    claim = claim_for(QUESTION, Fraction(25))
    assert claim.horizon_s == 25
    assert not QUESTION.bound_holds(claim.degree, claim.scaled)
    assert claim.gap_percent < 0


def test_a_horizon_too_near_the_exact_one_is_refused_before_validation() -> None:
    wide = HorizonQuestion(QUBIT, Fraction(1, 10**4), Fraction(1))
    with pytest.raises(DegreeExhausted):
        list(attempts(wide, 1))
    with pytest.raises(DegreeExhausted):
        claim_for(wide, Fraction(str(round(wide.exact_s * 0.9999, 6))))


@pytest.mark.parametrize(
    ("theta", "start", "error"),
    [
        ("0", "1", NumberUnreadable),
        ("1", "1", NumberUnreadable),
        ("1/2", "11/10", NumberUnreadable),
        ("1/2", "1/2", ThresholdNotBelowStart),
        ("3/4", "1/2", ThresholdNotBelowStart),
    ],
)
def test_thresholds_without_meaning_are_refused(
    theta: str, start: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        HorizonQuestion(QUBIT, Fraction(theta), Fraction(start))


def test_without_decay_there_is_no_horizon() -> None:
    still = DampedQubit(Fraction(0), Fraction(0), Fraction(0))
    with pytest.raises(ModelUnsupported):
        HorizonQuestion(still, Fraction(1, 2), Fraction(1))


@pytest.mark.parametrize(
    ("g1", "low", "high"),
    [("1", "1/3", "1/3"), ("-1", "1", "1"), ("1", "2", "1"), ("0", "-1", "1")],
)
def test_rates_that_leave_the_states_are_refused(g1: str, low: str, high: str) -> None:
    with pytest.raises(RatesUnphysical):
        DampedQubit(Fraction(g1), Fraction(low), Fraction(high))


def test_a_rate_too_slow_for_a_float_is_refused_like_any_other_above_twice_t2() -> None:
    with pytest.raises(RatesUnphysical) as refused:
        DampedQubit(Fraction(1, 10**400), Fraction(0), Fraction(0))
    assert refused.value.metadata["t1_s"] == "inf"


def test_t2_of_exactly_twice_t1_is_physical() -> None:
    assert DampedQubit(Fraction(1), Fraction(1, 2), Fraction(1, 2)).has_known_rates


def test_the_problem_is_exact_text_with_the_horizon_in_the_unsafe_set() -> None:
    claim = claim_for(QUESTION, Fraction(20))
    problem = barrier_problem(claim)
    assert problem.domain == ("t >= 0",)
    assert problem.unsafe == ("x**2 + y**2 <= 1/4", "t >= 0", "t <= 1")
    assert problem.dynamics["x"] == "-(1/2)*x - (2)*y"
    assert problem.barrier.startswith("81/100 - (81/100)*t + (81/200)*t**2")
    assert "[0, 20] s" in problem.theorem


def test_an_interval_of_rates_becomes_a_parameter() -> None:
    uncertain = DampedQubit(Fraction(1, 50), Fraction(1, 50), Fraction(1, 40))
    claim = claim_for(HorizonQuestion(uncertain, Fraction(1, 2), Fraction(9, 10)), Fraction(20))
    problem = barrier_problem(claim)
    assert problem.parameters == ("s",)
    assert problem.domain == ("t >= 0",)
    assert problem.dynamics["s"] == "0"
    assert f"(1 - s**2/{math.factorial(claim.degree)})/2" in problem.dynamics["x"]
