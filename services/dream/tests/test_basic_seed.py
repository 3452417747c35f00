"""The bundled seed is proved at every level, and only as long as its evidence holds."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from lucid_dream import basic_seed
from lucid_dream.saga.basic import Level, best_level
from lucid_dream.saga.guard import guard_of
from lucid_dream.saga.monitor import begin

LEVELS = basic_seed._levels()


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: str(level.cap))
def test_every_level_is_accepted_by_the_checker_and_can_be_watched(level: Level) -> None:
    assert basic_seed._is_safe(level.problem_text, level.evidence_text)
    guard = guard_of(level.problem, cap=float(level.cap), horizon_s=660.0)
    assert begin(guard).barrier_upper < 0.0
    assert all(0.0 < phase.intensity <= level.cap for phase in level.phases)


@pytest.mark.parametrize(
    ("cap", "level"),
    [("1", "0.8"), ("0.8", "0.8"), ("0.79", "0.6"), ("0.3", "0.3"), ("0.1", "0.1")],
)
def test_a_person_gets_the_greatest_level_within_their_cap(cap: str, level: str) -> None:
    found = basic_seed.certified_for(Fraction(cap))
    assert found is not None
    assert found.cap == Fraction(level)


def test_below_the_lowest_level_there_is_none() -> None:
    assert basic_seed.certified_for(Fraction(9, 100)) is None


def test_evidence_of_another_level_is_refused() -> None:
    swapped = [replace(LEVELS[0], evidence_text=LEVELS[1].evidence_text)]
    assert best_level(swapped, Fraction(1), basic_seed._is_safe) is None


def test_evidence_with_one_number_changed_is_refused() -> None:
    document = json.loads(LEVELS[0].evidence_text)
    document["obligations"]["unsafe"]["proof"] = document["obligations"]["init"]["proof"]
    forged = [replace(LEVELS[0], evidence_text=json.dumps(document))]
    assert best_level(forged, Fraction(1), basic_seed._is_safe) is None
