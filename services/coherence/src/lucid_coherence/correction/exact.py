"""Logical error rates of the table decoder without sampling, for independent Pauli noise."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lucid_coherence.correction.codes import Code
from lucid_coherence.correction.lookup import TABLE_QUBITS_MAX, least_errors, list_errors


@dataclass(frozen=True, slots=True)
class PauliChannel:
    """Probabilities of X, Y and Z on one qubit; each and their sum in 0..1."""

    x: float
    y: float
    z: float

    @property
    def identity(self) -> float:
        """The probability that nothing happens."""
        return max(0.0, 1.0 - self.x - self.y - self.z)


@cache
def failures_by_weight(code: Code) -> tuple[int, ...]:
    """Return how many errors on 0, 1, ..., n qubits the table decoder turns into a logical error.

    Every one of the 4**n Pauli errors is decoded; needs n <= TABLE_QUBITS_MAX.
    """
    failed = list_errors(code).weights[_failed(code)]
    return tuple(np.bincount(failed, minlength=code.n + 1).tolist())


def exact_error_rate(code: Code, channel: PauliChannel) -> float:
    """Return the probability that table decoding leaves a logical X, Y or Z behind.

    The sum runs over all errors, grouped by their numbers of X, Y and Z; it is exact but for the
    rounding of its terms. Repetition codes of any size use the binomial form.
    """
    if code.n > TABLE_QUBITS_MAX:
        return _repetition_error_rate(code.n, channel)
    terms = [
        count
        * channel.x**x
        * channel.y**y
        * channel.z**z
        * channel.identity ** (code.n - x - y - z)
        for (x, y, z), count in _failures_by_letters(code).items()
    ]
    return math.fsum(terms)


@cache
def _failures_by_letters(code: Code) -> dict[tuple[int, int, int], int]:
    failed = np.flatnonzero(_failed(code))
    x, z = failed & (2**code.n - 1), failed >> code.n
    letters = [np.bitwise_count(part) for part in (x & ~z, x & z, z & ~x)]
    keys, counts = np.unique(np.stack(letters, axis=1), axis=0, return_counts=True)
    return {
        (int(key[0]), int(key[1]), int(key[2])): int(count)
        for key, count in zip(keys, counts, strict=True)
    }


def _failed(code: Code) -> NDArray[np.bool_]:
    found = list_errors(code)
    chosen = found.flips[least_errors(code)]
    wrong: NDArray[np.bool_] = found.flips != chosen[found.syndromes]
    return wrong


def _repetition_error_rate(n: int, channel: PauliChannel) -> float:
    """Return 1 - P(at most n // 2 bit flips, and an even number of phase flips).

    The sum over errors of (-1)**(number of Z and Y) gives the even ones; both sums are binomial.
    Everything is summed as failures, not as 1 - successes: small rates keep their digits.
    """
    flip, still = channel.x + channel.y, channel.identity + channel.z
    flip_signed, still_signed = channel.x - channel.y, channel.identity - channel.z
    half = n // 2
    too_many = [math.comb(n, w) * flip**w * still ** (n - w) for w in range(half + 1, n + 1)]
    # P(few flips, odd phases) = (P(few flips) - E[sign; few flips]) / 2, term by term.
    odd = [
        math.comb(n, w)
        * (flip**w * still ** (n - w) - flip_signed**w * still_signed ** (n - w))
        / 2
        for w in range(half + 1)
    ]
    return math.fsum([*too_many, *odd])
