"""devices, their checks and commands."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("protocol", sa.String(length=40), nullable=False),
        sa.Column("port", sa.String(length=200), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("bound_at", columns.Instant(), nullable=False),
        sa.Column("bound_by", sa.String(length=120), nullable=False),
        sa.Column("accepted_at", columns.Instant(), nullable=True),
        sa.Column("accepted_by", sa.String(length=120), nullable=True),
        sa.Column("calibrated_on", sa.Date(), nullable=True),
        sa.Column("calibration_due", sa.Date(), nullable=True),
        sa.Column("retired_at", columns.Instant(), nullable=True),
        sa.Column("retired_by", sa.String(length=120), nullable=True),
        sa.Column("retired_because", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name=op.f("ck_device_retired_at_a_time")),
        sa.CheckConstraint(
            "state <> 'in-use' OR (accepted_at IS NOT NULL AND accepted_by IS NOT NULL)",
            name=op.f("ck_device_in_use_once_accepted"),
        ),
        sa.CheckConstraint(
            "state <> 'in-use' OR (calibrated_on IS NOT NULL AND calibration_due > calibrated_on)",
            name=op.f("ck_device_in_use_once_calibrated"),
        ),
        sa.CheckConstraint("state IN ('checking', 'in-use', 'retired')", name=op.f("ck_device_state_known")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_device_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_index(
            "ux_device_name",
            ["station_id", "name"],
            unique=True,
            sqlite_where=sa.text("state <> 'retired'"),
            postgresql_where=sa.text("state <> 'retired'"),
        )
        batch_op.create_index(
            "ux_device_port",
            ["station_id", "port"],
            unique=True,
            sqlite_where=sa.text("state <> 'retired'"),
            postgresql_where=sa.text("state <> 'retired'"),
        )

    op.create_table(
        "device_command",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", columns.Instant(), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", columns.Instant(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("taken_at", columns.Instant(), nullable=True),
        sa.Column("told_at", columns.Instant(), nullable=True),
        sa.Column("detail", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "(state = 'waiting' OR state = 'expired') OR taken_at IS NOT NULL",
            name=op.f("ck_device_command_taken_at_a_time"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'taken', 'sent', 'failed', 'expired')", name=op.f("ck_device_command_state_known")
        ),
        sa.CheckConstraint("expires_at > asked_at", name=op.f("ck_device_command_expires_after_asking")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_device_command_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_command")),
    )
    with op.batch_alter_table("device_command", schema=None) as batch_op:
        batch_op.create_index("ix_device_command_station_state", ["station_id", "state"], unique=False)
        batch_op.create_index(
            "ux_device_command_waiting",
            ["station_id", "device", "act"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "device_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("reading_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.JSON(), nullable=False),
        sa.Column("displayed", sa.JSON(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("checked_at", columns.Instant(), nullable=False),
        sa.Column("checked_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 10", name=op.f("ck_device_check_number_of_ten")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_check_device_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["inbox_reading.id"], name=op.f("fk_device_check_reading_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_check")),
        sa.UniqueConstraint("device_id", "reading_id", name=op.f("uq_device_check_device_id_reading_id")),
        sa.UniqueConstraint("device_id", "round", "number", name=op.f("uq_device_check_device_id_round_number")),
    )
    with op.batch_alter_table("station", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ports", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("listening", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("heard", sa.JSON(), server_default="{}", nullable=False))

    for statement in columns.guard_statements(op.get_bind().dialect.name, "device_check"):
        op.execute(statement)
