"""What a person reads of a verdict names the field that is wrong."""

from lucid_cli.verdict_view import lines_for_person


def test_an_invalid_problem_is_shown_with_its_field_and_what_was_expected() -> None:
    line = {
        "id": "x",
        "verdict": "INVALID_INPUT",
        "implies_safety": False,
        "obligations": {},
        "seconds": 0.1,
        "reason": "UNKNOWN_VALUE",
        "field": "kind",
        "message": "one of continuous, discrete is expected",
    }
    assert lines_for_person(line)[-1] == (
        "  UNKNOWN_VALUE: kind: one of continuous, discrete is expected"
    )


def test_a_reason_alone_is_shown_alone() -> None:
    line = {
        "id": "x",
        "verdict": "ERROR",
        "implies_safety": False,
        "obligations": {},
        "seconds": 0.1,
        "reason": "WORKER_LOST",
    }
    assert lines_for_person(line)[-1] == "  WORKER_LOST"
