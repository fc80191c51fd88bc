"""Runs migrations on the connection that `services.migrations.__main__` hands over."""

from alembic import context

from services.migrations.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, transaction_per_migration=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
