"""Lists of payments are read from the newest on, by the day earned, and by what the provider calls a payment."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("disbursement", schema=None) as batch_op:
        batch_op.create_index("ix_disbursement_listed", ["state", "id"], unique=False)
        batch_op.create_index("ix_disbursement_order", ["provider_ref"], unique=False)
        batch_op.create_index("ix_disbursement_reward", ["reward_ref"], unique=False)

    with op.batch_alter_table("entitlement", schema=None) as batch_op:
        batch_op.create_index("ix_entitlement_earned", ["earned_at", "site_id"], unique=False)
