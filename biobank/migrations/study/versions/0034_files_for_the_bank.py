"""files for the bank."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ach_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("modifier", sa.String(length=1), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("prepared_at", columns.Instant(), nullable=False),
        sa.Column("prepared_by_id", sa.Uuid(), nullable=False),
        sa.Column("prepared_by", sa.String(length=120), nullable=False),
        sa.Column("released_at", columns.Instant(), nullable=True),
        sa.Column("released_by_id", sa.Uuid(), nullable=True),
        sa.Column("released_by", sa.String(length=120), nullable=True),
        sa.Column("dropped_at", columns.Instant(), nullable=True),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_by_id IS NULL)", name=op.f("ck_ach_batch_released_by_somebody")
        ),
        sa.CheckConstraint(
            "released_by_id IS NULL OR released_by_id <> prepared_by_id", name=op.f("ck_ach_batch_two_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ach_batch")),
        sa.UniqueConstraint("made_on", "modifier", name=op.f("uq_ach_batch_made_on_modifier")),
        sa.UniqueConstraint("sha256", name=op.f("uq_ach_batch_sha256")),
    )
    op.create_table(
        "payee_bank",
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("change_code", sa.String(length=3), nullable=True),
        sa.Column("noted_at", columns.Instant(), nullable=False),
        sa.Column("noted_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["payee_id"], ["payee.id"], name=op.f("fk_payee_bank_payee_id")),
        sa.PrimaryKeyConstraint("payee_id", name=op.f("pk_payee_bank")),
    )
    op.create_table(
        "ach_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("disbursement_id", sa.Uuid(), nullable=False),
        sa.Column("trace", sa.String(length=15), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["ach_batch.id"], name=op.f("fk_ach_entry_batch_id")),
        sa.ForeignKeyConstraint(["disbursement_id"], ["disbursement.id"], name=op.f("fk_ach_entry_disbursement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ach_entry")),
        sa.UniqueConstraint("trace", name=op.f("uq_ach_entry_trace")),
    )
    with op.batch_alter_table("ach_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ach_entry_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_ach_entry_live",
            ["disbursement_id"],
            unique=True,
            sqlite_where=sa.text("is_live"),
            postgresql_where=sa.text("is_live"),
        )
