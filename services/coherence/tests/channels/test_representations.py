"""The forms agree with their definitions, with qiskit and with QuTiP."""

import numpy as np
import pytest
from lucid_coherence.channels.channel import (
    DIMENSION_MAX,
    KRAUS_MAX,
    Channel,
    Form,
    apply,
    channel_from_bytes,
    channel_from_kraus,
    compose,
    embed,
)
from lucid_coherence.channels.checks import inspect, write
from lucid_coherence.channels.models import amplitude_damping
from lucid_coherence.channels.representations import (
    pauli_transfer_from_choi,
    superoperator_from_choi,
)
from lucid_coherence.channels.violations import (
    ChannelMalformed,
    ChannelTooLarge,
    FormUndefined,
)

from .drawn import Matrix, random_kraus, random_state

EXACT = 1e-13
"""Conversions are rearrangements and products of matrices with entries of at most 1."""


@pytest.fixture
def kraus() -> Matrix:
    return random_kraus(np.random.default_rng(5), 4, 3)


@pytest.fixture
def channel(kraus: Matrix) -> Channel:
    return channel_from_kraus(kraus, (2, 2))


def test_the_choi_matrix_holds_the_images_of_matrix_units(kraus: Matrix, channel: Channel) -> None:
    for i, j, m, n in [(0, 0, 0, 0), (0, 3, 1, 2), (2, 1, 3, 0), (3, 3, 2, 2)]:
        unit = np.zeros((4, 4))
        unit[i, j] = 1
        image = sum(k @ unit @ k.conj().T for k in kraus)
        assert abs(channel.choi[i * 4 + m, j * 4 + n] - image[m, n]) < EXACT
    assert abs(np.trace(channel.choi) - 4) < EXACT


def test_every_form_sends_states_where_the_kraus_operators_do(
    kraus: Matrix, channel: Channel
) -> None:
    rng = np.random.default_rng(1)
    states = np.array([random_state(rng, 4) for _ in range(5)])
    expected = np.array([sum(k @ rho @ k.conj().T for k in kraus) for rho in states])
    np.testing.assert_allclose(apply(channel, states), expected, atol=EXACT)
    by_columns = superoperator_from_choi(channel.choi) @ states[0].T.reshape(-1)
    np.testing.assert_allclose(by_columns.reshape(4, 4).T, expected[0], atol=EXACT)


def test_qiskit_writes_the_same_numbers(kraus: Matrix, channel: Channel) -> None:
    import qiskit.quantum_info as peer

    theirs = peer.Kraus(list(kraus))
    np.testing.assert_allclose(channel.choi, peer.Choi(theirs).data, atol=EXACT)
    ours = superoperator_from_choi(channel.choi)
    np.testing.assert_allclose(ours, peer.SuperOp(theirs).data, atol=EXACT)
    transfer = pauli_transfer_from_choi(channel.choi, (2, 2))
    np.testing.assert_allclose(transfer, peer.PTM(theirs).data, atol=EXACT)


def test_qutip_writes_the_same_numbers(kraus: Matrix, channel: Channel) -> None:
    import qutip as peer

    theirs = peer.kraus_to_super([peer.Qobj(k) for k in kraus])
    np.testing.assert_allclose(superoperator_from_choi(channel.choi), theirs.full(), atol=EXACT)
    np.testing.assert_allclose(channel.choi, peer.to_choi(theirs).full(), atol=EXACT)


def test_the_first_qubit_is_the_slowest_in_the_pauli_transfer_matrix() -> None:
    """Damping of the first qubit alone: X on it shrinks, X on the second does not."""
    damped, nothing = amplitude_damping(0.19), amplitude_damping(0.0)
    first = [np.kron(a, np.eye(2)) for a in _kraus(damped)]
    channel = channel_from_kraus(np.array(first), (2, 2))
    transfer = pauli_transfer_from_choi(channel.choi, (2, 2)).real
    labels = [a + b for a in "IXYZ" for b in "IXYZ"]
    assert transfer[labels.index("XI"), labels.index("XI")] == pytest.approx(0.9)
    assert transfer[labels.index("IX"), labels.index("IX")] == pytest.approx(1.0)
    assert transfer[labels.index("ZI"), labels.index("II")] == pytest.approx(0.19)
    assert len(_kraus(nothing)) == 1


