"""Measurements."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measurement_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("protocol_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", columns.Instant(), nullable=False),
        sa.Column("finalised_at", columns.Instant(), nullable=True),
        sa.Column("finalised_by_id", sa.Uuid(), nullable=True),
        sa.Column("finalised_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "(state = 'final') = (finalised_at IS NOT NULL)", name=op.f("ck_measurement_record_final_has_time")
        ),
        sa.CheckConstraint("state IN ('draft', 'final')", name=op.f("ck_measurement_record_state_known")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_measurement_record_participant_id")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_measurement_record_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement_record")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_measurement_record_visit_id")),
    )
    with op.batch_alter_table("measurement_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measurement_record_participant_id"), ["participant_id"], unique=False)

    op.create_table(
        "measurement_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("raised_at", columns.Instant(), nullable=False),
        sa.Column("ended_at", columns.Instant(), nullable=True),
        sa.Column("acknowledged_at", columns.Instant(), nullable=True),
        sa.Column("acknowledged_by_id", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=120), nullable=True),
        sa.Column("acknowledged_seq", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (action IS NULL)", name=op.f("ck_measurement_alert_acknowledged_has_action")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["measurement_record.id"], name=op.f("fk_measurement_alert_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement_alert")),
    )
    with op.batch_alter_table("measurement_alert", schema=None) as batch_op:
        batch_op.create_index(
            "uq_measurement_alert_standing",
            ["record_id", "code"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "measurement_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("replicate", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("typed_text", sa.String(length=80), nullable=True),
        sa.Column("typed_unit", sa.String(length=20), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("reading_id", sa.Uuid(), nullable=True),
        sa.Column("device", sa.String(length=60), nullable=True),
        sa.Column("protocol", sa.String(length=60), nullable=True),
        sa.Column("unchecked", sa.Boolean(), nullable=False),
        sa.Column("taken_at", columns.Instant(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "(source = 'device') = (reading_id IS NOT NULL)", name=op.f("ck_measurement_entry_device_has_reading")
        ),
        sa.CheckConstraint(
            "kind IN ('value', 'flag', 'modification', 'note', 'confirmation')",
            name=op.f("ck_measurement_entry_kind_known"),
        ),
        sa.CheckConstraint("source IN ('typed', 'device', 'rule')", name=op.f("ck_measurement_entry_source_known")),
        sa.ForeignKeyConstraint(["reading_id"], ["inbox_reading.id"], name=op.f("fk_measurement_entry_reading_id")),
        sa.ForeignKeyConstraint(["record_id"], ["measurement_record.id"], name=op.f("fk_measurement_entry_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement_entry")),
        sa.UniqueConstraint("record_id", "seq", name=op.f("uq_measurement_entry_record_id_seq")),
    )
    op.create_table(
        "measurement_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("protocol", sa.String(length=60), nullable=False),
        sa.Column("unchecked", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("captured_at", columns.Instant(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('placed', 'refused', 'aside')", name=op.f("ck_measurement_reading_outcome_known")
        ),
        sa.ForeignKeyConstraint(["reading_id"], ["inbox_reading.id"], name=op.f("fk_measurement_reading_reading_id")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["measurement_record.id"], name=op.f("fk_measurement_reading_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement_reading")),
        sa.UniqueConstraint("reading_id", "measure", name=op.f("uq_measurement_reading_reading_id_measure")),
    )
    with op.batch_alter_table("measurement_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measurement_reading_record_id"), ["record_id"], unique=False)

    op.create_table(
        "measurement_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("amends_id", sa.Uuid(), nullable=True),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "(number = 1) = (amends_id IS NULL)", name=op.f("ck_measurement_version_amendment_has_former")
        ),
        sa.ForeignKeyConstraint(
            ["amends_id"], ["measurement_version.id"], name=op.f("fk_measurement_version_amends_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["measurement_record.id"], name=op.f("fk_measurement_version_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement_version")),
        sa.UniqueConstraint("record_id", "number", name=op.f("uq_measurement_version_record_id_number")),
    )
    op.create_table(
        "measurement_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('finalised', 'amended')) = (reason IS NULL)", name=op.f("ck_measurement_event_change_has_reason")
        ),
        sa.CheckConstraint(
            "kind IN ('finalised', 'amending', 'amended', 'cancelled', 'restored')",
            name=op.f("ck_measurement_event_kind_known"),
        ),
        sa.CheckConstraint("reason <> 'other' OR note IS NOT NULL", name=op.f("ck_measurement_event_other_has_note")),
        sa.CheckConstraint(
            "reason IN ('wrong-value', 'missing-value', 'wrong-participant', 'amend', 'other')",
            name=op.f("ck_measurement_event_reason_known"),
        ),
        sa.ForeignKeyConstraint(["record_id"], ["measurement_record.id"], name=op.f("fk_measurement_event_record_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_measurement_event_site_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["measurement_version.id"], name=op.f("fk_measurement_event_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement_event")),
        sa.UniqueConstraint("record_id", "seq", name=op.f("uq_measurement_event_record_id_seq")),
    )
    for statement in columns.guard_statements(op.get_bind().dialect.name, "measurement_entry"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "measurement_reading"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "measurement_version"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "measurement_event"):
        op.execute(statement)
