"""What users write is read, measured without expanding it, and refused with advice."""

import pytest
import stim
from lucid_coherence.correction.problems import Circuit, Model, row_decoder, shot_source
from lucid_coherence.correction.supplied import (
    DETECTORS_MAX,
    TARGETS_MAX,
    errors_of,
    expanded_cost,
    read_circuit,
    read_model,
)
from lucid_coherence.correction.violations import (
    CircuitInvalid,
    CombinationUnsupported,
    CorrectionTooLarge,
)

MEMORY = stim.Circuit.generated("repetition_code:memory", rounds=50, distance=3)
NESTED = "REPEAT 1000000000 {\n" * 3 + "M 0\nDETECTOR rec[-1]\n" + "}\n" * 3


def test_a_circuit_costs_what_its_expansion_does() -> None:
    expanded = MEMORY.flattened()
    # Flattening drops SHIFT_COORDS, which the compact form counts once for each round.
    shifts = 48
    targets = sum(1 + len(i.targets_copy()) for i in expanded if i.name != "SHIFT_COORDS")
    assert targets <= expanded_cost(MEMORY) <= targets + shifts + 2
    assert read_circuit(str(MEMORY)) == MEMORY


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("H 0\nFOO 1\nM 0", 2, "FOO"),
        ("H 0\n# } no brace\nX_ERROR(nan) 0", 3, "X_ERROR"),
        ("X_ERROR(1.5) 0", 1, "probability"),
        ("M 0\nREPEAT 0 {\nH 0\n}", 2, "0 times"),
        ("M 0\nREPEAT 3 {\nH 0", 2, "never closed"),
        ("M 0\n}\n", 2, "closes nothing"),
        ("REPEAT 2 {\n  H 0\n  BAR 3\n}", 3, "BAR"),
        ("H 99999999999", 1, "large"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text: str, line: int, words: str) -> None:
    with pytest.raises(CircuitInvalid, match=words) as caught:
        read_circuit(text)
    assert caught.value.metadata == {"check": "PARSE", "line": str(line)}
    assert "What to do" in str(caught.value)


def test_a_line_of_a_model_that_cannot_be_read_is_named() -> None:
    for text, line in (("error(0.1) D0 L0\nerror(2) D0", 2), ("error(nan) D0", 1), ("foo", 1)):
        with pytest.raises(CircuitInvalid) as caught:
            read_model(text)
        assert caught.value.metadata["line"] == str(line)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        (NESTED, "targets_max"),
        ("REPEAT 1000000000 {\nTICK\n}", "targets_max"),
        ("H 16777214", "qubits_max"),
        ("M 0\n" + "DETECTOR rec[-1]\n" * (DETECTORS_MAX + 1), "detectors_max"),
        ("M 0\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(64) rec[-1]", "observables_max"),
        ("REPEAT 1 {\n" * 200_000, "text_characters_max"),
        ("REPEAT 1 {\n" * 2000 + "H 0\n" + "}\n" * 2000, "blocks_max"),
        ("REPEAT 1 {\n" * 20 + "H 0\n" + "}\n" * 20, "depth_max"),
    ],
)
def test_what_is_too_large_is_refused_by_the_name_of_the_limit(text: str, limit: str) -> None:
    with pytest.raises(CorrectionTooLarge) as caught:
        read_circuit(text)
    assert caught.value.metadata["limit"] == limit
    assert int(caught.value.metadata["value"]) > int(caught.value.metadata["maximum"])


def test_models_have_the_same_limits() -> None:
    for text, limit in (
        ("repeat 1000000000 {\nerror(0.1) D0 L0\nshift_detectors 1\n}", "targets_max"),
        ("error(0.1) D999999999 L0", "detectors_max"),
        ("error(0.1) D0 L5000000", "observables_max"),
    ):
        with pytest.raises(CorrectionTooLarge) as caught:
            read_model(text)
        assert caught.value.metadata["limit"] == limit


def test_a_repeat_just_below_the_limit_is_accepted() -> None:
    times = TARGETS_MAX // 4
    text = f"REPEAT {times} {{\nX_ERROR(0.1) 0\nTICK\n}}\nM 0\nDETECTOR rec[-1]\n"
    with pytest.raises(CircuitInvalid, match="observable"):  # and so not for its size
        read_circuit(text)


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("H 0\nM 0\nOBSERVABLE_INCLUDE(0) rec[-1]", "DETECTORS"),
        ("M 0\nDETECTOR rec[-1]", "OBSERVABLES"),
        ("", "DETECTORS"),
    ],
)
def test_what_decides_nothing_is_refused(text: str, check: str) -> None:
    with pytest.raises(CircuitInvalid) as caught:
        read_circuit(text)
    assert caught.value.metadata["check"] == check


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("H 0\nM 0\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(0) rec[-1]", "DETERMINISTIC"),
        ("M 0\nDETECTOR rec[-3]\nOBSERVABLE_INCLUDE(0) rec[-1]", "ANALYSIS"),
        (
            "X_ERROR(0.1) 0\nM 0\n" + "DETECTOR rec[-1]\n" * 3 + "OBSERVABLE_INCLUDE(0) rec[-1]",
            "MATCHABLE",
        ),
        (
            "DEPOLARIZE2(0.1) 0 1\nM 0 1\n"
            + "DETECTOR rec[-1]\n" * 20
            + "OBSERVABLE_INCLUDE(0) rec[-1]",
            "MATCHABLE",
        ),
    ],
)
def test_circuits_that_cannot_be_analysed_are_refused_with_the_check(text: str, check: str) -> None:
    with pytest.raises(CircuitInvalid, match="What to do") as caught:
        errors_of(read_circuit(text), decompose=True)
    assert caught.value.metadata["check"] == check


def test_random_detectors_are_named() -> None:
    text = "H 1\nM 0 1\nDETECTOR rec[-2]\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(0) rec[-2]"
    with pytest.raises(CircuitInvalid) as caught:
        errors_of(read_circuit(text), decompose=True)
    assert "D1" in caught.value.metadata["detectors"].split()


def test_exclusive_errors_are_accepted() -> None:
    text = "PAULI_CHANNEL_1(0.1,0.2,0.3) 0\nM 0\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(0) rec[-1]"
    assert errors_of(read_circuit(text), decompose=True).num_errors == 1


def test_a_model_that_matching_would_cut_short_is_refused_before_a_shot() -> None:
    text = "error(0.1) D0 D1 D2 L0\nerror(0.1) D0"
    for build in (row_decoder, shot_source):
        with pytest.raises(CombinationUnsupported):
            build(Model(text), None)


def test_a_supplied_circuit_and_its_own_model_decode_alike() -> None:
    noisy = stim.Circuit.generated(
        "surface_code:rotated_memory_x", rounds=3, distance=3, after_clifford_depolarization=0.01
    )
    model = noisy.detector_error_model(decompose_errors=True)
    rows = model.compile_sampler(seed=1).sample(500, bit_packed=True)[0]
    by_circuit, _ = row_decoder(Circuit(str(noisy)), None).decode(rows)
    by_model, _ = row_decoder(Model(str(model)), None).decode(rows)
    assert (by_circuit == by_model).all()
