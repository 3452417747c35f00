"""Random open systems: evolution, sweeps and steady states against QuTiP and scipy."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian
from lucid_coherence.open_systems.pauli_network import PauliJump, PauliNetwork, pauli_sum
from lucid_coherence.open_systems.propagate import evolve
from lucid_coherence.open_systems.steady_state import steady_states
from lucid_coherence.open_systems.sweep import Points, sweep
from lucid_coherence.states.batch import ComplexArray
from quantum.drawn import SEED, drawn, gaussian
from quantum.libraries import qutip

AGREEMENT = 1e-9
"""QuTiP's order-9 steps at its tolerance of 1e-11."""
BOUND = 1e-8
"""Stated bounds stay far below the largest that is served, 1e-6."""
TIGHT = {"method": "vern9", "atol": 1e-13, "rtol": 1e-11, "nsteps": 100_000}


def solved(
    hamiltonian: qutip.Qobj, jumps: list[qutip.Qobj], start: ComplexArray, times: np.ndarray
) -> ComplexArray:
    state = qutip.Qobj(start, dims=hamiltonian.dims)
    result = qutip.mesolve(hamiltonian, state, times, jumps, options=TIGHT)
    return np.stack([state.full() for state in result.states])


def random_system(dims: tuple[int, ...], seed: int) -> Lindbladian:
    d = int(np.prod(dims))
    rng = np.random.default_rng([SEED, seed, d])
    raw = gaussian(rng, d, d)
    jumps = tuple(
        Jump(gaussian(rng, d, d) / d, rate, rate) for rate in rng.uniform(0.05, 0.5, size=3)
    )
    return Lindbladian(dims, 0.5 * (raw + raw.conj().T), jumps)


def as_qutip(system: Lindbladian) -> tuple[qutip.Qobj, list[qutip.Qobj]]:
    roots = [np.sqrt(jump.rate_low) * jump.operator for jump in system.jumps]
    return qutip.Qobj(system.hamiltonian), [qutip.Qobj(root) for root in roots]


@pytest.mark.parametrize("dims", [(2,), (3,), (2, 2), (2, 3), (2, 2, 2)], ids=str)
def test_random_lindbladians_evolve_as_in_qutip(dims: tuple[int, ...]) -> None:
    system, batch = random_system(dims, 1), drawn(dims, "pure", 2)
    times = np.array([0.0, 0.25, 0.9, 2.0])
    chunks = list(evolve(batch, system, times.tolist()))
    mine = np.concatenate([chunk.batch.matrices for chunk in chunks])
    mine = mine.reshape(len(times), 2, *batch.matrices.shape[1:])
    hamiltonian, jumps = as_qutip(system)
    for k in range(2):
        peer = solved(hamiltonian, jumps, batch.matrices[k], times)
        assert np.abs(mine[:, k] - peer).max() < AGREEMENT
    assert max(chunk.error_bound for chunk in chunks) < BOUND


def test_a_damped_qubit_evolves_as_in_qutip() -> None:
    g1, g2, detuning, equilibrium = 0.2, 0.35, 1.7, 0.6
    qubit = DampedQubit(*(Fraction(str(v)) for v in (g1, g2, g2, detuning, equilibrium)))
    batch = drawn((2,), "full rank", 3)
    times = np.linspace(0, 8, 9)
    (chunk,) = evolve(batch, qubit, times.tolist())
    jumps = [
        np.sqrt(g1 * (1 + equilibrium) / 2) * qutip.sigmap(),
        np.sqrt(g1 * (1 - equilibrium) / 2) * qutip.sigmam(),
        np.sqrt((g2 - g1 / 2) / 2) * qutip.sigmaz(),
    ]
    mine = chunk.batch.matrices.reshape(9, 3, 2, 2)
    for k in range(3):
        peer = solved(detuning / 2 * qutip.sigmaz(), jumps, batch.matrices[k], times)
        assert np.abs(mine[:, k] - peer).max() < AGREEMENT
    assert chunk.error_bound < BOUND


STRINGS = {
    1: (["X", "Z"], [["X", "Y"], ["Z"]]),
    3: (["XII", "IZZ", "YIX", "ZZI"], [["XII", "YII"], ["IIZ"], ["IXI", "IYI", "ZII"]]),
    5: (["XIIII", "IZZII", "IIIYX", "ZIIIZ"], [["XIIII", "YIIII"], ["IIZII"], ["IIIIX", "IIIIY"]]),
}


def network(qubits: int) -> PauliNetwork:
    rng = np.random.default_rng([SEED, qubits])
    terms, jumps = STRINGS[qubits]
    weights = rng.normal(size=len(terms)).astype(np.complex128)
    rates = rng.uniform(0.05, 0.4, len(jumps))
    return PauliNetwork(
        qubits,
        pauli_sum(terms, weights, qubits, field="hamiltonian"),
        tuple(
            PauliJump(
                pauli_sum(parts, gaussian(rng, len(parts)), qubits, field="terms"), rate, rate
            )
            for parts, rate in zip(jumps, rates, strict=True)
        ),
    )


