"""Tubes: the residual is exact, every true run stays inside, and nothing too long is claimed."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lucid_coherence.open_systems.certificates import centre as centres
from lucid_coherence.open_systems.certificates.centre import LOG_BELOW, PRECISION, SEGMENT_END
from lucid_coherence.open_systems.certificates.exact_generator import (
    coordinates_of,
    exact_generator,
)
from lucid_coherence.open_systems.certificates.question import TubeQuestion
from lucid_coherence.open_systems.certificates.search import Found, NotFound, Progress, search
from lucid_coherence.open_systems.certificates.tube import DISTURBANCE, Tube, tube, witnessed
from lucid_coherence.open_systems.certificates.tube_problem import tube_problem
from lucid_coherence.open_systems.certificates.witness import Pairs
from lucid_coherence.open_systems.exact import short_above
from lucid_coherence.open_systems.violations import (
    ModelUnsupported,
    NumberUnreadable,
    ThresholdNotBelowStart,
)
from scipy.linalg import expm

from .systems import random_system


def question(
    qubits: int, seed: int, uncertain: int = 0, theta: Any = None, radius: Any = 0
) -> TubeQuestion:
    system, start = random_system(qubits, seed, uncertain)
    return TubeQuestion(
        exact_generator(system),
        coordinates_of(start, qubits),
        Fraction(radius),
        Fraction(theta or qubits) / 2,
    )


def made(asked: TubeQuestion, *arguments: Any) -> Tube:
    found = tube(asked, *arguments)
    assert found is not None
    return found


def at(table: Any, s: Fraction, h: tuple[Fraction, ...], scale: int) -> Any:
    """A polynomial of integers, evaluated without rounding."""
    size = len(next(iter(table.values()))[0])
    total = np.array([Fraction(0)] * size, dtype=object)
    for power, rows in table.items():
        weight = Fraction(1)
        for value, k in zip(h, power, strict=True):
            weight *= value**k
        for k, row in enumerate(rows):
            total = total + weight * s**k * row
    return total / scale


def slope(table: Any, s: Fraction, h: tuple[Fraction, ...], scale: int) -> Any:
    lowered = {power: [k * row for k, row in enumerate(rows)][1:] for power, rows in table.items()}
    return at(lowered, s, h, scale)


@given(st.integers(0, 8), st.integers(-4, 4), st.integers(-4, 4))
@settings(max_examples=10, deadline=None)
def test_the_residual_is_what_the_centre_lacks_exactly(ds: int, a: int, b: int) -> None:
    found = made(question(1, 4, 2), Fraction(1, 2), 1, (6, 2))
    s, h = Fraction(ds, 32), (Fraction(a, 4), Fraction(b, 4))
    part, generator = found.parts[0], found.generator
    p = at(part.centre, s, h, 2**PRECISION)
    weights = (Fraction(1), *h)
    below = generator.denominator
    matrix = sum(w * m for w, m in zip(weights, generator.matrices, strict=True)) / below
    vector = sum(w * v for w, v in zip(weights, generator.vectors, strict=True)) / below
    lacks = matrix @ p + (1 - s) * vector - p - (1 - s) * slope(part.centre, s, h, 2**PRECISION)
    delta = at(part.residual, s, h, below * 2**PRECISION)
    assert list(lacks) == list(delta)
    assert sum(q * q for q in delta) <= part.size**2


def test_segments_meet_exactly() -> None:
    found = made(question(2, 1, 1), Fraction(3), 6, (10, 3))
    zero = (Fraction(1, 3),)
    for one, following in zip(found.parts, found.parts[1:], strict=False):
        end = at(one.centre, SEGMENT_END, zero, 2**PRECISION)
        start = at(following.centre, Fraction(0), zero, 2**PRECISION)
        assert list(end) == list(start * (1 - SEGMENT_END))


@pytest.mark.parametrize(("qubits", "uncertain"), [(1, 0), (1, 2), (2, 0), (2, 1)])
def test_every_true_run_stays_in_the_tube(qubits: int, uncertain: int) -> None:
    asked = question(qubits, 7, uncertain)
    count = 8
    found = made(asked, Fraction(2), count, (12, 4))
    kappa = float(found.kappa)
    assert found.kappa * found.horizon_s <= count * LOG_BELOW
    first = np.concatenate([[1.0], asked.start.astype(float)])
    for h in [(-1.0,) * uncertain, (1.0,) * uncertain, (0.3,) * uncertain]:
        exact_h = tuple(Fraction(x) for x in h)
        for index, (part, width) in enumerate(zip(found.parts, found.widths, strict=True)):
            for s in (Fraction(0), Fraction(1, 8), Fraction(1, 4)):
                passed = index * np.log(4 / 3) - np.log1p(-float(s))
                r = (expm(asked.generator.floats(h) * passed / kappa) @ first)[1:]
                p = at(part.centre, s, exact_h, 2**PRECISION).astype(float)
                away = np.linalg.norm((1 - float(s)) * r - p)
                # 1e-13 is what expm and the doubles of r may be off.
                assert away <= float(width) + 1e-13


def test_the_disturbance_is_bounded_as_the_domain_says() -> None:
    found = made(question(1, 3, 2), Fraction(1, 4), 2, (8, 3))
    rng = np.random.default_rng(2)
    below = found.generator.denominator
    changes = found.variations()
    for part, width in zip(found.parts, found.widths, strict=True):
        for _ in range(20):
            s = Fraction(int(rng.integers(0, 65)), 256)
            h = tuple(Fraction(int(k), 8) for k in rng.integers(-8, 9, 2))
            e = np.array([Fraction(int(k), 16) for k in rng.integers(-16, 17, 3)], dtype=object)
            delta = at(part.residual, s, h, below * 2**PRECISION)
            matrix = sum(w * m for w, m in zip((1, *h), changes, strict=True))
            y = (delta / width + matrix @ e / (1024 * below)) / DISTURBANCE
            assert sum(q * q for q in y) <= 1 + found.slope * sum(q * q for q in e)


def test_pieces_cover_the_segment_and_are_below_the_polynomial() -> None:
    asked = question(2, 2, 1)
    found = made(asked, Fraction(3, 2), 4, (14, 5))
    pairs = Pairs.of(2)
    covers = list(witnessed(found))
    for part, width, pieces in zip(found.parts, found.widths, covers, strict=True):
        assert pieces is not None
        volume = sum(np.prod([high - low for low, high in piece.box]) for piece in pieces)
        assert volume == SEGMENT_END * 2
        for piece in pieces:
            assert sum(q * q for q in piece.tilt) < piece.reach**2
            for share in (Fraction(0), Fraction(1, 3), Fraction(1)):
                s, h = (low + share * (high - low) for low, high in piece.box)
                value = sum(q * s ** power[0] * h ** power[1] for power, q in piece.terms.items())
                w = piece.tilt / width
                p = at(part.centre, s, (h,), 2**PRECISION)
                assert value <= w @ p - asked.theta * (1 - s)
                assert value > piece.reach
                r = (p / (1 - s)).astype(float)
                assert float(w @ (p / (1 - s))) <= pairs.coherence(r)[0] + 1e-12


def test_no_witness_holds_beyond_the_horizon() -> None:
    for qubits, seed in ((1, 1), (2, 0)):
        asked = question(qubits, seed)
        events = search(asked, None, 1.0, lambda: True)
        found = next(event for event in events if isinstance(event, Found))
        for share in (1.0005, 1.05, 1.5):
            target = Fraction(found.numerical_s * share).limit_denominator(10**6)
            late = made(asked, target, len(found.tube.parts) + 2, (20, 0))
            assert list(witnessed(late))[-1] is None


def test_a_tube_that_is_too_wide_finds_no_witnesses() -> None:
    asked = question(1, 1, radius="1/2", theta="1/10")
    found = made(asked, Fraction(1), 2, (12, 0))
    assert found.widths[0] >= Fraction(1, 2)
    assert list(witnessed(found))[-1] is None


@pytest.mark.parametrize(("qubits", "seed", "uncertain"), [(1, 0, 0), (1, 5, 1), (2, 4, 0)])
def test_the_search_ends_within_the_gap_below_the_horizon(
    qubits: int, seed: int, uncertain: int
) -> None:
    asked = question(qubits, seed, uncertain)
    events = []
    for event in search(asked, None, 0.5, lambda: True):
        events.append(event)
        if isinstance(event, Found):
            break
    found = events[-1]
    assert isinstance(found, Found)
    assert not found.wide
    assert 0 < found.gap_percent <= 0.5
    first = np.concatenate([[1.0], asked.start.astype(float)])
    for h in [(-1.0,) * uncertain, (1.0,) * uncertain]:
        for t in np.linspace(0, float(found.tube.horizon_s), 60):
            r = (expm(asked.generator.floats(h) * t) @ first)[1:]
            assert Pairs.of(qubits).coherence(r)[0] >= float(asked.theta)
    assert tube_problem(found.tube) == found.problem
    stages = [event.stage for event in events if isinstance(event, Progress)]
    assert stages[0] == "construct"
    assert stages[-1] == "segment"


def test_a_search_that_nobody_wants_any_more_ends() -> None:
    left = iter([True] * 4)
    events = list(search(question(2, 1), None, 1.0, lambda: next(left, False)))
    assert all(isinstance(event, Progress) for event in events)
    assert len(events) < 6


def test_questions_without_an_answer_are_refused() -> None:
    with pytest.raises(ThresholdNotBelowStart):
        question(1, 1, theta="199/100")
    with pytest.raises(NumberUnreadable):
        question(1, 1, theta=2)
    with pytest.raises(NumberUnreadable):
        question(1, 1, radius=-1)
    closed, start = random_system(1, 1, strength=0.0)
    asked = TubeQuestion(
        exact_generator(closed), coordinates_of(start, 1), Fraction(0), Fraction(1, 100)
    )
    *_, late = search(asked, Fraction(10**3), 1.0, lambda: True)
    assert isinstance(late, NotFound)


@pytest.mark.parametrize("wanted", [0, -1])
def test_a_wanted_horizon_is_longer_than_nothing(wanted: int) -> None:
    with pytest.raises(NumberUnreadable, match="wanted_horizon_s"):
        list(search(question(1, 1), Fraction(wanted), 1.0, lambda: True))


@pytest.mark.parametrize("below", [Fraction(1, 2**40), Fraction(1, 2**50)])
def test_a_threshold_that_touches_the_start_is_refused_with_a_reason(below: Fraction) -> None:
    falling, _ = random_system(1, 1)
    start = np.array([Fraction(1), Fraction(0), Fraction(0)], dtype=object)
    asked = TubeQuestion(exact_generator(falling), start, Fraction(0), 1 - below)
    *_, last = search(asked, None, 1.0, lambda: True)
    assert isinstance(last, NotFound)
    assert last.reason


def test_coherence_that_never_falls_has_only_wanted_horizons() -> None:
    generator = exact_generator(random_system(1, 1, strength=0.0)[0])
    still = generator.matrices[0] * 0
    kept = type(generator)(1, (still,), (generator.vectors[0] * 0,))
    start = np.array([Fraction(9, 10), Fraction(0), Fraction(0)], dtype=object)
    asked = TubeQuestion(kept, start, Fraction(0), Fraction(1, 2))
    with pytest.raises(ModelUnsupported, match="wanted horizon"):
        list(search(asked, None, 1.0, lambda: True))
    found = [e for e in search(asked, Fraction(5), 1.0, lambda: True) if isinstance(e, Found)]
    assert found[0].tube.horizon_s == 5


@given(st.fractions(min_value=Fraction(1, 10**12), max_value=10**6))
def test_short_numbers_are_above_and_close(value: Fraction) -> None:
    assert value <= short_above(value) <= value * Fraction(129, 128)
    assert value <= short_above(value, root=True) ** 2 <= value * Fraction(66, 64)


def test_the_logarithm_is_below() -> None:
    # ln(4/3) = 2 artanh(1/7), a series of positive terms.
    below = 2 * sum(Fraction(1, (2 * k + 1) * 7 ** (2 * k + 1)) for k in range(12))
    assert below > centres.LOG_BELOW
    assert below - centres.LOG_BELOW < Fraction(1, 10**13)
