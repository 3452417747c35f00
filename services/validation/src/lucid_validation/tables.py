"""The tables of validation. Times are UTC without a zone, as SQLite keeps them."""

import sqlalchemy as sa

METADATA = sa.MetaData()

VERDICTS = sa.Table(
    "validation_verdicts",
    METADATA,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("problem_sha256", sa.String(64), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("decided_at", sa.DateTime, nullable=False),
)
"""Named by content and never changed."""

EVIDENCE = sa.Table(
    "validation_evidence",
    METADATA,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("problem_sha256", sa.String(64), nullable=False),
    sa.Column("problem_document", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)
"""Named by content and never changed."""

JOBS = sa.Table(
    "validation_jobs",
    METADATA,
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("validation_id", sa.String(63), nullable=False, unique=True),
    sa.Column("state", sa.Integer, nullable=False),
    sa.Column("problem", sa.LargeBinary, nullable=False),
    sa.Column("budget_ms", sa.BigInteger, nullable=False),
    sa.Column("verdict_hash", sa.String(64), nullable=False),
    sa.Column("failure", sa.Text, nullable=False),
    sa.Column("total_obligations", sa.Integer, nullable=False),
    sa.Column("decided_obligations", sa.Integer, nullable=False),
    sa.Column("last_sequence", sa.BigInteger, nullable=False),
    sa.Column("operation_deleted", sa.Boolean, nullable=False),
    sa.Column("carrier", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("updated_at", sa.DateTime, nullable=False),
    sa.Column("search", sa.LargeBinary, nullable=False),
    sa.Column("synthesis", sa.LargeBinary, nullable=False),
    sa.Index("validation_jobs_state", "state"),
)
"""Every accepted validation, for ever.

For a search `search` is its request and `synthesis` how it stands; both are empty for others."""

EVENTS = sa.Table(
    "validation_events",
    METADATA,
    sa.Column("validation_id", sa.String(63), primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
"""What a watcher resumes from, numbered from 1 per validation."""
