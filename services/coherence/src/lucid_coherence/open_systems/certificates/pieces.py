"""Covers of a segment by boxes in (s, h), each with the witness that holds there.

On a box of middle m the polynomial w·p − θ (1 − s) is at least its value at m less the sum of the
magnitudes of its other coefficients about m, times the half widths. Floats choose the boxes; that
the condition holds on them is what validation proves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, lcm

import numpy as np

from lucid_coherence.open_systems.certificates.centre import (
    PRECISION,
    SEGMENT_END,
    Polynomials,
    Powers,
)
from lucid_coherence.open_systems.certificates.exact_generator import ExactArray
from lucid_coherence.open_systems.certificates.question import TubeQuestion
from lucid_coherence.open_systems.certificates.witness import Pairs, witness_at
from lucid_coherence.open_systems.exact import short_above
from lucid_coherence.states.batch import RealArray

PIECES_MAX = 200
_KEPT = 0.25
"""Share of the margin in the middle that must be left over after all bounds."""
_ENOUGH = 0.02
"""What may be left over instead, where the margin in the middle is large."""
_DEPTH_MAX = 24

Box = tuple[tuple[Fraction, Fraction], ...]
Terms = dict[Powers, Fraction]
"""Exponents of (s, h_1, ...) -> coefficient."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A box in (s, h), and why C_l1 > theta on it: `terms` > reach there, and tilt·e > −reach.

    terms: w·p(s, h) − θ (1 − s), each coefficient rounded and the constant lowered by the sum of
        what that may change, so that it is never above the exact polynomial on the box.
    tilt: (N,), σ w.
    reach: a little more than |tilt|, the most that tilt·e can be below 0 in the tube.
    """

    box: Box
    terms: Terms
    tilt: ExactArray
    reach: Fraction


def cover(question: TubeQuestion, centre: Polynomials, width: Fraction) -> tuple[Piece, ...] | None:
    """Return pieces that cover the segment, or None where C_l1 is too low or they are too many."""
    floats = _float_table(centre)
    whole: Box = ((Fraction(0), SEGMENT_END),)
    whole += ((Fraction(-1), Fraction(1)),) * question.generator.uncertain
    pending, found = [(whole, 0)], []
    while pending:
        box, depth = pending.pop()
        piece, axis = _piece(question, centre, floats, width, box)
        if piece is not None:
            found.append(piece)
        elif depth >= _DEPTH_MAX or len(found) + len(pending) >= PIECES_MAX or axis < 0:
            return None
        else:
            pending.extend((half, depth + 1) for half in _halves(box, axis))
    return tuple(sorted(found, key=lambda piece: piece.box))


def _piece(
    question: TubeQuestion,
    centre: Polynomials,
    floats: dict[Powers, RealArray],
    width: Fraction,
    box: Box,
) -> tuple[Piece | None, int]:
    """Return the piece if its condition holds clearly, and else the axis to halve (−1: none)."""
    middle = [float(low + high) / 2 for low, high in box]
    value = _value(floats, middle)
    witness = witness_at(Pairs.of(question.generator.qubits), value / (1 - middle[0]))
    exact = _terms(centre, witness, question.theta)
    halves = [float(high - low) / 2 for low, high in box]
    value_there, sizes = _spread(exact, middle, halves)
    tilt = width * witness
    reach = short_above(Fraction((tilt * tilt).sum()), root=True)
    margin = value_there - float(reach)
    if margin <= 0:
        return None, -1
    left = margin - float(sizes.sum())
    if left > min(_KEPT * margin, _ENOUGH):
        return Piece(box, _rounded(exact), tilt, reach), 0
    shares = [float(np.delete(sizes, 0, axis=axis).sum()) for axis in range(len(box))]
    return None, int(np.argmax(shares))


def _halves(box: Box, axis: int) -> list[Box]:
    low, high = box[axis]
    middle = (low + high) / 2
    return [(*box[:axis], part, *box[axis + 1 :]) for part in ((middle, high), (low, middle))]


def _float_table(centre: Polynomials) -> dict[Powers, RealArray]:
    """Return power of h -> (degree + 1, N) float64 coefficients."""
    scale = 2**PRECISION
    return {
        power: np.array([[float(Fraction(int(v), scale)) for v in row] for row in rows])
        for power, rows in centre.items()
    }


def _value(floats: dict[Powers, RealArray], at: Sequence[float]) -> RealArray:
    """Return p at (s, h), (N,) float64."""
    s, h = at[0], at[1:]
    total: RealArray = np.zeros(next(iter(floats.values())).shape[1])
    for power, rows in floats.items():
        weight = float(np.prod([x**k for x, k in zip(h, power, strict=True)]))
        total = total + weight * (s ** np.arange(len(rows)) @ rows)
    return total


def _terms(centre: Polynomials, witness: ExactArray, theta: Fraction) -> Terms:
    """Return w·p − θ (1 − s), exactly."""
    below = lcm(*(q.denominator for q in witness))
    whole = np.array([int(q * below) for q in witness], dtype=object)
    found: Terms = {}
    for power, rows in centre.items():
        for k, row in enumerate(rows):
            value = int(whole @ row)
            if value:
                found[k, *power] = Fraction(value, below * 2**PRECISION)
    zero = (0,) * len(next(iter(centre)))
    for k, sign in ((0, -1), (1, 1)):
        found[k, *zero] = found.get((k, *zero), Fraction(0)) + sign * theta
    return found


def _spread(
    terms: Terms, middle: Sequence[float], halves: Sequence[float]
) -> tuple[float, RealArray]:
    """Return the value at the middle of a box, and the sizes of all other terms on it, in floats.

    The second has one axis for each variable, of the powers of the distance from the middle.
    """
    sizes = np.max([list(power) for power in terms], axis=0) + 1
    table = np.zeros(sizes)
    for power, q in terms.items():
        table[power] = float(q)
    for axis, (m, half) in enumerate(zip(middle, halves, strict=True)):
        table = np.moveaxis(
            np.tensordot(_shift(int(sizes[axis]), m, half), table, axes=(1, axis)), 0, axis
        )
    value = float(table.flat[0])
    table.flat[0] = 0.0
    return value, np.abs(table)


def _shift(size: int, middle: float, half: float) -> RealArray:
    """Return the matrix from coefficients of x^k to those of ((x − middle)/half)^j."""
    matrix = np.zeros((size, size))
    for k in range(size):
        for j in range(k + 1):
            matrix[j, k] = comb(k, j) * middle ** (k - j) * half**j
    return matrix


_SHORT_BITS = 38


def _rounded(terms: Terms) -> Terms:
    """Round every coefficient; the constant pays for it, as |s^k h^a| <= 4^-k on the box.

    Coefficients of s^k are rounded to multiples of 4^k 2^-38: most of the small ones vanish.
    """
    zero = (0,) * len(next(iter(terms)))
    paid = Fraction(0)
    rounded: Terms = {}
    for power, q in terms.items():
        step = Fraction(4 ** power[0], 2**_SHORT_BITS)
        short = round(q / step) * step
        paid += abs(short - q) / 4 ** power[0]
        if short:
            rounded[power] = short
    scale = 2**_SHORT_BITS
    up = Fraction(-((-paid * scale).__floor__()), scale)
    rounded[zero] = rounded.get(zero, Fraction(0)) - up
    return rounded
