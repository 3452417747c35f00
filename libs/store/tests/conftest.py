"""Each store test that takes `engine` runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from lucid_store.engine import open_engine
from lucid_store.migrate import upgrade
from lucid_testkit.databases import database_url, postgres_url, sqlite_url
from sqlalchemy import Engine

__all__ = ["database_url", "postgres_url", "sqlite_url"]


@pytest.fixture
def empty_engine(database_url: str) -> Iterator[Engine]:
    """An engine on a database without a table."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty_engine: Engine) -> Engine:
    """An engine on a database with the store's own tables."""
    upgrade(empty_engine, "lucid_store")
    return empty_engine
