"""The vault."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolment_turn",
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_enrolment_turn")),
    )
    op.create_table(
        "person",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("donor_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_code", sa.String(length=13), nullable=False),
        sa.Column("biobank_code", sa.String(length=13), nullable=False),
        sa.Column("finance_code", sa.String(length=13), nullable=False),
        sa.Column("first_name", sa.LargeBinary(), nullable=False),
        sa.Column("last_name", sa.LargeBinary(), nullable=False),
        sa.Column("born_on", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("street", sa.LargeBinary(), nullable=True),
        sa.Column("name_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("email_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("distinct_reason", sa.String(length=40), nullable=True),
        sa.Column("added_at", columns.Instant(), nullable=False),
        sa.CheckConstraint(
            "distinct_reason IN ('twin', 'shared-contact', 'documents-differ')",
            name=op.f("ck_person_distinct_reason_known"),
        ),
        sa.PrimaryKeyConstraint("participant_id", name=op.f("pk_person")),
        sa.UniqueConstraint("biobank_code", name=op.f("uq_person_biobank_code")),
        sa.UniqueConstraint("clinic_code", name=op.f("uq_person_clinic_code")),
        sa.UniqueConstraint("donor_id", name=op.f("uq_person_donor_id")),
        sa.UniqueConstraint("finance_code", name=op.f("uq_person_finance_code")),
        sa.UniqueConstraint("payee_id", name=op.f("uq_person_payee_id")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_email_index"), ["email_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_name_index"), ["name_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_phone_index"), ["phone_index"], unique=False)
