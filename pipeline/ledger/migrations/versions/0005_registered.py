"""Since when a feed is read, so that one which never brings anything is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("source", sa.Column("registered", sa.DateTime(timezone=True), nullable=True))
