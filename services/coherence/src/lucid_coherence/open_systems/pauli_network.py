"""Networks of qubits written in Pauli strings, and their generators in Pauli coordinates.

A string times a string is a string up to a phase, so every term of the generator moves coordinate
q to q XOR m for one mask m: the generator is a short list of masks with one table of d² real
numbers each. It becomes a dense matrix for few qubits and a sparse one for more.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_coherence.open_systems.chebyshev import Rectangle
from lucid_coherence.open_systems.exponential import UNIT
from lucid_coherence.open_systems.pauli_strings import (
    IndexArray,
    parse_strings,
    pauli_operator,
    pauli_operators,
    tables,
)
from lucid_coherence.open_systems.rates import require_magnitude, require_rate
from lucid_coherence.open_systems.violations import ModelUnsupported
from lucid_coherence.states.batch import ComplexArray, RealArray

QUBITS_MAX = 6
FIELD = "system.pauli_lindbladian"
_COSINE = np.array([1.0, 0.0, -1.0, 0.0])
_SINE = np.array([0.0, 1.0, 0.0, -1.0])


@dataclass(frozen=True, slots=True)
class PauliSum:
    """Σ weights[k] P(indices[k]): `indices` (m,) int64 as in pauli_strings, `weights` (m,)."""

    indices: IndexArray
    weights: ComplexArray


@dataclass(frozen=True, slots=True)
class PauliJump:
    """A Lindblad operator without unit, with its rate in 1/s, known within [low, high]."""

    terms: PauliSum
    rate_low: float
    rate_high: float


@dataclass(frozen=True, slots=True)
class PauliNetwork:
    """A time-independent Markovian generator on 1 to 6 qubits with ħ = 1.

    `hamiltonian` has real weights in rad/s; the order of qubits is that of the strings' letters.

    Raises:
        ModelUnsupported: the number of qubits.
        OperatorMalformed: a weight that is not finite or over 1e30.
        RatesUnphysical: a rate outside of [0, 1e30].
    """

    qubits: int
    hamiltonian: PauliSum
    jumps: tuple[PauliJump, ...]

    def __post_init__(self) -> None:
        require_qubits(self.qubits)
        require_magnitude(self.hamiltonian.weights, field=f"{FIELD}.hamiltonian")
        for index, jump in enumerate(self.jumps):
            require_magnitude(jump.terms.weights, field=f"{FIELD}.jumps[{index}].terms")
            require_rate(index, jump.rate_low, jump.rate_high, field=f"{FIELD}.jumps[{index}]")

    @property
    def dims(self) -> tuple[int, ...]:
        """The dimension of each subsystem."""
        return (2,) * self.qubits

    @property
    def dimension(self) -> int:
        """The dimension d = 2^qubits."""
        return int(2**self.qubits)

    def term_count(self) -> int:
        """Return how many terms the generator has: strings of H and pairs of strings of jumps."""
        pairs = sum(len(jump.terms.indices) ** 2 for jump in self.jumps)
        return len(self.hamiltonian.indices) + pairs

    def operators(self) -> ComplexArray:
        """Return H in rad/s and then the jumps' operators without rates, (1 + jumps, d, d)."""
        sums = [self.hamiltonian, *(jump.terms for jump in self.jumps)]
        found = pauli_operators([(one.indices, one.weights) for one in sums], self.qubits)
        require_magnitude(found, field=FIELD)
        return found

    def rates(self) -> RealArray:
        """Return the low rates, (jumps,), 1/s."""
        return np.array([jump.rate_low for jump in self.jumps])

    def hamiltonian_matrix(self) -> ComplexArray:
        """Return H as a (d, d) matrix in rad/s."""
        return pauli_operator(self.hamiltonian.indices, self.hamiltonian.weights, self.qubits)

    def jump_matrix(self, index: int) -> ComplexArray:
        """Return a jump's operator as a (d, d) matrix, without its rate."""
        terms = self.jumps[index].terms
        return pauli_operator(terms.indices, terms.weights, self.qubits)


