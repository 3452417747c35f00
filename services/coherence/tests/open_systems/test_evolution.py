"""Evolution against closed forms, exponentials built elsewhere, and QuTiP."""

import numpy as np
import pytest
import qutip
import scipy.linalg
import scipy.sparse.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.open_systems.generators import dense_operators
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian
from lucid_coherence.open_systems.pauli_network import PauliNetwork
from lucid_coherence.open_systems.propagate import evolve
from lucid_coherence.open_systems.violations import (
    AccuracyNotReached,
    ModelUnsupported,
    WorkTooLarge,
)
from lucid_coherence.states.batch import ComplexArray, StateBatch
from lucid_coherence.states.physicality import Tolerances, inspect

from .declared_systems import (
    chain,
    columns_generator,
    declared,
    ground,
    network,
    placed,
    random_lindbladian,
    random_network,
    random_states,
)

LOWERING = {"X": 0.5, "Y": 0.5j}


def evolved(
    batch: StateBatch, system: PauliNetwork | Lindbladian, times
) -> tuple[ComplexArray, float]:
    chunks = list(evolve(batch, system, times))
    found = np.concatenate([chunk.batch.matrices for chunk in chunks])
    shape = (len(times), batch.count, batch.dimension, batch.dimension)
    return found.reshape(shape), chunks[-1].error_bound


def exact(batch: StateBatch, system: PauliNetwork | Lindbladian, time: float) -> ComplexArray:
    columns = np.swapaxes(batch.matrices, 1, 2).reshape(batch.count, -1)
    moved = columns @ scipy.linalg.expm(columns_generator(system) * time).T
    return np.swapaxes(moved.reshape(batch.matrices.shape), 1, 2)


@given(t1=st.floats(1, 100), share=st.floats(0.05, 1), seed=st.integers(0, 999))
@settings(deadline=None, max_examples=30)
def test_t1_and_t2_are_what_they_say(t1: float, share: float, seed: int) -> None:
    t2 = 2 * t1 * share
    rates = [(LOWERING, 1 / t1), ({"Z": 1.0}, max(1 / t2 - 0.5 / t1, 0) / 2)]
    start = random_states((2,), 1, seed)
    times = np.array([0.0, 0.3, 5.0, 70.0])
    found, bound = evolved(start, network(1, {}, rates), times)
    rho = start.matrices[0]
    errors = np.abs(found[:, 0, 0, 1] - rho[0, 1] * np.exp(-times / t2))
    errors += np.abs(found[:, 0, 1, 1] - rho[1, 1] * np.exp(-times / t1))
    assert errors.max() <= bound + 1e-15
    assert bound < 1e-8


def test_a_driven_qubit_with_decay_follows_torreys_closed_form() -> None:
    # On resonance from the ground state: z relaxes with 3γ/4 to γ²/(γ² + 2Ω²) [Torrey1949].
    rabi, gamma = 2.0, 0.3
    system = network(1, {"X": rabi / 2}, [(LOWERING, gamma)])
    times = np.linspace(0, 10, 60)
    found, bound = evolved(ground(1), system, times)
    mu = np.sqrt(rabi**2 - gamma**2 / 16)
    final = rabi**2 / (gamma**2 + 2 * rabi**2)
    turning = np.cos(mu * times) + 3 * gamma / (4 * mu) * np.sin(mu * times)
    excited = final * (1 - np.exp(-0.75 * gamma * times) * turning)
    assert np.abs(found[:, 0, 1, 1] - excited).max() <= bound + 1e-14


@pytest.mark.parametrize("qubits", [2, 3, 4, 5, 6])
def test_dephasing_of_a_ghz_state_is_as_many_times_as_fast_as_its_qubits(qubits: int) -> None:
    jumps = [({placed("Z", k, qubits): 1.0}, 0.05) for k in range(qubits)]
    rho = np.zeros((1, 2**qubits, 2**qubits), complex)
    rho[0, :: 2**qubits - 1, :: 2**qubits - 1] = 0.5
    times = np.array([0.0, 1.0, 4.0])
    found, bound = evolved(StateBatch((2,) * qubits, rho), network(qubits, {}, jumps), times)
    coherence = 0.5 * np.exp(-2 * 0.05 * qubits * times)
    assert np.abs(found[:, 0, 0, -1] - coherence).max() <= bound + 1e-15
    np.testing.assert_allclose(found[:, 0, 0, 0], 0.5, atol=1e-14)
    assert np.count_nonzero(np.abs(found[2]) > 1e-13) == 4


