"""Laws that hold for every channel: hypothesis draws them from isometries."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lucid_coherence.channels import representations as forms
from lucid_coherence.channels.channel import (
    Channel,
    Form,
    apply,
    channel_from_bytes,
    channel_from_kraus,
    compose,
    embed,
)
from lucid_coherence.channels.checks import inspect, write
from lucid_coherence.channels.diamond import distance_bounds
from lucid_coherence.channels.fidelity import entanglement_fidelity
from lucid_coherence.channels.twirl import pauli_twirl

from .drawn import QUBITS, channels, linear_maps, pairs, random_state

ROUNDING = 1e-12
"""Products of a few matrices of at most 16 x 16 with entries of order 1."""
LIMITS = settings(deadline=None, max_examples=40)


@given(linear_maps())
@LIMITS
def test_rearranging_twice_changes_nothing(drawn: Channel) -> None:
    there = forms.superoperator_from_choi(drawn.choi)
    np.testing.assert_array_equal(forms.choi_from_superoperator(there), drawn.choi)


@given(linear_maps(QUBITS))
@LIMITS
def test_pauli_transfer_round_trips_for_any_linear_map(drawn: Channel) -> None:
    transfer = forms.pauli_transfer_from_choi(drawn.choi, drawn.dims)
    again = forms.choi_from_pauli_transfer(transfer, drawn.dims)
    np.testing.assert_allclose(again, drawn.choi, atol=100 * ROUNDING)


@given(drawn=channels(QUBITS), form=st.sampled_from(Form))
@LIMITS
def test_writing_and_reading_any_form_keeps_the_channel(drawn: Channel, form: Form) -> None:
    numbers, lost = write(drawn, form, inspect(drawn))
    again = channel_from_bytes(form, drawn.dims, numbers.astype("<c16").tobytes(), field="x")
    np.testing.assert_allclose(again.choi, drawn.choi, atol=ROUNDING + lost)
    assert inspect(again).is_channel


@given(channels())
@LIMITS
def test_channels_from_isometries_pass_all_checks(drawn: Channel) -> None:
    found = inspect(drawn)
    assert found.is_channel
    assert found.smallest_choi_eigenvalue >= -found.eigenvalue_rounding
    assert 1 <= found.rank <= drawn.dimension**2


@given(pairs())
@LIMITS
def test_composition_keeps_channels_channels(drawn: list[Channel]) -> None:
    both = compose(*drawn)
    assert inspect(both).is_channel
    state = random_state(np.random.default_rng(0), both.dimension)[None]
    np.testing.assert_allclose(
        apply(both, state), apply(drawn[1], apply(drawn[0], state)), atol=ROUNDING
    )


@given(
    drawn=channels(), before=st.sampled_from([(), (2,), (3,)]), after=st.sampled_from([(), (2,)])
)
@LIMITS
def test_placing_a_channel_places_its_kraus_operators(
    drawn: Channel, before: tuple[int, ...], after: tuple[int, ...]
) -> None:
    dims = (*before, *drawn.dims, *after)
    assume(np.prod(dims) <= 16)
    placed = embed(drawn, dims, len(before))
    operators, _ = write(drawn, Form.KRAUS, inspect(drawn))
    left, right = np.eye(int(np.prod(before))), np.eye(int(np.prod(after)))
    expected = np.array([np.kron(np.kron(left, k), right) for k in operators])
    np.testing.assert_allclose(placed.choi, channel_from_kraus(expected, dims).choi, atol=ROUNDING)
    assert inspect(placed).is_channel


@given(pairs(QUBITS[:1]))
@LIMITS
def test_channels_on_different_qubits_commute(drawn: list[Channel]) -> None:
    first, second = embed(drawn[0], (2, 2), 0), embed(drawn[1], (2, 2), 1)
    one, other = compose(first, second), compose(second, first)
    np.testing.assert_allclose(one.choi, other.choi, atol=ROUNDING)


@given(drawn=channels(), seed=st.integers(0, 2**32 - 1))
@LIMITS
def test_channels_map_states_to_states(drawn: Channel, seed: int) -> None:
    rng = np.random.default_rng(seed)
    states = np.array([random_state(rng, drawn.dimension) for _ in range(4)])
    after = apply(drawn, states)
    assert np.abs(np.trace(after, axis1=1, axis2=2) - 1).max() < ROUNDING
    assert np.linalg.eigvalsh(after).min() > -ROUNDING


@given(drawn=channels(), seed=st.integers(0, 2**32 - 1), strength=st.floats(1e-4, 10))
@LIMITS
def test_the_smallest_choi_eigenvalue_tells_completely_positive_maps_from_others(
    drawn: Channel, seed: int, strength: float
) -> None:
    """A map is completely positive exactly if no state with a bystander leaves the states.

    A Hermitian disturbance makes maps of both kinds; the eigenvector of the smallest Choi
    eigenvalue is the witness, and without one random entangled inputs find none either.
    """
    rng = np.random.default_rng(seed)
    size = len(drawn.choi)
    noise = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    moved = Channel(drawn.dims, drawn.choi + strength * (noise + noise.conj().T) / size)
    found = inspect(moved)
    vectors = np.linalg.eigh(moved.choi)[1]
    witness = np.vdot(vectors[:, 0], moved.choi @ vectors[:, 0]).real
    assert found.is_completely_positive == (witness >= -found.tolerance)
    if found.is_completely_positive:
        root = random_state(rng, drawn.dimension)
        tall = np.kron(root, np.eye(drawn.dimension))
        image = tall @ moved.choi @ tall.conj().T
        assert np.linalg.eigvalsh(image).min() > -ROUNDING - found.tolerance


@given(channels(QUBITS))
@LIMITS
def test_twirling_twice_is_twirling_once_and_gives_a_pauli_channel(drawn: Channel) -> None:
    once = pauli_twirl(drawn)
    twice = pauli_twirl(once.channel)
    np.testing.assert_allclose(twice.channel.choi, once.channel.choi, atol=ROUNDING)
    assert twice.dropped < ROUNDING
    assert inspect(once.channel).is_channel
    assert once.probabilities.min() > -ROUNDING
    assert abs(once.probabilities.sum() - 1) < ROUNDING
    assert abs(entanglement_fidelity(drawn) - once.probabilities[0]) < ROUNDING


@given(channels(QUBITS))
@LIMITS
def test_the_twirl_is_the_average_over_conjugations(drawn: Channel) -> None:
    basis = forms.pauli_columns(drawn.dims) * np.sqrt(drawn.dimension)
    d = drawn.dimension
    total = np.zeros_like(drawn.choi)
    for column in basis.T:
        pauli = channel_from_kraus(column.reshape(d, d).T[None], drawn.dims)
        total += compose(compose(pauli, drawn), pauli).choi
    np.testing.assert_allclose(pauli_twirl(drawn).channel.choi, total / d**2, atol=ROUNDING)


@given(pairs(size=3))
@LIMITS
def test_bounds_without_a_solver_obey_the_laws_of_a_distance(drawn: list[Channel]) -> None:
    a, b, c = drawn
    ab, ba = distance_bounds(a, b), distance_bounds(b, a)
    assert 0 <= ab.low <= ab.high <= 1 + 1e-9
    # One hidden number lies in both, and obeys the triangle inequality within the ends.
    assert max(ab.low, ba.low) <= min(ab.high, ba.high)
    assert ab.low <= distance_bounds(a, c).high + distance_bounds(c, b).high
    assert distance_bounds(a, a).high < 10 * ROUNDING


@given(drawn=pairs(), seed=st.integers(0, 2**32 - 1))
@LIMITS
def test_no_input_tells_two_channels_apart_better_than_the_upper_end(
    drawn: list[Channel], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    states = np.array([random_state(rng, drawn[0].dimension) for _ in range(4)])
    gap = apply(drawn[0], states) - apply(drawn[1], states)
    traced = 0.5 * np.abs(np.linalg.eigvalsh(gap)).sum(axis=1).max()
    assert traced <= distance_bounds(*drawn).high
