"""Run by alembic: the migrations work on the connection that ``bot.state.preparing`` hands over."""

from alembic import context

from bot.state.schema import metadata

connection = context.config.attributes["connection"]
# A transaction is under way, and ends where it was begun: nothing is half migrated. SQLite changes a column by
# making its table anew (batch).
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=False)
context.run_migrations()
