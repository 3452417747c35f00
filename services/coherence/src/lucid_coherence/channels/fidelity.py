"""How close a channel is to doing nothing, in one number."""

import numpy as np

from lucid_coherence.channels.channel import Channel


def entanglement_fidelity(channel: Channel) -> float:
    """Return ⟨Φ|(1 ⊗ E)(Φ)|Φ⟩ = Σ |Tr K|² / d², Φ maximally entangled; in [0, 1] for channels.

    Also called the process fidelity with the identity. [Nielsen2002]
    """
    d = channel.dimension
    trace = np.einsum("iijj->", channel.choi.reshape(d, d, d, d))
    return float(trace.real) / (d * d)


def average_gate_fidelity(channel: Channel) -> float:
    """Return the mean of ⟨ψ|E(ψ)|ψ⟩ over all pure states [Nielsen2002].

    (Tr E(1) + Σ |Tr K|²) / (d (d + 1)), which is (d F + 1) / (d + 1) with the entanglement
    fidelity F for a trace-preserving map. In [1/(d + 1), 1] for channels.
    """
    d = channel.dimension
    total = float(np.trace(channel.choi).real)
    return (total + d * d * entanglement_fidelity(channel)) / (d * (d + 1))
