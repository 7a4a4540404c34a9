"""Alembic's entry: runs the versions on the connection that `gecchain.store.migrate` hands in."""

from alembic import context

from gecchain.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
