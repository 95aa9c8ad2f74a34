"""Alembic's entry: runs the migrations on the connection that `pipeline.ledger.database` opened."""

from alembic import context

from pipeline.ledger.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
