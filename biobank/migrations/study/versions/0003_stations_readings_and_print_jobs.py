"""Stations, readings and print jobs."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "station",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("public_key", sa.String(length=44), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", columns.Instant(), nullable=False),
        sa.Column("last_seen_at", columns.Instant(), nullable=True),
        sa.Column("clock_skew_ms", sa.BigInteger(), nullable=True),
        sa.Column("spooled", sa.Integer(), nullable=False),
        sa.Column("devices", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_station_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
        sa.UniqueConstraint("public_key", name=op.f("uq_station_public_key")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_station_site_id_name")),
    )
    op.create_table(
        "capture_window",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", columns.Instant(), nullable=False),
        sa.Column("closed_at", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_capture_window_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture_window")),
    )
    with op.batch_alter_table("capture_window", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capture_window_visit_id"), ["visit_id"], unique=False)
        batch_op.create_index(
            "ux_capture_window_open",
            ["station_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "inbox_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("protocol", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("captured_at", columns.Instant(), nullable=False),
        sa.Column("happened_at", columns.Instant(), nullable=False),
        sa.Column("received_at", columns.Instant(), nullable=False),
        sa.Column("device_time", sa.String(length=40), nullable=True),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("stable", sa.Boolean(), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("raw", sa.String(length=8192), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("refusal", sa.String(length=400), nullable=True),
        sa.CheckConstraint(
            "(state = 'claimed') = (visit_id IS NOT NULL)", name=op.f("ck_inbox_reading_claimed_by_a_visit")
        ),
        sa.CheckConstraint("kind IN ('reading', 'scan')", name=op.f("ck_inbox_reading_kind_known")),
        sa.CheckConstraint("state IN ('unclaimed', 'claimed', 'refused')", name=op.f("ck_inbox_reading_state_known")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_inbox_reading_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_reading")),
        sa.UniqueConstraint("station_id", "seq", name=op.f("uq_inbox_reading_station_id_seq")),
    )
    op.create_table(
        "print_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("printer", sa.String(length=60), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("object_kind", sa.String(length=24), nullable=False),
        sa.Column("object_code", sa.String(length=20), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("copy_no", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_at", columns.Instant(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("sending_key", sa.String(length=200), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=400), nullable=False),
        sa.Column("requested_at", columns.Instant(), nullable=False),
        sa.Column("requested_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'claimed', 'sending', 'sent', 'printed', 'unknown', 'failed', 'voided')",
            name=op.f("ck_print_job_state_known"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_print_job_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
        sa.UniqueConstraint(
            "object_code", "template", "part", "copy_no", name=op.f("uq_print_job_object_code_template_part_copy_no")
        ),
    )
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.create_index("ix_print_job_station_state", ["station_id", "state"], unique=False)

    op.create_table(
        "printer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_printer_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer")),
        sa.UniqueConstraint("station_id", "name", name=op.f("uq_printer_station_id_name")),
    )
