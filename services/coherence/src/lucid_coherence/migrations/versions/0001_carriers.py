"""Carriers, their preparations and their checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "coherence_carriers",
        sa.Column("carrier_id", sa.String(63), primary_key=True),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("session", sa.String(128), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "coherence_preparations",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(140), nullable=False),
        sa.Column("carrier_id", sa.String(63), nullable=False),
    )
    op.create_index("coherence_preparations_subject", "coherence_preparations", ["subject"])
    op.create_table(
        "coherence_checkpoints",
        sa.Column("checkpoint_id", sa.String(63), primary_key=True),
        sa.Column("carrier_id", sa.String(63), nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("state_sha256", sa.String(64), nullable=False),
        sa.Column("elapsed_s", sa.Float(53), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
    )
    op.create_index("coherence_checkpoints_carrier", "coherence_checkpoints", ["carrier_id"])
