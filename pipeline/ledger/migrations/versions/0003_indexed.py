"""When the search engine first took an article."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("annotation", sa.Column("indexed", sa.DateTime(timezone=True), nullable=True))
