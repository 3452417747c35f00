"""The store keeps what it accepted, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime

import pytest
from lucid.validation.v1 import validation_service_pb2 as pb2
from lucid.validation.v1 import verdict_pb2
from lucid_store.idempotency import RequestIdReused
from lucid_testkit.databases import database_url, postgres_url, sqlite_url
from lucid_validation.errors import QueueFull, ValidationAlreadyExists
from lucid_validation.store import QUEUED, RUNNING, Change, NewJob, Store

__all__ = ["database_url", "postgres_url", "sqlite_url"]

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SUCCEEDED = pb2.VALIDATION_STATE_SUCCEEDED


@pytest.fixture
def store(database_url):
    found = Store.open(database_url)
    yield found
    found.close()


def job(name: str, problem: bytes = b"p") -> NewJob:
    return NewJob(name, problem, 1000, 3, "{}", NOW)


def accept(store: Store, name: str, request_id: str = "", digest: bytes = b"h", most: int = 10):
    return store.accept(job(name), "method", request_id, digest, most)


def event(**fields) -> pb2.WatchValidationResponse:
    return pb2.WatchValidationResponse(**fields)


def test_a_verdict_is_stored_once_and_never_changed(store):
    first = verdict_pb2.Verdict(name="verdicts/" + "a" * 64, reason="first")
    second = verdict_pb2.Verdict(name=first.name, reason="second")
    evidence = verdict_pb2.Evidence(name="evidence/" + "b" * 64, document="{}")
    kept = store.save_verdict(first, evidence, NOW)
    assert store.save_verdict(second, evidence, NOW) == kept
    assert verdict_pb2.Verdict.FromString(store.verdict("a" * 64)).reason == "first"
    assert store.evidence("b" * 64).document == "{}"
    assert store.verdict("c" * 64) is None
    assert store.evidence("c" * 64) is None


def test_a_request_id_is_accepted_once(store):
    assert accept(store, "one", "id") == "one"
    assert accept(store, "two", "id") == "one"
    assert store.job("two") is None
    with pytest.raises(RequestIdReused):
        accept(store, "three", "id", b"other")


def test_an_id_is_taken_once_and_a_full_queue_refuses(store):
    accept(store, "one")
    with pytest.raises(ValidationAlreadyExists):
        accept(store, "one")
    with pytest.raises(QueueFull):
        accept(store, "two", most=1)
    assert store.unfinished() == ["one"]


def test_events_are_numbered_from_one_without_gaps(store):
    accept(store, "one")
    for i in range(3):
        assert store.advance("one", event(message=str(i)), Change(RUNNING, decided=i), NOW)
    found = [pb2.WatchValidationResponse.FromString(e) for e in store.events("one", 0)]
    assert [e.sequence for e in found] == [1, 2, 3, 4]
    assert [e.message for e in found[1:]] == ["0", "1", "2"]
    assert len(store.events("one", 3)) == 1
    assert store.job("one").decided_obligations == 2
    assert store.job("one").last_sequence == 4


def test_nothing_follows_the_end(store):
    accept(store, "one")
    assert store.advance("one", event(terminal=True), Change(SUCCEEDED, verdict_hash="a"), NOW)
    assert not store.advance("one", event(message="late"), Change(RUNNING), NOW)
    assert store.job("one").state == SUCCEEDED
    assert store.job("one").verdict_hash == "a"
    assert len(store.events("one", 0)) == 2
    assert store.unfinished() == []


def test_lists_are_in_order_and_a_deleted_operation_leaves_the_validation(store):
    for name in ("b", "a", "c"):
        accept(store, name)
    newest = store.newest_jobs(None, 2)
    assert [row.validation_id for row in newest] == ["c", "a"]
    assert [row.validation_id for row in store.newest_jobs(newest[-1].ordinal, 2)] == ["b"]
    assert [row.validation_id for row in store.operations("", 10)] == ["a", "b", "c"]
    store.delete_operation("b")
    assert [row.validation_id for row in store.operations("a", 10)] == ["c"]
    assert store.job("b").state == QUEUED


def test_what_was_accepted_is_there_after_opening_again(database_url):
    first = Store.open(database_url)
    accept(first, "one")
    first.close()
    second = Store.open(database_url)
    assert second.unfinished() == ["one"]
    second.close()
