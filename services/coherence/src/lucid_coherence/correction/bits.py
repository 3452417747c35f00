"""Rows of bits in bytes: bit i of a row is bit i % 8 of byte i // 8, least significant first.

This is Stim's format b8 [Gidney2021], so that no row is ever unpacked between sampling, decoding
and counting.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lucid_coherence.correction.violations import SyndromesMalformed

Rows = NDArray[np.uint8]
"""Shape (rows, bytes in a row)."""
Words = NDArray[np.unsignedinteger[Any]]


def bytes_for(bits: int) -> int:
    """Return how many bytes hold `bits` bits."""
    return (bits + 7) // 8


def rows_from_bytes(data: bytes, rows: int, bits: int, *, field: str) -> Rows:
    """Return the rows without copying them.

    Args:
        data: `rows` times `bytes_for(bits)` bytes.
        rows: number of rows, >= 1.
        bits: bits in a row; the padding above them must be 0.
        field: where the data came from, for the refusal.

    Raises:
        SyndromesMalformed: no row, a wrong length, or a bit in the padding.
    """
    width = bytes_for(bits)
    expected = rows * width
    if rows < 1 or len(data) != expected:
        raise SyndromesMalformed(
            f"{rows} rows of {bits} bits take {expected} bytes ({width} a row), not {len(data)}; "
            "at least one row is needed.",
            field=field,
            check="LENGTH",
            expected_bytes=expected,
            actual_bytes=len(data),
        )
    found = np.frombuffer(data, dtype=np.uint8).reshape(rows, width)
    padding = 0xFF & (0xFF << (bits % 8)) if bits % 8 else 0
    if padding and (stray := np.flatnonzero(found[:, -1] & padding)).size:
        raise SyndromesMalformed(
            f"Row {stray[0]} has a bit above bit {bits - 1}, where only 0 may be.",
            field=field,
            check="PADDING",
            row=int(stray[0]),
            bits=bits,
        )
    return found


def words_from_rows(rows: Rows) -> NDArray[np.uint64]:
    """Return each row as one number; rows of at most 8 bytes."""
    wide = np.zeros((len(rows), 8), dtype=np.uint8)
    wide[:, : rows.shape[1]] = rows
    return wide.view("<u8").ravel()


def rows_from_words(words: Words, bits: int) -> Rows:
    """Return numbers below 2**bits, bits <= 64, as rows."""
    wide = np.ascontiguousarray(words, dtype="<u8").view(np.uint8).reshape(-1, 8)
    return np.ascontiguousarray(wide[:, : bytes_for(bits)])