def test_a_zz_coupling_entangles_and_disentangles_two_qubits() -> None:
    plus = StateBatch((2, 2), np.full((1, 4, 4), 0.25 + 0j))
    strength = 0.8
    times = np.array([0.0, np.pi / (4 * strength), np.pi / (2 * strength)])
    found, _ = evolved(plus, network(2, {"ZZ": strength}, []), times)
    marginal = np.einsum("tiaja->tij", found.reshape(3, 2, 2, 2, 2))
    # <X> of one qubit is cos(2 J t).
    np.testing.assert_allclose(2 * marginal[:, 0, 1].real, [1, 0, -1], atol=1e-14)


@given(qubits=st.integers(1, 3), seed=st.integers(0, 10**6), equal=st.booleans())
@settings(deadline=None, max_examples=25)
def test_up_to_three_qubits_agree_with_an_exponential_built_elsewhere(
    qubits: int, seed: int, equal: bool
) -> None:
    system = random_network(qubits, seed)
    batch = random_states((2,) * qubits, 2, seed)
    times = [0.0, 0.5, 1.0, 1.5] if equal else [0.2, 0.3, 1.5]
    for form in (system, dense_operators(system)):
        found, bound = evolved(batch, form, times)
        # scipy rounds as well: about 1e-13 at norms of 100.
        error = np.linalg.norm(found[-1] - exact(batch, system, 1.5), axis=(1, 2)).max()
        assert error <= bound + 1e-12
        assert bound < 1e-8


@pytest.mark.parametrize("dims", [(3,), (2, 3), (5,), (3, 4)])
def test_qudits_agree_with_an_exponential_built_elsewhere(dims: tuple[int, ...]) -> None:
    system = random_lindbladian(dims, 7)
    batch = random_states(dims, 3, 1)
    for times in ([0.0, 1.0, 2.0], [0.1, 2.0]):
        found, bound = evolved(batch, system, times)
        error = np.linalg.norm(found[-1] - exact(batch, system, 2.0), axis=(1, 2)).max()
        assert error <= bound + 1e-12


@pytest.mark.parametrize("qubits", [4, 5])
@pytest.mark.parametrize("dense", [False, True])
def test_four_and_five_qubits_agree_with_expm_multiply(qubits: int, dense: bool) -> None:
    system = random_network(qubits, 11)
    batch = random_states((2,) * qubits, 2, 5)
    found, bound = evolved(batch, dense_operators(system) if dense else system, [0.3, 0.7])
    columns = np.swapaxes(batch.matrices, 1, 2).reshape(2, -1).T
    sparse = scipy.sparse.csr_array(columns_generator(system))
    moved = scipy.sparse.linalg.expm_multiply(sparse * 0.7, columns).T
    reference = np.swapaxes(moved.reshape(batch.matrices.shape), 1, 2)
    error = np.linalg.norm(found[-1] - reference, axis=(1, 2)).max()
    assert error <= bound + 1e-12
    assert bound < 1e-8


def test_six_qubits_agree_with_qutip() -> None:
    system = random_network(6, 2)
    batch = random_states((2,) * 6, 1, 5)
    found, bound = evolved(batch, system, [0.0, 0.25])
    h, jumps = declared(system)
    result = qutip.mesolve(
        qutip.Qobj(h).to("csr"),
        qutip.Qobj(batch.matrices[0]),
        [0, 0.25],
        c_ops=[qutip.Qobj(jump).to("csr") for jump in jumps],
        options={"method": "vern9", "atol": 1e-12, "rtol": 1e-11, "progress_bar": ""},
    )
    error = np.linalg.norm(found[-1, 0] - result.states[-1].full())
    assert error <= 1e-10
    assert bound < 1e-8


def test_a_random_dense_system_of_64_levels_agrees_with_steps_of_half_its_size() -> None:
    system = random_lindbladian((8, 8), 3, jumps=4)
    batch = random_states((8, 8), 1, 2)
    once, bound = evolved(batch, system, [0.5])
    twice, other = evolved(batch, system, np.linspace(0, 0.5, 9))
    assert np.linalg.norm(once[-1] - twice[-1]) <= bound + other
    np.testing.assert_allclose(np.trace(once[-1, 0]), 1, atol=1e-12)


@pytest.mark.parametrize("qubits", [3, 4])
def test_evolving_on_from_an_evolved_state_is_evolving_once(qubits: int) -> None:
    system, batch = chain(qubits), ground(qubits)
    (whole, middle), bound = evolved(batch, system, [1.2, 3.0])
    rest, other = evolved(StateBatch(batch.dims, whole), system, [1.8])
    assert np.linalg.norm(rest[0] - middle) <= 2 * (bound + other)


