"""payments that come back."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NAME = "ck_disbursement_state_known"
STATES = "state IN ('queued', 'sending', 'sent', 'unknown', 'settled', 'failed', 'returned', 'held', 'voided')"
# SQLite makes a changed table anew, without its checks.
KEPT = {
    "hold_reason_known": "hold_reason IN ('by-finance', 'pay-again')",
    "first_replaces_none": "(seq = 1) = (replaces_id IS NULL)",
    "sending_is_leased": "state <> 'sending' OR lease_token IS NOT NULL",
    "sent_has_proof": "state NOT IN ('sent', 'settled') OR provider_ref IS NOT NULL",
    "held_for_a_reason": "(state = 'held') = (hold_reason IS NOT NULL)",
    "two_people": "approved_by_id IS NULL OR approved_by_id <> requested_by_id",
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(NAME), "disbursement", type_="check")
        op.create_check_constraint(op.f(NAME), "disbursement", STATES)
        return
    with op.batch_alter_table("disbursement", recreate="always") as batch_op:
        batch_op.create_check_constraint(op.f(NAME), STATES)
        for name, condition in KEPT.items():
            batch_op.create_check_constraint(op.f(f"ck_disbursement_{name}"), condition)
