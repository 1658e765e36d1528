"""Documents of measurements that were imported, and which entries came in them."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measurement_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("dated", columns.Instant(), nullable=False),
        sa.Column("taken", sa.JSON(), nullable=False),
        sa.Column("not_taken", sa.JSON(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["measurement_record.id"], name=op.f("fk_measurement_import_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement_import")),
    )
    with op.batch_alter_table("measurement_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measurement_import_record_id"), ["record_id"], unique=False)

    # Not as a batch: on SQLite that copies the table, without its append-only guards.
    kind = "CHAR(32)" if op.get_bind().dialect.name == "sqlite" else "UUID"
    op.execute(
        f"ALTER TABLE measurement_entry ADD COLUMN import_id {kind} "
        "CONSTRAINT fk_measurement_entry_import_id REFERENCES measurement_import (id)"
    )

    for statement in columns.guard_statements(op.get_bind().dialect.name, "measurement_import"):
        op.execute(statement)
