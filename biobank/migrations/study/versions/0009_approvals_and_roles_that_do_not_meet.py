"""approvals and roles that do not meet."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=120), nullable=False),
        sa.Column("asked_at", columns.Instant(), nullable=False),
        sa.Column("expires_at", columns.Instant(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("expires_at > asked_at", name=op.f("ck_approval_expires_later")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_approval_asked_by")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_approval_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("id", "asked_by", "digest", name=op.f("uq_approval_id_asked_by_digest")),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index("ix_approval_subject", ["kind", "subject"], unique=False)

    op.create_table(
        "approval_decision",
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by_name", sa.String(length=120), nullable=False),
        sa.Column("decided_at", columns.Instant(), nullable=False),
        sa.CheckConstraint(
            "(decided_by <> asked_by) = (decision <> 'withdrawn')", name=op.f("ck_approval_decision_by_another_person")
        ),
        sa.CheckConstraint(
            "decision IN ('given', 'refused', 'withdrawn')", name=op.f("ck_approval_decision_decision_known")
        ),
        sa.ForeignKeyConstraint(
            ["approval_id", "asked_by", "digest"],
            ["approval.id", "approval.asked_by", "approval.digest"],
            name=op.f("fk_approval_decision_approval_id_asked_by_digest"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_approval_decision_decided_by")),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_approval_decision")),
    )
    with op.batch_alter_table("staff_role", schema=None) as batch_op:
        batch_op.create_index(
            "uq_staff_role_domain",
            ["staff_id"],
            unique=True,
            sqlite_where=sa.text("role IN ('auditor', 'biobank', 'clinic', 'finance')"),
            postgresql_where=sa.text("role IN ('auditor', 'biobank', 'clinic', 'finance')"),
        )
        batch_op.create_index(
            "uq_staff_role_power",
            ["staff_id"],
            unique=True,
            sqlite_where=sa.text("role IN ('administrator', 'auditor', 'finance')"),
            postgresql_where=sa.text("role IN ('administrator', 'auditor', 'finance')"),
        )

    for statement in columns.guard_statements(op.get_bind().dialect.name, "approval"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "approval_decision"):
        op.execute(statement)
