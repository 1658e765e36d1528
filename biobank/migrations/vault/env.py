"""Runs the migrations of the vault database on the connection it is given."""

from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=given["metadata"],
    render_item=given.get("render_item"),
    include_name=given.get("include_name"),
    include_object=given.get("include_object"),
    compare_type=True,
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
