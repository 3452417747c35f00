import numpy as np
import pytest
import qutip
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.propagate import evolve
from lucid_coherence.open_systems.steady_state import steady_states
from lucid_coherence.open_systems.violations import ModelUnsupported, OutputTooLarge
from lucid_coherence.states.physicality import Tolerances, inspect

from .declared_systems import (
    chain,
    columns_generator,
    declared,
    ground,
    network,
    random_lindbladian,
    random_states,
)

LOWERING = {"X": 0.5, "Y": 0.5j}


def test_a_driven_qubit_has_the_steady_state_of_the_bloch_equations() -> None:
    rabi, gamma = 0.7, 0.3
    found = steady_states(ground(1), network(1, {"X": rabi / 2}, [(LOWERING, gamma)]))
    assert found.dimension == 1
    excited = rabi**2 / (gamma**2 + 2 * rabi**2)
    coherence = -1j * rabi * gamma / (gamma**2 + 2 * rabi**2)
    expected = np.array([[1 - excited, -coherence], [coherence, excited]])
    np.testing.assert_allclose(found.batch.matrices[0], expected, atol=1e-14)
    # The slowest mode: x decays with γ/2, and y, z with 3γ/4 on average.
    assert found.spectral_gap == pytest.approx(gamma / 2)
    assert found.residual < 1e-13
    assert found.oscillating == 0


@pytest.mark.parametrize("qubits", [2, 3])
def test_chains_have_the_steady_state_that_qutip_finds(qubits: int) -> None:
    system = chain(qubits, t1=5.0, t2=4.0)
    found = steady_states(ground(qubits), system)
    h, jumps = declared(system)
    expected = qutip.steadystate(qutip.Qobj(h), [qutip.Qobj(jump) for jump in jumps]).full()
    np.testing.assert_allclose(found.batch.matrices[0], expected, atol=1e-10)
    assert found.dimension == 1
    assert found.next_singular > 1e6 * found.threshold
    assert inspect(found.batch, Tolerances(1e-11, 1e-11, 1e-11)).valid.all()
    decays = -np.linalg.eigvals(columns_generator(system)).real
    assert found.spectral_gap == pytest.approx(np.sort(decays)[1], rel=1e-8)


def test_four_qubits_reach_the_steady_state_that_is_found() -> None:
    system = chain(4, t1=0.5, t2=0.4)
    found = steady_states(ground(4), system)
    assert found.dimension == 1
    (chunk,) = evolve(ground(4), system, [60 / found.spectral_gap])
    np.testing.assert_allclose(chunk.batch.matrices, found.batch.matrices, atol=1e-9)


def test_dephasing_leaves_every_diagonal_and_gives_each_start_its_own_limit() -> None:
    system = network(2, {}, [({"ZI": 1.0}, 0.1), ({"IZ": 1.0}, 0.2)])
    start = random_states((2, 2), 3, 0)
    found = steady_states(start, system)
    assert (found.dimension, found.oscillating) == (4, 0)
    diagonals = np.einsum("kii->ki", start.matrices)[:, :, None] * np.eye(4)
    np.testing.assert_allclose(found.batch.matrices, diagonals, atol=1e-14)
    assert found.spectral_gap == pytest.approx(0.2)
    (chunk,) = evolve(start, system, [1e3])
    np.testing.assert_allclose(chunk.batch.matrices, found.batch.matrices, atol=1e-9)


def test_a_closed_qubit_oscillates_for_ever_about_its_mean() -> None:
    start = random_states((2,), 1, 4)
    found = steady_states(start, network(1, {"Z": 0.5}, []))
    assert (found.dimension, found.oscillating, found.spectral_gap) == (2, 2, 0.0)
    diagonal = np.diag(np.diag(start.matrices[0]))
    np.testing.assert_allclose(found.batch.matrices[0], diagonal, atol=1e-14)


def test_a_system_without_any_rate_keeps_everything() -> None:
    start = random_states((2,), 2, 4)
    found = steady_states(start, network(1, {}, []))
    assert (found.dimension, found.next_singular, found.oscillating) == (4, 0.0, 0)
    np.testing.assert_allclose(found.batch.matrices, start.matrices, atol=1e-14)


def test_a_damped_qubit_relaxes_to_its_equilibrium() -> None:
    found = steady_states(ground(1), DampedQubit(2, 3, 3, 5, -1))
    np.testing.assert_allclose(found.batch.matrices[0], np.diag([0, 1]), atol=1e-14)
    assert found.spectral_gap == pytest.approx(2)


def test_a_qudit_has_a_steady_state_with_zero_rate() -> None:
    system = random_lindbladian((2, 3), 5)
    found = steady_states(random_states((2, 3), 2, 0), system)
    assert found.dimension == found.batch.count == 1
    rho = found.batch.matrices[0]
    rate = columns_generator(system) @ rho.T.reshape(-1)
    assert np.linalg.norm(rate) <= found.residual < 1e-12


def test_large_systems_and_large_batches_are_refused() -> None:
    with pytest.raises(ModelUnsupported) as refused:
        steady_states(ground(5), chain(5))
    assert refused.value.metadata["maximum"] == "16"
    with pytest.raises(OutputTooLarge) as large:
        steady_states(random_states((2,) * 4, 300, 0), chain(4))
    assert large.value.metadata["limit"] == "steady_state_bytes_max"
