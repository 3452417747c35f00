"""The exact generator is that of the Lindblad equation, and nothing in it is rounded."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from lucid_coherence.open_systems.certificates.exact_generator import (
    coordinates_of,
    exact_generator,
    strings,
)
from lucid_coherence.open_systems.certificates.witness import Pairs, witness_at
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian
from lucid_coherence.open_systems.pauli_network import PauliJump, PauliNetwork, pauli_sum
from lucid_coherence.open_systems.violations import ModelUnsupported

from .systems import random_system


def floats(string: Any) -> Any:
    return (string.real + 1j * string.imaginary).astype(complex) / 2.0**string.bits


def equation(state: Any, hamiltonian: Any, jumps: Any) -> Any:
    """The Lindblad equation, written out in floats."""
    moved = -1j * (hamiltonian @ state - state @ hamiltonian)
    for jump in jumps:
        weight = jump.conj().T @ jump
        moved = moved + jump @ state @ jump.conj().T - (weight @ state + state @ weight) / 2
    return moved


@pytest.mark.parametrize("qubits", [1, 2])
@pytest.mark.parametrize("uncertain", [0, 2])
def test_it_moves_coordinates_as_the_equation_moves_matrices(qubits: int, uncertain: int) -> None:
    rng = np.random.default_rng(5)
    system, start = random_system(qubits, 3, uncertain)
    generator = exact_generator(system)
    assert generator.uncertain == uncertain
    r = coordinates_of(start, qubits).astype(float)
    for h in ((-1.0,) * uncertain, tuple(rng.uniform(-1, 1, uncertain))):
        shares = iter(h)
        jumps = []
        for jump in system.jumps:
            half, middle = (
                (jump.rate_high - jump.rate_low) / 2,
                (jump.rate_high + jump.rate_low) / 2,
            )
            rate = middle + (next(shares) * half if half else 0)
            jumps.append(np.sqrt(rate) * jump.operator)
        moved = equation(start, system.hamiltonian, jumps)
        expected = [np.trace(floats(p) @ moved).real for p in strings(qubits)[1:]]
        found = (generator.floats(h) @ np.concatenate([[1.0], r]))[1:]
        # Two matrix products of doubles of size 1.
        np.testing.assert_allclose(found, expected, atol=1e-13)


def test_numbers_that_doubles_cannot_add_are_added_exactly() -> None:
    z = pauli_sum(["Z", "Z"], np.array([1.0, 2.0**-60], dtype=complex), 1, field="h")
    network = PauliNetwork(1, z, ())
    generator = exact_generator(network)
    exact = 2 * (1 + Fraction(1, 2**60))
    # d/dt of X and Y under (1 + 2^-60) Z: rotation by twice the weight.
    assert generator.matrices[0][0, 1] == -exact
    assert generator.matrices[0][1, 0] == exact
    assert float(exact) == 2.0


def test_strings_and_matrices_declare_the_same_generator() -> None:
    terms = np.array([0.25, 0.5], dtype=complex)
    decay = pauli_sum(["IX", "IY"], np.array([0.5, 0.5j]), 2, field="jumps")
    network = PauliNetwork(
        2, pauli_sum(["XY", "ZI"], terms, 2, field="h"), (PauliJump(decay, 0.125, 0.25),)
    )
    dense = Lindbladian(
        (2, 2), network.hamiltonian_matrix(), (Jump(network.jump_matrix(0), 0.125, 0.25),)
    )
    one, other = exact_generator(network), exact_generator(dense)
    for a, b in zip(one.matrices + one.vectors, other.matrices + other.vectors, strict=True):
        assert (a == b).all()


def test_decay_ends_in_the_ground_state() -> None:
    lower = np.array([[0, 1], [0, 0]], dtype=complex)
    generator = exact_generator(
        Lindbladian((2,), np.zeros((2, 2), complex), (Jump(lower, 0.5, 0.5),))
    )
    assert list(generator.vectors[0]) == [0, 0, Fraction(1, 2)]
    assert [generator.matrices[0][i, i] for i in range(3)] == [
        Fraction(-1, 4), Fraction(-1, 4), Fraction(-1, 2)
    ]  # fmt: skip


def test_what_cannot_be_exact_or_is_too_large_is_refused() -> None:
    tiny = np.diag([1e-80, -1e-80]).astype(complex)
    with pytest.raises(ModelUnsupported, match="denominators"):
        exact_generator(Lindbladian((2,), tiny, ()))
    with pytest.raises(ModelUnsupported, match="one or two qubits"):
        exact_generator(Lindbladian((3,), np.zeros((3, 3), complex), ()))
    z = np.diag([1.0, -1.0]).astype(complex)
    with pytest.raises(ModelUnsupported, match="At most 3"):
        exact_generator(Lindbladian((2,), z, (Jump(z, 0.1, 0.2),) * 4))


@pytest.mark.parametrize("qubits", [1, 2])
def test_witnesses_are_below_the_coherence_of_every_state(qubits: int) -> None:
    rng = np.random.default_rng(8)
    pairs = Pairs.of(qubits)
    for seed in range(8):
        _, start = random_system(qubits, seed)
        _, other = random_system(qubits, seed + 100)
        a, b = (coordinates_of(matrix, qubits).astype(float) for matrix in (start, other))
        away = np.abs(start).sum() - np.abs(np.diag(start)).sum()
        assert pairs.coherence(a)[0] == pytest.approx(away, abs=1e-13)
        w = witness_at(pairs, a + 0.1 * rng.normal(size=len(a))).astype(float)
        for r in (a, b, rng.normal(size=len(a))):
            assert w @ r <= pairs.coherence(r)[0] + 1e-12
        near = witness_at(pairs, a).astype(float)
        # The phases are rounded by 2^-24.
        assert near @ a == pytest.approx(pairs.coherence(a)[0], rel=1e-6)
