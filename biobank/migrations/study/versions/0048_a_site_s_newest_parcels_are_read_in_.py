"""a site's newest parcels are read in their order."""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_site_id"))
        batch_op.create_index("ix_shipment_site_id", ["site_id", "id"], unique=False)
