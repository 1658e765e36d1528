"""The figures of the first page of finance are summed from indexes alone."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("disbursement", schema=None) as batch_op:
        batch_op.create_index("ix_disbursement_summed", ["state", "amount_cents"], unique=False)

    with op.batch_alter_table("entitlement", schema=None) as batch_op:
        batch_op.create_index("ix_entitlement_decided", ["decision", "scheme_id"], unique=False)

    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index("ix_transfer_between", ["debit", "credit", "amount_cents"], unique=False)
