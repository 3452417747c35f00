"""The diamond distance against closed forms, a peer, its laws and its own honesty."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from lucid_coherence.channels import diamond, models
from lucid_coherence.channels.channel import (
    Channel,
    Form,
    apply,
    channel_from_kraus,
    channel_from_numbers,
    compose,
)
from lucid_coherence.channels.checks import inspect, write
from lucid_coherence.channels.diamond import Distance, diamond_distance, distance_bounds
from lucid_coherence.channels.violations import (
    ChannelMalformed,
    ChannelTooLarge,
    SolverMissing,
)
from scipy.stats import unitary_group

from .drawn import QUBITS, Matrix, channels, pairs, random_kraus, random_state

TIGHT = 1e-6
"""The solver stops at 1e-10 in the programme's own scale; repairs cost a little of that."""
IDENTITY = models.dephasing(0.0)
PATIENT = 60.0
"""Seconds for the solver, so that a busy machine does not widen what is asserted."""


def holds(found: Distance, exact: float) -> bool:
    return found.low <= exact <= found.high and found.high - found.low < TIGHT


def unitary(matrix: Matrix) -> Channel:
    return channel_from_kraus(matrix[None], (len(matrix),))


def test_pauli_channels_are_as_far_apart_as_their_probabilities() -> None:
    """½ Σ |p_i − q_i|, here also between channels that err oppositely."""
    first = models.pauli(x=0.1, y=0.05, z=0.02)
    second = models.pauli(x=0.02, y=0.2, z=0.02)
    exact = 0.5 * (0.08 + 0.15 + 0.07)
    assert holds(diamond_distance(first, second), exact)
    bounds = distance_bounds(first, second)
    assert bounds.low <= exact <= bounds.high
    assert bounds.high - bounds.low < 1e-12


@pytest.mark.parametrize("dimension", [2, 3, 4])
def test_unitaries_are_as_far_apart_as_their_eigenvalues_are_from_zero(dimension: int) -> None:
    """√(1 − r²), r the distance of 0 from the convex hull of the spectrum of U† V."""
    rng = np.random.default_rng(dimension)
    generator = 0.3 * np.diag(rng.uniform(-1, 1, dimension))
    frame = unitary_group.rvs(dimension, random_state=rng)
    turned = frame @ np.diag(np.exp(1j * np.diagonal(generator))) @ frame.conj().T
    first = unitary_group.rvs(dimension, random_state=rng)
    angles = np.diagonal(generator)
    exact = np.sin((angles.max() - angles.min()) / 2)
    found = diamond_distance(unitary(first), unitary(first @ turned), time_limit_s=PATIENT)
    assert holds(found, exact)


def test_unitaries_with_zero_in_the_hull_are_perfectly_distinguishable() -> None:
    third = np.exp(2j * np.pi / 3)
    clock = np.diag([1, third, third**2])
    assert holds(diamond_distance(unitary(np.eye(3)), unitary(clock)), 1.0)


@pytest.mark.parametrize("decay", [0.01, 0.3, 0.9])
def test_amplitude_damping_is_as_far_from_nothing_as_it_decays(decay: float) -> None:
    """γ is reached by |1⟩; ρ between 0 and 1 mixes to no more."""
    found = diamond_distance(models.amplitude_damping(decay), IDENTITY)
    assert found.high - found.low < TIGHT
    assert found.low <= decay + 1e-12
    assert found.high >= decay - 1e-12


@pytest.mark.parametrize(("dims", "p"), [((2,), 0.3), ((3,), 0.3), ((2, 2), 0.3)])
def test_depolarizing_needs_an_entangled_input(dims: tuple[int, ...], p: float) -> None:
    """p (1 − 1/d²), while no input without a bystander gets more than p (1 − 1/d)."""
    d = int(np.prod(dims))
    found = diamond_distance(
        models.depolarizing(p, dims), models.depolarizing(0, dims), time_limit_s=PATIENT
    )
    assert holds(found, p * (1 - 1 / d**2))


def test_the_diamond_norm_of_qutip_lies_in_the_interval() -> None:
    import qutip as peer

    rng = np.random.default_rng(2)
    one, two = (random_kraus(rng, 2, 3) for _ in range(2))
    theirs = 0.5 * peer.dnorm(*(peer.kraus_to_super([peer.Qobj(k) for k in x]) for x in (one, two)))
    found = diamond_distance(*(channel_from_kraus(x, (2,)) for x in (one, two)))
    assert found.high - found.low < TIGHT
    # Its solver's own tolerance.
    assert found.low - 1e-5 <= theirs <= found.high + 1e-5


