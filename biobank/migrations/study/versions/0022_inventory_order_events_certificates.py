"""The inventory, what happens to orders after their sign-off, and certificates of destruction."""

import sqlalchemy as sa
from alembic import op

from biobank import columns
from biobank.migrations import checks

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inventory_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("imported_at", columns.Instant(), nullable=False),
        sa.Column("imported_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_inventory_file_sha256")),
    )
    op.create_table(
        "inventory_refusal",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "row", name=op.f("pk_inventory_refusal")),
    )
    op.create_table(
        "sample_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sample_id", sa.String(length=80), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_change")),
    )
    with op.batch_alter_table("sample_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sample_change_sample_id"), ["sample_id"], unique=False)

    op.create_table(
        "stored_sample",
        sa.Column("sample_id", sa.String(length=80), nullable=False),
        sa.Column("parent_id", sa.String(length=80), nullable=True),
        sa.Column("confirmed_at", columns.Instant(), nullable=True),
        sa.Column("external_id", sa.String(length=40), nullable=False),
        sa.Column("order_code", sa.String(length=40), nullable=True),
        sa.Column("test", sa.String(length=20), nullable=False),
        sa.Column("created_at", columns.Instant(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("disposed_at", columns.Instant(), nullable=True),
        sa.Column("family_id", sa.String(length=80), nullable=True),
        sa.Column("more", sa.Text(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('received', 'in_preparation', 'consumed', 'sample_not_received', 'sample_not_processed', 'accessioning_error', 'lab_accident', 'quantity_not_sufficient', 'quality_issue', 'unknown')",
            name=op.f("ck_stored_sample_status_known"),
        ),
        sa.PrimaryKeyConstraint("sample_id", name=op.f("pk_stored_sample")),
    )
    with op.batch_alter_table("stored_sample", schema=None) as batch_op:
        batch_op.create_index("ix_stored_sample_match", ["external_id", "test", "order_code"], unique=False)

    op.create_table(
        "destruction_certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("donor_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_at", columns.Instant(), nullable=False),
        sa.Column("approved_by", sa.String(length=120), nullable=False),
        sa.Column("approved_at", columns.Instant(), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_destruction_certificate_approval_id")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_destruction_certificate_donor_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_destruction_certificate_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction_certificate")),
        sa.UniqueConstraint("approval_id", name=op.f("uq_destruction_certificate_approval_id")),
    )
    with op.batch_alter_table("destruction_certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_destruction_certificate_donor_id"), ["donor_id"], unique=False)

    op.create_table(
        "order_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint("step IN ('amended', 'cancelled', 'restored')", name=op.f("ck_order_event_step_known")),
        sa.ForeignKeyConstraint(["order_id"], ["collection_order.id"], name=op.f("fk_order_event_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
        sa.UniqueConstraint("order_id", "seq", name=op.f("uq_order_event_order_id_seq")),
    )
    with op.batch_alter_table("collection_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sort", sa.String(length=40), server_default="full", nullable=False))
        batch_op.add_column(sa.Column("kit", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("changed_at", columns.Instant(), nullable=True))

    checks.put("collection_order", "uq_collection_order_kit", "UNIQUE (kit)")
    checks.put("collection_order", "ck_collection_order_sort_known",
               "CHECK (sort IN ('full', 'custom', 'blood', 'urine', 'saliva'))")  # fmt: skip

    for statement in columns.guard_statements(op.get_bind().dialect.name, "inventory_file"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "inventory_refusal"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "sample_change"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "destruction_certificate"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "order_event"):
        op.execute(statement)
