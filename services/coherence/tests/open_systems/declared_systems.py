"""Declared systems for the tests here, and generators built in another way than the service's.

Column-stacked vec(ρ) and Kronecker products of 2 x 2 matrices, nothing of the package.
"""

import functools
from typing import Any

import numpy as np
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian
from lucid_coherence.open_systems.pauli_network import PauliJump, PauliNetwork, pauli_sum
from lucid_coherence.states.batch import ComplexArray, StateBatch

LETTER = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0, -1.0]),
}


def string(text: str) -> ComplexArray:
    return functools.reduce(np.kron, [LETTER[letter] for letter in text]).astype(complex)


def placed(letters: str, at: int, qubits: int) -> str:
    return ("I" * at + letters).ljust(qubits, "I")


def network(
    qubits: int,
    hamiltonian: dict[str, float],
    jumps: list[tuple[dict[str, complex], float]],
) -> PauliNetwork:
    def total(terms: dict[str, Any]) -> Any:
        return pauli_sum(list(terms), np.array(list(terms.values()), complex), qubits, field="x")

    found = tuple(PauliJump(total(terms), rate, rate) for terms, rate in jumps)
    return PauliNetwork(qubits, total(hamiltonian), found)


def chain(qubits: int, t1: float = 50.0, t2: float = 40.0) -> PauliNetwork:
    """T1/T2 on every qubit, a drive on each, ZZ between neighbours."""
    hamiltonian = {placed("X", k, qubits): 0.5 + 0.05 * k for k in range(qubits)}
    hamiltonian |= {placed("ZZ", k, qubits): 0.3 for k in range(qubits - 1)}
    jumps: list[tuple[dict[str, complex], float]] = []
    for k in range(qubits):
        x, y, z = (placed(letter, k, qubits) for letter in "XYZ")
        jumps.append(({x: 0.5, y: 0.5j}, 1 / t1))
        jumps.append(({z: 1.0}, (1 / t2 - 0.5 / t1) / 2))
    return network(qubits, hamiltonian, jumps)


def random_network(qubits: int, seed: int) -> PauliNetwork:
    rng = np.random.default_rng(seed)

    def texts(count: int) -> list[str]:
        return ["".join(rng.choice(list("IXYZ"), qubits)) for _ in range(count)]

    hamiltonian = {text: float(rng.normal()) for text in texts(6)}
    jumps = [
        ({text: complex(*rng.normal(size=2)) for text in texts(3)}, float(rng.uniform(0, 0.3)))
        for _ in range(4)
    ]
    return network(qubits, hamiltonian, jumps)


def random_lindbladian(dims: tuple[int, ...], seed: int, jumps: int = 3) -> Lindbladian:
    rng = np.random.default_rng(seed)
    d = int(np.prod(dims))

    def matrix() -> ComplexArray:
        return rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))

    h = matrix()
    found = tuple(Jump(matrix() / d, rate, rate) for rate in rng.uniform(0.1, 1, jumps))
    return Lindbladian(dims, (h + h.conj().T) / (2 * d**0.5), found)


def declared(system: PauliNetwork | Lindbladian) -> tuple[ComplexArray, list[ComplexArray]]:
    """H and √γ L as dense matrices; strings by Kronecker products."""
    if isinstance(system, Lindbladian):
        return system.hamiltonian, [j.rate_low**0.5 * j.operator for j in system.jumps]
    n = system.qubits

    def total(terms: Any) -> ComplexArray:
        return sum(
            (
                w * string(text_of(int(i), n))
                for i, w in zip(terms.indices, terms.weights, strict=True)
            ),
            np.zeros((2**n, 2**n), complex),
        )

    return total(system.hamiltonian), [j.rate_low**0.5 * total(j.terms) for j in system.jumps]


def text_of(index: int, qubits: int) -> str:
    x, z = index >> qubits, index & (2**qubits - 1)
    letters = {(0, 0): "I", (1, 0): "X", (1, 1): "Y", (0, 1): "Z"}
    return "".join(letters[x >> k & 1, z >> k & 1] for k in range(qubits - 1, -1, -1))


def columns_generator(system: PauliNetwork | Lindbladian) -> ComplexArray:
    """The matrix on column-stacked states: A ρ B is (Bᵀ ⊗ A) vec ρ."""
    h, jumps = declared(system)
    one = np.eye(len(h))
    total = -1j * (np.kron(one, h) - np.kron(h.T, one))
    for jump in jumps:
        weight = jump.conj().T @ jump
        total += np.kron(jump.conj(), jump)
        total -= 0.5 * (np.kron(one, weight) + np.kron(weight.T, one))
    return total


def random_states(dims: tuple[int, ...], count: int, seed: int) -> StateBatch:
    rng = np.random.default_rng(seed)
    d = int(np.prod(dims))
    g = rng.normal(size=(count, d, d)) + 1j * rng.normal(size=(count, d, d))
    rho = g @ g.conj().swapaxes(1, 2)
    return StateBatch(dims, rho / np.trace(rho, axis1=1, axis2=2)[:, None, None])


def ground(qubits: int) -> StateBatch:
    rho = np.zeros((1, 2**qubits, 2**qubits), complex)
    rho[0, 0, 0] = 1
    return StateBatch((2,) * qubits, rho)
