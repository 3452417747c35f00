from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from lucid.coherence.v1 import evolution_pb2 as evolution
from lucid_coherence import records
from lucid_coherence.refusals import CarrierAlreadyExists, CarrierDiscarded, CheckpointNotFound
from lucid_coherence.store import Store
from lucid_coherence.tables import METADATA
from lucid_store.engine import open_engine
from lucid_store.idempotency import RequestIdReused, hash_of
from lucid_store.migrate import fingerprint
from sqlalchemy import Connection

NOW = datetime(2026, 11, 21, tzinfo=UTC)
DECLARED = evolution.Carrier(theta="0.5", initial_coherence="0.9", session="sessions/s1")
METHOD = "lucid.coherence.v1.CoherenceService/CreateCarrier"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.open(database_url)
    yield opened
    opened.close()


def _insert(connection: Connection) -> bytes:
    return records.insert_carrier(connection, "c1", DECLARED, NOW).SerializeToString()


async def test_a_repeated_request_prepares_once(store: Store) -> None:
    assert await store.answered(METHOD, "id", hash_of("a")) is None
    first = await store.once(METHOD, "id", hash_of("a"), _insert)
    assert await store.once(METHOD, "id", hash_of("a"), _insert) == first
    assert await store.answered(METHOD, "id", hash_of("a")) == first
    assert evolution.Carrier.FromString(first).effect_count == 1
    with pytest.raises(RequestIdReused):
        await store.answered(METHOD, "id", hash_of("b"))


async def test_two_preparations_for_one_session_are_counted(store: Store) -> None:
    await store.once(METHOD, "", b"", _insert)
    with pytest.raises(CarrierAlreadyExists):
        await store.once(METHOD, "", b"", _insert)

    def again(connection: Connection) -> bytes:
        return records.insert_carrier(connection, "c2", DECLARED, NOW).SerializeToString()

    second = evolution.Carrier.FromString(await store.once(METHOD, "", b"", again))
    assert second.effect_count == 2


async def test_a_discarded_carrier_takes_no_checkpoint(store: Store) -> None:
    await store.once(METHOD, "", b"", _insert)

    def discard(connection: Connection) -> bytes:
        return records.discard_carrier(connection, "carriers/c1").SerializeToString()

    first = await store.once(METHOD, "", b"", discard)
    assert await store.once(METHOD, "", b"", discard) == first
    with pytest.raises(CarrierDiscarded):
        await store.read(lambda connection: records.require_ready(connection, "carriers/c1"))


async def test_a_checkpoint_belongs_to_its_carrier(store: Store) -> None:
    await store.once(METHOD, "", b"", _insert)
    taken = records.Checkpoint("k1", "c1", bytes(64), "00" * 32, 2.5, NOW)

    def insert(connection: Connection) -> bytes:
        records.insert_checkpoint(connection, taken)
        return b""

    await store.once(METHOD, "", b"", insert)
    name = "carriers/c1/checkpoints/k1"
    found = await store.read(lambda c: records.find_checkpoint(c, "carriers/c1", name))
    assert found == taken
    with pytest.raises(CheckpointNotFound):
        await store.read(lambda c: records.find_checkpoint(c, "carriers/c2", name))


def test_the_migrations_make_the_tables_of_the_code(database_url: str, store: Store) -> None:
    engine = open_engine(database_url)
    migrated = fingerprint(engine)
    with engine.begin() as connection:
        METADATA.drop_all(connection)
        METADATA.create_all(connection)
    assert fingerprint(engine) == migrated
    engine.dispose()
