"""Robustness of coherence as an interval, beside a semidefinite program that is built once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from families import States, random_states
from lucid.coherence.v1 import coherence_service_pb2 as service_pb2
from lucid.coherence.v1 import state_pb2
from lucid_coherence.states.analysis import Measure, analyze
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.physicality import Tolerances
from timing import Service, compare

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import cvxpy as cp

Line = dict[str, Any]
GAP = 1e-9
MEASURES = (Measure.ROBUSTNESS_OF_COHERENCE,)


COUNTS = {4: 200, 8: 100, 16: 30}
"""States of each dimension: the program takes 50 times as long at 16 as at 4."""


class Program:
    """min Σ x − 1 with diag(x) − ρ >= 0: the robustness of coherence [Napoli2016].

    Compiled once: ρ is a parameter, written as a real matrix of twice the size, so that only
    numbers change from state to state. Clarabel keeps its own tolerances, a gap of 1e-8, which is
    wider than that of the intervals: even so it ends some as inaccurate.
    """

    def __init__(self, dimension: int) -> None:
        self._rho = cp.Parameter((2 * dimension, 2 * dimension), symmetric=True)
        x = cp.Variable(dimension)
        twice = cp.hstack([x, x])
        self.inaccurate = 0
        self._problem = cp.Problem(cp.Minimize(cp.sum(x)), [cp.diag(twice) - self._rho >> 0])
        self.solve(np.eye(dimension, dtype=np.complex128)[None] / dimension)

    def solve(self, states: States) -> np.ndarray:
        """Return the value for every state; counts those that Clarabel calls inaccurate."""
        found = []
        self.inaccurate = 0
        for matrix in states:
            real, imaginary = matrix.real, matrix.imag
            self._rho.value = np.block([[real, -imaginary], [imaginary, real]])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # counted below instead
                self._problem.solve(solver=cp.CLARABEL, enforce_dpp=True, warm_start=True)
            self.inaccurate += self._problem.status != cp.OPTIMAL
            found.append(self._problem.value - 1)
        return np.array(found)


def _over_grpc(server: Service, states: States) -> tuple[np.ndarray, np.ndarray]:
    batch = state_pb2.StateBatch(count=len(states), dims=[states.shape[-1]], data=states.tobytes())
    request = service_pb2.AnalyzeStatesRequest(
        states=batch, measures=["MEASURE_ROBUSTNESS_OF_COHERENCE"]
    )
    (result,) = server.stub.AnalyzeStates(request, timeout=60).results
    return np.array(result.low), np.array(result.high)


def lines(server: Service, *, runs: int, seed: int, small: bool) -> Iterator[Line]:
    """Measure d = 4, 8 and 16, one state at a time and as a batch."""
    rng = np.random.default_rng(seed)
    for dimension in (4, 8, 16):
        states = random_states(COUNTS[dimension] // (10 if small else 1), dimension, rng)
        batch = StateBatch((dimension,), states)
        program = Program(dimension)
        low, high = _over_grpc(server, states)
        exact = program.solve(states)
        contestants: dict[str, Callable[[], Any]] = {
            "lucid": lambda states=states: _over_grpc(server, states),
            "kernel": lambda batch=batch: analyze(batch, MEASURES, Tolerances()),
            "lucid-one-by-one": lambda states=states: [
                _over_grpc(server, one[None]) for one in states
            ],
            "cvxpy": lambda program=program, states=states: program.solve(states),
        }
        served = {"lucid": server, "lucid-one-by-one": server}
        yield {
            "kind": "robustness",
            "key": f"robustness of coherence, d = {dimension}",
            "dimension": dimension,
            "count": len(states),
            "times": compare(contestants, runs, served),
            "largest_gap": float((high - low).max()),
            "wanted_gap": GAP,
            "inaccurate_by_peer": program.inaccurate,
            "largest_distance_of_peer": float(
                np.maximum(np.maximum(low - exact, exact - high), 0).max()
            ),
        }
