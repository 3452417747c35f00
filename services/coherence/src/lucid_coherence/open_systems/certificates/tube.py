"""A tube around the polynomial trajectory, and witnesses that hold C_l1 up inside of it.

With e = ((1 − s) r − p(s, h))/σ and Ā a matrix of short numbers near Â_0 the error obeys
e' = (Ā − 1) e + D y, where D y = δ(s, h)/σ + (Â_0 − Ā + Σ h_k Â_k) e. As |δ| <= D σ/√2 on a
segment and ‖Â_0 − Ā + Σ h_k Â_k‖ <= ν, always |y|² <= 1 + β |e|², β = 2 ν²/D². The unit ball of e
is then never left: see `tube_problem`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

import numpy as np
import numpy.typing as npt

from lucid_coherence.open_systems.certificates.centre import (
    LOG_BELOW,
    START_ROUNDING,
    ScaledGenerator,
    Segment,
    rounded_start,
    scaled,
    segments,
)
from lucid_coherence.open_systems.certificates.exact_generator import ExactArray
from lucid_coherence.open_systems.certificates.pieces import Piece, cover
from lucid_coherence.open_systems.certificates.question import TubeQuestion
from lucid_coherence.open_systems.exact import round_down, short_above

SEGMENTS_MAX = 64
DISTURBANCE = Fraction(1, 4)
"""D, the size of the disturbance against the contraction of the discounted error, which is ~1."""
COARSE = 2**10
"""Denominator of Ā: exact proofs in 30 variables are fast with short numbers."""
GROWTH = Fraction(4, 3)
"""σ of a segment over that of the one before: the discount 1 − s is 3/4 at the end."""
_NORMS = (9.0, 20.0)
"""‖Â‖ up to which the Taylor recursion converges fast on 0 <= s <= 1/4, and with high degrees."""
_EXPANSION_MAX = 0.3
_VARIATION_MAX = 0.2


@dataclass(frozen=True, slots=True)
class Tube:
    """A claim: C_l1 >= theta on [0, horizon_s].

    kappa: the clock's rate κ, 1/s; count · ln(4/3) >= κ · horizon_s.
    parts: the segments; `widths` the σ of each; `pieces` the witnesses of each.
    coarse: Ā, integers over COARSE; `variation` is ν.
    """

    question: TubeQuestion
    horizon_s: Fraction
    kappa: Fraction
    generator: ScaledGenerator
    degree: int
    rate_degree: int
    parts: tuple[Segment, ...]
    widths: tuple[Fraction, ...]
    coarse: ExactArray
    variation: Fraction
    pieces: tuple[tuple[Piece, ...], ...] = ()

    def variations(self) -> tuple[ExactArray, ...]:
        """Return Â_0 − Ā, Â_1, ... as integers over COARSE times the generator's denominator."""
        return _variations(self.generator, self.coarse)

    @property
    def slope(self) -> Fraction:
        """β, of the bound |y|² <= 1 + β |e|²."""
        return 2 * self.variation**2 / DISTURBANCE**2


def segment_count(question: TubeQuestion, horizon_s: float) -> int:
    """Return how many segments a horizon needs; it may be more than SEGMENTS_MAX."""
    generator = question.generator
    matrices = [matrix.astype(np.float64) for matrix in generator.matrices]
    symmetric = 0.5 * (matrices[0] + matrices[0].T)
    norm = float(np.linalg.norm(matrices[0], 2))
    expansion = float(np.linalg.eigvalsh(symmetric)[-1])
    variation = sum(_norm_bound(matrix) for matrix in matrices[1:])
    slow = max(expansion / _EXPANSION_MAX, variation / _VARIATION_MAX)
    counts = [
        max(1, int(np.ceil(max(norm / most, slow) * horizon_s / float(LOG_BELOW))))
        for most in _NORMS
    ]
    return next((count for count in counts if count <= SEGMENTS_MAX), counts[-1])


def tube(
    question: TubeQuestion,
    horizon_s: Fraction,
    count: int,
    degrees: tuple[int, int],
    keep_going: Callable[[], bool] = lambda: True,
) -> Tube | None:
    """Return the tube of a horizon without its witnesses; `widths` says how good it is.

    Args:
        question: what is asked.
        horizon_s: the horizon to claim, s.
        count: how many segments.
        degrees: in s, and in all uncertain rates together.
        keep_going: asked between segments; on False the answer is None.
    """
    degree, rate_degree = degrees
    kappa = round_down(count * LOG_BELOW / horizon_s)
    generator = scaled(question.generator, kappa)
    start = rounded_start(question.start)
    parts = []
    for part in segments(generator, start, count, degree, rate_degree):
        if not keep_going():
            return None
        parts.append(part)
    needed = [
        short_above(2 * part.size**2 / DISTURBANCE**2, root=True) / GROWTH**index
        for index, part in enumerate(parts)
    ]
    first = short_above(max(question.radius + START_ROUNDING, *needed))
    widths = tuple(first * GROWTH**index for index in range(count))
    coarse = (COARSE * generator.matrices[0] + generator.denominator // 2) // generator.denominator
    below = COARSE * generator.denominator
    changes = [_norm_above(matrix, below) for matrix in _variations(generator, coarse)]
    return Tube(
        question=question,
        horizon_s=horizon_s,
        kappa=kappa,
        generator=generator,
        degree=degree,
        rate_degree=rate_degree,
        parts=tuple(parts),
        widths=widths,
        coarse=coarse,
        variation=sum(changes, Fraction(0)),
    )


def witnessed(found: Tube) -> Iterator[tuple[Piece, ...] | None]:
    """Yield the pieces of each segment in turn; None, and no more, where C_l1 is too low."""
    for part, width in zip(found.parts, found.widths, strict=True):
        pieces = cover(found.question, part.centre, width)
        yield pieces
        if pieces is None:
            return


def _variations(generator: ScaledGenerator, coarse: ExactArray) -> tuple[ExactArray, ...]:
    nearest = COARSE * generator.matrices[0] - generator.denominator * coarse
    return (nearest, *(COARSE * matrix for matrix in generator.matrices[1:]))


def _norm_bound(matrix: npt.NDArray[np.float64]) -> float:
    columns, rows = np.abs(matrix).sum(axis=0).max(), np.abs(matrix).sum(axis=1).max()
    return float(np.sqrt(columns * rows))


def _norm_above(matrix: ExactArray, denominator: int) -> Fraction:
    """Bound the 2-norm of an integer matrix over a denominator: ‖M‖² <= ‖M‖_1 ‖M‖_∞."""
    columns, rows = np.abs(matrix).sum(axis=0).max(), np.abs(matrix).sum(axis=1).max()
    return short_above(Fraction(isqrt(int(columns * rows)) + 1, denominator))
