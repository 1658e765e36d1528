"""loads of cards."""

import sqlalchemy as sa
from alembic import op

from biobank import columns
from biobank.migrations import checks

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "load_card",
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("noted_at", columns.Instant(), nullable=False),
        sa.Column("noted_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["payee_id"], ["payee.id"], name=op.f("fk_load_card_payee_id")),
        sa.PrimaryKeyConstraint("payee_id", name=op.f("pk_load_card")),
        sa.UniqueConstraint("number_hash", name=op.f("uq_load_card_number_hash")),
    )
    op.execute(
        "ALTER TABLE ach_batch ADD COLUMN form VARCHAR(40) DEFAULT 'nacha' NOT NULL"
        " CONSTRAINT ck_ach_batch_form_known CHECK (form IN ('nacha', 'card-load'))"
    )
    known = "'link', 'site-cash', 'site-card', 'nacha', 'card-load'"
    checks.put("site_means", "ck_site_means_means_known", f"CHECK (means IN ({known}))")
