"""Sheets of labels, as an administrator measured them."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label_sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("paper_width_mm", sa.String(length=40), nullable=False),
        sa.Column("paper_height_mm", sa.String(length=40), nullable=False),
        sa.Column("width_mm", sa.String(length=40), nullable=False),
        sa.Column("height_mm", sa.String(length=40), nullable=False),
        sa.Column("across", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.Column("first_x_mm", sa.String(length=40), nullable=False),
        sa.Column("first_y_mm", sa.String(length=40), nullable=False),
        sa.Column("pitch_x_mm", sa.String(length=40), nullable=False),
        sa.Column("pitch_y_mm", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", columns.Instant(), nullable=True),
        sa.Column("changed_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint("across BETWEEN 1 AND 50", name=op.f("ck_label_sheet_across_counts")),
        sa.CheckConstraint("down BETWEEN 1 AND 100", name=op.f("ck_label_sheet_down_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_sheet")),
        sa.UniqueConstraint("code", name=op.f("uq_label_sheet_code")),
    )
