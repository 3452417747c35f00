"""Random states: every measure against a library, and where it can be against another formula.

Tolerances are those of well-conditioned arithmetic in double precision. Where a peer is worse than
that, `test_referee.py` shows that it is the peer.
"""

import math

import numpy as np
import pytest
import scipy.linalg
from lucid_coherence.states.analysis import Measure
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.comparison import compare
from lucid_coherence.states.measured import Separability
from lucid_coherence.states.physicality import Tolerances
from quantum.drawn import KINDS, SYSTEMS, drawn, measured
from quantum.libraries import (
    qiskit,
    qutip,
    toqito,
    toqito_channels,
    toqito_metrics,
    toqito_ops,
)

EXACT = 2e-13
"""Sums, eigenvalues and singular values of matrices of size at most 16."""
ENTROPIES = 2e-12
"""x log x turns rounding of 1e-16 in an eigenvalue near 0 into up to 4e-15, for 16 of them."""
ROOTS = 3e-7
"""What a peer is off by where it takes the square root of rounding noise."""
BIPARTITE = [dims for dims in SYSTEMS if len(dims) > 1]

kinds = pytest.mark.parametrize("kind", KINDS)
systems = pytest.mark.parametrize("dims", SYSTEMS, ids=str)
bipartite = pytest.mark.parametrize("dims", BIPARTITE, ids=str)


def sides(dims: tuple[int, ...]) -> tuple[int, int]:
    """Return the dimensions of the first half and of the rest."""
    half = len(dims) // 2
    return math.prod(dims[:half]), math.prod(dims[half:])


def bits(weights: np.ndarray) -> float:
    kept = weights[weights > 0]
    return float(-(kept * np.log2(kept)).sum())


@kinds
@systems
def test_c_l1_and_purity_agree_with_toqito_and_qiskit(dims: tuple[int, ...], kind: str) -> None:
    batch = drawn(dims, kind)
    coherence, purity = measured(batch, Measure.C_L1), measured(batch, Measure.PURITY)
    for k, matrix in enumerate(batch.matrices):
        assert abs(coherence.values[k] - toqito.l1_norm_coherence(matrix)) < EXACT
        assert abs(purity.values[k] - qiskit.purity(qiskit.DensityMatrix(matrix)).real) < EXACT


@kinds
@systems
def test_the_relative_entropy_of_coherence_is_the_relative_entropy_to_the_dephased_state(
    dims: tuple[int, ...], kind: str
) -> None:
    batch = drawn(dims, kind)
    found = measured(batch, Measure.RELATIVE_ENTROPY_OF_COHERENCE)
    for k, matrix in enumerate(batch.matrices):
        dephased = qutip.Qobj(np.diag(np.diagonal(matrix)))
        peer = qutip.entropy_relative(qutip.Qobj(matrix), dephased, base=2)
        assert abs(found.values[k] - peer) < ENTROPIES


@kinds
@systems
def test_the_entropy_agrees_with_qiskit_and_toqito(dims: tuple[int, ...], kind: str) -> None:
    batch = drawn(dims, kind)
    found = measured(batch, Measure.VON_NEUMANN_ENTROPY)
    for k, matrix in enumerate(batch.matrices):
        peer = qiskit.entropy(qiskit.DensityMatrix(matrix), base=2)
        assert abs(found.values[k] - peer) < ENTROPIES
        assert abs(found.values[k] - toqito.von_neumann_entropy(matrix)) < ENTROPIES


@systems
@pytest.mark.parametrize("order", [0.5, 2.0, 3.0])
def test_renyi_entropies_are_logarithms_of_traces_of_powers(
    dims: tuple[int, ...], order: float
) -> None:
    batch = drawn(dims, "full rank")
    found = measured(batch, Measure.RENYI_ENTROPY, order=order)
    for k, matrix in enumerate(batch.matrices):
        power = scipy.linalg.fractional_matrix_power(matrix, order)
        expected = np.log2(np.trace(power).real) / (1 - order)
        assert abs(found.values[k] - expected) < 1e-11


