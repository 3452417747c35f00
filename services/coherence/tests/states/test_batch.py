import numpy as np
import pytest
from lucid_coherence.states.batch import (
    BYTES_MAX,
    CHUNK_LIMITS,
    COUNT_MAX,
    batch_from_bytes,
    batch_from_numbers,
    batch_to_bytes,
    check_shape,
)
from lucid_coherence.states.violations import BatchMalformed, BatchTooLarge

MIXED = np.array([[[0.5, 0.25j], [-0.25j, 0.5]]])


def test_bytes_are_little_endian_complex128_row_by_row() -> None:
    batch = batch_from_bytes(1, (2,), MIXED.astype("<c16").tobytes())
    np.testing.assert_array_equal(batch.matrices, MIXED)
    assert batch_to_bytes(batch) == MIXED.astype("<c16").tobytes()


def test_numbers_alternate_real_and_imaginary() -> None:
    batch = batch_from_numbers(1, (2,), [0.5, 0, 0, 0.25, 0, -0.25, 0.5, 0])
    np.testing.assert_array_equal(batch.matrices, MIXED)


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_wrong_length_is_refused_with_both_lengths(length: int) -> None:
    with pytest.raises(BatchMalformed) as refused:
        batch_from_bytes(1, (2,), bytes(length))
    assert refused.value.metadata == {
        "check": "DATA_LENGTH",
        "expected": "64",
        "actual": str(length),
    }


@pytest.mark.parametrize(("count", "dims"), [(0, (2,)), (1, ()), (1, (1,)), (1, (2,) * 11)])
def test_a_shape_without_meaning_is_refused(count: int, dims: tuple[int, ...]) -> None:
    with pytest.raises(BatchMalformed):
        check_shape(count, dims)


@pytest.mark.parametrize(
    ("count", "dims", "limit"),
    [
        (1, (257,), "dimension_max"),
        (COUNT_MAX + 1, (2,), "states_max"),
        (BYTES_MAX // (16 * 64 * 64) + 1, (64,), "bytes_max"),
    ],
)
def test_limits_are_named(count: int, dims: tuple[int, ...], limit: str) -> None:
    with pytest.raises(BatchTooLarge) as refused:
        check_shape(count, dims)
    assert refused.value.metadata["limit"] == limit
    assert int(refused.value.metadata["value"]) > int(refused.value.metadata["maximum"])


def test_a_huge_shape_is_refused_before_memory_is_taken() -> None:
    with pytest.raises(BatchTooLarge):
        batch_from_bytes(2**31, (2**31, 2**31), b"")


def test_a_chunk_of_a_stream_has_its_own_limits() -> None:
    assert check_shape(256, (16,), CHUNK_LIMITS) == 16
    with pytest.raises(BatchTooLarge):
        check_shape(257, (2,), CHUNK_LIMITS)
    with pytest.raises(BatchTooLarge):
        check_shape(17, (64,), CHUNK_LIMITS)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, complex(0, -np.inf)])
def test_numbers_that_are_not_finite_are_refused(wrong: complex) -> None:
    matrix = np.array([[[0.5, wrong], [0, 0.5]]], dtype=complex)
    with pytest.raises(BatchMalformed) as refused:
        batch_from_bytes(1, (2,), matrix.tobytes())
    assert refused.value.metadata["check"] == "FINITE"


@pytest.mark.parametrize("wrong", [1e308, -1e200, complex(0, -1e308)])
def test_numbers_whose_squares_overflow_are_refused(wrong: complex) -> None:
    matrix = np.array([[[0.5, 0], [0, 0.5]], [[wrong, 0], [0, 0.5]]], dtype=complex)
    with pytest.raises(BatchMalformed) as refused:
        batch_from_bytes(2, (2,), matrix.tobytes())
    assert refused.value.metadata["check"] == "MAGNITUDE"
    assert refused.value.metadata["index"] == "1"
