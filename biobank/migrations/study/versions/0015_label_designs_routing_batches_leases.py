"""Label designs, routing rules, batches, and leases of the print queue."""

import sqlalchemy as sa
from alembic import op

from biobank import columns
from biobank.migrations import checks

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATES = (
    "CHECK (state IN ('queued', 'claimed', 'sending', 'sent', 'printed', 'applied', 'unknown', 'failed', 'voided'))"
)


def upgrade() -> None:
    op.create_table(
        "label_design",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("published_at", columns.Instant(), nullable=False),
        sa.Column("published_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_label_design_version_from_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_design")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_label_design_name_version")),
    )
    op.create_table(
        "label_routing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("published_at", columns.Instant(), nullable=False),
        sa.Column("published_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_label_routing_version_from_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_routing")),
        sa.UniqueConstraint("version", name=op.f("uq_label_routing_version")),
    )
    op.create_table(
        "print_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("subject_code", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("requested_at", columns.Instant(), nullable=False),
        sa.Column("requested_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("state IN ('open', 'paused', 'cancelled')", name=op.f("ck_print_batch_state_known")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_print_batch_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_batch")),
    )
    with op.batch_alter_table("print_batch", schema=None) as batch_op:
        batch_op.create_index("ix_print_batch_station", ["station_id", "requested_at"], unique=False)

    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("batch_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("template_version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("lease", sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_print_job_batch_id"), ["batch_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_print_job_batch_id"), "print_batch", ["batch_id"], ["id"])
        batch_op.drop_column("sending_key")

    with op.batch_alter_table("printer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=40), nullable=False, server_default="zpl"))
        batch_op.add_column(sa.Column("status", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("status_at", columns.Instant(), nullable=True))

    checks.put("print_job", "ck_print_job_state_known", _STATES)
    checks.put("printer", "ck_printer_language_known", "CHECK (language IN ('zpl', 'zpl-z64', 'zpl-native', 'pdf'))")

    for statement in columns.guard_statements(op.get_bind().dialect.name, "label_design"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "label_routing"):
        op.execute(statement)
