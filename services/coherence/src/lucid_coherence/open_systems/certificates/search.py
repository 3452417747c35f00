"""The search for a tube whose horizon is within the wanted gap of the numerical one.

A target horizon fixes the number of segments; the degree rises until the tube is thin against the
margin that is left at the target. Where the witnesses do not hold C_l1 up, the target is lowered.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from lucid_coherence.open_systems.certificates.numerical import (
    NumericalHorizon,
    coherence_at,
    numerical_horizon,
)
from lucid_coherence.open_systems.certificates.question import TubeQuestion
from lucid_coherence.open_systems.certificates.tube import (
    SEGMENTS_MAX,
    Tube,
    segment_count,
    tube,
    witnessed,
)
from lucid_coherence.open_systems.certificates.tube_problem import (
    ATOM_CHARACTERS_MAX,
    TubeProblem,
    longest_atom,
    tube_problem,
)
from lucid_coherence.open_systems.exact import round_down
from lucid_coherence.open_systems.violations import ModelUnsupported, NumberUnreadable

GAP_DEFAULT_PERCENT = 1.0
KeepGoing = Callable[[], bool]

DEGREES = (6, 8, 10, 12, 14, 18, 22, 26, 30, 38, 46)
"""Degrees in s, in the order of the attempts."""
_RATE_DEGREES = (0, 10, 6, 4)
"""Largest degree in the uncertain rates, for 0, 1, 2 and 3 of them: their monomials are many."""
_RATE_SHARE = 0.01
"""The degree in the rates starts where the Taylor tail is this share of the margin."""
_TARGETS = (0.5, 0.8, 0.95)
"""Shares of the gap that are given up, one after the other."""
_SHORTER = (0.95, 0.9, 0.8, 0.65, 0.5, 0.3)
"""Shares of the numerical horizon that are tried beyond the gap, to say what was reached."""
_THIN = 0.05
"""Largest width of the tube, times |w|, against the margin at the target."""
_WITNESS_NORM = 3.0
PIECES_TOTAL_MAX = 600
"""Witnesses take validation some 20 ms each."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done: construct, raise_degree or segment (`segment` of `segments`)."""

    stage: str
    degree: int
    message: str
    segment: int = 0
    segments: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A tube with all its pieces and its problem; `wide` if its gap is larger than asked."""

    tube: Tube
    problem: TubeProblem
    numerical_s: float
    gap_percent: float
    wide: bool


@dataclass(frozen=True, slots=True)
class NotFound:
    """No tube: why, and the numerical horizon, s, 0 if there is none."""

    reason: str
    numerical_s: float
    degree: int
    segments: int


Event = Progress | Found | NotFound


def search(
    question: TubeQuestion, wanted_s: Fraction | None, gap_percent: float, keep_going: KeepGoing
) -> Iterator[Event]:
    """Yield progress and tubes, the longest horizon first; the caller stops at one it accepts.

    The last event is Found or NotFound; after a Found that is not accepted the search goes on.

    Args:
        question: what is asked.
        wanted_s: certify exactly this horizon; None means the longest within the gap.
        gap_percent: largest distance to the numerical horizon; 0 means 1.
        keep_going: asked between steps; on False the search ends at once, without a last event.

    Raises:
        NumberUnreadable: wanted_s <= 0.
        ModelUnsupported: C_l1 never falls to theta, and no horizon is wanted.
    """
    if wanted_s is not None and wanted_s <= 0:
        raise NumberUnreadable(
            f"wanted_horizon_s is {float(wanted_s):.6g}; a horizon is longer than 0.",
            field="wanted_horizon_s",
            value=wanted_s,
        )
    gap = gap_percent or GAP_DEFAULT_PERCENT
    yield Progress("construct", 0, "looking for the numerical horizon")
    numbers = _numerical(question, wanted_s, keep_going)
    if not keep_going():
        return
    reached = numbers.horizon_s if numbers else 0.0
    refusal = _refused(question, wanted_s, numbers)
    if refusal is not None:
        yield refusal
        return
    last = NotFound("The search ended.", reached, 0, 0)
    for target in _targets(wanted_s, reached, gap):
        for event in _attempt(question, target, numbers, keep_going):
            if not keep_going():
                return
            if isinstance(event, Tube):
                share = 100 * (1 - float(target) / reached) if reached else 0.0
                wide = wanted_s is None and share > gap
                problem = tube_problem(event)
                if longest_atom(problem) > ATOM_CHARACTERS_MAX:
                    last = _too_long(event, reached)
                else:
                    yield Found(event, problem, reached, share, wide)
            elif isinstance(event, NotFound):
                last = event
            else:
                yield event
        if not keep_going():
            return
    yield last


def _too_long(found: Tube, reached: float) -> NotFound:
    return NotFound(
        f"The polynomials of degree {found.degree} in time and {found.rate_degree} in the "
        "uncertain rates are longer than validation reads.",
        reached,
        found.degree,
        len(found.parts),
    )


def _numerical(
    question: TubeQuestion, wanted_s: Fraction | None, keep_going: KeepGoing
) -> NumericalHorizon | None:
    longest = 1.02 * float(wanted_s) if wanted_s is not None else 0.0
    return numerical_horizon(
        question.generator,
        question.start,
        float(question.radius),
        float(question.theta),
        longest,
        keep_going,
    )


def _refused(
    question: TubeQuestion, wanted_s: Fraction | None, numbers: NumericalHorizon | None
) -> NotFound | None:
    if numbers is None and wanted_s is None:
        raise ModelUnsupported(
            "The coherence was not seen to fall to theta, so there is no longest horizon to "
            "certify; a wanted horizon can be asked for.",
            field="wanted_horizon_s",
            theta=question.theta,
        )
    if wanted_s is None and numbers is not None and numbers.horizon_s == 0:
        return NotFound(
            "The coherence starts so near theta that numbers see no time before it falls there.",
            0.0,
            0,
            0,
        )
    # What a ball can take away is bounded by tangents, from above: its true horizon may be longer.
    ball = " (of a start in the ball, to first order, or later)" if question.radius else ""
    if wanted_s is not None and numbers is not None and float(wanted_s) >= numbers.horizon_s:
        return NotFound(
            f"The coherence falls to theta at {numbers.horizon_s:.6g} s by numbers{ball}, before "
            f"the wanted {float(wanted_s):.6g} s.",
            numbers.horizon_s,
            0,
            0,
        )
    return None


def _targets(wanted_s: Fraction | None, reached: float, gap: float) -> Iterator[Fraction]:
    if wanted_s is not None:
        yield wanted_s
        return
    shares = [1 - gap / 100 * share for share in _TARGETS]
    shares += [share for share in _SHORTER if share < shares[-1]]
    for share in shares:
        yield round_down(Fraction(reached * share))


def _attempt(
    question: TubeQuestion,
    target: Fraction,
    numbers: NumericalHorizon | None,
    keep_going: KeepGoing,
) -> Iterator[Progress | NotFound | Tube]:
    reached = numbers.horizon_s if numbers else 0.0
    count = segment_count(question, float(target))
    if count > SEGMENTS_MAX:
        yield NotFound(
            f"{float(target):.6g} s take {count} segments of time; at most {SEGMENTS_MAX} are "
            "served. The motion is too fast against the decay, or a rate too uncertain.",
            reached,
            0,
            count,
        )
        return
    h = numbers.h if numbers else (0.0,) * question.generator.uncertain
    margin = coherence_at(question.generator, question.start, h, float(target)) - float(
        question.theta
    )
    rounds = _rising(question, target, count, margin, keep_going)
    found = None
    for number, found in enumerate(rounds):
        yield Progress(
            "raise_degree" if number else "construct",
            found.degree,
            f"degree {found.degree} in {count} segments to {float(target):.6g} s: tube "
            f"{float(found.widths[-1]):.3g}",
            0,
            count,
        )
    if found is not None and keep_going():
        yield from _with_witnesses(found, reached)


def _rising(
    question: TubeQuestion, target: Fraction, count: int, margin: float, keep_going: KeepGoing
) -> Iterator[Tube]:
    """Yield tubes of rising degree until one is thin, or no degree makes it thinner.

    Where a higher degree in s does not help, the degree in the rates is what is missing.
    """
    most = _RATE_DEGREES[question.generator.uncertain]
    powers = min(_rate_degree(question, float(target), margin), most)
    last = float("inf")
    for degree in DEGREES:
        found = tube(question, target, count, (degree, powers), keep_going)
        if found is None:
            return
        yield found
        width = float(found.widths[-1])
        least = float(question.radius * (found.widths[-1] / found.widths[0]))
        if width * _WITNESS_NORM <= _THIN * margin or width <= 1.5 * least:
            return
        if width > 0.5 * last and last < float("inf"):
            if powers == most:
                return
            powers = min(powers + 2, most)
        last = width


def _rate_degree(question: TubeQuestion, horizon_s: float, margin: float) -> int:
    """Return the degree k at which x^(k + 1)/(k + 1)! is small, x the norm of what rates change."""
    x = horizon_s * sum(
        float(np.linalg.norm(matrix.astype(np.float64), 2))
        for matrix in question.generator.matrices[1:]
    )
    tail, degree = x, 0
    while tail > _RATE_SHARE * margin and degree < max(_RATE_DEGREES):
        degree += 1
        tail *= x / (degree + 1)
    return degree


def _with_witnesses(found: Tube, reached: float) -> Iterator[Progress | NotFound | Tube]:
    count, pieces = len(found.parts), []
    for index, part in enumerate(witnessed(found), start=1):
        if part is None:
            at = (index - 1) / count * float(found.horizon_s)
            yield NotFound(
                f"In segment {index} of {count}, after {at:.6g} s, no witness holds the coherence "
                f"above theta: the tube of degree {found.degree} has the width "
                f"{float(found.widths[index - 1]):.3g}.",
                reached,
                found.degree,
                count,
            )
            return
        pieces.append(part)
        yield Progress(
            "segment",
            found.degree,
            f"segment {index} of {count} is covered by {len(part)} witnesses",
            index,
            count,
        )
    if sum(map(len, pieces)) > PIECES_TOTAL_MAX:
        yield NotFound(
            f"{sum(map(len, pieces))} witnesses are needed; at most {PIECES_TOTAL_MAX} are served.",
            reached,
            found.degree,
            count,
        )
        return
    yield replace(found, pieces=tuple(pieces))
