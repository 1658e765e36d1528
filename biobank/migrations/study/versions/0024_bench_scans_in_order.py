"""Bench scans in the order in which they came."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("receipt_scan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receipt_scan_actor"))
        batch_op.drop_index(batch_op.f("ix_receipt_scan_shipment"))
        batch_op.create_index("ix_receipt_scan_actor_at", ["actor_id", "at"], unique=False)
        batch_op.create_index("ix_receipt_scan_shipment_at", ["shipment_id", "at"], unique=False)
