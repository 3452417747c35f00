"""Vendors, keys, seeds with versions and events, reservations, effects and the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "vendor_vendors",
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
    op.create_table(
        "vendor_api_keys",
        sa.Column("key_id", sa.String(12), primary_key=True),
        sa.Column("vendor_id", sa.String(63), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("revoked_at", sa.DateTime, nullable=True),
    )
    op.create_index("vendor_api_keys_vendor", "vendor_api_keys", ["vendor_id"])
    op.create_table(
        "vendor_seeds",
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
    )
    op.create_index("vendor_seeds_newest", "vendor_seeds", ["vendor_id", "is_newest", "seed_id"])
    op.create_index("vendor_seeds_state", "vendor_seeds", ["state"])
    op.create_table(
        "vendor_seed_events",
        sa.Column("vendor_id", sa.String(63), primary_key=True),
        sa.Column("seed_id", sa.String(63), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "vendor_reservations",
        sa.Column("session", sa.String(200), primary_key=True),
        sa.Column("seed_name", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "vendor_effects",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
    )
    op.create_index("vendor_effects_subject", "vendor_effects", ["step", "subject"])
    op.create_table(
        "vendor_entries",
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
    )
    op.create_index("vendor_entries_vendor", "vendor_entries", ["vendor_id", "recorded_at"])


def downgrade() -> None:
    for table in (
        "vendor_entries",
        "vendor_effects",
        "vendor_reservations",
        "vendor_seed_events",
        "vendor_seeds",
        "vendor_api_keys",
        "vendor_vendors",
    ):
        op.drop_table(table)
