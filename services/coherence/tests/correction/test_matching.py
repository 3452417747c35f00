"""Matching agrees with the table, and rows that cannot be matched are counted exactly."""

import numpy as np
import pytest
import stim
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.correction.bits import rows_from_words
from lucid_coherence.correction.codes import SHOR, STEANE, Code, catalogue, repetition, surface
from lucid_coherence.correction.lookup import LookupDecoder, list_errors
from lucid_coherence.correction.matching import decoder_of_code, decoder_of_model
from lucid_coherence.correction.violations import CombinationUnsupported

# Detectors 0 and 1 form a ring without boundary; detector 2 has one.
# Timings belong in the benchmark: the first case of some tests builds a table.
UNHURRIED = settings(deadline=None)


RING = "error(0.1) D0 D1 L0\nerror(0.2) D2 L1\ndetector D3\n"


@pytest.mark.parametrize("n", [3, 5, 9])
def test_matching_and_table_agree_on_every_syndrome_of_repetition_codes(n: int) -> None:
    code = repetition(n)
    syndromes = rows_from_words(np.arange(2 ** (n - 1), dtype=np.uint64), n - 1)
    matched, failed = decoder_of_code(code).flips(syndromes)
    assert failed.size == 0
    assert (matched == LookupDecoder(code).correct(syndromes)[0]).all()


def test_matching_and_majority_agree_on_thirty_one_qubits() -> None:
    code = repetition(31)
    words = np.random.default_rng(2).integers(0, 2**30, 500, dtype=np.uint64)
    syndromes = rows_from_words(words, 30)
    matched, _ = decoder_of_code(code).flips(syndromes)
    assert (matched == LookupDecoder(code).correct(syndromes)[0]).all()


@pytest.mark.parametrize("code", [SHOR, *(surface(d) for d in (3, 5, 11))], ids=lambda c: c.name)
def test_matching_corrects_every_single_qubit_error(code: Code) -> None:
    """The residual commutes with every stabiliser and with both logical operators."""
    operators = [*code.stabilisers, code.logical_x, code.logical_z]
    paulis = [stim.PauliString(operator.replace("I", "_")) for operator in operators]
    decoder = decoder_of_code(code)
    for qubit in range(code.n):
        for letter in "XYZ":
            error = stim.PauliString(code.n)
            error[qubit] = letter
            bits = [not error.commutes(pauli) for pauli in paulis[:-2]]
            row = np.packbits(np.array([bits], dtype=np.uint8), axis=1, bitorder="little")
            found = np.unpackbits(decoder.flips(row)[0], axis=1, bitorder="little")[0]
            x, z = found[: code.n].astype(bool), found[code.n : 2 * code.n].astype(bool)
            residual = error * stim.PauliString.from_numpy(xs=x, zs=z)
            assert all(residual.commutes(pauli) for pauli in paulis)


def test_matched_corrections_of_the_surface_code_have_the_least_weight_of_each_kind() -> None:
    """Against the list of all 262 144 errors of d = 3: X and Z parts are each least."""
    code = surface(3)
    found = list_errors(code)
    numbers = np.arange(4**code.n)
    x, z = numbers & (2**code.n - 1), numbers >> code.n
    least = np.full((2, 2**code.syndrome_bits), 99)
    for kind, part, other in ((0, x, z), (1, z, x)):
        pure = other == 0
        np.minimum.at(least[kind], found.syndromes[pure], np.bitwise_count(part[pure]))
    syndromes = rows_from_words(np.arange(256, dtype=np.uint64), 8)
    rows, failed = decoder_of_code(code).flips(syndromes)
    assert failed.size == 0
    bits = np.unpackbits(rows, axis=1, bitorder="little")[:, : 2 * code.n]
    seen = found.syndromes[bits[:, : code.n] @ (1 << np.arange(code.n))]
    also = found.syndromes[(bits[:, code.n :] @ (1 << np.arange(code.n))) << code.n]
    assert (seen ^ also == np.arange(256)).all()
    assert (bits[:, : code.n].sum(axis=1) == least[0][seen]).all()
    assert (bits[:, code.n :].sum(axis=1) == least[1][also]).all()


@UNHURRIED
@given(words=st.lists(st.integers(0, 15), min_size=1, max_size=40))
def test_rows_with_an_odd_ring_or_an_unconnected_detector_are_counted(words: list[int]) -> None:
    decoder = decoder_of_model(stim.DetectorErrorModel(RING), field="model")
    flips, failed = decoder.flips(np.array(words, dtype=np.uint8)[:, None])
    lost = [i for i, word in enumerate(words) if (word ^ word >> 1) & 1 or word >> 3]
    assert failed.tolist() == lost
    for index, word in enumerate(words):
        expected = 0 if index in lost else (word & 1) | (word >> 2 & 1) << 1
        assert flips[index, 0] == expected


def test_a_failed_row_leaves_the_decoder_as_it_was() -> None:
    model = stim.Circuit.generated(
        "surface_code:rotated_memory_z", rounds=3, distance=3, before_round_data_depolarization=0.1
    ).detector_error_model(decompose_errors=True)
    text = f"{model}\nerror(0.1) D{model.num_detectors} D{model.num_detectors + 1}"
    odd = stim.DetectorErrorModel(text)
    decoder, fresh = (decoder_of_model(odd, field="model") for _ in range(2))
    rows = odd.compile_sampler(seed=3).sample(300, bit_packed=True)[0]
    spoilt = rows.copy()
    spoilt[::3, -1] ^= 1 << (model.num_detectors % 8)
    flips, failed = decoder.flips(spoilt)
    assert failed.tolist() == list(range(0, 300, 3))
    kept = np.setdiff1d(np.arange(300), failed)
    assert (flips[kept] == fresh.flips(rows)[0][kept]).all()


@pytest.mark.parametrize(
    "text",
    [
        "error(0.1) D0 D1 D2 L0",  # PyMatching would leave it out silently
        "error(0.1) D0 ^ D1 D2 D3 L0",
        "error(0.1) D0 D0 L0",
        "error(1) D0 L0",  # an infinite weight
    ],
)
def test_errors_that_matching_cannot_use_are_refused(text: str) -> None:
    with pytest.raises(CombinationUnsupported, match="What to do"):
        decoder_of_model(stim.DetectorErrorModel(text), field="detector_error_model")


def test_codes_without_graph_are_refused() -> None:
    for code in (STEANE, catalogue()["five_qubit"]):
        with pytest.raises(CombinationUnsupported):
            decoder_of_code(code)
