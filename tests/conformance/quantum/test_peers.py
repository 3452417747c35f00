"""Random states and evolutions: the domain against QuTiP, which shares no code with it."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from lucid_coherence.open_systems.damped_qubit import DampedQubit
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian
from lucid_coherence.open_systems.propagate import evolve
from lucid_coherence.states.analysis import Measure, analyze
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.physicality import Tolerances

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # QuTiP warns when there is no matplotlib
    import qutip

RNG_SEED = 20261121


def _states(count: int, dims: tuple[int, ...], rank: int) -> StateBatch:
    rng = np.random.default_rng(RNG_SEED + rank)
    d = int(np.prod(dims))
    g = rng.normal(size=(count, d, rank)) + 1j * rng.normal(size=(count, d, rank))
    rho = g @ np.conj(np.swapaxes(g, 1, 2))
    return StateBatch(dims, rho / np.trace(rho, axis1=1, axis2=2)[:, None, None])


@pytest.mark.parametrize("rank", [2, 3, 4])
def test_concurrence_and_negativity_agree_with_qutip(rank: int) -> None:
    batch = _states(25, (2, 2), rank)
    measures = [Measure.CONCURRENCE, Measure.NEGATIVITY, Measure.LOG_NEGATIVITY]
    analysis = dict(analyze(batch, measures, Tolerances()).measured)
    for index, matrix in enumerate(batch.matrices):
        peer = qutip.Qobj(matrix, dims=[[2, 2], [2, 2]])
        # QuTiP takes square roots of rounding noise: it is good to 1e-7 at lost rank.
        assert analysis[Measure.CONCURRENCE].values[index] == pytest.approx(
            qutip.concurrence(peer), abs=2e-7
        )
        assert analysis[Measure.NEGATIVITY].values[index] == pytest.approx(
            qutip.negativity(peer, 0), abs=1e-12
        )
        assert analysis[Measure.LOG_NEGATIVITY].values[index] == pytest.approx(
            qutip.negativity(peer, 0, logarithmic=True), abs=1e-12
        )


@pytest.mark.parametrize("dims", [(2,), (3,), (2, 3), (2, 2, 2)])
def test_entropies_and_purity_agree_with_qutip(dims: tuple[int, ...]) -> None:
    batch = _states(15, dims, 2)
    measures = [
        Measure.VON_NEUMANN_ENTROPY,
        Measure.RELATIVE_ENTROPY_OF_COHERENCE,
        Measure.PURITY,
    ]
    analysis = dict(analyze(batch, measures, Tolerances()).measured)
    for index, matrix in enumerate(batch.matrices):
        entropy = qutip.entropy_vn(qutip.Qobj(matrix), base=2)
        dephased = qutip.entropy_vn(qutip.Qobj(np.diag(np.diag(matrix))), base=2)
        assert analysis[measures[0]].values[index] == pytest.approx(entropy, abs=1e-12)
        assert analysis[measures[1]].values[index] == pytest.approx(dephased - entropy, abs=1e-12)
        assert analysis[measures[2]].values[index] == pytest.approx(
            qutip.Qobj(matrix).purity(), abs=1e-12
        )


def _solve(
    hamiltonian: "qutip.Qobj", jumps: "list[qutip.Qobj]", start: np.ndarray, times: np.ndarray
) -> np.ndarray:
    options = {"method": "vern9", "atol": 1e-13, "rtol": 1e-11, "nsteps": 100_000}
    result = qutip.mesolve(hamiltonian, qutip.Qobj(start), times, jumps, options=options)
    return np.stack([state.full() for state in result.states])


def test_a_damped_qubit_evolves_as_in_qutip() -> None:
    g1, g2, detuning, equilibrium = 0.2, 0.35, 1.7, 0.6
    qubit = DampedQubit(*(Fraction(str(v)) for v in (g1, g2, g2, detuning, equilibrium)))
    batch = _states(3, (2,), 2)
    times = np.linspace(0, 8, 9)
    (chunk,) = evolve(batch, qubit, times.tolist())
    down, up = (
        qutip.basis(2, 0) * qutip.basis(2, 1).dag(),
        qutip.basis(2, 1) * qutip.basis(2, 0).dag(),
    )
    jumps = [
        np.sqrt(g1 * (1 + equilibrium) / 2) * down,
        np.sqrt(g1 * (1 - equilibrium) / 2) * up,
        np.sqrt((g2 - g1 / 2) / 2) * qutip.sigmaz(),
    ]
    mine = chunk.batch.matrices.reshape(9, 3, 2, 2)
    for index in range(3):
        peer = _solve(detuning / 2 * qutip.sigmaz(), jumps, batch.matrices[index], times)
        assert np.abs(mine[:, index] - peer).max() < 1e-9
    assert chunk.error_bound < 1e-10


def test_a_driven_pair_evolves_as_in_qutip() -> None:
    x, z, one = qutip.sigmax(), qutip.sigmaz(), qutip.qeye(2)
    flat = [[4], [4]]
    hamiltonian = 0.7 * qutip.tensor(x, one) + 0.3 * qutip.tensor(z, z) + 0.2 * qutip.tensor(one, x)
    lowering = qutip.tensor(qutip.sigmap(), one)
    dephasing = qutip.tensor(one, z)
    jumps = (Jump(lowering.full(), 0.4, 0.4), Jump(dephasing.full(), 0.1, 0.1))
    batch = _states(2, (2, 2), 4)
    times = np.array([0.0, 0.5, 2.0, 6.0])
    (chunk,) = evolve(batch, Lindbladian((2, 2), hamiltonian.full(), jumps), times.tolist())
    peers = [qutip.Qobj(np.sqrt(j.rate_low) * j.operator, dims=flat) for j in jumps]
    mine = chunk.batch.matrices.reshape(4, 2, 4, 4)
    for index in range(2):
        peer = _solve(qutip.Qobj(hamiltonian.full()), peers, batch.matrices[index], times)
        assert np.abs(mine[:, index] - peer).max() < 1e-9
