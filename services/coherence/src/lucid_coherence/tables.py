"""The tables of the coherence service. Times are UTC without a zone, as SQLite keeps them."""

import sqlalchemy as sa

METADATA = sa.MetaData()

CARRIERS = sa.Table(
    "coherence_carriers",
    METADATA,
    sa.Column("carrier_id", sa.String(63), primary_key=True),
    sa.Column("message", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("session", sa.String(128), nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
"""`message` is the declaration and its certified horizon; neither ever changes."""

PREPARATIONS = sa.Table(
    "coherence_preparations",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("subject", sa.String(140), nullable=False),
    sa.Column("carrier_id", sa.String(63), nullable=False),
    sa.Index("coherence_preparations_subject", "subject"),
)
"""One row per preparation, and no uniqueness: were one made twice, two rows would say so."""

CHECKPOINTS = sa.Table(
    "coherence_checkpoints",
    METADATA,
    sa.Column("checkpoint_id", sa.String(63), primary_key=True),
    sa.Column("carrier_id", sa.String(63), nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("state_sha256", sa.String(64), nullable=False),
    sa.Column("elapsed_s", sa.Float(53), nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Index("coherence_checkpoints_carrier", "carrier_id"),
)
