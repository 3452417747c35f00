import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.open_systems.affine import affine_generator
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.generators import dense_generator, dense_operators
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian
from lucid_coherence.open_systems.pauli_network import PauliJump, PauliNetwork, pauli_sum
from lucid_coherence.open_systems.propagate import evolve
from lucid_coherence.open_systems.sweep import Points, sweep
from lucid_coherence.open_systems.violations import (
    AccuracyNotReached,
    ModelUnsupported,
    OperatorMalformed,
    OutputTooLarge,
    RatesUnphysical,
    TimesNotRising,
)
from lucid_coherence.states.batch import ComplexArray

from .declared_systems import (
    chain,
    ground,
    random_lindbladian,
    random_network,
    random_states,
    string,
)

QUBIT = DampedQubit(*(1, 2, 2, 3))


def swept(batch, system, drives, points, times) -> tuple[ComplexArray, np.ndarray]:
    chunks = list(sweep(batch, system, drives, points, times))
    assert [chunk.first_point for chunk in chunks] == list(
        np.cumsum([0, *(len(chunk.error_bounds) for chunk in chunks[:-1])])
    )
    d = batch.dimension
    found = np.concatenate([chunk.batch.matrices for chunk in chunks])
    bounds = np.concatenate([chunk.error_bounds for chunk in chunks])
    return found.reshape(points.count, len(times), batch.count, d, d), bounds


def at_rates(system: PauliNetwork, rates) -> PauliNetwork:
    jumps = tuple(
        PauliJump(jump.terms, rate, rate) for jump, rate in zip(system.jumps, rates, strict=True)
    )
    return PauliNetwork(system.qubits, system.hamiltonian, jumps)


@given(
    qubits=st.integers(1, 3),
    seed=st.integers(0, 10**6),
    times=st.sampled_from([[1.3], [0.0, 0.5, 1.0], [0.1, 0.2, 2.0]]),
)
@settings(deadline=None, max_examples=20)
def test_every_point_is_the_evolution_at_its_rates(qubits: int, seed: int, times) -> None:
    system = random_network(qubits, seed)
    rates = np.random.default_rng(seed).uniform(0, 0.5, (5, len(system.jumps)))
    batch = random_states((2,) * qubits, 2, seed)
    found, bounds = swept(batch, system, [], Points(5, rates, None), times)
    other, _ = swept(batch, dense_operators(system), [], Points(5, rates, None), times)
    for point in range(5):
        (chunk,) = evolve(batch, at_rates(system, rates[point]), times)
        one = chunk.batch.matrices.reshape(found[point].shape)
        errors = np.linalg.norm(found[point] - one, axis=(2, 3))
        assert errors.max() <= bounds[point] + chunk.error_bound
        np.testing.assert_allclose(other[point], one, atol=1e-11)


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_many_points_are_as_exact_as_they_say_whatever_is_faster(qubits: int) -> None:
    system = chain(qubits)
    rates = np.random.default_rng(qubits).uniform(0, 0.5, (700, len(system.jumps)))
    batch = random_states((2,) * qubits, 2, 0)
    times = [0.0, 0.3, 1.7, 9.0]
    found, bounds = swept(batch, system, [], Points(700, rates, None), times)
    assert bounds.max() < 4e-9
    for point in range(0, 700, 100):
        (chunk,) = evolve(batch, at_rates(system, rates[point]), times)
        one = chunk.batch.matrices.reshape(found[point].shape)
        assert np.abs(found[point] - one).max() <= bounds[point] + chunk.error_bound


def test_drives_add_to_the_hamiltonian_in_either_form() -> None:
    system = chain(2)
    strings = pauli_sum(["XX", "YI"], np.array([1.0, 0.5], complex), 2, field="x")
    dense = string("XX") + 0.5 * string("YI")
    amplitudes = np.array([[0.0], [0.4], [-1.0]])
    points = Points(3, None, amplitudes)
    batch = random_states((2, 2), 1, 0)
    answers = [
        swept(batch, model, [drive], points, [0.5, 1.0])[0]
        for model in (system, dense_operators(system))
        for drive in (strings, dense)
    ]
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], atol=1e-13)
    driven = dense_operators(system)
    driven = Lindbladian(driven.dims, driven.hamiltonian - dense, driven.jumps)
    (chunk,) = evolve(batch, driven, [0.5, 1.0])
    np.testing.assert_allclose(answers[0][2, :, 0], chunk.batch.matrices, atol=1e-12)
    (still,) = evolve(batch, system, [0.5, 1.0])
    np.testing.assert_allclose(answers[0][0, :, 0], still.batch.matrices, atol=1e-12)


def test_a_damped_qubit_is_swept_over_both_its_rates() -> None:
    rates = np.array([[0.2, 0.3], [1.0, 0.5], [0.0, 2.0]])
    batch = random_states((2,), 3, 0)
    found, _ = swept(batch, QUBIT, [], Points(3, rates, None), [0.7])
    for point, (g1, g2) in enumerate(rates):
        (chunk,) = evolve(batch, DampedQubit(g1, g2, g2, 3), [0.7])
        np.testing.assert_allclose(found[point, 0], chunk.batch.matrices, atol=1e-13)


