"""A line of qubits with T1, T2, a drive and ZZ coupling: for the service, for QuTiP, for scipy."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import scipy.linalg
from lucid.coherence.v1 import evolution_pb2
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import expm_multiply

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # QuTiP remarks on what is not installed
    import qutip

Complex = NDArray[np.complex128]
DENSE_QUBITS_MAX = 3


@dataclass(frozen=True, slots=True)
class Network:
    """Frequencies in rad/s, one for each qubit or bond, and rates in 1/s, two for each qubit.

    H = Σ (Δ/2 Z + Ω/2 X) + Σ J Z Z over neighbours. Jumps: decay to |0> at 1/T1, and Z at
    (1/T2 − 1/(2 T1))/2.
    """

    detunings: NDArray[np.float64]
    drives: NDArray[np.float64]
    couplings: NDArray[np.float64]
    rates: NDArray[np.float64]

    @property
    def qubits(self) -> int:
        """The number of qubits."""
        return len(self.detunings)

    def terms(self) -> list[tuple[str, float]]:
        """Return the Hamiltonian in Pauli strings."""
        n = self.qubits
        found = [(_at(n, i, "Z"), 0.5 * value) for i, value in enumerate(self.detunings)]
        found += [(_at(n, i, "X"), 0.5 * value) for i, value in enumerate(self.drives)]
        return found + [(_at(n, i, "ZZ"), value) for i, value in enumerate(self.couplings)]


def network(qubits: int) -> Network:
    """Return one network for each size."""
    i = np.arange(qubits)
    t1, t2 = 20.0 + i, 15.0 + i
    return Network(
        detunings=1.0 + 0.1 * i,
        drives=0.5 + 0.05 * i,
        couplings=np.full(qubits - 1, 0.2),
        rates=np.ravel(np.column_stack([1 / t1, (1 / t2 - 1 / (2 * t1)) / 2])),
    )


def _at(qubits: int, first: int, letters: str) -> str:
    return "I" * first + letters + "I" * (qubits - first - len(letters))


def message(system: Network) -> evolution_pb2.OpenSystem:
    """Return the network as the service takes it."""
    jumps = []
    for i in range(system.qubits):
        decay = [
            evolution_pb2.WeightedPauli(pauli=_at(system.qubits, i, "X"), real=0.5),
            evolution_pb2.WeightedPauli(pauli=_at(system.qubits, i, "Y"), imaginary=0.5),
        ]
        dephasing = [evolution_pb2.WeightedPauli(pauli=_at(system.qubits, i, "Z"), real=1.0)]
        for terms, rate in zip((decay, dephasing), system.rates[2 * i : 2 * i + 2], strict=True):
            jumps.append(evolution_pb2.PauliJump(terms=terms, rate_low_per_s=rate))
    return evolution_pb2.OpenSystem(
        pauli_lindbladian=evolution_pb2.PauliLindbladian(
            qubits=system.qubits,
            hamiltonian=[
                evolution_pb2.PauliTerm(pauli=pauli, coefficient_rad_per_s=value)
                for pauli, value in system.terms()
            ],
            jumps=jumps,
        )
    )


def qutip_parts(system: Network) -> tuple[Any, list[Any]]:
    """Return H and the jumps at rate 1 as QuTiP's operators."""
    letters = {"I": qutip.qeye(2), "X": qutip.sigmax(), "Z": qutip.sigmaz()}
    n = system.qubits
    hamiltonian = sum(
        value * qutip.tensor([letters[letter] for letter in pauli])
        for pauli, value in system.terms()
    )
    letters["-"] = qutip.sigmap()  # |0><1|, which is decay where |0> is the ground state
    jumps = [
        qutip.tensor([letters[letter] for letter in _at(n, i, kind)])
        for i in range(n)
        for kind in ("-", "Z")
    ]
    return hamiltonian, jumps


def qutip_system(system: Network) -> tuple[Any, list[Any]]:
    """Return H and the collapse operators, rates folded in."""
    hamiltonian, jumps = qutip_parts(system)
    roots = np.sqrt(system.rates)
    return hamiltonian, [root * jump for root, jump in zip(roots, jumps, strict=True)]


_LETTERS = {
    "I": np.eye(2, dtype=np.complex128),
    "X": np.array([[0, 1], [1, 0]], dtype=np.complex128),
    "Z": np.array([[1, 0], [0, -1]], dtype=np.complex128),
    "-": np.array([[0, 1], [0, 0]], dtype=np.complex128),
}


def superoperator(system: Network) -> Any:
    """Return the sparse (d², d²) generator on row-stacked states, written with scipy alone."""
    n, d = system.qubits, 2**system.qubits
    one = sparse.identity(d, dtype=np.complex128, format="csr")
    h = sum(value * _operator(pauli) for pauli, value in system.terms())
    total = -1j * (sparse.kron(h, one) - sparse.kron(one, h.T))
    kinds = [_at(n, i, kind) for i in range(n) for kind in ("-", "Z")]
    for kind, rate in zip(kinds, system.rates, strict=True):
        jump = _operator(kind)
        weight = jump.conj().T @ jump
        total = total + rate * sparse.kron(jump, jump.conj())
        total = total - 0.5 * rate * (sparse.kron(weight, one) + sparse.kron(one, weight.T))
    return total.tocsr()


def _operator(letters: str) -> Any:
    return reduce(sparse.kron, [sparse.csr_matrix(_LETTERS[letter]) for letter in letters])


def reference(system: Network, states: Complex, times: NDArray[np.float64]) -> Complex:
    """Return (times, count, d, d) by scipy's exponentials at equal steps: nobody's own method."""
    generator, d = superoperator(system), states.shape[-1]
    columns = states.reshape(len(states), -1).T
    if system.qubits <= DENSE_QUBITS_MAX:
        step = scipy.linalg.expm(generator.toarray() * (times[1] - times[0]))
        found = [columns]
        for _ in times[1:]:
            found.append(step @ found[-1])
        stacked = np.array(found)
    else:
        stacked = expm_multiply(
            generator, columns, start=times[0], stop=times[-1], num=len(times), endpoint=True
        )
    return np.asarray(stacked.transpose(0, 2, 1).reshape(len(times), -1, d, d))