@kinds
@systems
def test_renyi_entropies_of_the_limiting_orders(dims: tuple[int, ...], kind: str) -> None:
    batch = drawn(dims, kind)
    least = measured(batch, Measure.RENYI_ENTROPY, order=math.inf)
    first = measured(batch, Measure.RENYI_ENTROPY, order=1.0)
    rank = measured(batch, Measure.RENYI_ENTROPY, order=0.0)
    entropy = measured(batch, Measure.VON_NEUMANN_ENTROPY)
    for k, matrix in enumerate(batch.matrices):
        assert abs(least.values[k] + np.log2(np.linalg.norm(matrix, 2))) < EXACT
        assert abs(first.values[k] - entropy.values[k]) < ENTROPIES
        assert rank.values[k] == pytest.approx(np.log2(np.linalg.matrix_rank(matrix)), abs=1e-12)


@kinds
@bipartite
def test_negativities_agree_with_trace_norms(dims: tuple[int, ...], kind: str) -> None:
    batch = drawn(dims, kind)
    plain, log = measured(batch, Measure.NEGATIVITY), measured(batch, Measure.LOG_NEGATIVITY)
    left, right = sides(dims)
    for k, matrix in enumerate(batch.matrices):
        state = qiskit.DensityMatrix(matrix, dims=(right, left))
        assert abs(plain.values[k] - qiskit.negativity(state, [0])) < EXACT
        assert abs(log.values[k] - toqito.log_negativity(matrix, [left, right])) < 4 * EXACT


@kinds
@bipartite
def test_the_partial_transpose_and_realignment_agree(dims: tuple[int, ...], kind: str) -> None:
    batch = drawn(dims, kind)
    transposed, realigned = measured(batch, Measure.PPT), measured(batch, Measure.REALIGNMENT)
    left, right = sides(dims)
    for k, matrix in enumerate(batch.matrices):
        state = qutip.Qobj(matrix, dims=[[left, right]] * 2)
        smallest = qutip.partial_transpose(state, [1, 0]).eigenenergies()[0]
        assert abs(transposed.values[k] - smallest) < EXACT
        rows = toqito_channels.realignment(matrix, np.array([[left, right]] * 2))
        assert abs(realigned.values[k] - np.linalg.norm(rows, "nuc")) < EXACT


@kinds
@bipartite
def test_conclusions_never_contradict_toqito(dims: tuple[int, ...], kind: str) -> None:
    batch = drawn(dims, kind)
    found = measured(batch, Measure.PPT).conclusions
    assert found is not None
    left, right = sides(dims)
    for k, matrix in enumerate(batch.matrices):
        separable = toqito.is_ppt(matrix, 2, [left, right])
        if found[k] == Separability.SEPARABLE.value:
            assert separable
        if found[k] == Separability.ENTANGLED.value:
            assert not separable


@bipartite
def test_schmidt_coefficients_agree_with_toqito_and_qiskit(dims: tuple[int, ...]) -> None:
    batch = drawn(dims, "pure")
    found = measured(batch, Measure.SCHMIDT_COEFFICIENTS)
    assert found.coefficients is not None
    left, right = sides(dims)
    for k, matrix in enumerate(batch.matrices):
        vector = np.linalg.eigh(matrix)[1][:, -1]
        peer = toqito_ops.schmidt_decomposition(vector[:, None], [left, right])[0]
        np.testing.assert_allclose(found.coefficients[k][: len(peer)], peer[:, 0], atol=EXACT)
        assert found.values[k] == pytest.approx(1 / (peer**4).sum(), rel=1e-12)
        state = qiskit.Statevector(vector, dims=(right, left))
        terms = [weight for weight, _, _ in qiskit.schmidt_decomposition(state, [0])]
        np.testing.assert_allclose(found.coefficients[k][: len(terms)], sorted(terms)[::-1])