@dataclass(frozen=True, slots=True)
class ShiftTable:
    """G as masks (m,) and values (m, d²): the entry in row q XOR masks[k], column q.

    `assembly` bounds the 2-norm of what rounding did to the entries, 1/s.
    """

    masks: IndexArray
    values: RealArray
    assembly: float

    def dense(self) -> RealArray:
        """Return the (d², d²) matrix."""
        size = self.values.shape[1]
        matrix = np.zeros((size, size))
        columns = np.arange(size)
        matrix[columns ^ self.masks[:, None], columns] = self.values
        return matrix

    def sparse(self) -> Any:
        """Return the same as a compressed sparse matrix of scipy."""
        from scipy import sparse

        size = self.values.shape[1]
        columns = np.arange(size)[:, None] ^ self.masks
        entries = self.values[np.arange(len(self.masks)), columns]
        present = entries != 0
        ends = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
        return sparse.csr_array((entries[present], columns[present], ends), shape=(size, size))

    def norm(self) -> float:
        """Return a bound on the 2-norm of the magnitudes of the entries, 1/s."""
        columns, rows = (np.abs(part).sum(axis=0).max() for part in (self.values, self._turned()))
        return math.sqrt(float(columns * rows))

    def rectangle(self) -> Rectangle:
        """Return a rectangle around the numerical range, as `ranges` does for a dense matrix."""
        turned = self._turned()
        symmetric, skew = 0.5 * (self.values + turned), 0.5 * (self.values - turned)
        middle = symmetric[self.masks == 0].sum(axis=0)
        radius = np.abs(symmetric).sum(axis=0) - np.abs(middle)
        slack = (len(self.masks) + 4) * UNIT * self.norm()
        return Rectangle(
            float((middle - radius).min()) - slack,
            float((middle + radius).max()) + slack,
            float(np.abs(skew).sum(axis=0).max()) + slack,
        )

    def _turned(self) -> RealArray:
        """Return the values of the transposed matrix under the same masks."""
        rows = np.arange(self.values.shape[1]) ^ self.masks[:, None]
        return np.take_along_axis(self.values, rows, axis=1)


def pauli_sum(texts: Sequence[str], weights: ComplexArray, qubits: int, *, field: str) -> PauliSum:
    """Return a sum of strings given as texts; raises OperatorMalformed."""
    return PauliSum(parse_strings(texts, qubits, field=field), weights)


def require_qubits(qubits: int) -> int:
    """Return the number of qubits, or refuse one that is not served (ModelUnsupported)."""
    if not 1 <= qubits <= QUBITS_MAX:
        raise ModelUnsupported(
            f"Networks of 1 to {QUBITS_MAX} qubits are evolved, not of {qubits}.",
            field=f"{FIELD}.qubits",
            model="pauli_lindbladian",
            qubits=qubits,
            maximum=QUBITS_MAX,
        )
    return qubits


def generator_table(network: PauliNetwork) -> ShiftTable:
    """Return the generator at the low rates."""
    commutator = _commutator(network.hamiltonian, network.qubits)
    return _added([commutator, *_grouped(network.jumps, network.qubits)], network.qubits)


def commutator_table(hamiltonian: PauliSum, qubits: int) -> ShiftTable:
    """Return −i[H, ·]."""
    return _added([_commutator(hamiltonian, qubits)], qubits)


def dissipator_table(terms: PauliSum, qubits: int) -> ShiftTable:
    """Return L · L† − {L†L, ·}/2 at rate 1."""
    return _added(_grouped([PauliJump(terms, 1.0, 1.0)], qubits), qubits)


@dataclass(frozen=True, slots=True)
class _Terms:
    """Terms Re(weights[t] i^(y(q) − y(q ^ masks[t]))) · Σ_k left[t, k, x(q)] right[t, k, z(q)]."""

    masks: IndexArray
    weights: ComplexArray
    left: RealArray
    right: RealArray
    absolute: float


