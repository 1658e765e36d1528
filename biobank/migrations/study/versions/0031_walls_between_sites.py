"""walls between sites."""

from alembic import op

from biobank.migrations import walls

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in walls.SCOPED:
        for statement in walls.statements(table):
            op.execute(statement)
