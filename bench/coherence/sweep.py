"""One thousand rates, and one thousand states, of small networks at 11 times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import grpc
import numpy as np
import qutip
import scipy.linalg
from evolution import (
    ERROR_MAX,
    best_setting,
    collect,
    in_process,
    joined,
    keep_going,
    product_state,
    qutip_solution,
    request,
)
from families import random_states
from lucid.coherence.v1 import coherence_service_pb2 as service_pb2
from lucid.coherence.v1 import state_pb2
from lucid_coherence.answers.systems import system_from
from lucid_coherence.open_systems.sweep import Points, sweep
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.physicality import Tolerances, require_physical
from network import Complex, Network, message, network, qutip_parts, qutip_system, reference
from timing import Service, compare, once

Line = dict[str, Any]
TIMES = np.linspace(0.0, 10.0, 11)
QUBITS = (1, 2, 3)
LOOP = 10
"""Solutions by a loop over mesolve that are timed; the rest is extrapolated."""


def _rates_over_grpc(server: Service, system: Network, rates: np.ndarray) -> Complex:
    state = product_state(system.qubits)
    question = service_pb2.SweepEvolutionRequest(
        states=state_pb2.StateBatch(count=1, dims=[2] * system.qubits, data=state.tobytes()),
        system=message(system),
        times_s=TIMES,
        points=len(rates),
        rates_per_s=np.ascontiguousarray(rates, dtype="<f8").tobytes(),
    )
    shape = (len(rates), len(TIMES), *state.shape[1:])
    return collect(server.stub.SweepEvolution(question, timeout=120), shape)


def _rates_by_propagators(system: Network, rates: np.ndarray) -> Complex:
    """Return the same with generators from QuTiP and batched numpy and scipy.

    The parts of the generator are built once; every point is a sum of them, one exponential of
    one step, and as many products as times. QuTiP stacks columns, so a state is transposed.
    """
    hamiltonian, jumps = qutip_parts(system)
    fixed = qutip.liouvillian(hamiltonian).full()
    parts = np.stack([qutip.lindblad_dissipator(jump).full() for jump in jumps])
    step = TIMES[1] - TIMES[0]
    flat = parts.reshape(len(parts), -1)
    generators = fixed + (rates @ flat).reshape(len(rates), *fixed.shape)
    steps = scipy.linalg.expm(generators * step)
    d = 2**system.qubits
    column = product_state(system.qubits)[0].T.reshape(-1, 1)
    current = np.broadcast_to(column, (len(rates), d * d, 1))
    found = [current]
    for _ in TIMES[1:]:
        current = steps @ current
        found.append(current)
    return np.stack(found, axis=1).reshape(len(rates), len(TIMES), d, d).swapaxes(-1, -2)


def _states_by_propagators(system: Network, states: Complex) -> Complex:
    """Return (times, count, d, d): one propagator from QuTiP, applied to all states by numpy."""
    hamiltonian, jumps = qutip_system(system)
    step = (qutip.liouvillian(hamiltonian, jumps) * (TIMES[1] - TIMES[0])).expm().full()
    d = states.shape[-1]
    current = states.swapaxes(-1, -2).reshape(len(states), -1).T
    found = [current]
    for _ in TIMES[1:]:
        current = step @ current
        found.append(current)
    stacked = np.stack(found).transpose(0, 2, 1)
    return stacked.reshape(len(TIMES), len(states), d, d).swapaxes(-1, -2)


def _rates_in_process(system: Network, rates: np.ndarray) -> Complex:
    """Return the same by the domain itself, checks included."""
    state = product_state(system.qubits)
    batch = StateBatch((2,) * system.qubits, state)
    require_physical(batch, Tolerances(), field="states")
    points = Points(len(rates), rates, None)
    chunks = sweep(batch, system_from(message(system)), [], points, TIMES.tolist(), keep_going)
    found = joined([chunk.batch.matrices for chunk in chunks])
    return found.reshape(len(rates), len(TIMES), *state.shape[1:])


def _states_by_qutip(system: Network, states: Complex, setting: dict[str, Any]) -> Complex:
    """Return (times, count, d, d): QuTiP's `propagator` at all times, applied by numpy."""
    hamiltonian, jumps = qutip_system(system)
    options = {name: value for name, value in setting.items() if name != "format"}
    maps = qutip.propagator(hamiltonian, TIMES, jumps, options=options)
    d = states.shape[-1]
    columns = states.swapaxes(-1, -2).reshape(len(states), -1).T
    stacked = (np.stack([one.full() for one in maps]) @ columns).transpose(0, 2, 1)
    return stacked.reshape(len(TIMES), len(states), d, d).swapaxes(-1, -2)


