"""Table decoding: single errors, the rule of ties, closed forms, and an independent way."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.correction.bits import rows_from_words
from lucid_coherence.correction.codes import (
    FIVE_QUBIT,
    SHOR,
    STEANE,
    Code,
    anticommutes,
    catalogue,
    pauli_number,
    repetition,
    surface,
)
from lucid_coherence.correction.exact import PauliChannel, exact_error_rate, failures_by_weight
from lucid_coherence.correction.lookup import LookupDecoder, least_errors, list_errors
from lucid_coherence.correction.noise_models import NoiseModel, pauli_channel

# Timings belong in the benchmark: the first case of some tests builds a table.
UNHURRIED = settings(deadline=None)


SINGLE = {FIVE_QUBIT: 15, STEANE: 21, SHOR: 27, surface(3): 27}


def packed_syndrome(code: Code, error: str) -> np.ndarray:
    bits = [anticommutes(error, stabiliser) for stabiliser in code.stabilisers]
    return np.packbits(np.array([bits], dtype=np.uint8), axis=1, bitorder="little")


def correction(code: Code, error: str) -> str:
    """Decode one error's syndrome and return the correction as a Pauli string."""
    rows, failed = LookupDecoder(code).correct(packed_syndrome(code, error))
    assert failed.size == 0
    bits = np.unpackbits(rows, axis=1, bitorder="little")[0]
    assert not bits[2 * code.n :].any()
    return "".join("IXZY"[bits[i] + 2 * bits[code.n + i]] for i in range(code.n))


def product(left: str, right: str) -> str:
    """Multiply Pauli strings, up to phase."""
    table = {frozenset("XY"): "Z", frozenset("YZ"): "X", frozenset("XZ"): "Y"}
    pairs = zip(left, right, strict=True)
    return "".join(
        "I" if a == b else b if a == "I" else a if b == "I" else table[frozenset(a + b)]
        for a, b in pairs
    )


@pytest.mark.parametrize("code", SINGLE, ids=lambda code: code.name)
def test_every_single_qubit_error_is_corrected(code: Code) -> None:
    corrected = 0
    for qubit, letter in itertools.product(range(code.n), "XYZ"):
        error = "I" * qubit + letter + "I" * (code.n - qubit - 1)
        residual = product(error, correction(code, error))
        corrected += not (
            anticommutes(residual, code.logical_x) or anticommutes(residual, code.logical_z)
        )
    assert corrected == SINGLE[code]
    assert correction(code, "I" * code.n) == "I" * code.n


def test_five_qubit_failures_by_weight_are_the_published_ones() -> None:
    assert failures_by_weight(FIVE_QUBIT) == (0, 0, 90, 210, 270, 198)


def test_five_qubit_rate_at_one_percent_and_where_it_meets_the_bare_qubit() -> None:
    def rate(p: float) -> float:
        return exact_error_rate(FIVE_QUBIT, pauli_channel(NoiseModel.DEPOLARIZING, p))

    assert rate(0.01) == pytest.approx(9.77955e-4, rel=1e-6)
    assert rate(0.13762) < 0.13762
    assert rate(0.13764) > 0.13764


@pytest.mark.parametrize(("n", "rate"), [(3, 0.028), (5, 0.00856), (7, 0.002728)])
def test_repetition_codes_fail_as_the_binomial_says(n: int, rate: float) -> None:
    assert exact_error_rate(repetition(n), PauliChannel(0.1, 0, 0)) == pytest.approx(rate)


@UNHURRIED
@given(
    n=st.sampled_from([3, 5, 7, 9]),
    letters=st.tuples(*[st.floats(0, 0.3)] * 3),
)
def test_the_two_exact_sums_for_repetition_codes_agree(
    n: int, letters: tuple[float, float, float]
) -> None:
    """The binomial form against the sum over all 4**n errors; both round by some 1e-15."""
    from lucid_coherence.correction.exact import _repetition_error_rate

    channel = PauliChannel(*letters)
    listed = exact_error_rate(repetition(n), channel)
    assert _repetition_error_rate(n, channel) == pytest.approx(listed, abs=1e-12)


def test_small_rates_keep_their_digits() -> None:
    p = 1e-6
    leading = 35 * p**4
    assert exact_error_rate(repetition(7), PauliChannel(p, 0, 0)) == pytest.approx(
        leading, rel=1e-5
    )


def test_certain_noise_is_certain_failure_and_no_noise_none() -> None:
    assert exact_error_rate(STEANE, PauliChannel(0, 0, 0)) == 0
    assert exact_error_rate(repetition(31), PauliChannel(1, 0, 0)) == 1
    everything = exact_error_rate(FIVE_QUBIT, PauliChannel(0.25, 0.25, 0.25))
    assert everything == pytest.approx(0.75)


@pytest.mark.parametrize("code", [FIVE_QUBIT, STEANE, SHOR], ids=lambda code: code.name)
def test_the_rule_of_ties_is_least_weight_then_least_number(code: Code) -> None:
    """A plain search over all errors in order, written without the table's sorting."""
    found = list_errors(code)
    best: dict[int, tuple[int, int]] = {}
    for number, (syndrome, weight) in enumerate(
        zip(found.syndromes.tolist(), found.weights.tolist(), strict=True)
    ):
        best[syndrome] = min(best.get(syndrome, (99, 0)), (weight, number))
    assert [best[s][1] for s in range(2 ** (code.n - 1))] == least_errors(code).tolist()


def test_the_list_of_errors_agrees_with_multiplying_strings() -> None:
    code = STEANE
    for letters in itertools.islice(itertools.product("IXYZ", repeat=code.n), 0, 4**7, 97):
        error = "".join(letters)
        number = pauli_number(error)
        found = list_errors(code)
        expected = sum(anticommutes(error, s) << i for i, s in enumerate(code.stabilisers))
        assert found.syndromes[number] == expected
        assert found.weights[number] == code.n - error.count("I")


@UNHURRIED
@given(bits=st.lists(st.booleans(), min_size=31, max_size=31))
def test_large_repetition_codes_correct_any_minority_of_flips(bits: list[bool]) -> None:
    code = catalogue()["repetition_31"]
    if sum(bits) > 15:
        bits = [not bit for bit in bits]
    error = "".join("X" if bit else "I" for bit in bits)
    assert correction(code, error) == error


@pytest.mark.parametrize("n", [3, 5, 7, 9])
def test_majority_and_table_agree_on_every_syndrome(n: int) -> None:
    from lucid_coherence.correction.lookup import _majority

    syndromes = rows_from_words(np.arange(2 ** (n - 1), dtype=np.uint64), n - 1)
    assert (_majority(syndromes, n) == least_errors(repetition(n))).all()


@pytest.mark.parametrize("name", ["five_qubit", "shor", "repetition_3", "repetition_31"])
def test_flips_are_those_of_the_corrections(name: str) -> None:
    code = catalogue()[name]
    rng = np.random.default_rng(1)
    words = rng.integers(0, 2**code.syndrome_bits, 200, dtype=np.uint64)
    syndromes = rows_from_words(words, code.syndrome_bits)
    decoder = LookupDecoder(code)
    flips, _ = decoder.flips(syndromes)
    rows, _ = decoder.correct(syndromes)
    bits = np.unpackbits(rows, axis=1, bitorder="little")
    for row, flip in zip(bits, flips[:, 0], strict=True):
        pauli = "".join("IXZY"[row[i] + 2 * row[code.n + i]] for i in range(code.n))
        expected = anticommutes(pauli, code.logical_x) | anticommutes(pauli, code.logical_z) << 1
        assert flip == expected
