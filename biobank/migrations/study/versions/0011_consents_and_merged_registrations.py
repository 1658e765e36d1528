"""consents and merged registrations."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('enrolled', 'changed', 'withdrawn', 'died', 'erased', 'merged', 'separated', 'consented', "
    "'consent-ended', 'data-returned')"
)


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.CheckConstraint("act IN ('given', 'withdrawn')", name=op.f("ck_consent_act_known")),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_consent_participant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("ix_consent_participant", ["participant_id", "version"], unique=False)

    op.create_table(
        "merged_registration",
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("since", columns.Instant(), nullable=False),
        sa.CheckConstraint("merged_id <> kept_id", name=op.f("ck_merged_registration_not_itself")),
        sa.ForeignKeyConstraint(["kept_id"], ["participant.id"], name=op.f("fk_merged_registration_kept_id")),
        sa.ForeignKeyConstraint(["merged_id"], ["participant.id"], name=op.f("fk_merged_registration_merged_id")),
        sa.PrimaryKeyConstraint("merged_id", name=op.f("pk_merged_registration")),
    )
    with op.batch_alter_table("merged_registration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merged_registration_kept_id"), ["kept_id"], unique=False)

    for statement in columns.guard_statements(op.get_bind().dialect.name, "consent"):
        op.execute(statement)

    _more_kinds_of_events()


def _more_kinds_of_events() -> None:
    name = op.f("ck_participant_event_kind_known")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(name, "participant_event", type_="check")
        op.create_check_constraint(name, "participant_event", _KINDS)
        return
    # The file's table is made anew: its check is not carried over, and its guards go with the old one.
    with op.batch_alter_table("participant_event", recreate="always") as batch_op:
        batch_op.create_check_constraint(name, _KINDS)
    for statement in columns.guard_statements("sqlite", "participant_event"):
        op.execute(statement)
