"""Lindblad evolution at 101 times, generator build included, both sides at error <= 1e-8."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import numpy as np
import qutip
from lucid.coherence.v1 import coherence_service_pb2 as service_pb2
from lucid.coherence.v1 import state_pb2
from lucid_coherence.answers.systems import system_from
from lucid_coherence.open_systems.propagate import evolve
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.physicality import Tolerances, require_physical
from network import Complex, Network, message, network, qutip_system, reference
from timing import Service, compare, once

Line = dict[str, Any]
Setting = dict[str, Any]
TIMES = np.linspace(0.0, 10.0, 101)
ERROR_MAX = 1e-8
QUBITS = range(1, 7)
DIAG_QUBITS_MAX = 4
"""`diag` is dense in d² x d²: at five qubits one run takes longer than all others together."""
TOLERANCES = (1e-9, 1e-10, 1e-11, 1e-12)
METHODS = ("adams", "bdf", "lsoda", "dop853", "vern7", "vern9", "tsit5")
FORMATS = ("csr", "dense", "dia")


def keep_going() -> bool:
    """Nobody cancels a measurement."""
    return True


def product_state(qubits: int) -> Complex:
    """Return |+><+| on every qubit, (1, d, d)."""
    d = 2**qubits
    return np.full((1, d, d), 1 / d, dtype=np.complex128)


def request(system: Network, states: Complex, times: np.ndarray) -> service_pb2.EvolveStatesRequest:
    """Return the question as the service takes it."""
    dims = [2] * system.qubits
    batch = state_pb2.StateBatch(count=len(states), dims=dims, data=states.tobytes())
    # All times in one message, as far as a message allows: this client waits for the last one.
    return service_pb2.EvolveStatesRequest(
        states=batch, system=message(system), times_s=times, chunk_times=len(times)
    )


def collect(answers: Any, shape: tuple[int, ...]) -> Complex:
    """Return all evolved states of a stream as one array."""
    data = b"".join(answer.states.data for answer in answers)
    return np.frombuffer(data, dtype=np.complex128).reshape(shape)


def in_process(system: Network, states: Complex, times: np.ndarray) -> Complex:
    """Return (times · count, d, d) by the domain itself, checks included, no message on the way."""
    batch = StateBatch((2,) * system.qubits, states)
    require_physical(batch, Tolerances(), field="states")
    chunks = evolve(batch, system_from(message(system)), times, len(times), keep_going)
    return joined([chunk.batch.matrices for chunk in chunks])


def joined(parts: list[Complex]) -> Complex:
    """Return all parts as one array; a single one is not copied, as by no peer either."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def qutip_solution(system: Network, state: Complex, setting: Setting, times: np.ndarray) -> Any:
    """Return QuTiP's result, operators built in the call as on our side."""
    hamiltonian, jumps = qutip_system(system)
    options = {k: v for k, v in setting.items() if k != "format"}
    if "format" in setting:
        hamiltonian = hamiltonian.to(setting["format"])
        jumps = [jump.to(setting["format"]) for jump in jumps]
    start = qutip.Qobj(state, dims=hamiltonian.dims)
    return qutip.mesolve(hamiltonian, start, times, jumps, options=options)


def best_setting(
    system: Network, state: Complex, times: np.ndarray, exact: Complex
) -> tuple[Setting, list[dict[str, Any]]]:
    """Return QuTiP's fastest setting within the error, and all that were tried, one run each."""
    tried: list[dict[str, Any]] = []
    if system.qubits <= DIAG_QUBITS_MAX:
        _attempt(system, state, {"method": "diag"}, times, exact, tried)
    for method in METHODS:
        for tolerance in TOLERANCES:
            setting = {"method": method, "atol": tolerance, "rtol": tolerance, "nsteps": 100_000}
            if _attempt(system, state, setting, times, exact, tried):
                break
    fastest = min(_good(tried), key=lambda entry: float(entry["cpu_s"]))
    for kind in FORMATS if system.qubits <= DIAG_QUBITS_MAX else ("csr", "dia"):
        setting = {**fastest["setting"], "format": kind}
        _attempt(system, state, setting, times, exact, tried)
    return min(_good(tried), key=lambda entry: float(entry["cpu_s"]))["setting"], tried


def _good(tried: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in tried if entry["error"] is not None and entry["error"] <= ERROR_MAX]


def _attempt(
    system: Network,
    state: Complex,
    setting: Setting,
    times: np.ndarray,
    exact: Complex,
    tried: list[dict[str, Any]],
) -> bool:
    results: list[Any] = []

    def work() -> None:
        results.append(qutip_solution(system, state, setting, times))

    try:
        repeats = 3 if system.qubits <= DIAG_QUBITS_MAX else 1
        cpu_s = min(once(work).cpu_s for _ in range(repeats))
    except Exception as error:  # noqa: BLE001  # a setting that QuTiP cannot run is an outcome
        tried.append({"setting": setting, "error": None, "cpu_s": None, "refused": str(error)})
        return False
    evolved = np.stack([found.full() for found in results[-1].states])
    error = float(np.abs(evolved - exact).max())
    tried.append({"setting": setting, "error": error, "cpu_s": cpu_s})
    return error <= ERROR_MAX


def _line(server: Service, system: Network, runs: int) -> Line:
    state = product_state(system.qubits)
    shape = (len(TIMES), *state.shape[1:])
    exact = reference(system, state, TIMES)[:, 0]
    setting, tried = best_setting(system, state[0], TIMES, exact)

    def ask() -> Complex:
        return collect(server.stub.EvolveStates(request(system, state, TIMES), timeout=120), shape)

    def inside() -> Complex:
        return in_process(system, state, TIMES)

    def peer() -> Any:
        return qutip_solution(system, state[0], setting, TIMES)

    contestants: dict[str, Callable[[], Any]] = {"lucid": ask, "kernel": inside, "qutip": peer}
    times = compare(contestants, runs, {"lucid": server})
    evolved = np.stack([found.full() for found in peer().states])
    return {
        "kind": "evolution",
        "key": f"Lindblad, {system.qubits} qubits, {len(TIMES)} times",
        "qubits": system.qubits,
        "setting": setting,
        "tried": tried,
        "times": times,
        "errors": {
            "lucid": float(np.abs(ask() - exact).max()),
            "qutip": float(np.abs(evolved - exact).max()),
        },
        "error_max": ERROR_MAX,
    }


def lines(server: Service, *, runs: int, seed: int, small: bool) -> Iterator[Line]:
    """Measure one to six qubits; a size that is refused is a line too."""
    del seed  # the networks are fixed
    for qubits in QUBITS if not small else range(1, 4):
        system = network(qubits)
        try:
            many = runs if qubits > DIAG_QUBITS_MAX else 3 * runs
            yield _line(server, system, many)
        except grpc.RpcError as error:
            yield {
                "kind": "evolution",
                "key": f"Lindblad, {qubits} qubits",
                "refused": error.details(),
            }
