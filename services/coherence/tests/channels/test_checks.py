"""What is no channel is told by how much."""

import numpy as np
import pytest
from lucid_coherence.channels.channel import Channel, Form, channel_from_kraus
from lucid_coherence.channels.checks import (
    canonical_kraus,
    inspect,
    require_channel,
    write,
)
from lucid_coherence.channels.fidelity import average_gate_fidelity, entanglement_fidelity
from lucid_coherence.channels.models import amplitude_damping, bit_flip, dephasing, depolarizing
from lucid_coherence.channels.violations import ChannelUnphysical, StrengthOutOfRange

from .drawn import random_kraus


def transposition(d: int) -> Channel:
    """ρ → ρᵀ, positive but not completely: its Choi matrix is the swap."""
    swap = np.eye(d * d).reshape(d, d, d, d).transpose(1, 0, 2, 3).reshape(d * d, d * d)
    return Channel((d,), swap.astype(np.complex128))


@pytest.mark.parametrize("d", [2, 3, 4])
def test_the_transpose_is_reported_as_not_completely_positive(d: int) -> None:
    found = inspect(transposition(d))
    assert found.smallest_choi_eigenvalue == pytest.approx(-1, abs=1e-12)
    assert not found.is_completely_positive
    assert found.is_trace_preserving
    assert found.is_unital
    with pytest.raises(ChannelUnphysical) as caught:
        require_channel(found, field="channel")
    assert caught.value.metadata == {
        "check": "min_choi_eigenvalue",
        "value": "-1",
        "tolerance": "1e-09",
    }


def test_the_transpose_has_no_kraus_operators() -> None:
    with pytest.raises(ChannelUnphysical):
        write(transposition(2), Form.KRAUS, inspect(transposition(2)))


@pytest.mark.parametrize(("weight", "positive"), [(1 / 3, True), (1 / 3 + 1e-6, False)])
def test_structural_approximation_of_the_transpose_is_a_channel_up_to_one_third(
    weight: float, positive: bool
) -> None:
    """w ρᵀ + (1 − w) 1/2 on a qubit: the Choi spectrum is (1 − w)/2 ± w."""
    mixed = Channel((2,), weight * transposition(2).choi + (1 - weight) * np.eye(4) / 2)
    found = inspect(mixed)
    assert found.smallest_choi_eigenvalue == pytest.approx((1 - 3 * weight) / 2, abs=1e-14)
    assert found.is_completely_positive is positive


def test_a_lost_trace_is_measured() -> None:
    lossy = channel_from_kraus(np.array([np.diag([1, 0.5])], dtype=np.complex128), (2,))
    found = inspect(lossy)
    assert found.trace_preservation_error == pytest.approx(0.75)
    assert found.is_completely_positive
    with pytest.raises(ChannelUnphysical) as caught:
        require_channel(found, field="compare_with")
    assert caught.value.metadata["check"] == "trace_preservation_error"
    assert caught.value.field == "compare_with"


def test_a_map_to_matrices_that_are_not_hermitian_is_seen() -> None:
    skewed = Channel((2,), np.eye(4, dtype=np.complex128) / 2)
    skewed.choi[0, 1] = 0.1
    found = inspect(skewed)
    assert found.hermiticity_error == pytest.approx(0.1)
    assert not found.is_completely_positive
    with pytest.raises(ChannelUnphysical) as caught:
        require_channel(found, field="channel")
    assert caught.value.metadata["check"] == "hermiticity_error"


def test_damping_is_not_unital_and_dephasing_is() -> None:
    assert inspect(amplitude_damping(0.3)).unitality_error == pytest.approx(0.3)
    assert inspect(dephasing(0.3)).is_unital


@pytest.mark.parametrize("tolerance", [-1e-9, 2e-6, np.nan, np.inf])
def test_tolerances_beyond_their_range_are_refused(tolerance: float) -> None:
    with pytest.raises(StrengthOutOfRange):
        inspect(dephasing(0.1), tolerance)


