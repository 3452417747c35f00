"""A programme stays within the cap, starts and ends at nothing, and has no jumps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_dream.saga.programme import Phase, ProgrammeInvalid, programme

phases = st.lists(
    st.builds(Phase, st.sampled_from("abc"), st.floats(0.1, 5.0), st.floats(0.0, 1.0)),
    min_size=1,
    max_size=5,
)
durations = st.floats(600.0, 7200.0)


@given(phases=phases, duration_s=durations, cap=st.floats(0.1, 1.0), at=st.floats(-0.1, 1.1))
def test_the_intensity_is_between_nothing_and_the_cap(
    phases: list[Phase], duration_s: float, cap: float, at: float
) -> None:
    made = programme(phases, duration_s=duration_s, cap=cap)
    assert 0.0 <= made.intensity_at(at * duration_s) <= cap


@given(phases=phases, duration_s=durations)
def test_it_starts_and_ends_at_nothing(phases: list[Phase], duration_s: float) -> None:
    made = programme(phases, duration_s=duration_s, cap=1.0)
    assert made.intensity_at(0.0) == made.intensity_at(duration_s) == 0.0
    assert made.intensity_at(duration_s + 1.0) == 0.0


@given(phases=phases, at=st.floats(0.0, 1.0))
def test_it_never_jumps(phases: list[Phase], at: float) -> None:
    made = programme(phases, duration_s=1200.0, cap=1.0, fade_s=30.0)
    time_s = at * 1199.9
    shortest_s = min(30.0, *(p.share * 1200.0 for p in made.phases))
    change = abs(made.intensity_at(time_s + 0.1) - made.intensity_at(time_s))
    assert change <= 2 * 0.1 / shortest_s + 1e-9


@pytest.mark.parametrize(
    "wrong", [[], [Phase("a", 0.0, 0.5)], [Phase("a", 1.0, 1.5)], [Phase("a", 1.0, float("nan"))]]
)
def test_phases_that_make_no_programme_are_refused(wrong: list[Phase]) -> None:
    with pytest.raises(ProgrammeInvalid):
        programme(wrong, duration_s=600.0, cap=1.0)


def test_the_phase_at_a_time_is_the_one_it_falls_in() -> None:
    made = programme([Phase("in", 1.0, 0.2), Phase("out", 3.0, 0.4)], duration_s=800.0, cap=1.0)
    names = [made.phase_at(t).name for t in (0.0, 199.0, 201.0, 800.0, 900.0)]
    assert names == ["in", "in", "out", "out", "out"]
