"""Codes: enumerated facts as data; decoding and sampling against Stim and PyMatching."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pymatching
import pytest
import stim
from lucid_coherence.correction.codes import catalogue, find_code, surface
from lucid_coherence.correction.exact import PauliChannel, exact_error_rate, failures_by_weight
from lucid_coherence.correction.intervals import wilson
from lucid_coherence.correction.lookup import LookupDecoder
from lucid_coherence.correction.noise_models import Experiment, NoiseModel
from lucid_coherence.correction.problems import shot_source
from lucid_coherence.correction.sampling import StoppingRule, estimate

CASES = json.loads((Path(__file__).parent / "codes.json").read_text())["cases"]
SMALL = [case for case in CASES if "single_errors" in case]
SEED = 20261121


def _id(case: dict[str, Any]) -> str:
    return str(case["id"])


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_exact_rates_are_the_enumerated_ones(case: dict[str, Any]) -> None:
    code = find_code(case["code"], field="code")
    if "failures_by_weight" in case:
        assert list(failures_by_weight(code)) == case["failures_by_weight"]
    for entry in case.get("depolarizing", []):
        p = entry["p"]
        rate = exact_error_rate(code, PauliChannel(p / 3, p / 3, p / 3))
        assert rate == pytest.approx(entry["rate"], rel=10.0 ** (1 - entry["digits"]))
    for entry in case.get("bit_flip", []):
        rate = exact_error_rate(code, PauliChannel(entry["p"], 0, 0))
        assert rate == pytest.approx(entry["rate"], rel=10.0 ** (1 - entry["digits"]))


@pytest.mark.parametrize("name", catalogue())
def test_stabilisers_and_logical_operators_commute_as_in_stim(name: str) -> None:
    code = catalogue()[name]
    stabilisers = [stim.PauliString(text) for text in code.stabilisers]
    x, z = stim.PauliString(code.logical_x), stim.PauliString(code.logical_z)
    assert all(a.commutes(b) for a in stabilisers for b in (*stabilisers, x, z))
    assert not x.commutes(z)
    # Independent: a tableau exists exactly then, with one logical qubit left over.
    tableau = stim.Tableau.from_stabilizers(stabilisers, allow_underconstrained=True)
    assert len(tableau) == code.n
    assert len(stabilisers) == code.n - 1


@pytest.mark.parametrize("case", SMALL, ids=_id)
def test_every_single_error_is_undone_in_stims_algebra(case: dict[str, Any]) -> None:
    """The product of error and correction is a stabiliser: it commutes with what is kept."""
    code = find_code(case["code"], field="code")
    decoder = LookupDecoder(code)
    kept = [stim.PauliString(t) for t in (*code.stabilisers, code.logical_x, code.logical_z)]
    seen = 0
    for qubit, letter in product(range(code.n), "XYZ"):
        error = stim.PauliString(code.n)
        error[qubit] = letter
        syndrome = [not error.commutes(stabiliser) for stabiliser in kept[: code.n - 1]]
        packed = np.packbits(np.array([syndrome]), axis=1, bitorder="little")
        found, failed = decoder.correct(packed)
        bits = np.unpackbits(found, axis=1, bitorder="little")[0]
        correction = stim.PauliString.from_numpy(
            xs=bits[: code.n].astype(bool), zs=bits[code.n : 2 * code.n].astype(bool)
        )
        assert not len(failed)
        assert all((error * correction).commutes(operator) for operator in kept)
        seen += 1
    assert seen == case["single_errors"]


@pytest.mark.parametrize(("d", "p"), [(3, 0.01), (5, 0.006)])
def test_sampled_rates_agree_with_stim_and_pymatching(d: int, p: float) -> None:
    shots = 40_000
    source = shot_source(Experiment(surface(d), NoiseModel.CIRCUIT_LEVEL, p, d, "Z"), None)
    rule = StoppingRule(max_shots=shots)
    *_, tally = estimate(source.blocks(SEED), source.decoder, rule, lambda: 0.0)
    circuit = stim.Circuit.generated(
        "surface_code:rotated_memory_z",
        distance=d,
        rounds=d,
        after_clifford_depolarization=p,
        after_reset_flip_probability=p,
        before_measure_flip_probability=p,
        before_round_data_depolarization=p,
    )
    matching = pymatching.Matching(circuit.detector_error_model(decompose_errors=True))
    sampler = circuit.compile_detector_sampler(seed=SEED + 1)
    detectors, observables = sampler.sample(shots, separate_observables=True)
    errors = int((matching.decode_batch(detectors) != observables).any(axis=1).sum())
    assert tally.shots == shots
    assert tally.failures == 0
    # Two independent samples of one rate: 99.9999 % intervals that do not meet are a difference.
    mine, peer = wilson(tally.errors, shots, 0.999999), wilson(errors, shots, 0.999999)
    assert tally.errors > 100
    assert mine.low <= peer.high
    assert peer.low <= mine.high


def test_sampled_rates_of_a_table_agree_with_the_exact_sum() -> None:
    p, code = 0.05, find_code("five_qubit", field="code")
    source = shot_source(Experiment(code, NoiseModel.DEPOLARIZING, p, 1, "Z"), None)
    rule = StoppingRule(max_shots=60_000)
    *_, tally = estimate(source.blocks(SEED), source.decoder, rule, lambda: 0.0)
    exact = exact_error_rate(code, PauliChannel(p / 3, p / 3, p / 3))
    found = wilson(tally.errors, tally.shots, 0.999999)
    assert found.low <= exact <= found.high
