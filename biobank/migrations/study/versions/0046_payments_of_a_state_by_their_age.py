"""payments of a state by their age."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("disbursement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disbursement_summed"))
        batch_op.create_index("ix_disbursement_aged", ["state", "created_at", "id"], unique=False)
