from typing import ClassVar

import pytest
import sqlalchemy as sa
from lucid_store.idempotency import RequestIdReused
from lucid_store.transactions import Transactions

HASH = b"h" * 32


class Store(Transactions):
    package: ClassVar[str] = "lucid_store"


@pytest.fixture
def store(database_url: str) -> Store:
    return Store.open(database_url)


async def test_a_failed_write_leaves_nothing(store: Store) -> None:
    def work(connection: sa.Connection) -> None:
        connection.execute(sa.text("CREATE TABLE kept (x INTEGER)"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.write(work)
    names = await store.read(lambda c: sa.inspect(c).get_table_names())
    assert "kept" not in names
    store.close()


async def test_a_request_is_answered_once_and_remembered(store: Store) -> None:
    answers = iter([b"first", b"second"])
    assert await store.answered("M", "id-1", HASH) is None
    assert await store.once("M", "id-1", HASH, lambda _: next(answers)) == b"first"
    assert await store.once("M", "id-1", HASH, lambda _: next(answers)) == b"first"
    assert await store.answered("M", "id-1", HASH) == b"first"
    with pytest.raises(RequestIdReused):
        await store.answered("M", "id-1", b"g" * 32)
    store.close()


async def test_without_an_id_nothing_is_remembered(store: Store) -> None:
    assert await store.once("M", "", HASH, lambda _: b"once") == b"once"
    assert await store.answered("M", "", HASH) is None
    store.close()