def _commutator(hamiltonian: PauliSum, qubits: int) -> _Terms:
    """−i c [P, Q]: the two products differ by the sign of the strings' commutation."""
    known = tables(qubits)
    p, c = hamiltonian.indices, hamiltonian.weights
    x, z = p >> qubits, p & (2**qubits - 1)
    ones = np.ones((len(p), 2**qubits))
    phase = np.array([1, 1j, -1, -1j])[known.y_count[p] & 3]
    left = np.stack([known.walsh[z], ones], axis=1)
    right = np.stack([ones, -known.walsh[x]], axis=1)
    return _Terms(p, -1j * c * phase, left, right, 2 * float(np.abs(c).sum()))


def _dissipators(
    indices: IndexArray, weights: ComplexArray, rates: RealArray, qubits: int
) -> _Terms:
    """γ l_a l_b* (P_a Q P_b − {P_b P_a, Q}/2) for every pair (a, b) of every jump's strings.

    `indices` and `weights` are (jumps, k): jumps with equally many strings are done together.
    """
    known = tables(qubits)
    low, k = 2**qubits - 1, indices.shape[1]
    a, b = np.repeat(indices, k, axis=1).reshape(-1), np.tile(indices, k).reshape(-1)
    xa, za, xb, zb, m = a >> qubits, a & low, b >> qubits, b & low, a ^ b
    products = (rates[:, None] * weights)[:, :, None] * weights.conj()[:, None, :]
    phase = np.array([1, 1j, -1, -1j])[(known.y_count[a] + known.y_count[b]) & 3]
    walsh = known.walsh
    ones = np.ones((len(a), 2**qubits))
    before, after = walsh[za, xb][:, None], 0.5 * walsh[zb, xa][:, None]
    left = np.stack([before * walsh[za], -after * walsh[m & low], -after * ones], axis=1)
    right = np.stack([walsh[xb], ones, walsh[m >> qubits]], axis=1)
    absolute = 2 * float(rates @ np.abs(weights).sum(axis=1) ** 2)
    return _Terms(m, products.reshape(-1) * phase, left, right, absolute)


def _grouped(jumps: Sequence[PauliJump], qubits: int) -> list[_Terms]:
    groups: dict[int, list[PauliJump]] = {}
    for jump in jumps:
        groups.setdefault(len(jump.terms.indices), []).append(jump)
    return [
        _dissipators(
            np.stack([jump.terms.indices for jump in group]),
            np.stack([jump.terms.weights for jump in group]),
            np.array([jump.rate_low for jump in group]),
            qubits,
        )
        for group in groups.values()
    ]


def _added(parts: Sequence[_Terms], qubits: int) -> ShiftTable:
    """Evaluate the terms of every part and add those with the same mask."""
    known = tables(qubits)
    size = 4**qubits
    columns = np.arange(size)
    masks = np.unique(np.concatenate([part.masks for part in parts]))
    values, added = np.zeros((len(masks), size)), np.zeros(len(masks))
    turn = (known.y_count - known.y_count[columns ^ masks[:, None]]) & 3
    cosine, sine = _COSINE[turn], _SINE[turn]
    for part in parts:
        if not len(part.masks):
            continue
        bracket = np.swapaxes(part.left, 1, 2) @ part.right
        bracket = bracket.reshape(len(part.masks), size)
        chosen = (masks[:, None] == part.masks).astype(np.float64)
        values += cosine * ((chosen * part.weights.real) @ bracket)
        values -= sine * ((chosen * part.weights.imag) @ bracket)
        added += chosen.sum(axis=1)
    # Terms of other masks add exact zeros, which round nothing.
    rounded = (float(added.max(initial=0.0)) + 16) * UNIT
    return ShiftTable(masks, values, rounded * sum(part.absolute for part in parts))
