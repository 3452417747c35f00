import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from lucid_store.drift import Severity, drift
from lucid_store.engine import open_engine, writing
from lucid_store.migrate import (
    MigrationsBroken,
    SchemaIsNewer,
    fingerprint,
    scripts_of,
    upgrade,
)
from lucid_store.tables import METADATA
from sqlalchemy import Engine

SCRIPT = """
import sqlalchemy as sa
from alembic import op
revision = {revision!r}
down_revision = {down!r}
def upgrade():
    op.create_table({table!r}, sa.Column("id", sa.Integer, primary_key=True))
    {more}
"""


class Package:
    """A package with migrations, made for a test."""

    def __init__(self, root: Path) -> None:
        self.name = "lucid_sample"
        self.versions = root / self.name / "migrations" / "versions"
        self.versions.mkdir(parents=True)
        (root / self.name / "__init__.py").write_text("raise RuntimeError('imported')\n")

    def add(self, revision: str, down: str | None, more: str = "") -> None:
        text = SCRIPT.format(revision=revision, down=down, table=f"t{revision}", more=more)
        (self.versions / f"{revision}_x.py").write_text(text)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    monkeypatch.syspath_prepend(tmp_path)
    package = Package(tmp_path)
    package.add("0001", None)
    return package


def tables(engine: Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names())


def test_an_upgrade_makes_the_packages_tables_and_the_stores(
    empty_engine: Engine, package: Package
):
    assert upgrade(empty_engine, package.name)
    assert {"t0001", "lucid_sample_version", *METADATA.tables} <= tables(empty_engine)


def test_a_second_upgrade_changes_nothing(empty_engine: Engine, package: Package):
    upgrade(empty_engine, package.name)
    before = fingerprint(empty_engine)
    assert not upgrade(empty_engine, package.name)
    assert fingerprint(empty_engine) == before


def test_an_upgrade_goes_on_from_the_stored_revision(empty_engine: Engine, package: Package):
    upgrade(empty_engine, package.name)
    package.add("0002", "0001")
    package.add("0003", "0002")
    assert upgrade(empty_engine, package.name)
    assert {"t0001", "t0002", "t0003"} <= tables(empty_engine)


def test_an_upgrade_that_fails_half_way_leaves_nothing(empty_engine: Engine, package: Package):
    package.add("0002", "0001", more="raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        upgrade(empty_engine, package.name)
    assert not {"t0001", "t0002", "lucid_sample_version"} & tables(empty_engine)


def test_processes_that_start_together_upgrade_once(database_url: str, package: Package):
    engines = [open_engine(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        changed = list(pool.map(lambda engine: upgrade(engine, package.name), engines))
    assert any(changed)
    assert "t0001" in tables(engines[0])
    for engine in engines:
        engine.dispose()


def test_a_database_of_a_newer_release_is_refused(empty_engine: Engine, package: Package):
    upgrade(empty_engine, package.name)
    with writing(empty_engine) as connection:
        connection.execute(sa.text("UPDATE lucid_sample_version SET version_num = '0009'"))
    with pytest.raises(SchemaIsNewer, match="0009"):
        upgrade(empty_engine, package.name)


def test_two_heads_are_refused_before_anything_is_done(package: Package):
    package.add("0002", None)
    with pytest.raises(MigrationsBroken, match="2 heads"):
        scripts_of(package.name)


def test_a_package_without_migrations_is_refused():
    with pytest.raises(MigrationsBroken):
        scripts_of("lucid_runtime")


def test_a_database_at_the_head_needs_no_alembic(sqlite_url: str):
    engine = open_engine(sqlite_url)
    upgrade(engine, "lucid_store")
    engine.dispose()
    program = (
        "import sys\n"
        "from lucid_store.engine import open_engine\n"
        "from lucid_store.migrate import upgrade\n"
        f"assert not upgrade(open_engine({sqlite_url!r}), 'lucid_store')\n"
        "assert 'alembic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_stores_tables_are_those_that_its_scripts_make(engine: Engine):
    assert drift(engine, METADATA) == ()


def test_drift_is_named_with_its_severity(engine: Engine):
    for statement in (
        "DROP TABLE lucid_requests",
        "DROP INDEX lucid_effects_request",
        "ALTER TABLE lucid_inbox ADD COLUMN mood INTEGER",
        "ALTER TABLE lucid_effects RENAME COLUMN request_id TO other",
    ):
        with writing(engine) as connection:
            connection.execute(sa.text(statement))
    found = drift(engine, METADATA)
    severities = {(entry.table, entry.severity) for entry in found}
    assert ("lucid_requests", Severity.BREAKING) in severities
    assert ("lucid_effects", Severity.WEAKER) in severities
    assert ("lucid_inbox", Severity.HARMLESS) in severities
    assert ("lucid_effects", Severity.BREAKING) in severities
    assert found[0].severity is Severity.BREAKING


def test_a_column_of_another_kind_is_drift(empty_engine: Engine):
    def metadata(kind: type[sa.types.TypeEngine], *, is_null: bool, **more: bool) -> sa.MetaData:
        made = sa.MetaData()
        sa.Table("t", made, sa.Column("a", kind, nullable=is_null, **more))
        return made

    metadata(sa.Integer, is_null=True).create_all(empty_engine)
    for expected, severity in (
        (metadata(sa.LargeBinary, is_null=True), Severity.BREAKING),
        (metadata(sa.Integer, is_null=False), Severity.WEAKER),
        (metadata(sa.Integer, is_null=True, unique=True), Severity.BREAKING),
    ):
        assert severity in {found.severity for found in drift(empty_engine, expected)}
    assert drift(empty_engine, metadata(sa.Integer, is_null=True)) == ()


def test_a_script_without_a_revision_is_refused(package: Package):
    (package.versions / "0002_x.py").write_text("revision = str(2)\n")
    with pytest.raises(MigrationsBroken, match=r"0002_x\.py"):
        scripts_of(package.name)


def test_a_package_that_is_not_there_is_refused():
    with pytest.raises(MigrationsBroken, match="no package"):
        scripts_of("lucid_nowhere")


def test_a_changed_schema_has_another_fingerprint(engine: Engine):
    before = fingerprint(engine)
    with writing(engine) as connection:
        connection.execute(sa.text("ALTER TABLE lucid_inbox ADD COLUMN mood INTEGER"))
    assert fingerprint(engine) != before
