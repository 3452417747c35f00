"""Each store test runs on SQLite and on PostgreSQL."""

from lucid_testkit.databases import database_url, postgres_url, sqlite_url

__all__ = ["database_url", "postgres_url", "sqlite_url"]