def pauli(text: str) -> qutip.Qobj:
    letters = {"I": qutip.qeye(2), "X": qutip.sigmax(), "Y": qutip.sigmay(), "Z": qutip.sigmaz()}
    return qutip.tensor([letters[letter] for letter in text])


def network_in_qutip(qubits: int, system: PauliNetwork) -> tuple[qutip.Qobj, list[qutip.Qobj]]:
    """Return the operators from the strings' texts, by QuTiP's own tensor products."""
    terms, jumps = STRINGS[qubits]
    rng = np.random.default_rng([SEED, qubits])
    weights, rates = rng.normal(size=len(terms)), rng.uniform(0.05, 0.4, len(jumps))
    hamiltonian = sum(w * pauli(text) for w, text in zip(weights, terms, strict=True))
    operators = []
    for parts, rate in zip(jumps, rates, strict=True):
        total = sum(
            w * pauli(text) for w, text in zip(gaussian(rng, len(parts)), parts, strict=True)
        )
        operators.append(np.sqrt(rate) * total)
    assert len(system.jumps) == len(operators)
    return hamiltonian, operators


@pytest.mark.parametrize("qubits", STRINGS)
def test_networks_of_pauli_strings_evolve_as_in_qutip(qubits: int) -> None:
    system = network(qubits)
    batch = drawn((2,) * qubits, "pure", 1)
    times = np.array([0.0, 0.5, 1.5])
    chunks = list(evolve(batch, system, times.tolist()))
    mine = np.concatenate([chunk.batch.matrices for chunk in chunks])
    hamiltonian, jumps = network_in_qutip(qubits, system)
    peer = solved(hamiltonian, jumps, batch.matrices[0], times)
    assert np.abs(mine - peer).max() < AGREEMENT
    assert max(chunk.error_bound for chunk in chunks) < BOUND


@pytest.mark.parametrize("dims", [(2,), (3,), (2, 2)], ids=str)
def test_sweeps_are_the_exponentials_of_scipy(dims: tuple[int, ...]) -> None:
    system, batch = random_system(dims, 2), drawn(dims, "rank deficient", 2)
    rates = np.random.default_rng(SEED).uniform(0.01, 1.0, (6, len(system.jumps)))
    times = [0.3, 1.0, 2.5]
    chunks = list(sweep(batch, system, [], Points(len(rates), rates, None), times))
    mine = np.concatenate([chunk.batch.matrices for chunk in chunks])
    d = batch.dimension
    mine = mine.reshape(len(rates), len(times), 2, d, d)
    fixed = qutip.liouvillian(qutip.Qobj(system.hamiltonian)).full()
    for point, row in enumerate(rates):
        parts = [
            rate * qutip.lindblad_dissipator(qutip.Qobj(jump.operator)).full()
            for rate, jump in zip(row, system.jumps, strict=True)
        ]
        generator = fixed + sum(parts)
        for index, time in enumerate(times):
            propagator = scipy.linalg.expm(generator * time)
            for k in range(2):
                column = propagator @ batch.matrices[k].T.reshape(-1)
                error = np.abs(mine[point, index, k] - column.reshape(d, d).T).max()
                assert error < 1e-12
    assert max(chunk.error_bounds.max() for chunk in chunks) < BOUND


@pytest.mark.parametrize("dims", [(2,), (3,), (2, 2)], ids=str)
def test_unique_steady_states_are_those_of_qutip(dims: tuple[int, ...]) -> None:
    system, batch = random_system(dims, 3), drawn(dims, "full rank", 1)
    found = steady_states(batch, system)
    hamiltonian, jumps = as_qutip(system)
    peer = qutip.steadystate(hamiltonian, jumps).full()
    assert found.dimension == 1
    assert np.abs(found.batch.matrices[0] - peer).max() < 1e-11
    spectrum = np.sort(qutip.liouvillian(hamiltonian, jumps).eigenenergies().real)
    assert found.spectral_gap == pytest.approx(-spectrum[-2], rel=1e-8)


def test_what_pure_dephasing_leaves_is_not_unique() -> None:
    sigma_z = np.diag([1.0, -1.0]).astype(np.complex128)
    system = Lindbladian((2,), 0.4 * sigma_z, (Jump(sigma_z, 0.3, 0.3),))
    batch = drawn((2,), "pure", 3)
    found = steady_states(batch, system)
    assert found.dimension == 2
    dephased = batch.matrices * np.eye(2)
    np.testing.assert_allclose(found.batch.matrices, dephased, atol=1e-13)
