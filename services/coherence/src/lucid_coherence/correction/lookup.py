"""Decoding by a table of least-weight errors, for codes small enough to list every error.

The rule: of all Pauli errors with the syndrome, the one on the fewest qubits; of those, the least
as a number x + 2**n z (bits of X before bits of Z, qubit 0 the least). The tables are built from
the stabilisers at the first use of a code.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lucid_coherence.correction.bits import (
    Rows,
    bytes_for,
    rows_from_words,
    words_from_rows,
)
from lucid_coherence.correction.codes import Code, anticommutes, pauli_number

TABLE_QUBITS_MAX: Final = 9
"""4**9 = 262 144 errors are listed in some 50 ms."""
Numbers = NDArray[np.int64]
_NO_ROWS: Final = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class ErrorList:
    """Every Pauli error of a code, in the order of its number; arrays of length 4**n."""

    weights: Numbers
    syndromes: Numbers
    flips: NDArray[np.uint8]
    """Bit 0: anticommutes with logical X; bit 1: with logical Z."""


def can_tabulate(code: Code) -> bool:
    """Say whether the table decoder applies: few qubits, or a repetition code of any size."""
    return code.n <= TABLE_QUBITS_MAX or code.family == "repetition"


@cache
def list_errors(code: Code) -> ErrorList:
    """Return every error of a code of at most TABLE_QUBITS_MAX qubits with what it does."""
    errors = np.arange(4**code.n, dtype=np.int64)
    weights = np.bitwise_count((errors | errors >> code.n) & (2**code.n - 1)).astype(np.int64)
    syndromes = np.zeros_like(errors)
    for bit, stabiliser in enumerate(code.stabilisers):
        syndromes |= _parity(errors, stabiliser) << bit
    flips = _parity(errors, code.logical_x) | _parity(errors, code.logical_z) << 1
    return ErrorList(weights, syndromes, flips.astype(np.uint8))


def _parity(errors: Numbers, pauli: str) -> Numbers:
    """Return 1 where an error anticommutes with the Pauli string."""
    n = len(pauli)
    number = pauli_number(pauli)
    swapped = number >> n | (number & (2**n - 1)) << n
    odd: Numbers = (np.bitwise_count(errors & swapped) & 1).astype(np.int64)
    return odd


@cache
def least_errors(code: Code) -> NDArray[np.intp]:
    """Return for each syndrome the number of the error that the rule chooses."""
    found = list_errors(code)
    by_weight = np.argsort(found.weights, kind="stable")
    _, first = np.unique(found.syndromes[by_weight], return_index=True)
    least: NDArray[np.intp] = by_weight[first]
    return least


class LookupDecoder:
    """Turns packed syndromes into packed corrections or logical flips; every row succeeds."""

    def __init__(self, code: Code) -> None:
        self.code = code
        if code.n <= TABLE_QUBITS_MAX:
            least = least_errors(code)
            self._corrections = rows_from_words(least.astype(np.uint64), 2 * code.n)
            self._flips = list_errors(code).flips[least]

    def correct(self, syndromes: Rows) -> tuple[Rows, NDArray[np.intp]]:
        """Return corrections of 2 n bits: X on qubit i is bit i, Z on qubit i is bit n + i.

        The second part, the rows without an answer, is always empty.
        """
        if self.code.n > TABLE_QUBITS_MAX:
            return rows_from_words(_majority(syndromes, self.code.n), 2 * self.code.n), _NO_ROWS
        # As one item a row, numpy copies each correction at once instead of byte by byte.
        wide = bytes_for(2 * self.code.n)
        items = self._corrections.view(f"V{wide}").ravel()
        found: Rows = items.take(_index(syndromes)).view(np.uint8).reshape(-1, wide)
        return found, _NO_ROWS

    def flips(self, syndromes: Rows) -> tuple[Rows, NDArray[np.intp]]:
        """Return one byte a row: bit 0 if the correction anticommutes with logical X, 1 with Z.

        The second part, the rows without an answer, is always empty.
        """
        if self.code.n > TABLE_QUBITS_MAX:
            # X on any set of qubits commutes with X...X and meets Z on qubit 0 by its lowest bit.
            lowest = (_majority(syndromes, self.code.n) & np.uint64(1)).astype(np.uint8)
            return (lowest << np.uint8(1))[:, None], _NO_ROWS
        found: Rows = self._flips.take(_index(syndromes))[:, None]
        return found, _NO_ROWS


def _index(syndromes: Rows) -> NDArray[np.uint8] | NDArray[np.uint64]:
    return syndromes[:, 0] if syndromes.shape[1] == 1 else words_from_rows(syndromes)


def _majority(syndromes: Rows, n: int) -> NDArray[np.uint64]:
    """Return the bits of X of the least-weight error of a repetition code of odd n <= 63.

    Two sets of flips have the syndrome: one without qubit 0, found by adding the syndrome's bits
    up, and its complement; n is odd, so one is smaller.
    """
    flipped = words_from_rows(syndromes) << np.uint64(1)
    for shift in (1, 2, 4, 8, 16, 32):
        flipped ^= flipped << np.uint64(shift)
    every = np.uint64(2**n - 1)
    flipped &= every
    return np.where(np.bitwise_count(flipped) > n // 2, flipped ^ every, flipped)


def logical_flips(code: Code, error: str) -> int:
    """Return the flips of one error, given as a Pauli string: bit 0 logical X, bit 1 logical Z."""
    return anticommutes(error, code.logical_x) | anticommutes(error, code.logical_z) << 1
