"""Where libraries disagree at lost rank, arithmetic with 50 digits says who is right.

A state of rank r is drawn as r vectors with weights, which are floats and therefore exact. The
referee works on these with 50 digits, by formulas that need no root of a small number; the
service and the peers get the matrix of the state, rounded to double precision.
"""

from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from lucid_coherence.states.analysis import Measure
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.comparison import compare
from lucid_coherence.states.physicality import Tolerances
from quantum.drawn import SEED, gaussian, measured
from quantum.libraries import qiskit, qutip, toqito, toqito_metrics

DIGITS = 50
OURS = 5e-14
"""The service's largest error, some hundred units of rounding."""
COUNT = 25
Vectors = list[list[mpmath.mpc]]


class Ensemble:
    """Weighted vectors, exact: rank many columns of length d; the state is their sum / trace.

    `scales` shrinks columns, and with them eigenvalues by their squares.
    """

    def __init__(
        self, dimension: int, rank: int, rng: np.random.Generator, scales: np.ndarray | None = None
    ) -> None:
        numbers = gaussian(rng, dimension, rank) * (np.ones(rank) if scales is None else scales)
        exact = mpmath.matrix(dimension, rank)
        for i in range(dimension):
            for k in range(rank):
                exact[i, k] = mpmath.mpc(numbers[i, k].real, numbers[i, k].imag)
        self.root = exact / mpmath.sqrt(mpmath.norm(exact, 2) ** 2)
        state = self.root * self.root.H
        self.matrix = np.array(
            [[complex(state[i, j]) for j in range(dimension)] for i in range(dimension)]
        )
        self.state = state


@pytest.fixture(scope="module", autouse=True)
def _fifty_digits() -> object:
    with mpmath.workdps(DIGITS):
        yield


def ensembles(dimension: int, rank: int, salt: int = 0) -> list[Ensemble]:
    rng = np.random.default_rng([SEED, dimension, rank, salt])
    return [Ensemble(dimension, rank, rng) for _ in range(COUNT)]


def singular_values(matrix: mpmath.matrix) -> list[mpmath.mpf]:
    found = mpmath.svd_c(matrix, compute_uv=False)
    return sorted(found, reverse=True)


def concurrence(ensemble: Ensemble) -> mpmath.mpf:
    """Singular values of the r x r matrix of spin-flip overlaps [Wootters1998]."""
    flip = mpmath.zeros(4)
    for i, sign in enumerate((-1, 1, 1, -1)):
        flip[i, 3 - i] = sign
    values = singular_values(ensemble.root.T * flip * ensemble.root)
    return max(mpmath.mpf(0), 2 * values[0] - mpmath.fsum(values))


def entropy(ensemble: Ensemble) -> mpmath.mpf:
    """From the r x r matrix of overlaps, which has the same eigenvalues and no zeros."""
    weights = mpmath.eighe(ensemble.root.H * ensemble.root, eigvals_only=True)
    return -mpmath.fsum(w * mpmath.log(w, 2) for w in weights)


def negativity(ensemble: Ensemble) -> mpmath.mpf:
    swapped = mpmath.matrix(4, 4)
    for i in range(4):
        for j in range(4):
            swapped[(i & 1) | (j & 2), (j & 1) | (i & 2)] = ensemble.state[i, j]
    weights = mpmath.eighe(swapped, eigvals_only=True)
    return -mpmath.fsum(w for w in weights if w < 0)


def worst(values: list[float] | np.ndarray, exact: list[mpmath.mpf]) -> float:
    return max(abs(float(mpmath.mpf(float(v)) - e)) for v, e in zip(values, exact, strict=True))


def as_batch(found: list[Ensemble], dims: tuple[int, ...]) -> StateBatch:
    return StateBatch(dims, np.array([one.matrix for one in found]))


