import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.open_systems.coordinates import Coordinates, folded_generator
from lucid_coherence.open_systems.generators import (
    dense_generator,
    dense_operators,
    linear_map,
)
from lucid_coherence.open_systems.linear_maps import ProductMap
from lucid_coherence.open_systems.pauli_network import PauliNetwork, PauliSum
from lucid_coherence.open_systems.pauli_strings import (
    parse_strings,
    pauli_matrices,
    pauli_operator,
    pauli_vectors,
)
from lucid_coherence.open_systems.violations import (
    ModelUnsupported,
    OperatorMalformed,
    RatesUnphysical,
)

from .declared_systems import (
    columns_generator,
    declared,
    network,
    random_network,
    random_states,
    string,
    text_of,
)


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_every_string_is_its_kronecker_product(qubits: int) -> None:
    for letters in itertools.product("IXYZ", repeat=qubits):
        text = "".join(letters)
        index = parse_strings([text], qubits, field="x")
        assert text_of(int(index[0]), qubits) == text
        np.testing.assert_array_equal(
            pauli_operator(index, np.ones(1, complex), qubits), string(text)
        )


@pytest.mark.parametrize("text", ["", "X", "XXX", "XA", "xz", "X "])
def test_strings_of_other_letters_or_lengths_are_refused(text: str) -> None:
    with pytest.raises(OperatorMalformed) as refused:
        parse_strings(["ZZ", text], 2, field="hamiltonian")
    assert refused.value.metadata["index"] == "1"


@given(qubits=st.integers(1, 4), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=25)
def test_coordinates_are_an_isometry_with_its_inverse(qubits: int, seed: int) -> None:
    states = random_states((2,) * qubits, 3, seed).matrices
    for coordinates in (Coordinates(2**qubits, qubits), Coordinates(2**qubits)):
        vectors = coordinates.vectors(states)
        np.testing.assert_allclose(coordinates.matrices(vectors), states, atol=1e-15)
        lengths = np.linalg.norm(states, axis=(1, 2))
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), lengths, rtol=1e-14)


def test_pauli_coordinates_are_expectations_over_root_d() -> None:
    states = random_states((2, 2), 2, 4).matrices
    vectors = pauli_vectors(states, 2)
    for text in ("II", "XZ", "YY", "IY"):
        index = int(parse_strings([text], 2, field="x")[0])
        expected = np.einsum("nij,ji->n", states, string(text)).real / 2
        np.testing.assert_allclose(vectors[:, index], expected, atol=1e-15)
    np.testing.assert_allclose(pauli_matrices(vectors, 2), states, atol=1e-15)


@given(qubits=st.integers(1, 3), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_the_generator_in_strings_is_the_one_of_kronecker_products(qubits: int, seed: int) -> None:
    system = random_network(qubits, seed)
    states = random_states((2,) * qubits, 2, seed)
    columns = np.swapaxes(states.matrices, 1, 2).reshape(2, -1)
    rates = (columns @ columns_generator(system).T).reshape(states.matrices.shape)
    rates = np.swapaxes(rates, 1, 2)
    # Rates are of size 10; each entry is a sum of about 100 rounded terms.
    for form in (system, dense_operators(system)):
        generator = dense_generator(form)
        vectors = generator.coordinates.vectors(states.matrices) @ generator.matrix.T
        np.testing.assert_allclose(generator.coordinates.matrices(vectors), rates, atol=1e-12)
        linear = linear_map(form)
        applied = linear.apply(linear.load(states.matrices), lambda: True)
        np.testing.assert_allclose(linear.unload(applied[None])[0], rates, atol=1e-12)


def test_both_ways_to_apply_jumps_agree() -> None:
    system = random_network(3, 8)
    sparse = linear_map(dense_operators(system))
    assert isinstance(sparse, ProductMap)
    h, jumps = declared(system)
    stacked = replace(sparse, jumps=0.5**0.5 * np.array(jumps))
    states = random_states((2, 2, 2), 3, 1).matrices
    one, other = (linear.apply(states, lambda: True) for linear in (sparse, stacked))
    np.testing.assert_allclose(one, other, atol=1e-13)
    assert len(h) == 8


@given(qubits=st.integers(1, 3), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_norms_of_maps_are_upper_bounds(qubits: int, seed: int) -> None:
    system = random_network(qubits, seed)
    true = np.linalg.norm(columns_generator(system), 2)
    for form in (system, dense_operators(system)):
        assert linear_map(form).norm >= true * (1 - 1e-12)


def test_the_folded_generator_acts_on_the_sum_of_real_and_imaginary_parts() -> None:
    rng = np.random.default_rng(0)
    jump, state = rng.normal(size=(2, 3, 3)) + 1j * rng.normal(size=(2, 3, 3))
    state = state + state.conj().T
    whole = np.kron(jump, jump.conj())
    image = jump @ state @ jump.conj().T
    folded = folded_generator(whole) @ (state.real + state.imag).reshape(-1)
    np.testing.assert_allclose(folded.reshape(3, 3), image.real + image.imag, atol=1e-13)


def test_many_strings_are_evolved_by_their_dense_operators() -> None:
    rng = np.random.default_rng(0)
    everything = PauliSum(np.arange(4**4), rng.normal(size=4**4).astype(complex))
    assert isinstance(linear_map(PauliNetwork(4, everything, ())), ProductMap)


def test_networks_are_checked() -> None:
    with pytest.raises(RatesUnphysical):
        network(1, {}, [({"X": 1.0}, -1.0)])
    with pytest.raises(OperatorMalformed):
        network(1, {"X": float("nan")}, [])
    with pytest.raises(ModelUnsupported) as refused:
        PauliNetwork(7, PauliSum(np.zeros(0, np.int64), np.zeros(0, complex)), ())
    assert refused.value.metadata["maximum"] == "6"
