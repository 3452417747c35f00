"""Random channels: conversions and distances against qiskit, QuTiP and toqito."""

import math

import numpy as np
import pytest
from lucid_coherence.channels.channel import (
    Channel,
    Form,
    apply,
    channel_from_kraus,
    channel_from_numbers,
)
from lucid_coherence.channels.checks import inspect, write
from lucid_coherence.channels.diamond import diamond_distance
from lucid_coherence.channels.fidelity import average_gate_fidelity, entanglement_fidelity
from lucid_coherence.channels.models import amplitude_damping, depolarizing, pauli
from lucid_coherence.channels.representations import (
    pauli_transfer_from_choi,
    superoperator_from_choi,
)
from quantum.drawn import SEED, drawn, random_kraus
from quantum.libraries import qiskit, qutip, toqito_channels

EXACT = 1e-13
SYSTEMS = [((2,), 1), ((2,), 3), ((2, 2), 2), ((2, 2), 16)]
systems = pytest.mark.parametrize(("dims", "count"), SYSTEMS, ids=str)


def kraus_of(dims: tuple[int, ...], count: int) -> np.ndarray:
    return random_kraus(np.random.default_rng([SEED, count, len(dims)]), math.prod(dims), count)


@systems
def test_all_forms_are_those_of_qiskit(dims: tuple[int, ...], count: int) -> None:
    operators = kraus_of(dims, count)
    channel = channel_from_kraus(operators, dims)
    peer = qiskit.Kraus(list(operators))
    np.testing.assert_allclose(channel.choi, qiskit.Choi(peer).data, atol=EXACT)
    mine = superoperator_from_choi(channel.choi)
    np.testing.assert_allclose(mine, qiskit.SuperOp(peer).data, atol=EXACT)
    transfer = pauli_transfer_from_choi(channel.choi, dims)
    np.testing.assert_allclose(transfer, qiskit.PTM(peer).data, atol=EXACT)
    assert inspect(channel).is_channel
    assert inspect(channel).rank == min(count, math.prod(dims) ** 2)


@systems
def test_forms_read_from_qiskit_act_as_the_operators_do(dims: tuple[int, ...], count: int) -> None:
    operators = kraus_of(dims, count)
    states = drawn(dims, "rank deficient").matrices
    expected = [sum(k @ rho @ k.conj().T for k in operators) for rho in states]
    peer = qiskit.Kraus(list(operators))
    for form, matrix in (
        (Form.CHOI, qiskit.Choi(peer).data),
        (Form.SUPEROPERATOR, qiskit.SuperOp(peer).data),
        (Form.PAULI_TRANSFER, np.asarray(qiskit.PTM(peer).data, dtype=np.complex128)),
    ):
        channel = channel_from_numbers(form, dims, np.asarray(matrix))
        np.testing.assert_allclose(apply(channel, states), expected, atol=EXACT)


@systems
def test_kraus_operators_written_are_a_channel_in_qutip(dims: tuple[int, ...], count: int) -> None:
    channel = channel_from_kraus(kraus_of(dims, count), dims)
    operators, lost = write(channel, Form.KRAUS, inspect(channel))
    assert lost < EXACT
    peer = qutip.kraus_to_super([qutip.Qobj(k) for k in operators])
    assert peer.iscptp
    np.testing.assert_allclose(peer.full(), superoperator_from_choi(channel.choi), atol=EXACT)


@pytest.mark.parametrize("strength", [0.0, 0.2, 1.0])
def test_noise_models_act_as_in_toqito(strength: float) -> None:
    """Its depolarising parameter is what is kept, and its Pauli channel lists probabilities."""
    states = drawn((2,), "pure").matrices
    damped = apply(amplitude_damping(strength), states)
    mixed = apply(depolarizing(strength), states)
    flipped = apply(pauli(x=0.1, y=0.2, z=0.3), states)
    kept = toqito_channels.depolarizing(2, 1 - strength)
    for k, rho in enumerate(states):
        peer = toqito_channels.amplitude_damping(rho, gamma=strength, prob=1)
        np.testing.assert_allclose(damped[k], peer, atol=EXACT)
        np.testing.assert_allclose(mixed[k], _applied(kept, rho), atol=EXACT)
        peer = toqito_channels.pauli_channel([0.4, 0.1, 0.2, 0.3], input_mat=rho)[1]
        np.testing.assert_allclose(flipped[k], peer, atol=EXACT)


def _applied(choi: np.ndarray, rho: np.ndarray) -> np.ndarray:
    return np.einsum("ij,imjn->mn", rho, np.asarray(choi).reshape(2, 2, 2, 2))


@systems
def test_fidelities_are_those_of_qiskit(dims: tuple[int, ...], count: int) -> None:
    operators = kraus_of(dims, count)
    channel, peer = channel_from_kraus(operators, dims), qiskit.Kraus(list(operators))
    assert entanglement_fidelity(channel) == pytest.approx(qiskit.process_fidelity(peer), abs=EXACT)
    gate = qiskit.average_gate_fidelity(peer)
    assert average_gate_fidelity(channel) == pytest.approx(gate, abs=EXACT)


@pytest.mark.parametrize("strength", [0.1, 0.6])
def test_diamond_distances_hold_the_closed_form_and_qutip(strength: float) -> None:
    """Depolarising against nothing: half the diamond norm is p (1 − 1/d²)."""
    nothing = depolarizing(0.0)
    found = diamond_distance(depolarizing(strength), nothing)
    assert found.low <= strength * 0.75 <= found.high
    assert found.high - found.low < 1e-6
    noisy, still = (_super(channel) for channel in (amplitude_damping(strength), nothing))
    found = diamond_distance(amplitude_damping(strength), nothing)
    peer = qutip.dnorm(noisy, still, solver="CLARABEL") / 2
    assert found.low - 1e-5 < peer < found.high + 1e-5


def _super(channel: Channel) -> "qutip.Qobj":
    dims = [[[2], [2]], [[2], [2]]]
    return qutip.Qobj(superoperator_from_choi(channel.choi), dims=dims, superrep="super")
