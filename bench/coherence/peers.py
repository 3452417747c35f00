"""The peers, as a careful user of each would call them, state by state.

None takes a batch of states, so each is a loop. Objects are made without a copy and without
checks where the library allows it; C_l1 and the entropy of the diagonal are numpy where a library
lacks them. QuTiP's negativity uses `method='eigenvalues'`, the faster of its two; the same loop
without any option is measured beside it.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
States = NDArray[np.complex128]


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what a peer says about itself when it is imported
    import qiskit.quantum_info as qi
    import qutip
    import toqito.state_props as tq


def _coherence(matrix: States) -> tuple[float, float]:
    """Return C_l1 and the entropy of the diagonal in bits."""
    magnitudes = np.abs(matrix)
    weights = np.diagonal(matrix).real
    weights = weights[weights > 0]
    return (
        float(magnitudes.sum() - np.trace(magnitudes)),
        float(-(weights * np.log2(weights)).sum()),
    )


def _sides(dimension: int) -> list[int]:
    half = round(dimension**0.5)
    return [half, half]


def qutip_measures(states: States, *, concurrence: bool) -> Array:
    """Return (count, measures): C_l1, C_re, negativity over the middle cut, concurrence."""
    sides = _sides(states.shape[-1])
    rows = []
    for matrix in states:
        state = qutip.Qobj(matrix, dims=[sides, sides], copy=False, isherm=True)
        l1, diagonal = _coherence(matrix)
        row = [
            l1,
            diagonal - qutip.entropy_vn(state, base=2),
            qutip.negativity(state, 0, method="eigenvalues"),
        ]
        rows.append([*row, qutip.concurrence(state)] if concurrence else row)
    return np.array(rows)


def qutip_default_measures(states: States, *, concurrence: bool) -> Array:
    """Return the same by QuTiP without any option: how it reads in its documentation."""
    sides = _sides(states.shape[-1])
    rows = []
    for matrix in states:
        state = qutip.Qobj(matrix, dims=[sides, sides])
        l1, diagonal = _coherence(matrix)
        row = [l1, diagonal - qutip.entropy_vn(state, base=2), qutip.negativity(state, 0)]
        rows.append([*row, qutip.concurrence(state)] if concurrence else row)
    return np.array(rows)


def toqito_measures(states: States, *, concurrence: bool) -> Array:
    """Return the same by toqito."""
    sides = _sides(states.shape[-1])
    rows = []
    for matrix in states:
        row = [
            tq.l1_norm_coherence(matrix),
            _coherence(matrix)[1] - tq.von_neumann_entropy(matrix),
            tq.negativity(matrix, sides),
        ]
        rows.append([*row, tq.concurrence(matrix)] if concurrence else row)
    return np.array(rows)


def qiskit_measures(states: States, *, concurrence: bool) -> Array:
    """Return the same by qiskit."""
    half = round(np.log2(states.shape[-1])) // 2
    side = list(range(half))
    rows = []
    for matrix in states:
        state = qi.DensityMatrix(matrix)
        l1, diagonal = _coherence(matrix)
        row = [l1, diagonal - qi.entropy(state, base=2), qi.negativity(state, side)]
        rows.append([*row, qi.concurrence(state)] if concurrence else row)
    return np.array(rows)


MEASURES = {
    "qutip": qutip_measures,
    "qutip-defaults": qutip_default_measures,
    "toqito": toqito_measures,
    "qiskit": qiskit_measures,
}


def qutip_concurrence(states: States) -> Array:
    """Return the concurrence of every two-qubit state."""
    return np.array([qutip.concurrence(qutip.Qobj(m, dims=[[2, 2], [2, 2]])) for m in states])


def toqito_concurrence(states: States) -> Array:
    """Return the concurrence of every two-qubit state."""
    return np.array([tq.concurrence(m) for m in states])


def qiskit_concurrence(states: States) -> Array:
    """Return the concurrence of every two-qubit state."""
    return np.array([qi.concurrence(qi.DensityMatrix(m)) for m in states])


CONCURRENCE = {
    "qutip": qutip_concurrence,
    "toqito": toqito_concurrence,
    "qiskit": qiskit_concurrence,
}