def test_canonical_kraus_operators_are_orthogonal_and_ordered() -> None:
    kraus = random_kraus(np.random.default_rng(3), 3, 4)
    mixed = np.concatenate([kraus / np.sqrt(2), kraus / np.sqrt(2)])
    channel = channel_from_kraus(mixed, (3,))
    found = canonical_kraus(channel, inspect(channel))
    assert len(found.operators) == inspect(channel).rank == 4
    gram = np.einsum("aij,bij->ab", found.operators.conj(), found.operators)
    weights = np.diagonal(gram).real
    np.testing.assert_allclose(gram, np.diag(weights), atol=1e-13)
    assert (np.diff(weights) <= 1e-13).all()
    again = channel_from_kraus(found.operators, (3,))
    np.testing.assert_allclose(again.choi, channel.choi, atol=1e-13)
    assert found.error < 1e-13
    largest = [k.ravel()[np.abs(k).argmax()] for k in found.operators]
    assert all(entry.real > 0 and abs(entry.imag) < 1e-9 for entry in largest)


@pytest.mark.parametrize("probability", [1e-3, 1e-6, 1e-12])
def test_rare_errors_keep_their_kraus_operator(probability: float) -> None:
    rare = bit_flip(probability)
    found = canonical_kraus(rare, inspect(rare))
    assert found.operators.shape == (2, 2, 2)
    flip = np.sqrt(probability) * np.array([[0, 1], [1, 0]])
    # The square root of an eigenvalue that rounding moved by 1e-16.
    np.testing.assert_allclose(found.operators[1], flip, rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize("size", [0.0, 1e-200])
def test_the_zero_map_has_one_operator_of_zeros(size: float) -> None:
    nothing = channel_from_kraus(np.full((1, 2, 2), size, dtype=np.complex128), (2,))
    found = canonical_kraus(nothing, inspect(nothing))
    np.testing.assert_array_equal(found.operators, np.zeros((1, 2, 2)))
    assert inspect(nothing).rank == 0
    assert not inspect(nothing).is_trace_preserving


def test_a_dropped_eigenvalue_is_owned_up_to() -> None:
    nearly = amplitude_damping(0.3)
    nearly.choi[1, 1] -= 5e-10
    found = canonical_kraus(nearly, inspect(nearly))
    assert found.error == pytest.approx(5e-10, rel=1e-6)


def test_fidelities_with_doing_nothing_have_their_closed_forms() -> None:
    assert entanglement_fidelity(depolarizing(0.4)) == pytest.approx(1 - 0.4 * 3 / 4)
    assert average_gate_fidelity(depolarizing(0.4)) == pytest.approx(1 - 0.4 / 2)
    damped = (1 + np.sqrt(1 - 0.36)) ** 2 / 4
    assert entanglement_fidelity(amplitude_damping(0.36)) == pytest.approx(damped)


def test_qiskit_finds_the_same_fidelities() -> None:
    import qiskit.quantum_info as peer

    kraus = random_kraus(np.random.default_rng(9), 4, 5)
    channel = channel_from_kraus(kraus, (2, 2))
    theirs = peer.Kraus(list(kraus))
    assert entanglement_fidelity(channel) == pytest.approx(peer.process_fidelity(theirs))
    assert average_gate_fidelity(channel) == pytest.approx(peer.average_gate_fidelity(theirs))


def test_the_mean_over_random_states_is_the_average_gate_fidelity() -> None:
    """Also for a map that loses trace, where the formula from F alone would be wrong."""
    rng = np.random.default_rng(11)
    kraus = 0.8 * random_kraus(rng, 2, 2)
    channel = channel_from_kraus(kraus, (2,))
    vectors = rng.normal(size=(40_000, 2)) + 1j * rng.normal(size=(40_000, 2))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    overlaps = np.abs(np.einsum("ni,kij,nj->nk", vectors.conj(), kraus, vectors)) ** 2
    sampled = overlaps.sum(axis=1)
    error = sampled.std() / np.sqrt(len(sampled))
    assert abs(sampled.mean() - average_gate_fidelity(channel)) < 4 * error
