"""Problems survive the way to a message and back; caps are exact decimals or refused."""

from fractions import Fraction

import pytest
from google.protobuf import json_format
from lucid.validation.v1 import problem_pb2
from lucid.vendor.v1 import seed_pb2
from lucid_dream.basic_seed import _levels
from lucid_dream.convert import (
    ModelNotUsable,
    parse_cap,
    problem_from_message,
    problem_to_message,
    state_from_message,
    state_to_message,
    zone_of,
)
from lucid_dream.refusals import CapNotUsable, TimeZoneUnknown
from lucid_dream.saga.states import SessionState


@pytest.mark.parametrize("level", _levels(), ids=lambda level: str(level.cap))
def test_a_problem_and_its_message_are_inverses(level: object) -> None:
    problem = level.problem  # type: ignore[attr-defined]
    message = problem_to_message(problem)
    assert problem_from_message(message) == problem
    assert problem_to_message(problem_from_message(message)) == message


def test_a_model_without_a_single_barrier_is_refused() -> None:
    with pytest.raises(ModelNotUsable):
        problem_from_message(problem_pb2.Problem())


@pytest.mark.parametrize("text", ["0", "1.01", "-0.5", "1e-1", ".", "", "٠.٥", "0x1", "1/2", "0_5"])
def test_a_cap_that_is_no_plain_decimal_in_the_unit_interval_is_refused(text: str) -> None:
    with pytest.raises(CapNotUsable):
        parse_cap(text, "cap")


def test_caps_are_exact() -> None:
    assert parse_cap("0.30", "cap") == Fraction(3, 10)


@pytest.mark.parametrize("state", SessionState)
def test_states_are_named_alike_on_the_wire(state: SessionState) -> None:
    assert state_from_message(state_to_message(state)) is state


def test_time_zones_are_known_by_name_or_refused() -> None:
    assert zone_of("") is zone_of("UTC")
    for wrong in ("Mars/Base", "../etc/passwd", "/etc/passwd"):
        with pytest.raises(TimeZoneUnknown):
            zone_of(wrong)


def test_a_seed_of_the_bundle_is_a_seed() -> None:
    from lucid_dream.basic_seed import certified_for

    found = certified_for(Fraction(8, 10))
    assert found is not None
    text = json_format.MessageToJson(found.as_message())
    assert json_format.Parse(text, seed_pb2.Seed()) == found.as_message()
