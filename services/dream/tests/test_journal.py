"""Events happen once per key and in order; an edited, removed or moved audit row is found."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from lucid_dream.journal import append_audit, append_event, broken_links, events_after
from lucid_dream.tables import AUDIT
from lucid_store.engine import open_engine, writing
from lucid_store.migrate import upgrade
from lucid_testkit.databases import database_url, postgres_url, sqlite_url
from sqlalchemy import Engine

__all__ = ["database_url", "postgres_url", "sqlite_url"]

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(database_url)
    upgrade(engine, "lucid_dream")
    yield engine
    engine.dispose()


def audit(engine: Engine, rows: int) -> None:
    with writing(engine) as connection:
        for n in range(rows):
            append_audit(connection, at=NOW, actor="a", action="b", object_=f"users/{n}", result="")


def test_an_event_key_happens_once_and_sequences_rise_by_one(engine: Engine) -> None:
    with writing(engine) as connection:
        keys = ["one", "two", "one", "three"]
        assert [append_event(connection, "t", key, key.encode()) for key in keys] == [1, 2, 1, 3]
        assert events_after(connection, "t", 1) == [(2, b"two"), (3, b"three")]


def test_an_untouched_chain_has_no_broken_link(engine: Engine) -> None:
    audit(engine, 4)
    with writing(engine) as connection:
        assert list(broken_links(connection)) == []


@pytest.mark.parametrize(
    ("tamper", "first"),
    [
        (sa.update(AUDIT).where(AUDIT.c.sequence == 2).values(result="other"), 2),
        (sa.delete(AUDIT).where(AUDIT.c.sequence == 2), 3),
        (sa.update(AUDIT).where(AUDIT.c.sequence == 3).values(hash="0" * 64), 3),
    ],
)
def test_a_tampered_chain_names_the_first_broken_link(
    engine: Engine, tamper: sa.Executable, first: int
) -> None:
    audit(engine, 4)
    with writing(engine) as connection:
        connection.execute(tamper)
        assert next(broken_links(connection)) == first
