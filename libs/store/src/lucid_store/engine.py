"""Open a database by URL: SQLite in a file or PostgreSQL, with the same promises.

The promises: a transaction that returned is on disk; a writer never loses to a reader half-way;
a fault is a `StoreFault` and carries neither SQL nor a password.

On SQLite a transaction that intends to write says so at its first statement (BEGIN IMMEDIATE).
A deferred one would read first and then fail with SQLITE_BUSY, which no busy timeout can help,
when another writer was faster [SQLiteIsolation2026].
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.event import listen
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from lucid_store.faults import StoreUnavailable, translate_faults

SQLITE_OLDEST = (3, 51, 3)
"""Older ones can lose pages when a write races a checkpoint in WAL mode [SQLiteWal2026]."""

READING = "lucid_reading"
"""Execution option of a connection whose transactions only read."""

Synchronous = Literal["FULL", "NORMAL"]


class DatabaseUrlInvalid(ValueError):
    """The database URL cannot be used. The message never repeats the URL's password."""


class SqliteTooOld(RuntimeError):
    """The SQLite that is linked here can corrupt a database."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many connections a process may hold, and how long it waits for one."""

    connections_max: int = 8
    """Enough for the store threads (4) and a few watchers; no overflow, so that the number of
    connections to a shared PostgreSQL is processes times this, known beforehand."""

    wait_s: float = 10.0
    """Longer than the slowest transaction, shorter than the default deadline of a call (30 s)."""

    recycle_s: int = 1800
    """PostgreSQL only: a connection is replaced before a firewall forgets it."""


def open_engine(
    url: str,
    *,
    synchronous: Synchronous = "FULL",
    busy_timeout_s: float = 5.0,
    limits: PoolLimits | None = None,
) -> Engine:
    """Return an engine for `url`. Nothing is connected yet, except that a SQLite file is made.

    Args:
        url: `sqlite:///relative/path`, `sqlite:////absolute/path`, or
            `postgresql+psycopg://user:password@host/database`.
        synchronous: SQLite only. FULL: a commit survives a power loss. NORMAL: it survives a
            killed process; only for data that can be computed again.
        busy_timeout_s: SQLite only: how long a writer waits for the other writer.
        limits: The size of the pool.

    Raises:
        DatabaseUrlInvalid: The URL names no file, or a database that is not supported.
        SqliteTooOld: The linked SQLite is older than `SQLITE_OLDEST`.
        StoreUnavailable: The folder of the SQLite file cannot be made.
    """
    parsed = parse_url(url)
    limits = limits or PoolLimits()
    options: dict[str, Any] = {
        "hide_parameters": True,  # values of users never reach an exception's text
        "pool_size": limits.connections_max,
        "max_overflow": 0,
        "pool_timeout": limits.wait_s,
    }
    if parsed.get_backend_name() == "sqlite":
        engine = _open_sqlite(parsed, options, synchronous, busy_timeout_s)
    else:
        engine = _open_postgresql(parsed, options, limits)
    translate_faults(engine)
    return engine


def parse_url(url: str) -> URL:
    """Return the URL with the one driver that each database has here.

    Raises:
        DatabaseUrlInvalid: It is not a URL, or names another database or driver.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text may hold a password: it is not repeated, nor chained into a traceback.
        raise DatabaseUrlInvalid(
            "The database URL cannot be read; it looks like sqlite:///file or "
            "postgresql+psycopg://user@host/database."
        ) from None
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        if not parsed.database or parsed.database == ":memory:":
            raise DatabaseUrlInvalid("A SQLite URL names a file: sqlite:///path/to/file.")
        return parsed.set(drivername="sqlite+pysqlite")
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise DatabaseUrlInvalid(
        f"The database {parsed.drivername!r} is not supported; use sqlite or postgresql+psycopg."
    )


def describe(url: str) -> str:
    """Return the URL for a log line: no password, no query (which may hold one)."""
    parsed = parse_url(url).set(query={})
    return parsed.render_as_string(hide_password=True)


def require_sqlite(version: tuple[int, ...] = sqlite.sqlite_version_info) -> None:
    """Refuse a SQLite that can corrupt a database.

    Raises:
        SqliteTooOld: `version` is below `SQLITE_OLDEST`; the message names both.
    """
    if version < SQLITE_OLDEST:
        have, need = (".".join(map(str, v)) for v in (version, SQLITE_OLDEST))
        raise SqliteTooOld(
            f"SQLite {have} can lose data in WAL mode; Lucid needs {need} or newer. "
            "Install pysqlite3 0.6.1 or newer, which brings its own."
        )


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes; it commits at the end, or has no effect on an exception."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads: one snapshot, no lock taken; a write is refused."""
    with engine.connect() as plain:
        if engine.dialect.name == "sqlite":
            connection = plain.execution_options(**{READING: True})
        else:
            connection = plain.execution_options(postgresql_readonly=True)
        with connection.begin():
            yield connection


def _open_sqlite(
    url: URL, options: dict[str, Any], synchronous: Synchronous, busy_timeout_s: float
) -> Engine:
    """Return an engine on a SQLite file in WAL mode, readable by its owner only."""
    require_sqlite()
    _make_file(Path(str(url.database)))
    engine = create_engine(
        url,
        module=sqlite,
        connect_args={"timeout": busy_timeout_s, "check_same_thread": False},
        **options,
    )

    def on_connect(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins nothing; on_begin does
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {round(busy_timeout_s * 1000)}",
            "journal_mode = WAL",
            f"synchronous = {synchronous}",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            "journal_size_limit = 67108864",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        is_reading = bool(connection.get_execution_options().get(READING))
        connection.exec_driver_sql(f"PRAGMA query_only = {int(is_reading)}")
        connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")

    listen(engine, "connect", on_connect)
    listen(engine, "begin", on_begin)
    return engine


def _open_postgresql(url: URL, options: dict[str, Any], limits: PoolLimits) -> Engine:
    """Return an engine on PostgreSQL whose dead connections are replaced unseen."""
    connect_args: dict[str, Any] = {"application_name": "lucid"}
    if "connect_timeout" not in url.query:
        connect_args["connect_timeout"] = 5
    return create_engine(
        url,
        connect_args=connect_args,
        pool_pre_ping=True,  # a restarted server costs one ping, not one failed call
        pool_recycle=limits.recycle_s,
        **options,
    )


def _make_file(path: Path) -> None:
    """Make the file, 0600, and its folder: SQLite would make it readable to everybody."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreUnavailable("The database file cannot be made or opened.") from error
