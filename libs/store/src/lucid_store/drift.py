"""How far the live schema is from the one that the code expects, and how bad that is."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlalchemy import Column, Engine, MetaData

from lucid_store.engine import reading


class Severity(IntEnum):
    """What a difference means for the code that runs on the database."""

    HARMLESS = 1
    """The database has more than the code uses."""

    WEAKER = 2
    """The code runs, with a promise less or slower: an index, a default, a null allowed."""

    BREAKING = 3
    """The code fails, or may read values of another type."""


@dataclass(frozen=True, slots=True, order=True)
class Drift:
    """One difference between the live schema and the expected one."""

    severity: Severity
    table: str
    what: str


def drift(engine: Engine, expected: MetaData) -> tuple[Drift, ...]:
    """Return the differences, the worst first. Tables that `expected` does not name are ignored.

    (Other packages may share the database.) Slow: imports Alembic; for diagnosis, not start-up.
    """
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(_entry: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return kind != "table" or name in expected.tables

    with reading(engine) as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": ours, "compare_type": True}
        )
        differences = compare_metadata(context, expected)
    flat = (part for entry in differences for part in (entry if type(entry) is list else [entry]))
    return tuple(sorted(map(_drift_of, flat), reverse=True))


def _drift_of(difference: tuple[Any, ...]) -> Drift:
    """Return what one of Alembic's differences means. `add_x`: expected but not there."""
    match difference:
        case ("add_table", table):
            return Drift(Severity.BREAKING, table.name, "the table is missing")
        case ("add_column", _, table, column):
            return Drift(Severity.BREAKING, table, f"the column {column.name} is missing")
        case ("remove_column", _, table, column):
            return Drift(_severity_of_extra(column), table, f"the column {column.name} is extra")
        case ("modify_type", _, table, column, *_rest):
            return Drift(Severity.BREAKING, table, f"the column {column} has another type")
        case ("modify_nullable", _, table, column, *_rest, is_null, _):
            severity = Severity.WEAKER if is_null else Severity.BREAKING
            return Drift(severity, table, f"the column {column} differs in allowing null")
        case (str(action), element, *_):
            word = "missing" if action.startswith("add_") else "extra or different"
            kind = action.partition("_")[2]
            name = getattr(getattr(element, "table", None), "name", "")
            unique = bool(getattr(element, "unique", False)) or kind == "constraint"
            severity = Severity.BREAKING if unique else Severity.WEAKER
            return Drift(severity, name, f"the {kind} {getattr(element, 'name', '')} is {word}")
    return Drift(Severity.BREAKING, "", "the schema differs")


def _severity_of_extra(column: Column[Any]) -> Severity:
    """Return BREAKING for a column that our inserts would leave without a value."""
    is_required = not column.nullable and column.server_default is None
    return Severity.BREAKING if is_required else Severity.HARMLESS
