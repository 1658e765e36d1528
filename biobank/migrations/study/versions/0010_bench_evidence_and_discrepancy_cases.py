"""Evidence at the bench, bags, and discrepancies as cases."""

import sqlalchemy as sa
from alembic import op

from biobank import columns
from biobank.migrations import checks

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CONSTRAINTS = (
    ("container", "fk_container_parent_id", "FOREIGN KEY(parent_id) REFERENCES container (id)"),
    ("container", "ck_container_kind_known", "CHECK (kind IN ('bag', 'box'))"),
    ("container", "ck_container_only_bags_lie_in_boxes", "CHECK (kind = 'bag' OR parent_id IS NULL)"),
    (
        "custody_event",
        "ck_custody_event_subject_kind_known",
        "CHECK (subject_kind IN ('tube', 'bag', 'box', 'shipment', 'object'))",
    ),
    ("custody_event", "ck_custody_event_completeness_known", "CHECK (completeness IN ('verified', 'inferred'))"),
    ("receipt_scan", "fk_receipt_scan_object_id", "FOREIGN KEY(object_id) REFERENCES found_object (id)"),
    (
        "receipt_scan",
        "ck_receipt_scan_kept_scans_know_their_clock",
        "CHECK ((scanned_at IS NULL) = (skew_ms IS NULL))",
    ),
)


def upgrade() -> None:
    op.create_table(
        "custody_note",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["custody_event.id"], name=op.f("fk_custody_note_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_custody_note")),
    )
    op.create_table(
        "found_object",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("found_at", columns.Instant(), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("shipment_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_found_object_shipment_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_found_object_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_found_object")),
    )
    with op.batch_alter_table("found_object", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_found_object_shipment_id"), ["shipment_id"], unique=False)

    op.create_table(
        "temperature_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.String(length=60), nullable=True),
        sa.Column("imported_at", columns.Instant(), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("started_at", columns.Instant(), nullable=False),
        sa.Column("ended_at", columns.Instant(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.String(length=40), nullable=False),
        sa.Column("maximum", sa.String(length=40), nullable=False),
        sa.Column("seconds_outside", sa.Integer(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_temperature_log_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_temperature_log")),
        sa.UniqueConstraint("shipment_id", "sha256", name=op.f("uq_temperature_log_shipment_id_sha256")),
    )
    op.create_table(
        "discrepancy_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("condition", sa.String(length=4), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("shipment_id", sa.Uuid(), nullable=True),
        sa.Column("tube_id", sa.Uuid(), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", columns.Instant(), nullable=False),
        sa.Column("due_at", columns.Instant(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("owner_name", sa.String(length=120), nullable=True),
        sa.Column("reported_at", columns.Instant(), nullable=True),
        sa.Column("resolution", sa.String(length=40), nullable=True),
        sa.Column("closed_at", columns.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_discrepancy_case_closed_has_its_time")
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (resolution IS NOT NULL)", name=op.f("ck_discrepancy_case_closed_has_its_resolution")
        ),
        sa.CheckConstraint(
            "resolution IN ('found', 'taken_back', 'matched', 'accepted', 'released', 'returned', 'destroyed', 'never_sent', 'lost', 'relabelled', 'other')",
            name=op.f("ck_discrepancy_case_resolution_known"),
        ),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_discrepancy_case_state_known")),
        sa.CheckConstraint(
            "type IN ('missing', 'nothing_arrived', 'extra', 'two_alike', 'unidentified', 'condition', 'temperature')",
            name=op.f("ck_discrepancy_case_type_known"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["custody_event.id"], name=op.f("fk_discrepancy_case_event_id")),
        sa.ForeignKeyConstraint(["object_id"], ["found_object.id"], name=op.f("fk_discrepancy_case_object_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_discrepancy_case_owner_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_discrepancy_case_shipment_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_discrepancy_case_site_id")),
        sa.ForeignKeyConstraint(["tube_id"], ["tube.id"], name=op.f("fk_discrepancy_case_tube_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy_case")),
    )
    with op.batch_alter_table("discrepancy_case", schema=None) as batch_op:
        batch_op.create_index("ix_case_open", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_case_site", ["site_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_discrepancy_case_object_id"), ["object_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_discrepancy_case_shipment_id"), ["shipment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_discrepancy_case_tube_id"), ["tube_id"], unique=False)
        batch_op.create_index(
            "uq_case_parcel_open",
            ["type", "shipment_id", "condition"],
            unique=True,
            sqlite_where=sa.text("state = 'open' AND tube_id IS NULL AND object_id IS NULL"),
            postgresql_where=sa.text("state = 'open' AND tube_id IS NULL AND object_id IS NULL"),
        )
        batch_op.create_index(
            "uq_case_tube_open",
            ["type", "tube_id", "condition"],
            unique=True,
            sqlite_where=sa.text("state = 'open' AND tube_id IS NOT NULL"),
            postgresql_where=sa.text("state = 'open' AND tube_id IS NOT NULL"),
        )

    op.create_table(
        "specimen_photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tube_id", sa.Uuid(), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("shipment_id", sa.Uuid(), nullable=True),
        sa.Column("taken_at", columns.Instant(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "tube_id IS NOT NULL OR object_id IS NOT NULL OR shipment_id IS NOT NULL",
            name=op.f("ck_specimen_photo_of_something"),
        ),
        sa.ForeignKeyConstraint(["object_id"], ["found_object.id"], name=op.f("fk_specimen_photo_object_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_specimen_photo_shipment_id")),
        sa.ForeignKeyConstraint(["tube_id"], ["tube.id"], name=op.f("fk_specimen_photo_tube_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_specimen_photo")),
    )
    with op.batch_alter_table("specimen_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_specimen_photo_object_id"), ["object_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_specimen_photo_shipment_id"), ["shipment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_specimen_photo_tube_id"), ["tube_id"], unique=False)

    op.create_table(
        "discrepancy_case_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("actor_kind", sa.String(length=12), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "step IN ('opened', 'taken', 'noted', 'reported', 'closed', 'reopened')",
            name=op.f("ck_discrepancy_case_event_step_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["discrepancy_case.id"], name=op.f("fk_discrepancy_case_event_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy_case_event")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_discrepancy_case_event_case_id_seq")),
    )
    with op.batch_alter_table("container", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=40), server_default="box", nullable=False))
        batch_op.add_column(sa.Column("parent_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_container_parent_id"), ["parent_id"], unique=False)

    with op.batch_alter_table("custody_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("actor_role", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("on_behalf_of", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("signature", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("skew_ms", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("device", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("completeness", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("note_sha256", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("schema_version", sa.Integer(), server_default="1", nullable=False))
        batch_op.create_index("ix_custody_event_site", ["site_id", "recorded_time"], unique=False)

    with op.batch_alter_table("receipt_scan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scanned_at", columns.Instant(), nullable=True))
        batch_op.add_column(sa.Column("skew_ms", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("device", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("object_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_receipt_scan_object_id"), ["object_id"], unique=False)

    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("carrier", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("expected_by", columns.Instant(), nullable=True))
        batch_op.add_column(sa.Column("p650", sa.JSON(), nullable=True))
        batch_op.create_index(batch_op.f("ix_shipment_expected_by"), ["expected_by"], unique=False)

    for table, name, words in _CONSTRAINTS:
        checks.put(table, name, words)

    for statement in columns.guard_statements(op.get_bind().dialect.name, "found_object"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "temperature_log"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "specimen_photo"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "discrepancy_case_event"):
        op.execute(statement)
