"""Participants."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "participant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_code", sa.String(length=13), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("consent_version", sa.String(length=20), nullable=False),
        sa.Column("consented_on", sa.Date(), nullable=False),
        sa.Column("enrolled_at", columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("language IN ('en', 'es')", name=op.f("ck_participant_language_known")),
        sa.CheckConstraint("status IN ('active', 'withdrawn', 'deceased')", name=op.f("ck_participant_status_known")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_participant_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
        sa.UniqueConstraint("clinic_code", name=op.f("uq_participant_clinic_code")),
    )
    op.create_table(
        "participant_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('enrolled', 'changed', 'withdrawn')", name=op.f("ck_participant_event_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_participant_event_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant_event")),
    )
    with op.batch_alter_table("participant_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participant_event_participant_id"), ["participant_id"], unique=False)

    for statement in columns.guard_statements(op.get_bind().dialect.name, "participant_event"):
        op.execute(statement)
