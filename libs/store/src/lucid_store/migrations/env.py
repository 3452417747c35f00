"""The one Alembic environment of all packages: runs the scripts on the connection it is given."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    version_table=attributes["version_table"],
    # The caller's transaction holds everything, on SQLite too: all of an upgrade or nothing.
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
