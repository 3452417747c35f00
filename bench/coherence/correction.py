"""Surface-code memory: sampled and decoded by the service, and by Stim and PyMatching directly.

All three contestants start from nothing but the numbers (distance, rounds, probability, seed),
build the circuit, the matching graph and the sampler, and take as many shots in blocks of the same
size. Stim and PyMatching do the work in all of them: the question is what is lost on top. The
blocks are those of the service; smaller and larger ones tell whether others suit the peers better.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pymatching
import stim
from lucid.coherence.v1 import coherence_service_pb2 as service_pb2
from lucid.coherence.v1 import correction_pb2
from lucid_coherence.correction.codes import surface
from lucid_coherence.correction.noise_models import Experiment, NoiseModel
from lucid_coherence.correction.problems import shot_source
from lucid_coherence.correction.sampling import StoppingRule, estimate
from timing import Service, compare

Line = dict[str, Any]
# About a second of work each on one core.
SHOTS = {
    (3, 0.001): 8 << 20,
    (3, 0.005): 3 << 20,
    (5, 0.001): 1 << 20,
    (5, 0.005): 3 << 17,
    (7, 0.001): 3 << 17,
    (7, 0.005): 1 << 17,
    (11, 0.001): 3 << 15,
    (11, 0.005): 1 << 15,
}


def _experiment(d: int, p: float) -> Experiment:
    return Experiment(surface(d), NoiseModel.CIRCUIT_LEVEL, p, d, "Z")


def raw(d: int, p: float, shots: int, block: int, seed: int) -> int:
    """Return the number of logical errors, by Stim and PyMatching alone."""
    circuit = stim.Circuit.generated(
        "surface_code:rotated_memory_z",
        distance=d,
        rounds=d,
        after_clifford_depolarization=p,
        before_round_data_depolarization=p,
        before_measure_flip_probability=p,
        after_reset_flip_probability=p,
    )
    model = circuit.detector_error_model(decompose_errors=True)
    matching = pymatching.Matching.from_detector_error_model(model)
    sampler = circuit.compile_detector_sampler(seed=seed)
    errors = 0
    for _ in range(shots // block):
        detectors, flips = sampler.sample(block, separate_observables=True, bit_packed=True)
        found = matching.decode_batch(detectors, bit_packed_shots=True, bit_packed_predictions=True)
        errors += int(np.count_nonzero(found != flips))
    return errors


def in_process(d: int, p: float, shots: int, seed: int) -> int:
    """Return the same number by the service's domain, without a server."""
    source = shot_source(_experiment(d, p), None)
    rule = StoppingRule(max_shots=shots)
    *_, last = estimate(source.blocks(seed), source.decoder, rule, time.monotonic)
    return last.errors


def over_grpc(server: Service, d: int, p: float, shots: int, seed: int) -> int:
    """Return the same number by the service, in a process of its own."""
    experiment = correction_pb2.CodeExperiment(
        code=f"surface_{d}", noise="CODE_NOISE_CIRCUIT_LEVEL", error_rate=p, rounds=d
    )
    request = service_pb2.EstimateLogicalErrorRateRequest(
        problem=correction_pb2.DecodingProblem(experiment=experiment),
        stop=correction_pb2.SamplingRule(max_shots=shots),
        seed=seed,
    )
    *_, last = server.stub.EstimateLogicalErrorRate(request, timeout=300)
    if last.shots != shots or last.decoder_failures:
        raise RuntimeError(f"{last.shots} shots, {last.decoder_failures} failures")
    return int(last.errors)


def lines(server: Service, *, runs: int, seed: int, small: bool) -> Iterator[Line]:
    """Measure d = 3, 5, 7 and 11 at p = 0.001 and 0.005, rounds = d."""
    for (d, p), full in SHOTS.items():
        block = shot_source(_experiment(d, p), None).block_shots
        shots = max(1, (full // 20 if small else full) // block) * block
        contestants: dict[str, Callable[[], int]] = {
            "lucid": lambda d=d, p=p, shots=shots: over_grpc(server, d, p, shots, seed),
            "kernel": lambda d=d, p=p, shots=shots: in_process(d, p, shots, seed),
            "stim+pymatching": lambda d=d, p=p, shots=shots, block=block: raw(
                d, p, shots, block, seed
            ),
        }
        # The same seed and the same blocks are the same shots: any difference is a wrong count.
        errors = {name: work() for name, work in contestants.items()}
        if len(set(errors.values())) != 1:
            raise RuntimeError(f"d = {d}, p = {p}: {errors}")
        for size in (block // 4, block * 4):
            if shots % size == 0:
                contestants[f"stim+pymatching, blocks of {size}"] = (
                    lambda d=d, p=p, shots=shots, size=size: raw(d, p, shots, size, seed)
                )
        yield {
            "kind": "correction",
            "key": f"surface code, d = {d}, p = {p}",
            "shots": shots,
            "block": block,
            "errors": errors["lucid"],
            "times": compare(contestants, runs, {"lucid": server}),
        }
