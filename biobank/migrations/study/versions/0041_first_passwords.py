"""first passwords."""

import sqlalchemy as sa
from alembic import op

from biobank import columns
from biobank.migrations import checks

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_EVENTS = (
    "'sign-in-refused', 'stranger', 'provider-refused', 'roles-changed', 'staff-changed', 'stopped', "
    "'let-in', 'rested', 'factors-reset', 'password-reset', 'policy-broken', 'identity-bound', "
    "'identity-unbound', 'network-refused', 'network-changed', 'network-opened', 'network-closed', "
    "'exported', 'export-refused'"
)
_STAGES = "'open', 'factor', 'enrol', 'password', 'locked'"


def upgrade() -> None:
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_password_until", columns.Instant(), nullable=True))

    checks.put("staff_session", "ck_staff_session_stage_known", f"CHECK (stage IN ({_STAGES}))")
    checks.put("security_event", "ck_security_event_kind_known", f"CHECK (kind IN ({_EVENTS}))")