@given(pairs(QUBITS[:1], size=3))
@settings(deadline=None, max_examples=15)
def test_the_laws_of_a_metric_hold_within_the_intervals(drawn: list[Channel]) -> None:
    a, b, c = drawn
    ab, ba = diamond_distance(a, b), diamond_distance(b, a)
    assert max(ab.low, ba.low) <= min(ab.high, ba.high)
    assert ab.low <= diamond_distance(a, c).high + diamond_distance(c, b).high
    assert diamond_distance(a, a).high < 1e-12
    # Data processing: what comes after tells no more apart.
    assert diamond_distance(compose(a, c), compose(b, c)).low <= ab.high


@given(pairs([(2,), (3,)]))
@settings(deadline=None, max_examples=15)
def test_it_lies_between_the_trace_distances_that_bound_it(drawn: list[Channel]) -> None:
    found, bounds = diamond_distance(*drawn), distance_bounds(*drawn)
    assert bounds.low <= found.low <= found.high <= bounds.high
    d = drawn[0].dimension
    trace_norm = np.abs(np.linalg.eigvalsh(drawn[0].choi - drawn[1].choi)).sum()
    assert trace_norm / (2 * d) <= found.high
    assert found.low <= trace_norm / 2
    rng = np.random.default_rng(0)
    states = np.array([random_state(rng, d) for _ in range(8)])
    gap = apply(drawn[0], states) - apply(drawn[1], states)
    assert 0.5 * np.abs(np.linalg.eigvalsh(gap)).sum(axis=1).max() <= found.high


@given(channels(QUBITS[:1]))
@settings(deadline=None, max_examples=10)
def test_a_lying_solver_only_widens_the_interval(drawn: Channel) -> None:
    """Whatever ρ and Z are proposed, the ends stay ends: garbage in, wide interval out."""
    exact = diamond_distance(drawn, IDENTITY)
    difference = drawn.choi - IDENTITY.choi
    rng = np.random.default_rng(3)
    lie = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    assert diamond._upper(difference, lie) >= exact.low
    assert diamond._lower(difference, np.diag([0.9, -3.0]).astype(complex)) <= exact.high + 1e-12


def test_a_solver_without_time_still_gives_a_valid_interval() -> None:
    rng = np.random.default_rng(8)
    one, two = (channel_from_kraus(random_kraus(rng, 4, 2), (2, 2)) for _ in range(2))
    hurried = diamond_distance(one, two, time_limit_s=1e-9)
    patient = diamond_distance(one, two, time_limit_s=PATIENT)
    assert hurried.low <= patient.high
    assert patient.low <= hurried.high
    assert patient.high - patient.low < TIGHT <= hurried.high - hurried.low


def test_a_trace_that_is_kept_only_within_the_tolerance_widens_the_interval() -> None:
    """(1 + ε) E and E are ε/2 apart, where programmes for exact channels would say ε."""
    exact = models.amplitude_damping(0.3)
    factor = 1 + 1e-7
    swollen = Channel(exact.dims, factor * exact.choi)
    for found in (diamond_distance(swollen, exact), distance_bounds(swollen, exact)):
        assert found.low <= (factor - 1) / 2 <= found.high
        assert found.rounding >= 0.49e-7


@given(channels(QUBITS))
@settings(deadline=None, max_examples=25)
def test_a_channel_is_not_told_apart_from_itself_in_another_form(drawn: Channel) -> None:
    """Rounding of the conversions is part of the interval, so its lower end is 0."""
    for form in (Form.KRAUS, Form.PAULI_TRANSFER):
        numbers, _ = write(drawn, form, inspect(drawn))
        again = channel_from_numbers(form, drawn.dims, numbers)
        found = distance_bounds(drawn, again)
        assert found.low == 0
        assert found.high < 1e-11


def test_without_the_solver_the_distance_is_refused_and_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "clarabel", None)
    with pytest.raises(SolverMissing) as caught:
        diamond_distance(models.bit_flip(0.1), IDENTITY)
    assert caught.value.metadata == {"extra": "diamond", "package": "clarabel"}
    assert distance_bounds(models.bit_flip(0.1), IDENTITY).high == pytest.approx(0.1)


def test_other_systems_and_too_large_ones_are_refused() -> None:
    with pytest.raises(ChannelMalformed):
        diamond_distance(models.depolarizing(0.1), models.depolarizing(0.1, (3,)))
    with pytest.raises(ChannelTooLarge) as caught:
        diamond_distance(models.depolarizing(0.1, (5,)), models.depolarizing(0, (5,)))
    assert caught.value.metadata["limit"] == "diamond_dimension_max"
