from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lucid_coherence.open_systems.bloch import bloch_vectors, density_matrices
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.generators import (
    commutator_superoperator,
    jump_superoperators,
)
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian
from lucid_coherence.open_systems.propagate import CHUNK_BYTES_MAX, evolve
from lucid_coherence.open_systems.violations import (
    AccuracyNotReached,
    ModelUnsupported,
    OperatorMalformed,
    OutputTooLarge,
    RatesUnphysical,
    TimesNotRising,
)
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.physicality import Tolerances, inspect
from lucid_coherence.states.violations import BatchMalformed

PLUS = StateBatch((2,), np.full((1, 2, 2), 0.5 + 0j))
LOWERING = np.array([[0, 1], [0, 0]], dtype=complex)


def _qubit(g1: float, g2: float, detuning: float = 0.0, z: float = 1.0) -> DampedQubit:
    return DampedQubit(*(Fraction(v) for v in (g1, g2, g2, detuning, z)))


@given(
    g1=st.floats(0, 4),
    extra=st.floats(0, 3),
    detuning=st.floats(-50, 50),
    z=st.floats(-1, 1),
    times=st.lists(st.floats(0, 100), min_size=1, max_size=6, unique=True).map(sorted),
)
@settings(deadline=None, max_examples=80)
def test_the_closed_form_lies_within_the_error_bound(
    g1: float, extra: float, detuning: float, z: float, times: list[float]
) -> None:
    g2 = g1 / 2 + extra
    assume(2 * g2 >= g1)  # half of the smallest number is 0
    (chunk,) = evolve(PLUS, _qubit(g1, g2, detuning, z), times)
    at = np.array(times)
    coherence = 0.5 * np.exp(-g2 * at + 1j * detuning * at)
    population = 0.5 * (1 + z * (1 - np.exp(-g1 * at)))
    exact = np.empty((len(at), 2, 2), dtype=complex)
    exact[:, 0, 0], exact[:, 1, 1] = population, 1 - population
    exact[:, 1, 0], exact[:, 0, 1] = coherence, coherence.conj()
    # The closed form rounds too: e^(iΔt) by about |Δ| t units.
    slack = 4e-16 * (1 + abs(detuning) * max(times))
    errors = np.linalg.norm(chunk.batch.matrices - exact, axis=(1, 2))
    assert (errors <= chunk.error_bound + slack).all()
    assert chunk.error_bound < 1e-7


