"""Certified horizons of twenty random systems, decided and checked here; and claims that must fail.

Ten systems of one qubit and ten of two, from written seeds: random Hamiltonians (Ginibre) and
jumps, some rates only known in an interval. Each is certified within 1 % of the numerical horizon.
The horizon is then compared with an evolution that shares nothing with the construction. Evidence
is accepted by the independent checker.
"""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from lucid_checker import check
from lucid_coherence.answers.certification import hybrid_message
from lucid_coherence.open_systems.certificates.exact_generator import (
    coordinates_of,
    exact_generator,
)
from lucid_coherence.open_systems.certificates.question import TubeQuestion
from lucid_coherence.open_systems.certificates.search import Found, search
from lucid_coherence.open_systems.certificates.tube_problem import TubeProblem
from lucid_coherence.open_systems.lindblad import Jump, Lindbladian
from lucid_validation.barrier.problem import canonical
from lucid_validation.convert import problem_json
from lucid_validation.local import decide
from scipy.linalg import expm

GAP_PERCENT = 1.0
BUDGET_S = 60.0
CASES = [
    *((1, seed, uncertain) for seed, uncertain in enumerate([0, 1, 2, 3, 0, 1, 2, 1, 0, 1])),
    *((2, seed, uncertain) for seed, uncertain in enumerate([0, 1, 2, 0, 1, 0, 0, 1, 0, 1])),
]
"""(qubits, seed, uncertain rates)."""


def random_system(qubits: int, seed: int, uncertain: int) -> tuple[Lindbladian, Any]:
    rng = np.random.default_rng([20, qubits, seed])
    d = 2**qubits

    def ginibre() -> Any:
        return rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))

    hamiltonian = ginibre()
    jumps = []
    for index in range(3):
        operator = ginibre()
        operator *= np.sqrt(d) / np.linalg.norm(operator)
        rate = rng.uniform(0.02, 0.1)
        jumps.append(Jump(operator, rate * (0.9 if index < uncertain else 1.0), rate))
    vector = np.exp(1j * rng.uniform(0, 6, d)) / np.sqrt(d)
    start = 0.95 * np.outer(vector, vector.conj()) + 0.05 * np.eye(d) / d
    return Lindbladian((2,) * qubits, (hamiltonian + hamiltonian.conj().T) / 2, tuple(jumps)), start


def superoperator(system: Lindbladian, shares: list[float]) -> Any:
    """The generator on matrices flattened row by row, at rates low + share (high − low)."""
    identity = np.eye(system.dimension)
    h = system.hamiltonian
    total = -1j * (np.kron(h, identity) - np.kron(identity, h.T))
    for jump, share in zip(system.jumps, shares, strict=True):
        rate = jump.rate_low + share * (jump.rate_high - jump.rate_low)
        weight = jump.operator.conj().T @ jump.operator
        total = total + rate * np.kron(jump.operator, jump.operator.conj())
        total = total - rate / 2 * (np.kron(weight, identity) + np.kron(identity, weight.T))
    return total


def least_coherence(system: Lindbladian, start: Any, until: float) -> float:
    """The least C_l1 on [0, until] at 200 times, for corners and some points of the rates."""
    rng = np.random.default_rng(7)
    corners = [[0.0] * 3, [1.0] * 3, [0.0, 1.0, 0.0], [1.0, 0.0, 1.0], *rng.uniform(0, 1, (4, 3))]
    least = np.inf
    for shares in corners:
        step = expm(superoperator(system, list(shares)) * until / 200)
        state = start.reshape(-1)
        for _ in range(200):
            state = step @ state
            matrix = state.reshape(start.shape)
            away = np.abs(matrix).sum() - np.abs(np.diag(matrix)).sum()
            least = min(least, float(away))
    return least


def first_found(qubits: int, seed: int, uncertain: int, theta: Fraction) -> Found | None:
    system, start = random_system(qubits, seed, uncertain)
    question = TubeQuestion(
        exact_generator(system), coordinates_of(start, qubits), Fraction(0), theta
    )
    events = search(question, None, GAP_PERCENT, lambda: True)
    return next((event for event in events if isinstance(event, Found)), None)


def json_of(problem: TubeProblem) -> dict[str, Any]:
    return problem_json(hybrid_message(problem))


@pytest.mark.parametrize(("qubits", "seed", "uncertain"), CASES)
def test_a_random_system_is_certified_within_its_gap(
    qubits: int, seed: int, uncertain: int
) -> None:
    theta = Fraction(qubits, 2)
    found = first_found(qubits, seed, uncertain, theta)
    assert found is not None
    assert not found.wide
    assert 0 < found.gap_percent <= GAP_PERCENT
    problem = json_of(found.problem)
    answer = decide(problem, BUDGET_S)
    assert answer["verdict"] == "PROVED", answer["obligations"]
    assert answer["implies_safety"]
    stated = json.dumps(canonical(problem))
    report = check(stated, json.dumps(answer["evidence"]))
    assert report.accepted, report.reasons
    assert report.implies_safety
    system, start = random_system(qubits, seed, uncertain)
    # The evolution in floats is good to 1e-12.
    least = least_coherence(system, start, float(found.tube.horizon_s))
    assert least >= float(theta) - 1e-10
    print(
        f"\n| {qubits} | {seed} | {uncertain} | {float(found.tube.horizon_s):.6g} | "
        f"{found.gap_percent:.3f} | {found.tube.degree} | {len(found.tube.parts)} | "
        f"{sum(map(len, found.tube.pieces))} | {answer['seconds']:.2f} | {answer['verdict']} |"
    )


def tampered(problem: TubeProblem, how: str) -> TubeProblem:
    tube, clock = problem.modes
    match how:
        case "a stronger disturbance":
            changed = {name: text.replace("(1/4)*", "(4)*") for name, text in tube.dynamics.items()}
            tube = replace(tube, dynamics=changed)
        case "a start outside of the tube":
            head = tube.initial[0].split(" <= ")[0]
            tube = replace(tube, initial=(f"{head} <= 2",))
        case "a witness that reaches into the tube":
            line = tube.unsafe[0][0].split(" <= ")[0]
            tube = replace(tube, unsafe=((f"{line} <= 0",), *tube.unsafe[1:]))
        case "a threshold above the coherence":
            raised = tuple(
                (case[0].replace(" <= ", " <= 1 + "), *case[1:]) for case in clock.unsafe
            )
            clock = replace(clock, unsafe=raised)
        case "a jump that widens the error":
            return replace(problem, reset=problem.reset | {"e1": "2*e1"})
        case "a wider domain":
            tube = replace(tube, domain=(tube.domain[0].replace("<= 1 +", "<= 100 +"),))
    return replace(problem, modes=(tube, clock))


@pytest.mark.parametrize(
    "how",
    [
        "a stronger disturbance",
        "a start outside of the tube",
        "a witness that reaches into the tube",
        "a threshold above the coherence",
        "a jump that widens the error",
        "a wider domain",
    ],
)
@pytest.mark.parametrize("qubits", [1, 2])
def test_a_tube_with_one_thing_wrong_is_not_proved(qubits: int, how: str) -> None:
    found = first_found(qubits, 0, 0, Fraction(qubits, 2))
    assert found is not None
    wrong = tampered(found.problem, how)
    assert wrong != found.problem
    answer = decide(json_of(wrong), 4.0)
    assert answer["verdict"] in ("REFUTED", "UNDECIDED")
    assert not answer["implies_safety"]
