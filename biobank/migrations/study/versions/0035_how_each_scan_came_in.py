"""how each scan came in."""

import sqlalchemy as sa
from alembic import op

from biobank.migrations import checks

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("receipt_scan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entered_by", sa.String(length=40), server_default="unknown", nullable=False))
    known = "'wedge', 'serial', 'camera', 'typed', 'unknown'"
    checks.put("receipt_scan", "ck_receipt_scan_entered_by_known", f"CHECK (entered_by IN ({known}))")