CONCURRENCE_PEERS: dict[str, Callable[[np.ndarray], float]] = {
    "qutip": lambda m: qutip.concurrence(qutip.Qobj(m, dims=[[2, 2]] * 2)),
    "toqito": toqito.concurrence,
    "qiskit": lambda m: qiskit.concurrence(qiskit.DensityMatrix(m)),
}


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_the_concurrence_is_right_to_rounding_and_peers_are_not_at_lost_rank(rank: int) -> None:
    found = ensembles(4, rank)
    exact = [concurrence(one) for one in found]
    ours = measured(as_batch(found, (2, 2)), Measure.CONCURRENCE)
    error = worst(ours.values, exact)
    assert error < OURS
    for peer in CONCURRENCE_PEERS.values():
        theirs = worst([peer(one.matrix) for one in found], exact)
        # 1e-9 would be met by rounding of 1e-18 under a root; below it the peer lost nothing.
        assert theirs > 1e-9 if rank < 4 else theirs < 1e-12
        assert theirs > error or rank == 4


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_formation_follows_the_concurrence_of_the_referee(rank: int) -> None:
    found = ensembles(4, rank)
    ours = measured(as_batch(found, (2, 2)), Measure.ENTANGLEMENT_OF_FORMATION)
    exact = []
    for one in found:
        x = (1 + mpmath.sqrt(1 - concurrence(one) ** 2)) / 2
        exact.append(-mpmath.fsum(w * mpmath.log(w, 2) for w in (x, 1 - x) if w > 0))
    assert worst(ours.values, exact) < OURS


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_entropies_and_negativities_are_right_to_rounding(rank: int) -> None:
    found = ensembles(4, rank)
    batch = as_batch(found, (2, 2))
    entropies = measured(batch, Measure.VON_NEUMANN_ENTROPY)
    assert worst(entropies.values, [entropy(one) for one in found]) < OURS
    negativities = measured(batch, Measure.NEGATIVITY)
    assert worst(negativities.values, [negativity(one) for one in found]) < OURS


@pytest.mark.parametrize("smallest", [1e-3, 1e-4, 1e-5])
def test_small_eigenvalues_that_are_real_are_not_taken_for_noise(smallest: float) -> None:
    """Eigenvalues down to smallest² count: dropping one moves a concurrence by its root."""
    rng = np.random.default_rng([SEED, 4])
    scales = np.array([1.0, 0.5, smallest, smallest])
    found = [Ensemble(4, 4, rng, scales) for _ in range(COUNT)]
    exact = [concurrence(one) for one in found]
    ours = measured(as_batch(found, (2, 2)), Measure.CONCURRENCE)
    error = worst(ours.values, exact)
    # Rounding of 1e-16 in an eigenvalue λ moves its root by 1e-16/√λ.
    assert error < 1e-14 / smallest
    assert error < 1e-2 * smallest
    own = [abs(float(e) - v) for e, v in zip(exact, ours.values, strict=True)]
    assert (np.array(own) <= ours.uncertainties).all()


@pytest.mark.parametrize(("dimension", "ranks"), [(2, (1, 1)), (4, (2, 1)), (6, (3, 2))])
def test_fidelities_of_lost_rank_are_right_and_two_peers_are_not(
    dimension: int, ranks: tuple[int, int]
) -> None:
    left, right = ensembles(dimension, ranks[0], 1), ensembles(dimension, ranks[1], 2)
    exact = [
        mpmath.fsum(singular_values(one.root.H * other.root)) ** 2
        for one, other in zip(left, right, strict=True)
    ]
    dims = (dimension,)
    found = compare(as_batch(left, dims), as_batch(right, dims), Tolerances())
    error = worst(found.fidelities, exact)
    assert error < OURS
    bures = [mpmath.sqrt(2 - 2 * mpmath.sqrt(f)) for f in exact]
    assert worst(found.bures_distances, bures) < 10 * OURS
    pairs = [(one.matrix, other.matrix) for one, other in zip(left, right, strict=True)]
    peers = {
        "qutip": [qutip.fidelity(qutip.Qobj(a), qutip.Qobj(b)) ** 2 for a, b in pairs],
        "toqito": [float(toqito_metrics.fidelity(a, b)) ** 2 for a, b in pairs],
    }
    for name, values in peers.items():
        assert worst(values, exact) > max(error, 1e-10), name


@pytest.mark.parametrize(("dimension", "rank"), [(2, 1), (4, 2), (8, 3)])
def test_the_fidelity_of_a_state_with_itself_is_one(dimension: int, rank: int) -> None:
    batch = as_batch(ensembles(dimension, rank, 3), (dimension,))
    found = compare(batch, batch, Tolerances())
    assert np.abs(found.fidelities - 1).max() < OURS
    assert found.bures_distances.max() < 1e-7
