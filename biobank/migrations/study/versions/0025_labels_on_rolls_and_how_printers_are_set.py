"""labels on rolls and how printers are set."""

import sqlalchemy as sa
from alembic import op

from biobank import columns
from biobank.migrations import checks

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label_stock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("width_mm", sa.String(length=40), nullable=False),
        sa.Column("height_mm", sa.String(length=40), nullable=False),
        sa.Column("gap_mm", sa.String(length=40), nullable=False),
        sa.Column("margin_mm", sa.String(length=40), nullable=False),
        sa.Column("material", sa.String(length=80), nullable=False),
        sa.Column("printer", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", columns.Instant(), nullable=False),
        sa.Column("changed_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_stock")),
        sa.UniqueConstraint("name", name=op.f("uq_label_stock_name")),
    )
    with op.batch_alter_table("printer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stock_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("offset_x_mm", sa.String(length=40), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("offset_y_mm", sa.String(length=40), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("darkness", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("speed", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    for name, words in (
        ("ck_printer_darkness_in_steps", "CHECK (darkness BETWEEN -30 AND 30)"),
        ("ck_printer_speed_in_inches", "CHECK (speed BETWEEN 2 AND 14)"),
        ("fk_printer_stock_id", "FOREIGN KEY(stock_id) REFERENCES label_stock (id)"),
    ):
        checks.put("printer", name, words)