def test_a_qudit_is_swept_too() -> None:
    system = random_lindbladian((3,), 1)
    rates = np.array([[0.1, 0.2, 0.3], [1.0, 0.0, 0.0]])
    batch = random_states((3,), 2, 1)
    found, bounds = swept(batch, system, [], Points(2, rates, None), [0.4, 0.9])
    for point in range(2):
        jumps = tuple(
            Jump(jump.operator, rate, rate)
            for jump, rate in zip(system.jumps, rates[point], strict=True)
        )
        (chunk,) = evolve(batch, Lindbladian((3,), system.hamiltonian, jumps), [0.4, 0.9])
        one = chunk.batch.matrices.reshape(found[point].shape)
        assert np.abs(found[point] - one).max() <= bounds[point] + chunk.error_bound


def test_the_affine_generator_at_the_declared_rates_is_the_declared_generator() -> None:
    for system in (chain(2), dense_operators(chain(2)), random_lindbladian((2, 3), 0)):
        rates = np.array([[jump.rate_low for jump in system.jumps]])
        affine = affine_generator(system, [], rates=True)
        (matrix,), (error,) = affine.at(rates)
        whole = dense_generator(system)
        assert np.linalg.norm(matrix - whole.matrix, 2) <= error + whole.assembly
        assert error < 1e-12


def test_many_points_come_in_several_chunks_of_bounded_size() -> None:
    rates = np.full((2500, 6), 0.01)
    chunks = list(sweep(ground(3), chain(3), [], Points(2500, rates, None), [0.5, 1.0]))
    assert len(chunks) == 5
    assert all(chunk.batch.matrices.nbytes <= 1_048_576 for chunk in chunks)
    assert sum(len(chunk.error_bounds) for chunk in chunks) == 2500


def test_a_caller_that_leaves_ends_the_sweep() -> None:
    answers = iter([True] * 3 + [False] * 9)
    rates = np.full((5000, 6), 0.01)
    points = Points(5000, rates, None)
    chunks = sweep(ground(3), chain(3), [], points, [0.5], lambda: next(answers))
    assert list(chunks) == []


@pytest.mark.parametrize(
    ("rates", "point", "column"),
    [([[0.1, -1e-9]], "0", "1"), ([[0.1, 0.1], [float("nan"), 0.1]], "1", "0")],
)
def test_rates_of_points_are_checked(rates, point: str, column: str) -> None:
    points = Points(len(rates), np.array(rates), None)
    with pytest.raises(RatesUnphysical) as refused:
        sweep(ground(1), chain(1), [], points, [1.0])
    assert (refused.value.metadata["point"], refused.value.metadata["column"]) == (point, column)
    assert refused.value.field == "rates_per_s"


def test_a_damped_qubit_with_t2_over_twice_t1_is_refused_at_its_point() -> None:
    points = Points(2, np.array([[1.0, 0.5], [1.0, 0.49]]), None)
    with pytest.raises(RatesUnphysical) as refused:
        sweep(ground(1), QUBIT, [], points, [1.0])
    assert refused.value.metadata["point"] == "1"


def test_limits_of_sweeps_are_named() -> None:
    def limit(error: type[Exception], *arguments) -> str:
        with pytest.raises(error) as refused:
            sweep(*arguments)
        return refused.value.metadata.get("limit", "")

    one = Points(1, None, None)
    assert limit(OutputTooLarge, ground(1), chain(1), [], Points(0, None, None), [1.0]) == (
        "points_max"
    )
    times = np.arange(10_000.0)
    many = random_states((2, 2), 20, 0)
    assert limit(OutputTooLarge, many, chain(2), [], one, times) == "point_bytes_max"
    lots = Points(100_000, None, None)
    assert limit(OutputTooLarge, many, chain(2), [], lots, [1.0]) == "output_bytes_max"
    fast = Points(2, np.array([[0.1, 0.1], [1e29, 0.1]]), None)
    assert limit(AccuracyNotReached, ground(1), chain(1), [], fast, [1.0]) == "error_bound_max"
    limit(ModelUnsupported, ground(5), chain(5), [], one, [1.0])
    limit(TimesNotRising, ground(1), chain(1), [], one, [1.0, 0.5])
    amplitude = Points(1, None, np.array([[float("inf")]]))
    limit(OperatorMalformed, ground(1), chain(1), [string("X")], amplitude, [1.0])
    drive = pauli_sum(["X"], np.ones(1, complex), 1, field="x")
    qutrit = random_lindbladian((3,), 0)
    points = Points(1, None, np.ones((1, 1)))
    limit(OperatorMalformed, random_states((3,), 1, 0), qutrit, [drive], points, [1.0])
