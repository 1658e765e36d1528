"""seals over the logs, refusals."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_ALERTS = "kind IN ('many-people', 'after-hours', 'other-site', 'refused-often', 'denied-often', 'other-network')"


def upgrade() -> None:
    op.create_table(
        "audit_alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("stretch", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.CheckConstraint("kind IN ('seal-broken', 'seal-late')", name=op.f("ck_audit_alarm_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_alarm")),
        sa.UniqueConstraint("kind", "stretch", name=op.f("uq_audit_alarm_kind_stretch")),
    )
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("low", sa.Uuid(), nullable=False),
        sa.Column("high", sa.Uuid(), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_audit_seal_number_positive")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("link", name=op.f("uq_audit_seal_link")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_seal_previous")),
    )
    with op.batch_alter_table("audit_seal", schema=None) as batch_op:
        batch_op.create_index("ix_audit_seal_high", ["table_name", "high"], unique=False)

    op.create_table(
        "denial",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("actor_kind", sa.String(length=12), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("endpoint", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial")),
    )
    with op.batch_alter_table("denial", schema=None) as batch_op:
        batch_op.create_index("ix_denial_actor", ["actor_id", "at"], unique=False)

    for statement in columns.guard_statements(op.get_bind().dialect.name, "audit_alarm"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "audit_seal"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "denial"):
        op.execute(statement)
    _more_alerts()


def _more_alerts() -> None:
    name = op.f("ck_look_alert_kind_known")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(name, "look_alert", type_="check")
        op.create_check_constraint(name, "look_alert", _ALERTS)
        return
    # The file's table is made anew: its check is not carried over, and its guards go with the old one.
    with op.batch_alter_table("look_alert", recreate="always") as batch_op:
        batch_op.create_check_constraint(name, _ALERTS)
    for statement in columns.guard_statements("sqlite", "look_alert"):
        op.execute(statement)
