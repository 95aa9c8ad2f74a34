"""The record of everything: SQLAlchemy Core and Alembic on SQLite or PostgreSQL. The search index is made from it.

`database` opens it; `schema` draws it; `work` is the queue and outbox; `sources`, `articles`, `findings` and
`outbox` hold the queries of the steps, each a function of an open connection, so that a step says in one place what
belongs to one transaction.
"""

from pipeline.ledger.database import Ledger, lock_families, open_ledger

__all__ = ["Ledger", "lock_families", "open_ledger"]
