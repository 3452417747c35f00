"""The disk tier's tables, and how an entry becomes a sealed row and a row an entry again."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa

from lucid_cache.entries.entry import Entry, EntryClass, fingerprint

METADATA = sa.MetaData()

ENTRIES = sa.Table(
    "entries",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Column("value_sha256", sa.LargeBinary, nullable=False),
    sa.Column("entry_class", sa.Text, nullable=False),
    sa.Column("tags", sa.Text, nullable=False),
    sa.Column("schema", sa.Text, nullable=False),
    sa.Column("cost_s", sa.Float, nullable=False),
    sa.Column("created_at_s", sa.Float, nullable=False),
    sa.Column("expires_at_s", sa.Float, index=True),
    sa.Column("checksum", sa.LargeBinary, nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("used_at_s", sa.Float, nullable=False, index=True),
)

TAGS = sa.Table(
    "tags",
    METADATA,
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column(
        "key",
        sa.Text,
        sa.ForeignKey("entries.key", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)


def row_of_entry(entry: Entry, now_s: float) -> dict[str, Any]:
    """Return the columns of an entry, sealed."""
    columns = {
        "key": entry.key,
        "value_sha256": entry.value_sha256,
        "entry_class": entry.entry_class.value,
        "tags": json.dumps(sorted(entry.tags)),
        "schema": entry.schema,
        "cost_s": entry.cost_s,
        "created_at_s": entry.created_at_s,
        "expires_at_s": entry.expires_at_s,
    }
    return {
        **columns,
        "value": entry.value,
        "checksum": _seal(columns),
        "size_bytes": entry.size_bytes,
        "used_at_s": now_s,
    }


def entry_of_row(row: Any) -> Entry | None:
    """Return the entry of a row, or None when the row is not what was written."""
    try:
        entry = Entry(
            key=row.key,
            value=bytes(row.value),
            value_sha256=bytes(row.value_sha256),
            entry_class=EntryClass(row.entry_class),
            tags=frozenset(json.loads(row.tags)),
            schema=row.schema,
            cost_s=row.cost_s,
            created_at_s=row.created_at_s,
            expires_at_s=row.expires_at_s,
        )
        is_sealed = row_of_entry(entry, 0.0)["checksum"] == bytes(row.checksum)
    except (TypeError, ValueError):
        return None
    return entry if is_sealed and fingerprint(entry.value) == entry.value_sha256 else None


def _seal(columns: dict[str, Any]) -> bytes:
    """Return the SHA-256 over every column that a reader relies on."""
    return hashlib.sha256(repr(sorted(columns.items())).encode()).digest()
