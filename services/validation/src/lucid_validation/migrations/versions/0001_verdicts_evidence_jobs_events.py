"""Verdicts, evidence, durable validations and their events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "validation_verdicts",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("problem_sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("decided_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "validation_evidence",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("problem_sha256", sa.String(64), nullable=False),
        sa.Column("problem_document", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "validation_jobs",
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
    )
    op.create_index("validation_jobs_state", "validation_jobs", ["state"])
    op.create_table(
        "validation_events",
        sa.Column("validation_id", sa.String(63), primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError
