"""What can be wrong with a database, as domain errors without a word of SQL in them.

A driver's own message carries statements, values and paths. It stays the `__cause__` for the log;
what a caller sees is one of these sentences.
"""

from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.event import listen


class StoreFault(Exception):
    """The database could not do its work; the transaction had no effect."""


class StoreBusy(StoreFault):
    """Another transaction held a lock for too long, or too much work waits. Trying again helps."""

    def __init__(self, message: str = "The database is busy; try again.") -> None:
        super().__init__(message)


class StoreFull(StoreFault):
    """There is no space left for the write."""

    def __init__(self, message: str = "The database has no space left.") -> None:
        super().__init__(message)


class StoreCorrupt(StoreFault):
    """The database file is not a sound database."""

    def __init__(self, message: str = "The database is damaged.") -> None:
        super().__init__(message)


class StoreUnavailable(StoreFault):
    """The database cannot be reached, opened, read or written."""

    def __init__(self, message: str = "The database cannot be reached or written.") -> None:
        super().__init__(message)


# Primary result codes of SQLite (https://sqlite.org/rescode.html).
_SQLITE_FAULTS: dict[int, type[StoreFault]] = {
    5: StoreBusy,  # BUSY
    6: StoreBusy,  # LOCKED
    8: StoreUnavailable,  # READONLY
    10: StoreUnavailable,  # IOERR
    11: StoreCorrupt,  # CORRUPT
    13: StoreFull,  # FULL
    14: StoreUnavailable,  # CANTOPEN
    26: StoreCorrupt,  # NOTADB
}

# Exact states first, then classes (https://www.postgresql.org/docs/18/errcodes-appendix.html).
_POSTGRESQL_FAULTS: dict[str, type[StoreFault]] = {
    "25006": StoreUnavailable,  # read-only transaction: a standby
    "40001": StoreBusy,  # serialization failure
    "40P01": StoreBusy,  # deadlock
    "53100": StoreFull,  # disk full
    "55P03": StoreBusy,  # lock not available
    "57014": StoreBusy,  # statement timeout
    "XX001": StoreCorrupt,  # data corrupted
    "XX002": StoreCorrupt,  # index corrupted
    "08": StoreUnavailable,  # connection
    "53": StoreUnavailable,  # resources
    "57": StoreUnavailable,  # operator intervention
    "58": StoreUnavailable,  # system error
}


def fault_of(error: BaseException) -> StoreFault | None:
    """Return what a driver's exception means for a caller, or None when it is not a fault.

    A violated constraint or a wrong statement is not a fault of the database: None.
    """
    sqlite_code = getattr(error, "sqlite_errorcode", None)
    if isinstance(sqlite_code, int):
        fault = _SQLITE_FAULTS.get(sqlite_code & 0xFF)
        return fault() if fault else None
    if type(error).__module__.split(".", maxsplit=1)[0] != "psycopg":
        return None
    state = getattr(error, "sqlstate", None)
    if state is None:  # psycopg gives no state when the connection itself failed
        return StoreUnavailable() if type(error).__name__ == "OperationalError" else None
    found = _POSTGRESQL_FAULTS.get(state) or _POSTGRESQL_FAULTS.get(state[:2])
    return found() if found else None


def translate_faults(engine: Engine) -> None:
    """Make every connection of `engine` raise a `StoreFault` where the database is at fault."""

    def on_error(context: ExceptionContext) -> None:
        fault = fault_of(context.original_exception)
        if fault is not None:
            raise fault from context.original_exception

    listen(engine, "handle_error", on_error)
