"""provider gates, webhook inbox."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_gate",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("free_at", columns.Instant(), nullable=False),
        sa.Column("quiet_until", columns.Instant(), nullable=True),
        sa.Column("recent", sa.String(length=20), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("held_since", columns.Instant(), nullable=True),
        sa.Column("held_by", sa.String(length=120), nullable=True),
        sa.Column("held_reason", sa.String(length=400), nullable=True),
        sa.Column("swept_at", columns.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(held_since IS NULL) = (held_reason IS NULL)", name=op.f("ck_provider_gate_held_for_a_reason")
        ),
        sa.CheckConstraint("openings >= 0", name=op.f("ck_provider_gate_openings_not_negative")),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_gate")),
    )
    op.create_table(
        "provider_gate_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "step IN ('held', 'resumed', 'stopped', 'goes-on', 'breaker-opened', 'breaker-closed', 'swept')",
            name=op.f("ck_provider_gate_event_step_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_gate_event")),
    )
    with op.batch_alter_table("provider_gate_event", schema=None) as batch_op:
        batch_op.create_index("ix_provider_gate_event_provider", ["provider", "id"], unique=False)

    op.create_table(
        "webhook_inbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("event_uuid", sa.String(length=100), nullable=False),
        sa.Column("event", sa.String(length=100), nullable=False),
        sa.Column("resource_type", sa.String(length=40), nullable=False),
        sa.Column("resource_ref", sa.String(length=200), nullable=False),
        sa.Column("raw_hash", sa.String(length=64), nullable=False),
        sa.Column("received_at", columns.Instant(), nullable=False),
        sa.Column("next_at", columns.Instant(), nullable=False),
        sa.Column("done_at", columns.Instant(), nullable=True),
        sa.Column("came_of_it", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_inbox")),
        sa.UniqueConstraint("provider", "event_uuid", name=op.f("uq_webhook_inbox_provider_event_uuid")),
    )
    with op.batch_alter_table("webhook_inbox", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_inbox_open", ["provider", "done_at", "next_at"], unique=False)

    for statement in columns.guard_statements(op.get_bind().dialect.name, "provider_gate_event"):
        op.execute(statement)
