"""Bytes of requests in progress are counted and bounded, and light work is light."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from lucid.coherence.v1 import coherence_service_pb2 as service
from lucid.coherence.v1 import evolution_pb2, state_pb2
from lucid_coherence.answers.evolution import evolve_states
from lucid_coherence.answers.states import analyze_states, compare_states, project_states
from lucid_coherence.states.spectra import BATCH_MIN
from lucid_coherence.workload import (
    LIGHT_BYTES_MAX,
    LIGHT_LEVELS_MAX,
    LIGHT_TIMES_MAX,
    Workload,
    is_light,
)
from lucid_rpc.rejections import Overloaded

LIGHT_CPU_S = 0.005
SEARCHED = (state_pb2.MEASURE_ROBUSTNESS_OF_COHERENCE, state_pb2.MEASURE_GEOMETRIC_COHERENCE)
# Schmidt coefficients are left out: they exist for pure states only.
CLOSED_FORMS = [
    number
    for name, number in state_pb2.Measure.items()
    if number and number not in SEARCHED and name != "MEASURE_SCHMIDT_COEFFICIENTS"
]


def test_what_does_not_fit_is_told_to_wait_and_fits_later() -> None:
    workload = Workload(bytes_max=10)
    with workload.hold(6):
        with pytest.raises(Overloaded) as caught, workload.hold(5):
            pass
        assert (caught.value.limit, caught.value.kind) == (10, "bytes of requests")
        assert caught.value.retry_after_s > 0
        with workload.hold(4):
            assert workload.in_progress == 10
    assert workload.in_progress == 0


def test_a_failure_gives_its_bytes_back() -> None:
    workload = Workload(bytes_max=10)
    with pytest.raises(RuntimeError), workload.hold(10):
        raise RuntimeError
    assert workload.in_progress == 0


def batch(count: int, qubits: int) -> state_pb2.StateBatch:
    """Random states of full rank."""
    d = 2**qubits
    parts = np.random.default_rng(5).normal(size=(2, count, d, d))
    factors = parts[0] + 1j * parts[1]
    rho = factors @ factors.conj().transpose(0, 2, 1)
    rho /= np.trace(rho, axis1=1, axis2=2)[:, None, None]
    return state_pb2.StateBatch(count=count, dims=[2] * qubits, data=rho.tobytes())


def analysis(count: int, qubits: int, *measures: int) -> Any:
    return service.AnalyzeStatesRequest(
        states=batch(count, qubits), measures=measures, renyi_order=2.0
    )


def evolution(qubits: int, times: int) -> Any:
    """Strong dephasing under a weak drive, at times without any order, and the steady state."""
    jump = evolution_pb2.PauliJump(
        terms=[evolution_pb2.WeightedPauli(pauli="Z" * qubits, real=1.0)], rate_low_per_s=1000.0
    )
    drive = evolution_pb2.PauliTerm(pauli="X" * qubits, coefficient_rad_per_s=1.0)
    network = evolution_pb2.PauliLindbladian(qubits=qubits, hamiltonian=[drive], jumps=[jump])
    return service.EvolveStatesRequest(
        states=batch(1, qubits),
        system=evolution_pb2.OpenSystem(pauli_lindbladian=network),
        times_s=np.sort(np.random.default_rng(6).random(times)) * 10,
        include_steady_state=True,
    )


def light(request: Any) -> bool:
    return is_light(request, request.ByteSize())


def test_a_few_small_states_are_light_and_many_or_large_ones_are_not() -> None:
    assert light(analysis(1, 2, *CLOSED_FORMS))
    assert light(service.ProjectStatesRequest(states=batch(15, 2)))
    assert light(service.CompareStatesRequest(left=batch(7, 2), right=batch(7, 2)))
    assert not light(analysis(16, 2))
    assert not light(analysis(1, 4))
    assert not is_light(analysis(BATCH_MIN, 1), BATCH_MIN * 4 * 16)


@pytest.mark.parametrize("measure", SEARCHED)
def test_a_measure_that_is_searched_for_is_never_light(measure: int) -> None:
    assert not light(analysis(1, 1, state_pb2.MEASURE_C_L1, measure))


def test_an_evolution_is_light_with_few_levels_and_few_times() -> None:
    assert light(evolution(1, 2))
    assert light(evolution(2, LIGHT_TIMES_MAX))
    assert not light(evolution(3, 2))
    assert not light(evolution(2, LIGHT_TIMES_MAX + 1))


def test_other_requests_are_not_light_however_small() -> None:
    assert not light(service.SweepEvolutionRequest())
    assert not light(service.CertifyCoherenceRequest())


HEAVIEST: list[tuple[Callable[..., Any], Any]] = [
    (analyze_states, analysis(15, 2, *CLOSED_FORMS)),
    (project_states, service.ProjectStatesRequest(states=batch(15, 2))),
    (project_states, service.ProjectStatesRequest(states=batch(61, 1))),
    (compare_states, service.CompareStatesRequest(left=batch(1, 2), right=batch(14, 2))),
    (
        lambda request: list(evolve_states(request, lambda: True)),
        evolution(LIGHT_LEVELS_MAX.bit_length() - 1, LIGHT_TIMES_MAX),
    ),
]


@pytest.mark.parametrize(("answer", "request_"), HEAVIEST)
def test_the_heaviest_light_requests_take_less_than_a_turn_of_a_thread(
    answer: Callable[..., Any], request_: Any
) -> None:
    assert light(request_)
    assert request_.ByteSize() <= LIGHT_BYTES_MAX

    def used_s() -> float:
        start = time.thread_time()
        answer(request_)
        return time.thread_time() - start

    assert min(used_s() for _ in range(10)) < LIGHT_CPU_S
