"""records opened across sites and alerts."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "look_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("staff_name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("stretch", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('many-people', 'after-hours', 'other-site', 'refused-often')",
            name=op.f("ck_look_alert_kind_known"),
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_look_alert_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_alert")),
        sa.UniqueConstraint("staff_id", "kind", "stretch", name=op.f("uq_look_alert_staff_id_kind_stretch")),
    )
    op.create_table(
        "opening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("until", columns.Instant(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("staff_name", sa.String(length=120), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.CheckConstraint("reason <> 'other' OR length(note) >= 10", name=op.f("ck_opening_other_is_explained")),
        sa.CheckConstraint(
            "reason IN ('participant-is-here', 'participant-asked', 'emergency', 'other')",
            name=op.f("ck_opening_reason_known"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_opening_site_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_opening_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
    )
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.create_index("ix_opening_staff", ["staff_id", "participant_id", "until"], unique=False)

    op.create_table(
        "alert_answer",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("auditor_id", sa.Uuid(), nullable=False),
        sa.Column("auditor_name", sa.String(length=120), nullable=False),
        sa.Column("finding", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["look_alert.id"], name=op.f("fk_alert_answer_alert_id")),
        sa.ForeignKeyConstraint(["auditor_id"], ["staff.id"], name=op.f("fk_alert_answer_auditor_id")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert_answer")),
    )
    with op.batch_alter_table("look", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_look_actor"))
        batch_op.create_index("ix_look_actor", ["actor_id", "at", "subject_kind", "subject_id"], unique=False)

    for statement in columns.guard_statements(op.get_bind().dialect.name, "look_alert"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "opening"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "alert_answer"):
        op.execute(statement)
