"""Random systems of one or two qubits, from written seeds."""

from typing import Any

import numpy as np
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian


def random_system(
    qubits: int, seed: int, uncertain: int = 0, strength: float = 0.1
) -> tuple[Lindbladian, Any]:
    """A Lindbladian with rates near `strength`/s, `uncertain` of them intervals, and a start."""
    rng = np.random.default_rng(seed)
    d = 2**qubits

    def ginibre() -> Any:
        return rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))

    hamiltonian = ginibre()
    jumps = []
    for index in range(qubits + 1):
        operator = ginibre()
        operator *= np.sqrt(d) / np.linalg.norm(operator)
        rate = strength * rng.uniform(0.3, 1)
        jumps.append(Jump(operator, rate * (0.9 if index < uncertain else 1.0), rate))
    vector = np.exp(1j * rng.uniform(0, 6, d)) / np.sqrt(d)
    start = 0.95 * np.outer(vector, vector.conj()) + 0.05 * np.eye(d) / d
    return Lindbladian((2,) * qubits, (hamiltonian + hamiltonian.conj().T) / 2, tuple(jumps)), start