@kinds
@bipartite
def test_mutual_information_agrees_with_qiskit_and_qutip(dims: tuple[int, ...], kind: str) -> None:
    batch = drawn(dims, kind)
    found = measured(batch, Measure.MUTUAL_INFORMATION)
    left, right = sides(dims)
    for k, matrix in enumerate(batch.matrices):
        state = qutip.Qobj(matrix, dims=[[left, right]] * 2)
        assert abs(found.values[k] - qutip.entropy_mutual(state, 0, 1, base=2)) < ENTROPIES
        other = qiskit.DensityMatrix(matrix, dims=(right, left))
        assert abs(found.values[k] - qiskit.mutual_information(other, base=2)) < ENTROPIES


def test_concurrence_and_formation_of_full_rank_states_agree_with_three_libraries() -> None:
    batch = drawn((2, 2), "full rank", 60)
    found = measured(batch, Measure.CONCURRENCE).values
    formed = measured(batch, Measure.ENTANGLEMENT_OF_FORMATION).values
    assert found.max() > 0.2
    assert found.min() == 0.0
    for k, matrix in enumerate(batch.matrices):
        state = qiskit.DensityMatrix(matrix)
        assert abs(found[k] - qutip.concurrence(qutip.Qobj(matrix, dims=[[2, 2]] * 2))) < 1e-12
        assert abs(found[k] - toqito.concurrence(matrix)) < 1e-12
        assert abs(found[k] - qiskit.concurrence(state)) < 1e-12
        assert abs(formed[k] - qiskit.entanglement_of_formation(state)) < 1e-11


@pytest.mark.parametrize("kind", KINDS[1:])
def test_concurrence_at_lost_rank_is_within_what_the_peers_can_tell(kind: str) -> None:
    batch = drawn((2, 2), kind, 20)
    found = measured(batch, Measure.CONCURRENCE).values
    for k, matrix in enumerate(batch.matrices):
        assert abs(found[k] - toqito.concurrence(matrix)) < ROOTS
        assert abs(found[k] - qiskit.concurrence(qiskit.DensityMatrix(matrix))) < ROOTS


@systems
@pytest.mark.parametrize("other", KINDS)
@kinds
def test_fidelity_and_distances_agree(dims: tuple[int, ...], kind: str, other: str) -> None:
    left, right = drawn(dims, kind), drawn(dims, other, salt=1)
    found = compare(left, right, Tolerances())
    # QuTiP takes square roots of noise, also in its trace distance.
    for k, (first, second) in enumerate(zip(left.matrices, right.matrices, strict=True)):
        peer = qiskit.state_fidelity(qiskit.DensityMatrix(first), qiskit.DensityMatrix(second))
        assert abs(found.fidelities[k] - peer) < ROOTS
        states = qutip.Qobj(first), qutip.Qobj(second)
        assert abs(found.fidelities[k] - qutip.fidelity(*states) ** 2) < ROOTS
        nuclear = np.linalg.norm(first - second, "nuc") / 2
        assert abs(found.trace_distances[k] - nuclear) < EXACT
        assert abs(found.trace_distances[k] - qutip.tracedist(*states)) < ROOTS
        assert abs(found.bures_distances[k] - qutip.bures_dist(*states)) < ROOTS
        assert abs(found.bures_angles[k] - qutip.bures_angle(*states)) < ROOTS
        if kind == other == "full rank":
            assert abs(found.fidelities[k] - toqito_metrics.fidelity(first, second) ** 2) < 1e-12


def test_the_trace_distance_is_right_where_toqito_1_1_is_not() -> None:
    """It takes the trace norm of the entries' magnitudes: another number, without a meaning."""
    up, down = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
    plus, minus = np.full((2, 2), 0.5), np.array([[0.5, -0.5], [-0.5, 0.5]])
    first = StateBatch((2,), np.array([up, plus, plus], dtype=np.complex128))
    second = StateBatch((2,), np.array([down, minus, up], dtype=np.complex128))
    found = compare(first, second, Tolerances()).trace_distances
    # Orthogonal, orthogonal, and pure with an overlap of 1/2.
    np.testing.assert_allclose(found, [1, 1, math.sqrt(0.5)], atol=1e-15)
    peers = [
        toqito_metrics.trace_distance(*pair)
        for pair in zip(first.matrices, second.matrices, strict=True)
    ]
    assert abs(peers[2] - math.sqrt(0.5)) > 0.2, "toqito is right now: compare with it above"
