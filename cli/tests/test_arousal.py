from hypothesis import given
from hypothesis import strategies as st
from lucid_cli.arousal import SimulatedUser

unit = st.floats(0, 1)


@given(a=unit, h=unit, intensity=unit, seconds=st.floats(0, 600))
def test_the_simulated_user_stays_in_the_unit_box(
    a: float, h: float, intensity: float, seconds: float
) -> None:
    user = SimulatedUser(arousal=a, habituation=h)
    user.advance(seconds, intensity)
    assert 0 <= user.arousal <= 1
    assert 0 <= user.habituation <= 1


@given(a=unit, h=unit)
def test_without_stimulus_arousal_falls(a: float, h: float) -> None:
    user = SimulatedUser(arousal=a, habituation=h)
    user.advance(60, 0.0)
    assert user.arousal <= a
