"""The catalogue is what it says: commuting generators, logical operators, and distances."""

import itertools

import numpy as np
import pytest
from lucid_coherence.correction.codes import (
    Code,
    anticommutes,
    catalogue,
    find_code,
    pauli_number,
    seen_by,
)
from lucid_coherence.correction.decoders import DecoderKind, decoders_for
from lucid_coherence.correction.lookup import TABLE_QUBITS_MAX, list_errors
from lucid_coherence.correction.violations import CodeUnknown

CODES = list(catalogue().values())
SMALL = [code for code in CODES if code.n <= TABLE_QUBITS_MAX]


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_generators_commute_are_independent_and_leave_one_logical_qubit(code: Code) -> None:
    assert len(code.stabilisers) == code.n - 1
    for left, right in itertools.combinations(code.stabilisers, 2):
        assert not anticommutes(left, right)
    rows = [pauli_number(stabiliser) for stabiliser in code.stabilisers]
    assert rank_over_two(rows) == code.n - 1


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_logical_operators_commute_with_generators_and_anticommute(code: Code) -> None:
    for stabiliser in code.stabilisers:
        assert not anticommutes(code.logical_x, stabiliser)
        assert not anticommutes(code.logical_z, stabiliser)
    assert anticommutes(code.logical_x, code.logical_z)


@pytest.mark.parametrize("code", SMALL, ids=lambda code: code.name)
def test_distances_are_the_least_weights_found_by_listing_every_error(code: Code) -> None:
    found = list_errors(code)
    logical = (found.syndromes == 0) & (found.flips != 0)
    numbers = np.arange(len(logical))
    only_x, only_z = numbers < 2**code.n, numbers % 2**code.n == 0
    assert found.weights[logical].min() == code.distance
    assert found.weights[logical & only_x].min() == code.distance_bit_flip
    assert found.weights[logical & only_z].min() == code.distance_phase_flip


@pytest.mark.parametrize("d", [3, 5, 7, 9, 11])
def test_surface_codes_have_two_to_four_qubits_in_a_face_and_logicals_of_weight_d(d: int) -> None:
    code = catalogue()[f"surface_{d}"]
    weights = [len(s) - s.count("I") for s in code.stabilisers]
    assert set(weights) == {2, 4}
    assert weights.count(2) == 2 * (d - 1)
    assert code.logical_x.count("X") == code.logical_z.count("Z") == d
    # Every X and every Z on one qubit is seen: no undetected error of weight one.
    assert all(1 <= len(seen) <= 2 for seen in seen_by(code))


def test_the_catalogue_has_every_promised_code_and_no_other_name() -> None:
    sizes = [f"repetition_{n}" for n in range(3, 32, 2)]
    surfaces = [f"surface_{d}" for d in (3, 5, 7, 9, 11)]
    assert set(catalogue()) == {*sizes, "five_qubit", "steane", "shor", *surfaces}
    with pytest.raises(CodeUnknown, match="surface_4"):
        find_code("surface_4", field="code")


def test_matching_is_not_offered_where_it_decodes_worse_than_no_code() -> None:
    offered = {name: decoders_for(code) for name, code in catalogue().items()}
    assert offered["five_qubit"] == (DecoderKind.LOOKUP,)
    assert offered["steane"] == (DecoderKind.LOOKUP,)
    assert offered["shor"] == (DecoderKind.LOOKUP, DecoderKind.MATCHING)
    assert offered["surface_5"] == (DecoderKind.MATCHING,)


def rank_over_two(rows: list[int]) -> int:
    rank = 0
    while rows:
        pivot = rows.pop()
        if pivot:
            rank += 1
            lowest = pivot & -pivot
            rows = [row ^ pivot if row & lowest else row for row in rows]
    return rank
