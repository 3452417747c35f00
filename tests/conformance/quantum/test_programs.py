"""Robustness and geometric coherence against semidefinite programs, solved by cvxpy and Clarabel.

The service has neither: its intervals come from its own feasible points. The programs below are
the definitions, not its formulation.
"""

import math

import numpy as np
import pytest
from lucid_coherence.states.analysis import Measure
from lucid_coherence.states.batch import ComplexArray, StateBatch
from quantum.drawn import KINDS, drawn, measured
from quantum.libraries import cvxpy as cp

SETTINGS = {"solver": cp.CLARABEL, "tol_gap_abs": 1e-7, "tol_gap_rel": 1e-7, "tol_feas": 1e-7}
"""Tighter, Clarabel ends some of these programs as inaccurate, which is not accepted."""
SOLVED = 2e-6
"""What that leaves, for values up to 15."""
WIDTH = 1e-9


def robustness(state: ComplexArray) -> float:
    """Least s with ρ <= (1 + s) δ for an incoherent state δ [Napoli2016]."""
    x = cp.Variable(len(state))
    problem = cp.Problem(cp.Minimize(cp.sum(x)), [cp.diag(x) - state >> 0])
    problem.solve(**SETTINGS)
    assert problem.status == cp.OPTIMAL
    return float(problem.value) - 1


def geometric(state: ComplexArray) -> float:
    """1 − max F(ρ, δ), √F = max Re Tr X with [[ρ, X], [X†, δ]] >= 0 [Streltsov2015]."""
    d = len(state)
    corner, weights = cp.Variable((d, d), complex=True), cp.Variable(d)
    block = cp.bmat([[state, corner], [corner.H, cp.diag(weights)]])
    # The trace of 1 is in the objective: √F scales as √Tr δ, and max √t c − t has its optimum c²/4.
    problem = cp.Problem(cp.Maximize(cp.real(cp.trace(corner)) - cp.sum(weights)), [block >> 0])
    problem.solve(**SETTINGS)
    assert problem.status == cp.OPTIMAL
    return 1 - 4 * float(problem.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dims", [(2,), (3,), (2, 2), (2, 3), (2, 2, 2), (2, 2, 2, 2)], ids=str)
def test_robustness_intervals_hold_the_optimum(dims: tuple[int, ...], kind: str) -> None:
    batch = drawn(dims, kind, 2)
    found = measured(batch, Measure.ROBUSTNESS_OF_COHERENCE)
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low).max() < WIDTH
    for k, matrix in enumerate(batch.matrices):
        optimum = robustness(matrix)
        assert found.low[k] - SOLVED < optimum < found.high[k] + SOLVED


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dims", [(2,), (3,), (2, 2)], ids=str)
def test_geometric_intervals_hold_the_optimum(dims: tuple[int, ...], kind: str) -> None:
    batch = drawn(dims, kind, 2)
    found = measured(batch, Measure.GEOMETRIC_COHERENCE)
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low).max() < WIDTH
    for k, matrix in enumerate(batch.matrices):
        assert found.low[k] - SOLVED < geometric(matrix) < found.high[k] + SOLVED


@pytest.mark.parametrize("dims", [(2,), (3,), (2, 2), (2, 2, 2), (2, 2, 2, 2)], ids=str)
def test_intervals_of_pure_states_hold_the_closed_forms(dims: tuple[int, ...]) -> None:
    """Robustness is C_l1 = (Σ|c|)² − 1 and the geometric coherence 1 − max |c|²."""
    d = math.prod(dims)
    rng = np.random.default_rng(d)
    vectors = rng.normal(size=(5, d)) + 1j * rng.normal(size=(5, d))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    batch = StateBatch(dims, vectors[:, :, None] * vectors.conj()[:, None, :])
    largest = np.abs(vectors).max(axis=1) ** 2
    for measure, exact in (
        (Measure.ROBUSTNESS_OF_COHERENCE, np.abs(vectors).sum(axis=1) ** 2 - 1),
        (Measure.GEOMETRIC_COHERENCE, 1 - largest),
    ):
        found = measured(batch, measure)
        assert found.low is not None
        assert found.high is not None
        # The closed form itself is a sum of 2d rounded terms.
        assert (found.low - 1e-13 <= exact).all()
        assert (exact <= found.high + 1e-13).all()
        assert (found.high - found.low).max() < WIDTH


def test_intervals_of_qubits_hold_the_closed_forms() -> None:
    """Robustness is 2|c| and the geometric coherence (1 − √(1 − 4|c|²))/2, c off the diagonal."""
    for kind in KINDS:
        batch = drawn((2,), kind, 4)
        c = np.abs(batch.matrices[:, 0, 1])
        for measure, exact in (
            (Measure.ROBUSTNESS_OF_COHERENCE, 2 * c),
            (Measure.GEOMETRIC_COHERENCE, (1 - np.sqrt(1 - 4 * c**2)) / 2),
        ):
            found = measured(batch, measure)
            np.testing.assert_allclose(found.values, exact, atol=1e-12)
