"""Orders, tubes, custody, shipments."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "custody_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("set_code", sa.String(length=4), nullable=True),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("from_custodian", sa.String(length=40), nullable=True),
        sa.Column("to_custodian", sa.String(length=40), nullable=True),
        sa.Column("actor_kind", sa.String(length=12), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("event_time", columns.Instant(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("time_source", sa.String(length=40), nullable=False),
        sa.Column("recorded_time", columns.Instant(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("raw_scan", sa.String(length=200), nullable=True),
        sa.Column("corrects", sa.Uuid(), nullable=True),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "from_custodian IN ('clinic', 'carrier', 'biobank')", name=op.f("ck_custody_event_from_custodian_known")
        ),
        sa.CheckConstraint(
            "subject_kind IN ('tube', 'box', 'shipment')", name=op.f("ck_custody_event_subject_kind_known")
        ),
        sa.CheckConstraint(
            "time_source IN ('server', 'device', 'entered')", name=op.f("ck_custody_event_time_source_known")
        ),
        sa.CheckConstraint(
            "to_custodian IN ('clinic', 'carrier', 'biobank')", name=op.f("ck_custody_event_to_custodian_known")
        ),
        sa.ForeignKeyConstraint(["corrects"], ["custody_event.id"], name=op.f("fk_custody_event_corrects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_event")),
        sa.UniqueConstraint(
            "subject_kind", "subject_id", "seq", name=op.f("uq_custody_event_subject_kind_subject_id_seq")
        ),
    )
    with op.batch_alter_table("custody_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_custody_event_corrects"), ["corrects"], unique=False)

    op.create_table(
        "donor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("held_at", columns.Instant(), nullable=True),
        sa.Column("held_reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor")),
        sa.UniqueConstraint("code", name=op.f("uq_donor_code")),
    )
    op.create_table(
        "shipment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("tracking", sa.String(length=40), nullable=True),
        sa.Column("tracking_scan", sa.String(length=80), nullable=True),
        sa.Column("p650_by", sa.String(length=120), nullable=True),
        sa.Column("manifest", sa.Text(), nullable=True),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("handed_over_at", columns.Instant(), nullable=True),
        sa.Column("arrived_at", columns.Instant(), nullable=True),
        sa.Column("temperature", sa.JSON(), nullable=True),
        sa.Column("closed_at", columns.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'packed', 'handed_over', 'in_transit', 'lost', 'arrived', 'receiving', 'closed', 'closed_with_discrepancy', 'void')",
            name=op.f("ck_shipment_state_known"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_shipment_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("code", name=op.f("uq_shipment_code")),
    )
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_site_id"), ["site_id"], unique=False)
        batch_op.create_index(
            "uq_shipment_tracking_live",
            ["tracking"],
            unique=True,
            sqlite_where=sa.text(
                "state NOT IN ('closed', 'closed_with_discrepancy', 'void', 'lost') AND tracking IS NOT NULL"
            ),
            postgresql_where=sa.text(
                "state NOT IN ('closed', 'closed_with_discrepancy', 'void', 'lost') AND tracking IS NOT NULL"
            ),
        )

    op.create_table(
        "collection_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("donor_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("tube_set", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("withheld", sa.String(length=40), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("finalised_at", columns.Instant(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("cancel_reason", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("outcome IN ('collected', 'attempted')", name=op.f("ck_collection_order_outcome_known")),
        sa.CheckConstraint(
            "state IN ('created', 'labels_printed', 'collected', 'processed', 'finalised', 'cancelled')",
            name=op.f("ck_collection_order_state_known"),
        ),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_collection_order_donor_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_collection_order_site_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_collection_order_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_order")),
        sa.UniqueConstraint("code", name=op.f("uq_collection_order_code")),
    )
    with op.batch_alter_table("collection_order", schema=None) as batch_op:
        batch_op.create_index("ix_collection_order_donor", ["donor_id", "created_at"], unique=False)

    op.create_table(
        "container",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", columns.Instant(), nullable=False),
        sa.Column("opened_by", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_container_state_known")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_container_shipment_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_container_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_container")),
        sa.UniqueConstraint("code", name=op.f("uq_container_code")),
    )
    with op.batch_alter_table("container", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_container_shipment_id"), ["shipment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_container_site_id"), ["site_id"], unique=False)

    op.create_table(
        "tube",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("donor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("custodian", sa.String(length=40), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("back_to", sa.JSON(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("applied_at", columns.Instant(), nullable=True),
        sa.Column("collected_at", columns.Instant(), nullable=True),
        sa.Column("processed_at", columns.Instant(), nullable=True),
        sa.Column("product", sa.String(length=12), nullable=True),
        sa.Column("rotor", sa.String(length=40), nullable=True),
        sa.Column("spin_g", sa.Integer(), nullable=True),
        sa.Column("spin_minutes", sa.Integer(), nullable=True),
        sa.Column("spin_celsius", sa.String(length=40), nullable=True),
        sa.Column("not_collected_reason", sa.String(length=40), nullable=True),
        sa.Column("place", sa.String(length=13), nullable=True),
        sa.CheckConstraint("custodian IN ('clinic', 'carrier', 'biobank')", name=op.f("ck_tube_custodian_known")),
        sa.CheckConstraint(
            "not_collected_reason IN ('short_draw', 'refusal', 'attempted', 'supply_unavailable', 'other')",
            name=op.f("ck_tube_not_collected_reason_known"),
        ),
        sa.CheckConstraint("rotor IN ('swinging', 'fixed')", name=op.f("ck_tube_rotor_known")),
        sa.CheckConstraint(
            "state IN ('ordered', 'label_printed', 'labelled', 'collected', 'processed', 'packed', 'in_transit', 'received', 'held', 'rejected', 'stored', 'missing', 'not_collected', 'consumed', 'destroyed', 'voided')",
            name=op.f("ck_tube_state_known"),
        ),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_tube_container_id")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_tube_donor_id")),
        sa.ForeignKeyConstraint(["order_id"], ["collection_order.id"], name=op.f("fk_tube_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tube")),
        sa.UniqueConstraint("code", name=op.f("uq_tube_code")),
        sa.UniqueConstraint("order_id", "kind", name=op.f("uq_tube_order_id_kind")),
    )
    with op.batch_alter_table("tube", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tube_container_id"), ["container_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tube_donor_id"), ["donor_id"], unique=False)
        batch_op.create_index("ix_tube_state", ["state", "collected_at"], unique=False)

    op.create_table(
        "receipt_scan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("raw", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("message", sa.String(length=300), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=True),
        sa.Column("tube_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('OPENED', 'OK', 'AGAIN', 'ELSEWHERE', 'EXTRA', 'OTHER_SHIPMENT', 'LATE', 'UNKNOWN', 'WRONG_KIND', 'NOT_YET', 'HOLD', 'BAD_READ', 'COMMAND')",
            name=op.f("ck_receipt_scan_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["custody_event.id"], name=op.f("fk_receipt_scan_event_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_receipt_scan_shipment_id")),
        sa.ForeignKeyConstraint(["tube_id"], ["tube.id"], name=op.f("fk_receipt_scan_tube_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_scan")),
    )
    with op.batch_alter_table("receipt_scan", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_scan_actor", ["actor_id", "id"], unique=False)
        batch_op.create_index("ix_receipt_scan_shipment", ["shipment_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_scan_tube_id"), ["tube_id"], unique=False)

    op.create_table(
        "shipment_item",
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("tube_id", sa.Uuid(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "state IN ('expected', 'received', 'held', 'missing', 'late_received', 'elsewhere')",
            name=op.f("ck_shipment_item_state_known"),
        ),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f("fk_shipment_item_container_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_item_shipment_id")),
        sa.ForeignKeyConstraint(["tube_id"], ["tube.id"], name=op.f("fk_shipment_item_tube_id")),
        sa.PrimaryKeyConstraint("shipment_id", "tube_id", name=op.f("pk_shipment_item")),
    )
    with op.batch_alter_table("shipment_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_item_container_id"), ["container_id"], unique=False)
        batch_op.create_index("ix_shipment_item_tube", ["tube_id"], unique=False)

    for statement in columns.guard_statements(op.get_bind().dialect.name, "custody_event"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "receipt_scan"):
        op.execute(statement)
