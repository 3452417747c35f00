"""Validations that search for their certificate: the request, and how the search stands."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("search", "synthesis"):
        column = sa.Column(name, sa.LargeBinary, nullable=False, server_default=sa.text("''"))
        op.add_column("validation_jobs", column)


def downgrade() -> None:
    raise NotImplementedError
