"""The Pauli channel nearest in spirit to a channel: its average over Pauli conjugations.

An approximation, and the caller must say that it is one: what it drops, such as the drift of
amplitude damping towards the ground state, is lost, not small.
"""

from dataclasses import dataclass

import numpy as np

from lucid_coherence.channels.channel import Channel
from lucid_coherence.channels.representations import (
    choi_from_pauli_transfer,
    pauli_columns,
    pauli_transfer_from_choi,
)
from lucid_coherence.states.batch import RealArray, hermitian_part

NOTE = (
    "approximation: the channel was averaged over conjugation by all Pauli operators, which keeps "
    "the diagonal of its Pauli transfer matrix and drops the rest"
)


@dataclass(frozen=True, slots=True)
class Twirled:
    """A twirled channel, the probabilities of its Pauli errors, and what was dropped.

    `probabilities` is (4ⁿ,) in the order II, IX, IY, IZ, XI, ...; not negative for completely
    positive maps. `dropped` is the largest magnitude of an entry off the diagonal of the Pauli
    transfer matrix.
    """

    channel: Channel
    probabilities: RealArray
    dropped: float


def pauli_twirl(channel: Channel) -> Twirled:
    """Return Σ_P P E(P ρ P) P / 4ⁿ, a Pauli channel [Emerson2007].

    The probability of P is the share of P in the process, ⟨⟨P|C|P⟩⟩ / d², which the twirl keeps.

    Raises:
        FormUndefined: a subsystem is not a qubit.
    """
    transfer = pauli_transfer_from_choi(channel.choi, channel.dims)
    diagonal = np.diag(np.diagonal(transfer).real).astype(np.complex128)
    basis = pauli_columns(channel.dims)
    shares = np.einsum("ia,ij,ja->a", basis.conj(), hermitian_part(channel.choi), basis)
    return Twirled(
        channel=Channel(channel.dims, choi_from_pauli_transfer(diagonal, channel.dims)),
        probabilities=shares.real / channel.dimension,
        dropped=float(np.abs(transfer - np.diag(np.diagonal(transfer))).max()),
    )
