"""signatures."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_kind", sa.String(length=24), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        sa.Column("meaning", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("staff_name", sa.String(length=120), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("proved_by", sa.String(length=12), nullable=False),
        sa.Column("proved_at", columns.Instant(), nullable=True),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.CheckConstraint("meaning IN ('measured', 'corrected')", name=op.f("ck_signature_meaning_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("record_kind", "record_id", name=op.f("uq_signature_record_kind_record_id")),
    )
    for statement in columns.guard_statements(op.get_bind().dialect.name, "signature"):
        op.execute(statement)
