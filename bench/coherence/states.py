"""Batches of states measured over gRPC, beside loops over the peers, and the kernel's bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import peers
from families import HARD_FAMILIES, TARGET_FAMILIES, THIN_FAMILIES, States, random_states
from lucid.coherence.v1 import coherence_service_pb2 as service_pb2
from lucid_coherence.states.analysis import Measure, analyze
from lucid_coherence.states.batch import StateBatch
from lucid_coherence.states.physicality import Tolerances
from timing import Service, compare

Line = dict[str, Any]
THREE = (Measure.C_L1, Measure.RELATIVE_ENTROPY_OF_COHERENCE, Measure.NEGATIVITY)
FOUR = (*THREE, Measure.CONCURRENCE)
MESSAGE_STATE_BYTES = 4_000_000
WARM = 200
AGREEMENT = 1e-10
"""Ours and every peer on full-rank states: all are well conditioned there."""


def over_grpc(
    server: Service, states: States, dims: tuple[int, ...], measures: tuple[Measure, ...]
) -> np.ndarray:
    """Return (count, measures); as few messages as the 4 MB of one batch allow."""
    per_message = MESSAGE_STATE_BYTES // states[0].nbytes
    messages = -(-len(states) // per_message)
    columns = [
        _one_message(server, part, dims, measures) for part in np.array_split(states, messages)
    ]
    return np.concatenate(columns, axis=0)


def _one_message(
    server: Service, states: States, dims: tuple[int, ...], measures: tuple[Measure, ...]
) -> np.ndarray:
    request = service_pb2.AnalyzeStatesRequest(
        measures=[f"MEASURE_{measure.name}" for measure in measures]
    )
    # Filled in place: a message that is handed to another's constructor is copied, states and all.
    batch = request.states
    batch.count, batch.data = len(states), states.tobytes()
    batch.dims.extend(dims)
    answer = server.stub.AnalyzeStates(request, timeout=60)
    return np.array([result.values for result in answer.results]).T


def _lapack_bound(states: States, *, concurrence: bool) -> Callable[[], Any]:
    """Return the factorisations that no method for these measures does without, batched."""
    half = round(states.shape[-1] ** 0.5)
    shape = (-1, half, half, half, half)
    transposed = np.ascontiguousarray(
        states.reshape(shape).transpose(0, 3, 2, 1, 4).reshape(states.shape)
    )
    overlap = states.copy()

    def work() -> None:
        if concurrence:
            np.linalg.eigh(states)
            np.linalg.svd(overlap, compute_uv=False)
        else:
            np.linalg.eigvalsh(states)
        np.linalg.eigvalsh(transposed)

    return work


def _batch_line(
    server: Service, count: int, dims: tuple[int, ...], runs: int, rng: np.random.Generator
) -> Line:
    concurrence = dims == (2, 2)
    measures = FOUR if concurrence else THREE
    states = random_states(count, int(np.prod(dims)), rng)
    batch, tolerances = StateBatch(dims, states), Tolerances()
    found: dict[str, np.ndarray] = {}

    def keep(name: str, work: Callable[[], np.ndarray]) -> Callable[[], None]:
        def kept() -> None:
            found[name] = work()

        return kept

    contestants: dict[str, Callable[[], Any]] = {
        "lucid": keep("lucid", lambda: over_grpc(server, states, dims, measures)),
        "kernel": lambda: analyze(batch, measures, tolerances),
        "lapack": _lapack_bound(states, concurrence=concurrence),
    }
    warm: dict[str, Callable[[], Any]] = {}
    for name, measure in peers.MEASURES.items():
        contestants[name] = keep(
            name, lambda measure=measure: measure(states, concurrence=concurrence)
        )
        warm[name] = lambda measure=measure: measure(states[:WARM], concurrence=concurrence)
    times = compare(contestants, runs, {"lucid": server}, warm)
    return {
        "kind": "states",
        "key": f"{count} {'states' if count > 1 else 'state'} of {len(dims)} qubits",
        "count": count,
        "qubits": len(dims),
        "measures": [measure.name for measure in measures],
        "messages": -(-states.nbytes // MESSAGE_STATE_BYTES),
        "times": times,
        "largest_difference": {
            name: float(np.abs(found[name] - found["lucid"]).max()) for name in peers.MEASURES
        },
        "agreement": AGREEMENT,
    }


def _accuracy_line(name: str, family: Any, count: int, rng: np.random.Generator) -> Line:
    states, exact = family(count, rng)
    (_, ours), *_ = analyze(
        StateBatch((2, 2), states), [Measure.CONCURRENCE], Tolerances()
    ).measured
    errors = {"lucid": float(np.abs(ours.values - exact).max())}
    for peer, measure in peers.CONCURRENCE.items():
        errors[peer] = float(np.abs(measure(states) - exact).max())
    return {
        "kind": "accuracy",
        "key": name,
        "count": count,
        "errors": errors,
        "is_target": name in TARGET_FAMILIES,
        "is_hard_band": name in HARD_FAMILIES,
        "beyond_own_uncertainty": int((np.abs(ours.values - exact) > ours.uncertainties).sum()),
        "own_uncertainty": float(ours.uncertainties.max()),
    }


def lines(server: Service, *, runs: int, seed: int, small: bool) -> Iterator[Line]:
    """Measure the batches, and the accuracy of the concurrence."""
    rng = np.random.default_rng(seed)
    share = 20 if small else 1
    yield _batch_line(server, 10_000 // share, (2, 2), runs, rng)
    yield _batch_line(server, 1_000 // share, (2, 2, 2, 2), runs, rng)
    yield _batch_line(server, 1, (2, 2), 5 * runs, rng)
    for name, family in (TARGET_FAMILIES | THIN_FAMILIES).items():
        yield _accuracy_line(name, family, 2_000 // share, rng)
