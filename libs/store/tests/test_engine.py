import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from lucid_store.engine import (
    SQLITE_OLDEST,
    DatabaseUrlInvalid,
    SqliteTooOld,
    describe,
    open_engine,
    parse_url,
    reading,
    require_sqlite,
    writing,
)
from lucid_store.faults import (
    StoreBusy,
    StoreCorrupt,
    StoreFull,
    StoreUnavailable,
    fault_of,
)
from sqlalchemy import Engine

NOTES = sa.Table("notes", sa.MetaData(), sa.Column("text", sa.Text, nullable=False))


@pytest.fixture
def notes(empty_engine: Engine) -> Engine:
    with writing(empty_engine) as connection:
        NOTES.create(connection)
    return empty_engine


def count(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(NOTES)) or 0


def test_a_transaction_that_raises_has_no_effect(notes: Engine):
    def write_and_fail() -> None:
        with writing(notes) as connection:
            connection.execute(sa.insert(NOTES).values(text="a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert count(notes) == 0


def test_a_transaction_that_ends_is_seen_by_others(notes: Engine):
    with writing(notes) as connection:
        connection.execute(sa.insert(NOTES).values(text="a"))
    assert count(notes) == 1


def test_a_reading_transaction_refuses_to_write(notes: Engine):
    with pytest.raises(StoreUnavailable), reading(notes) as connection:
        connection.execute(sa.insert(NOTES).values(text="a"))
    with writing(notes) as connection:
        connection.execute(sa.insert(NOTES).values(text="b"))
    assert count(notes) == 1


def test_a_reader_sees_one_snapshot_and_blocks_no_writer(sqlite_url: str):
    engine = open_engine(sqlite_url)
    with writing(engine) as connection:
        NOTES.create(connection)
    query = sa.select(sa.func.count()).select_from(NOTES)
    with reading(engine) as reader:
        before = reader.scalar(query)
        with writing(engine) as writer:
            writer.execute(sa.insert(NOTES).values(text="a"))
        assert reader.scalar(query) == before == 0
    assert count(engine) == 1
    engine.dispose()


def test_two_writers_that_read_first_both_succeed(notes: Engine):
    """Deferred transactions would lose here: both read, then one cannot upgrade its snapshot."""
    barrier = threading.Barrier(2)
    errors: list[BaseException] = []

    def add() -> None:
        try:
            barrier.wait(5)
            for _ in range(20):
                with writing(notes) as connection:
                    connection.scalar(sa.select(sa.func.count()).select_from(NOTES))
                    connection.execute(sa.insert(NOTES).values(text="a"))
        except BaseException as error:  # noqa: BLE001 - handed to the test below
            errors.append(error)

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not errors
    assert count(notes) == 40


def test_a_writer_that_waits_too_long_is_told_to_try_again(sqlite_url: str):
    engine = open_engine(sqlite_url, busy_timeout_s=0.05)
    with writing(engine) as first:
        NOTES.create(first)
        with pytest.raises(StoreBusy), writing(engine):
            pass
    engine.dispose()


def test_sqlite_has_the_settings_that_the_promises_rest_on(sqlite_url: str):
    engine = open_engine(sqlite_url)
    with reading(engine) as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def test_a_sqlite_file_is_readable_by_its_owner_only(tmp_path: Path):
    path = tmp_path / "deep" / "down" / "a.db"
    open_engine(f"sqlite:///{path}").dispose()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_disk_is_told_apart(sqlite_url: str):
    engine = open_engine(sqlite_url)
    with writing(engine) as connection:
        NOTES.create(connection)
    with writing(engine) as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 3")
    with pytest.raises(StoreFull) as caught, writing(engine) as connection:
        connection.execute(sa.insert(NOTES).values(text="x" * 100_000))
    assert "notes" not in str(caught.value)
    engine.dispose()


def test_a_damaged_file_is_told_apart(tmp_path: Path):
    path = tmp_path / "a.db"
    path.write_bytes(b"this is not a database, by any means" * 100)
    engine = open_engine(f"sqlite:///{path}")
    with pytest.raises(StoreCorrupt), reading(engine):
        pass
    engine.dispose()


def test_an_unreachable_postgresql_is_unavailable_and_tells_no_password():
    engine = open_engine("postgresql+psycopg://u:sesame@127.0.0.1:1/x")
    with pytest.raises(StoreUnavailable) as caught, reading(engine):
        pass
    assert "sesame" not in str(caught.value)
    engine.dispose()


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable):
        open_engine(f"sqlite:///{tmp_path}/file/a.db")


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://u:sesame@host/x",
        "postgresql+asyncpg://u:sesame@host/x",
        "postgresql://u:sesame@host:no-port/x",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url: str):
    with pytest.raises(DatabaseUrlInvalid) as caught:
        parse_url(url)
    assert "sesame" not in str(caught.value)


def test_a_description_holds_no_secret():
    shown = describe("postgresql://u:sesame@host/x?password=sesame2&sslpassword=sesame3")
    assert "sesame" not in shown
    assert "host/x" in shown


def test_an_old_sqlite_is_refused_with_both_versions_named():
    with pytest.raises(SqliteTooOld, match=r"3\.40\.1 .* 3\.51\.3"):
        require_sqlite((3, 40, 1))
    require_sqlite(SQLITE_OLDEST)


def test_a_violated_constraint_is_not_a_fault_of_the_database(notes: Engine):
    with pytest.raises(sa.exc.IntegrityError) as caught, writing(notes) as connection:
        connection.execute(sa.insert(NOTES).values(text=None))
    assert fault_of(caught.value) is None