@given(qubits=st.integers(1, 4), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=20)
def test_evolved_states_are_states(qubits: int, seed: int) -> None:
    batch = random_states((2,) * qubits, 2, seed)
    for chunk in evolve(batch, random_network(qubits, seed), [0.0, 0.1, 1.0, 4.0]):
        tight = Tolerances(1e-11, 1e-11, 1e-11)
        assert inspect(chunk.batch, tight).valid.all()
        np.testing.assert_allclose(np.trace(chunk.batch.matrices, axis1=1, axis2=2), 1, atol=1e-11)


def test_batches_evolve_as_their_states_do() -> None:
    batch = random_states((2,) * 5, 40, 0)
    together, _ = evolved(batch, chain(5), [0.4, 2.0])
    alone, _ = evolved(StateBatch(batch.dims, batch.matrices[39:]), chain(5), [0.4, 2.0])
    np.testing.assert_allclose(together[:, 39], alone[:, 0], atol=1e-13)


def test_a_long_evolution_of_few_levels_ends_in_the_steady_state() -> None:
    system = network(4, {"XXII": 1.0, "IZZI": 0.4}, [({"XIII": 0.5, "YIII": 0.5j}, 0.2)])
    found, bound = evolved(ground(4), system, [1e4])
    later, _ = evolved(StateBatch((2,) * 4, found[0]), system, [1.0])
    assert bound < 1e-6
    assert np.abs(later - found).max() < 1.0


def test_too_long_an_evolution_of_six_qubits_is_refused_with_its_cost() -> None:
    with pytest.raises(WorkTooLarge) as refused:
        evolve(ground(6), chain(6), [3e5])
    assert refused.value.metadata["limit"] == "work_s_max"


def test_a_stiff_network_out_of_reach_is_refused() -> None:
    fast = network(5, {"XIIII": 1.0}, [({"ZIIII": 1.0}, 1e30)])
    with pytest.raises(AccuracyNotReached):
        evolve(ground(5), fast, [1.0])
    huge = {"XX": 1e30, "ZI": 1e30}
    for form in (network(2, huge, [({"ZI": 1e30}, 1e30)]), network(2, huge, [])):
        for system in (form, dense_operators(form)):
            for times in ([1.0], [0.0, 0.1, 1e300]):
                with pytest.raises(AccuracyNotReached):
                    evolve(ground(2), system, times)


def test_a_rate_known_in_an_interval_is_refused() -> None:
    known = network(2, {}, [({"ZI": 1.0}, 1.0)])
    jump = Jump(np.eye(4, dtype=complex), 1.0, 2.0)
    with pytest.raises(ModelUnsupported):
        evolve(ground(2), Lindbladian((2, 2), np.zeros((4, 4), complex), (jump,)), [1.0])
    assert evolved(ground(2), known, [1.0])[1] < 1e-12


def test_a_caller_that_leaves_gets_no_further_chunk() -> None:
    answers = iter([True] * 30 + [False] * 10)
    chunks = evolve(ground(5), chain(5), np.linspace(0, 1e3, 500), 10, lambda: next(answers))
    assert len(list(chunks)) < 2


@pytest.mark.parametrize("qubits", [1, 3, 5])
def test_a_system_that_does_nothing_and_the_time_zero_leave_states_alone(qubits: int) -> None:
    batch = random_states((2,) * qubits, 2, 0)
    still, _ = evolved(batch, network(qubits, {}, []), [0.0, 1.0, 7.0])
    np.testing.assert_allclose(still, np.stack([batch.matrices] * 3), atol=1e-15)
    start, bound = evolved(batch, chain(qubits), [0.0])
    np.testing.assert_allclose(start[0], batch.matrices, atol=1e-15)
    assert bound < 1e-9


@pytest.mark.parametrize("qubits", [2, 5])
@pytest.mark.parametrize("times", [np.linspace(0.1, 4, 30), np.geomspace(0.01, 4, 30)])
def test_the_size_of_chunks_changes_nothing_beyond_the_bound(qubits: int, times) -> None:
    found = {}
    for length in (1, 7, 30):
        chunks = list(evolve(ground(qubits), chain(qubits), times, length))
        assert [chunk.error_bound for chunk in chunks] == sorted(c.error_bound for c in chunks)
        found[length] = np.concatenate([chunk.batch.matrices for chunk in chunks])
        assert chunks[-1].error_bound < 1e-8
    for length in (1, 7):
        np.testing.assert_allclose(found[length], found[30], atol=1e-11)