def _point(system: Network, rates: np.ndarray) -> Network:
    return replace(system, rates=rates)


def _loop_seconds(work: Callable[[int], Any], count: int, runs: int) -> float:
    """Return CPU seconds of `count` calls, extrapolated from the best of some loops."""

    def loop() -> None:
        for index in range(LOOP):
            work(index)

    return min(once(loop).cpu_s for _ in range(runs)) * count / LOOP


def _rates_line(server: Service, system: Network, count: int, runs: int, seed: int) -> Line:
    rng = np.random.default_rng(seed)
    rates = system.rates * rng.uniform(0.2, 2.0, (count, len(system.rates)))
    state = product_state(system.qubits)
    sample = range(0, count, max(1, count // 20))
    exact = np.stack([reference(_point(system, rates[k]), state, TIMES)[:, 0] for k in sample])
    setting, _ = best_setting(system, state[0], TIMES, reference(system, state, TIMES)[:, 0])
    errors = {
        "lucid": _largest(_rates_over_grpc(server, system, rates)[list(sample)], exact),
        "qutip+numpy": _largest(_rates_by_propagators(system, rates)[list(sample)], exact),
    }
    contestants: dict[str, Callable[[], Any]] = {
        "lucid": lambda: _rates_over_grpc(server, system, rates),
        "kernel": lambda: _rates_in_process(system, rates),
        "qutip+numpy": lambda: _rates_by_propagators(system, rates),
    }
    times = compare(contestants, runs, {"lucid": server})
    loop = _loop_seconds(
        lambda k: qutip_solution(_point(system, rates[k]), state[0], setting, TIMES), count, runs
    )
    return _line("rates", system, count, times, loop, setting, errors)


def _states_line(server: Service, system: Network, count: int, runs: int, seed: int) -> Line:
    states = random_states(count, 2**system.qubits, np.random.default_rng(seed))
    exact = reference(system, states, TIMES)
    shape = (len(TIMES), *states.shape)
    setting, _ = best_setting(system, states[0], TIMES, exact[:, 0])

    def ask() -> Complex:
        return collect(server.stub.EvolveStates(request(system, states, TIMES), timeout=120), shape)

    errors = {
        "lucid": _largest(ask(), exact),
        "qutip+numpy": _largest(_states_by_propagators(system, states), exact),
        "qutip-propagator": _largest(_states_by_qutip(system, states, setting), exact),
    }
    contestants: dict[str, Callable[[], Any]] = {
        "lucid": ask,
        "kernel": lambda: in_process(system, states, TIMES),
        "qutip-propagator": lambda: _states_by_qutip(system, states, setting),
        "qutip+numpy": lambda: _states_by_propagators(system, states),
    }
    times = compare(contestants, runs, {"lucid": server})
    loop = _loop_seconds(lambda k: qutip_solution(system, states[k], setting, TIMES), count, runs)
    return _line("states", system, count, times, loop, setting, errors)


def _largest(found: Complex, exact: Complex) -> float:
    return float(np.abs(found - exact).max())


def _line(
    what: str,
    system: Network,
    count: int,
    times: dict[str, Any],
    loop_s: float,
    setting: dict[str, Any],
    errors: dict[str, float],
) -> Line:
    return {
        "kind": "sweep",
        "key": f"{count} {what}, {system.qubits} qubits, {len(TIMES)} times",
        "what": what,
        "qubits": system.qubits,
        "count": count,
        "times": times,
        "loop_cpu_s": loop_s,
        "loop_timed": LOOP,
        "loop_setting": setting,
        "errors": errors,
        "error_max": ERROR_MAX,
    }


def lines(server: Service, *, runs: int, seed: int, small: bool) -> Iterator[Line]:
    """Measure one to three qubits; a sweep that is refused is a line too."""
    count = 50 if small else 1_000
    for qubits in QUBITS:
        for what, measure in (("rates", _rates_line), ("states", _states_line)):
            try:
                yield measure(server, network(qubits), count, runs, seed)
            except grpc.RpcError as error:
                key = f"{count} {what}, {qubits} qubits"
                yield {"kind": "sweep", "key": key, "refused": error.details()}
