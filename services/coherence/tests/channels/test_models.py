"""Noise models are channels in the whole of their range, and do what their formulas say."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_coherence.channels import models
from lucid_coherence.channels.channel import Channel, apply, compose
from lucid_coherence.channels.checks import inspect
from lucid_coherence.channels.violations import (
    ChannelMalformed,
    ChannelTooLarge,
    RelaxationUnphysical,
    StrengthOutOfRange,
)

STATE = np.array([[0.3, 0.2 - 0.1j], [0.2 + 0.1j, 0.7]])
shares = st.floats(0, 1)


def image(channel: Channel, state: np.ndarray = STATE) -> np.ndarray:
    return apply(channel, state[None].astype(np.complex128))[0]


@given(p=st.floats(0, 4 / 3), s=shares, decay=shares, excited=shares)
def test_every_model_is_a_channel_in_its_whole_range(
    p: float, s: float, decay: float, excited: float
) -> None:
    for channel in (
        models.depolarizing(p),
        models.dephasing(s),
        models.bit_flip(s),
        models.phase_flip(s),
        models.bit_phase_flip(s),
        models.pauli(x=s / 2, y=s / 4, z=(1 - s) / 2),
        models.amplitude_damping(decay),
        models.generalized_amplitude_damping(decay, excited),
    ):
        assert inspect(channel, 1e-12).is_channel


@given(t1=st.floats(1e-9, 1e3), ratio=st.floats(1e-3, 2), turns=st.floats(0, 20), excited=shares)
def test_relaxation_is_a_channel_up_to_twice_t1(
    t1: float, ratio: float, turns: float, excited: float
) -> None:
    channel = models.thermal_relaxation(
        t1_s=t1, t2_s=min(ratio * t1, 2 * t1), time_s=turns * t1, excited_population=excited
    )
    assert inspect(channel, 1e-12).is_channel


def test_depolarizing_mixes_with_the_maximally_mixed_state() -> None:
    np.testing.assert_allclose(
        image(models.depolarizing(0.3)), 0.7 * STATE + 0.15 * np.eye(2), atol=1e-15
    )
    qutrit = np.diag([1.0, 0, 0])
    mixed = image(models.depolarizing(0.3, (3,)), qutrit)
    np.testing.assert_allclose(mixed, np.diag([0.8, 0.1, 0.1]), atol=1e-15)


def test_the_largest_depolarizing_applies_every_error_equally() -> None:
    p = 1 / 3
    np.testing.assert_allclose(
        models.depolarizing(4 / 3).choi, models.pauli(x=p, y=p, z=p).choi, atol=1e-15
    )


def test_dephasing_is_half_a_phase_flip() -> None:
    np.testing.assert_allclose(models.dephasing(0.3).choi, models.phase_flip(0.15).choi, atol=1e-15)
    assert image(models.dephasing(0.3))[0, 1] == pytest.approx(0.7 * STATE[0, 1])


def test_relaxation_follows_t1_t2_and_the_equilibrium() -> None:
    t1, t2, t, q = 50e-6, 70e-6, 30e-6, 0.1
    after = image(models.thermal_relaxation(t1_s=t1, t2_s=t2, time_s=t, excited_population=q))
    assert after[1, 1].real == pytest.approx(q + (0.7 - q) * math.exp(-t / t1))
    assert after[0, 1] == pytest.approx(STATE[0, 1] * math.exp(-t / t2))
    assert np.trace(after) == pytest.approx(1)


def test_relaxation_without_pure_dephasing_is_amplitude_damping() -> None:
    decay = -math.expm1(-0.4)
    relaxed = models.thermal_relaxation(t1_s=1, t2_s=2, time_s=0.4, excited_population=0.2)
    damped = models.generalized_amplitude_damping(decay, 0.2)
    np.testing.assert_allclose(relaxed.choi, damped.choi, atol=1e-15)


def test_relaxing_twice_is_relaxing_for_the_sum() -> None:
    def over(time_s: float) -> Channel:
        return models.thermal_relaxation(t1_s=3, t2_s=4, time_s=time_s, excited_population=0.3)

    np.testing.assert_allclose(compose(over(1), over(0.5)).choi, over(1.5).choi, atol=1e-15)


def test_infinite_times_leave_everything_as_it_is() -> None:
    still = models.thermal_relaxation(
        t1_s=math.inf, t2_s=math.inf, time_s=1e300, excited_population=0.3
    )
    np.testing.assert_array_equal(image(still), STATE)


@pytest.mark.parametrize(
    ("t1", "t2"),
    [(1, 2.0000001), (0, 1), (-1, -3), (1, 0), (math.nan, 1), (1, math.nan), (1, math.inf)],
)
def test_relaxation_that_no_system_shows_is_refused(t1: float, t2: float) -> None:
    with pytest.raises(RelaxationUnphysical) as caught:
        models.thermal_relaxation(t1_s=t1, t2_s=t2, time_s=1, excited_population=0)
    assert set(caught.value.metadata) == {"t1_s", "t2_s"}


def test_beyond_twice_t1_the_map_would_not_be_completely_positive() -> None:
    """Why it is refused: the same matrix with T2 = 2.2 T1 has a negative Choi eigenvalue."""
    decay, coherent = -math.expm1(-1.0), math.exp(-1 / 2.2)
    choi = np.diag([1, 0, decay, 1 - decay]).astype(np.complex128)
    choi[0, 3] = choi[3, 0] = coherent
    assert inspect(Channel((2,), choi)).smallest_choi_eigenvalue < -0.01


@pytest.mark.parametrize(
    "make",
    [
        lambda: models.depolarizing(4 / 3 + 1e-9),
        lambda: models.depolarizing(-1e-9),
        lambda: models.dephasing(1.1),
        lambda: models.bit_flip(math.nan),
        lambda: models.pauli(x=0.5, y=0.4, z=0.2),
        lambda: models.amplitude_damping(math.inf),
        lambda: models.generalized_amplitude_damping(0.5, -0.1),
        lambda: models.thermal_relaxation(t1_s=1, t2_s=1, time_s=-1, excited_population=0),
        lambda: models.thermal_relaxation(t1_s=1, t2_s=1, time_s=math.inf, excited_population=0),
        lambda: models.thermal_relaxation(t1_s=1, t2_s=1, time_s=1, excited_population=2),
    ],
)
def test_parameters_out_of_range_are_refused_with_the_range(make: Callable[[], Channel]) -> None:
    with pytest.raises(StrengthOutOfRange) as caught:
        make()
    assert {"parameter", "value", "low", "high"} == set(caught.value.metadata)


def test_systems_too_large_or_empty_are_refused() -> None:
    with pytest.raises(ChannelTooLarge):
        models.depolarizing(0.1, (17,))
    with pytest.raises(ChannelMalformed):
        models.dephasing(0.1, (1,))
