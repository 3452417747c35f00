"""Bring a database to the schema that the code expects, safely when several processes start.

The scripts of a package are Alembic revisions in `<package>/migrations/versions`; each package has
its own version table, so packages may share a database. When the stored revision is the head,
which is every start but the first, Alembic is not even imported: it costs a quarter of a second.
"""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from lucid_store.engine import reading, writing

STORE = "lucid_store"
"""The store's own tables are brought up first: every service uses them."""


class MigrationsBroken(RuntimeError):
    """The scripts of a package do not form one line from nothing to one head."""


class SchemaIsNewer(RuntimeError):
    """The database was upgraded by a newer release than this one."""


@dataclass(frozen=True, slots=True)
class Scripts:
    """The migration scripts of one package: where they are and which revisions they hold."""

    package: str
    folder: Path
    revisions: frozenset[str]
    head: str

    @property
    def version_table(self) -> str:
        """The table that holds the revision of this package's part of the database."""
        return f"{self.package}_version"


def upgrade(engine: Engine, package: str) -> bool:
    """Bring the store's own tables and those of `package` to their heads.

    Concurrent callers wait for one another; each upgrade happens once and as a whole.

    Returns:
        True when something had to be changed.

    Raises:
        MigrationsBroken: The package has no scripts, or they have not exactly one head.
        SchemaIsNewer: The stored revision is not among the scripts.
        StoreFault: The database is at fault.
    """
    wanted = [scripts_of(STORE)] if package == STORE else [scripts_of(STORE), scripts_of(package)]
    behind = [scripts for scripts in wanted if not _is_at_head(engine, scripts)]
    for scripts in behind:
        with writing(engine) as connection:
            _lock(connection, scripts)
            if stored_revision(connection, scripts) != scripts.head:
                _run(connection, scripts)
    return bool(behind)


def scripts_of(package: str) -> Scripts:
    """Read the revisions of a package from the text of its scripts; nothing is executed.

    Raises:
        MigrationsBroken: There are none, or they have not exactly one head.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MigrationsBroken(f"There is no package {package}.")
    folder = Path(spec.submodule_search_locations[0]) / "migrations" / "versions"
    down_by_revision = dict(map(_revision_of, sorted(folder.glob("[!_.]*.py"))))
    heads = down_by_revision.keys() - down_by_revision.values()
    if len(heads) != 1:
        raise MigrationsBroken(f"{package} has {len(heads)} heads among its migrations, not one.")
    return Scripts(package, folder, frozenset(down_by_revision), heads.pop())


def stored_revision(connection: Connection, scripts: Scripts) -> str | None:
    """Return the revision of the package's part of the database; None when it has none yet.

    Raises:
        SchemaIsNewer: The revision is not among the scripts.
    """
    if not inspect(connection).has_table(scripts.version_table):
        return None
    # The name is ours, made from a package's name.
    found = connection.scalar(text(f"SELECT version_num FROM {scripts.version_table}"))  # noqa: S608
    if found is not None and found not in scripts.revisions:
        raise SchemaIsNewer(
            f"The database is at revision {found} of {scripts.package}, "
            f"which this release (head {scripts.head}) does not know."
        )
    return None if found is None else str(found)


def fingerprint(engine: Engine) -> str:
    """Return the SHA-256, in hex, of the live schema: equal exactly when the schemas are equal.

    Covers tables, columns (name, type, null, default), keys, indexes and unique constraints,
    whatever the order in which they were made. Databases of two kinds differ by their types.
    """
    digest = hashlib.sha256()
    with reading(engine) as connection:
        for line in sorted(_describe_schema(connection)):
            digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _revision_of(path: Path) -> tuple[str, str | None]:
    """Return (revision, down_revision) of one script."""
    values: dict[str, object] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            values[target.id] = value.value
    revision, down = values.get("revision"), values.get("down_revision")
    if not isinstance(revision, str) or not (down is None or isinstance(down, str)):
        raise MigrationsBroken(f"{path.name} does not name its revision in plain strings.")
    return revision, down


def _is_at_head(engine: Engine, scripts: Scripts) -> bool:
    with reading(engine) as connection:
        return stored_revision(connection, scripts) == scripts.head


def _lock(connection: Connection, scripts: Scripts) -> None:
    """Let one process upgrade at a time. On SQLite the transaction itself is the lock."""
    if connection.dialect.name == "postgresql":
        digest = hashlib.sha256(f"lucid.migrate.{scripts.package}".encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _run(connection: Connection, scripts: Scripts) -> None:
    """Run what is missing, inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    for name, value in {
        "script_location": str(Path(__file__).parent / "migrations"),
        "path_separator": "newline",
        "version_locations": str(scripts.folder),
    }.items():
        config.set_main_option(name, value.replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = scripts.version_table
    command.upgrade(config, "head")


def _describe_schema(connection: Connection) -> Iterator[str]:
    inspector = inspect(connection)
    for table in inspector.get_table_names():
        yield f"table {table}"
        yield f"{table} key {inspector.get_pk_constraint(table)['constrained_columns']}"
        for column in inspector.get_columns(table):
            kind = column["type"].compile(connection.dialect)
            null = "null" if column["nullable"] else "not null"
            yield f"{table} column {column['name']} {kind} {null} default {column['default']}"
        for index in inspector.get_indexes(table):
            unique = "unique" if index["unique"] else "index"
            yield f"{table} {unique} {index['name']} {index['column_names']}"
        for constraint in inspector.get_unique_constraints(table):
            yield f"{table} unique {constraint['column_names']}"
        for key in inspector.get_foreign_keys(table):
            columns = key["constrained_columns"]
            yield f"{table} refers {columns} {key['referred_table']} {key['referred_columns']}"
