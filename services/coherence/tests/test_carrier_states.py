"""The simulated states of carriers: each model against a simulation that shares no line with it."""

from datetime import UTC, datetime
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from lucid.coherence.v1 import evolution_pb2 as evolution
from lucid.coherence.v1 import state_pb2
from lucid_coherence.carrier_states import (
    carrier_dims,
    checkpoint_at,
    checkpoint_to_message,
    restore,
)
from lucid_coherence.open_systems.logical_decay import logical_survival
from lucid_coherence.open_systems.violations import TimesNotRising
from lucid_coherence.states.violations import BatchMalformed
from lucid_store.faults import StoreCorrupt

NOW = datetime(2026, 1, 1, tzinfo=UTC)
I2, X, Z = np.eye(2), np.array([[0, 1], [1, 0]]), np.diag([1, -1])


def state_of(carrier: evolution.Carrier, elapsed_s: float) -> Any:
    taken = checkpoint_at(carrier, "k", elapsed_s, NOW)
    message = checkpoint_to_message(taken, carrier_dims(carrier))
    d = int(np.prod(message.state.dims))
    return np.frombuffer(message.state.data, dtype="<c16").reshape(d, d)


def encoded(qubits: int) -> evolution.Carrier:
    system = evolution.EncodedQubit(
        physical_qubits=qubits, dephasing_rate_high_per_s="1/10", correction_period_s="2"
    )
    return evolution.Carrier(
        name="carriers/c",
        system=evolution.OpenSystem(encoded_qubit=system),
        theta="0.5",
        initial_coherence="0.9",
    )


def pair() -> evolution.Carrier:
    """Two qubits coupled by ZZ; the first one dephases at a rate in [0.01, 0.05]."""
    network = evolution.PauliLindbladian(
        qubits=2,
        hamiltonian=[evolution.PauliTerm(pauli="ZZ", coefficient_rad_per_s=0.3)],
        jumps=[
            evolution.PauliJump(
                terms=[evolution.WeightedPauli(pauli="ZI", real=1)],
                rate_low_per_s=0.01,
                rate_high_per_s=0.05,
            )
        ],
    )
    plus = np.full((4, 4), 0.25, dtype="<c16")
    return evolution.Carrier(
        name="carriers/p",
        system=evolution.OpenSystem(pauli_lindbladian=network),
        theta="1",
        start=state_pb2.StateBatch(count=1, dims=[2, 2], data=plus.tobytes()),
    )


def on(operators: list[Any]) -> Any:
    return reduce(np.kron, operators)


def corrected(qubits: int, times_s: list[float], rate: float) -> float:
    """Dephase every physical qubit and correct by majority, with density matrices.

    The logical basis is that of the product of all Z, in which |+++> and |---> are superpositions.
    """
    plus, minus = (on([np.array([1, s]) / np.sqrt(2)] * qubits) for s in (1, -1))
    zero, one = (plus + minus) / np.sqrt(2), (plus - minus) / np.sqrt(2)
    ket = (zero + one) / np.sqrt(2)
    rho = np.outer(ket, ket)
    for time_s in times_s:
        flip = (1 - np.exp(-rate * time_s)) / 2
        for place in range(qubits):
            z = on([Z if i == place else I2 for i in range(qubits)])
            rho = (1 - flip) * rho + flip * z @ rho @ z
        after = np.zeros_like(rho)
        # Each syndrome belongs to a set of flips and its complement; the smaller one is undone.
        for flips in product((0, 1), repeat=qubits):
            if sum(flips) <= qubits // 2:
                z = on([Z if f else I2 for f in flips])
                space = np.outer(z @ zero, z @ zero) + np.outer(z @ one, z @ one)
                after += z @ space @ rho @ space @ z
        rho = after
    return float(2 * abs(zero @ rho @ one))


@pytest.mark.parametrize("qubits", [3, 5])
@pytest.mark.parametrize("elapsed_s", [0.0, 1.3, 2.0, 7.5])
def test_an_encoded_carrier_is_the_logical_qubit_once_corrected(
    qubits: int, elapsed_s: float
) -> None:
    rounds, rest = divmod(elapsed_s, 2)
    times = [2.0] * int(rounds) + [rest]
    expected = corrected(qubits, times, 0.1)
    assert logical_survival(qubits, 0.1, 2, elapsed_s) == pytest.approx(expected, abs=1e-12)
    state = state_of(encoded(qubits), elapsed_s)
    assert 2 * abs(state[0, 1]) == pytest.approx(0.9 * expected, abs=1e-12)
    assert carrier_dims(encoded(qubits)) == (2,)


def test_more_qubits_keep_more_coherence_and_time_never_gives_it_back() -> None:
    times = np.linspace(0, 30, 301)
    kept = [[logical_survival(n, 0.1, 2, float(t)) for t in times] for n in (3, 5, 7)]
    assert (np.diff(kept, axis=1) <= 1e-15).all()
    assert (np.diff(kept, axis=0) >= -1e-15).all()
    assert logical_survival(3, 0.1, 2, 1e9) == 0


def test_a_general_carrier_evolves_from_its_start_at_the_largest_rates() -> None:
    """dρ/dt = −i[H, ρ] + γ(LρL† − ρ) with L² = 1, as a matrix exponential of row-wise vectors."""
    h, jump, one = 0.3 * np.kron(Z, Z), np.kron(Z, I2), np.eye(4)
    generator = -1j * (np.kron(h, one) - np.kron(one, h.T))
    generator += 0.05 * (np.kron(jump, jump) - np.eye(16))
    start = np.full(16, 0.25)
    expected = (scipy.linalg.expm(7 * generator) @ start).reshape(4, 4)
    np.testing.assert_allclose(state_of(pair(), 7.0), expected, atol=1e-10)
    assert carrier_dims(pair()) == (2, 2)


@pytest.mark.parametrize("make", [lambda: encoded(3), pair])
def test_checkpoints_are_restored_and_states_of_another_shape_refused(make: Any) -> None:
    carrier = make()
    dims = carrier_dims(carrier)
    taken = [checkpoint_at(carrier, f"k{i}", t, NOW) for i, t in enumerate((0.0, 5.0))]
    found = restore(carrier, taken)
    assert (found.states.count, tuple(found.states.dims)) == (2, dims)
    assert all(report.distance < 1e-9 for report in found.reports)
    wide = state_pb2.StateBatch(count=1, dims=[3], data=(np.eye(3) / 3).astype("<c16").tobytes())
    with pytest.raises(BatchMalformed, match=r"not \[3\]"):
        restore(carrier, wide)
    damaged = checkpoint_at(carrier, "k", 1.0, NOW)
    object.__setattr__(damaged, "state", bytes(len(damaged.state)))
    with pytest.raises(StoreCorrupt):
        restore(carrier, [damaged])


@pytest.mark.parametrize("make", [lambda: encoded(3), pair])
def test_a_time_without_end_is_refused(make: Any) -> None:
    for elapsed_s in (np.inf, np.nan):
        with pytest.raises(TimesNotRising) as caught:
            checkpoint_at(make(), "k", elapsed_s, NOW)
        assert caught.value.field == "elapsed_s"
