"""Pages find the newest without reading the oldest."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("receipt_scan", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_scan_at", ["at"], unique=False)

    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index("ix_shipment_state", ["state", "handed_over_at"], unique=False)

    with op.batch_alter_table("tube", schema=None) as batch_op:
        batch_op.create_index("ix_tube_collected_at", ["collected_at"], unique=False)
        batch_op.create_index(
            "ix_tube_out_at",
            ["out_at"],
            unique=False,
            sqlite_where=sa.text("out_at IS NOT NULL"),
            postgresql_where=sa.text("out_at IS NOT NULL"),
        )
