"""Which rules an article matched, and which months retention dropped from the search index."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("annotation", sa.Column("alerts", sa.JSON(), server_default="[]", nullable=False))
    op.create_table(
        "retired",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("retired", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_retired")),
    )
