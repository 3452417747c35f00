"""The filter only ever lowers the cap, and what it does not know it does not allow."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_dream.saga.readiness import DEFAULT_POLICY, ReadinessInputs, Verdict, assess

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CALM = ReadinessInputs(observed_at=NOW, local_minute=14 * 60, stress=0.1, calm=0.8, stability=0.9)
unit = st.none() | st.floats(0.0, 1.0)
caps = st.fractions(Fraction(1, 100), 1, max_denominator=100)
inputs = st.builds(
    ReadinessInputs,
    observed_at=st.none() | st.integers(-2000, 2000).map(lambda s: NOW + timedelta(seconds=s)),
    local_minute=st.none() | st.integers(0, 1439),
    stress=unit,
    attention=unit,
    valence=unit,
    arousal=unit,
    dominance=unit,
    calm=unit,
    joy=unit,
    longing=unit,
    focus=unit,
    stability=unit,
    dream_residue=unit,
)


@given(inputs=inputs, wanted=caps, seed_cap=caps)
def test_the_cap_never_exceeds_the_users_or_the_seeds(
    inputs: ReadinessInputs, wanted: Fraction, seed_cap: Fraction
) -> None:
    readiness = assess(inputs, wanted=wanted, seed_cap=seed_cap, now=NOW)
    assert 0 <= readiness.cap <= min(wanted, seed_cap)
    assert (readiness.cap > 0) == (readiness.verdict in (Verdict.ALLOW, Verdict.TRANSFORM))
    assert bool(readiness.reasons) == (readiness.verdict is not Verdict.ALLOW)
    assert (readiness.until is not None) == (readiness.verdict is Verdict.DEFER)


@given(inputs=inputs, wanted=caps)
def test_unknown_or_stale_inputs_never_allow(inputs: ReadinessInputs, wanted: Fraction) -> None:
    stale = inputs.observed_at is None or abs(NOW - inputs.observed_at) > timedelta(minutes=15)
    if stale or inputs.stress is None or inputs.local_minute is None:
        readiness = assess(inputs, wanted=wanted, seed_cap=Fraction(1), now=NOW)
        assert readiness.verdict is Verdict.DEFER


@given(stress=st.floats(0.0, 1.0), more=st.floats(0.0, 1.0), minute=st.integers(0, 1439))
def test_more_stress_never_raises_the_cap(stress: float, more: float, minute: int) -> None:
    def cap(value: float) -> Fraction:
        given_inputs = ReadinessInputs(observed_at=NOW, local_minute=minute, stress=value)
        return assess(given_inputs, wanted=Fraction(1), seed_cap=Fraction(1), now=NOW).cap

    assert cap(max(stress, more)) <= cap(min(stress, more))


@pytest.mark.parametrize(
    ("change", "cap", "reason"),
    [
        ({"stress": 0.5}, Fraction(6, 10), "STRESS_MODERATE"),
        ({"stress": 0.7}, Fraction(3, 10), "STRESS_HIGH"),
        ({"local_minute": 23 * 60}, Fraction(3, 10), "NIGHT"),
        ({"local_minute": 3 * 60}, Fraction(3, 10), "NIGHT"),
        ({"dream_residue": 0.6}, Fraction(2, 10), "DREAM_RESIDUE"),
    ],
)
def test_each_burden_lowers_the_cap(change: dict[str, float], cap: Fraction, reason: str) -> None:
    burdened = ReadinessInputs(**{**_fields(CALM), **change})
    readiness = assess(burdened, wanted=Fraction(8, 10), seed_cap=Fraction(1), now=NOW)
    assert (readiness.verdict, readiness.cap) == (Verdict.TRANSFORM, cap)
    assert readiness.reasons == (reason,)


@pytest.mark.parametrize(
    ("change", "verdict", "reason"),
    [
        ({"stress": 0.95}, Verdict.BLOCK, "STRESS_TOO_HIGH"),
        ({"stability": 0.1}, Verdict.BLOCK, "UNSTABLE"),
        ({"valence": 0.1, "arousal": 0.9}, Verdict.BLOCK, "ACUTE_DISTRESS"),
        ({"attention": 1.0, "focus": 1.0}, Verdict.DEFER, "ATTENTION_BUSY"),
        ({"longing": 1.0, "calm": 0.0}, Verdict.DEFER, "LONGING_WITHOUT_CALM"),
        ({"stress": float("nan")}, Verdict.DEFER, "STRESS_UNKNOWN"),
    ],
)
def test_what_speaks_against_a_session_is_named(
    change: dict[str, float], verdict: Verdict, reason: str
) -> None:
    against = ReadinessInputs(**{**_fields(CALM), **change})
    readiness = assess(against, wanted=Fraction(8, 10), seed_cap=Fraction(1), now=NOW)
    assert (readiness.verdict, readiness.reasons) == (verdict, (reason,))


def test_a_cap_too_small_to_mean_anything_blocks() -> None:
    readiness = assess(CALM, wanted=Fraction(5, 100), seed_cap=Fraction(1), now=NOW)
    assert readiness.verdict is Verdict.BLOCK
    assert readiness.reasons == ("CAP_TOO_LOW",)


def test_a_calm_person_by_day_gets_what_they_asked_for() -> None:
    readiness = assess(CALM, wanted=Fraction(8, 10), seed_cap=Fraction(9, 10), now=NOW)
    assert readiness.verdict is Verdict.ALLOW
    assert readiness.cap == Fraction(8, 10)
    assert DEFAULT_POLICY.stale_after_s == 900


def _fields(inputs: ReadinessInputs) -> dict[str, object]:
    return {name: getattr(inputs, name) for name in inputs.__dataclass_fields__}