@given(g1=st.floats(0, 4), extra=st.floats(0, 3), z=st.floats(-1, 1), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_evolution_keeps_states_physical(g1: float, extra: float, z: float, seed: int) -> None:
    assume(2 * (g1 / 2 + extra) >= g1)
    rng = np.random.default_rng(seed)
    g = rng.normal(size=(5, 2, 2)) + 1j * rng.normal(size=(5, 2, 2))
    rho = g @ np.conj(np.swapaxes(g, 1, 2))
    batch = StateBatch((2,), rho / np.trace(rho, axis1=1, axis2=2)[:, None, None])
    (chunk,) = evolve(batch, _qubit(g1, g1 / 2 + extra, 3.0, z), [0.0, 0.1, 1.0, 30.0])
    tight = Tolerances(1e-12, 1e-12, 1e-12)
    assert inspect(chunk.batch, tight).valid.all()


def test_a_general_generator_gives_what_the_bloch_form_gives() -> None:
    g1, g2, detuning = 0.3, 0.5, 1.1
    flip = np.diag([1, -1]).astype(complex)
    jumps = (Jump(LOWERING, g1, g1), Jump(flip, (g2 - g1 / 2) / 2, (g2 - g1 / 2) / 2))
    general = Lindbladian((2,), detuning / 2 * flip, jumps)
    times = [0.0, 0.4, 3.0]
    (one,) = evolve(PLUS, general, times)
    (other,) = evolve(PLUS, _qubit(g1, g2, detuning), times)
    np.testing.assert_allclose(one.batch.matrices, other.batch.matrices, atol=1e-13)


def test_the_superoperators_are_the_rates_on_flattened_states() -> None:
    rng = np.random.default_rng(5)
    h, state, *jumps = rng.normal(size=(4, 3, 3)) + 1j * rng.normal(size=(4, 3, 3))
    h, rates = h + h.conj().T, np.array([0.3, 1.7])
    rate = -1j * (h @ state - state @ h)
    for gamma, jump in zip(rates, jumps, strict=True):
        weight = jump.conj().T @ jump
        rate += gamma * (jump @ state @ jump.conj().T - (weight @ state + state @ weight) / 2)
    whole = commutator_superoperator(-1j * h) + jump_superoperators(np.array(jumps), rates)
    np.testing.assert_allclose((whole @ state.reshape(-1)).reshape(3, 3), rate, atol=1e-12)


def test_bloch_vectors_and_matrices_are_inverses() -> None:
    vectors = np.random.default_rng(1).normal(size=(7, 4))
    np.testing.assert_allclose(bloch_vectors(density_matrices(vectors)), vectors, atol=1e-15)


def test_a_result_without_accuracy_is_refused() -> None:
    fast = _qubit(1e14, 1e14, 1e15)
    with pytest.raises(AccuracyNotReached) as refused:
        evolve(PLUS, fast, [1e9])
    assert refused.value.metadata["limit"] == "error_bound_max"


def test_chunks_cover_all_times_in_order() -> None:
    times = np.linspace(0, 1, 150).tolist()
    chunks = list(evolve(PLUS, _qubit(1, 1), times, 64))
    assert [len(chunk.times_s) for chunk in chunks] == [64, 64, 22]
    assert np.concatenate([chunk.times_s for chunk in chunks]).tolist() == times
    many = StateBatch((2,), np.repeat(PLUS.matrices, 5000, axis=0))
    for chunk in evolve(many, _qubit(1, 1), times[:20], 10_000):
        assert chunk.batch.matrices.nbytes <= CHUNK_BYTES_MAX


@pytest.mark.parametrize(
    ("times", "index"), [([-1.0], 0), ([0, 1, 1], 2), ([0, 2, 1], 2), ([0, float("nan")], 1)]
)
def test_times_must_rise(times: list[float], index: int) -> None:
    with pytest.raises(TimesNotRising) as refused:
        evolve(PLUS, _qubit(1, 1), times)
    assert refused.value.metadata["index"] == str(index)


def test_limits_on_output_are_named() -> None:
    with pytest.raises(OutputTooLarge):
        evolve(PLUS, _qubit(1, 1), [])
    many = StateBatch((2,), np.repeat(PLUS.matrices, 16_000, axis=0))
    with pytest.raises(OutputTooLarge) as refused:
        evolve(many, _qubit(1, 1), np.arange(1000.0).tolist())
    assert refused.value.metadata["limit"] == "output_bytes_max"


def test_states_of_another_system_are_refused() -> None:
    with pytest.raises(BatchMalformed):
        evolve(StateBatch((3,), np.eye(3, dtype=complex)[None] / 3), _qubit(1, 1), [0.0])


def test_an_interval_of_rates_cannot_be_evolved() -> None:
    interval = DampedQubit(Fraction(1), Fraction(1), Fraction(2))
    with pytest.raises(ModelUnsupported):
        evolve(PLUS, interval, [0.0])


@pytest.mark.parametrize(
    ("jump", "error"),
    [
        (Jump(LOWERING, -1.0, 1.0), RatesUnphysical),
        (Jump(LOWERING, 0.0, float("inf")), RatesUnphysical),
    ],
)
def test_jump_rates_are_checked(jump: Jump, error: type[Exception]) -> None:
    with pytest.raises(error):
        Lindbladian((2,), np.zeros((2, 2), dtype=complex), (jump,))


def test_a_jump_rate_known_in_an_interval_cannot_be_evolved() -> None:
    still = np.zeros((2, 2), dtype=complex)
    interval = Lindbladian((2,), still, (Jump(LOWERING, 1.0, 2.0),))
    with pytest.raises(ModelUnsupported) as refused:
        evolve(PLUS, interval, [0.0])
    assert refused.value.field == "system.lindbladian.jumps[0]"


def test_a_hamiltonian_must_be_hermitian_and_small() -> None:
    with pytest.raises(OperatorMalformed):
        Lindbladian((2,), LOWERING, ())
    with pytest.raises(ModelUnsupported):
        Lindbladian((9, 9), np.zeros((81, 81), dtype=complex), ())