def _kraus(channel: Channel) -> Matrix:
    operators, _ = write(channel, Form.KRAUS, inspect(channel))
    return operators


def test_composition_is_the_later_after_the_earlier() -> None:
    flip = np.array([[[0, 1], [1, 0]]], dtype=np.complex128)
    reset = channel_from_kraus(_kraus(amplitude_damping(1.0)), (2,))
    turned = compose(reset, channel_from_kraus(flip, (2,)))
    state = np.array([np.diag([0.3, 0.7]).astype(np.complex128)])
    np.testing.assert_allclose(apply(turned, state)[0], np.diag([0, 1]), atol=EXACT)


def test_channels_of_different_systems_are_not_composed() -> None:
    with pytest.raises(ChannelMalformed) as caught:
        compose(amplitude_damping(0.1), Channel((3,), np.eye(9, dtype=np.complex128)))
    assert caught.value.metadata == {"check": "SAME_DIMS", "dims": "2", "other_dims": "3"}


@pytest.mark.parametrize(("dims", "first"), [((2, 3), 1), ((2, 2), 2), ((3,), 0)])
def test_a_channel_is_only_placed_where_it_fits(dims: tuple[int, ...], first: int) -> None:
    with pytest.raises(ChannelMalformed) as caught:
        embed(amplitude_damping(0.1), dims, first)
    assert caught.value.metadata["check"] == "PLACE_FITS"


def test_a_channel_is_not_placed_in_a_system_over_the_limit() -> None:
    with pytest.raises(ChannelTooLarge):
        embed(amplitude_damping(0.1), (2,) * 5, 0)


@pytest.mark.parametrize(
    ("form", "size", "expected"),
    [(Form.CHOI, 255, 256), (Form.CHOI, 0, 256), (Form.CHOI, 512, 256), (Form.KRAUS, 65, 64),
     (Form.KRAUS, 0, 64), (Form.SUPEROPERATOR, 64, 256), (Form.PAULI_TRANSFER, 257, 256)],
)  # fmt: skip
def test_a_wrong_length_is_refused_with_both_numbers(form: Form, size: int, expected: int) -> None:
    with pytest.raises(ChannelMalformed) as caught:
        channel_from_bytes(form, [2], bytes(size), field="channel")
    assert caught.value.field == "channel.data"
    facts = {"check": "DATA_LENGTH", "expected": str(expected), "actual": str(size)}
    assert caught.value.metadata == facts


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e300, 2e6])
def test_numbers_that_could_overflow_are_refused(number: float) -> None:
    data = np.zeros(16, dtype="<c16")
    data[7] = complex(0, number)
    with pytest.raises(ChannelMalformed) as caught:
        channel_from_bytes(Form.CHOI, [2], data.tobytes(), field="channel")
    assert caught.value.metadata["check"] == "MAGNITUDE"
    assert caught.value.metadata["index"] == "7"


@pytest.mark.parametrize("dims", [[], [1], [0], [2, 1]])
def test_systems_without_levels_are_refused(dims: list[int]) -> None:
    with pytest.raises(ChannelMalformed):
        channel_from_bytes(Form.CHOI, dims, bytes(256), field="channel")


def test_limits_are_told_before_memory_is_taken() -> None:
    with pytest.raises(ChannelTooLarge) as caught:
        channel_from_bytes(Form.CHOI, [4_000_000_000] * 4, b"", field="channel")
    assert caught.value.metadata["maximum"] == str(DIMENSION_MAX)
    with pytest.raises(ChannelTooLarge) as caught:
        channel_from_bytes(Form.KRAUS, [2], bytes(64 * (KRAUS_MAX + 1)), field="channel")
    assert caught.value.metadata["limit"] == "kraus_max"


def test_a_qutrit_has_no_pauli_transfer_matrix() -> None:
    with pytest.raises(FormUndefined) as caught:
        channel_from_bytes(Form.PAULI_TRANSFER, [3], bytes(16 * 81), field="channel")
    assert caught.value.metadata == {"form": "PAULI_TRANSFER", "dims": "3"}
