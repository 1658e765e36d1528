"""Visits."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("appointed_for", columns.Instant(), nullable=True),
        sa.Column("checked_in_at", columns.Instant(), nullable=True),
        sa.Column("completed_at", columns.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'complete' OR completed_at IS NOT NULL", name=op.f("ck_visit_completed_sometime")),
        sa.CheckConstraint(
            "state IN ('appointed', 'checked_in', 'complete', 'cancelled')", name=op.f("ck_visit_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('checked_in', 'complete') OR (station_id IS NOT NULL AND checked_in_at IS NOT NULL)",
            name=op.f("ck_visit_checked_in_somewhere"),
        ),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_visit_participant_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_visit_site_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_visit_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_participant_id"), ["participant_id"], unique=False)
        batch_op.create_index("ix_visit_site_state", ["site_id", "state"], unique=False)
        batch_op.create_index(
            "uq_visit_open_participant_id",
            ["participant_id"],
            unique=True,
            sqlite_where=sa.text("state = 'checked_in'"),
            postgresql_where=sa.text("state = 'checked_in'"),
        )
        batch_op.create_index(
            "uq_visit_open_station_id",
            ["station_id"],
            unique=True,
            sqlite_where=sa.text("state = 'checked_in'"),
            postgresql_where=sa.text("state = 'checked_in'"),
        )

    op.create_table(
        "visit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('booked', 'checked_in', 'step_finished', 'completed', 'cancelled')",
            name=op.f("ck_visit_event_kind_known"),
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_event_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_event")),
    )
    with op.batch_alter_table("visit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_event_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "visit_step",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.CheckConstraint("step IN ('measurements', 'samples')", name=op.f("ck_visit_step_step_known")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_step_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "step", name=op.f("pk_visit_step")),
    )
    for statement in columns.guard_statements(op.get_bind().dialect.name, "visit_event"):
        op.execute(statement)
