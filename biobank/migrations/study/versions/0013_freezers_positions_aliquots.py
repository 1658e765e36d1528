"""Freezers with their positions, and aliquots."""

import sqlalchemy as sa
from alembic import op

from biobank import columns
from biobank.migrations import checks

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_CONSTRAINTS = (
    ("fk_tube_parent_id", "FOREIGN KEY(parent_id) REFERENCES tube (id)"),
    ("fk_tube_store_id", "FOREIGN KEY(store_id) REFERENCES storage_place (id)"),
    (
        "ck_tube_vessel_known",
        "CHECK (vessel IN ('primary', 'cryotube', 'pp_tube_small', 'pp_tube', 'pp_tube_large', 'straw', 'bag'))",
    ),
    ("ck_tube_a_store_has_a_slot", "CHECK ((store_id IS NULL) = (slot IS NULL))"),
)


def upgrade() -> None:
    op.create_table(
        "storage_place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("cold", sa.String(length=40), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("is_quarantine", sa.Boolean(), nullable=False),
        sa.Column("made_at", columns.Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'freezer') = (parent_id IS NULL)", name=op.f("ck_storage_place_only_freezers_stand_alone")
        ),
        sa.CheckConstraint(
            "cold IN ('room', 'refrigerator', 'freezer', 'ultra_low', 'vapour', 'liquid_nitrogen')",
            name=op.f("ck_storage_place_cold_known"),
        ),
        sa.CheckConstraint("kind IN ('freezer', 'shelf', 'rack', 'box')", name=op.f("ck_storage_place_kind_known")),
        sa.CheckConstraint("(parent_id IS NULL) = (slot IS NULL)", name=op.f("ck_storage_place_a_parent_gives_a_slot")),
        sa.CheckConstraint("rows BETWEEN 1 AND 26 AND columns BETWEEN 1 AND 50", name=op.f("ck_storage_place_size")),
        sa.ForeignKeyConstraint(["parent_id"], ["storage_place.id"], name=op.f("fk_storage_place_parent_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_storage_place_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_place")),
        sa.UniqueConstraint("code", name=op.f("uq_storage_place_code")),
        sa.UniqueConstraint("parent_id", "slot", name=op.f("uq_storage_place_parent_id_slot")),
        sa.UniqueConstraint("site_id", "parent_id", "name", name=op.f("uq_storage_place_site_id_parent_id_name")),
    )
    with op.batch_alter_table("storage_place", schema=None) as batch_op:
        batch_op.create_index(
            "uq_storage_freezer_name",
            ["site_id", "name"],
            unique=True,
            sqlite_where=sa.text("parent_id IS NULL"),
            postgresql_where=sa.text("parent_id IS NULL"),
        )

    with op.batch_alter_table("tube", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("planned", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("store_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("slot", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("out_at", columns.Instant(), nullable=True))
        batch_op.add_column(sa.Column("material", sa.String(length=3), nullable=True))
        batch_op.add_column(sa.Column("vessel", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("volume_ul", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("taken_ul", sa.String(length=40), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("thaws", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(batch_op.f("ix_tube_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(
            "uq_tube_position",
            ["store_id", "slot"],
            unique=True,
            sqlite_where=sa.text("slot IS NOT NULL"),
            postgresql_where=sa.text("slot IS NOT NULL"),
        )

    for name, words in _CONSTRAINTS:
        checks.put("tube", name, words)
