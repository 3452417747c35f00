"""The tables of the dream service. Instants are microseconds since 1970, UTC.

What users see lives here and is written inside the saga's steps; the durable engine's own tables
are private to the engine.
"""

import sqlalchemy as sa

METADATA = sa.MetaData()

USERS = sa.Table(
    "dream_users",
    METADATA,
    sa.Column("user_id", sa.String(63), primary_key=True),
    sa.Column("born", sa.String(10), nullable=False),
    sa.Column("attestation", sa.String(32), nullable=False),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("cap", sa.String(32), nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
)

CONSENTS = sa.Table(
    "dream_consents",
    METADATA,
    sa.Column("user_id", sa.String(63), primary_key=True),
    sa.Column("consent_id", sa.String(63), primary_key=True),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("scope", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(256), nullable=False),
    sa.Column("sharing", sa.String(32), nullable=False),
    sa.Column("data_sources", sa.Text, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("granted_us", sa.BigInteger, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=True),
    sa.Column("revoked_us", sa.BigInteger, nullable=True),
)

SESSIONS = sa.Table(
    "dream_sessions",
    METADATA,
    sa.Column("session_id", sa.String(63), primary_key=True),
    sa.Column("user_id", sa.String(63), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("stop_reason", sa.String(63), nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("message", sa.LargeBinary, nullable=False),
    sa.Column("seed", sa.LargeBinary, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("updated_us", sa.BigInteger, nullable=False),
    sa.Index("dream_sessions_newest", "created_us", "session_id"),
    sa.Index(
        "dream_sessions_one_active",
        "user_id",
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    ),
)
"""`message` is the session as the API shows it; `facts` is what the saga alone needs (JSON).

The partial index holds the rule of one running session per user, whatever the code does.
"""

EVENTS = sa.Table(
    "dream_events",
    METADATA,
    sa.Column("topic", sa.String(160), primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True),
    sa.Column("key", sa.String(160), nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("topic", "key", name="dream_events_key"),
)
"""What happened to a topic (a session, a user's consents), in order; a key happens once."""

AUDIT = sa.Table(
    "dream_audit",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(160), nullable=False),
    sa.Column("action", sa.String(63), nullable=False),
    sa.Column("object", sa.String(256), nullable=False),
    sa.Column("result", sa.String(160), nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
"""Append-only; each row's hash covers the row and the hash before it."""
