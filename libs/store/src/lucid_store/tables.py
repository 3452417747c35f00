"""The tables that the store keeps for every service beside the service's own."""

import sqlalchemy as sa

METADATA = sa.MetaData()

REQUESTS = sa.Table(
    "lucid_requests",
    METADATA,
    sa.Column("method", sa.String(200), primary_key=True),
    sa.Column("request_id", sa.String(128), primary_key=True),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    sa.Column("response", sa.LargeBinary, nullable=True),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False, server_default=sa.func.now()),
    sa.Index("lucid_requests_created_at", "created_at"),
)
"""The first successful answer to each (method, request_id). `created_at` is UTC."""

EFFECTS = sa.Table(
    "lucid_effects",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("method", sa.String(200), nullable=False),
    sa.Column("request_id", sa.String(128), nullable=False),
    sa.Index("lucid_effects_request", "method", "request_id"),
)
"""One row per effect, and no uniqueness: were an effect made twice, two rows would say so."""

OUTBOX = sa.Table(
    "lucid_outbox",
    METADATA,
    sa.Column(
        "seq",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("event_id", sa.String(64), nullable=False, unique=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("topic", sa.String(200), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", sa.DateTime, nullable=False),
    sa.Column("delivered_at", sa.DateTime, nullable=True),
    sa.Index("lucid_outbox_pending", "owner", "delivered_at", "seq"),
)
"""Events that were promised. Times are UTC without a zone, as SQLite keeps them."""

INBOX = sa.Table(
    "lucid_inbox",
    METADATA,
    sa.Column("consumer", sa.String(64), primary_key=True),
    sa.Column("event_id", sa.String(64), primary_key=True),
    sa.Column("created_at", sa.DateTime, nullable=False, server_default=sa.func.now()),
)
"""Events that a consumer has already acted on."""
