import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lucid_store.engine import reading, writing
from lucid_store.idempotency import (
    RequestIdReused,
    calls_by_request,
    effects_by_request,
    forget_requests,
    hash_of,
    once,
)
from sqlalchemy import Engine

METHOD = "lucid.sample.v1.SampleService/Make"
ID = "5f4b6f0e-8d4c-4b19-8f6f-0d2b7a4c9e11"
HASH = hash_of(b"request")


def make(engine: Engine, answer: bytes, request_hash: bytes = HASH, request_id: str = ID) -> bytes:
    with writing(engine) as connection:
        return once(connection, METHOD, request_id, request_hash, lambda: answer)


def effects(engine: Engine) -> dict[tuple[str, str], int]:
    with reading(engine) as connection:
        return effects_by_request(connection)


def test_a_duplicate_returns_the_bytes_of_the_first_success(engine: Engine):
    assert make(engine, b"\x00first\xff") == b"\x00first\xff"
    assert make(engine, b"second") == b"\x00first\xff"
    assert effects(engine) == {(METHOD, ID): 1}


def test_an_empty_answer_is_an_answer(engine: Engine):
    assert make(engine, b"") == b""
    assert make(engine, b"second") == b""


def test_calls_are_counted_beside_effects(engine: Engine):
    for _ in range(3):
        make(engine, b"a")
    with reading(engine) as connection:
        assert calls_by_request(connection) == {(METHOD, ID): 3}


def test_the_same_id_with_another_request_is_refused(engine: Engine):
    make(engine, b"first")
    with pytest.raises(RequestIdReused, match=ID):
        make(engine, b"second", hash_of(b"another"))
    assert effects(engine) == {(METHOD, ID): 1}


def test_a_failure_stores_nothing_so_the_caller_may_try_again(engine: Engine):
    def fail() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        once(connection, METHOD, ID, HASH, fail)
    assert make(engine, b"second time") == b"second time"
    assert effects(engine) == {(METHOD, ID): 1}


def test_without_an_id_each_call_takes_effect(engine: Engine):
    assert make(engine, b"a", request_id="") == b"a"
    assert make(engine, b"b", request_id="") == b"b"


def test_duplicates_that_arrive_together_take_effect_once(engine: Engine):
    barrier = threading.Barrier(4)

    def call(number: int) -> bytes:
        barrier.wait(10)
        return make(engine, str(number).encode())

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(call, range(4)))
    assert len(answers) == 1
    assert effects(engine) == {(METHOD, ID): 1}


def test_answers_are_forgotten_by_age(engine: Engine):
    make(engine, b"first")
    now = datetime.now(UTC)
    with writing(engine) as connection:
        assert forget_requests(connection, now - timedelta(hours=1)) == 0
        assert forget_requests(connection, now + timedelta(hours=1)) == 1
    assert make(engine, b"second") == b"second"


@given(st.lists(st.binary()), st.lists(st.binary()))
def test_hashes_are_equal_exactly_when_the_parts_are(one: list[bytes], other: list[bytes]):
    assert (hash_of(*one) == hash_of(*other)) == (one == other)
