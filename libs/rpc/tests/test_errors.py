import logging
import re

import grpc
import pytest
from lucid_rpc import rejections
from lucid_rpc.errors import RPC_ERRORS, ErrorEntry, ErrorTable
from lucid_rpc.status import FieldViolation, Resource, error_of


class Missing(Exception):
    pass


class SeedMissing(Missing):
    pass


TABLE = ErrorTable(
    "vendor.lucid",
    {
        Missing: ErrorEntry(
            grpc.StatusCode.NOT_FOUND,
            "MISSING",
            metadata=lambda error: {"name": error.args[0]},
            resource=lambda error: Resource("Seed", error.args[0]),
        ),
        ValueError: ErrorEntry(
            grpc.StatusCode.INVALID_ARGUMENT, "VALUE", field=lambda _: "problem.text"
        ),
        rejections.PageTokenInvalid: ErrorEntry(grpc.StatusCode.INVALID_ARGUMENT, "MY_TOKEN"),
    },
)


def test_a_subclass_is_answered_as_its_nearest_base() -> None:
    failure = TABLE.failure_for(SeedMissing("s"))
    assert (failure.reason, failure.domain, failure.message) == ("MISSING", "vendor.lucid", "s")
    assert failure.resource == Resource("Seed", "s")
    assert failure.metadata == {"name": "s"}


def test_a_field_becomes_a_violation_with_the_message() -> None:
    failure = TABLE.failure_for(ValueError("too long"))
    assert failure.field_violations == (FieldViolation("problem.text", "too long", "VALUE"),)


def test_a_service_may_answer_what_the_libraries_refuse() -> None:
    error = rejections.PageTokenInvalid("is stale")
    assert TABLE.failure_for(error).reason == "MY_TOKEN"
    assert ErrorTable("x.lucid").failure_for(error).domain == "rpc.lucid"


def test_a_defect_tells_an_incident_and_no_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        failure = TABLE.failure_for(RuntimeError("password is hunter2"), "a/B")
    assert (failure.code, failure.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert "hunter2" not in str(failure)
    (record,) = caplog.records
    assert vars(record)["incident"] == failure.metadata["incident"]
    assert vars(record)["rpc_method"] == "a/B"


@pytest.mark.parametrize(
    ("code", "answer", "reason"),
    [
        ("UNAVAILABLE", "UNAVAILABLE", "PEER_UNAVAILABLE"),
        ("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", "PEER_DEADLINE_EXCEEDED"),
        ("RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED", "PEER_OVERLOADED"),
        ("NOT_FOUND", "INTERNAL", "INTERNAL"),
    ],
)
def test_a_callees_failure_is_passed_on_only_if_it_is_about_the_moment(
    code: str, answer: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    below = TABLE.failure_for(Missing("x"))
    error = grpc.aio.AioRpcError(
        grpc.StatusCode[code], grpc.aio.Metadata(), error_of(below).trailing_metadata()
    )
    with caplog.at_level(logging.CRITICAL):
        failure = TABLE.failure_for(error)
    assert (failure.code.name, failure.reason) == (answer, reason)
    if reason.startswith("PEER"):
        assert failure.metadata["peer_reason"] == "MISSING"


def test_every_refusal_of_the_libraries_has_one_reason() -> None:
    refusals = {
        cls
        for cls in vars(rejections).values()
        if isinstance(cls, type) and issubclass(cls, rejections.Rejected)
    } - {rejections.Rejected}
    assert set(RPC_ERRORS.entries) == refusals
    reasons = [entry.reason for entry in RPC_ERRORS.entries.values()]
    assert len(set(reasons)) == len(reasons)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]{1,61}[A-Z0-9]", reason) for reason in reasons)
