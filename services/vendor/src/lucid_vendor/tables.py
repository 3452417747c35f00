"""The tables of the vendor portal. Times are UTC without a zone, as SQLite keeps them."""

import sqlalchemy as sa

METADATA = sa.MetaData()

VENDORS = sa.Table(
    "vendor_vendors",
    METADATA,
    sa.Column("vendor_id", sa.String(63), primary_key=True),
    sa.Column("legal_name", sa.String(200), nullable=False),
    sa.Column("contact_email", sa.String(320), nullable=False),
    sa.Column("domains", sa.Text, nullable=False),
    sa.Column("verified_domains", sa.Text, nullable=False),
    sa.Column("categories", sa.Text, nullable=False),
    sa.Column("tier", sa.String(32), nullable=False),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("updated_at", sa.DateTime, nullable=False),
    sa.Column("trial_ends_at", sa.DateTime, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
)

API_KEYS = sa.Table(
    "vendor_api_keys",
    METADATA,
    sa.Column("key_id", sa.String(12), primary_key=True),
    sa.Column("vendor_id", sa.String(63), nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("display_name", sa.String(200), nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("revoked_at", sa.DateTime, nullable=True),
    sa.Index("vendor_api_keys_vendor", "vendor_id"),
)

SEEDS = sa.Table(
    "vendor_seeds",
    METADATA,
    sa.Column("vendor_id", sa.String(63), primary_key=True),
    sa.Column("seed_id", sa.String(63), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("is_newest", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("findings", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("updated_at", sa.DateTime, nullable=False),
    sa.Column("published_at", sa.DateTime, nullable=True),
    sa.Column("expires_at", sa.DateTime, nullable=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Index("vendor_seeds_newest", "vendor_id", "is_newest", "seed_id"),
    sa.Index("vendor_seeds_state", "state"),
)
"""One row per version; exactly one of a seed is the newest."""

SEED_EVENTS = sa.Table(
    "vendor_seed_events",
    METADATA,
    sa.Column("vendor_id", sa.String(63), primary_key=True),
    sa.Column("seed_id", sa.String(63), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("occurred_at", sa.DateTime, nullable=False),
)
"""Every change of state, numbered from 1 per seed: what a watcher resumes from."""

RESERVATIONS = sa.Table(
    "vendor_reservations",
    METADATA,
    sa.Column("session", sa.String(200), primary_key=True),
    sa.Column("seed_name", sa.String(200), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("updated_at", sa.DateTime, nullable=False),
)

EFFECTS = sa.Table(
    "vendor_effects",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("step", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Index("vendor_effects_subject", "step", "subject"),
)
"""One row per effect of a saga step and no uniqueness: done twice, two rows would say so."""

ENTRIES = sa.Table(
    "vendor_entries",
    METADATA,
    sa.Column("event_id", sa.String(160), primary_key=True),
    sa.Column("entry_id", sa.String(63), nullable=False, unique=True),
    sa.Column("vendor_id", sa.String(63), nullable=False),
    sa.Column("debit_account", sa.String(128), nullable=False),
    sa.Column("credit_account", sa.String(128), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("recorded_at", sa.DateTime, nullable=False),
    sa.Column("session", sa.String(200), nullable=False),
    sa.Column("seed", sa.String(256), nullable=False),
    sa.Column("memo", sa.Text, nullable=False),
    sa.Column("reverses", sa.String(160), nullable=True, unique=True),
    sa.Index("vendor_entries_vendor", "vendor_id", "recorded_at"),
)
"""The ledger; rows are only ever added, and at most one of them reverses an event."""
