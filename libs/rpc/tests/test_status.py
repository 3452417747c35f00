import grpc
from hypothesis import given
from hypothesis import strategies as st
from lucid_rpc.status import (
    STATUS_BYTES_MAX,
    TEXT_CHARACTERS_MAX,
    Failure,
    FieldViolation,
    Precondition,
    Quota,
    Resource,
    error_of,
    failure_of,
    status_of,
    trailing_metadata_of,
)
from lucid_testkit.strategies import METADATA, REASONS, TEXTS

FAILURES = st.builds(
    Failure,
    code=st.sampled_from([code for code in grpc.StatusCode if code is not grpc.StatusCode.OK]),
    reason=REASONS,
    domain=st.just("vendor.lucid"),
    message=TEXTS,
    metadata=METADATA,
    field_violations=st.lists(st.builds(FieldViolation, TEXTS, TEXTS, REASONS), max_size=3).map(
        tuple
    ),
    retry_after_s=st.none() | st.integers(0, 10**9).map(lambda micros: micros / 1e6),
    resource=st.none() | st.builds(Resource, TEXTS, TEXTS),
    quota=st.none() | st.builds(Quota, TEXTS, TEXTS),
    precondition=st.none() | st.builds(Precondition, TEXTS, TEXTS, TEXTS),
)


@given(FAILURES)
def test_a_client_gets_back_what_the_server_meant(failure: Failure) -> None:
    if status_of(failure).ByteSize() <= STATUS_BYTES_MAX:
        assert failure_of(error_of(failure)) == failure


@given(FAILURES)
def test_each_detail_appears_at_most_once(failure: Failure) -> None:
    kinds = [detail.type_url for detail in status_of(failure).details]
    assert len(kinds) == len(set(kinds))
    assert kinds[0].endswith("google.rpc.ErrorInfo")


def test_long_failures_are_cut_to_fit_the_headers() -> None:
    failure = Failure(
        code=grpc.StatusCode.INVALID_ARGUMENT,
        reason="FIELDS_INVALID",
        domain="rpc.lucid",
        message="λ" * 5000,
        metadata={"text": "x" * 5000},
        field_violations=tuple(FieldViolation(f"vars[{n}]", "x" * 200) for n in range(500)),
    )
    ((_, carried),) = trailing_metadata_of(failure)
    assert len(carried) <= STATUS_BYTES_MAX
    back = failure_of(error_of(failure))
    assert back.field_violations
    assert len(back.message) == TEXT_CHARACTERS_MAX
    assert back.metadata["text"].endswith("…")


def test_an_error_that_nobody_explained_has_its_code_as_the_reason() -> None:
    bare = grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(), details="refused"
    )
    assert failure_of(bare) == Failure(
        code=grpc.StatusCode.UNAVAILABLE, reason="UNAVAILABLE", domain="grpc", message="refused"
    )
