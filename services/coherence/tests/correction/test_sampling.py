"""Sampling counts what it should, stops where it should, and says the same again for a seed."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.correction.bits import Rows, rows_from_bytes
from lucid_coherence.correction.codes import catalogue
from lucid_coherence.correction.decoders import DecoderKind
from lucid_coherence.correction.exact import exact_error_rate
from lucid_coherence.correction.intervals import wilson
from lucid_coherence.correction.noise_models import (
    CODE_CAPACITY,
    Experiment,
    Knobs,
    NoiseModel,
    check_experiment,
    circuit_of,
    pauli_channel,
)
from lucid_coherence.correction.problems import Model, ShotSource, shot_source
from lucid_coherence.correction.sampling import (
    Block,
    Stop,
    StoppingRule,
    Tally,
    block_shots,
    estimate,
)
from lucid_coherence.correction.violations import (
    CombinationUnsupported,
    ParameterOutOfRange,
    SyndromesMalformed,
)
from numpy.typing import NDArray

# Timings belong in the benchmark: the first case of some tests builds a table.
UNHURRIED = settings(deadline=None)


class Fixed:
    """Predicts 0 and gives up where the syndrome is 255."""

    def flips(self, syndromes: Rows) -> tuple[Rows, NDArray[np.intp]]:
        return np.zeros_like(syndromes), np.flatnonzero(syndromes[:, 0] == 255)


def blocks(observables: list[int], failed: list[int], size: int) -> Iterator[Block]:
    """Yield the given shots for ever, `size` at a time."""
    shots = itertools.cycle(range(len(observables)))
    while True:
        part = list(itertools.islice(shots, size))
        syndromes = [[255 if i in failed else 0] for i in part]
        flips = [[observables[i]] for i in part]
        yield np.array(syndromes, np.uint8), np.array(flips, np.uint8)


def steps(step_s: float) -> Iterator[float]:
    """Return a clock that moves by the same time at each look."""
    return itertools.count(0.0, step_s)


def last(source: ShotSource, rule: StoppingRule, seed: int = 7) -> Tally:
    clock = steps(1e-6)
    *_, found = estimate(source.blocks(seed), source.decoder, rule, lambda: next(clock))
    return found


def experiment(name: str, noise: NoiseModel, p: float, rounds: int = 1) -> Experiment:
    return Experiment(catalogue()[name], noise, p, rounds, "Z")


@UNHURRIED
@given(
    observables=st.lists(st.integers(0, 1), min_size=3, max_size=30).filter(any),
    failed=st.lists(st.integers(0, 29), max_size=4),
    size=st.integers(1, 50),
    wanted=st.integers(1, 20),
    step_s=st.sampled_from([1e-6, 0.03, 0.2]),
)
def test_stopping_at_errors_counts_up_to_that_error_whatever_the_blocks_and_slices(
    observables: list[int], failed: list[int], size: int, wanted: int, step_s: float
) -> None:
    if all(i in failed for i, flip in enumerate(observables) if flip):
        return
    clock = steps(step_s)
    rule = StoppingRule(max_shots=10**6, max_errors=wanted)
    *_, found = estimate(blocks(observables, failed, size), Fixed(), rule, lambda: next(clock))
    shots = errors = failures = 0
    for index in itertools.cycle(range(len(observables))):
        shots += 1
        failures += index in failed
        errors += index not in failed and observables[index]
        if errors == wanted:
            break
    assert (found.shots, found.errors, found.failures) == (shots, errors, failures)
    assert found.stop is Stop.MAX_ERRORS


def test_stopping_at_shots_takes_exactly_so_many() -> None:
    clock = steps(1e-6)
    rule = StoppingRule(max_shots=1001)
    *_, found = estimate(blocks([0, 0, 1], [], 64), Fixed(), rule, lambda: next(clock))
    assert (found.shots, found.errors, found.stop) == (1001, 333, Stop.MAX_SHOTS)


def test_stopping_at_a_width_happens_at_the_first_block_that_is_narrow_enough() -> None:
    clock = steps(1e-6)
    rule = StoppingRule(max_shots=10**6, relative_width=0.5)
    *_, found = estimate(blocks([0, 0, 0, 1], [], 16), Fixed(), rule, lambda: next(clock))
    assert found.stop is Stop.INTERVAL

    def relative(shots: int) -> float:
        interval = wilson(shots // 4, shots)
        return (interval.high - interval.low) * 4

    assert relative(found.shots) <= 0.5 < relative(found.shots - 16)


def test_a_width_is_reached_without_errors_but_a_relative_width_never_is() -> None:
    clock = steps(1e-6)
    rule = StoppingRule(max_shots=10**5, absolute_width=0.01, relative_width=100.0)
    *_, found = estimate(blocks([0], [], 64), Fixed(), rule, lambda: next(clock))
    assert found.stop is Stop.INTERVAL
    assert 300 < found.shots < 500


def test_time_ends_sampling_and_progress_comes_every_half_second() -> None:
    clock = steps(0.01)
    rule = StoppingRule(max_shots=10**12, time_limit_s=3.0)
    *progress, found = estimate(blocks([0], [], 256), Fixed(), rule, lambda: next(clock))
    assert found.stop is Stop.TIME_LIMIT
    assert found.elapsed_s == pytest.approx(3.0, abs=0.1)
    assert 4 <= len(progress) <= 6
    assert all(tally.stop is None for tally in progress)


def test_a_slow_decoder_gets_small_slices() -> None:
    """Each row costs 20 ms here: no slice may run much longer than a tenth of a second."""
    now = [0.0]
    seen: list[int] = []

    class Slow(Fixed):
        def flips(self, syndromes: Rows) -> tuple[Rows, NDArray[np.intp]]:
            seen.append(len(syndromes))
            now[0] += 0.02 * len(syndromes)
            return super().flips(syndromes)

    rule = StoppingRule(max_shots=10**6, time_limit_s=5.0)
    *_, found = estimate(blocks([0], [], 4096), Slow(), rule, lambda: now[0])
    assert seen[0] <= 16
    assert max(seen[1:]) <= 5
    assert found.elapsed_s < 5.2


def test_a_seed_gives_the_same_counts_again_and_another_seed_others() -> None:
    source = shot_source(experiment("surface_3", NoiseModel.CIRCUIT_LEVEL, 0.01, 3), None)
    rule = StoppingRule(max_shots=30_000)
    first, again, other = last(source, rule), last(source, rule), last(source, rule, seed=8)
    assert (first.errors, first.shots) == (again.errors, again.shots)
    assert first.errors != other.errors


@pytest.mark.parametrize("noise", CODE_CAPACITY, ids=lambda noise: noise.name)
@pytest.mark.parametrize("name", ["repetition_5", "repetition_11", "five_qubit", "steane", "shor"])
def test_sampled_rates_are_the_enumerated_ones(name: str, noise: NoiseModel) -> None:
    code = catalogue()[name]
    found = last(shot_source(experiment(name, noise, 0.1), None), StoppingRule(max_shots=60_000))
    expected = exact_error_rate(code, pauli_channel(noise, 0.1))
    spread = np.sqrt(expected * (1 - expected) / found.shots)
    # Twenty comparisons at five standard deviations fail by chance once in 80 000 runs.
    assert abs(found.errors / found.shots - expected) <= 5 * spread


def test_shots_that_cannot_be_matched_are_failures_and_not_errors() -> None:
    """Three detectors without boundary; every tenth shot has an odd number of events."""
    rule = StoppingRule(max_shots=5000)
    odd = shot_source(Model("error(0.25) D0 D1 L0\nerror(0.1) D1 D2 L0"), None)

    def torn(seed: int) -> Iterator[Block]:
        for detectors, observables in odd.blocks(seed):
            changed = detectors.copy()
            changed[::10] ^= 1
            yield changed, observables

    clock = steps(1e-6)
    *_, found = estimate(torn(1), odd.decoder, rule, lambda: next(clock))
    assert (found.shots, found.failures, found.decoded) == (5000, 500, 4500)


def test_blocks_depend_on_the_circuit_only_and_stay_bounded() -> None:
    assert block_shots(1, 1) == 65_536
    assert block_shots(2_000_000, 20_000) == 256
    assert all(block_shots(targets, 1320).bit_count() == 1 for targets in range(1, 10**6, 9973))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_shots", 0),
        ("max_shots", 10**13),
        ("absolute_width", 2.0),
        ("relative_width", float("nan")),
        ("time_limit_s", -1.0),
        ("confidence", 1.0),
        ("confidence", float("nan")),
    ],
)
def test_stopping_rules_out_of_range_are_refused(field: str, value: float) -> None:
    with pytest.raises(ParameterOutOfRange) as caught:
        StoppingRule(**({"max_shots": 10} | {field: value}))  # type: ignore[arg-type]
    assert caught.value.field == field


def test_experiments_without_meaning_are_refused() -> None:
    nan = float("nan")
    knobs = Knobs(0.1, 0.1, 0.1, nan)
    steane, surface = catalogue()["steane"], catalogue()["surface_3"]
    cases: list[tuple[Experiment, type[Exception]]] = [
        (experiment("steane", NoiseModel.CIRCUIT_LEVEL, 0.1), CombinationUnsupported),
        (experiment("surface_3", NoiseModel.BIT_FLIP, nan), ParameterOutOfRange),
        (experiment("surface_3", NoiseModel.BIT_FLIP, -0.1), ParameterOutOfRange),
        (experiment("surface_3", NoiseModel.CIRCUIT_LEVEL, 0.76, 3), ParameterOutOfRange),
        (experiment("surface_3", NoiseModel.BIT_FLIP, 0.1, rounds=2), ParameterOutOfRange),
        (experiment("surface_3", NoiseModel.CIRCUIT_LEVEL, 0.1, 101), ParameterOutOfRange),
        (Experiment(surface, NoiseModel.CIRCUIT_LEVEL, 0, 3, "Z", knobs), ParameterOutOfRange),
        (Experiment(steane, NoiseModel.BIT_FLIP, 0, 1, "Z", knobs), CombinationUnsupported),
        (
            Experiment(catalogue()["repetition_3"], NoiseModel.CIRCUIT_LEVEL, 0, 3, "X"),
            CombinationUnsupported,
        ),
    ]
    for case, refusal in cases:
        with pytest.raises(refusal):
            check_experiment(case)
    with pytest.raises(CombinationUnsupported):
        shot_source(experiment("surface_5", NoiseModel.BIT_FLIP, 0.1), DecoderKind.LOOKUP)


@UNHURRIED
@given(p=st.floats(0, 1))
def test_the_twirl_of_amplitude_damping_is_the_diagonal_of_its_paulis(p: float) -> None:
    """Weights |tr(P K)|**2 / 4 summed over both Kraus operators."""
    kraus = [np.diag([1, np.sqrt(1 - p)]), np.array([[0, np.sqrt(p)], [0, 0]])]
    paulis = {
        "x": np.array([[0, 1], [1, 0]]),
        "y": np.array([[0, -1j], [1j, 0]]),
        "z": np.diag([1, -1]),
    }
    found = pauli_channel(NoiseModel.AMPLITUDE_DAMPING_TWIRLED, p)
    for name, pauli in paulis.items():
        weight = sum(abs(np.trace(pauli @ k)) ** 2 / 4 for k in kraus)
        assert getattr(found, name) == pytest.approx(weight, abs=1e-15)


@pytest.mark.parametrize("basis", ["X", "Z"])
def test_memory_circuits_are_stims_own(basis: str) -> None:
    surface = catalogue()["surface_3"]
    found = circuit_of(
        Experiment(surface, NoiseModel.CIRCUIT_LEVEL, 0.5, 4, basis, Knobs(0.1, 0.2, 0.3, 0.4))  # type: ignore[arg-type]
    )
    text = str(found)
    assert "DEPOLARIZE2(0.1)" in text
    assert "DEPOLARIZE1(0.2)" in text
    assert "_ERROR(0.3)" in text
    assert "_ERROR(0.4)" in text
    assert found.num_observables == 1


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\x02\x03"])
def test_syndromes_of_a_wrong_length_are_refused(data: bytes) -> None:
    with pytest.raises(SyndromesMalformed) as caught:
        rows_from_bytes(data, 2, 4, field="syndromes")
    assert caught.value.metadata["expected_bytes"] == "2"


def test_claims_are_checked_before_anything_is_made_of_them() -> None:
    with pytest.raises(SyndromesMalformed):
        rows_from_bytes(b"\x00", 2**32 - 1, 4, field="syndromes")
    with pytest.raises(SyndromesMalformed, match="Row 1"):
        rows_from_bytes(b"\x0f\x10", 2, 4, field="syndromes")
    with pytest.raises(SyndromesMalformed):
        rows_from_bytes(b"", 0, 4, field="syndromes")
